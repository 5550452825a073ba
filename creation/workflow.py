"""The life of a task: one table of moves. Views, buttons, tests and README read it; ``perform`` is the only way a status changes.

A move is a conditional UPDATE on status and version: the loser of a race is told so, and nothing is judged that was changed unseen.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from creation import trail
from creation.models import (
    AnswerMode,
    Citation,
    Draft,
    Membership,
    NoticeKind,
    Reading,
    ReturnReason,
    Review,
    Submission,
    SubmittedCitation,
    Task,
    TaskStatus,
    Urgency,
    User,
    Verdict,
)
from creation.policy import Role
from creation.trail import Actor

Data = Mapping[str, Any]


class MoveRefused(Exception):
    """The move cannot be made; the argument is the sentence to show."""


class Stale(MoveRefused):
    """Somebody changed the task since it was read (the page is a 409 with both texts)."""


@dataclass(frozen=True, slots=True)
class Move:
    """``form`` names the form a page shows (creation.forms.moves), ``act`` the right it needs, ``effect`` what else it does.

    ``effect(task, actor, data, on_behalf)`` runs inside the transaction after the status has moved and returns the note for the history.
    """

    name: str
    label: str
    act: str
    sources: frozenset[str]
    target: str
    form: str
    effect: Callable[[Task, Actor, Data, bool], str]
    style: str = "outline-secondary"


def perform(move: Move, task: Task, actor: Actor, seen: int, data: Data, on_behalf: bool = False) -> Task:
    """Make the move and everything that belongs to it, or nothing.

    ``seen`` is the version the person had on screen. Raises Stale when the task changed since, MoveRefused when the move does not apply.
    """
    with transaction.atomic():
        source = task.status
        target = _target(move, task, on_behalf)
        rows = Task.objects.live().filter(pk=task.pk, status__in=move.sources, version=seen)
        if not rows.update(status=target, version=F("version") + 1, **_first_time(task, target, actor)):
            raise _why_not(move, task.pk, seen)
        task.refresh_from_db()
        note = move.effect(task, actor, data, on_behalf)
        trail.event(task, actor, move.name, move.label, source, task.status, note, on_behalf)
        trail.audit(actor, f"task.{move.name}", task, detail=note)
    return task


def _target(move: Move, task: Task, on_behalf: bool) -> str:
    needs_signature = move.name == "submit" and task.campaign.sign_off and not on_behalf
    return TaskStatus.SIGNING if needs_signature else move.target


def _first_time(task: Task, target: str, actor: Actor) -> dict[str, Any]:
    return (
        {"first_submitted_at": actor.at} if target == TaskStatus.SUBMITTED and task.first_submitted_at is None else {}
    )


def _why_not(move: Move, pk: int, seen: int) -> MoveRefused:
    now = Task.objects.get(pk=pk)
    if now.dropped_on:
        return MoveRefused("该任务已被创建办撤销,不能再操作。")
    if now.version != seen:
        return Stale(f"该任务刚刚被他人更新,现为“{now.get_status_display()}”。请核对最新内容后再操作。")
    return MoveRefused(f"任务现为“{now.get_status_display()}”,不能{move.label}。")


def open_to(task: Task) -> list[Move]:
    """The moves that the task's status allows; whether a person may make them is asked of ``access``."""
    return [move for move in MOVES.values() if task.status in move.sources]


# Effects


def hand_in(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """Freeze the answer as a Submission with what it cites. The submitter's draft has served and goes."""
    citations = list(Citation.objects.live().filter(task=task).select_related("evidence", "number"))
    mode = data["mode"]
    if mode not in task.modes:
        raise MoveRefused("此任务不接受这种提供方式,请改选其他方式。")
    if mode == AnswerMode.UPLOAD and not citations:
        raise MoveRefused("还没有印证资料。请先上传或引用材料,或改选“现场提供”“情况说明”。")
    submission = Submission(
        task=task,
        number=task.submissions.count() + 1,
        **{name: data.get(name, "") for name in ANSWER_FIELDS},
        readings=[reading.as_data() for reading in readings_of(task)],
        due_on=task.due_on,
        handed_on=actor.today,
        by=actor.human,
        on_behalf=on_behalf,
        at=actor.at,
    )
    cited = [_cite(citation) for citation in citations]
    submission.digest = digest_of(submission, cited)
    submission.save()
    for row in cited:
        row.submission = submission
    SubmittedCitation.objects.bulk_create(cited)
    Draft.objects.filter(task=task, person=actor.human).delete()
    if task.status == TaskStatus.SIGNING:
        _tell(_leaders(task, actor), NoticeKind.CHANGED, f"请审签:{task}", task, actor, Urgency.AT_ONCE)
    return f"{submission.get_mode_display()},印证资料 {len(cited)} 份"


ANSWER_FIELDS = ("mode", "measures", "results", "highlights", "keeper", "place", "statement")


def readings_of(task: Task) -> list[Reading]:
    """The unit's readings of the task's measures in the campaign's year."""
    rows = Reading.objects.filter(
        unit=task.unit, measure__indicator=task.indicator, period__startswith=str(task.campaign.year)
    )
    return list(rows.select_related("measure").order_by("measure", "period")) if task.indicator_id else []


def _cite(citation: Citation) -> SubmittedCitation:
    version = citation.evidence.versions.order_by("-number")[0]
    return SubmittedCitation(
        version=version, number=str(citation.number), title=citation.evidence.title, passage=citation.passage
    )


def digest_of(submission: Submission, cited: list[SubmittedCitation]) -> str:
    """SHA-256 over the answer's text and the digests of the versions it cites, as canonical JSON."""
    content = submission.content() | {
        "task": submission.task_id,
        "number": submission.number,
        "readings": submission.readings,
        "cited": [
            [row.number, row.title, row.passage, row.version.sha256 or row.version.url or row.version.text]
            for row in cited
        ],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def sign(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    return data.get("comment", "")


def send_back(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """The unit's leader wants the answer changed before it leaves the unit."""
    _tell(
        liaisons(task, actor),
        NoticeKind.RETURNED,
        f"分管领导退回修改:{task}。{data['comment']}",
        task,
        actor,
        Urgency.AT_ONCE,
    )
    return str(data["comment"])


def withdraw(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    return data.get("comment", "")


def approve(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    comment = data.get("comment", "")
    _review(task, actor, verdict=Verdict.APPROVE, comment=comment)
    _tell(liaisons(task, actor), NoticeKind.APPROVED, f"已通过:{task}", task, actor)
    return comment


def return_it(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    reason, comment, new_due_on = ReturnReason(data["reason"]), data.get("comment", ""), data.get("new_due_on")
    _review(task, actor, verdict=Verdict.RETURN, reason=reason, comment=comment, new_due_on=new_due_on)
    _due(task, new_due_on)
    text = f"{reason.label}。{comment}".strip()
    _tell(liaisons(task, actor), NoticeKind.RETURNED, f"被退回:{task}。{text}", task, actor, Urgency.AT_ONCE)
    return text


def reopen(task: Task, actor: Actor, data: Data, on_behalf: bool) -> str:
    """The office takes back its approval; the earlier review stays in the history."""
    _due(task, data.get("new_due_on"))
    _tell(
        liaisons(task, actor), NoticeKind.RETURNED, f"重新打开:{task}。{data['comment']}", task, actor, Urgency.AT_ONCE
    )
    return str(data["comment"])


def _review(task: Task, actor: Actor, **fields: Any) -> None:
    submission = task.submissions.order_by("-number")[0]
    if submission.by_id == actor.human.pk:
        raise MoveRefused("不能审核本人报送或代填的答复,请由其他审核人员审核。")
    Review.objects.create(submission=submission, by=actor.human, at=actor.at, **fields)


def _due(task: Task, new_due_on: Any) -> None:
    if new_due_on:
        task.due_on = new_due_on
        Task.objects.filter(pk=task.pk).update(due_on=new_due_on)


def liaisons(task: Task, actor: Actor) -> list[User]:
    """Who hears about a task in its unit: the owner and the unit's liaisons."""
    return _people(task, actor, Role.LIAISON, also=task.owner)


def _leaders(task: Task, actor: Actor) -> list[User]:
    return _people(task, actor, Role.UNIT_LEADER)


def _people(task: Task, actor: Actor, role: Role, also: User | None = None) -> list[User]:
    held = (
        Membership.objects.in_force(actor.today)
        .of_role(role)
        .filter(unit=task.unit, user__is_active=True)
        .select_related("user")
    )
    people = {m.user_id: m.user for m in held if m.campaign_id in (None, task.campaign_id)}
    if also and also.is_active:
        people[also.pk] = also
    return list(people.values())


def _tell(
    people: list[User], kind: NoticeKind, text: str, task: Task, actor: Actor, urgency: str = Urgency.DAILY
) -> None:
    for person in people:
        trail.notify(
            person, kind, text, actor, subject=f"task/{task.pk}", slot=f"v{task.version}", task=task, urgency=urgency
        )


OPEN, SIGNING, SUBMITTED, RETURNED, APPROVED = (
    TaskStatus.OPEN,
    TaskStatus.SIGNING,
    TaskStatus.SUBMITTED,
    TaskStatus.RETURNED,
    TaskStatus.APPROVED,
)
MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move("submit", "报送", "task.submit", frozenset({OPEN, RETURNED}), SUBMITTED, "answer", hand_in, "primary"),
        Move("sign", "审签同意", "task.sign", frozenset({SIGNING}), SUBMITTED, "comment", sign, "primary"),
        Move(
            "send_back",
            "退回修改",
            "task.sign",
            frozenset({SIGNING}),
            OPEN,
            "required_comment",
            send_back,
            "outline-danger",
        ),
        Move(
            "withdraw",
            "撤回",
            "task.withdraw",
            frozenset({SIGNING, SUBMITTED}),
            OPEN,
            "comment",
            withdraw,
            "outline-secondary",
        ),
        Move("approve", "通过", "task.review", frozenset({SUBMITTED}), APPROVED, "comment", approve, "success"),
        Move("return", "退回", "task.review", frozenset({SUBMITTED}), RETURNED, "return", return_it, "danger"),
        Move(
            "reopen", "重新打开", "task.reopen", frozenset({APPROVED}), RETURNED, "reopen", reopen, "outline-secondary"
        ),
    )
}
