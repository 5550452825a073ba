"""Escalation of urging (催办升级): unanswered urgings are reported to the unit's leader; later the office phones the unit.

The notices are written on reminder days only (Monday, Wednesday, Friday), and once for each last urging. Reminders escalate on
the same days, so that a leader gets one message instead of two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import require_text
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
from creation.notices.reminders.planner import PlannedNotice
from creation.people import notifications
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role
from creation.rules.reminder_days import is_reminder_day

MAX_NAMED_TASKS = 3  # tasks named in a line


@dataclass(frozen=True, slots=True)
class UnitBacklog:
    """A unit's unanswered urged tasks, longest overdue first; of a unit that somebody chose to phone, all overdue ones."""

    unit: Unit
    tasks: list[Task]

    @property
    def urged_on(self) -> date:
        days: list[date] = [task.urged_on for task in self.tasks if task.urged_on]  # type: ignore[attr-defined]
        return max(days)

    @property
    def max_urges(self) -> int:
        counts: list[int] = [task.urge_count for task in self.tasks]  # type: ignore[attr-defined]
        return max(counts, default=0)

    @property
    def task_names(self) -> str:
        more = f"等 {len(self.tasks)} 项" if len(self.tasks) > MAX_NAMED_TASKS else ""
        return "、".join(map(str, self.tasks[:MAX_NAMED_TASKS])) + more


def backlogs_urged_again(campaign: Campaign, today: date) -> list[UnitBacklog]:
    """Return the tasks urged today for the second time or more, by unit."""
    urged = _tasks(campaign).filter(urges__day=today)
    return _by_unit(urged.unanswered().with_urges().filter(Q(urge_count__gte=LEADER_URGES)))


def unanswered_urges(campaign: Campaign, today: date, calendar: Workdays) -> list[UnitBacklog]:
    """Return the tasks last urged LEADER_DAYS workdays ago or earlier, by unit."""
    return _by_unit(_tasks(campaign).unanswered_after_urging(calendar.shift(today, -LEADER_DAYS)))


def units_to_phone(campaign: Campaign, today: date, calendar: Workdays) -> list[UnitBacklog]:
    """Return the units to phone (需电话催办的单位), those with most tasks first. Units phoned since are given time."""
    backlogs = _by_unit(
        _tasks(campaign).unanswered_after_urging(calendar.shift(today, -PHONE_DAYS), PHONE_URGES, today)
    )
    cut_off = calendar.shift(today, -LEADER_DAYS)
    phoned: dict[int, date] = {}
    for unit, day in PhoneCall.objects.filter(campaign=campaign).since(cut_off).values_list("unit", "day"):
        phoned[unit] = max(day, phoned.get(unit, day))
    waiting = [
        backlog for backlog in backlogs if backlog.unit.pk not in phoned or phoned[backlog.unit.pk] < backlog.urged_on
    ]
    return sorted(waiting, key=lambda backlog: (-len(backlog.tasks), backlog.unit.order, backlog.unit.pk))


def overdue_of(campaign: Campaign, unit: Unit, today: date) -> UnitBacklog:
    """Return the unit's overdue tasks, for a phone call before it has been urged often."""
    late = _tasks(campaign).filter(unit=unit).overdue(today)
    return UnitBacklog(unit, list(late.with_urges().for_table().by_urgency()))


def _tasks(campaign: Campaign) -> TaskQuerySet:
    return Task.objects.active().filter(campaign=campaign)


def _by_unit(tasks: TaskQuerySet) -> list[UnitBacklog]:
    found: dict[int, UnitBacklog] = {}
    for task in tasks.for_table().by_urgency():
        found.setdefault(task.unit_id, UnitBacklog(task.unit, [])).tasks.append(task)
    return sorted(found.values(), key=lambda backlog: (backlog.unit.order, backlog.unit.pk))


# Notifying


def escalate(actor: Actor) -> None:
    """Notify leaders and the office of unanswered urgings. Safe to repeat: the slots are unique."""
    calendar = Holiday.objects.calendar()
    for campaign in Campaign.objects.open():
        _notify(planned_notices(campaign, actor.today, calendar), actor)


def planned_notices(campaign: Campaign, today: date, calendar: Workdays) -> list[PlannedNotice]:
    """Return the notices that ``escalate`` would write on that day if none had been written before. The rehearsal uses it."""
    if not is_reminder_day(today, calendar):
        return []
    leaders = leader_notices(campaign, unanswered_urges(campaign, today, calendar), today)
    return leaders + _office_notices(campaign, units_to_phone(campaign, today, calendar), today)


def leader_notices(campaign: Campaign, backlogs: Iterable[UnitBacklog], today: date) -> list[PlannedNotice]:
    """Return one notice per leader for each unit and last urging."""
    by_unit = {backlog.unit.pk: backlog for backlog in backlogs}
    planned_notices = []
    for unit, person in _role_holders(campaign, Role.UNIT_LEADER, today) if by_unit else []:
        if backlog := by_unit.get(unit or 0):
            text = (
                f"创建办催办后仍未办，请督促：{backlog.task_names}。"
                f"最近一次催办 {backlog.urged_on:%Y-%m-%d}，最多已催 {backlog.max_urges} 次。"
            )
            planned_notices.append(_planned_notice(person, text, f"urged/{campaign.pk}/{backlog.unit.pk}", backlog))
    return planned_notices


def _office_notices(campaign: Campaign, backlogs: list[UnitBacklog], today: date) -> list[PlannedNotice]:
    people = [person for _, person in _role_holders(campaign, Role.COORDINATOR, today)] if backlogs else []
    planned_notices = []
    for backlog in backlogs:
        text = (
            f"请电话联系{backlog.unit}：多次催办仍有 {len(backlog.tasks)} 项未办，最多已催 {backlog.max_urges} 次。"
            "见“需电话催办的单位”。"
        )
        planned_notices += [
            _planned_notice(person, text, f"calls/{campaign.pk}/{backlog.unit.pk}", backlog) for person in people
        ]
    return planned_notices


def _planned_notice(person: int, text: str, subject: str, backlog: UnitBacklog) -> PlannedNotice:
    return PlannedNotice(person, subject, f"{backlog.urged_on}", text, None, at_once=True, line=subject)


def notify_leaders(campaign: Campaign, actor: Actor) -> None:
    """Notify leaders at once when the office urges again."""
    _notify(leader_notices(campaign, backlogs_urged_again(campaign, actor.today), actor.today), actor)


def _notify(lines: Iterable[PlannedNotice], actor: Actor) -> None:
    planned_notices = list(lines)
    people = User.objects.in_bulk({each.person for each in planned_notices})
    for each in planned_notices:
        notifications.notify(
            people[each.person],
            NoticeKind.URGE,
            each.text,
            actor,
            subject=each.subject,
            dedup_key=each.dedup_key,
            urgency=Urgency.AT_ONCE,
        )


def _role_holders(campaign: Campaign, role: Role, today: date) -> list[tuple[int | None, int]]:
    """Return pairs of unit and person, without duplicates."""
    memberships = Membership.objects.recipients(today, role).for_campaign(campaign)
    return list(dict.fromkeys(memberships.values_list("unit", "user")))


def record_call(campaign: Campaign, unit: Unit, note: str, actor: Actor) -> PhoneCall:
    """Record a phone call by the office. Raises Refusal without a note, or if the campaign is not open."""
    campaign.require_open("不能再登记")
    require_text(note, "请写一句通话情况：找到谁、答应什么时候办。")
    with transaction.atomic():
        made = PhoneCall.objects.create(
            campaign=campaign,
            unit=unit,
            note=note.strip(),
            created_by=actor.human,
            day=actor.today,
            created_at=actor.at,
        )
        audit_log.record(actor, "unit.call", campaign, detail=f"{unit}：{note.strip()}")
    return made
