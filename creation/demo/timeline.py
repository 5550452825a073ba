"""A queue of events before today. Days are counted from the day of loading: 0 is today, -1 yesterday."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Holiday
from creation.notices import holidays

Report = Callable[[int, int], None]  # the day of the demonstration that begins, and the number of its days

SEED = 48  # with this seed even the smallest demonstration has answers of every mode and readings, on any day
OPENED = -40  # the day on which the campaign opens


class DemoTimeline:
    """Queue of events. Loaded on the same day, it yields the same random numbers."""

    def __init__(self, now: datetime) -> None:
        self.today = timezone.localdate(now)
        for year in range(self.day(-60).year, self.day(180).year + 1):
            holidays.fill_year(year, Actor(None, now))
        self.calendar, self.rng = Holiday.objects.calendar(), Random(SEED)  # noqa: S311 - no secret
        self._planned: list[tuple[datetime, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = 0

    def plan(self, at: datetime, act: Callable[..., object], *arguments: Any) -> None:
        """Call ``act(*arguments, at)`` after all earlier events; it may plan further ones."""
        self._count += 1
        heappush(self._planned, (at, self._count, act, arguments))

    def run(self, report: Report | None = None) -> None:
        """Run the events in chronological order; ``report`` hears of each day that begins, and of how many days there are."""
        number = 0
        while self._planned:
            at, _, act, arguments = heappop(self._planned)
            if report and (day := self.number(timezone.localdate(at)) - OPENED + 1) > number:
                number = day
                report(number, -OPENED)
            act(*arguments, at)

    def day(self, number: int) -> date:
        return self.today + timedelta(days=number)

    def number(self, day: date | None) -> int:
        return ((day or self.today) - self.today).days

    def at(self, number: int, hour: int = 0, minute: int = 0) -> datetime:
        return timezone.make_aware(datetime.combine(self.day(number), time(hour, minute)))

    def workdays(self, first: int, last: int) -> list[int]:
        """Return the workdays from ``first`` to ``last``, or all days if none of them is a workday."""
        days = range(first, last + 1)
        return [n for n in days if self.calendar.is_workday(self.day(n))] or list(days)

    def working_hours(self, first: int, last: int) -> datetime:
        """Return a random working time between two days, not later than yesterday."""
        first, last = min(first, -1), min(last, -1)
        day = self.rng.choice(self.workdays(first, max(first, last)))
        return self.at(day, 8, 30) + timedelta(seconds=self.rng.randrange(9 * 3600))

    def after(self, moment: datetime, workdays: int) -> datetime:
        """Return a random working time so many workdays later, not later than yesterday."""
        there = self.number(self.calendar.shift(timezone.localdate(moment), workdays))
        return max(self.working_hours(there, there), moment + timedelta(minutes=self.rng.randint(3, 8)))
