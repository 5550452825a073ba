"""Rounds of inspection (督导轮次) and their teams."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import (
    Campaign,
    Holiday,
    Indicator,
    InspectionTeam,
    Membership,
    SupervisionRound,
    Unit,
    User,
    Visit,
)
from creation.rules.policy import OFFICE_ROLES
from creation.supervision.visit_notices import tell

NO_NAME = "请填写本轮督导的名称，如：第二轮集中督导。"
NO_TEAM_NAME = "请填写组名，如：第一组。"
STALE = "本轮督导刚刚被他人修改，您的修改没有保存。请核对两边内容后再改。"


@dataclass(frozen=True, slots=True)
class RoundText:
    """What is written about a round; see the fields of ``SupervisionRound``."""

    name: str
    starts: date
    ends: date
    focus: str = ""
    preparation: str = ""
    points: Collection[Indicator] = ()


@dataclass(frozen=True, slots=True)
class TeamText:
    name: str
    leader: User
    members: Collection[User] = ()


def possible_members(campaign: Campaign, today: date) -> Any:
    """Return the people of the office, from whom teams are made up."""
    held = Membership.objects.recipients(today, *OFFICE_ROLES).for_campaign(campaign)
    return User.objects.filter(pk__in=held.values("user")).order_by("name", "pk")


def require_open(campaign: Campaign) -> None:
    """Lock the campaign. Raises Refusal unless it is open."""
    lock_open(campaign, "不能安排或记录督导")


def add_round(campaign: Campaign, text: RoundText, actor: Actor) -> SupervisionRound:
    """Begin a round with the next number. Raises Refusal."""
    _require_text(campaign, text)
    with transaction.atomic():
        require_open(campaign)
        made = SupervisionRound.objects.create(
            campaign=campaign,
            number=_next_number(campaign),
            created_by=actor.human,
            created_at=actor.at,
            **_fields(text),
        )
        made.points.set(text.points)
        audit_log.record(actor, "visit.plan", made, detail=f"{made.starts} 至 {made.ends}")
    return made


def edit_round(row: SupervisionRound, text: RoundText, actor: Actor, seen: int) -> None:
    """Change a round. Units that were told of a visit hear what else they are to have ready. Raises Refusal and Stale."""
    _require_text(row.campaign, text)
    with transaction.atomic():
        require_open(row.campaign)
        if not SupervisionRound.objects.change(row.pk, seen, **_fields(text)):
            raise Stale(STALE, as_text(SupervisionRound.objects.get(pk=row.pk)))
        row.points.set(text.points)
        audit_log.record(actor, "round.edit", row, detail=f"{text.starts} 至 {text.ends}")
        if text.preparation.strip() not in ("", row.preparation):
            for visit in row.visits.unrecorded().filter(announced_for__isnull=False, day__gte=actor.today).for_table():
                said = f"督导走访请准备的有修改：{visit.when}，{text.preparation.strip()}"
                tell(visit, said, f"preparation/{seen}", actor)


def repeat_round(last: SupervisionRound, actor: Actor) -> SupervisionRound:
    """Begin the next round like this one: name, points, teams and units, on the workdays from the next one on. Raises Refusal.

    People who left the office and units that are no longer active are left out. A team whose leader left is led by who repeats it.
    """
    calendar, campaign = Holiday.objects.calendar(), last.campaign

    def same_workday(day: date | None) -> date | None:
        return calendar.shift(starts, calendar.between(last.starts, day)) if day else None

    starts = calendar.shift(max(actor.today, last.ends), 1)
    length = calendar.between(last.starts, last.ends)
    with transaction.atomic():
        name, points = f"第 {_next_number(campaign)} 轮督导", list(last.points.all())
        text = RoundText(name, starts, calendar.shift(starts, length), last.focus, last.preparation, points)
        made = add_round(campaign, text, actor)
        office = set(possible_members(campaign, actor.today))
        active = set(
            Unit.objects.active(actor.today).filter(district=campaign.district_id).values_list("pk", flat=True)
        )
        for team in last.teams.select_related("leader"):
            members = [person for person in team.members.all() if person in office]
            leader = team.leader if team.leader in office else actor.human
            copy = _create_team(made, TeamText(team.name, leader, members))
            Visit.objects.bulk_create(
                Visit(round=made, team=copy, unit_id=each.unit_id, half=each.half, day=same_workday(each.day))
                for each in team.visits.active().by_day()
                if each.unit_id in active
            )
    return made


def is_begun(row: SupervisionRound) -> bool:
    """Return whether a unit has heard of the round, or anything was noted or found in it."""
    told = Q(announced_for__isnull=False) | Q(recorded_at__isnull=False)
    return row.visits.filter(told | Q(checks__isnull=False) | Q(findings__isnull=False)).exists()


def discard_round(row: SupervisionRound, actor: Actor) -> None:
    """Delete a round that was made by mistake, before anybody has heard of it. Raises Refusal."""
    with transaction.atomic():
        require_open(row.campaign)
        SupervisionRound.objects.select_for_update().get(pk=row.pk)
        if is_begun(row):
            raise Refusal("本轮已经通知单位或有走访记录，不能删除。不去的走访请逐次取消。")
        audit_log.record(actor, "round.discard", row, detail=f"{row.starts} 至 {row.ends}")
        row.visits.all().delete()
        row.delete()


def add_team(row: SupervisionRound, text: TeamText, units: Collection[Unit], actor: Actor) -> InspectionTeam:
    """Add a team that visits these units, on days to be planned. Raises Refusal."""
    _require_team(row, text)
    with transaction.atomic():
        require_open(row.campaign)
        made = _create_team(row, text)
        Visit.objects.bulk_create(Visit(round=row, team=made, unit=unit) for unit in units)
        audit_log.record(actor, "round.team", row, detail=_described(text, units))
    return made


def edit_team(team: InspectionTeam, text: TeamText, units: Collection[Unit], actor: Actor) -> None:
    """Change a team's name and people, and give it visits to further units. Raises Refusal."""
    _require_team(team.round, text, team)
    with transaction.atomic():
        require_open(team.round.campaign)
        team.name, team.leader = text.name.strip(), text.leader
        team.save(update_fields=["name", "leader"])
        team.members.set(_besides_leader(text))
        Visit.objects.bulk_create(Visit(round=team.round, team=team, unit=unit) for unit in units)
        audit_log.record(actor, "round.team", team.round, detail=_described(text, units))


def as_text(row: SupervisionRound) -> str:
    """Return what is written about the round, for the page that compares two versions."""
    points = "、".join(point.code for point in row.points.all())
    lines = (
        ("名称", row.name),
        ("日期", f"{row.starts} 至 {row.ends}"),
        ("重点指标", points),
        ("督导重点", row.focus),
        ("请单位准备", row.preparation),
    )
    return "\n".join(f"{label}：{value}" for label, value in lines if value)


def _fields(text: RoundText) -> dict[str, Any]:
    return {
        "name": text.name.strip(),
        "starts": text.starts,
        "ends": text.ends,
        "focus": text.focus.strip(),
        "preparation": text.preparation.strip(),
    }


def _require_text(campaign: Campaign, text: RoundText) -> None:
    require_text(text.name, NO_NAME, "name")
    if text.ends < text.starts:
        raise Refusal("结束日期早于开始日期，请核对。", field="ends")
    if any(point.system_id != campaign.system_id for point in text.points):
        raise Refusal("所选的指标不在本活动的指标体系里，请重新选择。", field="points")


def _require_team(row: SupervisionRound, text: TeamText, own: InspectionTeam | None = None) -> None:
    require_text(text.name, NO_TEAM_NAME, "name")
    if row.teams.filter(name=text.name.strip()).exclude(pk=own.pk if own else 0).exists():
        raise Refusal(f"本轮已有“{text.name.strip()}”，请换一个组名。", field="name")


def _create_team(row: SupervisionRound, text: TeamText) -> InspectionTeam:
    team = InspectionTeam.objects.create(round=row, name=text.name.strip(), leader=text.leader)
    team.members.set(_besides_leader(text))
    return team


def _besides_leader(text: TeamText) -> list[User]:
    return [person for person in text.members if person != text.leader]


def _described(text: TeamText, units: Collection[Unit]) -> str:
    people = "、".join(person.name for person in _besides_leader(text))
    return f"{text.name}，组长 {text.leader}，成员 {people or '—'}" + (
        f"；增加走访 {'、'.join(map(str, units))}" if units else ""
    )


def _next_number(campaign: Campaign) -> int:
    last = SupervisionRound.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
