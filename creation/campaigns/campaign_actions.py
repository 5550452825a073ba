"""Actions that the office adds during a campaign (from an instruction, a meeting or a supplementary notice), and their tasks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.campaigns import task_generation
from creation.campaigns.due_dates import change_due_date
from creation.campaigns.open_campaigns import lock_not_closed
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    Action,
    ActionChange,
    ActionFile,
    AnswerMode,
    AssignmentRole,
    Audience,
    Campaign,
    DueDateOrigin,
    Holiday,
    NoticeKind,
    Phase,
    Task,
    Unit,
)
from creation.people import notifications
from creation.rules.deadlines import former_due_note

NO_TITLE = "请填写事项。"
CODE_PREFIX = "L-"  # 临时: codes of actions the office adds; the preset's own begin with other letters


@dataclass(frozen=True, slots=True)
class NewAction:
    """An action to be created. ``units`` and ``lead`` are used only for the audience "chosen"."""

    phase: Phase
    title: str
    text: str
    source: str
    audience: str
    units: Collection[Unit]
    modes: Collection[str]
    due_on: date | None
    lead: Unit | None = None  # the units of a chosen audience then assist it

    @property
    def chosen_units(self) -> list[Unit]:
        """The units of a chosen audience, with the one that leads."""
        if self.audience != Audience.CHOSEN:
            return []
        return list(dict.fromkeys([*([self.lead] if self.lead else []), *self.units]))


def create_action(
    campaign: Campaign, new_action: NewAction, actor: Actor, files: Collection[ActionFile] = ()
) -> Action:
    """Create the action and, in an open campaign, its tasks; notify each owner. ``files`` are unsaved attachments.

    Raises Refusal.
    """
    _require_valid(campaign, new_action, actor.today)
    with transaction.atomic():
        lock_not_closed(campaign.pk)
        action = Action.objects.create(
            phase=new_action.phase,
            code=_next_code(campaign),
            title=new_action.title,
            text=new_action.text,
            source=new_action.source,
            audience=new_action.audience,
            modes=list(new_action.modes),
            due_on=new_action.due_on,
            lead=new_action.lead if new_action.audience == Audience.CHOSEN else None,
        )
        action.units.set(new_action.chosen_units)
        for file in files:
            file.action = action
            file.save()
        audit_log.record(actor, "action.create", campaign, detail=str(action))
        if campaign.is_open:
            task_generation.generate_action_tasks(action, actor)
    return action


def _require_valid(campaign: Campaign, new_action: NewAction, today: date) -> None:
    require_text(new_action.title, NO_TITLE)
    if new_action.phase.campaign_id != campaign.pk:
        raise Refusal(f"“{new_action.phase}”不是本活动的阶段，请重新选择。")
    if new_action.audience not in Audience.values:
        raise Refusal("请选择对象。")
    if new_action.audience == Audience.CHOSEN and not new_action.chosen_units:
        raise Refusal("请至少选择一个单位。")
    campaign.require_own_units(new_action.chosen_units)
    if not new_action.modes or not set(new_action.modes) <= set(AnswerMode.values):
        raise Refusal("请至少选择一种答复方式。")
    if new_action.due_on and new_action.due_on < today:
        raise Refusal(f"完成时限 {new_action.due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")


def _next_code(campaign: Campaign) -> str:
    codes = Action.objects.filter(phase__campaign=campaign, code__startswith=CODE_PREFIX).values_list("code", flat=True)
    used_numbers = [int(code.removeprefix(CODE_PREFIX)) for code in codes if code.removeprefix(CODE_PREFIX).isdigit()]
    return f"{CODE_PREFIX}{max(used_numbers, default=0) + 1}"


def edit_action(
    action: Action, title: str, text: str, due_on: date | None, actor: Actor, seen: str | None = None
) -> int:
    """Change the title, text or due day of an action; unfinished tasks that had its due day follow. Return the number of tasks moved.

    ``seen`` is the ``state`` the person had on screen. Raises Stale when the action has changed since.
    """
    require_text(title, NO_TITLE)
    if due_on and due_on < actor.today and due_on != action.due_on:
        raise Refusal(f"完成时限 {due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")
    with transaction.atomic():
        before = _lock_action(action, seen)
        action.title, action.text, action.due_on = title, text, due_on
        action.save(update_fields=["title", "text", "due_on"])
        _keep_former(before, action, actor)
        moved = _move_tasks(before, action, actor) if action.due != before.due else 0
        audit_log.record(
            actor, "action.change", action.phase.campaign, detail=f"{action}；{moved} 项任务的时限随之调整"
        )
        _notify_owners(action, f"事项有变动：{action}。请到任务页查看最新要求。", actor)
    return moved


def _keep_former(before: Action, action: Action, actor: Actor) -> None:
    names = ("title", "text", "due_on")
    old, new = ({name: getattr(each, name) for name in names} for each in (before, action))
    if old != new:
        words = {f"old_{name}": old[name] for name in names} | {f"new_{name}": new[name] for name in names}
        ActionChange.objects.create(action=action, changed_by=actor.person, changed_at=actor.at, **words)


def _move_tasks(before: Action, action: Action, actor: Actor) -> int:
    """Give unfinished tasks that had the action's former due day the new one, with an event in each task's history."""
    calendar, count = Holiday.objects.calendar(), 0
    for role in AssignmentRole.values:
        old, new = (task_generation.default_due(each.phase, role, each, calendar) for each in (before, action))
        tasks = Task.objects.active().filter(action=action, role=role).unanswered().filter(due_on=old)
        moved = change_due_date(tasks, new, DueDateOrigin.ACTION, f"事项 {action} 有变动", actor)
        note = f"事项有变动；{f'时限改为 {new:%Y-%m-%d}' if new else '时限待定'}{former_due_note(old)}"
        for task in Task.objects.filter(pk__in=moved).order_by("pk"):
            task_events.record_event(task, actor, "due", "调整时限", note)
        count += len(moved)
    return count


def _lock_action(action: Action, seen: str | None) -> Action:
    """Lock and return the action. Raises Refusal when it is cancelled or the campaign closed, Stale when it differs from ``seen``."""
    current = Action.objects.select_for_update(of=("self",)).select_related("phase__campaign").get(pk=action.pk)
    current.phase.campaign.require_not_closed()
    if current.cancelled_on:
        raise Refusal("该事项已经取消。")
    if seen is not None and seen != current.state:
        raise Stale("该事项刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。")
    return current


def cancel_action(action: Action, reason: str, actor: Actor) -> int:
    """Cancel the action: remove its unanswered tasks, keep the answered ones. Return the number removed. Raises Refusal."""
    require_text(reason, "请填写取消的原因，各单位会在通知里看到。")
    with transaction.atomic():
        _lock_action(action, None)
        Action.objects.filter(pk=action.pk).update(cancelled_on=actor.today)
        _notify_owners(action, f"事项已取消：{action}。{reason.strip()}", actor)
        dropped = Task.objects.active().filter(action=action).never_submitted().bump(dropped_on=actor.today)
        audit_log.record(
            actor, "action.cancel", action.phase.campaign, detail=f"{action}：{reason.strip()}；撤销 {dropped} 项任务"
        )
    return dropped


def _notify_owners(action: Action, text: str, actor: Actor) -> None:
    for task in Task.objects.active().filter(action=action).select_related("owner"):
        if task.owner and task.owner.is_active:
            dedup_key = f"action {actor.at:%Y-%m-%dT%H:%M:%S}"
            notifications.notify(
                task.owner, NoticeKind.CHANGED, text, actor, subject=f"task/{task.pk}", dedup_key=dedup_key, task=task
            )
