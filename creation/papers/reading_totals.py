"""目标值完成情况 of an item: what several units read on one target is summed, or counted, so that the report has one figure for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from creation.models import Measure, Task
from creation.rules.targets import Figures, MeasureKind, MeasureResult, number_text

QUARTERS = {"Q1": "第一季度", "Q2": "第二季度", "Q3": "第三季度", "Q4": "第四季度"}


@dataclass(slots=True)
class ReadingTotal:
    """The readings of a measure in a period: ``units`` and the row that each submitted."""

    measure: Measure
    period: str
    units: list[str] = field(default_factory=list)
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def period_name(self) -> str:
        return f"{self.period[:4]}年{QUARTERS.get(self.period[4:], '')}"

    @property
    def sentence(self) -> str:
        """One sentence for the report: a ratio is summed; of counts and days, which no sum would say anything about, it counts units."""
        results = [self._judge(_figures(row)) for row in self.rows]
        if len(results) == 1:
            said = f"{self.units[0]}{_shown(_figures(self.rows[0]))}{results[0].text}"
        elif self.measure.kind == MeasureKind.RATIO:
            said = f"{len(results)}个单位合计{_shown(self.summed)}{self._judge(self.summed).text}，{_missed(results)}"
        else:
            said = f"{len(results)}个单位填报，{_missed(results)}"
        return f"{self.measure.name}（{self.period_name}）：{said}（目标值{self.measure.target_text}）。"

    @property
    def summed(self) -> Figures:
        figures = [_figures(row) for row in self.rows]
        return Figures(
            sum((each.numerator or Decimal() for each in figures), Decimal()),
            sum((each.denominator or Decimal() for each in figures), Decimal()),
        )

    def _judge(self, figures: Figures) -> MeasureResult:
        return self.measure.judge(figures, int(self.period[:4]))


def totals(
    rows: Iterable[tuple[Task, Mapping[str, Any]]], measures: Mapping[tuple[int, str], Measure]
) -> list[ReadingTotal]:
    """Return one total for each measure and period, in the order of the rows. ``measures``: by indicator and name; a reading of a measure
    that is no longer in the system is left out."""
    found: dict[tuple[int, str], ReadingTotal] = {}
    for task, row in rows:
        measure = measures.get((task.indicator_id or 0, row["measure"]))
        if measure is not None:
            total = found.setdefault((measure.pk, row["period"]), ReadingTotal(measure, row["period"]))
            total.units.append(task.unit.short_name)
            total.rows.append(row)
    return list(found.values())


def _missed(results: list[MeasureResult]) -> str:
    missed = sum(not result.met for result in results)
    return f"其中{missed}个未达标" if missed else "各单位均达标"


def _shown(figures: Figures) -> str:
    if figures.numerator is None or figures.denominator is None:
        return ""
    return f"{number_text(figures.numerator)}/{number_text(figures.denominator)}，"


def _figures(row: Mapping[str, Any]) -> Figures:
    numbers = {name: Decimal(row[name]) for name in ("numerator", "denominator", "count") if name in row}
    return Figures(**numbers, day=date.fromisoformat(row["day"]) if "day" in row else None)
