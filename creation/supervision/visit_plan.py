"""The plan of a round: which team visits which unit on which day, what does not fit, and telling the units."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    Half,
    Holiday,
    InspectionTeam,
    SupervisionRound,
    Unit,
    User,
    Visit,
)
from creation.rules.deadlines import Workdays
from creation.supervision.rounds import require_open
from creation.supervision.visit_notices import tell

MAX_COLUMNS = 31  # days that fit beside each other; a longer round shows only the days with visits
STALE = "走访 {visit} 刚刚被他人修改，您的安排没有保存。请核对后再改。"
NO_REASON = "请写明取消的原因，已通知的单位会在通知里看到。"


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A visit's day as somebody has planned it, having seen ``seen``."""

    visit: Visit
    day: date | None
    half: str
    seen: int


def warnings(
    visits: Iterable[Visit], calendar: Workdays, holidays: Mapping[date, str], elsewhere: Iterable[Visit] = ()
) -> dict[int, list[str]]:
    """Return visit → what does not fit: a team, a person or a unit booked twice, a day off, a day outside the round. Nothing is refused.

    ``elsewhere``: the visits of other rounds (``visits_elsewhere``), with which the visits may collide too.
    """
    planned = [each for each in visits if each.day and not each.cancelled_on]
    by_day: dict[date | None, list[Visit]] = defaultdict(list)
    for each in (*planned, *elsewhere):
        by_day[each.day].append(each)
    found: dict[int, list[str]] = {}
    for each in planned:
        assert each.day  # noqa: S101
        said = [words for other in by_day[each.day] for words in _clashes(each, other)]
        if not calendar.is_workday(each.day):
            said.append(f"休息日（{holidays.get(each.day) or '周末'}）")
        if not each.round.starts <= each.day <= each.round.ends:
            said.append("不在本轮的日期内")
        if said:
            found[each.pk] = said
    return found


def visits_elsewhere(row: SupervisionRound, visits: Iterable[Visit]) -> Iterable[Visit]:
    """Return what other rounds of the campaign have planned on the days of these visits, with the people of their teams."""
    days = {each.day for each in visits if each.day}
    others = Visit.objects.active().filter(round__campaign=row.campaign_id, day__in=days).exclude(round=row)
    return others.for_table().prefetch_related("team__members")


def _clashes(visit: Visit, other: Visit) -> Iterator[str]:
    """Yield what of two visits on one day cannot be: one team or one person in two places, two teams at one unit."""
    if visit.pk == other.pk or not _overlap(visit.half, other.half):
        return
    theirs = str(other.team) if visit.round_id == other.round_id else f"{other.round}{other.team}"
    if visit.team_id == other.team_id:
        yield f"{visit.team}同时去{other.unit}"
    elif visit.unit_id == other.unit_id:
        yield f"{visit.unit}同时有{theirs}来"
    elif both := _people(visit) & _people(other):
        names = "、".join(sorted(person.name for person in both))
        yield f"{names}同时随{theirs}去{other.unit}"


def _people(visit: Visit) -> set[User]:
    return {visit.team.leader, *visit.team.members.all()}


def _overlap(one: str, other: str) -> bool:
    return one == other or Half.WHOLE in (one, other)


def columns(row: SupervisionRound, visits: Collection[Visit], calendar: Workdays) -> list[date]:
    """Return the days of the table: the workdays of the round and every day with a visit."""
    planned = {each.day for each in visits if each.day}
    days = {row.starts + timedelta(days=n) for n in range((row.ends - row.starts).days + 1)}
    workdays = {day for day in days if calendar.is_workday(day)}
    return sorted(workdays | planned if len(workdays | planned) <= MAX_COLUMNS else planned)


def set_days(row: SupervisionRound, planned: Iterable[PlannedDay], actor: Actor) -> int:
    """Save the days that differ; return their number. Raises Refusal and Stale, with nothing changed."""
    changed = []
    with transaction.atomic():
        require_open(row.campaign)
        for each in planned:
            if (each.day, each.half) == (each.visit.day, each.visit.half):
                continue
            if not Visit.objects.unrecorded().change(each.visit.pk, each.seen, day=each.day, half=each.half):
                raise Stale(STALE.format(visit=each.visit))
            changed.append(f"{each.visit.unit} {each.day or '待定'}{Half(each.half).label}")
        if changed:
            audit_log.record(actor, "round.days", row, detail="；".join(changed)[:2000])
    return len(changed)


def add_visit(
    row: SupervisionRound, team: InspectionTeam, unit: Unit, day: date | None, actor: Actor, half: str = Half.WHOLE
) -> Visit:
    """Plan one more visit, also to a unit that has been visited in this round. Raises Refusal."""
    if team.round_id != row.pk or unit.district_id != row.campaign.district_id:
        raise Refusal("所选的督导组或单位不属于本轮督导，请重新选择。")
    with transaction.atomic():
        require_open(row.campaign)
        made = Visit.objects.create(round=row, team=team, unit=unit, day=day, half=half)
        audit_log.record(actor, "round.visit", made, detail=str(team))
    return made


def cancel_visit(visit: Visit, reason: str, actor: Actor) -> None:
    """Cancel a visit that has not been recorded; the unit hears of it if it was told. Raises Refusal."""
    words = reason.strip()[:200]
    if not words:
        raise Refusal(NO_REASON)
    with transaction.atomic():
        require_open(visit.round.campaign)
        now = Visit.objects.select_for_update(of=("self",)).for_table().get(pk=visit.pk)
        if not Visit.objects.unrecorded().change(now.pk, now.version, cancelled_on=actor.today, cancel_reason=words):
            raise Refusal("这次走访已经记录或取消，不能再取消。")
        audit_log.record(actor, "visit.cancel", now, detail=words)
        if now.announced_for:
            tell(now, f"督导走访取消：{now.when}，{now.team}。{words}", f"cancelled/{now.version}", actor)


def announce(row: SupervisionRound, actor: Actor) -> list[Visit]:
    """Tell each unit once its day and what to prepare; a unit whose day was moved hears the new one.

    Return the visits told of. Raises Refusal.
    """
    with transaction.atomic():
        require_open(row.campaign)
        visits = list(row.visits.unannounced().for_table().by_day())
        if not visits:
            raise Refusal("没有要通知的走访：已定日期的都已通知。")
        for each in visits:
            moved = f"（原为 {each.told}）" if each.told else ""
            ready = f"请准备：{row.preparation}" if row.preparation else "请按任务页的要求备好材料。"
            text = f"督导走访：{each.when}{moved}，{row}{each.team}（组长 {each.team.leader}）到{each.unit}。{ready}"
            tell(each, text, f"day/{each.version}", actor)
            Visit.objects.filter(pk=each.pk).bump(announced_for=each.day, announced_half=each.half)
        audit_log.record(
            actor, "round.announce", row, detail="、".join(f"{each.unit} {each.day}" for each in visits)[:2000]
        )
    return visits


def names_of_days_off() -> dict[date, str]:
    return {row.day: row.name for row in Holiday.objects.all()}
