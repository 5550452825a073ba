"""The call for nominations: the coordinator opens it and may change it until the vote; units are told once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.communication.announcements import recipients_in
from creation.lib.refusals import Refusal, require_text
from creation.models import (
    Campaign,
    Commendation,
    CommendationStage,
    CommitteeSeat,
    Membership,
    NoticeKind,
    Unit,
    Urgency,
    User,
)
from creation.people import notifications
from creation.rules.policy import PERMISSION_MATRIX, Permission

NO_NAME = "请填写名称，如“2026年法治政府建设示范创建表彰”。"
NO_CONDITIONS = "请填写评选条件。"
NO_MEMBERS = "请至少选择一名评选委员。"
NO_QUOTA = "集体名额和个人名额至少填一个。"
NOT_OPEN = "不能办理评选表彰"
MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class CommendationCall:
    """What the call says. ``quorum``: so many members must vote."""

    name: str
    collectives: int
    people: int
    conditions: str
    nominate_until: date
    quorum: int
    members: Collection[User]


def possible_members(campaign: Campaign, on: date) -> list[User]:
    """Return the people whose role lets them vote."""
    roles = PERMISSION_MATRIX[Permission.COMMENDATION_VOTE]
    return Membership.objects.recipients(on, *roles).for_campaign(campaign).people()


def open_commendation(campaign: Campaign, call: CommendationCall, actor: Actor) -> Commendation:
    """Open the call and tell the units. Raises Refusal."""
    with transaction.atomic():
        now = lock_open(campaign, NOT_OPEN)
        _require_valid(now, call, actor)
        made = Commendation.objects.create(campaign=now, created_by=actor.human, created_at=actor.at, **_columns(call))
        _seat(made, call.members)
        audit_log.record(actor, "commendation.open", now, detail=_detail(made, call))
        text = f"{made}开始提名，请于 {made.nominate_until:%Y-%m-%d} 前提名集体和个人。"
        tell_units(made, text, actor, "opened")
    return made


def change_commendation(commendation: Commendation, call: CommendationCall, actor: Actor) -> None:
    """Change the call before the vote, for example to extend the term. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.NOMINATING, "已经开始表决，不能再修改。")
        _require_valid(now.campaign, call, actor, now)
        Commendation.objects.filter(pk=now.pk).update(**_columns(call))
        now.seats.exclude(person__in=call.members).delete()
        _seat_others(now, call.members)
        audit_log.record(actor, "commendation.change", now.campaign, detail=_detail(now, call))


def change_committee(commendation: Commendation, members: Collection[User], actor: Actor) -> None:
    """Replace members who cannot vote while the vote runs. Who has voted stays, and so does the quorum. Raises Refusal."""
    with transaction.atomic():
        now = locked(commendation)
        require_stage(now, CommendationStage.VOTING, "不在表决，不能这样调整委员。")
        voted = [seat.person for seat in now.seats.exclude(voted_at=None).select_related("person")]
        if gone := [person for person in voted if person not in members]:
            raise Refusal(f"{gone[0]}已经投票，不能移出委员，请重新勾选。", field="members")
        _require_members(now.campaign, [person for person in members if person not in voted], actor)
        if len(members) < now.quorum:
            sentence = f"至少 {now.quorum} 名委员投票才有效，委员不能少于 {now.quorum} 人，请补选。"
            raise Refusal(sentence, field="members")
        now.seats.exclude(person__in=members).delete()
        tell(_seat_others(now, members), now, f"请参加评选表决：{now}。", actor, "vote")
        words = f"{now}；表决期间调整委员为 {'、'.join(map(str, members))}"
        audit_log.record(actor, "commendation.change", now.campaign, detail=words)


def locked(commendation: Commendation) -> Commendation:
    """Return the row as it is now, locked until the end of the transaction. Raises Refusal when the campaign is closed."""
    rows = Commendation.objects.select_for_update(of=("self",)).select_related("campaign__district")
    now = rows.get(pk=commendation.pk)
    now.campaign.require_open(NOT_OPEN)
    return now


def require_stage(commendation: Commendation, stage: CommendationStage, sentence: str) -> None:
    """Raise Refusal unless it stands at this stage. ``sentence``: why not, after the name."""
    if commendation.stage == CommendationStage.ENDED:
        raise Refusal(f"“{commendation}”已经终止，不能再办理。")
    if commendation.stage != stage:
        raise Refusal(f"“{commendation}”{sentence}")


def tell_units(commendation: Commendation, text: str, actor: Actor, dedup_key: str) -> None:
    """Tell the liaisons of all units of the district, once."""
    units = Unit.objects.active(actor.today).filter(district=commendation.campaign.district_id)
    tell(recipients_in(commendation.campaign, units, actor), commendation, text, actor, dedup_key)


def tell(people: Iterable[User], commendation: Commendation, text: str, actor: Actor, dedup_key: str) -> None:
    for person in people:
        notifications.notify(
            person,
            NoticeKind.ANNOUNCEMENT,
            text,
            actor,
            subject=f"commendation/{commendation.pk}",
            dedup_key=dedup_key,
            urgency=Urgency.AT_ONCE,
        )


def _columns(call: CommendationCall) -> dict[str, object]:
    names = ("collectives", "people", "nominate_until", "quorum")
    return {name: getattr(call, name) for name in names} | {
        "name": call.name.strip(),
        "conditions": call.conditions.strip(),
    }


def _seat(commendation: Commendation, people: Iterable[User]) -> None:
    CommitteeSeat.objects.bulk_create(CommitteeSeat(commendation=commendation, person=person) for person in people)


def _seat_others(commendation: Commendation, people: Iterable[User]) -> list[User]:
    """Seat those who have no seat yet; return them."""
    seated = set(commendation.seats.values_list("person", flat=True))
    others = [person for person in people if person.pk not in seated]
    _seat(commendation, others)
    return others


def _require_members(campaign: Campaign, members: Iterable[User], actor: Actor) -> None:
    allowed = {person.pk for person in possible_members(campaign, actor.today)}
    if strangers := [person for person in members if person.pk not in allowed]:
        raise Refusal(f"{strangers[0]} 的角色不能参加评选表决，请重新选择。", field="members")


def _detail(commendation: Commendation, call: CommendationCall) -> str:
    return (
        f"{commendation}；集体 {call.collectives}、个人 {call.people}；提名截止 {call.nominate_until}；"
        f"委员 {'、'.join(map(str, call.members))}，至少 {call.quorum} 人投票"
    )


def _require_valid(
    campaign: Campaign, call: CommendationCall, actor: Actor, existing: Commendation | None = None
) -> None:
    require_text(call.name, NO_NAME, "name")
    others = campaign.commendations.exclude(pk=existing.pk if existing else 0)
    if others.filter(name=call.name.strip()).exists():
        raise Refusal(f"已有名为“{call.name.strip()}”的评选表彰，请换一个名称。", field="name")
    if call.collectives + call.people < 1:
        raise Refusal(NO_QUOTA, field="collectives")
    require_text(call.conditions, NO_CONDITIONS, "conditions")
    if call.nominate_until < actor.today and (existing is None or call.nominate_until != existing.nominate_until):
        raise Refusal(f"提名截止日期 {call.nominate_until} 已经过去，请改填今天或以后的日期。", field="nominate_until")
    if not call.members:
        raise Refusal(NO_MEMBERS, field="members")
    _require_members(campaign, call.members, actor)
    if not 1 <= call.quorum <= len(call.members):
        raise Refusal(f"投票有效人数须在 1 和委员人数（{len(call.members)}）之间，请改正。", field="quorum")
