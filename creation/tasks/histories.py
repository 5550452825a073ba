"""The history of a task as one list: every event, with the answer it handed in or the judgement it passed."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from creation.models import Evidence, EvidenceKind, Review, Submission, SubmittedCitation, Task, TaskEvent, User
from creation.tasks.answers import lines_of

Key = tuple[datetime, int | None]  # moment and person


@dataclass(frozen=True, slots=True)
class CitedThen:
    """What a submission cited; ``open`` when this person may open the piece today."""

    row: SubmittedCitation
    open: bool


@dataclass(frozen=True, slots=True)
class HandedIn:
    submission: Submission
    lines: list[tuple[str, str]]
    cited: list[CitedThen]

    @property
    def scanned(self) -> bool:
        """Is the scan of the stamped statement among what was cited?"""
        versions = (piece.row.version for piece in self.cited)
        return any(each.evidence.kind == EvidenceKind.STATEMENT and each.blob for each in versions)

    @property
    def late(self) -> bool:
        """逾期报送: handed in after the due day of its time."""
        due_on = self.submission.due_on
        return due_on is not None and self.submission.handed_on > due_on


@dataclass(frozen=True, slots=True)
class Entry:
    event: TaskEvent
    handed_in: HandedIn | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Newest first."""

    entries: list[Entry] = field(default_factory=list)
    answers: list[HandedIn] = field(default_factory=list)

    @property
    def latest(self) -> HandedIn | None:
        return self.answers[0] if self.answers else None

    @property
    def late(self) -> bool:
        return any(answer.late for answer in self.answers)


def history_of(task: Task, user: User) -> History:
    submissions = task.submissions.select_related("by", "review__by").prefetch_related(
        Prefetch("cited", SubmittedCitation.objects.in_sight().select_related("version__evidence"))
    )
    rows = list(submissions.order_by("-number"))
    seen = _visible(rows, user)
    handed_in = [_handed_in(row, seen) for row in rows]
    answers: dict[Key, HandedIn] = {(each.submission.at, each.submission.by_id): each for each in handed_in}
    reviews: dict[Key, Review] = {(review.at, review.by_id): review for review in map(_review_of, rows) if review}
    entries = [
        _entry(event, answers, reviews) for event in task.events.select_related("by__unit").order_by("-at", "-id")
    ]
    return History(entries, handed_in)


def _visible(rows: list[Submission], user: User) -> set[int]:
    cited = {row.version.evidence_id for submission in rows for row in submission.cited.all()}
    return set(Evidence.objects.visible_to(user).filter(pk__in=cited).values_list("pk", flat=True)) if cited else set()


def _handed_in(row: Submission, seen: set[int]) -> HandedIn:
    cited = [CitedThen(each, each.version.evidence_id in seen) for each in row.cited.all()]
    return HandedIn(row, lines_of(row.content()), cited)


def _review_of(row: Submission) -> Review | None:
    return getattr(row, "review", None)


def _entry(event: TaskEvent, answers: dict[Key, HandedIn], reviews: dict[Key, Review]) -> Entry:
    """A submission or review and its event carry the same person and moment: one verb wrote both."""
    key = (event.at, event.by_id)
    return Entry(event, answers.get(key), reviews.get(key))
