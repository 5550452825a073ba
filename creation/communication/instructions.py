"""Instructions of leaders (批示): a leader writes one, the coordinator makes an action of it or answers it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns import campaign_actions
from creation.campaigns.campaign_actions import NewAction
from creation.lib.refusals import Refusal, require_text
from creation.lib.strings import shorten
from creation.models import Action, AnswerMode, Audience, Campaign, Instruction, NoticeKind, Phase, Unit, Urgency, User
from creation.people import notifications
from creation.people.recipients import coordinators_of

NOT_OPEN = "不能再作批示或办理批示"
MAX_TEXT = 2000
MAX_TITLE, MAX_SOURCE = 100, 100  # of the action
NO_TEXT, NO_ANSWER = "请写下批示内容。", "请填写办理情况，批示人会看到。"


@dataclass(frozen=True, slots=True)
class InstructionText:
    """What a leader orders, from which units and until when, as far as it says so."""

    text: str
    lead: Unit | None = None
    assists: Collection[Unit] = ()
    due_on: date | None = None


def write_instruction(campaign: Campaign, text: InstructionText, actor: Actor) -> Instruction:
    """Write an instruction and tell the coordinators at once. Raises Refusal."""
    campaign.require_open(NOT_OPEN)
    require_text(text.text, NO_TEXT, "text")
    if text.due_on and text.due_on < actor.today:
        raise Refusal(f"完成时限 {text.due_on:%Y-%m-%d} 已经过去，请改填今天或以后的日期。", field="due_on")
    units = [*([text.lead] if text.lead else []), *text.assists]
    campaign.require_own_units(units)
    with transaction.atomic():
        instruction = Instruction.objects.create(
            campaign=campaign,
            text=text.text.strip(),
            lead=text.lead,
            due_on=text.due_on,
            created_by=actor.human,
            created_at=actor.at,
        )
        instruction.assists.set([unit for unit in text.assists if unit != text.lead])
        audit_log.record(actor, "instruction.write", instruction, detail=instruction.text)
        words = f"{actor.human.name}批示：{instruction.text}"
        _notify(coordinators_of(campaign, actor), words, instruction, "written", actor)
    return instruction


def proposed_action(instruction: Instruction, today: date) -> NewAction:
    """Return the action that the instruction asks for: its first sentence as title, its units, its day, the phase that is under way."""
    lines = [line.strip() for line in instruction.text.splitlines() if line.strip()]
    units = list(instruction.assists.all())
    return NewAction(
        phase=_current_phase(instruction.campaign, today),
        title=shorten(lines[0].split("。")[0], MAX_TITLE),
        text=instruction.text,
        source=f"领导批示（{instruction.created_by.name}，{instruction.created_at:%Y-%m-%d}）"[:MAX_SOURCE],
        audience=Audience.CHOSEN,
        units=units,
        modes=list(AnswerMode.values),
        due_on=instruction.due_on,
        lead=instruction.lead,
    )


def _current_phase(campaign: Campaign, today: date) -> Phase:
    """Return the first phase under way; else the latest that has begun; else the first."""
    phases = list(campaign.phases.order_by("order"))
    current = [phase for phase in phases if phase.state(today) == "current"]
    begun = [phase for phase in phases if phase.state(today) == "past"]
    return (current or begun[-1:] or phases)[0]


def issue_action(instruction: Instruction, new_action: NewAction, actor: Actor) -> Action:
    """Make an action of the instruction, with its tasks, and tell the leader. Raises Refusal, also if it is settled already."""
    instruction.campaign.require_open(NOT_OPEN)
    with transaction.atomic():
        _settle(instruction, actor)
        action = campaign_actions.create_action(instruction.campaign, new_action, actor)
        Instruction.objects.filter(pk=instruction.pk).update(action=action)
        audit_log.record(actor, "instruction.issue", instruction, detail=f"{action}：{instruction.text}")
        words = f"您的批示已转为工作事项 {action}，并下发有关单位。"
        _notify([instruction.created_by], words, instruction, "settled", actor)
    return action


def answer_instruction(instruction: Instruction, answer: str, actor: Actor) -> None:
    """Settle an instruction that needs no action by saying what was done. Raises Refusal, also if it is settled already."""
    instruction.campaign.require_open(NOT_OPEN)
    require_text(answer, NO_ANSWER, "answer")
    with transaction.atomic():
        _settle(instruction, actor, answer.strip())
        audit_log.record(actor, "instruction.settle", instruction, detail=answer.strip())
        _notify([instruction.created_by], f"您的批示已办理：{answer.strip()}", instruction, "settled", actor)


def _settle(instruction: Instruction, actor: Actor, answer: str = "") -> None:
    waiting = Instruction.objects.waiting().filter(pk=instruction.pk)
    if not waiting.update(settled_by=actor.human, settled_at=actor.at, answer=answer):
        now = Instruction.objects.select_related("settled_by").get(pk=instruction.pk)
        raise Refusal(f"{now.settled_by} 已经办理了这件批示，请刷新查看。", status=409)


def _notify(people: list[User], words: str, instruction: Instruction, dedup_key: str, actor: Actor) -> None:
    for person in people:
        notifications.notify(
            person,
            NoticeKind.INSTRUCTION,
            words,
            actor,
            subject=f"instruction/{instruction.pk}",
            dedup_key=dedup_key,
            urgency=Urgency.AT_ONCE,
        )
