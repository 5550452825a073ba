"""Mock assessments of the demonstration: one that is closed, with its results, and one in which assessors are scoring."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from creation.appraisal import organizing, requests, score_sheet
from creation.appraisal.organizing import ExtraPoint, NewAppraisal
from creation.audit.actor import Actor
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.models import Appraisal, AppraisalSeat, Campaign, Membership, PointEffect, Unit, User
from creation.rules.policy import Role

POINTS = Decimal(10)
WHOLE, HALF = Decimal(100), Decimal(2)  # shares are per cent; assessors give half points


class AppraisalHistory:
    """Plans what ``words/year_end.toml`` tells."""

    def __init__(self, campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
        self.campaign, self.timeline, self.office = campaign, timeline, people[Role.COORDINATOR][0]
        self.assessors: Mapping[str, User] = {
            "expert": people[Role.ASSESSOR][0],
            "reviewer": people[Role.REVIEWER][0],
            "inspector": people[Role.INSPECTOR][0],
        }

    def plan(self) -> None:
        for said in texts("year_end")["appraisals"]:
            self.timeline.plan(self.timeline.at(said["day"], 9, 20), self._organize, said)

    def _organize(self, said: dict[str, Any], at: datetime) -> None:
        named = {name: said[name] for name in ("name", "kind", "note", "sections")}
        units = Unit.objects.filter(district=self.campaign.district, short_name__in=said["units"])
        new = NewAppraisal(
            **named,
            starts=self.timeline.day(said["starts"]),
            ends=self.timeline.day(said["ends"]),
            units=list(units),
            default_points=POINTS,
            assessors={self.assessors[name]: [] for name in said["assessors"]},
            extras=[ExtraPoint(title, effect, Decimal(points)) for title, effect, points in said["extras"]],
        )
        made = organizing.create_appraisal(self.campaign, new, Actor(self.office, at))
        for place, given in enumerate(said["given"]):
            self.timeline.plan(self.timeline.at(said["scored"], 10 + place), self._score, made, given)
        for asked in said.get("asked", ()):
            self.timeline.plan(self.timeline.at(said["scored"], 14), self._ask, made, asked)
        if "closed" in said:
            self.timeline.plan(self.timeline.at(said["closed"], 16, 40), self._close, made)

    def _score(self, appraisal: Appraisal, given: dict[str, Any], at: datetime) -> None:
        seat, place = self._seat(appraisal, given["by"]), count()
        actor = Actor(seat.person, at)
        for unit in appraisal.units.order_by("order"):
            for line in score_sheet.lines_of(seat, unit):
                number = next(place) % len(given["shares"])
                share = given["shares"][number]
                if line.point.effect == PointEffect.NORMAL and share >= 0:
                    value = (line.point.points * share / WHOLE * HALF).to_integral_value() / HALF
                    score_sheet.save_score(seat, line.point, unit, value, given["remarks"][number], actor)

    def _ask(self, appraisal: Appraisal, said: dict[str, Any], at: datetime) -> None:
        seat = self._seat(appraisal, "expert")
        unit = appraisal.units.get(short_name=said["unit"])
        line = score_sheet.lines_of(seat, unit)[0]
        asked = requests.ask(seat, line.point, unit, said["text"], Actor(seat.person, at))
        if "answer" in said:
            held = Membership.objects.recipients(at.date(), Role.LIAISON).for_campaign(self.campaign)
            liaison = held.filter(unit=unit).people()[0]
            requests.answer(asked, said["answer"], Actor(liaison, at.replace(hour=16)))

    def _close(self, appraisal: Appraisal, at: datetime) -> None:
        organizing.close_appraisal(appraisal, Actor(self.office, at))

    def _seat(self, appraisal: Appraisal, name: str) -> AppraisalSeat:
        return appraisal.seats.select_related("person", "appraisal__campaign").get(person=self.assessors[name])
