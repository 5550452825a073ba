"""When things happened: the phases moved so that the load day lies ten days before the evidence deadline, and working hours before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from creation.audit.trail import Actor
from creation.campaigns import phasing
from creation.models import Campaign, PhaseKind
from creation.rules.deadlines import Workdays

DAYS_LEFT = 10
PREPARING, DATING, OPENING = -44, -43, -40  # days before the load day on which the office begins
MORNING, EVENING = time(8, 30), time(17, 40)


def move_phases(campaign: Campaign, actor: Actor, today: date) -> None:
    """Every dated phase moves by the same number of days; the window ends with the year of the last one."""
    deadline = campaign.phases.get(kind=PhaseKind.EVIDENCE).ends
    shift = today + timedelta(days=DAYS_LEFT) - (deadline or today)
    for phase in campaign.phases.exclude(starts=None):
        if phase.starts and phase.ends:
            phasing.redate(phase, phase.starts + shift, phase.ends + shift, phase.version, actor)
    last = max(phase.ends for phase in campaign.phases.exclude(ends=None) if phase.ends)
    campaign.window_to = date(last.year, 12, 31)
    campaign.save(update_fields=["window_to"])


@dataclass(frozen=True)
class Diary:
    """Days are counted from the load day: 0 is today, -1 yesterday. History ends with yesterday's evening."""

    today: date
    calendar: Workdays
    rng: Random

    def day(self, number: int) -> date:
        return self.today + timedelta(days=number)

    def number(self, day: date) -> int:
        return (day - self.today).days

    def workdays(self, first: int, last: int) -> Sequence[int]:
        """The workdays from ``first`` to ``last``; all days where a holiday leaves none."""
        days = range(first, last + 1)
        return [n for n in days if self.calendar.is_workday(self.day(n))] or list(days)

    def some(self, first: int, last: int) -> datetime:
        """A moment of work between two days."""
        return self.at(self.rng.choice(self.workdays(first, min(last, -1))))

    def later(self, moment: datetime, days: int) -> datetime:
        """A moment of work about ``days`` workdays later, always after ``moment``, never later than yesterday."""
        here = self.number(timezone.localdate(moment))
        there = self.number(self.calendar.shift(self.day(here), days))
        return max(self.at(min(there, -1)), moment + timedelta(minutes=self.rng.randint(3, 8)))

    def at(self, number: int, hour: int | None = None, minute: int = 0) -> datetime:
        """A given hour of a day, or any minute of its working hours."""
        if hour is not None:
            return _moment(self.day(number), time(hour, minute))
        span = (EVENING.hour - MORNING.hour) * 60 + EVENING.minute - MORNING.minute
        return _moment(self.day(number), MORNING) + timedelta(
            minutes=self.rng.randint(0, span), seconds=self.rng.randint(0, 59)
        )


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
