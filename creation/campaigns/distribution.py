"""From assignments and actions to tasks. Repeatable: a second run changes nothing, and a task with an answer is never taken away."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.rollover import points
from creation.models import (
    Action,
    Assignment,
    AssignmentRole,
    Audience,
    Campaign,
    Holiday,
    Indicator,
    NoticeKind,
    Phase,
    PhaseKind,
    Task,
    Unit,
    User,
)
from creation.people.ownership import owners_of
from creation.rules.deadlines import ASSIST_LEAD, Workdays

Key = tuple[int, int | None, int | None]  # unit, indicator, action


@dataclass
class Plan:
    """What a distribution would do, to be shown before it is done."""

    create: list[Task] = field(default_factory=list)
    revive: list[Task] = field(default_factory=list)
    change: list[Task] = field(default_factory=list)  # lead ↔ assist
    drop: list[Task] = field(default_factory=list)
    keep: list[Task] = field(default_factory=list)  # no longer assigned, but already answered

    @property
    def is_empty(self) -> bool:
        return not (self.create or self.revive or self.change or self.drop)


def plan(campaign: Campaign) -> Plan:
    """Compare what the assignments and actions ask for with the tasks there are."""
    calendar = Holiday.objects.calendar()
    wanted = {_key(task): task for task in [*_of_indicators(campaign, calendar), *_of_actions(campaign)]}
    there = {_key(task): task for task in Task.objects.filter(campaign=campaign, period="").for_table()}
    result = Plan()
    for key, task in wanted.items():
        found = there.get(key)
        if found is None:
            result.create.append(task)
        elif found.dropped_on:
            found.role = task.role
            result.revive.append(found)
        elif found.role != task.role:
            found.role = task.role
            result.change.append(found)
    answered = set(Task.objects.filter(campaign=campaign, submissions__isnull=False).values_list("pk", flat=True))
    for key, task in there.items():
        if key not in wanted and not task.dropped_on:
            (result.keep if task.pk in answered else result.drop).append(task)
    return result


def distribute(campaign: Campaign, actor: Actor) -> Plan:
    """Carry the plan out in one transaction and return it."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        todo = plan(campaign)
        owners = owners_of(campaign, actor.today)
        named = points.owners(campaign, actor.today)
        for task in todo.create:
            task.owner = named.get((task.unit_id, points.of(task))) or owners.get(task.unit_id)
            task.given_on = actor.today
        Task.objects.bulk_create(todo.create, batch_size=500)
        for task in todo.revive + todo.change:
            Task.objects.filter(pk=task.pk).bump(role=task.role, dropped_on=None)
        dropped = [task.pk for task in todo.drop]
        Task.objects.filter(pk__in=dropped).untouched().bump(dropped_on=actor.today)
        if not todo.is_empty:
            counts = f"新增 {len(todo.create)}，恢复 {len(todo.revive)}，调整 {len(todo.change)}，撤销 {len(todo.drop)}"
            trail.audit(actor, "campaign.distribute", campaign, detail=counts)
            _tell_owners(todo, owners, campaign, actor)
    return todo


def distribute_action(action: Action, actor: Actor) -> Plan:
    """Give out the tasks of one action alone; changes of assignments that wait to be distributed go on waiting."""
    campaign = action.phase.campaign
    there = set(Task.objects.filter(action=action, period="").values_list("unit", flat=True))
    owners = owners_of(campaign, actor.today)
    todo = Plan(create=[task for task in _of_action(action) if task.unit_id not in there])
    for task in todo.create:
        task.owner, task.given_on = owners.get(task.unit_id), actor.today
    Task.objects.bulk_create(todo.create, batch_size=500)
    _tell_owners(todo, owners, campaign, actor)
    return todo


def missing(campaign: Campaign) -> list[Indicator]:
    """Checkpoints without a lead."""
    led = Assignment.objects.filter(campaign=campaign, role=AssignmentRole.LEAD).values("indicator")
    return list(campaign.system.indicators.checkpoints().exclude(pk__in=led))


def default_due(phase: Phase, role: str, action: Action | None, calendar: Workdays) -> date | None:
    """The due day a task is born with: the action's own day or the phase's end; assists three workdays earlier."""
    day = action.due if action else phase.ends
    if day and role == AssignmentRole.ASSIST:
        return calendar.shift(day, -ASSIST_LEAD)
    return day


def units_of(action: Action) -> Iterable[Unit]:
    """The units an action addresses; the office's own actions are the hosting unit's tasks."""
    campaign = action.phase.campaign
    if action.audience == Audience.OFFICE:
        return [campaign.host]
    if action.audience == Audience.EVERY_UNIT:
        return Unit.objects.filter(district=campaign.district_id, active_to=None)
    return action.units.all()


def _key(task: Task) -> Key:
    return task.unit_id, task.indicator_id, task.action_id


def _of_indicators(campaign: Campaign, calendar: Workdays) -> Iterable[Task]:
    phase = campaign.phases.get(kind=PhaseKind.EVIDENCE)
    for assignment in Assignment.objects.filter(campaign=campaign).select_related("unit", "indicator"):
        yield Task(
            campaign=campaign,
            unit=assignment.unit,
            indicator=assignment.indicator,
            role=assignment.role,
            phase=phase,
            due_on=default_due(phase, assignment.role, None, calendar),
        )


def _of_actions(campaign: Campaign) -> Iterable[Task]:
    actions = Action.objects.filter(phase__campaign=campaign, cancelled_on=None)
    for action in actions.select_related("phase__campaign__host").prefetch_related("units"):
        yield from _of_action(action)


def _of_action(action: Action) -> Iterable[Task]:
    for unit in units_of(action):
        yield Task(campaign=action.phase.campaign, unit=unit, action=action, phase=action.phase, due_on=action.due)


def _tell_owners(todo: Plan, owners: dict[int, User], campaign: Campaign, actor: Actor) -> None:
    """One notice a unit, not one a task."""
    added: dict[int, int] = {}
    for task in todo.create + todo.revive:
        added[task.unit_id] = added.get(task.unit_id, 0) + 1
    for unit_id, count in added.items():
        if unit_id in owners:
            subject, slot = f"campaign/{campaign.pk}", f"assigned {actor.at:%Y-%m-%dT%H:%M:%S}"
            text = f"{campaign}：本单位新增 {count} 项任务"
            trail.notify(owners[unit_id], NoticeKind.ASSIGNED, text, actor, subject=subject, slot=slot)
