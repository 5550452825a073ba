"""Last year's dates in the new year: the same day of the month, then moved to a workday."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from creation.models import Campaign, DayKind, Holiday, Phase
from creation.notices import holidays
from creation.rules.deadlines import Workdays


@dataclass(frozen=True, slots=True)
class RolloverTarget:
    """Name and year of the new campaign, and the first day of its first phase (None while that has no date)."""

    name: str
    year: int
    starts: date | None


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """A phase with the dates offered for it; both None: to be announced."""

    phase: Phase
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class DateShifter:
    """Moves dates by whole years, then by ``days``: the distance between the requested start and the date that the years alone yield."""

    years: int
    days: int
    calendar: Workdays

    def start(self, day: date) -> date:
        return self.calendar.on_or_after(self._shifted(day))

    def end(self, day: date) -> date:
        """Return the last workday up to the shifted date: a deadline is never moved later."""
        return self.calendar.on_or_before(self._shifted(day))

    def _shifted(self, day: date) -> date:
        return add_years(day, self.years) + timedelta(days=self.days)


def add_years(day: date, years: int) -> date:
    """Return the date ``years`` later; 29 February becomes the 28th in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def first_day(phases: Iterable[Phase]) -> date | None:
    return min((phase.starts for phase in phases if phase.starts), default=None)


def default_start(previous: Campaign, year: int) -> date | None:
    """Return the start offered for ``year``; None when no phase of the previous campaign has dates."""
    first = first_day(previous.phases.all())
    return DateShifter(year - previous.year, 0, calendar_of(year)).start(first) if first else None


def shifter_for(previous: Campaign, phases: Iterable[Phase], target: RolloverTarget) -> DateShifter:
    years, first = target.year - previous.year, first_day(phases)
    calendar = calendar_of(target.year)
    offered = DateShifter(years, 0, calendar).start(first) if first else None
    if first is None or target.starts is None or target.starts == offered:
        return DateShifter(years, 0, calendar)
    return DateShifter(years, (target.starts - add_years(first, years)).days, calendar)


def shift_phase(phase: Phase, shifter: DateShifter) -> PhaseDates:
    if phase.starts is None or phase.ends is None:
        return PhaseDates(phase, None, None)
    starts = shifter.start(phase.starts)
    return PhaseDates(phase, starts, max(starts, shifter.end(phase.ends)))


def calendar_of(year: int) -> Workdays:
    """Return the workday calendar, including the holidays that will be added for the year."""
    rows = list(Holiday.objects.all())
    if not any(row.day.year == year for row in rows):
        rows += holidays.published_days(year)
    return Workdays(
        off=[row.day for row in rows if row.kind == DayKind.OFF],
        work=[row.day for row in rows if row.kind == DayKind.WORK],
    )


def unknown_year_warning(year: int) -> str:
    """Return a warning when the holidays of the year are not known yet, else ""."""
    if holidays.published_days(year) or holidays.known_years([year]):
        return ""
    return (
        f"{year} 年的节假日和调休安排尚未录入，下面的日期暂按周一至周五推算，可以直接改。"
        "国务院公布放假安排后（一般在上一年十一月），请到“节假日和调休”粘贴通知，再到“阶段时间”核对。"
    )
