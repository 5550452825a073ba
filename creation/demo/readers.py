"""What the office leaves on evidence while it reads: marks on pages, and a few links opened by hand."""

from creation.audit.trail import Actor
from creation.demo.story import Story
from creation.evidence import marking
from creation.evidence.links import sightings, watching
from creation.models import Campaign, Citation, LinkWatch, TaskStatus

READING = 17  # the hour
NOTES = ("责任分工写在本页", "结果在本页第二段", "", "盖章的正文", "完成数和比例见本页", "")
LOOKS = ("电脑上能打开，标题与题名一致", "手机打开正常", "能打开，日期与登记一致")


def of_yesterday(campaign: Campaign, story: Story) -> None:
    office = Actor(story.cast.reviewers[0], story.diary.at(-1, READING))
    _mark(campaign, office)
    _look(office)


def _mark(campaign: Campaign, office: Actor) -> None:
    judged = Citation.objects.live().filter(
        task__campaign=campaign, task__status__in=[TaskStatus.SUBMITTED, TaskStatus.APPROVED], evidence__kind="document"
    )
    for note, citation in zip(NOTES, judged.select_related("task__campaign", "number").order_by("pk"), strict=False):
        version = citation.evidence.versions.latest("number")
        marking.mark(citation, version, 1, note, None, office)


def _look(office: Actor) -> None:
    watching.enlist(office.at)
    for said, watch in zip(LOOKS, LinkWatch.objects.order_by("pk"), strict=False):
        sightings.note(watch, {"opens": True, "seen_on": office.today, "note": said}, None, office)
