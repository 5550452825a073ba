"""Last year's days in the new year: the same day of the month, then onto a workday."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from creation.models import Campaign, DayKind, Holiday, Phase
from creation.notices import holidays
from creation.rules.deadlines import Workdays


@dataclass(frozen=True, slots=True)
class Wish:
    """What the new campaign is to be called, its year, and the first day of its first phase (None while that has no date)."""

    name: str
    year: int
    starts: date | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A phase with the dates that are offered for it; both None: to be announced."""

    phase: Phase
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves days by whole years, then by ``days``: as far as the wished start lies from the day that the years alone give."""

    years: int
    days: int
    calendar: Workdays

    def start(self, day: date) -> date:
        return self.calendar.on_or_after(self._moved(day))

    def end(self, day: date) -> date:
        """Before a day off rather than after it: then it has to be done."""
        return self.calendar.on_or_before(self._moved(day))

    def _moved(self, day: date) -> date:
        return later(day, self.years) + timedelta(days=self.days)


def later(day: date, years: int) -> date:
    """29 February becomes the 28th in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def first_day(phases: Iterable[Phase]) -> date | None:
    return min((phase.starts for phase in phases if phase.starts), default=None)


def wished_start(previous: Campaign, year: int) -> date | None:
    """The start that is offered for ``year``; None when no phase of the previous campaign has dates."""
    first = first_day(previous.phases.all())
    return Mover(year - previous.year, 0, calendar_of(year)).start(first) if first else None


def mover(previous: Campaign, phases: Iterable[Phase], wish: Wish) -> Mover:
    years, first = wish.year - previous.year, first_day(phases)
    calendar = calendar_of(wish.year)
    offered = Mover(years, 0, calendar).start(first) if first else None
    if first is None or wish.starts is None or wish.starts == offered:
        return Mover(years, 0, calendar)
    return Mover(years, (wish.starts - later(first, years)).days, calendar)


def offer(phase: Phase, by: Mover) -> Offer:
    if phase.starts is None or phase.ends is None:
        return Offer(phase, None, None)
    starts = by.start(phase.starts)
    return Offer(phase, starts, max(starts, by.end(phase.ends)))


def calendar_of(year: int) -> Workdays:
    """The table of holidays, with the year's as it will be filled in."""
    rows = list(Holiday.objects.all())
    if not any(row.day.year == year for row in rows):
        rows += holidays.published(year)
    return Workdays(
        off=[row.day for row in rows if row.kind == DayKind.OFF],
        work=[row.day for row in rows if row.kind == DayKind.WORK],
    )


def warning(year: int) -> str:
    """A sentence where the year's days off are not known yet, else empty."""
    if holidays.published(year) or holidays.known_years([year]):
        return ""
    return (
        f"{year} 年的节假日和调休安排尚未录入，下面的日期暂按周一至周五推算，可以直接改。"
        "国务院公布放假安排后（一般在上一年十一月），请到“节假日和调休”粘贴通知，再到“阶段时间”核对。"
    )
