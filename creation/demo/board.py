"""The notice board: one announcement to all units, signed by most of them within three workdays."""

from creation.audit.trail import Actor
from creation.communication import announcing
from creation.demo.story import Story
from creation.models import Announcement, Campaign, PhaseKind, Unit

HOUR = 10
FORGETFUL = 5  # one unit in so many has not signed yet
TITLE = "关于集中核对印证资料的通知"
TEXT = """各单位：

收集印证资料阶段将于{day}结束。请对本单位承担的要点作一次核对：

一、题名、文号、成文日期填写完整，与原件一致。
二、被退回的先补正，确有困难的在时限前申请延期。
三、没有此项业务的，写情况说明，盖章后上传扫描件。

（示例，并非真实文件）"""


def of_day(number: int, campaign: Campaign, story: Story) -> None:
    """Issued on the first of the last four workdays, signed on the others."""
    days = list(story.diary.workdays(-12, -1))[-4:]
    if number == days[0]:
        _issue(number, campaign, story)
    elif number in days:
        _sign(number, len(days) - 1, days.index(number), campaign, story)


def _issue(number: int, campaign: Campaign, story: Story) -> None:
    ends = campaign.phases.get(kind=PhaseKind.EVIDENCE).ends
    body = TEXT.format(day=f"{ends.month}月{ends.day}日" if ends else "近期")
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    text = announcing.Text(TITLE, body, units, True, story.diary.day(1))
    announcing.issue(campaign, text, Actor(story.cast.coordinator, story.diary.at(number, HOUR)))


def _sign(number: int, turns: int, turn: int, campaign: Campaign, story: Story) -> None:
    announcement = Announcement.objects.get(campaign=campaign)
    for place, liaison in enumerate(story.cast.liaisons.values()):
        if place % turns == turn - 1 and place % FORGETFUL:
            actor = Actor(liaison, story.diary.at(number, HOUR, place % 60))
            announcing.sign(announcement, announcement.version, actor)
