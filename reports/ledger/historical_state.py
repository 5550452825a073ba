"""The state of tasks at the end of a past day, reconstructed from rows that never change: events, submissions, reviews, changes of due
dates and of actions.

What is not recorded is shown as it is now (titles of evidence, leaders, liaisons), as the cover says. Codes and titles of checkpoints are
those of the edition of the indicator system in force on that day.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone

from creation.models import (
    ActionChange,
    DueDateChange,
    Holiday,
    Indicator,
    Submission,
    TaskCarry,
    TaskEvent,
    TaskStatus,
)
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import YELLOW_WORKDAYS, Light


class TaskState(NamedTuple):
    """The changing properties of a task on that day."""

    status: str
    due_on: date | None
    light: str
    late: bool


class Wording(NamedTuple):
    title: str
    text: str


@dataclass
class HistoricalState:
    """``until`` is the end of the day (exclusive); dates are those of the day."""

    day: date
    until: datetime
    soon: date
    status: dict[int, str] = field(default_factory=dict)
    due_on: dict[int, date | None] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    # Former checkpoint of a task that a later edition moved.
    checkpoints: dict[int, Indicator] = field(default_factory=dict)
    successors: dict[int, int] = field(default_factory=dict)  # those checkpoints → the current ones
    actions: dict[int, Wording] = field(default_factory=dict)  # former wording of actions changed since

    def of(self, task: int, due_on: date | None, starts: date | None) -> TaskState:
        """Return the state of a task that is now due ``due_on``, in a phase that ``starts``."""
        status, due_on = self.status.get(task, TaskStatus.OPEN.value), self.due_on.get(task, due_on)
        return TaskState(status, due_on, self._light(status, due_on, starts), task in self.late)

    def name(self, task: int, action: int | None, code: str) -> str:
        """Return the former code and title of the task's checkpoint or action, or "" if they have not changed."""
        if point := self.checkpoints.get(task):
            return str(point)
        wording = self.actions.get(action or 0)
        return f"{code} {wording.title}" if wording else ""

    def _light(self, status: str, due_on: date | None, starts: date | None) -> str:
        """Return the light by the same rule as ``with_light``."""
        if status in (TaskStatus.APPROVED, TaskStatus.SUBMITTED):
            return (Light.GREEN if status == TaskStatus.APPROVED else Light.BLUE).value
        if due_on and due_on <= self.soon:
            return (Light.RED if due_on < self.day else Light.YELLOW).value
        begun = starts and starts <= self.day
        return (Light.NONE if begun and due_on else Light.GREY).value


def end_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def state_as_of(tasks: TaskQuerySet, day: date) -> HistoricalState:
    """Return the state on that day, with a constant number of queries, whatever the number of tasks."""
    chosen = tasks.order_by().values("pk")
    state = HistoricalState(day, end_of_day(day), Holiday.objects.calendar().shift(day, YELLOW_WORKDAYS))
    events = TaskEvent.objects.filter(task__in=chosen).order_by("created_at", "pk")
    state.status = dict(events.filter(created_at__lt=state.until).values_list("task", "target"))
    state.due_on = _due_days(tasks, state.until)
    state.actions = _wordings(tasks, state.until)
    answers = Submission.objects.filter(task__in=chosen, created_at__lt=state.until)
    state.late = set(answers.filter(handed_on__gt=F("due_on")).values_list("task", flat=True))  # as ``with_late``
    carried = TaskCarry.objects.filter(task__in=chosen, change__confirmed_at__gte=state.until)
    rows = list(carried.order_by("-change__confirmed_at", "-change").values_list("task", "before", "task__indicator"))
    named = Indicator.objects.in_bulk({before for _, before, _ in rows})
    state.checkpoints = {task: named[before] for task, before, _ in rows}  # the earliest change comes last and wins
    state.successors = {before: now or 0 for _, before, now in rows}
    return state


def _due_days(tasks: TaskQuerySet, until: datetime) -> dict[int, date | None]:
    """Return the due day before the first later change, for tasks with such a change."""
    later = DueDateChange.objects.filter(task__in=tasks.order_by().values("pk"), changed_at__gte=until)
    # The first change comes last and wins.
    return dict(later.order_by("-changed_at", "-pk").values_list("task", "old_due_on"))


def _wordings(tasks: TaskQuerySet, until: datetime) -> dict[int, Wording]:
    """Return the former title and text of actions changed later."""
    later = ActionChange.objects.filter(action__in=tasks.order_by().values("action"), changed_at__gte=until)
    rows = later.order_by("-changed_at", "-pk").values_list("action", "old_title", "old_text")
    return {action: Wording(title, text) for action, title, text in rows}
