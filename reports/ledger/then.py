"""The state of tasks at the end of a past day, read back from what is never changed: events, submissions, reviews.

What nothing records is shown as it is now: titles, leaders, liaisons. The cover says so. Codes and titles of checkpoints are those of
the edition of the indicator system that was in force.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils import timezone

from creation.models import Holiday, Indicator, Submission, TaskCarry, TaskEvent, TaskStatus
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import FORMERLY, SOON, Light, former_due


class Stood(NamedTuple):
    """What changes with time of a task, as it was."""

    status: str
    due_on: date | None
    light: str
    late: bool


@dataclass
class Then:
    """``until`` is the first moment that no longer counts; dates are those of the day before it."""

    day: date
    until: datetime
    soon: date
    status: dict[int, str] = field(default_factory=dict)
    due_on: dict[int, date | None] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    points: dict[int, Indicator] = field(
        default_factory=dict
    )  # where a later edition has given the task another checkpoint
    heirs: dict[int, int] = field(default_factory=dict)  # those checkpoints → the ones that stand for them now

    def of(self, task: int, due_on: date | None, starts: date | None) -> Stood:
        """How a task stood that is due ``due_on`` now, in a phase that ``starts``."""
        status, due_on = self.status.get(task, TaskStatus.OPEN.value), self.due_on.get(task, due_on)
        return Stood(status, due_on, self._light(status, due_on, starts), task in self.late)

    def _light(self, status: str, due_on: date | None, starts: date | None) -> str:
        """The rule of ``with_light``, for one task."""
        if status in (TaskStatus.APPROVED, TaskStatus.SUBMITTED):
            return (Light.GREEN if status == TaskStatus.APPROVED else Light.BLUE).value
        if due_on and due_on <= self.soon:
            return (Light.RED if due_on < self.day else Light.YELLOW).value
        begun = starts and starts <= self.day
        return (Light.NONE if begun and due_on else Light.GREY).value


def end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def read_back(tasks: TaskQuerySet, day: date) -> Then:
    """A constant number of queries, whatever the number of tasks."""
    chosen = tasks.order_by().values("pk")
    then = Then(day, end_of(day), Holiday.objects.calendar().shift(day, SOON))
    events = TaskEvent.objects.filter(task__in=chosen).order_by("at", "pk")
    then.status = dict(events.filter(at__lt=then.until).values_list("task", "target"))
    then.due_on = _due_days(events.filter(at__gte=then.until, note__contains=FORMERLY))
    dues = dict(tasks.order_by().values_list("pk", "due_on")) | then.due_on
    answers = Submission.objects.filter(task__in=chosen, at__lt=then.until).order_by()
    handed = answers.values_list("task").annotate(last=Max("handed_on"))
    then.late = {task for task, last in handed if (due := dues[task]) is not None and last > due}
    carried = TaskCarry.objects.filter(task__in=chosen, change__confirmed_at__gte=then.until)
    rows = list(carried.order_by("-change__confirmed_at", "-change").values_list("task", "before", "task__indicator"))
    named = Indicator.objects.in_bulk({before for _, before, _ in rows})
    then.points = {task: named[before] for task, before, _ in rows}  # the earliest change comes last and stays
    then.heirs = {before: now or 0 for _, before, now in rows}
    return then


def _due_days(later: Any) -> dict[int, date | None]:
    """The due day before the first change that came later, for tasks that had one."""
    found: dict[int, date | None] = {}
    for task, note in later.values_list("task", "note"):
        if task not in found and (told := former_due(note)):
            found[task] = told[0]
    return found
