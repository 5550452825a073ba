"""A year of a small district, driven through verbs and doors with a clock: units, people, a queue of events, and the test's own log.

The log is of ``tests.support.year_count``: what was done, in plain rows. Files are fetched as the office fetches them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

import time_machine
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation import background
from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle, task_assignment
from creation.models import Assignment, Campaign, Holiday, Indicator, Job, Measure, Task, Unit, User
from creation.notices import digest_builder
from creation.people import accounts
from creation.rules.policy import Role
from creation.supervision import orders
from creation.tasks import progress
from tests.support import job_files
from tests.support.world import ZONE
from tests.support.year_count import Duty, Mending, workdays_before

PREPARED, OPENED, ENDED = date(2026, 6, 15), date(2026, 6, 22), date(2026, 12, 31)
OUTAGE = (date(2026, 8, 10), date(2026, 8, 11), date(2026, 8, 12))  # the deadline of the evidence is the first of them
EVIDENCE_ENDS = date(2026, 8, 10)
LEAD, ASSIST = "牵头", "配合"
UNITS = (
    *("老街街道", "马路街街道", "问十乡", "区司法局", "区城管局", "区市场监管局", "区政府办", "区发改委", "区财政局"),
    *("顺河街街道", "大刘镇", "区民政局", "区教育局", "区住建局"),
)
OFFICE = {
    "coordinator": (Role.COORDINATOR, "区司法局"),
    "reviewer": (Role.REVIEWER, "区司法局"),
    "inspector": (Role.INSPECTOR, "区司法局"),
    "chief": (Role.LEADING_GROUP, "区政府办"),
    "deputy": (Role.LEADING_GROUP, "区政府办"),
    "expert": (Role.ASSESSOR, "区政府办"),
    "second": (Role.ASSESSOR, "区政府办"),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """``per_section``: checkpoints of each section. ``every_day``: the jobs run each day, else on days with events and workdays in turn."""

    units: int
    sections: int
    per_section: int
    every_day: bool


SHORT, WHOLE = Scale(4, 2, 2, every_day=False), Scale(len(UNITS), 8, 99, every_day=True)


@dataclass
class Year:
    """``assigned``: code → unit → role, as the test assigned it."""

    scale: Scale
    rng: Random
    campaign: Campaign
    units: dict[str, Unit]
    people: dict[str, User] = field(default_factory=dict)
    liaisons: dict[str, User] = field(default_factory=dict)
    leaders: dict[str, User] = field(default_factory=dict)
    assigned: dict[str, dict[str, str]] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    mendings: list[Mending] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    merged: str = ""
    last_round: datetime | None = None
    heirs: dict[str, str] = field(default_factory=dict)
    _queue: list[tuple[datetime, int, Callable[..., object], tuple[Any, ...]]] = field(default_factory=list)
    _count: int = 0
    _next_job: datetime = field(default_factory=lambda: moment(PREPARED, HOURS[0]))

    def __post_init__(self) -> None:
        self.calendar = Holiday.objects.calendar()

    # Time

    def plan(self, day: date, hour: int, act: Callable[..., object], *arguments: Any) -> None:
        """Call ``act(*arguments, at)`` then; on a day off, on the next workday."""
        day = day if self.calendar.is_workday(day) else self.calendar.shift(day, 1)
        self.on_day(day, hour, act, *arguments, minute=self.rng.randrange(60))

    def on_day(self, day: date, hour: int, act: Callable[..., object], *arguments: Any, minute: int = 1) -> None:
        if day <= ENDED:
            self._count += 1
            heappush(self._queue, (moment(day, hour, minute), self._count, act, arguments))

    def run_until(self, last: date) -> None:
        """Run all events up to the end of that day, and the jobs of each day between, but not on days of the outage."""
        while self._queue and self._queue[0][0] < moment(last + timedelta(days=1), 0):
            at, _, act, arguments = heappop(self._queue)
            self._run_jobs(at)
            act(*arguments, at)
        self._run_jobs(moment(last, 23, 30))

    def _run_jobs(self, until: datetime) -> None:
        """Run the jobs that the clock starts, up to that moment."""
        while self._next_job <= until:
            at = self._next_job
            if at.date() not in OUTAGE and self._is_run(at):
                self._jobs_at(at)
            hours = HOURS[(HOURS.index(at.hour) + 1) % len(HOURS)]
            self._next_job = moment(at.date() + timedelta(days=hours <= at.hour), hours)

    def _is_run(self, at: datetime) -> bool:
        """Return whether the job is run. In the short form: replies on Mondays, others every other Friday, digests around the outage."""
        if self.scale.every_day:
            return True
        if at.hour == HOURS[0]:
            return at.weekday() == MONDAY
        fortnight = at.weekday() == FRIDAY and at.isocalendar().week % 2 == 0
        return at.hour != HOURS[2] and (
            fortnight or (at.hour == HOURS[1] and abs(at.date() - OUTAGE[1]).days <= AROUND)
        )

    def _jobs_at(self, at: datetime) -> None:
        system = Actor(None, at)
        if at.hour == HOURS[0]:
            orders.ask_for_period_replies(system)
        elif at.hour == HOURS[-1]:
            progress.take_snapshots(at.date())
        else:
            digest_builder.run_daily(system)
            digest_builder.run_urgent(system)
            self.last_round = at

    def workday(self, first: date, last: date) -> date:
        """Return a workday between the two, drawn."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return self.rng.choice([day for day in days if self.calendar.is_workday(day)] or days)

    # People and places

    def actor(self, name: str, at: datetime) -> Actor:
        return Actor(User.objects.get(pk=self.people[name].pk), at)

    def liaison(self, unit: str, at: datetime) -> Actor:
        return Actor(User.objects.get(pk=self.liaisons[unit].pk), at)

    def leader(self, unit: str, at: datetime) -> Actor:
        return Actor(User.objects.get(pk=self.leaders[unit].pk), at)

    def add_person(self, login: str, role: Role, unit: str, at: datetime) -> User:
        number = User.objects.count()
        data = {
            "username": login,
            "name": "甲乙丙丁戊己庚辛壬癸"[number % 10] + "子丑寅卯辰巳午未申酉戌亥"[number % 12] + "某",
            "unit": self.units[unit],
            "post": "",
            "office_phone": "",
            "mobile": f"138{number:08d}",
            "email": "",
            "roles": [role],
            "expires": ENDED,
        }
        return accounts.create_account(data, Actor(None, at))

    def indicator(self, code: str) -> Indicator:
        return Indicator.objects.get(system=Campaign.objects.get(pk=self.campaign.pk).system, code=code)

    def task(self, duty: Duty) -> Task:
        of_code = Q(indicator__code=duty.code) | Q(action__code=duty.code)
        rows = Task.objects.active().filter(of_code, campaign=self.campaign, unit__short_name=duty.unit)
        return rows.for_table().get(period=duty.period)

    def duty(self, unit: str, code: str) -> Duty | None:
        return next((each for each in self.duties if (each.unit, each.code, each.gone) == (unit, code, False)), None)

    # Doors

    @contextmanager
    def at_door(self, who: str, at: datetime) -> Iterator[Client]:
        with time_machine.travel(at, tick=False):
            client = Client()
            client.force_login(User.objects.get(pk=self.people[who].pk))
            yield client

    def fetch(self, at: datetime, name: str, *keys: int | str, who: str = "coordinator", **data: Any) -> bytes:
        """Return the file that this door hands out."""
        with self.at_door(who, at) as client:
            return job_files.download_result(client, reverse(name, args=[self.campaign.pk, *keys]), data)[0]

    def fetch_volume(self, at: datetime, name: str, **data: Any) -> bytes:
        """Return the only volume of 材料包 or 归档包."""
        with self.at_door("coordinator", at) as client:
            return self._made(client, reverse(name, args=[self.campaign.pk]), data, "package_file", 1)

    def fetch_bulletin(self, at: datetime, **data: Any) -> bytes:
        with self.at_door("coordinator", at) as client:
            return self._made(client, reverse("document", args=[self.campaign.pk, "bulletin"]), data, "bulletin_draft")

    def _made(self, client: Client, address: str, data: dict[str, Any], file: str, *more: int) -> bytes:
        """Submit the form, run a worker, and return the file of the job."""
        page = job_files.post_for_job(client, address, data)
        background.run_queued(timezone.now)
        got: Any = client.get(reverse(file, args=[Job.objects.latest("pk").pk, *more]))
        assert got.status_code == 200, client.get(page).content.decode()
        return bytes(got.getvalue())


MONDAY, FRIDAY, AROUND = 0, 4, 4
HOURS = (8, 9, 18, 22)  # of the jobs: replies of a period, the daily digest, urgent notices, the snapshot


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def begin(scale: Scale, rng: Random) -> Year:
    """Prepare and open a campaign of the preset with these units and checkpoints, a liaison and a leader a unit."""
    at = moment(PREPARED, 10)
    campaign = campaign_lifecycle.prepare_campaign("yuanhui", 2026, Actor(None, at), draft=True)
    _leave_out(campaign, scale)
    units = {unit.short_name: unit for unit in Unit.objects.filter(district=campaign.district)}
    year = Year(scale, rng, campaign, units)
    for name, (role, unit) in OFFICE.items():
        year.people[name] = year.add_person(name, role, unit if unit in units else "区司法局", at)
    for number, unit in enumerate(units):
        year.liaisons[unit] = year.add_person(f"unit{number}", Role.LIAISON, unit, at)
        year.leaders[unit] = year.add_person(f"leader{number}", Role.UNIT_LEADER, unit, at)
    for code in campaign.system.indicators.checkpoints().values_list("code", flat=True):
        assign(year, code, at)
    campaign_lifecycle.open_draft(campaign, year.actor("coordinator", moment(OPENED, 8, 30)))
    year.campaign.refresh_from_db()
    return year


def _leave_out(campaign: Campaign, scale: Scale) -> None:
    """Delete what the scale does not have from the draft, and all its assignments."""
    Assignment.objects.filter(campaign=campaign).delete()
    kept: list[int] = []
    for section in campaign.system.indicators.sections().order_by("order")[: scale.sections]:
        rows = Indicator.objects.filter(parent__parent=section).order_by("order")
        kept += rows.values_list("pk", flat=True)[: scale.per_section]
    left_out = campaign.system.indicators.checkpoints().exclude(pk__in=kept)
    Measure.objects.filter(indicator__in=left_out).delete()
    left_out.delete()
    Unit.objects.filter(district=campaign.district).exclude(short_name__in=UNITS[: scale.units]).delete()


def assign(year: Year, code: str, at: datetime) -> None:
    """Draw a lead and two assists."""
    lead, *assists = year.rng.sample([unit for unit in year.units if unit != year.merged], 3)
    checkpoint, office = year.indicator(code), year.actor("coordinator", at)
    task_assignment.assign(year.campaign, checkpoint, year.units[lead], [year.units[each] for each in assists], office)
    year.assigned[code] = {lead: LEAD} | dict.fromkeys(assists, ASSIST)


def due_of_point(role: str) -> date:
    return EVIDENCE_ENDS if role == LEAD else workdays_before(EVIDENCE_ENDS, 3)
