"""The history of a task as one list: every event, with the submission or review it belongs to."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from creation import access
from creation.communication.questions import QUESTION_MOVES
from creation.lib.prepared import prepared
from creation.models import Evidence, EvidenceKind, Review, Submission, SubmittedCitation, Task, TaskEvent, User
from creation.rules.policy import Permission
from creation.tasks.answers import labelled_texts

Key = tuple[datetime, int | None]  # time and person
SUBMITTED, WITHDRAWN = "submit", "withdraw"  # moves


@dataclass(frozen=True, slots=True)
class HistoricalCitation:
    """A citation of a submission. ``is_visible``: this person may open the evidence today."""

    row: SubmittedCitation
    is_visible: bool


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    submission: Submission
    lines: list[tuple[str, str]]
    cited: list[HistoricalCitation]
    withdrawn_at: datetime | None = None

    @property
    def has_scan(self) -> bool:
        """Return whether the citations include the scan of the stamped statement."""
        versions = (piece.row.version for piece in self.cited)
        return any(each.evidence.kind == EvidenceKind.STATEMENT and each.blob for each in versions)

    @property
    def is_late(self) -> bool:
        """逾期报送: submitted after the due day of that time."""
        due_on = self.submission.due_on
        return due_on is not None and self.submission.handed_on > due_on


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    event: TaskEvent
    answer: AnswerRecord | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The entries, newest first."""

    entries: list[HistoryEntry] = field(default_factory=list)
    answers: list[AnswerRecord] = field(default_factory=list)

    @property
    def latest(self) -> AnswerRecord | None:
        return self.answers[0] if self.answers else None

    @property
    def late(self) -> bool:
        return any(answer.is_late for answer in self.answers)


def history_of(task: Task, user: User) -> History:
    rows = _submissions(task) if task.has("submissions") else []
    cited: dict[int, list[HistoricalCitation]] = defaultdict(list)
    for each in _citations(task, user) if rows else []:
        cited[each.submission_id].append(HistoricalCitation(each, each.is_open))
    events = _events(task, reads_questions=access.may(user, Permission.QUESTION_READ, task))
    withdrawn = _withdrawals(rows, events)
    records = [_answer_record(row, cited[row.pk], withdrawn.get(row.pk)) for row in rows]
    answers: dict[Key, AnswerRecord] = {
        (each.submission.created_at, each.submission.created_by_id): each for each in records
    }
    reviews: dict[Key, Review] = {
        (review.created_at, review.created_by_id): review for review in map(_review_of, rows) if review
    }
    return History([_entry(event, answers, reviews) for event in events], records)


def _withdrawals(submissions: list[Submission], events: list[TaskEvent]) -> dict[int, datetime]:
    """Return submission → when it was withdrawn. Both lists are newest first; a withdrawal takes back the latest submission before it."""
    oldest_first, found, handed_in = submissions[::-1], {}, 0
    for event in reversed(events):
        if event.move == SUBMITTED:
            handed_in += 1
        elif event.move == WITHDRAWN and 0 < handed_in <= len(oldest_first):
            found[oldest_first[handed_in - 1].pk] = event.created_at
    return found


@prepared
def _submissions(task: Task) -> QuerySet[Submission, Submission]:
    rows = Submission.objects.filter(task=task).select_related("created_by", "review__created_by")
    return rows.order_by("-number")


@prepared
def _citations(task: Task, user: User) -> QuerySet[Any, Any]:
    """Compose the citations of all submissions whose words this person may read; ``is_open``: the person may open the piece."""
    piece = {"pk": OuterRef("version__evidence")}
    readable = Evidence.objects.words_visible_to(user).filter(**piece)
    opened = Evidence.objects.visible_to(user).filter(**piece)
    # Exists, not ``in``: a database would first gather all that the person may read.
    named = SubmittedCitation.objects.unrestricted().filter(Exists(readable), submission__task=task)
    return named.annotate(is_open=Exists(opened)).select_related("version__evidence")


@prepared
def _events(task: Task, *, reads_questions: bool) -> QuerySet[TaskEvent, TaskEvent]:
    """Compose the events, the newest first. Those of questions contain the question and the reply."""
    rows = TaskEvent.objects.filter(task=task)
    if not reads_questions:
        rows = rows.exclude(move__in=QUESTION_MOVES)
    return rows.select_related("created_by__unit").order_by("-created_at", "-id")


def _answer_record(row: Submission, cited: list[HistoricalCitation], withdrawn_at: datetime | None) -> AnswerRecord:
    return AnswerRecord(row, labelled_texts(row.content()), cited, withdrawn_at)


def _review_of(row: Submission) -> Review | None:
    return getattr(row, "review", None)


def _entry(event: TaskEvent, answers: dict[Key, AnswerRecord], reviews: dict[Key, Review]) -> HistoryEntry:
    """Find the submission or review of the event by person and time: the same verb wrote both."""
    key = (event.created_at, event.created_by_id)
    return HistoryEntry(event, answers.get(key), reviews.get(key))
