"""Progress of a campaign: counts by unit and section, rates, and daily snapshots.

What each figure means stands in ``figures``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Case, Count, DateField, F, IntegerField, OuterRef, Subquery, Value, When

from creation.models import Campaign, Holiday, Phase, Snapshot, Task, Unit
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import YELLOW_WORKDAYS, Light, Workdays
from creation.tasks.figures import TaskFigures, count_tasks
from creation.tasks.rectification_figures import RectificationCounts, count_by_status

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
    found = _empty_matrix()
    for unit, section, phase, light, status, due, count in _groups(tasks, today, _soon(today, calendar), *GROUPED):
        _include(found, unit, section, phase, light, count_tasks(light, status, bool(due), count))
    return found


def matrices(tasks: TaskQuerySet, today: date, calendar: Workdays) -> dict[int, Matrix]:
    """Return the matrix of each campaign among ``tasks``, from one query for all."""
    found: dict[int, Matrix] = defaultdict(_empty_matrix)
    for campaign, unit, section, phase, light, status, due, count in _groups(
        tasks, today, _soon(today, calendar), "campaign", *GROUPED
    ):
        _include(found[campaign], unit, section, phase, light, count_tasks(light, status, bool(due), count))
    return dict(found)


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """What a table of figures says of a unit."""

    pk: int
    short_name: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The matrix of the plan with the names of its units and sections, in order, and the counts of the rectifications.

    ``asked``: the units that have a task at an indicator, of those indicators that were named to ``overview``.
    """

    plan: Matrix
    units: list[NamedUnit]
    sections: list[tuple[str, str, ProgressCell]]
    rectifications: RectificationCounts
    asked: dict[int, list[NamedUnit]]


def overview(tasks: TaskQuerySet, today: date, calendar: Workdays, indicators: Collection[int] = ()) -> Overview:
    """Return what ``matrix`` and the tables of rectifications count among ``tasks``, with all names, from one grouped query."""
    plan, rectifications = _empty_matrix(), RectificationCounts()
    units: dict[tuple[int, int], str] = {}
    sections: dict[tuple[int, str], str] = {}
    asked: dict[int, set[int]] = defaultdict(set)
    for row in _groups(_with_parts(tasks, indicators), today, _soon(today, calendar), *GROUPED, *NAMED):
        unit, section, phase, light, status, due, order, name, place, title, source, due_on, indicator, count = row
        if source is not None:
            rectifications.add(count_by_status(status, due_on, today, count))
            continue
        _include(plan, unit, section, phase, light, count_tasks(light, status, bool(due), count))
        units[order, unit] = name
        if section:
            sections[place, section] = title
        if indicator:
            asked[indicator].add(unit)
    named = [NamedUnit(key, units[order, key]) for order, key in sorted(units)]
    titles = [(code, sections[place, code]) for place, code in sorted(sections)]
    return Overview(
        plan,
        named,
        figures_by_section(plan, titles),
        rectifications,
        {indicator: [unit for unit in named if unit.pk in keys] for indicator, keys in asked.items()},
    )


def totals(tasks: TaskQuerySet, today: date, calendar: Workdays) -> dict[int, tuple[ProgressCell, RectificationCounts]]:
    """Return campaign → figures of its plan and counts of its rectifications, from one grouped query."""
    found: dict[int, tuple[ProgressCell, RectificationCounts]] = defaultdict(
        lambda: (ProgressCell(), RectificationCounts())
    )
    names = ("campaign", "light", "status", "is_due", "finding__source", "rectify_by")
    for row in _groups(_with_parts(tasks, ()), today, _soon(today, calendar), *names):
        campaign, light, status, due, source, due_on, count = row
        plan, rectifications = found[campaign]
        if source is not None:
            rectifications.add(count_by_status(status, due_on, today, count))
            continue
        plan.include_light(light)
        plan.add(count_tasks(light, status, bool(due), count))
    return dict(found)


SECTION = "indicator__parent__parent"
GROUPED = ("unit", f"{SECTION}__code", "phase", "light", "status", "is_due")
NAMED = (
    *("unit__order", "unit__short_name", f"{SECTION}__order", f"{SECTION}__title"),
    *("finding__source", "rectify_by", "named_indicator"),
)


def _empty_matrix() -> Matrix:
    return Matrix(
        defaultdict(lambda: defaultdict(ProgressCell)),
        defaultdict(ProgressCell),
        defaultdict(ProgressCell),
        defaultdict(ProgressCell),
        ProgressCell(),
    )


def _include(found: Matrix, unit: int, section: str | None, phase: int, light: str, figures: TaskFigures) -> None:
    section = section or ACTIONS
    for cell in (
        found.cells[unit][section],
        found.units[unit],
        found.sections[section],
        found.phases[phase],
        found.whole,
    ):
        cell.include_light(light)
        cell.add(figures)


def _soon(today: date, calendar: Workdays | None) -> date:
    return (calendar or Holiday.objects.calendar()).shift(today, YELLOW_WORKDAYS)


def _with_parts(tasks: TaskQuerySet, indicators: Collection[int]) -> TaskQuerySet:
    """Annotate what splits groups where it matters only: the due day of a rectification, and these indicators."""
    return tasks.annotate(
        rectify_by=Case(When(finding__isnull=False, then=F("due_on")), output_field=DateField()),
        named_indicator=Case(When(indicator__in=indicators, then=F("indicator")), output_field=BigIntegerField()),
    )


def _groups(tasks: TaskQuerySet, today: date, soon: date, *names: str) -> Iterable[Any]:
    due = Case(When(due_on__lte=today, then=Value(1)), default=Value(0), output_field=IntegerField())
    grouped = tasks.with_light(today, soon).annotate(is_due=due).order_by()
    return grouped.values_list(*names).annotate(n=Count("pk"))


def figures_by_phase(found: Matrix, phases: Iterable[Phase]) -> list[tuple[Phase, TaskFigures]]:
    """Return the figures of each phase, including phases without tasks. ``phases``: all of the campaign, in order."""
    return [(phase, found.phases.get(phase.pk, TaskFigures())) for phase in phases]


def figures_by_section(found: Matrix, sections: Iterable[tuple[str, str]]) -> list[tuple[str, str, ProgressCell]]:
    """Return code, title and figures of each section that has tasks; tasks without an indicator last.

    ``sections``: code and title of all of the campaign's, in order.
    """
    named = [*sections, (ACTIONS, "工作事项")]
    return [(code, title, found.sections[code]) for code, title in named if code in found.sections]


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
    """What changed since a snapshot: the figures then and now, and the units with more, and with fewer, overdue tasks than then."""

    since: date
    before: TaskFigures
    now: TaskFigures
    later_units: list[tuple[Unit | NamedUnit, int]]
    better_units: list[tuple[Unit | NamedUnit, int]]

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
    """Return campaign → the snapshot that ``SnapshotQuerySet.to_compare_with`` chooses; nothing while there is none of a former day."""
    best = Snapshot.objects.filter(campaign=OuterRef("campaign")).to_compare_with(today).values("pk")[:1]
    return {each.campaign_id: each for each in Snapshot.objects.filter(campaign__in=campaigns, pk=Subquery(best))}


def week_change(found: Matrix, snapshot: Snapshot | None, units: Iterable[Unit]) -> WeekChange | None:
    """Compare with a snapshot (``snapshots_to_compare``). ``units``: all of the district, in order."""
    return None if snapshot is None else changes_since(found, snapshot.day, snapshot.figures, units)


def changes_since(
    found: Matrix, day: date, figures: Mapping[str, Any], units: Iterable[Unit | NamedUnit]
) -> WeekChange:
    """Compare with the figures of the snapshot of ``day``; ``units``: those of ``found``, in order."""
    then = figures["units"]
    more = {unit: cell.overdue - then.get(str(unit), {}).get("overdue", 0) for unit, cell in found.units.items()}
    named = [(unit, more.get(unit.pk, 0)) for unit in units]
    return WeekChange(
        day,
        TaskFigures(**figures["all"]),
        found.whole,
        [(unit, count) for unit, count in named if count > 0],
        [(unit, -count) for unit, count in named if count < 0],
    )


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
