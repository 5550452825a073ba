"""The committee's vote: one whole ballot a member, secret, without the own unit; its result is known when it is closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.commendation.commendations import locked, require_stage, tell
from creation.lib.refusals import Refusal
from creation.models import (
    Commendation,
    CommendationStage,
    CommitteeSeat,
    Nomination,
    Vote,
    VoteChoice,
)

NO_SEAT = "您不是这次评选的委员。"
INCOMPLETE = "请对每一份提名表决，再投票。"


@dataclass(frozen=True, slots=True)
class VoteResult:
    """``recused``: members who did not vote because the nominee is of their own unit (回避)."""

    yes: int
    no: int
    abstained: int
    recused: int

    @property
    def passed(self) -> bool:
        """More than half of those who voted on this nomination said yes."""
        return self.yes * 2 > self.yes + self.no + self.abstained


def open_vote(commendation: Commendation, actor: Actor) -> None:
    """Begin the vote after the term: nominations stay as they are. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.NOMINATING, "已经开始表决。")
        if actor.today <= now.nominate_until:
            raise Refusal(f"提名到 {now.nominate_until:%Y-%m-%d} 才截止，请在截止后开始表决，或先把截止日期提前。")
        if not now.nominations.active().exists():
            raise Refusal("还没有提名，不能开始表决。")
        Commendation.objects.filter(pk=now.pk).update(voting_at=actor.at)
        audit_log.record(actor, "commendation.vote_open", now)
        members = [seat.person for seat in now.seats.select_related("person")]
        tell(members, now, f"请参加评选表决：{now}。", actor, "vote")


def seat_of(commendation: Commendation, person_id: int) -> CommitteeSeat | None:
    return commendation.seats.filter(person=person_id).select_related("person").first()


def ballot_of(seat: CommitteeSeat) -> list[Nomination]:
    """Return the nominations on which this member votes: all but those of the own unit."""
    return list(seat.commendation.nominations.active().for_table().exclude(unit=seat.person.unit_id))


def recused_from(seat: CommitteeSeat) -> list[Nomination]:
    """Return the nominations of the member's own unit."""
    return list(seat.commendation.nominations.active().for_table().filter(unit=seat.person.unit_id))


def vote(seat: CommitteeSeat, choices: Mapping[int, str], actor: Actor) -> None:
    """Hand in the whole ballot of the acting member: nomination → choice. Raises Refusal."""
    with transaction.atomic():
        now = locked(seat.commendation)
        own = CommitteeSeat.objects.select_for_update(of=("self",)).select_related("person").get(pk=seat.pk)
        if own.person_id != actor.human.pk:
            raise Refusal(NO_SEAT, 403)
        require_stage(now, CommendationStage.VOTING, "现在不能表决。")
        if own.voted_at:
            raise Refusal("您已经投过票，每人只投一次，不能更改。", 409)
        wanted = {each.pk for each in ballot_of(own)}
        if set(choices) - wanted:
            raise Refusal("本单位的提名您须回避，不在表决票里的提名不能表决。请刷新后再投。")
        if wanted - set(choices) or not set(choices.values()) <= set(VoteChoice.values):
            raise Refusal(INCOMPLETE)
        Vote.objects.bulk_create(Vote(seat=own, nomination_id=key, choice=choice) for key, choice in choices.items())
        CommitteeSeat.objects.filter(pk=own.pk).update(voted_at=actor.at)
        audit_log.record(actor, "commendation.vote", now)


def close_vote(commendation: Commendation, actor: Actor) -> None:
    """End the vote: from now on the result is known. Raises Refusal while too few have voted."""
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.VOTING, "没有正在进行的表决。")
        voted = now.seats.filter(voted_at__isnull=False).count()
        if voted < now.quorum:
            raise Refusal(f"至少 {now.quorum} 名委员投票才有效，现在 {voted} 名。请提醒没有投票的委员。")
        Commendation.objects.filter(pk=now.pk).update(closed_at=actor.at)
        audit_log.record(actor, "commendation.vote_close", now, detail=f"{voted} 名委员投票")


def results_of(commendation: Commendation) -> dict[int, VoteResult]:
    """Return nomination → result; nothing before the vote is closed, whoever asks."""
    if commendation.closed_at is None:
        return {}
    rows = Vote.objects.filter(seat__commendation=commendation).values_list("nomination", "choice")
    counts = {(key, choice): n for key, choice, n in rows.annotate(n=Count("pk")).order_by()}
    voters = commendation.seats.filter(voted_at__isnull=False).count()
    found = {}
    for key in commendation.nominations.active().values_list("pk", flat=True):
        yes, no, abstained = (counts.get((key, choice), 0) for choice in VoteChoice.values)
        found[key] = VoteResult(yes, no, abstained, voters - yes - no - abstained)
    return found
