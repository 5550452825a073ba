"""The submission to be reviewed, compared with the one before it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from creation.evidence import page_marks
from creation.evidence.library import expected_kinds
from creation.evidence.library.expected_kinds import ExpectedKind
from creation.lib.prepared import prepared
from creation.models import Citation, Measure, Submission, SubmittedCitation, Task
from creation.rules.text_diff import DiffChunk, diff_sentences
from creation.tasks import answers, measure_readings


class FieldDiff(NamedTuple):
    """One field of the answer. ``changed``: it differs from the previous submission."""

    label: str
    chunks: list[DiffChunk]
    changed: bool


@dataclass(frozen=True, slots=True)
class ReviewedCitation:
    """A cited version. ``mark`` compares it with the previous submission: 新增, 换新版 or ""."""

    row: SubmittedCitation
    mark: str
    outside: bool  # dated outside the campaign's period
    citation: Citation | None  # None when the task no longer cites it
    marks: list[page_marks.DisplayedMark]

    @property
    def version(self) -> Any:
        return self.row.version


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """The latest submission, compared with the previous one."""

    submission: Submission
    before: Submission | None
    lines: list[FieldDiff]
    cited: list[ReviewedCitation]
    gone: list[SubmittedCitation]
    expected: list[ExpectedKind]
    withheld: int  # pieces hidden by a secrecy mark or by the office
    measures: list[Measure]  # measures for which no reading was submitted
    earlier: list[Submission]

    @property
    def marks(self) -> list[str]:
        """The marks of secrecy that were typed into the answer before such words were refused."""
        return answers.marks_of(self.submission.content())

    @property
    def undated(self) -> int:
        """The number of pieces that were handed in without a date of their own."""
        return sum(each.row.dated_on is None for each in self.cited)


def reviewed_answer(task: Task) -> ReviewedAnswer | None:
    """Return the answer to review; None for a task without a submission."""
    every = _submissions(task)
    if not every:
        return None
    now, before = every[0], every[1] if len(every) > 1 else None
    cited, gone = _cited(task, now, before)
    read = {reading["measure"] for reading in now.readings}
    unread = [measure for measure in measure_readings.measures_of(task) if measure.name not in read]
    expected = expected_kinds.expected_kinds(task, (each.version.evidence.kind for each in cited))
    withheld = now.cited_count - len(cited)
    return ReviewedAnswer(now, before, _lines(now, before), cited, gone, expected, withheld, unread, every[1:])


@prepared
def _submissions(task: Task) -> QuerySet[Any, Any]:
    rows = Submission.objects.filter(task=task).select_related("created_by", "review__created_by")
    return rows.annotate(cited_count=Count("cited")).order_by("-number")


def _lines(now: Submission, before: Submission | None) -> list[FieldDiff]:
    new, old = (
        dict(answers.labelled_texts(now.content())),
        dict(answers.labelled_texts(before.content())) if before else {},
    )
    if before is None:
        return [FieldDiff(label, [DiffChunk("same", text)], False) for label, text in new.items()]
    labels = [label for label in answers.LABELS.values() if label in new or label in old]
    return [
        FieldDiff(label, diff_sentences(old.get(label, ""), new.get(label, "")), old.get(label) != new.get(label))
        for label in labels
    ]


def _cited(
    task: Task, now: Submission, before: Submission | None
) -> tuple[list[ReviewedCitation], list[SubmittedCitation]]:
    rows = _listed(now, before)
    mine = [row for row in rows if row.submission_id == now.pk]
    old = {row.version.evidence_id: row for row in rows if row.submission_id != now.pk}
    kept = {row.version.evidence_id for row in mine}
    live = page_marks.citations_by_evidence(task, kept)
    marks = page_marks.marks_by_citation(live.values())
    cited = [
        ReviewedCitation(
            row, _mark(row, old, before), _outside(task, row), citation, marks.get(citation.pk, []) if citation else []
        )
        for row in mine
        for citation in [live.get(row.version.evidence_id)]
    ]
    return cited, [row for key, row in old.items() if key not in kept]


@prepared
def _listed(now: Submission, before: Submission | None) -> QuerySet[SubmittedCitation, SubmittedCitation]:
    of_both = Q(submission=now) | Q(submission=before) if before else Q(submission=now)
    rows = SubmittedCitation.objects.listed().filter(of_both)
    return rows.select_related("version__evidence", "version__extract").order_by("number")


def _mark(row: SubmittedCitation, old: dict[int, SubmittedCitation], before: Submission | None) -> str:
    if before is None:
        return ""
    earlier = old.get(row.version.evidence_id)
    return "新增" if earlier is None else "" if earlier.version_id == row.version_id else "换新版"


def _outside(task: Task, row: SubmittedCitation) -> bool:
    return row.dated_on is not None and not task.campaign.window_includes(row.dated_on)
