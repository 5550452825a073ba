"""The status changes of a task, as one table of moves. Only ``perform`` changes a status.

A move is a conditional UPDATE on status and version. Of two concurrent moves the second fails, and nobody decides on content that they
have not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import CHANGEABLE, Submission, Task, TaskEvent, TaskStatus
from creation.people import signers
from creation.people.recipients import liaisons
from creation.rules.policy import Permission
from creation.tasks import answers, effects, rectification_effects
from creation.tasks.effects import Data, digest_of, readings_of
from creation.tasks.independent_verification import require_independent

__all__ = [
    "MOVES",
    "Data",
    "Move",
    "accepts_answers",
    "available_moves",
    "digest_of",
    "liaisons",
    "perform",
    "readings_of",
]


class Subject(Enum):
    """Which tasks a move is for: all of them, those of indicators and actions, or those of findings (整改)."""

    ANY = "any"
    PLAN = "plan"
    RECTIFICATION = "rectification"


@dataclass(frozen=True, slots=True)
class Move:
    """A status change. ``form``: the form on the page (creation.tasks.forms.moves); ``permission``: the right it needs; ``effect``: what
    else it does.

    ``target_if_signed`` is the target instead of ``target`` while the campaign requires the unit leader's signature and the unit has
    somebody who can sign. ``returns_to_unit`` marks the moves whose note tells the unit why the task was returned. ``subject``: which
    tasks have the move. A ``collapsed`` move is not unfolded on the page, even if it is the only one, because it undoes what was just
    done. An ``independent`` move is for somebody who wrote neither the finding nor the rectification; who did says ``why_alone``.
    """

    name: str
    label: str
    permission: Permission
    sources: frozenset[str]
    target: str
    form: str
    effect: Callable[[Task, Actor, Data, bool], str]
    style: str = "outline-secondary"
    icon: str = "arrow-right"
    target_if_signed: str = ""
    returns_to_unit: bool = False
    collapsed: bool = False
    independent: bool = False
    subject: Subject = Subject.ANY

    def applies_to(self, task: Task) -> bool:
        """Return whether tasks of this kind have the move, whatever their status."""
        return self.subject is Subject.ANY or (self.subject is Subject.RECTIFICATION) == task.is_rectification


def perform(move: Move, task: Task, actor: Actor, seen: int, data: Data, on_behalf: bool = False) -> Task:
    """Make the move with all its effects in one transaction.

    ``seen`` is the version the person had on screen. Raises Stale when the task has changed since, Refusal when the move does not apply.
    """
    with transaction.atomic():
        source = task.status
        target = _target(move, task, on_behalf, actor)
        rows = Task.objects.active().in_open_campaigns().filter(status__in=move.sources)
        if not move.applies_to(task) or not rows.change(
            task.pk, seen, status=target, **_first_submission(task, target, actor)
        ):
            raise _refusal(move, task.pk, seen)
        task.read_again()
        said = require_independent(task, actor, str(data.get("why_alone") or "")) if move.independent else ""
        note = move.effect(task, actor, data, on_behalf) + said
        TaskEvent.objects.create(
            task=task,
            move=move.name,
            label=move.label,
            source=source,
            target=task.status,
            note=note,
            on_behalf=on_behalf,
            created_by=actor.person,
            created_at=actor.at,
        )
        audit_log.record(actor, f"task.{move.name}", task, detail=note)
    return task


def _target(move: Move, task: Task, on_behalf: bool, actor: Actor) -> str:
    """Return the new status. What the office enters on behalf of a unit needs no signature of the unit's leader."""
    return move.target_if_signed if not on_behalf and goes_to_leader(move, task, actor.today) else move.target


def goes_to_leader(move: Move, task: Task, today: date) -> bool:
    """Return whether the move leads to the unit's leader first: the campaign asks for it and there is somebody who can sign."""
    return bool(move.target_if_signed) and task.campaign.sign_off and signers.has_signer(task, today)


def _first_submission(task: Task, target: str, actor: Actor) -> dict[str, Any]:
    return (
        {"first_submitted_at": actor.at} if target == TaskStatus.SUBMITTED and task.first_submitted_at is None else {}
    )


def _refusal(move: Move, pk: int, seen: int) -> Refusal:
    now = Task.objects.for_table().get(pk=pk)
    if now.dropped_on:
        return Refusal("该任务已被创建办撤销，不能再操作。")
    if not now.campaign.is_open:
        return Refusal(f"“{now.campaign}”{now.campaign.get_state_display()}，不能{move.label}。")
    if now.version != seen:
        sentence = f"该任务刚刚被他人更新，现为“{now.get_status_display()}”。请核对最新内容后再操作。"
        return Stale(sentence, _current_state(now))
    return Refusal(f"{'整改' if now.is_rectification else '任务'}现为“{now.get_status_display()}”，不能{move.label}。")


def _current_state(task: Task) -> str:
    due = f"{task.due_on:%Y-%m-%d}" if task.due_on else "待定"
    latest = Submission.objects.filter(task=task).order_by("-number").first()
    parts = [f"状态：{task.get_status_display()}", f"完成时限：{due}"]
    if event := task.events.order_by("-id").first():
        parts.append(f"最近操作：{event.label}（{event.created_by or '系统'}）{event.note}")
    if latest:
        parts.append(f"第 {latest.number} 次报送：\n\n{answers.as_text(latest.content())}")
    return "\n".join(parts)


def available_moves(task: Task) -> list[Move]:
    """Return the moves that the task's state allows; ``access`` decides whether a person may make them."""
    if task.dropped_on or not task.campaign.is_open:
        return []
    return [move for move in MOVES.values() if task.status in move.sources and move.applies_to(task)]


def accepts_answers(task: Task) -> bool:
    """Return whether the unit may still work on its answer: draft, upload, enter readings."""
    return MOVES["submit"] in available_moves(task)


OPEN, SIGNING, SUBMITTED, RETURNED, APPROVED = (
    TaskStatus.OPEN,
    TaskStatus.SIGNING,
    TaskStatus.SUBMITTED,
    TaskStatus.RETURNED,
    TaskStatus.APPROVED,
)
PARTIAL, LONG_TERM = TaskStatus.PARTIAL, TaskStatus.LONG_TERM
_PLAN_AND_RECTIFICATION = (
    Move(
        name="submit",
        label="报送",
        permission=Permission.TASK_SUBMIT,
        sources=frozenset(CHANGEABLE),
        target=SUBMITTED,
        target_if_signed=SIGNING,
        form="answer",
        effect=effects.submit,
        style="primary",
        icon="send",
    ),
    Move(
        name="sign",
        label="审签同意",
        permission=Permission.TASK_SIGN,
        sources=frozenset({SIGNING}),
        target=SUBMITTED,
        form="comment",
        effect=effects.sign,
        style="primary",
        icon="pen",
    ),
    Move(
        name="send_back",
        label="退回",
        permission=Permission.TASK_SIGN,
        sources=frozenset({SIGNING}),
        target=OPEN,
        form="required_comment",
        effect=effects.send_back,
        style="outline-danger",
        icon="arrow-return-left",
        returns_to_unit=True,
    ),
    Move(
        name="withdraw",
        label="撤回",
        permission=Permission.TASK_WITHDRAW,
        sources=frozenset({SIGNING, SUBMITTED}),
        target=OPEN,
        form="comment",
        effect=effects.withdraw,
        icon="arrow-counterclockwise",
        collapsed=True,
    ),
)
_PLAN = (
    Move(
        name="approve",
        label="通过",
        permission=Permission.TASK_REVIEW,
        sources=frozenset({SUBMITTED}),
        target=APPROVED,
        form="comment",
        effect=effects.approve,
        subject=Subject.PLAN,
        style="success",
        icon="check-lg",
    ),
    Move(
        name="return",
        label="退回",
        permission=Permission.TASK_REVIEW,
        sources=frozenset({SUBMITTED}),
        target=RETURNED,
        form="return",
        effect=effects.return_answer,
        subject=Subject.PLAN,
        style="danger",
        icon="arrow-return-left",
        returns_to_unit=True,
    ),
    Move(
        name="reopen",
        label="撤销通过",
        permission=Permission.TASK_REOPEN,
        sources=frozenset({APPROVED}),
        target=RETURNED,
        form="reopen",
        effect=effects.reopen,
        subject=Subject.PLAN,
        icon="unlock",
        returns_to_unit=True,
    ),
)
_RECTIFICATION = (
    Move(
        name="close",
        label="销号",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({SUBMITTED, LONG_TERM}),
        target=APPROVED,
        form="close",
        effect=rectification_effects.close,
        subject=Subject.RECTIFICATION,
        independent=True,
        style="success",
        icon="check-lg",
    ),
    Move(
        name="return_rectification",
        label="退回整改",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({SUBMITTED}),
        target=RETURNED,
        form="return",
        effect=effects.return_answer,
        subject=Subject.RECTIFICATION,
        style="danger",
        icon="arrow-return-left",
        returns_to_unit=True,
    ),
    Move(
        name="accept_part",
        label="部分整改",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({SUBMITTED}),
        target=PARTIAL,
        form="accept_part",
        effect=rectification_effects.accept_part,
        subject=Subject.RECTIFICATION,
        independent=True,
        icon="circle-half",
        returns_to_unit=True,
    ),
    Move(
        name="keep",
        label="转为长期坚持",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({SUBMITTED}),
        target=LONG_TERM,
        form="keep",
        effect=rectification_effects.keep,
        subject=Subject.RECTIFICATION,
        independent=True,
        icon="arrow-repeat",
        collapsed=True,
    ),
    Move(
        name="look_again",
        label="年度复查",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({LONG_TERM}),
        target=LONG_TERM,
        form="look_again",
        effect=rectification_effects.look_again,
        subject=Subject.RECTIFICATION,
        independent=True,
        icon="eye",
    ),
    Move(
        name="relapse",
        label="反弹，重新整改",
        permission=Permission.RECTIFICATION_VERIFY,
        sources=frozenset({APPROVED, LONG_TERM}),
        target=RETURNED,
        form="relapse",
        effect=rectification_effects.relapse,
        subject=Subject.RECTIFICATION,
        icon="arrow-counterclockwise",
        returns_to_unit=True,
        collapsed=True,
    ),
)
MOVES: dict[str, Move] = {move.name: move for move in (*_PLAN_AND_RECTIFICATION, *_PLAN, *_RECTIFICATION)}
