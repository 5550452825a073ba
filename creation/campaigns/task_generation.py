"""Generate tasks from assignments and actions. A second run changes nothing, and a task with an answer is never removed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.rollover import work_items
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
    TaskStatus,
    Unit,
    User,
)
from creation.people import notifications
from creation.people.ownership import task_owners
from creation.rules.deadlines import ASSIST_LEAD, Workdays

TaskKey = tuple[int, int | None, int | None]  # unit, indicator, action
COMPARED = ("unit", "indicator", "action", "role", "status", "dropped_on")  # read of tasks that exist


@dataclass
class TaskPlan:
    """What generating the tasks would change, shown before it is done. Of tasks that exist only COMPARED is read."""

    create: list[Task] = field(default_factory=list)
    restore: list[Task] = field(default_factory=list)
    change: list[Task] = field(default_factory=list)  # changes between lead and assist
    drop: list[Task] = field(default_factory=list)
    keep: list[Task] = field(default_factory=list)  # no longer assigned, but already answered

    @property
    def is_empty(self) -> bool:
        return not (self.create or self.restore or self.change or self.drop)


def plan_tasks(campaign: Campaign) -> TaskPlan:
    """Compare the tasks required by assignments and actions with those that exist."""
    calendar = Holiday.objects.calendar()
    wanted = {
        _task_key(task): task
        for task in [*_tasks_of_checkpoints(campaign, calendar), *_tasks_of_actions(campaign, calendar)]
    }
    existing = {
        _task_key(task): task
        for task in Task.objects.of_plan().filter(campaign=campaign, period="", action__order=None).only(*COMPARED)
    }
    inherited = _inherited(campaign, existing)
    plan = TaskPlan()
    for key, task in wanted.items():
        existing_task = existing.get(key)
        if key in inherited and (existing_task is None or existing_task.dropped_on):
            continue
        if existing_task is None:
            plan.create.append(task)
        elif existing_task.dropped_on:
            existing_task.role = task.role
            plan.restore.append(existing_task)
        elif existing_task.role != task.role:
            existing_task.role = task.role
            plan.change.append(existing_task)
    answered = set(Task.objects.filter(campaign=campaign, submissions__isnull=False).values_list("pk", flat=True))
    for key, task in existing.items():
        if key not in wanted and not task.dropped_on:
            (plan.keep if task.pk in answered else plan.drop).append(task)
    return plan


def _inherited(campaign: Campaign, existing: Mapping[TaskKey, Task]) -> set[TaskKey]:
    """Return the tasks that a unit need not have because that of a unit merged into it was approved."""
    merged = Unit.objects.filter(district=campaign.district_id, merged_into__isnull=False)
    heirs = {unit: into for unit, into in merged.values_list("pk", "merged_into") if into}
    found: set[TaskKey] = set()
    for (unit, indicator, action), task in existing.items():
        while task.status == TaskStatus.APPROVED and not task.dropped_on and unit in heirs:
            unit = heirs[unit]
            found.add((unit, indicator, action))
    return found


def generate_tasks(campaign: Campaign, actor: Actor) -> TaskPlan:
    """Carry out the plan in one transaction and return it."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        plan = plan_tasks(campaign)
        owners = task_owners(campaign, actor.today)
        previous_owners = work_items.previous_owners(campaign, actor.today)
        for task in plan.create:
            task.owner = previous_owners.get((task.unit_id, work_items.key_of(task))) or owners.get(task.unit_id)
            task.given_on = actor.today
        Task.objects.bulk_create(plan.create, batch_size=500)
        for task in plan.restore + plan.change:
            Task.objects.filter(pk=task.pk).bump(role=task.role, dropped_on=None)
        dropped = [task.pk for task in plan.drop]
        Task.objects.filter(pk__in=dropped).never_submitted().bump(dropped_on=actor.today)
        if not plan.is_empty:
            counts = (
                f"新增 {len(plan.create)}，恢复 {len(plan.restore)}，调整 {len(plan.change)}，撤销 {len(plan.drop)}"
            )
            audit_log.record(actor, "campaign.distribute", campaign, detail=counts)
            _notify_owners(plan, owners, campaign, actor)
    return plan


def generate_action_tasks(action: Action, actor: Actor) -> TaskPlan:
    """Generate the tasks of one action only; pending changes of assignments stay pending."""
    campaign = action.phase.campaign
    units_with_task = set(Task.objects.filter(action=action, period="").values_list("unit", flat=True))
    owners = task_owners(campaign, actor.today)
    wanted = _tasks_of_action(action, Holiday.objects.calendar())
    plan = TaskPlan(create=[task for task in wanted if task.unit_id not in units_with_task])
    for task in plan.create:
        task.owner, task.given_on = owners.get(task.unit_id), actor.today
    Task.objects.bulk_create(plan.create, batch_size=500)
    _notify_owners(plan, owners, campaign, actor)
    return plan


def checkpoints_without_lead(campaign: Campaign) -> list[Indicator]:
    """Return the checkpoints without a lead."""
    led = Assignment.objects.filter(campaign=campaign, role=AssignmentRole.LEAD).values("indicator")
    return list(campaign.system.indicators.checkpoints().exclude(pk__in=led))


def default_due(phase: Phase, role: str, action: Action | None, calendar: Workdays) -> date | None:
    """Return the initial due day of a task: the action's own or the phase's end; for assists three workdays earlier."""
    day = action.due if action else phase.ends
    if day and role == AssignmentRole.ASSIST:
        return calendar.shift(day, -ASSIST_LEAD)
    return day


def units_of(action: Action) -> Iterable[Unit]:
    """Return the units an action addresses. The office's own actions are tasks of the host unit."""
    campaign = action.phase.campaign
    if action.audience == Audience.OFFICE:
        return [campaign.host]
    if action.audience == Audience.EVERY_UNIT:
        return Unit.objects.filter(district=campaign.district_id, active_to=None)
    return action.units.all()


def _task_key(task: Task) -> TaskKey:
    return task.unit_id, task.indicator_id, task.action_id


def _tasks_of_checkpoints(campaign: Campaign, calendar: Workdays) -> Iterable[Task]:
    phase = campaign.phases.get(kind=PhaseKind.EVIDENCE)
    due = {role: default_due(phase, role, None, calendar) for role in AssignmentRole.values}
    assignments = Assignment.objects.filter(campaign=campaign).order_by("pk")
    rows = list(assignments.values_list("unit", "indicator", "role"))
    units, indicators = (
        Unit.objects.in_bulk({row[0] for row in rows}),
        Indicator.objects.in_bulk({row[1] for row in rows}),
    )
    for unit, indicator, role in rows:
        yield Task(
            campaign=campaign,
            unit=units[unit],
            indicator=indicators[indicator],
            role=role,
            phase=phase,
            due_on=due[role],
        )


def _tasks_of_actions(campaign: Campaign, calendar: Workdays) -> Iterable[Task]:
    """Yield the tasks of actions, without those of supervision orders, which are asked for by period and end with the order."""
    actions = Action.objects.filter(phase__campaign=campaign, cancelled_on=None, order=None)
    for action in actions.select_related("phase__campaign__host").prefetch_related("units"):
        yield from _tasks_of_action(action, calendar)


def _tasks_of_action(action: Action, calendar: Workdays) -> Iterable[Task]:
    for unit in units_of(action):
        role = action.role_of(unit.pk)
        yield Task(
            campaign=action.phase.campaign,
            unit=unit,
            action=action,
            role=role,
            phase=action.phase,
            due_on=default_due(action.phase, role, action, calendar),
        )


def _notify_owners(plan: TaskPlan, owners: dict[int, User], campaign: Campaign, actor: Actor) -> None:
    """Send one notice for each unit, not one for each task. ``owners`` maps units to owners."""
    new_counts: dict[int, int] = {}
    for task in plan.create + plan.restore:
        new_counts[task.unit_id] = new_counts.get(task.unit_id, 0) + 1
    for unit_id, count in new_counts.items():
        if unit_id in owners:
            subject, dedup_key = f"campaign/{campaign.pk}", f"assigned {actor.at:%Y-%m-%dT%H:%M:%S}"
            text = f"{campaign}：本单位新增 {count} 项任务"
            notifications.notify(
                owners[unit_id], NoticeKind.ASSIGNED, text, actor, subject=subject, dedup_key=dedup_key
            )
