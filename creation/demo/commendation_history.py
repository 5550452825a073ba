"""Commendations of the demonstration: one that is decided, one in which the committee votes, one that takes nominations."""

from datetime import datetime
from typing import Any

from creation.audit.actor import Actor
from creation.commendation import commendations, consultations, nominations, publication, voting
from creation.commendation.commendations import CommendationCall
from creation.commendation.consultations import USUAL_ORGANS
from creation.commendation.nominations import NominationText
from creation.demo.accounts import People
from creation.demo.sentences import texts
from creation.demo.timeline import DemoTimeline
from creation.models import Campaign, Commendation, Membership, NominationKind, Objection, Unit, User, VoteChoice
from creation.rules.policy import Role

ANSWER_WITHIN = 5  # days that an organ has to answer
EVERYBODY = (Role.LEADING_GROUP, Role.COORDINATOR, Role.REVIEWER, Role.INSPECTOR)


class CommendationHistory:
    """Plans what ``words/year_end.toml`` tells. Nominations are counted from 0 there."""

    def __init__(self, campaign: Campaign, people: People, timeline: DemoTimeline) -> None:
        self.campaign, self.timeline, self.office = campaign, timeline, people[Role.COORDINATOR][0]
        self.committee = [people[role][0] for role in EVERYBODY]
        self.clerks = {person.unit_id: person for person in people[Role.CLERK]}

    def plan(self) -> None:
        for said in texts("year_end")["commendations"]:
            self.timeline.plan(self.timeline.at(said["day"], 9, 10), self._open, said)

    def _open(self, said: dict[str, Any], at: datetime) -> None:
        named = {name: said[name] for name in ("name", "collectives", "people", "conditions", "quorum")}
        call = CommendationCall(**named, nominate_until=self.timeline.day(said["until"]), members=self.committee)
        made = commendations.open_commendation(self.campaign, call, Actor(self.office, at))
        for step, act in (
            ("asked", self._consult),
            ("answered", self._note_answers),
            ("voting", self._vote),
            ("published", self._publish),
            ("decided", self._decide),
        ):
            if step in said:
                self.timeline.plan(self.timeline.at(said[step], 15), act, made.pk, said)
        for place, nomination in enumerate(said["nominations"]):
            day = said["day"] + 1 + place
            self.timeline.plan(
                self.timeline.at(day, 11), self._nominate, made, nomination, said.get("withdrawn") == place
            )

    def _nominate(self, call: Commendation, said: list[str], withdrawn: bool, at: datetime) -> None:
        short_name, name, merits, reason = said
        unit = Unit.objects.get(district=self.campaign.district, short_name=short_name)
        held = Membership.objects.recipients(at.date(), Role.LIAISON).for_campaign(self.campaign)
        liaison = held.filter(unit=unit).people()[0]
        person = self.clerks.get(unit.pk, liaison)
        text = NominationText(NominationKind.PERSON, person.name, person.post, merits, reason)
        if name:
            text = NominationText(NominationKind.COLLECTIVE, f"{unit.short_name}{name}", "", merits, reason)
        made = nominations.nominate(call, unit, text, Actor(liaison, at))
        if withdrawn:
            nominations.withdraw_nomination(made, Actor(liaison, at.replace(hour=16)))

    def _consult(self, key: int, said: dict[str, Any], at: datetime) -> None:
        call, actor = self._call(key), Actor(self.office, at)
        by = self.timeline.day(said["asked"] + ANSWER_WITHIN)
        for organ in USUAL_ORGANS:
            consultations.ask(call, organ, actor.today, by, actor)

    def _note_answers(self, key: int, said: dict[str, Any], at: datetime) -> None:
        call, actor = self._call(key), Actor(self.office, at)
        for organ in USUAL_ORGANS:
            if organ != said.get("left"):
                consultations.record_clear(call, organ, actor.today, actor)

    def _vote(self, key: int, said: dict[str, Any], at: datetime) -> None:
        voting.open_vote(self._call(key), Actor(self.office, at))
        call = self._call(key)
        for person in self.committee[-said.get("ballots", len(self.committee)) :]:
            self._hand_in(call, person, said.get("against", ()), at)
        if "published" in said:
            voting.close_vote(call, Actor(self.office, at.replace(hour=17)))

    def _hand_in(self, call: Commendation, person: User, against: list[int], at: datetime) -> None:
        seat = call.seats.select_related("person", "commendation").get(person=person)
        choices = {
            each.pk: VoteChoice.NO if each.serial - 1 in against else VoteChoice.YES for each in voting.ballot_of(seat)
        }
        voting.vote(seat, choices, Actor(person, at.replace(hour=16)))

    def _publish(self, key: int, said: dict[str, Any], at: datetime) -> None:
        call, actor = self._call(key), Actor(self.office, at)
        passed = [pk for pk, result in voting.results_of(call).items() if result.passed]
        chosen = list(call.nominations.filter(pk__in=passed).for_table())
        publication.publish(call, chosen, publication.earliest_end(actor.today, self.timeline.calendar), actor)
        raised_by, text, handling = said["objection"]
        later = Actor(self.office, at.replace(hour=17))
        objection = publication.record_objection(chosen[0], raised_by, later.today, text, later)
        found = Objection.objects.select_related("nomination__commendation").get(pk=objection.pk)
        publication.handle_objection(found, False, handling, later)

    def _decide(self, key: int, said: dict[str, Any], at: datetime) -> None:
        actor = Actor(self.office, at)
        publication.decide(self._call(key), said["number"], actor.today, actor)

    def _call(self, key: int) -> Commendation:
        return Commendation.objects.select_related("campaign").get(pk=key)
