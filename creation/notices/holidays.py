"""The table of holidays: filled from chinesecalendar as far as it knows, then by the office from the State Council's notice.

Never without a word where a year is unknown.
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

NEXT_YEAR_FROM_MONTH = 12  # month: from here on a missing next year is worth a banner
SUPPORTED_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class HolidayChange:
    """A day of the table as it is to be; ``current`` is what stands now, None where nothing does."""

    day: date
    kind: DayKind | None
    name: str
    current: Holiday | None

    @property
    def change(self) -> str:
        """新增, 修改, 删除, or empty where all stays."""
        if self.kind is None:
            return "删除"
        if self.current is None:
            return "新增"
        return "" if (self.current.kind, self.current.name) == (self.kind, self.name) else "修改"


def fill_year(year: int, actor: Actor) -> int:
    """Enter the days of ``year`` that differ from their weekday; gives their number.

    0 when the library does not know the year, or when the year has rows already: what the office entered stands.
    """
    days = published_days(year)
    with transaction.atomic():
        if not days or Holiday.objects.filter(day__year=year).exists():
            return 0
        Holiday.objects.bulk_create(days, update_conflicts=True, unique_fields=["day"], update_fields=["kind"])
        audit_log.record(actor, "holidays.fill", f"{year} 年节假日", detail=f"录入 {len(days)} 天")
    return len(days)


def fill_ahead(actor: Actor) -> int:
    """This year and, as soon as it is published, the next one."""
    return fill_year(actor.today.year, actor) + fill_year(actor.today.year + 1, actor)


def published_days(year: int) -> list[Holiday]:
    """The year as the State Council's notice has it; empty while the library does not know it."""
    try:
        return [row for day in _days_of_year(year) if (row := _exception_on(day))]
    except NotImplementedError:
        return []


# Set by the office


def preview_year(year: int, days: Mapping[date, tuple[DayKind, str]]) -> list[HolidayChange]:
    """What ``set_year`` would make of the table: the notice's days, and those of the year that it does not name any more."""
    existing = {row.day: row for row in Holiday.objects.all() if row.day.year == year or row.day in days}
    rows = [HolidayChange(day, kind, name, existing.get(day)) for day, (kind, name) in days.items()]
    removed = [HolidayChange(day, None, row.name, row) for day, row in existing.items() if day not in days]
    return sorted(rows + removed, key=lambda row: row.day)


def year_fingerprint(year: int) -> str:
    """A digest of the year's rows: what a preview carries to say which table it was shown against."""
    rows = Holiday.objects.filter(day__year=year).order_by("day").values_list("day", "kind", "name")
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]


def set_year(year: int, days: Mapping[date, tuple[DayKind, str]], seen: str, actor: Actor) -> int:
    """The year is as the notice says; gives the number of days that changed, 0 when it was so before. Raises Refusal."""
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
    """A single day is a day off or a workday; False when it was so before. What agrees with its weekday has no row."""
    kind = DayKind.OFF if off else DayKind.WORK
    with transaction.atomic():
        existing = Holiday.objects.select_for_update().filter(day=day).first()
        row = HolidayChange(day, None if off == (day.weekday() >= 5) else kind, name, existing)
        if not row.change or (row.kind is None and existing is None):
            return False
        _write([row])
        audit_log.record(actor, "holidays.day", str(day), detail=f"{kind.label} {name}".strip())
    return True


# Years that are not known


def known_years(years: Iterable[int]) -> set[int]:
    rows = Holiday.objects.filter(day__year__in=list(years))
    return set(rows.order_by().values_list("day__year", flat=True).distinct())


def years_in_use(today: date) -> list[int]:
    """This year, the next from December on, and those into which deadlines of open campaigns reach."""
    years = {today.year, *([today.year + 1] if today.month >= NEXT_YEAR_FROM_MONTH else [])}
    last = date(today.year, 12, 31)
    ends = Phase.objects.filter(campaign__state=CampaignState.OPEN, ends__gt=last)
    due = Task.objects.active().unanswered().filter(campaign__state=CampaignState.OPEN, due_on__gt=last)
    years |= set(ends.order_by().values_list("ends__year", flat=True).distinct())
    years |= set(due.order_by().values_list("due_on__year", flat=True).distinct())
    return sorted(years)


def missing_years(today: date) -> list[int]:
    """Years in use that are counted by weekends alone."""
    years = years_in_use(today)
    known = known_years(years)
    return [year for year in years if year not in known]


def missing_years_warning(today: date) -> str:
    """A sentence for the page when a year in use is counted by weekends alone, else empty."""
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
    """Raises NotImplementedError for a year that is not in the library."""
    off, name = chinese_calendar.get_holiday_detail(day)
    if off == (day.weekday() >= 5):
        return None
    return Holiday(day=day, kind=DayKind.OFF if off else DayKind.WORK, name=_chinese(name))


def _chinese(name: str | None) -> str:
    return next((each.chinese for each in chinese_calendar.Holiday if each.value == name), "")
