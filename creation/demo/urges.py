"""The office urges units that are late: three times a few, so that there is somebody to phone."""

from creation.audit.trail import Actor
from creation.demo.story import Story
from creation.models import Campaign, Membership, Task, Unit, User
from creation.notices import escalating, urging
from creation.rules.policy import Role

HOUR = 15
DAYS = (-12, -8, -3)  # the second and third time only what is still open
CALLING = -1
UNITS = 5
REASON = "已过时限，请本周内补报；确有困难的，先申请延期。"


def of_day(number: int, campaign: Campaign, story: Story) -> None:
    office = Actor(_inspector(campaign, story), story.diary.at(number, HOUR))
    if number == CALLING:
        _phone(campaign, office, story)
    if number in DAYS:
        _urge(campaign, office)


def _urge(campaign: Campaign, office: Actor) -> None:
    late = Task.objects.live().filter(campaign=campaign, owner__isnull=False).overdue(office.today)
    units = Unit.objects.filter(pk__in=late.values("unit")).order_by("order")[:UNITS]
    keys = list(late.filter(unit__in=list(units)).values_list("pk", flat=True))
    if keys:
        urging.urge(campaign, keys, REASON, office)


def _phone(campaign: Campaign, office: Actor, story: Story) -> None:
    """One of those to phone has been phoned."""
    if lots := escalating.to_phone(campaign, office.today, story.diary.calendar):
        escalating.record_call(campaign, lots[0].unit, "找到联络员，答应三日内补齐材料。", office)


def _inspector(campaign: Campaign, story: Story) -> User:
    held = Membership.objects.in_force(story.diary.today).of_role(Role.INSPECTOR).filter(district=campaign.district)
    return held.select_related("user")[0].user
