"""Reminder days, what each of them speaks for, and how overdue reminders taper: at the edges of days, weeks and holidays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creation.rules.deadlines import Workdays
from creation.rules.reminder_days import (
    covered_until,
    frequent_reminders,
    is_long_overdue,
    is_reminder_day,
    last_reminder_day,
    overdue_before,
    overdue_ordinal,
    reached_lead_time,
    tapers,
)

PLAIN = Workdays()
DAY = timedelta(days=1)
MONDAY = date(2026, 8, 10)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (MONDAY + n * DAY for n in range(1, 7))
WEEK = 7 * DAY
# National Day 2026: off from Thursday 1 to Wednesday 7 October; Saturday 10 is a workday.
OCTOBER = Workdays(
    off=[date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)],
    work=[date(2026, 10, 10)],
)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(Workdays, off=st.sets(DAYS, max_size=40), work=st.sets(DAYS, max_size=40))


def test_reminder_days_are_monday_wednesday_and_friday() -> None:
    days = [MONDAY + n * DAY for n in range(7)]
    assert [is_reminder_day(day, PLAIN) for day in days] == [True, False, True, False, True, False, False]


def test_a_reminder_day_that_is_off_moves_to_the_next_workday() -> None:
    off = Workdays(off=[MONDAY])
    assert not is_reminder_day(MONDAY, off)
    assert is_reminder_day(TUESDAY, off)
    assert not is_reminder_day(THURSDAY, off)
    assert not is_reminder_day(SATURDAY, Workdays(work=[SATURDAY]))
    assert is_reminder_day(SATURDAY, Workdays(off=[FRIDAY], work=[SATURDAY]))
    weekend = Workdays(work=[SATURDAY, SUNDAY])
    next_monday = SUNDAY + timedelta(days=1)
    assert [is_reminder_day(day, weekend) for day in (SATURDAY, SUNDAY, next_monday)] == [False, False, True]
    assert [date(2026, 10, n) for n in range(1, 13) if is_reminder_day(date(2026, 10, n), OCTOBER)] == [
        date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 12)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "last", "covered"),
    [
        (MONDAY, MONDAY, TUESDAY),
        (TUESDAY, MONDAY, TUESDAY),
        (WEDNESDAY, WEDNESDAY, THURSDAY),
        (FRIDAY, FRIDAY, SUNDAY),
        (SATURDAY, FRIDAY, SUNDAY),
        (SUNDAY, FRIDAY, SUNDAY),
    ],
)
def test_each_reminder_day_speaks_until_the_day_before_the_next(day: date, last: date, covered: date) -> None:
    assert (last_reminder_day(day, PLAIN), covered_until(day, PLAIN)) == (last, covered)


def test_the_last_reminder_day_before_a_holiday_speaks_for_all_of_it() -> None:
    assert covered_until(date(2026, 9, 30), OCTOBER) == date(2026, 10, 7)
    assert covered_until(date(2026, 10, 8), OCTOBER) == date(2026, 10, 8)
    assert covered_until(FRIDAY, Workdays(off=[MONDAY + WEEK])) == MONDAY + WEEK


@settings(deadline=None)  # busy machines are slow
@given(CALENDARS, DAYS)
def test_every_day_is_spoken_for_by_the_last_reminder_day(calendar: Workdays, day: date) -> None:
    speaks = last_reminder_day(day, calendar)
    assert speaks <= day <= covered_until(speaks, calendar) == covered_until(day, calendar)
    assert is_reminder_day(covered_until(day, calendar) + DAY, calendar)


def test_a_lead_time_is_reached_on_its_day_and_not_the_day_before() -> None:
    assert reached_lead_time(TUESDAY, MONDAY, (1,)) == 1
    assert reached_lead_time(TUESDAY, MONDAY - DAY, (1,)) is None
    assert reached_lead_time(TUESDAY, MONDAY, (7, 1, 0)) == 1
    assert reached_lead_time(TUESDAY, TUESDAY, (7, 1, 0)) == 0
    assert reached_lead_time(TUESDAY, WEDNESDAY, (7, 1, 0)) == 0
    assert reached_lead_time(TUESDAY, TUESDAY, ()) is None


@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3]), (2, [0, 1, 1, 2]), (3, [0, 1, 1, 1])])
def test_overdue_reminders_come_every_so_many_workdays(every: int, expected: list[int]) -> None:
    days = [MONDAY + n * DAY for n in range(4)]
    assert [overdue_ordinal(MONDAY, day, PLAIN, every) for day in days] == expected


def said(due_on: date, every: int = 2, days: int = 70, calendar: Workdays = PLAIN) -> list[date]:
    """Return the reminder days on which a new number is reached."""
    numbers: dict[int, date] = {}
    for day in (due_on + n * DAY for n in range(days)):
        if is_reminder_day(day, calendar) and (number := overdue_ordinal(due_on, day, calendar, every)):
            numbers.setdefault(number, day)
    assert list(numbers) == sorted(numbers)
    return list(numbers.values())


def test_overdue_reminders_come_three_times_a_week_for_two_weeks_and_then_once() -> None:
    friday = FRIDAY - WEEK
    assert said(friday, days=35) == [
        MONDAY, WEDNESDAY, FRIDAY, WEDNESDAY + WEEK, FRIDAY + WEEK,  # the tenth workday
        MONDAY + 2 * WEEK, MONDAY + 3 * WEEK, MONDAY + 4 * WEEK,
    ]  # fmt: skip


def test_the_first_weekly_reminder_follows_the_eleventh_workday_and_the_others_each_first_day_of_a_week() -> None:
    tenth, eleventh = MONDAY + 2 * WEEK, TUESDAY + 2 * WEEK
    assert [overdue_ordinal(MONDAY, day, PLAIN, 2) for day in (tenth, eleventh, eleventh + 5 * DAY)] == [5, 6, 6]
    assert overdue_ordinal(MONDAY, MONDAY + 3 * WEEK, PLAIN, 2) == 7
    assert said(MONDAY, days=45)[4:] == [
        FRIDAY + WEEK, WEDNESDAY + 2 * WEEK, MONDAY + 3 * WEEK, MONDAY + 4 * WEEK, MONDAY + 5 * WEEK, MONDAY + 6 * WEEK
    ]  # fmt: skip


def test_a_week_that_begins_with_a_holiday_reminds_on_its_first_reminder_day() -> None:
    told = said(date(2026, 9, 7), calendar=OCTOBER, days=40)
    assert told[-3:] == [date(2026, 9, 28), date(2026, 10, 8), date(2026, 10, 12)]


@pytest.mark.parametrize(("every", "number"), [(1, 10), (2, 5), (3, 4), (4, 3)])
def test_what_comes_more_often_than_weekly_tapers_after_ten_workdays(every: int, number: int) -> None:
    tenth = PLAIN.shift(FRIDAY, 10)
    assert tapers(every)
    assert frequent_reminders(every) == number
    assert [overdue_ordinal(FRIDAY, day, PLAIN, every) for day in (tenth, tenth + 3 * DAY)] == [number, number + 1]


def test_weekly_and_rarer_reminders_stay_as_they_are() -> None:
    assert not tapers(5)
    days = [PLAIN.shift(MONDAY, n) for n in (1, 5, 6, 10, 11, 15, 16, 21, 22)]
    assert [overdue_ordinal(MONDAY, day, PLAIN, 5) for day in days] == [1, 1, 2, 2, 3, 3, 4, 5, 5]
    assert [overdue_ordinal(MONDAY, day, PLAIN, 21) for day in days] == [1, 1, 1, 1, 1, 1, 1, 1, 2]


def test_what_reached_an_overdue_reminder_was_due_so_many_workdays_before() -> None:
    assert [overdue_before(number, FRIDAY, PLAIN, 2) for number in (1, 2, 3)] == [FRIDAY, WEDNESDAY, MONDAY]
    assert overdue_before(2, FRIDAY, PLAIN, 3) == TUESDAY
    last, first_weekly = PLAIN.shift(FRIDAY, -8), PLAIN.shift(FRIDAY, -10)
    assert [overdue_before(number, FRIDAY, PLAIN, 2) for number in (5, 6)] == [last, first_weekly]
    assert overdue_before(frequent_reminders(3) + 1, FRIDAY, PLAIN, 3) == first_weekly
    assert overdue_before(6, FRIDAY, PLAIN, 2) == FRIDAY - 2 * WEEK
    assert overdue_before(7, FRIDAY, PLAIN, 2) == FRIDAY - 3 * WEEK
    assert overdue_before(7, MONDAY, PLAIN, 2) == FRIDAY - 3 * WEEK
    assert overdue_before(7, FRIDAY, PLAIN, 5) == FRIDAY - 6 * WEEK


@settings(deadline=None)  # busy machines are slow
@given(CALENDARS, DAYS, st.integers(0, 120), st.integers(1, 9), st.integers(1, 24))
def test_the_day_before_which_a_number_is_reached_is_that_of_the_number(
    calendar: Workdays, day: date, ago: int, every: int, number: int
) -> None:
    today = calendar.on_or_after(day)
    due_on = today - ago * DAY
    reached = overdue_ordinal(due_on, today, calendar, every) >= number
    assert reached == (due_on < overdue_before(number, today, calendar, every))


@settings(deadline=None)  # busy machines are slow
@given(CALENDARS, DAYS, st.integers(1, 9))
def test_numbers_never_fall_as_days_pass(calendar: Workdays, due_on: date, every: int) -> None:
    numbers = [overdue_ordinal(due_on, due_on + n * DAY, calendar, every) for n in range(90)]
    assert numbers == sorted(numbers)


def test_what_is_overdue_for_more_than_thirty_workdays_is_long_overdue() -> None:
    days = [PLAIN.shift(MONDAY, n) for n in (29, 30, 31)]
    assert [is_long_overdue(MONDAY, day, PLAIN) for day in days] == [False, False, True]
