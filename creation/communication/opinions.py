"""Opinions of assessors (专家意见) on a unit's answer to a point: written by the assessor, answered by the office, unseen by the unit."""

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, require_text
from creation.models import NoticeKind, Opinion, Task, User
from creation.people import notifications
from creation.people.recipients import coordinators

NOT_OPEN = "不能再提意见或处理意见"
MAX_TEXT = 2000
NO_TEXT, NO_ANSWER = "请写下意见。", "请填写处理情况，专家会看到。"


def give_opinion(task: Task, text: str, actor: Actor) -> Opinion:
    """Give an opinion; the coordinators read of it in the daily digest. Raises Refusal, also for the same text a second time."""
    task.campaign.require_open(NOT_OPEN)
    require_text(text, NO_TEXT, "text")
    with transaction.atomic():
        Task.objects.select_for_update(of=("self",)).get(pk=task.pk)  # on a double click the second finds the first
        if Opinion.objects.filter(task=task, created_by=actor.human, text=text.strip()).exists():
            raise Refusal("同样的意见已经提过，不必重复提交。", field="text")
        opinion = Opinion.objects.create(task=task, text=text.strip(), created_by=actor.human, created_at=actor.at)
        audit_log.record(actor, "opinion.write", task, detail=opinion.text)
        words = f"专家意见：{task.unit}，{task}。{opinion.text}"
        _notify(coordinators(task, actor), words, opinion, "written", actor)
    return opinion


def answer_opinion(opinion: Opinion, answer: str, actor: Actor) -> None:
    """Say what was done about an opinion. Raises Refusal, also if somebody else was faster."""
    opinion.task.campaign.require_open(NOT_OPEN)
    require_text(answer, NO_ANSWER, "answer")
    with transaction.atomic():
        waiting = Opinion.objects.filter(pk=opinion.pk, settled_at=None)
        if not waiting.update(answer=answer.strip(), settled_by=actor.human, settled_at=actor.at):
            now = Opinion.objects.select_related("settled_by").get(pk=opinion.pk)
            raise Refusal(f"{now.settled_by} 已经处理了这条意见，请刷新查看。", status=409)
        audit_log.record(actor, "opinion.settle", opinion.task, detail=f"{opinion.text}：{answer.strip()}")
        words = f"您的意见已处理：{opinion.task}。{answer.strip()}"
        _notify([opinion.created_by], words, opinion, "settled", actor)


def _notify(people: list[User], words: str, opinion: Opinion, dedup_key: str, actor: Actor) -> None:
    for person in people:
        subject = f"opinion/{opinion.pk}"
        notifications.notify(person, NoticeKind.OPINION, words, actor, subject=subject, dedup_key=dedup_key)
