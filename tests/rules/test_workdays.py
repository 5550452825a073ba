"""Date rules: workdays with 调休."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from creation.rules.deadlines import Workdays

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
