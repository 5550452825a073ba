"""What units of the demonstration published, and the typical cases that two of them wrote."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from creation.audit.actor import Actor
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.models import Campaign, Membership, TypicalCase, Unit, User
from creation.publicity import cases, register
from creation.publicity.cases import CaseText
from creation.publicity.register import NewPublicity
from creation.rules.policy import Role


def plan(campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
    said = texts("publicity")
    for item in said["published"]:
        timeline.plan(timeline.at(item["day"], 16), _publish, campaign, timeline, item)
    for case in said["cases"]:
        timeline.plan(timeline.at(case["day"], 15), _write_case, campaign, people, timeline, case)


def _publish(campaign: Campaign, timeline: DemoTimeline, item: dict[str, Any], at: datetime) -> None:
    unit, liaison = _author(campaign, item["unit"], at)
    facts = {name: item[name] for name in ("title", "medium", "kind", "level", "url")}
    new = NewPublicity(published_on=timeline.day(item["day"] - 1), **facts)
    register.record_publicity(campaign, unit, new, Actor(liaison, at))


def _write_case(campaign: Campaign, people: People, timeline: DemoTimeline, said: dict[str, Any], at: datetime) -> None:
    unit, liaison = _author(campaign, said["unit"], at)
    text = CaseText(**{each.name: said[each.name] for each in fields(CaseText)})
    case = cases.write_case(campaign, unit, text, Actor(liaison, at))
    case = cases.submit_case(case, Actor(liaison, at), case.version)
    if "selected" in said:
        timeline.plan(timeline.at(said["selected"], 10), _select, case.pk, people)


def _select(key: int, people: People, at: datetime) -> None:
    case = TypicalCase.objects.select_related("campaign").get(pk=key)
    office = Actor(people[Role.COORDINATOR][0], at)
    cases.judge_case(case, select=True, comment="", actor=office, seen=case.version)


def _author(campaign: Campaign, name: str, at: datetime) -> tuple[Unit, User]:
    unit = Unit.objects.get(district=campaign.district, short_name=name)
    rows = Membership.objects.recipients(at.date(), Role.LIAISON).for_campaign(campaign).filter(unit=unit)
    return unit, rows.people()[0]
