"""Meetings of the demonstration, with their sign-in sheets and what they decided."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from creation.audit.actor import Actor
from creation.demo import papers
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.evidence import attachments
from creation.models import Campaign, Unit
from creation.rules.policy import Role
from creation.supervision import meetings
from creation.supervision.meetings import MeetingText

WRITTEN = ("kind", "title", "place", "chair", "present", "agenda", "minutes")


def plan(campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
    for said in texts("meetings")["meetings"]:
        timeline.plan(timeline.at(said["day"], 17, 30), _record, campaign, people, timeline, said)


def _record(campaign: Campaign, people: People, timeline: DemoTimeline, said: dict[str, Any], at: datetime) -> None:
    actor, title = Actor(people[Role.COORDINATOR][0], at), f"{said['sheet']}（示例）"
    page = papers.SamplePage("docx", title, campaign.host.name, at.date(), -said["day"], "", (said["present"],))
    sheet = SimpleUploadedFile(f"{title}.docx", papers.make(page))
    text = MeetingText(held_on=at.date(), **{name: said[name] for name in WRITTEN})
    with attachments.stored_attachments([sheet]) as files:
        meeting = meetings.record_meeting(campaign, text, actor, files)
    if "decision" in said:
        what, how, due, names = said["decision"]
        units = list(Unit.objects.filter(district=campaign.district, short_name__in=names).order_by("order"))
        meetings.decide(meeting, what, how, units, timeline.day(due), actor)
