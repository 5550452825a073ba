"""Reminders of commendations, each once: the term of nominations, opinions that are late, votes and decisions that are waited for.

Names of nominees are left out, as in all notices: they could not be removed later.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import (
    CampaignState,
    Commendation,
    CommendationStage,
    Consultation,
    Membership,
    NoticeKind,
    Objection,
    User,
)
from creation.people import notifications
from creation.people.recipients import coordinators_of
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

VOTE_WORKDAYS = 2  # after which members are reminded of the vote


def remind(actor: Actor, covered: date, calendar: Workdays) -> None:
    """``covered``: the last day for which the reminders of today speak."""
    rows = Commendation.objects.running().filter(campaign__state=CampaignState.OPEN)
    for each in rows.select_related("campaign__district"):
        if each.stage == CommendationStage.NOMINATING:
            _remind_of_nominations(each, actor, covered)
        elif each.stage == CommendationStage.VOTING:
            _remind_voters(each, actor, calendar)
        elif each.stage == CommendationStage.PUBLIC:
            _remind_of_the_decision(each, actor)
        _remind_of_opinions(each, actor)


def _remind_of_nominations(commendation: Commendation, actor: Actor, covered: date) -> None:
    until = commendation.nominate_until
    if until < actor.today:
        text = f"{commendation}的提名已于 {until:%Y-%m-%d} 截止，请征求意见后开始表决。"
        _tell(coordinators_of(commendation.campaign, actor), commendation, text, f"{until}/over", actor)
    elif until <= covered:
        nominated = commendation.nominations.active().values("unit")
        held = Membership.objects.recipients(actor.today, Role.LIAISON).for_campaign(commendation.campaign)
        text = f"{commendation}的提名 {until:%Y-%m-%d} 截止，本单位还没有提名。要提名的，请在截止前办理。"
        _tell(held.exclude(unit__in=nominated).people(), commendation, text, f"{until}/ends", actor)


def _remind_voters(commendation: Commendation, actor: Actor, calendar: Workdays) -> None:
    assert commendation.voting_at is not None  # noqa: S101 - the stage says so
    if timezone.localdate(commendation.voting_at) <= calendar.shift(actor.today, -VOTE_WORKDAYS):
        waiting = commendation.seats.filter(voted_at=None).select_related("person")
        text = f"请参加评选表决：{commendation}，您还没有投票。"
        _tell([seat.person for seat in waiting], commendation, text, "vote/again", actor)


def _remind_of_the_decision(commendation: Commendation, actor: Actor) -> None:
    assert commendation.public_until is not None  # noqa: S101 - the stage says so
    if commendation.public_until < actor.today:
        left = Objection.objects.filter(nomination__commendation=commendation, handled_at=None).count()
        first = f"先处理 {left} 条异议，再" if left else ""
        last = "作出决定" if commendation.nominations.commended().exists() else "终止评选，没有可以表彰的对象"
        text = f"{commendation}的公示已于 {commendation.public_until:%Y-%m-%d} 期满，请{first}{last}。"
        people = coordinators_of(commendation.campaign, actor)
        _tell(people, commendation, text, f"{commendation.public_until}/decide", actor)


def _remind_of_opinions(commendation: Commendation, actor: Actor) -> None:
    late = Consultation.objects.filter(
        nomination__commendation=commendation,
        nomination__withdrawn_at=None,
        answered_on=None,
        answer_by__lt=actor.today,
    )
    organs = Counter(late.values_list("organ", flat=True))
    if organs:
        named = "、".join(f"{organ} {count} 份" for organ, count in sorted(organs.items()))
        last = max(late.values_list("answer_by", flat=True))
        text = f"{commendation}征求的意见过期没有答复：{named}。请催问，收到后登记。"
        _tell(coordinators_of(commendation.campaign, actor), commendation, text, f"{last}/opinions", actor)


def _tell(people: Iterable[User], commendation: Commendation, text: str, dedup_key: str, actor: Actor) -> None:
    for person in people:
        notifications.notify(
            person,
            NoticeKind.REMINDER,
            text,
            actor,
            subject=f"commendation/{commendation.pk}",
            dedup_key=dedup_key,
        )
