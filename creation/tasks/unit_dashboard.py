"""What a person of a unit has to do, over all open campaigns. Reads only; the number of queries does not grow with the rows."""

from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from itertools import groupby
from operator import attrgetter, or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from creation.lib.prepared import prepared
from creation.models import (
    UNANSWERED,
    CampaignState,
    Draft,
    Notice,
    Submission,
    Task,
    TaskEvent,
    TaskRequest,
    TaskStatus,
    User,
)
from creation.models.task import TaskQuerySet
from creation.notices.inbox import NoticeDay, by_day
from creation.rules.policy import UNIT_ROLES, Role
from creation.tasks.figures import aggregates
from creation.tasks.workflow import MOVES

MAX_ROWS = 50  # on the first page; the task list has the rest
RETURNING_MOVES = {move.name for move in MOVES.values() if move.returns_to_unit}
BUCKETS = ("退回", "请审签", "已逾期", "临期（三个工作日内）", "待办", "待分管领导审签", "时限待定")
_RETURNED, _TO_SIGN, _OVERDUE, _NEAR, _AHEAD, _SIGNING, _UNDATED = range(len(BUCKETS))
# Filters of the tiles.
TILE_FILTERS = {
    "returned": _RETURNED,
    "sign": _TO_SIGN,
    "overdue": _OVERDUE,
    "near": _NEAR,
}

DEFAULT_ORDER = tuple(range(len(BUCKETS)))
# For those who only sign.
SIGNING_FIRST = (
    _TO_SIGN,
    *(number for number in DEFAULT_ORDER if number != _TO_SIGN),
)

TOTALLED_FIELDS = ("left", "approved", "closed", "submitted", "returned", "overdue", "near", "to_sign")


@dataclass(frozen=True, slots=True)
class TaskBucket:
    name: str
    tasks: list[Task]


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """Counts of a unit's tasks in one phase of one campaign."""

    campaign_id: int
    campaign: str
    sign_off: bool
    phase_id: int
    phase: str
    ends: date | None
    total: int
    answered: int
    approved: int
    closed: int  # of the approved, rectifications
    overdue: int
    near: int
    returned: int
    submitted: int
    to_sign: int

    @property
    def left(self) -> int:
        return self.total - self.answered


@dataclass(frozen=True, slots=True)
class UnitDashboard:
    """The dashboard of a unit role: tasks in buckets by urgency, and counts by phase.

    ``can_answer``: the person answers tasks; a person who only signs sees the other tasks for information. ``can_sign``: the person is a
    unit leader, and a campaign requires the signature.
    """

    buckets: list[TaskBucket] = field(default_factory=list)
    phases: list[PhaseCounts] = field(default_factory=list)
    shown_count: int = 0
    found_count: int = 0
    can_answer: bool = True
    can_sign: bool = False

    @property
    def to_sign(self) -> list[TaskBucket]:
        return [bucket for bucket in self.buckets if bucket.name == BUCKETS[_TO_SIGN]]

    @property
    def for_information(self) -> list[TaskBucket]:
        return [bucket for bucket in self.buckets if bucket.name != BUCKETS[_TO_SIGN]]

    @property
    def campaigns(self) -> dict[int, str]:
        return {phase.campaign_id: phase.campaign for phase in self.phases}

    @property
    def totals(self) -> dict[str, int]:
        """The sums over all phases. As on 进度, a rectification that was closed is not counted as 已通过."""
        sums = {name: sum(getattr(phase, name) for phase in self.phases) for name in TOTALLED_FIELDS}
        return sums | {"approved": sums["approved"] - sums["closed"]}


def holds_unit_role(user: User) -> bool:
    return user.has_role(*UNIT_ROLES)


def tasks_of_own_units(user: User) -> TaskQuerySet:
    """Return the active tasks of the person's own units in open campaigns."""
    return Task.objects.active().filter(_in_units_with_role(user, *UNIT_ROLES), campaign__state=CampaignState.OPEN)


def _in_units_with_role(user: User, *roles: Role) -> Q:
    held = (grant for grant in user.grants if grant.role in roles and grant.unit)
    places = (Q(unit=g.unit) & (Q(campaign=g.campaign) if g.campaign else Q()) for g in held)
    return reduce(or_, places, Q(pk__in=()))


def unit_dashboard(user: User, today: date, soon: date, show: str) -> UnitDashboard:
    """Return the dashboard. ``show`` is one of TILE_FILTERS to narrow the tasks; any other value shows all."""
    writes = user.has_role(Role.LIAISON, Role.CLERK)
    order = DEFAULT_ORDER if writes else SIGNING_FIRST
    found = _todo_tasks(user, today, soon, order=order, bucket=TILE_FILTERS.get(show))
    groups = groupby(found[:MAX_ROWS], attrgetter("bucket"))
    buckets = [TaskBucket(BUCKETS[order[number]], list(tasks)) for number, tasks in groups]
    phases = [_phase_counts_of(**row) for row in _phase_rows(user, today, soon)]
    signs = user.has_role(Role.UNIT_LEADER) and any(phase.sign_off for phase in phases)
    return UnitDashboard(
        buckets,
        phases,
        min(len(found), MAX_ROWS),
        len(found),
        writes,
        signs,
    )


@prepared
def _todo_tasks(
    user: User, today: date, soon: date, *, order: tuple[int, ...], bucket: int | None
) -> QuerySet[Task, Task]:
    """Compose the unanswered tasks of the person's units in this order of buckets, one more than the page shows."""
    conditions = _bucket_conditions(user, today, soon)
    rows = _ordered_by_bucket(_with_return_reason(tasks_of_own_units(user), user).unanswered(), conditions, order)
    if bucket is not None:
        rows = rows.filter(conditions[bucket])
    return rows.for_list().with_light(today, soon).with_counts().with_urges()[: MAX_ROWS + 1]


def _bucket_conditions(user: User, today: date, soon: date) -> dict[int, Q]:
    """Return bucket → condition; the first that applies wins."""
    signing = Q(status=TaskStatus.SIGNING)
    return {
        _RETURNED: Q(status=TaskStatus.RETURNED) | Q(status=TaskStatus.OPEN, last_move__in=RETURNING_MOVES),
        _TO_SIGN: signing & _in_units_with_role(user, Role.UNIT_LEADER),
        _SIGNING: signing,
        _OVERDUE: Q(due_on__lt=today),
        _NEAR: Q(due_on__gte=today, due_on__lte=soon),
        _UNDATED: Q(due_on=None),
    }


def _ordered_by_bucket(tasks: TaskQuerySet, conditions: dict[int, Q], places: tuple[int, ...]) -> TaskQuerySet:
    """Order by bucket. ``places``: the buckets in the order of the page; the annotation ``bucket`` is the index in it."""
    whens = [When(condition, then=Value(places.index(number))) for number, condition in conditions.items()]
    tasks = tasks.annotate(bucket=Case(*whens, default=Value(places.index(_AHEAD)), output_field=IntegerField()))
    order = (
        "bucket",
        F("due_on").asc(nulls_last=True),
        "phase__order",
        "indicator__order",
        "action__code",
        "finding__code",
        "pk",
    )
    return tasks.order_by(*order)


def _of_last_move(column: str) -> Subquery:
    moves = TaskEvent.objects.filter(task=OuterRef("pk"), move__in=MOVES).order_by("-created_at", "-pk")
    return Subquery(moves.values(column)[:1], output_field=CharField())


def _with_last_move(tasks: TaskQuerySet) -> TaskQuerySet:
    return tasks.annotate(last_move=_of_last_move("move"))


def _with_return_reason(tasks: TaskQuerySet, user: User) -> TaskQuerySet:
    """Annotate why a task was returned (``last_move``, ``last_note``), who has a draft (``drafted_by``) and ``own_draft``."""
    drafts = Draft.objects.filter(task=OuterRef("pk"))
    newer = Submission.objects.filter(task=OuterRef("task"), created_at__gte=OuterRef("saved_at"))
    others = drafts.exclude(person=user).filter(~Exists(newer), person__unit=OuterRef("unit")).order_by("-saved_at")
    return _with_last_move(tasks).annotate(
        last_note=_of_last_move("note"),
        drafted_by=Subquery(others.values("person__name")[:1], output_field=CharField()),
        own_draft=Exists(drafts.filter(person=user)),
    )


@prepared
def _phase_rows(user: User, today: date, soon: date) -> QuerySet[Any, Any]:
    """Compose the counts of the person's units by campaign and phase."""
    waiting, conditions = Q(status__in=UNANSWERED), _bucket_conditions(user, today, soon)
    rows = (
        _with_last_move(tasks_of_own_units(user))
        .order_by("-campaign__year", "campaign", "phase__order")
        .values(
            "campaign_id",
            "phase_id",
            campaign_name=F("campaign__name"),
            sign_off=F("campaign__sign_off"),
            phase_name=F("phase__name"),
            ends=F("phase__ends"),
        )
    )
    return rows.annotate(
        **aggregates(today, soon),
        returned=Count("pk", conditions[_RETURNED]),
        to_sign=Count("pk", conditions[_TO_SIGN]),
        closed=Count("pk", Q(status=TaskStatus.APPROVED, finding__isnull=False)),
        answered=Count("pk", ~waiting),
    )


def _phase_counts_of(campaign_name: str, phase_name: str, **row: Any) -> PhaseCounts:
    return PhaseCounts(campaign=campaign_name, phase=phase_name, **row)


@prepared
def own_requests(user: User) -> QuerySet[TaskRequest, TaskRequest]:
    """Return what the person's units have requested and the office has not decided, oldest first."""
    rows = TaskRequest.objects.filter(task__in=tasks_of_own_units(user), granted=None)
    rows = rows.select_related("task__campaign", "task__indicator", "task__action", "created_by")
    return rows.order_by("created_at")


MAX_NOTICES = 60  # on the first page; the inbox has the rest


def unread_notices(user: User) -> list[NoticeDay]:
    """Return the newest unread notices by day, kind and task."""
    return by_day(_unread(user))


@prepared
def _unread(user: User) -> QuerySet[Notice, Notice]:
    return Notice.objects.visible_to(user).unread().with_words_for(user).for_inbox()[:MAX_NOTICES]
