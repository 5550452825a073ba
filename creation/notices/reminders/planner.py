"""Decides when to remind of a due item, and in which words. Pure: rules, rows, the day and the slots already used are arguments.

Everything waits for a reminder day: Monday, Wednesday or Friday (``creation.rules.reminder_days``). So a person is reminded on at
most three days a week even if due days of many phases fall on different days.
"""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from creation.notices.reminders import text_template
from creation.rules import reminder_days
from creation.rules.deadlines import Workdays

NoticeKey = tuple[int, str, str]  # person, subject, slot, which make a notice unique
DatedRule = tuple[int, date, int]  # rule, due day, number of the overdue reminder from which others are told too


@dataclass(frozen=True, slots=True)
class PlannerRule:
    """A reminder rule.

    ``lead_times`` are days before the due day; ``overdue_every`` is the number of workdays between overdue reminders, 0 for
    none. ``leader_after`` and ``office_after`` are the numbers of the overdue reminder from which the unit's leader and the
    office are also notified, 0 for never. ``plan`` is what the plan says about the phase's dates.
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
    plan: str = ""

    @property
    def longest_lead_time(self) -> int:
        return max(self.lead_times, default=0)


@dataclass(frozen=True, slots=True)
class DueItem:
    """A due item and its recipients. ``text`` replaces the rule's text (escalations have their own).

    If ``at_once``, the notice does not wait for the next daily digest. ``told_from`` is the number of the overdue reminder from
    which leader or office are told too, 0 for never: once long overdue, only they are.
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
    told_from: int = 0


@dataclass(frozen=True, slots=True)
class PlannedNotice:
    """A notice to one person. Those with the same ``line`` share a line of the digest: tasks of one phase, due day and request."""

    person: int
    subject: str
    dedup_key: str
    text: str
    task: int | None
    at_once: bool = False
    line: Hashable = ""


def plan_notices(
    rows: Sequence[DueItem],
    rules: Mapping[int, PlannerRule],
    today: date,
    sent_keys: Container[NoticeKey],
    calendar: Workdays,
    *,
    catching_up: bool = False,
) -> list[PlannedNotice]:
    """Return the notices that are due today and not written yet; none on other days than reminder days, unless ``catching_up``.

    A slot is used once its day is reached, not only on that day: after an outage, the smallest lead time reached is used and
    the larger ones are skipped.
    """
    if not (catching_up or reminder_days.is_reminder_day(today, calendar)):
        return []
    keys_by_day = dedup_keys(rows, rules, today, calendar)
    planned: dict[NoticeKey, PlannedNotice] = {}
    for row in rows:
        key = keys_by_day[_dated_rule(row)]
        keys = [(person, row.subject, key) for person in row.recipients] if key else []
        if new := [key for key in keys if key not in sent_keys]:
            rule = rules[row.rule]
            text, line = notice_text(row, rule, today, calendar), _line(row, rule)
            planned.update({key: PlannedNotice(*key, text, row.task, row.at_once, line) for key in new})
    return list(planned.values())


def _line(row: DueItem, rule: PlannerRule) -> Hashable:
    return (rule.phase, row.due_on, row.ask) if row.task else row.subject


def dedup_keys(
    rows: Sequence[DueItem], rules: Mapping[int, PlannerRule], today: date, calendar: Workdays
) -> dict[DatedRule, str | None]:
    """Return the slot that is used today by rule and due day. There are few of these for many rows."""
    covered = reminder_days.covered_until(today, calendar)
    return {
        (rule, due_on, told_from): dedup_key(due_on, today, covered, calendar, rules[rule], told_from)
        for rule, due_on, told_from in {_dated_rule(row) for row in rows}
    }


def _dated_rule(row: DueItem) -> DatedRule:
    return row.rule, row.due_on, row.told_from


def dedup_key(
    due_on: date, today: date, covered: date, calendar: Workdays, rule: PlannerRule, told_from: int
) -> str | None:
    """Return the due day and its lead time, ``2026-08-10/-7`` … ``/0``, or after it the ordinal, ``2026-08-10/+1``.

    Weekly ones have their own, ``2026-08-10/+6w``, so that they are not taken for those of the daily count that went further before.
    Return None if there is nothing to send today. A new due day is a new slot.
    """
    every = rule.overdue_every
    if ordinal := reminder_days.overdue_ordinal(due_on, today, calendar, every) if every else 0:
        if told_from and ordinal >= told_from and reminder_days.is_long_overdue(due_on, today, calendar):
            return None
        weekly = reminder_days.tapers(every) and ordinal > reminder_days.frequent_reminders(every)
        return f"{due_on}/+{ordinal}{'w' if weekly else ''}"
    lead_time = reminder_days.reached_lead_time(due_on, covered, rule.lead_times)
    return None if lead_time is None else f"{due_on}/-{lead_time}" if lead_time else f"{due_on}/0"


def horizon(today: date, calendar: Workdays, longest_lead_time: int) -> date:
    """Return the last due day for which the longest lead time can be reached today."""
    return reminder_days.covered_until(today, calendar) + timedelta(days=longest_lead_time)


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
        "plan": rule.plan,
    }
    return text_template.render(row.text or rule.text, values)
