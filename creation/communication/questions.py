"""Questions (提问): a unit asks, the office replies, to several units at once if they ask the same. Replies are never deleted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from creation.audit import audit_log, task_events
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, require_text
from creation.models import Campaign, NoticeKind, Question, Reply, ReplyVersion, Task, Unit, Urgency, User
from creation.models.question import QuestionQuerySet, ReplyQuerySet
from creation.people import notifications
from creation.people.recipients import coordinators, coordinators_of, liaisons, liaisons_of
from creation.rules.text_diff import similarity

MIN_SIMILARITY = 0.2  # share of the typed pairs of characters from which a published reply is offered


ASKED, ANSWERED = QUESTION_MOVES = ("question", "answer")  # events whose note is a question or a reply
NO_QUESTION, NO_REPLY, NO_REASON = "请写下您的问题。", "请填写答复。", "请填写原因，看过答复的单位会看到。"
NOT_OPEN = "不能再提问或答复"
ASKED_ALREADY = "同样的问题已经提交，正在等待答复，不必重复提交。"
NOT_ASKED = "公开时请填写公开的问题。"
NOT_ALIKE = "所选的问题刚刚由他人答复，请刷新后重新选择。"


@dataclass(frozen=True, slots=True)
class ReplyText:
    """The office's reply. ``published_question`` is the question as published to all units of the point; "" if it is not published."""

    text: str
    published_question: str = ""
    publish: bool = False


def ask_in_general(campaign: Campaign, unit: Unit, text: str, actor: Actor) -> Question:
    """Ask a question that is on no task. Raises Refusal as ``ask_question`` does."""
    require_text(text, NO_QUESTION)
    campaign.require_open(NOT_OPEN)
    with transaction.atomic():
        Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)  # as in ``ask_question``
        if Question.objects.waiting().filter(campaign=campaign, unit=unit, text=text).exists():
            raise Refusal(ASKED_ALREADY)
        question = Question.objects.create(
            campaign=campaign, unit=unit, text=text, created_by=actor.human, created_at=actor.at
        )
        audit_log.record(actor, "task.ask", question, detail=text)
        for person in coordinators_of(campaign, actor):
            _notify(person, f"{unit}提问：{text}", actor, subject=f"question/{question.pk}", dedup_key="asked")
    return question


def ask_question(task: Task, text: str, actor: Actor) -> Question:
    """Ask a question. Raises Refusal without text, in a campaign that is not open, and if the same text is waiting already."""
    require_text(text, NO_QUESTION)
    task.campaign.require_open(NOT_OPEN)
    with transaction.atomic():
        # On a double click the second request finds the first question.
        Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if Question.objects.waiting().filter(task=task, text=text).exists():
            raise Refusal(ASKED_ALREADY)
        reply_row = Question.objects.create(task=task, text=text, created_by=actor.human, created_at=actor.at)
        task_events.record_event(task, actor, ASKED, "提问", text)
        audit_log.record(actor, "task.ask", task, detail=text)
        notice_text = f"{task.unit}提问：{task}。{text}"
        for person in coordinators(task, actor):
            _notify(person, notice_text, actor, subject=f"question/{reply_row.pk}", dedup_key="asked", task=task)
    return reply_row


# The office replies


def reply_to(question: Question, reply_text: ReplyText, actor: Actor, also: Collection[Question] = ()) -> Reply:
    """Reply to the question and to others of the same point. Raises Refusal, also if somebody else was faster."""
    task = question.task
    question.asked_in.require_open(NOT_OPEN)
    questions_answered = [question, *also]
    require_text(reply_text.text, NO_REPLY)
    if also and similar_questions(question).filter(pk__in=[each.pk for each in also]).count() != len(also):
        raise Refusal(NOT_ALIKE)
    if reply_text.publish:
        require_text(reply_text.published_question, NOT_ASKED)
        _require_anonymous(f"{reply_text.published_question}\n{reply_text.text}", questions_answered)
    with transaction.atomic():
        reply_row = Reply.objects.create(
            campaign=question.asked_in,
            indicator=task.indicator if task else None,
            action=task.action if task else None,
            finding=task.finding if task else None,
            asked=reply_text.published_question if reply_text.publish else question.text,
            text=reply_text.text,
            created_by=actor.human,
            created_at=actor.at,
            published_at=actor.at if reply_text.publish else None,
        )
        _assign_reply(questions_answered, reply_row, actor)
        audit_log.record(actor, "question.answer", reply_row, detail=reply_text.text)
        if reply_text.publish:
            _notify_other_units(reply_row, f"常见问题已公布：{reply_row.point}。{reply_row.asked}", actor)
    return reply_row


def reuse_reply(question: Question, earlier: Reply, actor: Actor) -> None:
    """Answer the question with an earlier reply. Raises Refusal."""
    question.asked_in.require_open(NOT_OPEN)
    with transaction.atomic():
        reply_row = Reply.objects.select_for_update(of=("self",)).filter(pk=earlier.pk, withdrawn_at=None)
        if not list(reply_row.values_list("pk")):
            raise Refusal("这条答复已经撤回，请另选一条，或重新答复。")
        if not reusable_replies(question).filter(pk=earlier.pk).exists():
            raise Refusal("请选择一条已有的答复。")
        _assign_reply([question], earlier, actor)
        audit_log.record(actor, "question.point", earlier, detail=f"{question}：{question.text}")


def reusable_replies(question: Question) -> ReplyQuerySet:
    """Return earlier replies that may answer a question: those of its point, and published ones of the campaign."""
    own_replies = Reply.objects.all().of_point(question)
    published = Reply.objects.filter(campaign=question.asked_in).published()
    return (own_replies | published).active().distinct().for_table()


def similar_questions(question: Question) -> QuestionQuerySet:
    """Return the other waiting questions on the same point."""
    others = Question.objects.all().of_point(question).waiting().exclude(pk=question.pk)
    return others.for_table().order_by("created_at", "pk")


def _assign_reply(questions: Iterable[Question], reply_row: Reply, actor: Actor) -> None:
    for question in questions:
        current = Question.objects.waiting().filter(pk=question.pk).values("pk")
        if not Question.objects.filter(pk__in=current, reply=question.reply_id).update(
            reply=reply_row, replied_at=actor.at
        ):
            raise Refusal("这个问题刚刚由他人答复，没有重复答复，请刷新后查看。")
        if task := question.task:
            task_events.record_event(task, actor, ANSWERED, "答复提问", reply_row.text)
        said = f"{task or question.text}。{reply_row.text}"
        _notify_asker(question, f"提问已答复：{said}", f"reply {reply_row.pk}", actor)


# Changing a reply


def publish_reply(reply_row: Reply, asked: str, actor: Actor) -> None:
    """Publish a reply. Raises Refusal if the text names a unit that asked."""
    reply_row.campaign.require_open(NOT_OPEN)
    require_text(asked, "请填写公开的问题，各单位会看到。")
    _require_anonymous(f"{asked}\n{reply_row.text}", reply_row.questions.for_table())
    with transaction.atomic():
        hidden = Reply.objects.filter(pk=reply_row.pk, version=reply_row.version, published_at=None, withdrawn_at=None)
        if not hidden.update(asked=asked.strip(), published_at=actor.at):
            raise Refusal("答复刚刚被他人公开、更正或撤回，请刷新后核对。")
        reply_row.refresh_from_db()
        audit_log.record(actor, "reply.publish", reply_row, detail=reply_row.asked)
        _notify_other_units(reply_row, f"常见问题已公布：{reply_row.point}。{reply_row.asked}", actor)


def correct_reply(reply_row: Reply, seen: int, asked: str, text: str, reason: str, actor: Actor) -> None:
    """Correct a reply in a new version; the old text remains readable. Raises Refusal, also if somebody else was faster."""
    reply_row.campaign.require_open(NOT_OPEN)
    require_text(text, NO_REPLY)
    require_text(reason, NO_REASON)
    old = Reply.objects.get(pk=reply_row.pk)
    if old.published_at:
        questions_answered = reply_row.questions.for_table()
        _require_anonymous(f"{asked}\n{text}\n{reason}", questions_answered)
    with transaction.atomic():
        current = Reply.objects.filter(withdrawn_at=None)
        if not current.change(reply_row.pk, seen, asked=asked or old.asked, text=text):
            raise Refusal("答复刚刚被他人更正或撤回，没有保存，请刷新后核对。")
        ReplyVersion.objects.create(
            reply=reply_row,
            number=seen,
            asked=old.asked,
            text=old.text,
            reason=reason,
            created_by=actor.human,
            created_at=actor.at,
        )
        reply_row.refresh_from_db()
        audit_log.record(actor, "reply.correct", reply_row, detail=reason)
        _notify_readers(reply_row, f"答复已更正：{reply_row.point}。{reason}。现为：{reply_row.text}", actor)


def withdraw_reply(reply_row: Reply, reason: str, actor: Actor) -> None:
    """Withdraw a reply. The text remains readable, marked as withdrawn; its questions wait again. Raises Refusal."""
    reply_row.campaign.require_open(NOT_OPEN)
    require_text(reason, "请填写撤回原因，看过答复的单位会看到。")
    if reply_row.published_at:
        _require_anonymous(reason, reply_row.questions.for_table())
    with transaction.atomic():
        current = Reply.objects.filter(pk=reply_row.pk, withdrawn_at=None)
        if not current.update(withdrawn_at=actor.at, withdrawn_reason=reason.strip()):
            raise Refusal("答复已经撤回。")
        reply_row.refresh_from_db()
        audit_log.record(actor, "reply.withdraw", reply_row, detail=reason.strip())
        _notify_readers(reply_row, f"答复已撤回，请勿再照此办理：{reply_row.point}。{reason.strip()}", actor)


# Published replies


def published_replies(task: Task, typed: str = "") -> list[Reply]:
    """Return the published replies on the task's point, most similar to the typed text first, withdrawn ones last."""
    rows: Iterable[Reply] = Reply.objects.all().of_point(task).published().for_table() if task.has("replies") else ()
    return sorted(rows, key=lambda row: (row.withdrawn_at is not None, -similarity(typed, f"{row.asked}{row.text}")))


def matching_replies(replies: Iterable[Reply], typed: str) -> set[int]:
    """Return the keys of the replies that match the typed text."""
    reply_row = (row for row in replies if not row.withdrawn_at)
    return {row.pk for row in reply_row if similarity(typed, f"{row.asked}{row.text}") >= MIN_SIMILARITY}


# Notices


def _notify_asker(question: Question, notice_text: str, dedup_key: str, actor: Actor) -> None:
    """Notify the person who asked, or the unit's liaisons if that account is disabled."""
    people = [question.created_by] if question.created_by.is_active else _liaisons(question, actor)
    about = {"subject": f"question/{question.pk}", "dedup_key": dedup_key, "task": question.task}
    for person in people:
        _notify(person, notice_text, actor, urgency=Urgency.AT_ONCE, **about)


def _liaisons(question: Question, actor: Actor) -> list[User]:
    if question.task:
        return liaisons(question.task, actor)
    return liaisons_of(question.asked_in, actor, question.asking_unit)


def _notify_other_units(reply_row: Reply, notice_text: str, actor: Actor, dedup_key: str = "") -> None:
    """Notify the other units of the point, with the daily digest, without the people who asked."""
    asked = set(reply_row.questions.values_list("created_by", flat=True))
    about = {"subject": f"reply/{reply_row.pk}", "dedup_key": dedup_key or f"v{reply_row.version}"}
    if not (reply_row.indicator_id or reply_row.action_id or reply_row.finding_id):
        for person in liaisons_of(reply_row.campaign, actor):
            if person.pk not in asked:
                _notify(person, notice_text, actor, **about)
        return
    own_replies = Task.objects.active().filter(
        campaign=reply_row.campaign_id,
        indicator=reply_row.indicator_id,
        action=reply_row.action_id,
        finding=reply_row.finding_id,
    )
    for task in own_replies.for_table().order_by("unit__order", "pk"):
        for person in liaisons(task, actor):
            if person.pk not in asked:
                _notify(person, notice_text, actor, task=task, **about)


def _notify_readers(reply_row: Reply, notice_text: str, actor: Actor) -> None:
    """Notify the people who asked at once, and the other units of the point if the reply was published."""
    dedup_key = f"{actor.at:%Y-%m-%dT%H:%M:%S.%f}"
    for question in reply_row.questions.for_table():
        _notify_asker(question, notice_text, dedup_key, actor)
    if reply_row.published_at:
        _notify_other_units(reply_row, notice_text, actor, dedup_key)


def _notify(person: User, text: str, actor: Actor, **about: Any) -> None:
    """Notify a person about a question or reply. ``about`` as for ``notifications.notify_all``."""
    notifications.notify(person, NoticeKind.QUESTION, text, actor, **about)


# Checks


def _require_anonymous(words: str, questions: Iterable[Question]) -> None:
    """Raise Refusal if published text names who asked. The office's own unit may be named, as replies refer people to it."""
    for question in questions:
        unit = question.asking_unit
        if unit.pk == question.asked_in.host_id:
            continue
        for name in (unit.name, unit.short_name, question.created_by.name):
            if name and name in words:
                raise Refusal(f"公开的内容里写有“{name}”，各单位会看出是谁提问。请改写后再公开，或不公开。")
