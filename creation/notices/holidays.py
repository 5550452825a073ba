"""The table of holidays: filled from chinesecalendar where it has the year, otherwise by the office from the State Council's notice.

A year in use that is not known always causes a warning.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib import strings
from creation.lib.refusals import Refusal
from creation.models import CampaignState, DayKind, Holiday, Phase, Task

SURE_HOLIDAYS = ("春节", "国庆")  # every notice of the State Council contains these
NEXT_YEAR_FROM_MONTH = 12  # from this month on, a missing next year causes a warning
SUPPORTED_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class HolidayChange:
    """A planned change of a day. ``current`` is the existing row, or None."""

    day: date
    kind: DayKind | None
    name: str
    current: Holiday | None

    @property
    def change(self) -> str:
        """Return 新增, 修改 or 删除; empty if nothing changes."""
        if self.kind is None:
            return "删除"
        if self.current is None:
            return "新增"
        return "" if (self.current.kind, self.current.name) == (self.kind, self.name) else "修改"


def fill_year(year: int, actor: Actor) -> int:
    """Add the days of ``year`` that differ from their weekday, and return their number.

    Returns 0 if the library does not have the year, or if the year is known already. Days that the office has entered are not changed.
    """
    published = published_days(year)
    with transaction.atomic():
        if not published or known_years([year]):
            return 0
        entered = set(Holiday.objects.filter(day__year=year).values_list("day", flat=True))
        days = [row for row in published if row.day not in entered]
        Holiday.objects.bulk_create(days, ignore_conflicts=True)
        audit_log.record(actor, "holidays.fill", f"{year} 年节假日", detail=f"录入 {len(days)} 天")
    return len(days)


def fill_ahead(actor: Actor) -> int:
    """Fill this year and, once it is published, the next one."""
    return fill_year(actor.today.year, actor) + fill_year(actor.today.year + 1, actor)


def published_days(year: int) -> list[Holiday]:
    """Return the year's days according to the State Council's notice; empty while the library does not have the year."""
    try:
        return [row for day in _days_of_year(year) if (row := _exception_on(day))]
    except NotImplementedError:
        return []


# Changes by the office


def preview_year(year: int, days: Mapping[date, tuple[DayKind, str]]) -> list[HolidayChange]:
    """Return the changes that ``set_year`` would make: the days of the notice, and existing days of the year that it does not contain."""
    existing = {row.day: row for row in Holiday.objects.all() if row.day.year == year or row.day in days}
    rows = [HolidayChange(day, kind, name, existing.get(day)) for day, (kind, name) in days.items()]
    removed = [HolidayChange(day, None, row.name, row) for day, row in existing.items() if day not in days]
    return sorted(rows + removed, key=lambda row: row.day)


def year_fingerprint(year: int) -> str:
    """Return a digest of the year's rows. A preview carries it to say which state it was based on."""
    rows = Holiday.objects.filter(day__year=year).order_by("day").values_list("day", "kind", "name")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]


def set_year(year: int, days: Mapping[date, tuple[DayKind, str]], seen: str, actor: Actor) -> int:
    """Set the year as in the notice. Return the number of changed days. Raises Refusal."""
    if not days:
        raise Refusal("没有读出任何放假或调休上班的日期，没有改动。")
    with transaction.atomic():
        list(Holiday.objects.select_for_update().filter(day__year=year).values_list("pk"))
        if year_fingerprint(year) != seen:
            raise Refusal(f"{year} 年的安排刚刚被他人改过，没有保存。请重新核对下面的变化后再保存。")
        changed = [row for row in preview_year(year, days) if row.change]
        _write(changed)
        if changed:
            summary = "；".join(f"{row.change} {row.day}" for row in changed)
            audit_log.record(actor, "holidays.fill", f"{year} 年节假日", detail=strings.shorten(summary, 2000))
    return len(changed)


def _write(rows: Collection[HolidayChange]) -> None:
    Holiday.objects.filter(day__in=[row.day for row in rows if row.kind is None]).delete()
    kept = [Holiday(day=row.day, kind=row.kind, name=row.name) for row in rows if row.kind is not None]
    Holiday.objects.bulk_create(kept, update_conflicts=True, unique_fields=["day"], update_fields=["kind", "name"])


def set_day(day: date, off: bool, name: str, actor: Actor) -> bool:
    """Set a single day as a day off or a workday. Return False if nothing changes. A day that agrees with its weekday has no row."""
    kind = DayKind.OFF if off else DayKind.WORK
    with transaction.atomic():
        existing = Holiday.objects.select_for_update().filter(day=day).first()
        row = HolidayChange(day, None if off == (day.weekday() >= 5) else kind, name, existing)
        if not row.change or (row.kind is None and existing is None):
            return False
        _write([row])
        audit_log.record(actor, "holidays.day", str(day), detail=f"{kind.label} {name}".strip())
    return True


# Unknown years


def known_years(years: Iterable[int]) -> set[int]:
    """Return those years in which 春节 and 国庆 are entered as days off: a single day does not make a year known."""
    rows = Holiday.objects.filter(day__year__in=list(years), kind=DayKind.OFF).order_by()
    found = [set(rows.filter(name__contains=name).values_list("day__year", flat=True)) for name in SURE_HOLIDAYS]
    return set.intersection(*found)


def years_in_use(today: date) -> list[int]:
    """Return this year, the next from December on, and the years of deadlines in open campaigns."""
    years = {today.year, *([today.year + 1] if today.month >= NEXT_YEAR_FROM_MONTH else [])}
    last = date(today.year, 12, 31)
    ends = Phase.objects.filter(campaign__state=CampaignState.OPEN, ends__gt=last)
    due = Task.objects.active().unanswered().filter(campaign__state=CampaignState.OPEN, due_on__gt=last)
    years |= set(ends.order_by().values_list("ends__year", flat=True).distinct())
    years |= set(due.order_by().values_list("due_on__year", flat=True).distinct())
    return sorted(years)


def missing_years(today: date) -> list[int]:
    """Return the years in use for which only weekends are known."""
    years = years_in_use(today)
    known = known_years(years)
    return [year for year in years if year not in known]


def missing_years_warning(today: date) -> str:
    """Return a warning if a year in use has no holidays, otherwise ""."""
    missing = "、".join(str(year) for year in missing_years(today))
    if not missing:
        return ""
    return (
        f"{missing} 年的节假日和调休安排尚未录入，工作日暂按周一至周五计算。"
        "国务院公布放假安排后（一般在上一年十一月），请在“节假日和调休”页面粘贴通知。"
    )


def _days_of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _exception_on(day: date) -> Holiday | None:
    """Return the row of a day that differs from its weekday, else None.

    Raises NotImplementedError if the library does not have the year.
    """
    off, name = chinese_calendar.get_holiday_detail(day)
    if off == (day.weekday() >= 5):
        return None
    return Holiday(day=day, kind=DayKind.OFF if off else DayKind.WORK, name=_chinese(name))


def _chinese(name: str | None) -> str:
    return next((each.chinese for each in chinese_calendar.Holiday if each.value == name), "")
