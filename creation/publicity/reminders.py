"""Reminders of typical cases that wait for the office, each once."""

from creation.audit.actor import Actor
from creation.models import CampaignState, CaseState, NoticeKind, TypicalCase
from creation.people import notifications
from creation.people.recipients import coordinators_of
from creation.rules.deadlines import Workdays

JUDGE_WORKDAYS = 5


def remind(actor: Actor, calendar: Workdays) -> None:
    until = calendar.shift(actor.today, -JUDGE_WORKDAYS)
    waiting = TypicalCase.objects.filter(
        state=CaseState.SUBMITTED, submitted_at__date__lte=until, campaign__state=CampaignState.OPEN
    )
    for each in waiting.select_related("campaign", "unit"):
        text = f"{each.unit.short_name}报送的典型经验“{each}”超过 {JUDGE_WORKDAYS} 个工作日没有审核，请办理。"
        for person in coordinators_of(each.campaign, actor):
            notifications.notify(
                person,
                NoticeKind.REMINDER,
                text,
                actor,
                subject=f"case/{each.pk}",
                dedup_key=f"v{each.version}/waiting",
            )
