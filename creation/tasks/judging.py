"""What a reviewer judges: the submission that waits, laid beside the one before it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from creation.evidence import marking
from creation.evidence.library import expecting
from creation.evidence.library.expecting import Expected
from creation.models import Citation, Measure, Submission, SubmittedCitation, Task
from creation.rules.comparing import Piece, pieces
from creation.tasks import answers


class Line(NamedTuple):
    """One field of the answer; ``changed`` since the submission before."""

    label: str
    pieces: list[Piece]
    changed: bool


@dataclass(frozen=True, slots=True)
class Cited:
    """A cited version beside what the submission before cited: ``mark`` is 新增, 换新版 or nothing."""

    row: SubmittedCitation
    mark: str
    outside: bool  # dated outside the campaign's window
    citation: Citation | None  # None when the task cites it no more
    marks: list[marking.Shown]

    @property
    def version(self) -> Any:
        return self.row.version


@dataclass(frozen=True, slots=True)
class Answer:
    """The submission that waits, laid beside the one before it."""

    submission: Submission
    before: Submission | None
    lines: list[Line]
    cited: list[Cited]
    gone: list[SubmittedCitation]
    expected: list[Expected]
    withheld: int  # pieces that a mark or the office keeps out of sight
    measures: list[Measure]  # targets for which no reading was handed in
    earlier: list[Submission]


def answer_of(task: Task) -> Answer | None:
    """None for a task that was never handed in."""
    every = list(task.submissions.select_related("by", "review__by").order_by("-number"))
    if not every:
        return None
    now, before = every[0], every[1] if len(every) > 1 else None
    cited, gone = _cited(task, now, before)
    read = {reading["measure"] for reading in now.readings}
    measures = list(Measure.objects.filter(indicator=task.indicator)) if task.indicator_id else []
    unread = [measure for measure in measures if measure.name not in read]
    expected = expecting.kinds(task, (each.version.evidence.kind for each in cited))
    withheld = SubmittedCitation.objects.filter(submission=now).count() - len(cited)
    return Answer(now, before, _lines(now, before), cited, gone, expected, withheld, unread, every[1:])


def _lines(now: Submission, before: Submission | None) -> list[Line]:
    new, old = dict(answers.lines_of(now.content())), dict(answers.lines_of(before.content())) if before else {}
    if before is None:
        return [Line(label, [Piece("same", text)], False) for label, text in new.items()]
    labels = [label for label in answers.LABELS.values() if label in new or label in old]
    return [
        Line(label, pieces(old.get(label, ""), new.get(label, "")), old.get(label) != new.get(label))
        for label in labels
    ]


def _cited(task: Task, now: Submission, before: Submission | None) -> tuple[list[Cited], list[SubmittedCitation]]:
    wanted = [now, before] if before else [now]
    rows = (
        SubmittedCitation.objects.in_sight()
        .filter(submission__in=wanted)
        .select_related("version__evidence")
        .order_by("number")
    )
    mine = [row for row in rows if row.submission_id == now.pk]
    old = {row.version.evidence_id: row for row in rows if row.submission_id != now.pk}
    kept = {row.version.evidence_id for row in mine}
    live = marking.cited_by(task, kept)
    marks = marking.of_citations(live.values())
    cited = [
        Cited(
            row, _mark(row, old, before), _outside(task, row), citation, marks.get(citation.pk, []) if citation else []
        )
        for row in mine
        for citation in [live.get(row.version.evidence_id)]
    ]
    return cited, [row for key, row in old.items() if key not in kept]


def _mark(row: SubmittedCitation, old: dict[int, SubmittedCitation], before: Submission | None) -> str:
    if before is None:
        return ""
    earlier = old.get(row.version.evidence_id)
    return "新增" if earlier is None else "" if earlier.version_id == row.version_id else "换新版"


def _outside(task: Task, row: SubmittedCitation) -> bool:
    return row.dated_on is not None and not task.campaign.admits(row.dated_on)
