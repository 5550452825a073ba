"""Work that comes up on the way: an instruction, a meeting's decision, a supplementary notice becomes tasks like any other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.campaigns import distribution
from creation.lib.refusals import Refusal, Stale
from creation.models import Action, ActionFile, Audience, Campaign, NoticeKind, Phase, Task, Unit

PREFIX = "L-"  # 临时: codes of actions the office adds; the preset's own begin with other letters


@dataclass(frozen=True, slots=True)
class Instruction:
    """``units`` matter only for the audience "chosen"."""

    phase: Phase
    title: str
    text: str
    source: str
    audience: str
    units: Collection[Unit]
    modes: Collection[str]
    due_on: date | None


def instruct(campaign: Campaign, wanted: Instruction, actor: Actor, files: Collection[ActionFile] = ()) -> Action:
    """Make the action and, in an open campaign, its tasks at once; each unit's owner is told. ``files``: attachments, kept but unsaved.

    Raises Refusal.
    """
    _check(wanted, actor.today)
    with transaction.atomic():
        if sentence := Campaign.objects.select_for_update().get(pk=campaign.pk).ended:
            raise Refusal(sentence)
        action = Action.objects.create(
            phase=wanted.phase,
            code=_next_code(campaign),
            title=wanted.title,
            text=wanted.text,
            source=wanted.source,
            audience=wanted.audience,
            modes=list(wanted.modes),
            due_on=wanted.due_on,
        )
        action.units.set(wanted.units if wanted.audience == Audience.CHOSEN else [])
        for file in files:
            file.action = action
            file.save()
        trail.audit(actor, "action.create", campaign, detail=str(action))
        if campaign.is_open:
            distribution.distribute_action(action, actor)
    return action


def _check(wanted: Instruction, today: date) -> None:
    if wanted.audience == Audience.CHOSEN and not wanted.units:
        raise Refusal("请至少选择一个单位。")
    if not wanted.modes:
        raise Refusal("请至少选择一种答复方式。")
    if wanted.due_on and wanted.due_on < today:
        raise Refusal(f"完成时限 {wanted.due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")


def _next_code(campaign: Campaign) -> str:
    codes = Action.objects.filter(phase__campaign=campaign, code__startswith=PREFIX).values_list("code", flat=True)
    taken = [int(code.removeprefix(PREFIX)) for code in codes if code.removeprefix(PREFIX).isdigit()]
    return f"{PREFIX}{max(taken, default=0) + 1}"


def reword(action: Action, title: str, text: str, due_on: date | None, actor: Actor, seen: str | None = None) -> int:
    """Change what an action says or when it is due; unfinished tasks that had its day follow. Gives the number of tasks that moved.

    ``seen``: the ``state`` the person had on screen. Raises Stale when the action says something else by now.
    """
    if due_on and due_on < actor.today and due_on != action.due_on:
        raise Refusal(f"完成时限 {due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。")
    with transaction.atomic():
        _lock(action, seen)
        before = action.due
        action.title, action.text, action.due_on = title, text, due_on
        action.save(update_fields=["title", "text", "due_on"])
        tasks = Task.objects.live().filter(action=action)
        moved = 0
        if action.due != before:
            moved = tasks.unanswered().filter(due_on=before).bump(due_on=action.due)
        trail.audit(actor, "action.change", action.phase.campaign, detail=f"{action}；{moved} 项任务的时限随之调整")
        _tell(action, f"事项有变动：{action}。请到任务页查看最新要求。", actor)
    return moved


def _lock(action: Action, seen: str | None) -> None:
    """One change of an action at a time, none of a cancelled one, and none once the campaign is closed."""
    now = Action.objects.select_for_update(of=("self",)).select_related("phase__campaign").get(pk=action.pk)
    if now.phase.campaign.ended:
        raise Refusal(now.phase.campaign.ended)
    if now.cancelled_on:
        raise Refusal("该事项已经取消。")
    if seen is not None and seen != now.state:
        raise Stale("该事项刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。")


def cancel(action: Action, reason: str, actor: Actor) -> int:
    """Take the action back: tasks without an answer go, answered ones stay. Gives the number that went. Raises Refusal."""
    if not reason.strip():
        raise Refusal("请填写取消的原因，各单位会在通知里看到。")
    with transaction.atomic():
        _lock(action, None)
        Action.objects.filter(pk=action.pk).update(cancelled_on=actor.today)
        _tell(action, f"事项已取消：{action}。{reason.strip()}", actor)
        gone = Task.objects.live().filter(action=action).untouched().bump(dropped_on=actor.today)
        trail.audit(
            actor, "action.cancel", action.phase.campaign, detail=f"{action}：{reason.strip()}；撤销 {gone} 项任务"
        )
    return gone


def _tell(action: Action, text: str, actor: Actor) -> None:
    for task in Task.objects.live().filter(action=action).select_related("owner"):
        if task.owner and task.owner.is_active:
            slot = f"action {actor.at:%Y-%m-%dT%H:%M:%S}"
            trail.notify(task.owner, NoticeKind.CHANGED, text, actor, subject=f"task/{task.pk}", slot=slot, task=task)
