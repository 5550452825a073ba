"""The table of holidays: filled from chinesecalendar as far as it knows, and never without a word where it does not."""

from datetime import date, timedelta

import chinese_calendar
from django.db import transaction

from creation import trail
from creation.models import DayKind, Holiday
from creation.trail import Actor

NEXT_YEAR_FROM = 12  # month: from here on a missing next year is worth a banner


def fill(year: int, actor: Actor) -> int:
    """Enter the days of ``year`` that differ from their weekday; gives their number.

    0 when the library does not know the year, or when the year has rows already: what the office entered stands.
    """
    days = published(year)
    with transaction.atomic():
        if not days or Holiday.objects.filter(day__year=year).exists():
            return 0
        Holiday.objects.bulk_create(days, update_conflicts=True, unique_fields=["day"], update_fields=["kind"])
        trail.audit(actor, "holidays.fill", f"{year} 年节假日", detail=f"录入 {len(days)} 天")
    return len(days)


def fill_ahead(actor: Actor) -> int:
    """This year and, as soon as it is published, the next one."""
    return fill(actor.today.year, actor) + fill(actor.today.year + 1, actor)


def published(year: int) -> list[Holiday]:
    """The year as the State Council's notice has it; empty while the library does not know it."""
    try:
        return [row for day in _days(year) if (row := _differing(day))]
    except NotImplementedError:
        return []


def warning(today: date) -> str:
    """A sentence for the page when a year is counted by weekends alone, else empty."""
    years = [today.year, *([today.year + 1] if today.month >= NEXT_YEAR_FROM else [])]
    known = set(Holiday.objects.filter(day__year__in=years).values_list("day__year", flat=True).distinct())
    missing = "、".join(str(year) for year in years if year not in known)
    if not missing:
        return ""
    return (
        f"{missing} 年的节假日和调休安排尚未录入，工作日暂按周一至周五计算。"
        "请系统管理员在国务院公布放假安排后更新 chinesecalendar，并执行 manage.py holidays。"
    )


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _differing(day: date) -> Holiday | None:
    """Raises NotImplementedError for a year that is not in the library."""
    off, name = chinese_calendar.get_holiday_detail(day)
    if off == (day.weekday() >= 5):
        return None
    return Holiday(day=day, kind=DayKind.OFF if off else DayKind.WORK, name=_chinese(name))


def _chinese(name: str | None) -> str:
    return next((each.chinese for each in chinese_calendar.Holiday if each.value == name), "")
