"""Decides when to remind of a due item, and in which words. Pure: rules, rows, the day and the slots already used are arguments.

Frequency: a lead time of at most ten days is used on its day, and so is the first overdue reminder. All others (30 and 14 days
ahead, later overdue reminders) wait for the next reminder day: Monday, Wednesday or Friday. So a person is reminded on at most
three days a week even if due days of many phases fall on different days.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creation.notices.reminders import text_template
from creation.rules.deadlines import Workdays, overdue_ordinal, reached_lead_time

NoticeKey = tuple[int, str, str]  # person, subject, slot, which make a notice unique

REMINDER_WEEKDAYS = (0, 2, 4)
NEAR_DAYS = 10  # a lead time of at most so many days does not wait for a reminder day


@dataclass(frozen=True, slots=True)
class PlannerRule:
    """A reminder rule.

    ``lead_times`` are days before the due day; ``overdue_every`` is the number of workdays between overdue reminders, 0 for
    none. ``leader_after`` and ``office_after`` are the numbers of the overdue reminder from which the unit's leader and the
    office are also notified, 0 for never.
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
    """A due item and its recipients. ``text`` replaces the rule's text (escalations have their own).

    If ``at_once``, the notice does not wait for the next daily digest.
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
    """A notice to one person."""

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
    """Return the notices that are due today and not written yet.

    A slot is used once its day is reached, not only on that day: after an outage, the smallest lead time reached is used and
    the larger ones are skipped. On days off nothing is sent; the next workday catches up.
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
    """Return the slot that is used today by rule and due day. There are few of these for many rows."""
    days = {(row.rule, row.due_on) for row in rows}
    return {(rule, due_on): dedup_key(due_on, today, calendar, rules[rule]) for rule, due_on in days}


def dedup_key(due_on: date, today: date, calendar: Workdays, rule: PlannerRule) -> str | None:
    """Return the due day and its lead time, ``2026-08-10/-7`` … ``/0``, or after it the ordinal, ``2026-08-10/+1``.

    Return None if there is nothing to send today. A new due day is a new slot.
    """
    ordinal = overdue_ordinal(due_on, today, calendar, rule.overdue_every) if rule.overdue_every else 0
    if ordinal:
        return f"{due_on}/+{ordinal}" if ordinal == 1 or is_reminder_day(today, calendar) else None
    lead_time = reached_lead_time(due_on, today, calendar, rule.lead_times)
    if lead_time is None or (lead_time > NEAR_DAYS and not is_reminder_day(today, calendar)):
        return None
    return f"{due_on}/-{lead_time}" if lead_time else f"{due_on}/0"


def is_reminder_day(day: date, calendar: Workdays) -> bool:
    """Return whether ``day`` is the first workday on or after a Monday, Wednesday or Friday."""
    before = calendar.shift(day, -1)
    since = ((before + timedelta(days=n)) for n in range(1, (day - before).days + 1))
    return calendar.is_workday(day) and any(each.weekday() in REMINDER_WEEKDAYS for each in since)


def horizon(today: date, calendar: Workdays, longest_lead_time: int) -> date:
    """Return the last due day for which the longest lead time can be reached today. Days off move reminders forward."""
    ahead = timedelta(days=longest_lead_time)
    day = today + ahead
    while calendar.on_or_before(day + timedelta(days=1) - ahead) <= today:
        day += timedelta(days=1)
    return day


def overdue_before(ordinal: int, today: date, calendar: Workdays, rule: PlannerRule) -> date:
    """Return the day before which due items have reached their ``ordinal``-th overdue reminder today."""
    return calendar.shift(today, -(ordinal - 1) * rule.overdue_every)


def notice_text(row: DueItem, rule: PlannerRule, today: date, calendar: Workdays) -> str:
    """Return the text, such as ``还有 3 天：4-3-3 每年组织案卷评查。请在 8 月 10 日前报送。``."""
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
