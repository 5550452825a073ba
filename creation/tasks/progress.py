"""Progress of a campaign: counts by unit and section, rates, and daily snapshots.

What each figure means stands in ``figures``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, DateField, F, IntegerField, OuterRef, Subquery, Value, When

from creation.models import Campaign, Holiday, Phase, Snapshot, Task, Unit
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import YELLOW_WORKDAYS, Light, Workdays
from creation.tasks.figures import TaskFigures, count_tasks

ACTIONS = "action"  # the column of tasks without an indicator; the filter of the task list uses the same name
BY_SEVERITY = (Light.RED, Light.YELLOW, Light.BLUE, Light.NONE, Light.GREY, Light.GREEN)
RANKS = {light.value: rank for rank, light in enumerate(BY_SEVERITY)}


@dataclass
class ProgressCell(TaskFigures):
    """Figures of one unit in one section, with the most urgent light."""

    light: str = Light.NONE.value

    def include_light(self, light: str) -> None:
        if self.total == 0 or RANKS[light] < RANKS[self.light]:
            self.light = light


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cells[unit id][section code]``, with sums by unit, section and phase id; ``ACTIONS`` holds the tasks without an indicator."""

    cells: dict[int, dict[str, ProgressCell]]
    units: dict[int, ProgressCell]
    sections: dict[str, ProgressCell]
    phases: dict[int, ProgressCell]
    whole: ProgressCell


def matrix(tasks: TaskQuerySet, today: date, calendar: Workdays | None = None) -> Matrix:
    """Return the matrix from one grouped query over ``tasks``, whose result grows with units × sections, not with tasks."""
    soon = (calendar or Holiday.objects.calendar()).shift(today, YELLOW_WORKDAYS)
    return _matrix_of(_groups(tasks, today, soon))


def matrices(tasks: TaskQuerySet, today: date, calendar: Workdays) -> dict[int, Matrix]:
    """Return the matrix of each campaign among ``tasks``, from one query for all."""
    rows: dict[int, list[Any]] = defaultdict(list)
    for campaign, *row in _groups(tasks, today, calendar.shift(today, YELLOW_WORKDAYS), "campaign"):
        rows[campaign].append(row)
    return {campaign: _matrix_of(found) for campaign, found in rows.items()}


def _matrix_of(rows: Iterable[Any]) -> Matrix:
    cells: dict[int, dict[str, ProgressCell]] = defaultdict(lambda: defaultdict(ProgressCell))
    units: dict[int, ProgressCell] = defaultdict(ProgressCell)
    sections: dict[str, ProgressCell] = defaultdict(ProgressCell)
    phases: dict[int, ProgressCell] = defaultdict(ProgressCell)
    whole = ProgressCell()
    for unit, section, phase, light, status, due, count in rows:
        figures = count_tasks(light, status, bool(due), count)
        section = section or ACTIONS
        for cell in (cells[unit][section], units[unit], sections[section], phases[phase], whole):
            cell.include_light(light)
            cell.add(figures)
    return Matrix(cells, units, sections, phases, whole)


def _groups(tasks: TaskQuerySet, today: date, soon: date, *first: str) -> Iterable[Any]:
    with_lights = tasks.with_light(today, soon)
    due = Case(When(due_on__lte=today, then=Value(1)), default=Value(0), output_field=IntegerField())
    grouped = with_lights.annotate(is_due=due).order_by()
    names = ("unit", "indicator__parent__parent__code", "phase", "light", "status", "is_due")
    return grouped.values_list(*first, *names).annotate(n=Count("pk"))


def figures_by_phase(
    found: Matrix, campaign: Campaign, phases: Iterable[Phase] | None = None
) -> list[tuple[Phase, TaskFigures]]:
    """Return the figures of each phase, in order, including phases without tasks. ``phases``: all of the campaign, if at hand."""
    every = campaign.phases.order_by("order") if phases is None else phases
    return [(phase, found.phases.get(phase.pk, TaskFigures())) for phase in every]


def figures_by_section(
    found: Matrix, campaign: Campaign, sections: Iterable[tuple[str, str]] | None = None
) -> list[tuple[str, str, ProgressCell]]:
    """Return code, title and figures of each section that has tasks, in order; tasks without an indicator last.

    ``sections``: code and title of all of them, if at hand.
    """
    named = sections
    if named is None:
        named = campaign.system.indicators.sections().order_by("order").values_list("code", "title")
    return [
        (code, title, found.sections[code]) for code, title in [*named, (ACTIONS, "阶段工作")] if code in found.sections
    ]


# Snapshots


def take_snapshots(today: date) -> int:
    """Save the day's snapshot of every open campaign, replacing one of the same day. Return the number of snapshots."""
    campaigns = Campaign.objects.open()
    for campaign in campaigns:
        take_snapshot(campaign, today)
    return len(campaigns)


def take_snapshot(campaign: Campaign, day: date) -> Snapshot:
    """Save the current figures under ``day``."""
    with transaction.atomic():
        found = matrix(Task.objects.active().of_plan().filter(campaign=campaign), day)
        figures = {
            "all": _plain(found.whole),
            "sections": {code: _plain(cell) for code, cell in found.sections.items()},
            "units": {str(unit): _plain(cell) for unit, cell in found.units.items()},
        }
        snapshot, _ = Snapshot.objects.update_or_create(campaign=campaign, day=day, defaults={"figures": figures})
    return snapshot


def _plain(cell: ProgressCell) -> dict[str, int]:
    values = asdict(cell)
    del values["light"]
    return values


@dataclass(frozen=True, slots=True)
class WeekChange:
    """What changed since a snapshot: the figures then and now, and the units with more overdue tasks than then."""

    since: date
    before: TaskFigures
    now: TaskFigures
    later_units: list[tuple[Unit, int]]

    @property
    def answered(self) -> int:
        return self.now.answered - self.before.answered

    @property
    def approved(self) -> int:
        return self.now.approved - self.before.approved

    @property
    def overdue(self) -> int:
        return self.now.overdue - self.before.overdue

    @property
    def total(self) -> int:
        return self.now.total - self.before.total


def snapshots_to_compare(campaigns: Iterable[Campaign], today: date) -> dict[int, Snapshot]:
    """Return campaign → the latest snapshot that is at least a week old, or the oldest one; nothing while there is none of a former day."""
    week_old = Case(When(day__lte=today - timedelta(days=7), then=F("day")), output_field=DateField())
    former = Snapshot.objects.filter(campaign=OuterRef("campaign"), day__lt=today)
    best = former.order_by(week_old.desc(nulls_last=True), "day").values("pk")[:1]
    return {each.campaign_id: each for each in Snapshot.objects.filter(campaign__in=campaigns, pk=Subquery(best))}


def week_change(found: Matrix, snapshot: Snapshot | None, units: Iterable[Unit] | None = None) -> WeekChange | None:
    """Compare with a snapshot (``snapshots_to_compare``). ``units``: all of the district in order, if at hand."""
    if snapshot is None:
        return None
    then = snapshot.figures["units"]
    more = {
        unit: cell.overdue - then.get(str(unit), {}).get("overdue", 0)
        for unit, cell in found.units.items()
        if cell.overdue > then.get(str(unit), {}).get("overdue", 0)
    }
    every = Unit.objects.filter(pk__in=more).order_by("order", "pk") if units is None else units
    later = [(unit, more[unit.pk]) for unit in every if unit.pk in more]
    return WeekChange(snapshot.day, TaskFigures(**snapshot.figures["all"]), found.whole, later)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A point of the trend: shares of all tasks, 0 to 1."""

    day: date
    due: float
    answered: float
    approved: float


def trend(campaign: Campaign, unit: int | None = None) -> list[TrendPoint]:
    """Return for each snapshot the shares of tasks that were due, answered and approved; of one unit if given."""
    days = []
    for snapshot in campaign.snapshots.order_by("day"):
        figures = snapshot.figures["all"] if unit is None else snapshot.figures["units"].get(str(unit))
        if figures and figures["total"]:
            total = figures["total"]
            answered = figures["approved"] + figures["submitted"]
            days.append(TrendPoint(snapshot.day, figures["due"] / total, answered / total, figures["approved"] / total))
    return days
