"""An assessor asks a unit for something at a point; the unit answers, and the answer lands beside the point."""

from django.db import transaction

from creation.appraisal.score_sheet import NO_SEAT
from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, require_text
from creation.models import AppraisalPoint, AppraisalRequest, AppraisalSeat, NoticeKind, Unit, Urgency
from creation.people import notifications
from creation.people.recipients import liaisons_of

NO_TEXT, NO_ANSWER = "请写明需要单位补充什么。", "请填写答复。"
MAX_TEXT = 2000


def ask(seat: AppraisalSeat, point: AppraisalPoint, unit: Unit, text: str, actor: Actor) -> AppraisalRequest:
    """Ask the unit, whose liaisons are told at once. Raises Refusal."""
    require_text(text, NO_TEXT, "text")
    if seat.person_id != actor.human.pk:
        raise Refusal(NO_SEAT, 403)
    with transaction.atomic():
        lock_open(seat.appraisal.campaign, "不能再要求补充")
        if not seat.appraisal.is_open:
            raise Refusal(f"“{seat.appraisal}”的评分已经结束，不能再要求补充。")
        asked = AppraisalRequest.objects.create(seat=seat, point=point, unit=unit, text=text.strip(), asked_at=actor.at)
        audit_log.record(actor, "appraisal.ask", seat.appraisal.campaign, detail=f"{asked}：{asked.text}")
        for person in liaisons_of(seat.appraisal.campaign, actor, unit):
            words = f"考核组要求补充：{point}。{asked.text}"
            notifications.notify(
                person,
                NoticeKind.REQUEST,
                words,
                actor,
                subject=f"appraisal_request/{asked.pk}",
                dedup_key="asked",
                urgency=Urgency.AT_ONCE,
            )
    return asked


def answer(asked: AppraisalRequest, text: str, actor: Actor) -> None:
    """Answer for the unit, once, and tell the assessor. Raises Refusal."""
    require_text(text, NO_ANSWER, "answer")
    with transaction.atomic():
        now = (
            AppraisalRequest.objects.select_for_update(of=("self",))
            .select_related("seat__appraisal__campaign")
            .get(pk=asked.pk)
        )
        lock_open(now.seat.appraisal.campaign, "不用再答复")
        if now.answered_at:
            raise Refusal(f"已由 {now.answered_by} 答复，不能重复答复。")
        if not now.seat.appraisal.is_open:
            raise Refusal(f"“{now.seat.appraisal}”的评分已经结束，不用再答复。")
        now.answer, now.answered_by, now.answered_at = text.strip(), actor.human, actor.at
        now.save(update_fields=["answer", "answered_by", "answered_at"])
        audit_log.record(actor, "appraisal.answer", now.seat.appraisal.campaign, detail=f"{now}：{now.answer}")
        notifications.notify(
            now.seat.person,
            NoticeKind.REQUEST,
            f"{now.unit}已补充：{now.point}",
            actor,
            subject=f"appraisal_request/{now.pk}",
            dedup_key="answered",
        )
