"""Date rules: workdays with 调休, lead times, numbers of overdue reminders, thirds of a month."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creation.rules.deadlines import LEAD_TIMES, Workdays, overdue_ordinal, reached_lead_time, ten_day_period

PLAIN = Workdays()
# National Day 2026: off from Thursday 1 to Wednesday 7 October; Saturday 10 is a workday.
OCTOBER = Workdays(
    off=[date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)],
    work=[date(2026, 10, 10)],
)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(Workdays, off=st.sets(DAYS, max_size=40), work=st.sets(DAYS, max_size=40))


def test_weekends_and_holidays_are_off_and_a_make_up_saturday_is_worked() -> None:
    assert PLAIN.is_workday(date(2026, 10, 1))
    assert not OCTOBER.is_workday(date(2026, 10, 1))
    assert OCTOBER.is_workday(date(2026, 10, 10))
    assert not OCTOBER.is_workday(date(2026, 10, 11))


def test_shifting_skips_the_holiday_both_ways() -> None:
    assert OCTOBER.shift(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert OCTOBER.shift(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert OCTOBER.shift(date(2026, 10, 8), 2) == date(2026, 10, 10)
    assert OCTOBER.shift(date(2026, 10, 3), 0) == date(2026, 10, 3)


@settings(deadline=None)  # busy machines are slow
@given(CALENDARS, DAYS, st.integers(1, 15))
def test_shifting_there_and_back_ends_where_it_began(calendar: Workdays, day: date, count: int) -> None:
    start = calendar.on_or_after(day)
    assert calendar.shift(calendar.shift(start, count), -count) == start


@settings(deadline=None)  # busy machines are slow
@given(CALENDARS, DAYS, st.integers(1, 15))
def test_a_shift_passes_the_given_number_of_workdays(calendar: Workdays, day: date, count: int) -> None:
    assert calendar.between(day, calendar.shift(day, count)) == count


def test_there_are_no_workdays_between_a_day_and_an_earlier_one() -> None:
    assert PLAIN.between(date(2026, 8, 10), date(2026, 8, 3)) == 0


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 8, 4), None),  # Tuesday, eight days before
        (date(2026, 8, 5), 7),
        (date(2026, 8, 6), 7),
        (date(2026, 8, 7), 3),  # Friday: the third day before is a Sunday, so it moves to here
        (date(2026, 8, 10), 3),
        (date(2026, 8, 11), 1),
        (date(2026, 8, 12), 0),
        (date(2026, 8, 20), 0),
    ],
)
def test_the_smallest_lead_time_reached_is_used(today: date, expected: int | None) -> None:
    assert reached_lead_time(date(2026, 8, 12), today, PLAIN) == expected


def test_every_lead_time_inside_a_long_holiday_moves_to_the_last_workday_before() -> None:
    assert reached_lead_time(date(2026, 10, 4), date(2026, 9, 29), OCTOBER) == 7
    assert reached_lead_time(date(2026, 10, 4), date(2026, 9, 30), OCTOBER) == 0


@settings(deadline=None)
@given(CALENDARS, DAYS)
def test_a_lead_time_is_never_first_reached_on_a_day_off(calendar: Workdays, due_on: date) -> None:
    days = [due_on - timedelta(days=left) for left in range(30, -1, -1)]
    reached = {day: reached_lead_time(due_on, day, calendar) for day in days}
    changes = [after for before, after in itertools.pairwise(days) if reached[before] != reached[after]]
    assert all(calendar.is_workday(day) for day in changes)


def test_lead_times_only_decrease_as_days_pass() -> None:
    rungs = [
        reached_lead_time(date(2026, 8, 12), date(2026, 8, 1) + timedelta(days=n), PLAIN, LEAD_TIMES) for n in range(15)
    ]
    assert [step for step in rungs if step is not None] == sorted([s for s in rungs if s is not None], reverse=True)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 8, 7), 0),  # the due day itself, a Friday
        (date(2026, 8, 8), 0),
        (date(2026, 8, 9), 0),
        (date(2026, 8, 10), 1),
        (date(2026, 8, 11), 1),
        (date(2026, 8, 12), 2),
        (date(2026, 8, 14), 3),
        (date(2026, 8, 16), 3),
        (date(2026, 8, 18), 4),
    ],
)
def test_overdue_counts_every_second_workday(today: date, expected: int) -> None:
    assert overdue_ordinal(date(2026, 8, 7), today, PLAIN) == expected


@pytest.mark.parametrize(
    ("month", "part", "expected"),
    [
        (6, "上旬", (date(2026, 6, 1), date(2026, 6, 10))),
        (6, "中旬", (date(2026, 6, 11), date(2026, 6, 20))),
        (6, "下旬", (date(2026, 6, 21), date(2026, 6, 30))),
        (12, "下旬", (date(2026, 12, 21), date(2026, 12, 31))),
        (2, "下旬", (date(2026, 2, 21), date(2026, 2, 28))),
    ],
)
def test_a_third_of_a_month_ends_with_the_month(month: int, part: str, expected: tuple[date, date]) -> None:
    assert ten_day_period(2026, month, part) == expected


def test_the_last_third_of_a_leap_february_has_the_29th() -> None:
    assert ten_day_period(2028, 2, "下旬")[1] == date(2028, 2, 29)


def test_another_word_for_a_third_is_an_error() -> None:
    with pytest.raises(KeyError):
        ten_day_period(2026, 6, "初")
