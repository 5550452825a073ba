"""What a closed mock assessment came to: by unit, section and assessor, where assessors disagree, and the weakest points."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from creation.appraisal.score_sheet import applicable, applies, sheet_at_close
from creation.models import Appraisal, AppraisalPoint, Score, Unit
from creation.rules import scoring
from creation.rules.scoring import PointResult, Sum

WEAKEST = 10


@dataclass(frozen=True, slots=True)
class UnitResult:
    """``sections``: the sum of each section, in the order of the sheet. ``before``: the rate of the last closed assessment."""

    unit: Unit
    whole: Sum
    sections: list[Sum | None]
    before: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        rate = self.whole.rate
        return rate - self.before if rate is not None and self.before is not None else None


@dataclass(frozen=True, slots=True)
class Disagreement:
    point: AppraisalPoint
    unit: Unit
    scores: list[Score]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """What one unit got at one point. ``scores``: one for each seat in its order, None where it gave none."""

    unit: Unit
    point: AppraisalPoint
    scores: list[Score | None]
    mean: Decimal | None


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """A point with the share of its points that all units together reached, in per cent."""

    point: AppraisalPoint
    rate: Decimal
    units: list[Unit]


@dataclass(slots=True)
class AppraisalResults:
    sections: list[tuple[str, str]] = field(default_factory=list)
    units: list[UnitResult] = field(default_factory=list)
    whole: Sum = field(default_factory=lambda: Sum(Decimal(0), Decimal(0)))
    section_sums: list[Sum] = field(default_factory=list)
    assessors: list[tuple[str, int, Decimal | None]] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    weakest: list[WeakPoint] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[UnitResult, list[tuple[str, Sum | None]]]]:
        """Each unit with what it reached in each section, by the name of the section."""
        names = [f"{code} {title}".strip() for code, title in self.sections]
        return [(row, list(zip(names, row.sections, strict=True))) for row in self.units]


Key = tuple[int, int]  # point, unit


class _Sheet:
    """All scores of an assessment, or those of one unit, read once."""

    def __init__(self, appraisal: Appraisal, unit: Unit | None = None) -> None:
        self.appraisal = appraisal
        self.points = list(appraisal.points.select_related("indicator__parent__parent").order_by("order", "pk"))
        units = appraisal.units.order_by("order", "pk")
        self.units = list(units.filter(pk=unit.pk) if unit else units)
        self.own = applicable(appraisal) if appraisal.is_open else sheet_at_close(appraisal)
        self._results: dict[Key, PointResult] = {}
        self.scores: dict[Key, list[Score]] = defaultdict(list)
        rows = Score.objects.filter(seat__appraisal=appraisal).select_related("seat__person").order_by("seat", "pk")
        for row in rows.filter(unit=unit) if unit else rows:
            self.scores[row.point_id, row.unit_id].append(row)

    def applies(self, point: AppraisalPoint, unit: Unit) -> bool:
        return applies(self.appraisal, point, self.own.get(unit.pk, set()))

    def result(self, point: AppraisalPoint, unit: Unit) -> PointResult:
        key = point.pk, unit.pk
        if key not in self._results:
            rows = self.scores.get(key, [])
            values = tuple(row.value for row in rows if row.value is not None)
            self._results[key] = PointResult(point.effect, point.points, values, sum(row.vetoed for row in rows))
        return self._results[key]

    def results(self, unit: Unit, section: str | None = None) -> list[PointResult]:
        chosen = [point for point in self.points if self.applies(point, unit)]
        if section is not None:
            chosen = [point for point in chosen if section_of(point)[0] == section]
        return [self.result(point, unit) for point in chosen]


def section_of(point: AppraisalPoint) -> tuple[str, str]:
    """Return code and title of the point's section, ("", "其他评分项") for one without a checkpoint."""
    parent = point.indicator.parent if point.indicator else None
    top = parent.parent if parent else None
    return (top.code, top.title) if top else ("", "其他评分项")


def results_of(appraisal: Appraisal) -> AppraisalResults:
    """Return the results. The number of queries does not depend on units, points or assessors."""
    sheet = _Sheet(appraisal)
    sections = list(dict.fromkeys(section_of(point) for point in sheet.points))
    before = _rates_before(appraisal)
    found = AppraisalResults(sections)
    for unit in sheet.units:
        parts = [sheet.results(unit, code) for code, _ in sections]
        sums = [scoring.add_up(part) if part else None for part in parts]
        whole = scoring.add_up(sheet.results(unit))
        found.units.append(UnitResult(unit, whole, sums, before.get(unit.pk)))
    found.whole = _together([each.whole for each in found.units])
    found.section_sums = [
        _together([part for each in found.units if (part := each.sections[place])]) for place in range(len(sections))
    ]
    found.assessors = _assessors(sheet)
    found.disagreements = _disagreements(sheet)
    found.weakest = _weakest(sheet)
    return found


def sum_of_unit(appraisal: Appraisal, unit: Unit) -> Sum | None:
    """Return what one unit came to; None if it is not in the assessment."""
    sheet = _Sheet(appraisal, unit)
    return scoring.add_up(sheet.results(unit)) if sheet.units else None


def lines_of(appraisal: Appraisal) -> list[ScoreLine]:
    """Return every score of a closed assessment by unit and point. The number of queries does not depend on them."""
    sheet = _Sheet(appraisal)
    seats = list(appraisal.seats.order_by("pk").values_list("pk", flat=True))
    found = []
    for unit in sheet.units:
        for point in sheet.points:
            if sheet.applies(point, unit):
                given = {row.seat_id: row for row in sheet.scores.get((point.pk, unit.pk), [])}
                mean = sheet.result(point, unit).mean
                found.append(ScoreLine(unit, point, [given.get(seat) for seat in seats], mean))
    return found


def _together(sums: list[Sum]) -> Sum:
    """Return the sums of all units. Where there is nothing to reach, bonuses and deductions are added as they are."""
    reached = sum((each.score if each.full else each.reached for each in sums), Decimal(0))
    return Sum(reached, sum((each.full for each in sums), Decimal(0)))


def _rates_before(appraisal: Appraisal) -> dict[int, Decimal]:
    """Return the rates of the units in the assessment that was closed last before this one."""
    closed = Appraisal.objects.filter(campaign=appraisal.campaign_id, closed_at__isnull=False).exclude(pk=appraisal.pk)
    if appraisal.closed_at:
        closed = closed.filter(closed_at__lt=appraisal.closed_at)
    last = closed.order_by("-closed_at").first()
    if last is None:
        return {}
    sheet = _Sheet(last)
    rates = {unit.pk: scoring.add_up(sheet.results(unit)).rate for unit in sheet.units}
    return {unit: rate for unit, rate in rates.items() if rate is not None}


def _assessors(sheet: _Sheet) -> list[tuple[str, int, Decimal | None]]:
    """Return each assessor with the number of scores and the share of the points given, in per cent."""
    given: dict[int, list[Decimal]] = defaultdict(list)
    full: dict[int, list[Decimal]] = defaultdict(list)
    names = dict(sheet.appraisal.seats.values_list("pk", "person__name"))
    points = {point.pk: point for point in sheet.points}
    for (point, _), rows in sheet.scores.items():
        for row in rows:
            if row.value is not None and points[point].effect == scoring.NORMAL:
                given[row.seat_id].append(row.value)
                full[row.seat_id].append(points[point].points)
    return [
        (name, len(given[seat]), sum(given[seat], Decimal(0)) * 100 / sum(full[seat]) if given[seat] else None)
        for seat, name in names.items()
    ]


def _disagreements(sheet: _Sheet) -> list[Disagreement]:
    """Return where assessors disagree, the widest first."""
    found = [
        (sheet.result(point, unit).spread, Disagreement(point, unit, sheet.scores[point.pk, unit.pk]))
        for unit in sheet.units
        for point in sheet.points
        if sheet.applies(point, unit) and sheet.result(point, unit).disagree
    ]
    return [each for _, each in sorted(found, key=lambda row: -row[0])]


def _weakest(sheet: _Sheet) -> list[WeakPoint]:
    rates: list[tuple[int, Decimal]] = []
    below: dict[int, list[Unit]] = {}
    for place, point in enumerate(sheet.points):
        scored = [(unit, mean) for unit in sheet.units if (mean := sheet.result(point, unit).mean) is not None]
        if point.effect == scoring.NORMAL and scored:
            share = sum((mean for _, mean in scored), Decimal(0)) / len(scored) / point.points * 100
            rates.append((place, share))
            below[place] = [unit for unit, mean in scored if mean < point.points * Decimal("0.6")]
    known = dict(rates)
    return [WeakPoint(sheet.points[place], known[place], below[place]) for place in scoring.weakest(rates, WEAKEST)]
