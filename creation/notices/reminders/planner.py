"""When something due is spoken of, and in which words. Pure: rules, rows, the day and the slots already taken are handed in.

How often: a rung of the last ten days before a due day speaks on its day, and so does the first overdue reminder. All others
(30 and 14 days ahead, the later overdue ones) wait for the next round day: Monday, Wednesday, Friday. Due days of many phases would
otherwise take turns, and somebody with a few old debts would hear of one of them every single day; so it is at most three days a week.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creation.notices.reminders import text_template
from creation.rules.deadlines import Workdays, overdue_ordinal, rung

NoticeKey = tuple[int, str, str]  # person, subject, slot: what makes a notice unique

REMINDER_WEEKDAYS = (0, 2, 4)
NEAR_DAYS = 10  # days before the due day within which a rung does not wait for a round day


@dataclass(frozen=True, slots=True)
class PlannerRule:
    """``lead_times``: days before the due day; ``overdue_every``: workdays between two reminders afterwards, 0 for none.

    ``leader_after`` and ``office_after``: with which overdue reminder the unit's leader and the office hear too, 0 for never.
    """

    pk: int
    lead_times: tuple[int, ...]
    overdue_every: int
    text: str
    condition: str = ""
    audience: str = ""
    campaign: int = 0
    district: int = 0
    phase: int = 0
    phase_name: str = ""
    leader_after: int = 0
    office_after: int = 0

    @property
    def longest_lead_time(self) -> int:
        return max(self.lead_times, default=0)


@dataclass(frozen=True, slots=True)
class DueItem:
    """One thing that is due, and who hears of it. ``text`` stands for the rule's own (escalations have one of theirs).

    ``at_once``: an escalation does not wait for the next day's digest.
    """

    subject: str
    rule: int
    due_on: date
    recipients: tuple[int, ...]
    label: str = ""
    ask: str = ""
    unit: str = ""
    count: int = 1
    task: int | None = None
    text: str = ""
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class PlannedNotice:
    """One thing to tell one person."""

    person: int
    subject: str
    dedup_key: str
    text: str
    task: int | None
    at_once: bool = False


def plan_notices(
    rows: Sequence[DueItem],
    rules: Mapping[int, PlannerRule],
    today: date,
    sent_keys: Container[NoticeKey],
    calendar: Workdays,
) -> list[PlannedNotice]:
    """What is to be said today and was not said yet.

    A slot counts when it is reached, not when its day is met: after an outage the tightest one speaks, the looser ones
    that were missed do not. On days off nobody is spoken to; the next workday says it.
    """
    if not calendar.is_workday(today):
        return []
    keys_by_day = dedup_keys(rows, rules, today, calendar)
    planned: dict[NoticeKey, PlannedNotice] = {}
    for row in rows:
        key = keys_by_day[row.rule, row.due_on]
        keys = [(person, row.subject, key) for person in row.recipients] if key else []
        if new := [key for key in keys if key not in sent_keys]:
            text = notice_text(row, rules[row.rule], today, calendar)
            planned.update({key: PlannedNotice(*key, text, row.task, row.at_once) for key in new})
    return list(planned.values())


def dedup_keys(
    rows: Sequence[DueItem], rules: Mapping[int, PlannerRule], today: date, calendar: Workdays
) -> dict[tuple[int, date], str | None]:
    """The slot that speaks today of each due day, by rule; there are few of them for many rows."""
    days = {(row.rule, row.due_on) for row in rows}
    return {(rule, due_on): dedup_key(due_on, today, calendar, rules[rule]) for rule, due_on in days}


def dedup_key(due_on: date, today: date, calendar: Workdays, rule: PlannerRule) -> str | None:
    """The due day and its rung, ``2026-08-10/-7`` … ``/0``; past it the ordinal, ``2026-08-10/+1``. A new due day is a new slot."""
    ordinal = overdue_ordinal(due_on, today, calendar, rule.overdue_every) if rule.overdue_every else 0
    if ordinal:
        return f"{due_on}/+{ordinal}" if ordinal == 1 or is_reminder_day(today, calendar) else None
    lead_time = rung(due_on, today, calendar, rule.lead_times)
    if lead_time is None or (lead_time > NEAR_DAYS and not is_reminder_day(today, calendar)):
        return None
    return f"{due_on}/-{lead_time}" if lead_time else f"{due_on}/0"


def is_reminder_day(day: date, calendar: Workdays) -> bool:
    """Is ``day`` the first workday on or after a Monday, Wednesday or Friday?"""
    before = calendar.shift(day, -1)
    since = ((before + timedelta(days=n)) for n in range(1, (day - before).days + 1))
    return calendar.is_workday(day) and any(each.weekday() in REMINDER_WEEKDAYS for each in since)


def horizon(today: date, calendar: Workdays, longest_lead_time: int) -> date:
    """The last due day that can be spoken of today by a ladder that begins ``widest`` days before: holidays bring rungs forward."""
    ahead = timedelta(days=longest_lead_time)
    day = today + ahead
    while calendar.on_or_before(day + timedelta(days=1) - ahead) <= today:
        day += timedelta(days=1)
    return day


def overdue_before(ordinal: int, today: date, calendar: Workdays, rule: PlannerRule) -> date:
    """What was due before this day has reached its ``ordinal``-th overdue reminder today."""
    return calendar.shift(today, -(ordinal - 1) * rule.overdue_every)


def notice_text(row: DueItem, rule: PlannerRule, today: date, calendar: Workdays) -> str:
    """``还有 3 天：4-3-3 每年组织案卷评查。请在 8 月 10 日前报送。``"""
    values = {
        "task": row.label,
        "unit": row.unit,
        "phase": rule.phase_name,
        "count": str(row.count),
        "left": text_template.days_left_text(row.due_on, today),
        "due": text_template.deadline_text(row.due_on, today, calendar),
        "ask": row.ask,
    }
    return text_template.render(row.text or rule.text, values)
