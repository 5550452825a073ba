"""What a rule can remind of. A new condition is one small function here: which of the phase's tasks, out of those that stand.

``per`` says what one line of a reminder is about: each task, each unit, or the phase as a whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from creation.models import Audience, Membership, RuleAudience, Submission, Task, TaskStatus
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

Tasks = QuerySet[Task]
REVIEW_DAYS = 5  # workdays after which an answer has waited too long


class Per(StrEnum):
    TASK = "task"
    UNIT = "unit"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class Moment:
    """The day on which is asked."""

    today: date
    calendar: Workdays


@dataclass(frozen=True, slots=True)
class Condition:
    """``fields``: those of ``wording`` that a rule's text may use; ``day``: from when days are counted, the due day as a rule."""

    title: str
    per: Per
    find: Callable[[Tasks, Moment], Tasks]
    fields: tuple[str, ...]
    audiences: tuple[RuleAudience, ...]
    day: Combinable
    counts_units: bool = False
    rungs: bool = True  # False: only time that has passed is counted
    escalates: bool = False


def unanswered(tasks: Tasks, moment: Moment) -> Tasks:
    """The units' tasks that are open or returned; what the office itself owes is a condition of its own."""
    return _units_own(tasks).filter(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def signing(tasks: Tasks, moment: Moment) -> Tasks:
    return tasks.filter(status=TaskStatus.SIGNING)


def office_items(tasks: Tasks, moment: Moment) -> Tasks:
    """What the office itself owes in the phase, item by item."""
    return tasks.filter(action__audience=Audience.OFFICE, status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def no_liaison(tasks: Tasks, moment: Moment) -> Tasks:
    """Unanswered tasks of units in which nobody is left to remind."""
    held = Membership.objects.recipients(moment.today, Role.LIAISON)
    here = held.filter(Q(campaign=None) | Q(campaign=OuterRef("campaign")), unit=OuterRef("unit"))
    owned = Q(owner__is_active=True, owner__unit=F("unit"))
    return tasks.filter(~Exists(here), ~owned | Q(owner=None), status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def units_behind(tasks: Tasks, moment: Moment) -> Tasks:
    """Tasks that keep a unit from being through with the phase: no working group, no plan, no brief, no publicity …"""
    return _units_own(tasks).filter(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED, TaskStatus.SIGNING))


def review_waiting(tasks: Tasks, moment: Moment) -> Tasks:
    """Answers that were handed in REVIEW_DAYS workdays ago or earlier and are not reviewed."""
    last = moment.calendar.shift(moment.today, -REVIEW_DAYS)
    return tasks.filter(status=TaskStatus.SUBMITTED).alias(waits_since=HANDED_ON).filter(waits_since__lte=last)


def _units_own(tasks: Tasks) -> Tasks:
    return tasks.filter(Q(action=None) | ~Q(action__audience=Audience.OFFICE))


HANDED_ON = Subquery(
    Submission.objects.filter(task=OuterRef("pk")).order_by("-at").values("handed_on")[:1], output_field=DateField()
)
OF_TASK = ("task", "unit", "phase", "left", "due", "ask")
OF_MANY = ("unit", "phase", "count", "left", "due")
OF_PEOPLE = tuple(RuleAudience)
OF_OFFICE = (RuleAudience.OFFICE, RuleAudience.REVIEWER)
DUE = F("due_on")

CONDITIONS: Mapping[str, Condition] = {
    "unanswered": Condition("任务未报送或被退回", Per.TASK, unanswered, OF_TASK, OF_PEOPLE, DUE, escalates=True),
    "signing": Condition("答复等待审签", Per.TASK, signing, OF_TASK, OF_PEOPLE, DUE, escalates=True),
    "office_items": Condition("创建办自己的事项未完成", Per.TASK, office_items, OF_TASK, OF_OFFICE, DUE),
    "no_liaison": Condition("单位没有联络员", Per.UNIT, no_liaison, OF_MANY, OF_OFFICE, DUE),
    "units_behind": Condition(
        "单位没有完成本阶段事项", Per.PHASE, units_behind, OF_MANY, OF_OFFICE, DUE, counts_units=True
    ),
    "review_waiting": Condition(
        f"答复等待审核超过 {REVIEW_DAYS} 个工作日", Per.PHASE, review_waiting, ("unit", "phase", "count"), OF_OFFICE,
        HANDED_ON, rungs=False,
    ),
}  # fmt: skip
