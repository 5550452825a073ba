"""Dates of phases: set, moved, cleared. Tasks that still have their default due day follow; due days set by hand stay."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.due_dates import change_due_date
from creation.campaigns.task_generation import default_due
from creation.lib.batches import batches
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, DueDateOrigin, Holiday, NoticeKind, Phase, Task, TaskEvent, User
from creation.people import notifications
from creation.rules.deadlines import Workdays, former_due_note


@dataclass
class DueDayChanges:
    """The effect of new dates. ``moved`` maps each task that moves to its new due day; the other tasks stay, with the reason."""

    moved: dict[Task, date | None] = field(default_factory=dict)
    set_by_hand: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)


def preview_dates(phase: Phase, starts: date | None, ends: date | None) -> DueDayChanges:
    """Return the effect of these dates without saving it. Raises Refusal for dates out of order and for only one of the two."""
    check_dates(starts, ends)
    calendar = Holiday.objects.calendar()
    after = Phase(campaign=phase.campaign, kind=phase.kind, starts=starts, ends=ends)
    changes = DueDayChanges()
    for task in Task.objects.active().of_plan().filter(phase=phase).for_table():
        old, new = _default_due(task, phase, calendar), _default_due(task, after, calendar)
        if task.status in ("submitted", "approved"):
            changes.answered.append(task)
        elif task.due_on != old:
            changes.set_by_hand.append(task)
        elif new != old:
            changes.moved[task] = new
    return changes


def set_dates(phase: Phase, starts: date | None, ends: date | None, seen: int, actor: Actor) -> DueDayChanges:
    """Set the dates; with both None the phase is 待通知 again. Raises Stale when the phase has changed since ``seen``."""
    with transaction.atomic():
        Campaign.objects.get(pk=phase.campaign_id).require_not_closed()
        changes = preview_dates(phase, starts, ends)
        if not Phase.objects.change(phase.pk, seen, starts=starts, ends=ends):
            raise Stale("该阶段的时间刚刚被他人修改，请核对后再改。")
        phase.refresh_from_db()
        note = f"{phase.name}：{dates_text(starts, ends)}"
        _apply(changes, note, actor)
        audit_log.record(
            actor, "phase.dates", phase.campaign, detail=f"{note}；{len(changes.moved)} 项任务的时限随之调整"
        )
    return changes


def check_dates(starts: date | None, ends: date | None) -> None:
    if (starts is None) != (ends is None):
        raise Refusal("开始和结束日期须同时填写；时间未定的，两项都留空。")
    if starts and ends and ends < starts:
        raise Refusal(f"结束日期 {ends:%Y-%m-%d} 早于开始日期 {starts:%Y-%m-%d}，请改正。")


def _default_due(task: Task, phase: Phase, calendar: Workdays) -> date | None:
    """Return the due day that the task would get in this phase."""
    if task.action:
        task.action.phase = phase
    return default_due(phase, task.role if task.indicator_id else "", task.action, calendar)


def dates_text(starts: date | None, ends: date | None) -> str:
    return f"{starts:%Y-%m-%d} 至 {ends:%Y-%m-%d}" if starts and ends else "时间待定"


def _apply(changes: DueDayChanges, note: str, actor: Actor) -> None:
    days: dict[tuple[date | None, date | None], list[int]] = {}
    for task, day in changes.moved.items():
        days.setdefault((task.due_on, day), []).append(task.pk)
    for (old, new), keys in days.items():
        for some in batches(keys):
            rows = Task.objects.filter(pk__in=some, due_on=old)  # not those changed by hand meanwhile
            change_due_date(rows, new, DueDateOrigin.PHASE, note, actor)
    TaskEvent.objects.bulk_create(_due_event(task, day, note, actor) for task, day in changes.moved.items())
    _notify_owners(changes, note, actor)


def _due_event(task: Task, day: date | None, note: str, actor: Actor) -> TaskEvent:
    text = (f"{note}；时限改为 {day:%Y-%m-%d}" if day else f"{note}；时限待定") + former_due_note(task.due_on)
    return TaskEvent(
        task=task,
        move="due",
        label="调整时限",
        source=task.status,
        target=task.status,
        note=text,
        created_by=actor.person,
        created_at=actor.at,
    )


def _notify_owners(changes: DueDayChanges, note: str, actor: Actor) -> None:
    """Send one notice to each person, whatever the number of tasks moved."""
    people: dict[int, tuple[User, int]] = {}
    for task in changes.moved:
        if task.owner and task.owner.is_active:
            person, count = people.get(task.owner.pk, (task.owner, 0))
            people[task.owner.pk] = (person, count + 1)
    for person, count in people.values():
        subject, dedup_key = f"phase/{next(iter(changes.moved)).phase_id}", f"phase {actor.at:%Y-%m-%dT%H:%M:%S}"
        text = f"{note}。您的 {count} 项任务时限随之调整，请到待办查看。"
        notifications.notify(person, NoticeKind.CHANGED, text, actor, subject=subject, dedup_key=dedup_key)
