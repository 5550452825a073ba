"""The self-assessment report of the demonstration: written, made final, and entered on the national site in part."""

from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from creation import background
from creation.audit.actor import Actor
from creation.demo import papers
from creation.demo.accounts import People
from creation.demo.papers import SamplePage
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.models import Campaign, User
from creation.papers import application_entries, self_assessment
from creation.rules.policy import Role

ENTERED, WITH_RECEIPT = 6, 2  # checkpoints


def plan(campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
    said, office = texts("year_end")["report"], people[Role.COORDINATOR][0]
    timeline.plan(timeline.at(said["written"], 16), _write, campaign, office)
    timeline.plan(timeline.at(said["final"], 17, 30), _make_final, campaign, office)
    timeline.plan(timeline.at(said["entered"], 15), _enter, campaign, office)


def _write(campaign: Campaign, office: User, at: datetime) -> None:
    for slot in (self_assessment.INTRODUCTION, self_assessment.CONCLUSION):
        self_assessment.save_passage(campaign, slot, texts("year_end")["report"][slot], 0, Actor(office, at))


def _make_final(campaign: Campaign, office: User, at: datetime) -> None:
    """Make it as the button does, so that it is numbered and stored; what changes afterwards is listed."""
    job = background.request_job("final_assessment", {"campaign": campaign.pk}, Actor(office, at))
    background.run_now(job, lambda: at)


def _enter(campaign: Campaign, office: User, at: datetime) -> None:
    actor = Actor(office, at)
    ready = [each for each in application_entries.application_items(campaign, office) if each.is_ready][:ENTERED]
    for number, each in enumerate(ready, 1):
        application_entries.mark_entered(campaign, each.indicator, f"平台回执号 示例{number:03}", actor)
    for each in ready[:WITH_RECEIPT]:
        title = f"申报平台回执 {each.indicator.code}（示例）"
        content = papers.make(SamplePage("pdf", title, campaign.host.name, at.date(), 1, "", ("已上传。",)))
        receipt = SimpleUploadedFile(f"{title}.pdf", content)
        application_entries.add_receipt(campaign, each.indicator, receipt, actor)
