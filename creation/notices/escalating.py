"""催办升级: what was urged in vain is told to the unit's leader, then the office phones. Which units those are follows from the urgings.

The clock speaks on round days alone (Monday, Wednesday, Friday), and once for each last urging: the reminders' own escalations come on
the same days, so that a leader gets one message and not two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import (
    Campaign,
    Holiday,
    Membership,
    NoticeKind,
    PhoneCall,
    Task,
    Unit,
    Urgency,
    User,
)
from creation.models.task import TaskQuerySet
from creation.models.urge import LEADER_DAYS, LEADER_URGES, PHONE_DAYS, PHONE_URGES
from creation.notices.reminders.rules import Planned, is_round_day
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

NAMED = 3  # tasks that a line names


@dataclass(frozen=True, slots=True)
class Lot:
    """A unit's tasks that were urged in vain, the longest due first."""

    unit: Unit
    tasks: list[Task]

    @property
    def urged_on(self) -> date:
        days: list[date] = [task.urged_on for task in self.tasks]  # type: ignore[attr-defined]
        return max(days)

    @property
    def most(self) -> int:
        counts: list[int] = [task.urge_count for task in self.tasks]  # type: ignore[attr-defined]
        return max(counts)

    @property
    def names(self) -> str:
        more = f"等 {len(self.tasks)} 项" if len(self.tasks) > NAMED else ""
        return "、".join(map(str, self.tasks[:NAMED])) + more


def urged_again(campaign: Campaign, today: date) -> list[Lot]:
    """What was urged today, and not for the first time."""
    urged = _tasks(campaign).filter(urges__day=today)
    return _lots(urged.unanswered().with_urges().filter(Q(urge_count__gte=LEADER_URGES)))


def unheeded(campaign: Campaign, today: date, calendar: Workdays) -> list[Lot]:
    """What was urged LEADER_DAYS workdays ago or earlier and not since."""
    return _lots(_tasks(campaign).urged_in_vain(calendar.shift(today, -LEADER_DAYS)))


def to_phone(campaign: Campaign, today: date, calendar: Workdays) -> list[Lot]:
    """该打电话的单位: those with most tasks first. Whom the office has phoned since the last urging is given time to act."""
    lots = _lots(_tasks(campaign).urged_in_vain(calendar.shift(today, -PHONE_DAYS), PHONE_URGES, today))
    rested = calendar.shift(today, -LEADER_DAYS)
    phoned: dict[int, date] = {}
    for unit, day in PhoneCall.objects.filter(campaign=campaign).since(rested).values_list("unit", "day"):
        phoned[unit] = max(day, phoned.get(unit, day))
    waiting = [lot for lot in lots if lot.unit.pk not in phoned or phoned[lot.unit.pk] < lot.urged_on]
    return sorted(waiting, key=lambda lot: (-len(lot.tasks), lot.unit.order, lot.unit.pk))


def _tasks(campaign: Campaign) -> TaskQuerySet:
    return Task.objects.live().filter(campaign=campaign)


def _lots(tasks: TaskQuerySet) -> list[Lot]:
    found: dict[int, Lot] = {}
    for task in tasks.for_table().by_urgency():
        found.setdefault(task.unit_id, Lot(task.unit, [])).tasks.append(task)
    return sorted(found.values(), key=lambda lot: (lot.unit.order, lot.unit.pk))


# Telling


def escalate(actor: Actor) -> None:
    """Tell leaders and office what was urged in vain and not told yet. Safe any number of times: the slots are unique."""
    calendar = Holiday.objects.calendar()
    for campaign in Campaign.objects.open():
        _say(planned(campaign, actor.today, calendar), actor)


def planned(campaign: Campaign, today: date, calendar: Workdays) -> list[Planned]:
    """What ``escalate`` would say on that day, were nothing said before; the rehearsal plays it."""
    if not is_round_day(today, calendar):
        return []
    leaders = to_leaders(campaign, unheeded(campaign, today, calendar), today)
    return leaders + _to_office(campaign, to_phone(campaign, today, calendar), today)


def to_leaders(campaign: Campaign, lots: Iterable[Lot], today: date) -> list[Planned]:
    """One line a unit and last urging, however often this is asked for."""
    by_unit = {lot.unit.pk: lot for lot in lots}
    said = []
    for unit, person in _holders(campaign, Role.UNIT_LEADER, today) if by_unit else []:
        if lot := by_unit.get(unit or 0):
            text = f"创建办催办后仍未办，请督促：{lot.names}。最近一次催办 {lot.urged_on:%Y-%m-%d}，最多已催 {lot.most} 次。"
            said.append(_line(person, text, f"urged/{campaign.pk}/{lot.unit.pk}", lot))
    return said


def _to_office(campaign: Campaign, lots: list[Lot], today: date) -> list[Planned]:
    people = [person for _, person in _holders(campaign, Role.COORDINATOR, today)] if lots else []
    said = []
    for lot in lots:
        text = (
            f"请电话联系{lot.unit}：多次催办仍有 {len(lot.tasks)} 项未办，最多已催 {lot.most} 次。见“该打电话的单位”。"
        )
        said += [_line(person, text, f"calls/{campaign.pk}/{lot.unit.pk}", lot) for person in people]
    return said


def _line(person: int, text: str, subject: str, lot: Lot) -> Planned:
    return Planned(person, subject, f"{lot.urged_on}", text, None, at_once=True)


def say_to_leaders(campaign: Campaign, actor: Actor) -> None:
    """At once, when the office urges again."""
    _say(to_leaders(campaign, urged_again(campaign, actor.today), actor.today), actor)


def _say(lines: Iterable[Planned], actor: Actor) -> None:
    said = list(lines)
    people = User.objects.in_bulk({each.person for each in said})
    for each in said:
        trail.notify(
            people[each.person],
            NoticeKind.URGE,
            each.text,
            actor,
            subject=each.subject,
            slot=each.slot,
            urgency=Urgency.AT_ONCE,
        )


def _holders(campaign: Campaign, role: Role, today: date) -> list[tuple[int | None, int]]:
    """Unit and person, each once."""
    held = Membership.objects.recipients(today, role).for_campaign(campaign)
    return list(dict.fromkeys(held.values_list("unit", "user")))


def record_call(campaign: Campaign, unit: Unit, note: str, actor: Actor) -> PhoneCall:
    """The office has phoned. Raises Refusal without a word of what was said, and in a campaign that is not open."""
    if not campaign.is_open:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，不能再登记。")
    if not note.strip():
        raise Refusal("请写一句通话情况：找到谁、答应什么时候办。")
    with transaction.atomic():
        made = PhoneCall.objects.create(
            campaign=campaign, unit=unit, note=note.strip(), by=actor.human, day=actor.today, at=actor.at
        )
        trail.audit(actor, "unit.call", campaign, detail=f"{unit}：{note.strip()}")
    return made
