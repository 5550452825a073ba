"""Dates of phases: announced, moved, taken back. Tasks that still have the day they were born with follow; what was set by hand stays."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns.distribution import default_due
from creation.campaigns.due_dates import change_due_date
from creation.lib.batches import batches
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, DueDateOrigin, Holiday, NoticeKind, Phase, Task, TaskEvent, User
from creation.rules.deadlines import Workdays, formerly


@dataclass
class Shift:
    """What new dates do: ``follow`` maps each task that moves to its new day; the others stay, for the reason given."""

    follow: dict[Task, date | None] = field(default_factory=dict)
    by_hand: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)


def preview(phase: Phase, starts: date | None, ends: date | None) -> Shift:
    """What setting these dates would do, without doing it. Raises Refusal for dates out of order or half a pair."""
    check_dates(starts, ends)
    calendar = Holiday.objects.calendar()
    after = Phase(campaign=phase.campaign, kind=phase.kind, starts=starts, ends=ends)
    shift = Shift()
    for task in Task.objects.live().filter(phase=phase).for_table():
        old, new = _born(task, phase, calendar), _born(task, after, calendar)
        if task.status in ("submitted", "approved"):
            shift.answered.append(task)
        elif task.due_on != old:
            shift.by_hand.append(task)
        elif new != old:
            shift.follow[task] = new
    return shift


def redate(phase: Phase, starts: date | None, ends: date | None, seen: int, actor: Actor) -> Shift:
    """Set the dates; both None puts the phase back to 待通知. Raises Stale when the phase changed since ``seen``."""
    with transaction.atomic():
        if sentence := Campaign.objects.get(pk=phase.campaign_id).ended:
            raise Refusal(sentence)
        shift = preview(phase, starts, ends)
        if not Phase.objects.change(phase.pk, seen, starts=starts, ends=ends):
            raise Stale("该阶段的时间刚刚被他人修改，请核对后再改。")
        phase.refresh_from_db()
        note = f"{phase.name}：{dates_text(starts, ends)}"
        _move(shift, note, actor)
        trail.audit(actor, "phase.dates", phase.campaign, detail=f"{note}；{len(shift.follow)} 项任务的时限随之调整")
    return shift


def check_dates(starts: date | None, ends: date | None) -> None:
    if (starts is None) != (ends is None):
        raise Refusal("开始和结束日期须同时填写；时间未定的，两项都留空。")
    if starts and ends and ends < starts:
        raise Refusal(f"结束日期 {ends:%Y-%m-%d} 早于开始日期 {starts:%Y-%m-%d}，请改正。")


def _born(task: Task, phase: Phase, calendar: Workdays) -> date | None:
    """The day the task would be given in this phase."""
    if task.action:
        task.action.phase = phase
    return default_due(phase, task.role if task.indicator_id else "", task.action, calendar)


def dates_text(starts: date | None, ends: date | None) -> str:
    return f"{starts:%Y-%m-%d} 至 {ends:%Y-%m-%d}" if starts and ends else "时间待通知"


def _move(shift: Shift, note: str, actor: Actor) -> None:
    days: dict[tuple[date | None, date | None], list[int]] = {}
    for task, day in shift.follow.items():
        days.setdefault((task.due_on, day), []).append(task.pk)
    for (old, new), keys in days.items():
        for some in batches(keys):
            rows = Task.objects.filter(pk__in=some, due_on=old)  # not what was set by hand meanwhile
            change_due_date(rows, new, DueDateOrigin.PHASE, note, actor)
    TaskEvent.objects.bulk_create(_event(task, day, note, actor) for task, day in shift.follow.items())
    _tell(shift, note, actor)


def _event(task: Task, day: date | None, note: str, actor: Actor) -> TaskEvent:
    text = (f"{note}；时限改为 {day:%Y-%m-%d}" if day else f"{note}；时限待定") + formerly(task.due_on)
    return TaskEvent(
        task=task,
        move="due",
        label="调整时限",
        source=task.status,
        target=task.status,
        note=text,
        by=actor.person,
        at=actor.at,
    )


def _tell(shift: Shift, note: str, actor: Actor) -> None:
    """One notice a person, however many tasks moved."""
    people: dict[int, tuple[User, int]] = {}
    for task in shift.follow:
        if task.owner and task.owner.is_active:
            person, count = people.get(task.owner.pk, (task.owner, 0))
            people[task.owner.pk] = (person, count + 1)
    for person, count in people.values():
        subject, slot = f"phase/{next(iter(shift.follow)).phase_id}", f"phase {actor.at:%Y-%m-%dT%H:%M:%S}"
        text = f"{note}。您的 {count} 项任务时限随之调整，请到待办查看。"
        trail.notify(person, NoticeKind.CHANGED, text, actor, subject=subject, slot=slot)
