"""A satisfaction survey of the demonstration that is going on: in most townships many have answered, in one few, in one nobody."""

from datetime import datetime
from random import Random
from typing import Any

from creation.audit.actor import Actor
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import SEED, DemoTimeline
from creation.models import Campaign, Survey, Unit
from creation.rules.policy import Role
from creation.survey import surveys
from creation.survey.surveys import DEFAULT_QUESTIONS, NewSurvey


def plan(campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
    said, chance = texts("survey"), Random(SEED)  # noqa: S311 - no secret; its own, so that the other events stay as they are
    timeline.plan(timeline.at(said["day"], 10), _open, campaign, people, timeline, said)
    for place, row in enumerate(said["units"]):
        timeline.plan(timeline.at(-2, 20, place), _answer, campaign, timeline, chance, said, row)
        if row["papers"]:
            timeline.plan(timeline.at(-1, 11, place), _enter, campaign, people, chance, said, row)


def _open(campaign: Campaign, people: People, timeline: DemoTimeline, said: dict[str, Any], at: datetime) -> None:
    office = Actor(people[Role.COORDINATOR][0], at)
    days = timeline.day(said["begins"]), timeline.day(said["ends"])
    survey = surveys.create_survey(campaign, NewSurvey(said["title"], said["intro"], DEFAULT_QUESTIONS, *days), office)
    for row in said["units"]:
        surveys.add_codes(survey, [_unit(campaign, row)], row["codes"], office)


def _answer(
    campaign: Campaign, timeline: DemoTimeline, chance: Random, said: dict[str, Any], row: dict[str, Any], at: datetime
) -> None:
    survey = campaign.surveys.select_related("campaign").get(title=said["title"])
    batch = survey.batches.select_related("unit").get(unit=_unit(campaign, row))
    for place in range(row["answered"]):
        comment = chance.choice(said["comments"]) if place % 9 == 0 else ""
        day = timeline.day(chance.randint(said["begins"], -1))
        surveys.answer(survey, batch, batch.first + place, _choices(survey, chance, said), comment, day)


def _enter(
    campaign: Campaign,
    people: People,
    chance: Random,
    said: dict[str, Any],
    row: dict[str, Any],
    at: datetime,
) -> None:
    survey, office = campaign.surveys.get(title=said["title"]), Actor(people[Role.INSPECTOR][0], at)
    lines = ["".join(map(str, _choices(survey, chance, said))) for _ in range(row["papers"])]
    surveys.enter_papers(survey, _unit(campaign, row), lines, office)


def _choices(survey: Survey, chance: Random, said: dict[str, Any]) -> list[int]:
    choices, weights = zip(*said["weights"].items(), strict=True)
    return chance.choices([int(each) for each in choices], weights, k=len(survey.questions))


def _unit(campaign: Campaign, row: dict[str, Any]) -> Unit:
    return Unit.objects.get(district=campaign.district, short_name=row["name"])
