"""问题整改: what reviews returned, what was reopened and what units reported as problems, and what became of it.

What supervision found comes before these on the sheet: see ``reports.rectifications.problems``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from creation.models import (
    Progress,
    ReturnReason,
    Review,
    ReviewVerdict,
    Submission,
    SubmittedCitation,
    Task,
    TaskEvent,
)
from creation.models.task import TaskQuerySet
from reports.ledger.columns import day_text
from reports.ledger.historical_state import HistoricalState
from reports.printed_tables import TableColumn, TableLayout


@dataclass(frozen=True, slots=True)
class ProblemRow:
    task: int
    at: datetime
    source: str
    text: str
    measures: str
    unit: str
    person: str
    due_on: date | None
    progress: str
    proof: str
    closed_on: date | None


LAYOUT = TableLayout(
    (
        TableColumn("问题来源", 150, lambda row: row.source, centered=True),
        TableColumn("问题表述", 370, lambda row: row.text),
        TableColumn("整改措施", 330, lambda row: row.measures),
        TableColumn("责任单位", 110, lambda row: row.unit, centered=True),
        TableColumn("责任人", 90, lambda row: row.person, centered=True),
        TableColumn("完成时限", 110, lambda row: day_text(row.due_on), centered=True),
        TableColumn("进展", 260, lambda row: row.progress),
        TableColumn("佐证", 160, lambda row: row.proof),
        TableColumn("是否销号", 80, lambda row: "是" if row.closed_on else "否", centered=True),
        TableColumn("销号日期", 110, lambda row: day_text(row.closed_on), centered=True),
    )
)


def problem_rows(tasks: TaskQuerySet, state: HistoricalState | None) -> list[ProblemRow]:
    """Return the problems in chronological order."""
    history = ProblemHistory(tasks, state)
    return sorted(
        [*history.returned_answers(), *history.reopened_tasks(), *history.reported_problems()], key=lambda row: row.at
    )


class ProblemHistory:
    """What happened to the tasks until then, read with a constant number of queries."""

    def __init__(self, tasks: TaskQuerySet, state: HistoricalState | None) -> None:
        self.chosen = tasks.order_by().values("pk")
        self.known = Q(created_at__lt=state.until) if state else Q()
        self.then = state
        self.later: dict[int, list[Submission]] = defaultdict(list)
        for row in Submission.objects.filter(self.known, task__in=self.chosen).order_by("number"):
            self.later[row.task_id].append(row)
        self.approved: dict[int, datetime] = dict(
            Review.objects.filter(self.known, submission__task__in=self.chosen, verdict=ReviewVerdict.APPROVE)
            .order_by("created_at")
            .values_list("submission__task", "created_at")
        )
        self.reopened: dict[int, datetime] = dict(
            self._reopenings().order_by("created_at", "pk").values_list("task", "created_at")
        )
        self.numbers: dict[int, list[str]] = defaultdict(list)
        numbered = SubmittedCitation.objects.unrestricted().filter(submission__task__in=self.chosen).order_by("number")
        for submission, number in numbered.values_list("submission", "number"):
            self.numbers[submission].append(number)

    def returned_answers(self) -> Iterator[ProblemRow]:
        returned = Review.objects.filter(self.known, submission__task__in=self.chosen, verdict=ReviewVerdict.RETURN)
        for review in returned.select_related("submission__task__unit", "submission__task__owner", *POINT):
            task = review.submission.task
            next_answer = next((each for each in self.later[task.pk] if each.number > review.submission.number), None)
            yield ProblemRow(
                task=task.pk,
                at=review.created_at,
                source=f"审核退回 {timezone.localdate(review.created_at):%Y-%m-%d}",
                text=f"{self._name(task)}：" + "。".join(filter(None, (_reason(review), review.comment))),
                unit=task.unit.short_name,
                person=task.owner.name if task.owner else "",
                due_on=review.new_due_on or task.due_on,
                closed_on=self._closed(task.pk, review.created_at),
                **self._answered_by(next_answer),
            )

    def _reopenings(self) -> QuerySet[TaskEvent]:
        return TaskEvent.objects.filter(self.known, task__in=self.chosen, move="reopen")

    def reopened_tasks(self) -> Iterator[ProblemRow]:
        joins = (each.removeprefix("submission__") for each in POINT)
        for event in self._reopenings().select_related("task__unit", "task__owner", *joins):
            task = event.task
            next_answer = next((each for each in self.later[task.pk] if each.created_at > event.created_at), None)
            yield ProblemRow(
                task=task.pk,
                at=event.created_at,
                source=f"撤销通过 {timezone.localdate(event.created_at):%Y-%m-%d}",
                text=f"{self._name(task)}：{event.note}",
                unit=task.unit.short_name,
                person=task.owner.name if task.owner else "",
                due_on=task.due_on,
                closed_on=self._closed(task.pk, event.created_at),
                **self._answered_by(next_answer),
            )

    def _answered_by(self, answer: Submission | None) -> dict[str, str]:
        """Return the columns about the answer that followed, if any."""
        if answer is None:
            return {"measures": "", "progress": "尚未重新报送", "proof": ""}
        return {
            "measures": answer.measures or answer.statement,
            "progress": f"{timezone.localdate(answer.created_at):%Y-%m-%d} 重新报送",
            "proof": "、".join(self.numbers[answer.pk]),
        }

    def reported_problems(self) -> Iterator[ProblemRow]:
        notes = Progress.objects.filter(self.known, task__in=self.chosen).exclude(problem="")
        joins = (each.removeprefix("submission__") for each in POINT)
        for note in notes.select_related("task__unit", "task__owner", *joins):
            task = note.task
            yield ProblemRow(
                task=task.pk,
                at=note.created_at,
                source=f"单位报告 {note.day:%Y-%m-%d}",
                text=f"{self._name(task)}：{note.problem}",
                measures=note.next_step,
                unit=task.unit.short_name,
                person=task.owner.name if task.owner else "",
                due_on=task.due_on,
                progress="。".join(
                    filter(None, (note.text.rstrip("。"), f"需协调：{note.help_wanted}" if note.help_wanted else ""))
                ),
                proof="",
                closed_on=self._closed(task.pk, note.created_at),
            )

    def _name(self, task: Task) -> str:
        return (self.then.name(task.pk, task.action_id, task.code) if self.then else "") or str(task)

    def _closed(self, task: int, since: datetime) -> date | None:
        """Return the day on which the task was approved after ``since``; None if it was not, or if that approval was withdrawn."""
        approved = self.approved.get(task)
        if approved is None or approved <= since or self.reopened.get(task, approved) > approved:
            return None
        return timezone.localdate(approved)


POINT = ("submission__task__indicator", "submission__task__action")


def _reason(review: Review) -> str:
    return ReturnReason(review.reason).label if review.reason else ""
