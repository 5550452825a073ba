"""The periods in which something is reported again and again: ``2026W32`` is a week, ``2026-08`` a month. Pure functions."""

import calendar
import re
from datetime import date, timedelta

from creation.rules.deadlines import Workdays

WEEKLY, MONTHLY = "weekly", "monthly"
WEEK, MONTH = re.compile(r"(\d{4})W(\d{2})"), re.compile(r"(\d{4})-(\d{2})")
FRIDAY = 5


def period_of(cycle: str, day: date) -> str:
    """Return the period of that day. Raises KeyError for a cycle that has none."""
    year, week, _ = day.isocalendar()
    return {WEEKLY: f"{year}W{week:02d}", MONTHLY: f"{day.year}-{day.month:02d}"}[cycle]


def next_period_begins(cycle: str, day: date) -> date:
    """Return the first day of the period after that of ``day``."""
    if cycle == WEEKLY:
        return day + timedelta(days=8 - day.isoweekday())
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) + timedelta(days=1)


def due_in_period(cycle: str, day: date, workdays: Workdays) -> date:
    """Return the day by which the period of ``day`` is reported: its Friday or its last day, or the workday before.

    A period without a workday before that day keeps the day itself.
    """
    first = day - timedelta(days=day.isoweekday() - 1) if cycle == WEEKLY else day.replace(day=1)
    last = first + timedelta(days=FRIDAY - 1) if cycle == WEEKLY else next_period_begins(cycle, day) - timedelta(days=1)
    before = workdays.on_or_before(last)
    return before if before >= first else last


def period_name(period: str) -> str:
    """Return the period as people say it: 第 32 周, 8 月."""
    if week := WEEK.fullmatch(period):
        return f"第 {int(week[2])} 周"
    if month := MONTH.fullmatch(period):
        return f"{int(month[2])} 月"
    return period
