"""The table of holidays: filled from the library, left alone where the office entered it, and never a crash for a year to come."""

from datetime import date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from creation import holidays
from creation.models import AuditEntry, Holiday
from creation.trail import Actor
from tests.world import ZONE, World

pytestmark = pytest.mark.django_db


def actor(year: int = 2026, month: int = 7) -> Actor:
    return Actor(None, datetime(year, month, 31 if month in (7, 12) else 30, 10, tzinfo=ZONE))


def test_a_published_year_is_filled_with_days_off_and_days_to_make_up() -> None:
    assert holidays.fill(2026, actor()) == Holiday.objects.count() == 25
    calendar = Holiday.objects.calendar()
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))
    assert Holiday.objects.get(day=date(2026, 10, 1)).name == "国庆节"
    assert AuditEntry.objects.get().detail == "录入 25 天"


def test_only_days_that_differ_from_their_weekday_are_entered() -> None:
    holidays.fill(2026, actor())
    assert all((row.kind == "off") == (row.day.weekday() < 5) for row in Holiday.objects.all())


def test_filling_again_changes_nothing() -> None:
    holidays.fill(2026, actor())
    assert holidays.fill(2026, actor()) == 0
    assert (Holiday.objects.count(), AuditEntry.objects.count()) == (25, 1)


def test_what_the_office_entered_stands() -> None:
    Holiday.objects.create(day=date(2026, 9, 9), kind="off", name="区庆")
    assert holidays.fill(2026, actor()) == 0
    assert Holiday.objects.count() == 1


def test_a_year_that_is_not_published_is_counted_by_weekends_and_said_so() -> None:
    assert holidays.fill_ahead(actor(2027)) == 0
    calendar = Holiday.objects.calendar()
    assert calendar.is_workday(date(2027, 10, 1))
    assert not calendar.is_workday(date(2027, 10, 2))
    assert holidays.warning(date(2027, 1, 4)).startswith("2027 年的节假日和调休安排尚未录入")


def test_the_next_year_is_asked_for_in_december() -> None:
    holidays.fill_ahead(actor())
    assert holidays.warning(date(2026, 11, 30)) == ""
    assert holidays.warning(date(2026, 12, 1)).startswith("2027 年")


def test_the_command_says_what_it_did_for_each_year() -> None:
    out = StringIO()
    for year in ("2026", "2026", "2027"):
        call_command("holidays", "--year", year, stdout=out)
    assert out.getvalue().splitlines() == [
        "2026 年：录入 25 天。",
        "2026 年：已有记录，未改动。",
        "2027 年：安排尚未收录，工作日暂按周一至周五计算。",
    ]


def test_a_year_that_is_none_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="不是可用的年份"):
        call_command("holidays", "--year", "26")


@pytest.mark.parametrize(("day", "banner"), [(date(2027, 3, 1), True), (date(2026, 3, 2), False)])
def test_the_office_sees_the_banner_and_a_liaison_does_not(world: World, day: date, banner: bool) -> None:

    holidays.fill(2026, actor())
    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=ZONE), tick=False):
        office, unit = (world.client(who).get("/notices/").content.decode() for who in ("coordinator", "liaison"))
    assert ("节假日和调休安排尚未录入" in office) is banner
    assert "节假日和调休安排尚未录入" not in unit
