"""Reminders of mock assessments, each once: assessors before the end, the organizers after it, units that owe an answer."""

from datetime import date

from creation.appraisal import score_sheet
from creation.audit.actor import Actor
from creation.models import Appraisal, AppraisalRequest, CampaignState, NoticeKind
from creation.people import notifications
from creation.people.recipients import coordinators_of, liaisons_of
from creation.rules.deadlines import Workdays

ANSWER_WORKDAYS = 2  # after which a unit is reminded of a request


def remind(actor: Actor, covered: date, calendar: Workdays) -> None:
    """``covered``: the last day for which the reminders of today speak."""
    running = Appraisal.objects.filter(closed_at=None, campaign__state=CampaignState.OPEN).select_related("campaign")
    for each in running:
        if each.ends < actor.today:
            _remind_organizers(each, actor)
        elif each.starts <= actor.today and each.ends <= covered:
            _remind_assessors(each, actor)
    _remind_units(actor, calendar.shift(actor.today, -ANSWER_WORKDAYS))


def _remind_assessors(appraisal: Appraisal, actor: Actor) -> None:
    for seat in appraisal.seats.select_related("person"):
        seat.appraisal = appraisal
        left = sum(each.total - each.done for each in score_sheet.progress_of(seat))
        if left:
            text = f"模拟考核“{appraisal}”到 {appraisal.ends:%Y-%m-%d} 结束，您还有 {left} 项没有评，请及时评分。"
            notifications.notify(
                seat.person,
                NoticeKind.REMINDER,
                text,
                actor,
                subject=f"appraisal/{appraisal.pk}",
                dedup_key=f"{appraisal.ends}/unscored",
            )


def _remind_organizers(appraisal: Appraisal, actor: Actor) -> None:
    text = f"模拟考核“{appraisal}”的评分时间 {appraisal.ends:%Y-%m-%d} 已过。请看各人是否评完，再结束评分、看结果。"
    for person in coordinators_of(appraisal.campaign, actor):
        notifications.notify(
            person,
            NoticeKind.REMINDER,
            text,
            actor,
            subject=f"appraisal/{appraisal.pk}",
            dedup_key=f"{appraisal.ends}/open",
        )


def _remind_units(actor: Actor, asked_until: date) -> None:
    """Remind the liaisons of requests that were made on that day or before and are not answered."""
    waiting = AppraisalRequest.objects.filter(
        answered_at=None,
        asked_at__date__lte=asked_until,
        seat__appraisal__closed_at=None,
        seat__appraisal__campaign__state=CampaignState.OPEN,
    )
    for each in waiting.select_related("seat__appraisal__campaign", "point__indicator", "unit"):
        for person in liaisons_of(each.seat.appraisal.campaign, actor, each.unit):
            notifications.notify(
                person,
                NoticeKind.REMINDER,
                f"考核组要求补充的还没有答复：{each.point}。请尽快答复。",
                actor,
                subject=f"appraisal_request/{each.pk}",
                dedup_key="again",
            )
