"""The conditions of reminder rules. A condition is a small function that selects from the phase's active tasks.

``scope`` says what one line of a reminder is about: each task, each unit, or the phase as a whole.
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

TaskRows = QuerySet[Task]
MAX_REVIEW_DAYS = 5  # workdays after which an answer has waited for review too long


class ReminderScope(StrEnum):
    TASK = "task"
    UNIT = "unit"
    PHASE = "phase"


@dataclass(frozen=True, slots=True)
class EvaluationDate:
    """The day for which conditions are evaluated."""

    today: date
    calendar: Workdays


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition.

    ``fields`` are the fields that a rule's text may use; ``counted_day`` is the day counted from, by default the due day.
    """

    title: str
    scope: ReminderScope
    find: Callable[[TaskRows, EvaluationDate], TaskRows]
    fields: tuple[str, ...]
    audiences: tuple[RuleAudience, ...]
    counted_day: Combinable
    counts_units: bool = False
    has_lead_times: bool = True  # if False, only time that has passed is counted
    escalates: bool = False


def unanswered(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the units' tasks that are open or returned, without the office's own, which have their own condition."""
    return _not_the_offices(tasks).filter(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def awaiting_signature(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    return tasks.filter(status=TaskStatus.SIGNING)


def office_items(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return the office's own open or returned tasks in the phase."""
    return tasks.filter(action__audience=Audience.OFFICE, status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def units_without_liaison(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return unanswered tasks of units that have nobody to remind."""
    memberships = Membership.objects.recipients(evaluation.today, Role.LIAISON)
    of_unit = memberships.filter(Q(campaign=None) | Q(campaign=OuterRef("campaign")), unit=OuterRef("unit"))
    owned = Q(owner__is_active=True, owner__unit=F("unit"))
    return tasks.filter(~Exists(of_unit), ~owned | Q(owner=None), status__in=(TaskStatus.OPEN, TaskStatus.RETURNED))


def units_behind(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return tasks that a unit has not completed in the phase, such as a working group, plan, brief or publicity."""
    return _not_the_offices(tasks).filter(status__in=(TaskStatus.OPEN, TaskStatus.RETURNED, TaskStatus.SIGNING))


def review_waiting(tasks: TaskRows, evaluation: EvaluationDate) -> TaskRows:
    """Return answers submitted MAX_REVIEW_DAYS workdays ago or earlier that are not reviewed."""
    last = evaluation.calendar.shift(evaluation.today, -MAX_REVIEW_DAYS)
    return tasks.filter(status=TaskStatus.SUBMITTED).alias(waits_since=SUBMITTED_ON).filter(waits_since__lte=last)


def _not_the_offices(tasks: TaskRows) -> TaskRows:
    return tasks.filter(Q(action=None) | ~Q(action__audience=Audience.OFFICE))


SUBMITTED_ON = Subquery(
    Submission.objects.filter(task=OuterRef("pk")).order_by("-created_at").values("handed_on")[:1],
    output_field=DateField(),
)
TASK_FIELDS = ("task", "unit", "phase", "left", "due", "ask")
GROUP_FIELDS = ("unit", "phase", "count", "left", "due")
PEOPLE_AUDIENCES = tuple(RuleAudience)
OFFICE_AUDIENCES = (RuleAudience.OFFICE, RuleAudience.REVIEWER)
DUE_DAY = F("due_on")

CONDITIONS: Mapping[str, Condition] = {
    "unanswered": Condition("任务未报送或被退回", ReminderScope.TASK, unanswered, TASK_FIELDS, PEOPLE_AUDIENCES, DUE_DAY, escalates=True),
    "signing": Condition("答复等待审签", ReminderScope.TASK, awaiting_signature, TASK_FIELDS, PEOPLE_AUDIENCES, DUE_DAY, escalates=True),
    "office_items": Condition("创建办自己的事项未完成", ReminderScope.TASK, office_items, TASK_FIELDS, OFFICE_AUDIENCES, DUE_DAY),
    "no_liaison": Condition("单位没有联络员", ReminderScope.UNIT, units_without_liaison, GROUP_FIELDS, OFFICE_AUDIENCES, DUE_DAY),
    "units_behind": Condition(
        "单位没有完成本阶段事项", ReminderScope.PHASE, units_behind, GROUP_FIELDS, OFFICE_AUDIENCES, DUE_DAY, counts_units=True
    ),
    "review_waiting": Condition(
        f"答复等待审核超过 {MAX_REVIEW_DAYS} 个工作日", ReminderScope.PHASE, review_waiting, ("unit", "phase", "count"), OFFICE_AUDIENCES,
        SUBMITTED_ON, has_lead_times=False,
    ),
}  # fmt: skip
