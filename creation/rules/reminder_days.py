"""On which days the clock reminds, what it reminds of on each of them, and how overdue reminders taper off.

Reminders go out on Monday, Wednesday and Friday, so that nobody gets more than three digests a week. Each of these days speaks for
all days before the next one: what is due on Tuesday is told on Monday. Pure functions; ``today`` is always an argument.
"""

from datetime import date, timedelta

from creation.rules.deadlines import Workdays

DAY = timedelta(days=1)
REMINDER_WEEKDAYS = (0, 2, 4)
WEEKLY_FROM = (
    5  # workdays between two overdue reminders from which they are not more frequent than weekly, and do not taper
)
FREQUENT_WORKDAYS = 10  # workdays after the due day after which more frequent reminders become weekly
RESTS_AFTER = 30  # workdays after the due day after which a rule that told leader or office about it only tells them


def is_reminder_day(day: date, calendar: Workdays) -> bool:
    """Return whether ``day`` is the first workday on or after a Monday, Wednesday or Friday."""
    before = calendar.shift(day, -1)
    since = (before + n * DAY for n in range(1, (day - before).days + 1))
    return calendar.is_workday(day) and any(each.weekday() in REMINDER_WEEKDAYS for each in since)


def last_reminder_day(day: date, calendar: Workdays) -> date:
    """Return the last reminder day on or before ``day``."""
    while not is_reminder_day(day, calendar):
        day -= DAY
    return day


def covered_until(day: date, calendar: Workdays) -> date:
    """Return the last day for which reminders on ``day`` speak: the day before the next reminder day."""
    while not is_reminder_day(day + DAY, calendar):
        day += DAY
    return day


def reached_lead_time(due_on: date, covered: date, lead_times: tuple[int, ...]) -> int | None:
    """Return the smallest lead time whose day is at most ``covered``, the last day spoken for; None if there is none."""
    return min((step for step in lead_times if due_on - step * DAY <= covered), default=None)


def tapers(every: int) -> bool:
    """Return whether overdue reminders ``every`` so many workdays become weekly after FREQUENT_WORKDAYS."""
    return every < WEEKLY_FROM


def frequent_reminders(every: int) -> int:
    """Return the number of overdue reminders within FREQUENT_WORKDAYS."""
    return -(-FREQUENT_WORKDAYS // every)


def overdue_ordinal(due_on: date, today: date, calendar: Workdays, every: int) -> int:
    """Return the number of the overdue reminder, 0 before the first.

    The first is on the first workday after the due day, the second ``every`` workdays later, and so on. If ``every`` is below
    WEEKLY_FROM, there is one a week, counted by calendar weeks, after FREQUENT_WORKDAYS.
    """
    overdue = calendar.between(due_on, today)
    if overdue <= FREQUENT_WORKDAYS or not tapers(every):
        return -(-overdue // every)
    first_weekly = calendar.shift(due_on, FREQUENT_WORKDAYS + 1)
    return frequent_reminders(every) + 1 + _week(today) - _week(first_weekly)


def overdue_before(ordinal: int, today: date, calendar: Workdays, every: int) -> date:
    """Return the day before which due days have reached their ``ordinal``-th overdue reminder on the workday ``today``."""
    weekly = ordinal - frequent_reminders(every)
    if weekly <= 0 or not tapers(every):
        return calendar.shift(today, -(ordinal - 1) * every)
    sunday = date.fromordinal(7 * (_week(today) - weekly + 2))
    return calendar.shift(calendar.on_or_before(min(today, sunday)), -FREQUENT_WORKDAYS)


def is_long_overdue(due_on: date, today: date, calendar: Workdays) -> bool:
    return calendar.between(due_on, today) > RESTS_AFTER


def _week(day: date) -> int:
    """Return the number of the calendar week, from Monday to Sunday."""
    return (day.toordinal() - 1) // 7
