"""The edges of a due day: the workday before a day off, the words for it."""

from datetime import date, timedelta

import pytest

from creation.rules.deadlines import (
    Workdays,
    due_day_text,
    former_due_note,
    workday_before,
)

PLAIN = Workdays()
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 8, 7) + timedelta(days=n) for n in range(4))
TUESDAY = MONDAY + timedelta(days=1)
MADE_UP = Workdays(off=[MONDAY], work=[SUNDAY])


@pytest.mark.parametrize(
    ("due_on", "before"), [(None, None), (FRIDAY, None), (SATURDAY, FRIDAY), (SUNDAY, FRIDAY), (MONDAY, None)]
)
def test_a_day_off_has_a_workday_before_it(due_on: date | None, before: date | None) -> None:
    assert workday_before(due_on, PLAIN) == before


def test_the_words_name_the_workday_before_a_day_off() -> None:
    assert due_day_text(SUNDAY, PLAIN) == "2026-08-09（休息日，请在 2026-08-07 前办结）"
    assert due_day_text(MONDAY, PLAIN) == "2026-08-10"
    assert former_due_note(MONDAY) == "（原时限 2026-08-10）"
    assert former_due_note(None) == "（原时限待定）"


def test_every_weekday_is_worked_and_no_day_of_the_weekend() -> None:
    assert [PLAIN.is_workday(MONDAY + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2
    assert [MADE_UP.is_workday(day) for day in (FRIDAY, SATURDAY, SUNDAY, MONDAY)] == [True, False, True, False]


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (FRIDAY, 1, MONDAY),
        (FRIDAY, 2, TUESDAY),
        (MONDAY, -1, FRIDAY),
        (TUESDAY, -2, FRIDAY),
        (SATURDAY, 1, MONDAY),
        (SUNDAY, -1, FRIDAY),
        (SUNDAY, 0, SUNDAY),
    ],
)
def test_a_shift_counts_workdays_only(day: date, count: int, expected: date) -> None:
    assert PLAIN.shift(day, count) == expected


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [(FRIDAY, FRIDAY, FRIDAY), (SATURDAY, FRIDAY, MONDAY), (SUNDAY, FRIDAY, MONDAY), (MONDAY, MONDAY, MONDAY)],
)
def test_the_nearest_workday_is_the_day_itself_where_it_is_one(day: date, before: date, after: date) -> None:
    assert (PLAIN.on_or_before(day), PLAIN.on_or_after(day)) == (before, after)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [(MONDAY, MONDAY, 0), (MONDAY, TUESDAY, 1), (FRIDAY, MONDAY, 1), (FRIDAY, TUESDAY, 2), (TUESDAY, MONDAY, 0)],
)
def test_the_days_between_leave_out_the_first_and_include_the_last(start: date, end: date, count: int) -> None:
    assert PLAIN.between(start, end) == count
