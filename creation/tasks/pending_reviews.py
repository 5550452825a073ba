"""The review queue: what awaits review, oldest first; who is reviewing it; which task comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Prefetch, QuerySet, Subquery

from creation.lib.prepared import prepared
from creation.models import (
    Campaign,
    EvidenceVersion,
    Submission,
    SubmittedCitation,
    Task,
    TaskRequest,
    TaskStatus,
    User,
    Viewing,
)
from creation.models.task import TaskQuerySet
from creation.people import credentials
from creation.rules.policy import Permission

VIEW_TIMEOUT = timedelta(minutes=10)  # how long an opened task counts as being reviewed
ACTIONS = "action"  # the section of tasks without an indicator


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The part of the queue a reviewer works through: a section (its code), a unit (its key), both or all."""

    section: str = ""
    unit: int | None = None

    def apply(self, tasks: TaskQuerySet) -> TaskQuerySet:
        if self.section:
            wanted = (
                {"indicator": None} if self.section == ACTIONS else {"indicator__parent__parent__code": self.section}
            )
            tasks = tasks.filter(**wanted)
        return tasks.filter(unit=self.unit) if self.unit else tasks

    def takes(self, part: "QueuePart") -> bool:
        return (not self.section or self.section == part.section) and (not self.unit or self.unit == part.unit)

    def query_string(self, **change: Any) -> str:
        """The filter as a query string: ``?section=4&unit=12``, or nothing."""
        values = {"section": self.section, "unit": self.unit} | change
        chosen = {name: value for name, value in values.items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the queue, with the number of tasks in it."""

    value: Any
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class QueuePart:
    """The number of tasks of one unit in one section. Sections and units are in order; tasks without an indicator come last."""

    section: str
    title: str
    unit: int
    unit_order: int
    unit_name: str
    count: int


class QueuePosition(NamedTuple):
    """Position of a task in the queue: ``number`` of ``total``, and the tasks before and after it."""

    number: int
    total: int
    previous: int | None
    next: int | None


def waiting(person: User, campaign: Campaign) -> TaskQuerySet:
    """Return the submitted, unreviewed tasks that this person may see, without rectifications, which the inspection group verifies."""
    return Task.objects.visible_to(person).of_plan().filter(campaign=campaign, status=TaskStatus.SUBMITTED)


def queue(tasks: TaskQuerySet) -> Any:  # the type checker does not see the annotations
    """Order oldest first; annotate ``submitted_at``, ``mode``, ``submitted_by`` and ``submission_count`` from the latest submission.

    ``let_in_by``: who handed out the link with which ``submitted_by`` set a password.
    """
    latest = Submission.objects.filter(task=OuterRef("pk")).order_by("-number")
    facts = {"submitted_at": "created_at", "mode": "mode", "submitted_by": "created_by", "submission_count": "number"}
    found: Any = tasks.annotate(**{name: Subquery(latest.values(field)[:1]) for name, field in facts.items()})
    link = credentials.used_links(OuterRef("submitted_by")).values("issued_by")[:1]
    return found.annotate(let_in_by=Subquery(link)).order_by("submitted_at", "pk")


def with_viewers(tasks: TaskQuerySet, now: datetime) -> TaskQuerySet:
    """Prefetch the unexpired viewings of each task as ``viewers``."""
    current = Viewing.objects.filter(until__gt=now).select_related("person").order_by("pk")
    return tasks.prefetch_related(Prefetch("viewings", current, to_attr="viewers"))


def parts(tasks: TaskQuerySet) -> list[QueuePart]:
    """Count the tasks by section and unit, from one query."""
    code, title, order = (f"indicator__parent__parent__{name}" for name in ("code", "title", "order"))
    rows = tasks.order_by(F(order).asc(nulls_last=True), "unit__order", "unit")
    columns = rows.values_list(code, title, "unit", "unit__order", "unit__short_name").annotate(n=Count("pk"))
    return [
        QueuePart(code or ACTIONS, f"{code} {title}" if code else "工作事项", *row) for code, title, *row in columns
    ]


def sections(counted: Iterable[QueuePart]) -> list[Tab]:
    """Return the sections with tasks in the queue, with their numbers."""
    tabs: dict[str, Tab] = {}
    for part in counted:
        tabs[part.section] = Tab(part.section, part.title, _so_far(tabs, part.section) + part.count)
    return list(tabs.values())


def units(counted: Iterable[QueuePart]) -> list[Tab]:
    tabs: dict[int, Tab] = {}
    for part in sorted(counted, key=lambda each: (each.unit_order, each.unit)):
        tabs[part.unit] = Tab(part.unit, part.unit_name, _so_far(tabs, part.unit) + part.count)
    return list(tabs.values())


def _so_far(tabs: Mapping[Any, Tab], key: Any) -> int:
    return tabs[key].count if key in tabs else 0


def position_of(task: Task, order: Sequence[int]) -> QueuePosition:
    """``order``: the keys of the queue. A task that has left the queue has number 0, and the first task is its next."""
    if task.pk not in order:
        return QueuePosition(0, len(order), None, order[0] if order else None)
    at = order.index(task.pk)
    return QueuePosition(
        at + 1, len(order), order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None
    )


def next_task(tasks: TaskQuerySet, task: Task, person: User, now: datetime) -> int | None:
    """Return the next task after ``task``; at the end it wraps around.

    It skips what others are viewing, and the answers of people whom the person may not judge.
    """
    rows = list(queue(tasks).values_list("pk", "submitted_by", "let_in_by"))
    taken = set(
        Viewing.objects.filter(task__in=tasks, until__gt=now).exclude(person=person).values_list("task", flat=True)
    )
    order = [pk for pk, *_ in rows]
    at = order.index(task.pk) if task.pk in order else -1
    around = rows[at + 1 :] + rows[: max(at, 0)]
    free = [pk for pk, *others in around if person.pk not in others and pk not in taken]
    return free[0] if free else None


def register_viewer(task: Task, person: User, now: datetime) -> list[str]:
    """Register that the person views the task; return the names of the other viewers."""
    Viewing.objects.bulk_create(
        [Viewing(task=task, person=person, until=now + VIEW_TIMEOUT)],
        update_conflicts=True,
        unique_fields=["task", "person"],
        update_fields=["until"],
    )
    return _other_viewers(task, person.pk, now)


@prepared
def _other_viewers(task: Task, person: int, now: datetime) -> QuerySet[Viewing, str]:
    others = Viewing.objects.filter(task=task, until__gt=now).exclude(person=person)
    return others.order_by("pk").values_list("person__name", flat=True)


def unregister_viewer(task: Task, person: User) -> None:
    Viewing.objects.filter(task=task, person=person).delete()


def first_cited_version(task_pk: int | None) -> EvidenceVersion | None:
    """Return the first version cited by the task's latest submission, for prefetching; None if there is none."""
    if task_pk is None:
        return None
    return next((row.version for row in _first_cited(task_pk)), None)


@prepared
def _first_cited(task: int) -> QuerySet[SubmittedCitation, SubmittedCitation]:
    latest = Submission.objects.filter(task=task).order_by("-number").values("pk")[:1]
    rows = SubmittedCitation.objects.listed().filter(submission=Subquery(latest))
    return rows.select_related("version").order_by("number")[:1]


def requests(person: User, campaign: Campaign) -> QuerySet[TaskRequest]:
    """Return the units' requests about tasks of the campaign, oldest first, including those about tasks reassigned since.

    ``answered``: the task has been answered, so that it stays with its unit.
    """
    reach = person.permission_filter(
        Permission.TASK_DECIDE, district="task__campaign__district", campaign="task__campaign", unit="task__unit"
    )
    answers = Submission.objects.filter(task=OuterRef("task"))
    asked = TaskRequest.objects.filter(reach, task__campaign=campaign).annotate(answered=Exists(answers))
    on_task = ("task__unit", "task__indicator", "task__action", "task__finding")
    return asked.select_related(*on_task, "created_by", "decided_by").order_by("created_at", "pk")
