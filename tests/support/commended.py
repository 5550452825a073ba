"""A commendation that came to its decision: a collective and a person, each of a unit of its own."""

from datetime import date, timedelta

from creation.models import Commendation, CommitteeSeat, Consultation, Nomination, Vote
from tests.support.world import NOW, TODAY, World


def decided_commendation(world: World, text: str = "主办案卷评查。") -> Commendation:
    by = world.people["coordinator"]
    made = Commendation.objects.create(
        campaign=world.campaign,
        name="年度表彰",
        collectives=1,
        people=1,
        conditions="成绩突出。",
        nominate_until=TODAY - timedelta(days=30),
        quorum=1,
        created_by=by,
        created_at=NOW,
        voting_at=NOW,
        closed_at=NOW,
        public_from=date(2026, 7, 13),
        public_until=date(2026, 7, 20),
        decided_on=date(2026, 7, 21),
        decision_number="源政〔2026〕12号",
    )
    seat = CommitteeSeat.objects.create(commendation=made, person=world.people["chief"], voted_at=NOW)
    plan = [("collective", "老街街道", "老街街道执法中队", ""), ("person", "城管局", "甲某某", "科长")]
    for serial, (kind, unit, name, post) in enumerate(plan, 1):
        row = Nomination.objects.create(
            commendation=made,
            serial=serial,
            unit=world.units[unit],
            kind=kind,
            name=name,
            post=post,
            merits=text,
            reason=text,
            created_by=by,
            created_at=NOW,
            proposed=True,
        )
        Vote.objects.create(seat=seat, nomination=row, choice="yes")
        Consultation.objects.create(
            nomination=row,
            organ="公安机关",
            asked_on=date(2026, 7, 1),
            answer_by=TODAY,
            asked_by=by,
            opinion="clear",
            answered_on=date(2026, 7, 2),
        )
    return made


def commendation_in_nomination(world: World) -> Commendation:
    """Return the same, in its first stage, with the coordinator in the committee."""
    made = decided_commendation(world)
    Vote.objects.all().delete()
    CommitteeSeat.objects.update(person=world.people["coordinator"], voted_at=None)
    made.nominations.update(proposed=False)
    steps = dict.fromkeys(("voting_at", "closed_at", "public_from", "public_until", "decided_on"))
    Commendation.objects.filter(pk=made.pk).update(**steps, decision_number="", nominate_until=TODAY)
    return Commendation.objects.get(pk=made.pk)
