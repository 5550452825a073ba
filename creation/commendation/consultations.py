"""征求意见: the office asks discipline inspection, organization, public security … about the nominees, and records the answers."""

from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.commendation.commendations import locked
from creation.lib.refusals import Refusal
from creation.models import Commendation, CommendationStage, Consultation, ConsultedOpinion

USUAL_ORGANS = ("纪检监察机关", "组织部门", "公安机关")
NO_ORGAN = "请填写征求意见的部门，如“纪检监察机关”。"
NO_WORDS = "有不同意见的，请写明意见内容。"
MAX_TEXT = 2000


def ask(commendation: Commendation, organ: str, asked_on: date, answer_by: date, actor: Actor) -> int:
    """Record that the organ was asked about every nomination for which it was not asked yet; return how many. Raises Refusal."""
    organ = organ.strip()
    if not organ:
        raise Refusal(NO_ORGAN, field="organ")
    if asked_on > actor.today:
        raise Refusal(f"征求日期 {asked_on} 还没有到，请填今天或以前的日期。", field="asked_on")
    if answer_by < asked_on:
        raise Refusal("要求答复日期不能早于征求日期，请改正。", field="answer_by")
    with transaction.atomic():
        now = locked(commendation)
        _require_undecided(now)
        waiting = list(now.nominations.active().exclude(consultations__organ=organ))
        if not waiting:
            raise Refusal(f"没有需要向{organ}征求意见的提名：还没有提名，或都已征求过。", field="organ")
        Consultation.objects.bulk_create(
            Consultation(nomination=each, organ=organ, asked_on=asked_on, answer_by=answer_by, asked_by=actor.human)
            for each in waiting
        )
        audit_log.record(actor, "commendation.consult", now, detail=f"{organ}，{len(waiting)} 份提名")
    return len(waiting)


def record_opinion(consultation: Consultation, opinion: str, answered_on: date, answer: str, actor: Actor) -> None:
    """Record what the organ answered about one nominee; a later answer takes the place of the former. Raises Refusal."""
    if opinion == ConsultedOpinion.OBJECTS and not answer.strip():
        raise Refusal(NO_WORDS, field="answer")
    _require_day(answered_on, consultation.asked_on, actor)
    with transaction.atomic():
        now = locked(consultation.nomination.commendation)
        _require_undecided(now)
        Consultation.objects.filter(pk=consultation.pk).update(
            opinion=opinion, answered_on=answered_on, answer=answer.strip()
        )
        audit_log.record(actor, "commendation.opinion", consultation.nomination, detail=consultation.organ)


def record_clear(commendation: Commendation, organ: str, answered_on: date, actor: Actor) -> int:
    """Record 无不同意见 for every nominee about whom the organ was asked and did not answer yet; return how many. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        _require_undecided(now)
        waiting = Consultation.objects.filter(nomination__commendation=now, organ=organ, answered_on=None)
        asked = list(waiting.values_list("asked_on", flat=True))
        if not asked:
            raise Refusal(f"没有等待{organ or '这个部门'}答复的提名。", field="organ")
        _require_day(answered_on, max(asked), actor)
        waiting.update(opinion=ConsultedOpinion.CLEAR, answered_on=answered_on)
        audit_log.record(actor, "commendation.opinion", now, detail=f"{organ}：{len(asked)} 份提名无不同意见")
    return len(asked)


def _require_day(answered_on: date, asked_on: date, actor: Actor) -> None:
    if answered_on < asked_on:
        raise Refusal(f"答复日期不能早于征求日期 {asked_on}，请改正。", field="answered_on")
    if answered_on > actor.today:
        raise Refusal(f"答复日期 {answered_on} 还没有到，请填今天或以前的日期。", field="answered_on")


def _require_undecided(commendation: Commendation) -> None:
    if commendation.stage in (CommendationStage.DECIDED, CommendationStage.ENDED, CommendationStage.PURGED):
        raise Refusal(f"“{commendation}”已经作出决定或终止，不再征求意见。")
