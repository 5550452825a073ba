"""What a mock assessment came to, counted anew: raw rows of the database in, ``Fraction``s out. Nothing here knows the product.

``tests/appraisal/test_recount.py`` holds this module to it.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from openpyxl import load_workbook

SQL = """
select s.id, u.short_name, p.id, coalesce(t.code, ''), p.effect, p.points, w.name, x.value, x.vetoed
from creation_score x
  join creation_appraisalseat s on s.id = x.seat_id join creation_user w on w.id = s.person_id
  join creation_unit u on u.id = x.unit_id join creation_appraisalpoint p on p.id = x.point_id
  left join creation_indicator c on c.id = p.indicator_id left join creation_indicator i on i.id = c.parent_id
  left join creation_indicator t on t.id = i.parent_id
where s.appraisal_id = %s"""
SIGNS = {"normal": 1, "bonus": 1, "deduction": -1, "veto": 0}
OTHER = "其他评分项"


@dataclass(frozen=True)
class Given:
    """One score. ``section``: code of the section, "" for an item of its own."""

    seat: int
    unit: str
    point: int
    section: str
    effect: str
    points: Fraction
    assessor: str
    value: Fraction | None
    vetoed: bool


def given(rows: Iterable[Sequence[Any]]) -> list[Given]:
    """Return the rows of ``SQL``."""
    return [
        Given(*row[:5], Fraction(str(row[5])), row[6], None if row[7] is None else Fraction(str(row[7])), bool(row[8]))
        for row in rows
    ]


def text(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    shown = f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
    return shown.rstrip("0").rstrip(".")


def means(rows: Iterable[Given]) -> dict[tuple[str, int], Fraction]:
    """Return unit and point → the mean of what was given."""
    values: dict[tuple[str, int], list[Fraction]] = defaultdict(list)
    for row in rows:
        if row.value is not None:
            values[row.unit, row.point].append(row.value)
    return {key: sum(listed, Fraction(0)) / len(listed) for key, listed in values.items()}


def sums(rows: Sequence[Given], section: str | None = None) -> dict[str, tuple[Fraction, Fraction]]:
    """Return unit → what it reached and what could be reached, in all or in one section; a veto makes the whole 0."""
    points = {row.point: row for row in rows if section is None or row.section == section}
    mean, reached = means(rows), defaultdict(Fraction)
    for (unit, point), value in mean.items():
        if point in points:
            reached[unit] += SIGNS[points[point].effect] * value
    full = sum((row.points for row in points.values() if row.effect == "normal"), Fraction(0))
    vetoed = {row.unit for row in rows if row.vetoed} if section is None else set()
    return {unit: (Fraction(0) if unit in vetoed else reached[unit], full) for unit in {row.unit for row in rows}}


def as_printed(reached: Fraction, full: Fraction) -> str:
    if not full:
        return text(reached) if reached else "—"
    return f"{text(max(reached, Fraction(0)))} / {text(full)}"


def assessors(rows: Sequence[Given]) -> dict[str, tuple[int, Fraction]]:
    """Return assessor → how many scores at normal points, and their share of the points in per cent."""
    own: dict[str, list[Given]] = defaultdict(list)
    for row in rows:
        if row.value is not None and row.effect == "normal":
            own[row.assessor].append(row)
    return {
        name: (
            len(listed),
            sum((row.value or 0 for row in listed), Fraction(0)) * 100 / sum(row.points for row in listed),
        )
        for name, listed in own.items()
    }


def weakest(rows: Sequence[Given], count: int) -> list[tuple[int, Fraction, set[str]]]:
    """Return the normal points with the lowest rates: point, rate in per cent, the units below 60 %."""
    points = {row.point: row.points for row in rows if row.effect == "normal"}
    found, mean = [], means(rows)
    for point, full in points.items():
        of_units = {unit: value for (unit, each), value in mean.items() if each == point}
        rate = sum(of_units.values(), Fraction(0)) / len(of_units) / full * 100
        found.append((point, rate, {unit for unit, value in of_units.items() if value < full * Fraction(3, 5)}))
    return sorted(found, key=lambda row: (row[1], row[0]))[:count]


def disagreements(rows: Sequence[Given]) -> set[tuple[int, str]]:
    """Return point and unit where the highest and the lowest score are more than two fifths of the points apart."""
    values: dict[tuple[int, str], list[Fraction]] = defaultdict(list)
    points = {row.point: row.points for row in rows if row.effect != "veto"}
    for row in rows:
        if row.value is not None and row.effect != "veto":
            values[row.point, row.unit].append(row.value)
    return {key for key, listed in values.items() if (max(listed) - min(listed)) / points[key[0]] > Fraction(2, 5)}


def printed(content: bytes, name: str) -> list[dict[str, Any]]:
    """Return the numbered rows of a sheet of the workbook, heading → value; merged cells filled down."""
    sheet = load_workbook(io.BytesIO(content))[name]
    above = {}
    for merge in sheet.merged_cells.ranges:
        for row, column in merge.cells:
            above[row, column] = sheet.cell(merge.min_row, merge.min_col).value
    rows = [
        [above.get((row, column), sheet.cell(row, column).value) for column in range(1, sheet.max_column + 1)]
        for row in range(1, sheet.max_row + 1)
    ]
    head = next([str(cell or "").replace("\n", "") for cell in row] for row in rows if row[0] == "序号")
    return [dict(zip(head, row, strict=True)) for row in rows if isinstance(row[0], int)]
