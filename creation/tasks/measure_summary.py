"""All measured targets of a campaign: how the district stands, which units lag behind or have not reported, and the last periods."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from creation.models import Campaign, Measure, Reading, ReadingChange, Task, Unit, User
from creation.rules import targets
from creation.rules.policy import Permission
from creation.rules.targets import Figures, MeasureKind, MeasureResult, Standing, number_text
from creation.tasks.measure_readings import period_before, periods
from creation.tasks.progress import NamedUnit

BEHIND = (Standing.MISSED, Standing.SHORT)
EARLIER_PERIODS = 7  # of the sparkline, before the current one


@dataclass(frozen=True, slots=True)
class UnitReading:
    """A unit's reading of a period, or its absence, and where it stands on the day."""

    unit: Unit | NamedUnit
    period: str
    label: str
    reading: Reading | None
    standing: Standing

    @property
    def text(self) -> str:
        return reading_text(self.reading.measure, self.reading.figures) if self.reading else ""


@dataclass(frozen=True, slots=True)
class MeasureSummary:
    """A measure in one period over all units that have a task at its checkpoint.

    ``total``: the sum of what they reported; a district's rate is sum over sum, never the mean of rates. ``before`` is the same of the
    period before, ``last_year`` of the same quarter of the year before (None for yearly measures, where it is ``before``). ``spark`` are
    the totals of the last periods, oldest first.
    """

    measure: Measure
    period: str
    label: str
    rows: list[UnitReading]
    total: Figures
    before: Figures | None = None
    spark: list[tuple[str, Decimal]] = field(default_factory=list)
    last_year: Figures | None = None

    @property
    def reported(self) -> list[UnitReading]:
        return [row for row in self.rows if row.reading]

    @property
    def behind(self) -> list[UnitReading]:
        return [row for row in self.rows if row.standing in BEHIND]

    @property
    def missing(self) -> list[UnitReading]:
        """The units that have not reported although the period is over."""
        return [row for row in self.rows if row.standing is Standing.EMPTY]

    @property
    def total_text(self) -> str:
        """The district's figure in words: ``1727 / 1790 = 96.48%``."""
        return figure_text(self.measure, self.total)

    @property
    def change_text(self) -> str:
        """The difference to the period before: in percentage points for a rate, else as a number."""
        return self._change_since(self.before)

    @property
    def year_change_text(self) -> str:
        """The same to the same quarter of the year before."""
        return self._change_since(self.last_year)

    def _change_since(self, former: Figures | None) -> str:
        now, before = targets.value_of(self.total), targets.value_of(former) if former else None
        if now is None or before is None:
            return ""
        change = (now - before).quantize(Decimal("0.01"))
        sign = "+" if change > 0 else ""
        return (
            f"{sign}{number_text(change)}{' 个百分点' if self.measure.kind == MeasureKind.RATIO else self.measure.unit}"
        )

    def standing(self, today: date) -> Standing:
        """Where the district stands: a rate by its total, everything else by every unit's own figure, which may be ahead."""
        due = self.measure.due(self.period)
        if not self.reported:
            return targets.standing(None, due, today)
        if self.measure.kind == MeasureKind.RATIO:
            return targets.standing(self.measure.judge(self.total, int(self.period[:4])), due, today)
        if self.measure.kind == MeasureKind.PLAIN:
            return Standing.FILLED
        whole = len(self.reported) == len(self.rows)
        if not whole and not self.behind and today <= due:
            return Standing.AHEAD
        return targets.standing(MeasureResult(whole and not self.behind, ""), due, today)


def figure_text(measure: Measure, figures: Figures) -> str:
    if measure.kind == MeasureKind.RATIO:
        if figures.numerator is None or figures.denominator is None:
            return ""
        top, bottom = number_text(figures.numerator), number_text(figures.denominator)
        rate = (
            f" = {number_text(targets.percent(figures.numerator, figures.denominator))}%" if figures.denominator else ""
        )
        return f"{top} / {bottom}{rate}"
    if measure.kind == MeasureKind.DATE:
        return ""
    return f"{number_text(figures.count)}{measure.unit}" if figures.count is not None else ""


def reading_text(measure: Measure, figures: Figures) -> str:
    """Return what one unit reported, in words; of a date the day."""
    return f"{figures.day:%Y-%m-%d}" if figures.day else figure_text(measure, figures)


def measures_of(campaign: Campaign) -> list[Measure]:
    measures = Measure.objects.filter(indicator__system=campaign.system_id).select_related("indicator")
    return list(measures.order_by("indicator__order", "pk"))


class MeasureTable:
    """The readings of a campaign, read once. The number of queries does not depend on measures, units or periods."""

    def __init__(
        self,
        campaign: Campaign,
        today: date,
        units: Sequence[int] | None = None,
        *,
        measures: Sequence[Measure] | None = None,
        asked: Mapping[int, Sequence[Unit | NamedUnit]] | None = None,
    ) -> None:
        """``units``: only these; None for all. ``measures`` and the units that have a task at each checkpoint (``asked``), where they have
        been read already.
        """
        self.campaign, self.today = campaign, today
        self.measures = measures_of(campaign) if measures is None else measures
        self.units = self._units(units) if asked is None else asked
        self.readings = self._readings()

    def _units(self, units: Sequence[int] | None) -> Mapping[int, Sequence[Unit | NamedUnit]]:
        tasks = Task.objects.active().filter(campaign=self.campaign, indicator__measures__isnull=False)
        if units is not None:
            tasks = tasks.filter(unit__in=units)
        pairs = list(tasks.order_by().values_list("indicator", "unit").distinct())
        rows = Unit.objects.filter(pk__in={unit for _, unit in pairs}).order_by("order", "pk")
        found: dict[int, list[Unit | NamedUnit]] = defaultdict(list)
        keys: dict[int, list[int]] = defaultdict(list)
        for indicator, key in pairs:
            keys[key].append(indicator or 0)
        for unit in rows:
            for indicator in keys[unit.pk]:
                found[indicator].append(unit)
        return found

    def _readings(self) -> dict[tuple[str, str], dict[str, dict[int, Reading]]]:
        """Return key of the checkpoint and name of the measure → period → unit → reading, of all years: editions change, these stay."""
        keys = {measure.indicator.key for measure in self.measures}
        rows = Reading.objects.filter(measure__indicator__key__in=keys, unit__district=self.campaign.district_id)
        found: dict[tuple[str, str], dict[str, dict[int, Reading]]] = defaultdict(lambda: defaultdict(dict))
        for row in rows.select_related("measure__indicator", "updated_by").order_by("pk"):
            found[row.measure.indicator.key, row.measure.name][row.period][row.unit_id] = row
        return found

    def summaries(self) -> list[MeasureSummary]:
        return [self.summary(measure) for measure in self.measures]

    def summary(self, measure: Measure) -> MeasureSummary:
        """Return the measure in its current period: the last one that has begun."""
        period, label = self._current(measure)
        units = self.units.get(measure.indicator_id, [])
        own = {unit.pk for unit in units}
        rows = [self._row(measure, unit, period, label) for unit in units]
        before = self._total(measure, period_before(period), own)
        spark = [(name, value) for name, value in self._spark(measure, period, own) if value is not None]
        quarter = period[4:]
        last_year = self._total(measure, f"{int(period[:4]) - 1}{quarter}", own) if quarter else None
        return MeasureSummary(measure, period, label, rows, self._total(measure, period, own), before, spark, last_year)

    def rows_of(self, measure: Measure) -> list[tuple[Unit | NamedUnit, list[UnitReading]]]:
        """Return each unit with its readings of every period of the campaign's year."""
        found = periods(measure, self.campaign.year)
        units = self.units.get(measure.indicator_id, [])
        return [(unit, [self._row(measure, unit, period, label) for period, label in found]) for unit in units]

    def _current(self, measure: Measure) -> tuple[str, str]:
        found = periods(measure, self.campaign.year)
        begun = [each for each in found if targets.period_end(period_before(each[0])) < self.today]
        return (begun or found[:1])[-1]

    def _row(self, measure: Measure, unit: Unit | NamedUnit, period: str, label: str) -> UnitReading:
        reading = self._of(measure, period).get(unit.pk)
        verdict = reading.verdict if reading else None
        return UnitReading(unit, period, label, reading, targets.standing(verdict, measure.due(period), self.today))

    def _of(self, measure: Measure, period: str) -> dict[int, Reading]:
        return self.readings.get((measure.indicator.key, measure.name), {}).get(period, {})

    def _total(self, measure: Measure, period: str, units: Iterable[int]) -> Figures:
        found = self._of(measure, period)
        return targets.total([found[unit].figures for unit in units if unit in found])

    def _spark(self, measure: Measure, period: str, units: set[int]) -> list[tuple[str, Decimal | None]]:
        names = [period]
        for _ in range(EARLIER_PERIODS):
            names.append(period_before(names[-1]))
        return [(name, targets.value_of(self._total(measure, name, units))) for name in reversed(names)]


def visible_table(campaign: Campaign, user: User, today: date) -> MeasureTable:
    """Return the readings that this person may see: of the whole campaign, or of the person's own units."""
    whole = user.has_permission_beyond_unit(Permission.TASK_READ)
    return MeasureTable(campaign, today, None if whole else [grant.unit for grant in user.grants if grant.unit])


@dataclass(frozen=True, slots=True)
class FormerValue:
    """What a reading was before somebody changed it."""

    unit: str
    period: str
    text: str
    note: str
    changed_by: str
    changed_at: datetime


def former_values(measure: Measure, units: Iterable[int]) -> list[FormerValue]:
    """Return the former values of the units' readings of the measure, the newest change first."""
    changes = ReadingChange.objects.filter(reading__measure=measure, reading__unit__in=units)
    return [
        FormerValue(
            row.reading.unit.short_name,
            row.reading.period,
            reading_text(measure, _former_figures(row.former)),
            row.former.get("note", ""),
            str(row.changed_by),
            row.changed_at,
        )
        for row in changes.select_related("reading__unit", "changed_by")
    ]


def _former_figures(former: Mapping[str, str]) -> Figures:
    """Return the figures as ``Reading.as_data`` keeps them."""
    numbers = {name: Decimal(former[name]) for name in ("numerator", "denominator", "count") if name in former}
    return Figures(**numbers, day=date.fromisoformat(former["day"]) if "day" in former else None)
