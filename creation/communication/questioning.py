"""提问: a unit asks, the office replies once for all who ask the same; a reply is published, corrected, withdrawn, never deleted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, NoticeKind, Question, Reply, ReplyVersion, Task, Urgency, User
from creation.models.question import QuestionQuerySet, ReplyQuerySet
from creation.people.hearers import coordinators, liaisons
from creation.rules.comparing import likeness

LIKE_ENOUGH = 0.2  # share of the typed pairs of characters from which a published reply counts as fitting


NO_QUESTION, NO_REPLY, NO_REASON = "请写下您的问题。", "请填写答复。", "请填写原因，看过答复的单位会看到。"
NOT_ASKED = "公开时请填写公开的问题。"
NOT_ALIKE = "所选的问题刚刚由他人答复，请刷新后重新选择。"


@dataclass(frozen=True, slots=True)
class Wording:
    """What the office writes. ``asked`` is how the question reads where all units of the point see it; "" while it is not published."""

    text: str
    asked: str = ""
    publish: bool = False


def ask(task: Task, text: str, actor: Actor) -> Question:
    """Raises Refusal without words, in a campaign that is not open, and for the same words that still wait."""
    _require(text, NO_QUESTION)
    _require_open(task.campaign)
    with transaction.atomic():
        Task.objects.select_for_update(of=("self",)).get(
            pk=task.pk
        )  # of two clicks the second finds the first's question
        if Question.objects.waiting().filter(task=task, text=text).exists():
            raise Refusal("同样的问题已经提交，正在等待答复，不必重复提交。")
        made = Question.objects.create(task=task, text=text, by=actor.human, at=actor.at)
        trail.event(task, actor, "question", "提问", task.status, task.status, text)
        trail.audit(actor, "task.ask", task, detail=text)
        said = f"{task.unit}提问：{task}。{text}"
        for person in coordinators(task, actor):
            _tell(person, said, task, f"question/{made.pk}", "asked", actor)
    return made


# The office replies


def reply(question: Question, wording: Wording, actor: Actor, also: Collection[Question] = ()) -> Reply:
    """Answer the question, and others of the same point that ask the same. Raises Refusal, also for who comes second."""
    task = question.task
    _require_open(task.campaign)
    served = [question, *also]
    _require(wording.text, NO_REPLY)
    if also and alike(question).filter(pk__in=[each.pk for each in also]).count() != len(also):
        raise Refusal(NOT_ALIKE)
    if wording.publish:
        _require(wording.asked, NOT_ASKED)
        _require_anonymous(f"{wording.asked}\n{wording.text}", served)
    with transaction.atomic():
        made = Reply.objects.create(
            campaign=task.campaign,
            indicator=task.indicator,
            action=task.action,
            asked=wording.asked if wording.publish else question.text,
            text=wording.text,
            by=actor.human,
            at=actor.at,
            published_at=actor.at if wording.publish else None,
        )
        _serve(served, made, actor)
        trail.audit(actor, "question.answer", made, detail=wording.text)
        if wording.publish:
            _spread(made, f"常见问题已公布：{made.point}。{made.asked}", actor)
    return made


def point(question: Question, earlier: Reply, actor: Actor) -> None:
    """The same was answered before: the question gets that reply. Raises Refusal."""
    _require_open(question.task.campaign)
    with transaction.atomic():
        found = Reply.objects.select_for_update(of=("self",)).filter(pk=earlier.pk, withdrawn_at=None)
        if not list(found.values_list("pk")):
            raise Refusal("这条答复已经撤回，请另选一条，或重新答复。")
        if not offered(question).filter(pk=earlier.pk).exists():
            raise Refusal("请选择一条已有的答复。")
        _serve([question], earlier, actor)
        trail.audit(actor, "question.point", earlier, detail=f"{question}：{question.text}")


def offered(question: Question) -> ReplyQuerySet:
    """Earlier replies that a question may be pointed to: those of its point, and what was published on others of the campaign."""
    here = Reply.objects.all().of_point(question.task)
    everywhere = Reply.objects.filter(campaign=question.task.campaign_id).published()
    return (here | everywhere).standing().distinct().for_table()


def alike(question: Question) -> QuestionQuerySet:
    """The other questions on the same point that wait."""
    others = Question.objects.all().of_point(question.task).waiting().exclude(pk=question.pk)
    return others.for_table().order_by("at", "pk")


def _serve(questions: Iterable[Question], made: Reply, actor: Actor) -> None:
    for question in questions:
        standing = Question.objects.waiting().filter(pk=question.pk).values("pk")
        if not Question.objects.filter(pk__in=standing, reply=question.reply_id).update(
            reply=made, replied_at=actor.at
        ):
            raise Refusal("这个问题刚刚由他人答复，没有重复答复，请刷新后查看。")
        task = question.task
        trail.event(task, actor, "answer", "答复提问", task.status, task.status, made.text)
        _tell_asker(question, f"提问已答复：{task}。{made.text}", f"reply {made.pk}", actor)


# What becomes of a reply


def publish(found: Reply, asked: str, actor: Actor) -> None:
    """Raises Refusal while the words name a unit that asked."""
    _require_open(found.campaign)
    if not asked.strip():
        raise Refusal("请填写公开的问题，各单位会看到。")
    _require_anonymous(f"{asked}\n{found.text}", found.questions.select_related("task__unit", "task__campaign", "by"))
    with transaction.atomic():
        hidden = Reply.objects.filter(pk=found.pk, version=found.version, published_at=None, withdrawn_at=None)
        if not hidden.update(asked=asked.strip(), published_at=actor.at):
            raise Refusal("答复刚刚被他人公开、更正或撤回，请刷新后核对。")
        found.refresh_from_db()
        trail.audit(actor, "reply.publish", found, detail=found.asked)
        _spread(found, f"常见问题已公布：{found.point}。{found.asked}", actor)


def correct(found: Reply, seen: int, asked: str, text: str, reason: str, actor: Actor) -> None:
    """A new version; the old text stays to be read. Raises Refusal, also for who comes second."""
    _require_open(found.campaign)
    _require(text, NO_REPLY)
    _require(reason, NO_REASON)
    old = Reply.objects.get(pk=found.pk)
    if old.published_at:
        served = found.questions.select_related("task__unit", "task__campaign", "by")
        _require_anonymous(f"{asked}\n{text}\n{reason}", served)
    with transaction.atomic():
        standing = Reply.objects.filter(withdrawn_at=None)
        if not standing.change(found.pk, seen, asked=asked or old.asked, text=text):
            raise Refusal("答复刚刚被他人更正或撤回，没有保存，请刷新后核对。")
        ReplyVersion.objects.create(
            reply=found, number=seen, asked=old.asked, text=old.text, reason=reason, by=actor.human, at=actor.at
        )
        found.refresh_from_db()
        trail.audit(actor, "reply.correct", found, detail=reason)
        _tell_all(found, f"答复已更正：{found.point}。{reason}。现为：{found.text}", actor)


def withdraw(found: Reply, reason: str, actor: Actor) -> None:
    """The old text stays to be read, marked; its questions wait again. Raises Refusal."""
    _require_open(found.campaign)
    if not reason.strip():
        raise Refusal("请填写撤回原因，看过答复的单位会看到。")
    if found.published_at:
        _require_anonymous(reason, found.questions.select_related("task__unit", "task__campaign", "by"))
    with transaction.atomic():
        standing = Reply.objects.filter(pk=found.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=actor.at, withdrawn_reason=reason.strip()):
            raise Refusal("答复已经撤回。")
        found.refresh_from_db()
        trail.audit(actor, "reply.withdraw", found, detail=reason.strip())
        _tell_all(found, f"答复已撤回，请勿再照此办理：{found.point}。{reason.strip()}", actor)


# What is asked already


def known(task: Task, typed: str = "") -> list[Reply]:
    """The published replies on the task's point, those first that are most like what is being typed; withdrawn ones last."""
    rows = Reply.objects.all().of_point(task).published().for_table()
    return sorted(rows, key=lambda row: (row.withdrawn_at is not None, -likeness(typed, f"{row.asked}{row.text}")))


def fitting(replies: Iterable[Reply], typed: str) -> set[int]:
    """Those that fit what is being typed."""
    found = (row for row in replies if not row.withdrawn_at)
    return {row.pk for row in found if likeness(typed, f"{row.asked}{row.text}") >= LIKE_ENOUGH}


# Who hears of it


def _tell_asker(question: Question, said: str, slot: str, actor: Actor) -> None:
    """Who asked, or the unit's liaisons when that person is gone."""
    people = [question.by] if question.by.is_active else liaisons(question.task, actor)
    for person in people:
        _tell(person, said, question.task, f"question/{question.pk}", slot, actor, Urgency.AT_ONCE)


def _spread(found: Reply, said: str, actor: Actor, slot: str = "") -> None:
    """The other units of the point, with the daily digest; who asked has heard by then."""
    asked = set(found.questions.values_list("by", flat=True))
    here = Task.objects.live().filter(campaign=found.campaign_id, indicator=found.indicator_id, action=found.action_id)
    for task in here.for_table().order_by("unit__order", "pk"):
        for person in liaisons(task, actor):
            if person.pk not in asked:
                _tell(person, said, task, f"reply/{found.pk}", slot or f"v{found.version}", actor)


def _tell_all(found: Reply, said: str, actor: Actor) -> None:
    """Those who were given the reply at once, the other units of the point where it was published."""
    slot = f"{actor.at:%Y-%m-%dT%H:%M:%S.%f}"
    for question in found.questions.for_table():
        _tell_asker(question, said, slot, actor)
    if found.published_at:
        _spread(found, said, actor, slot)


def _tell(
    person: User,
    said: str,
    task: Task,
    subject: str,
    slot: str,
    actor: Actor,
    urgency: str = Urgency.DAILY,
) -> None:
    trail.notify(person, NoticeKind.QUESTION, said, actor, subject=subject, slot=slot, task=task, urgency=urgency)


# What may not be


def _require(words: str, sentence: str) -> None:
    if not words.strip():
        raise Refusal(sentence)


def _require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，不能再提问或答复。")


def _require_anonymous(words: str, questions: Iterable[Question]) -> None:
    """What all units read does not say who asked. The office's own unit may be named: answers send people there."""
    for question in questions:
        unit = question.task.unit
        if unit.pk == question.task.campaign.host_id:
            continue
        for name in (unit.name, unit.short_name, question.by.name):
            if name and name in words:
                raise Refusal(f"公开的内容里写有“{name}”，各单位会看出是谁提问。请改写后再公开，或不公开。")
