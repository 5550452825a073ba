"""Judges a reading against the target of a measure. Pure; figures are ``Decimal``, so that 95 % is exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Self


class MeasureKind(StrEnum):
    RATIO = "ratio"
    COUNT = "count"
    DATE = "date"
    PLAIN = "plain"  # a figure without a target, such as cases handled or money


class Comparator(StrEnum):
    EQUAL = "eq"
    AT_LEAST = "ge"
    AT_MOST = "le"


COMPARATOR_SIGNS: dict[Comparator, str] = {Comparator.EQUAL: "=", Comparator.AT_LEAST: "≥", Comparator.AT_MOST: "≤"}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that a unit enters: numerator and denominator, or a count, or a date."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    count: Decimal | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """The result. ``met`` is None while figures are missing; ``text`` is the sentence shown beside the field."""

    met: bool | None
    text: str


def number_text(value: Decimal) -> str:
    """Return 1790, not 1790.00 and not 1.79E+3."""
    return f"{value.normalize():f}"


def percent(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return per cent with two decimals, rounded down: 99.999 % must not be shown as 100 %."""
    return (numerator * 100 / denominator).quantize(Decimal("0.01"), ROUND_DOWN)


def _compare(comparator: Comparator, value: Decimal, target: Decimal) -> bool:
    return {
        Comparator.EQUAL: value == target,
        Comparator.AT_LEAST: value >= target,
        Comparator.AT_MOST: value <= target,
    }[comparator]


def judge_ratio(
    comparator: Comparator, target: Decimal, figures: Figures, *, may_exceed: bool = False
) -> MeasureResult:
    """Judge a ratio. A denominator of 0 (no case in the year) meets the target, as nothing could be missed.

    ``may_exceed``: the numerator is no part of the denominator, as in 114 % of a yearly task.
    """
    top, bottom = figures.numerator, figures.denominator
    if top is None or bottom is None:
        return MeasureResult(None, "请填写分子和分母")
    if top < 0 or bottom < 0 or (top > bottom and not may_exceed):
        return MeasureResult(None, "分子应不小于 0 且不大于分母，请核对")
    if bottom == 0 and top > 0:
        return MeasureResult(None, "分母为 0 而分子不为 0，请核对")
    if bottom == 0:
        return MeasureResult(True, "本期没有发生，视为达标")
    met = _compare(comparator, top * 100 / bottom, target)
    return MeasureResult(met, f"{number_text(percent(top, bottom))}%，{'达标' if met else '未达标'}")


def judge_count(comparator: Comparator, target: Decimal, unit: str, figures: Figures) -> MeasureResult:
    if figures.count is None:
        return MeasureResult(None, "请填写数量")
    if figures.count < 0:
        return MeasureResult(None, "数量不能为负，请核对")
    met = _compare(comparator, figures.count, target)
    return MeasureResult(met, f"{number_text(figures.count)}{unit}，{'达标' if met else '未达标'}")


def judge_date(by: date, figures: Figures) -> MeasureResult:
    if figures.day is None:
        return MeasureResult(None, "请填写日期")
    met = figures.day <= by
    return MeasureResult(met, f"{figures.day:%Y-%m-%d}，{'按时' if met else '晚于要求日期'}")


def judge_plain(unit: str, figures: Figures) -> MeasureResult:
    """Return the figure as it is: there is no target that it could miss."""
    if figures.count is None:
        return MeasureResult(None, "请填写数量")
    if figures.count < 0:
        return MeasureResult(None, "数量不能为负，请核对")
    return MeasureResult(None, f"{figures.count.normalize():f}{unit}")


class Standing(StrEnum):
    """Where a reading stands on a day: what is not due yet has not been missed."""

    MET = "met", "达标"
    SHORT = "short", "目前未达标"
    MISSED = "missed", "未达标"
    FILLED = "filled", "已填报"
    EMPTY = "empty", "未填报"
    AHEAD = "ahead", "未到期"

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


def standing(result: MeasureResult | None, due: date, today: date) -> Standing:
    """Return the standing of a reading, or of its absence (None), that is due on the last day of its period."""
    over = today > due
    if result is None:
        return Standing.EMPTY if over else Standing.AHEAD
    if result.met is None:
        return Standing.FILLED
    return Standing.MET if result.met else Standing.MISSED if over else Standing.SHORT


def period_end(period: str) -> date:
    """Return the last day of a period: of "2026" or of "2026Q1"."""
    year, _, quarter = period.partition("Q")
    month = 3 * int(quarter) if quarter else 12
    return date(int(year), month, 31 if month in (3, 12) else 30)


def total(rows: Sequence[Figures]) -> Figures:
    """Return the sums of what several units report. A rate of the whole is the sum of its parts, never the mean of their rates."""
    pairs = [
        (row.numerator, row.denominator) for row in rows if row.numerator is not None and row.denominator is not None
    ]
    counts = [row.count for row in rows if row.count is not None]
    return Figures(
        sum((top for top, _ in pairs), Decimal(0)) if pairs else None,
        sum((bottom for _, bottom in pairs), Decimal(0)) if pairs else None,
        sum(counts, Decimal(0)) if counts else None,
        max((row.day for row in rows if row.day), default=None),
    )


def value_of(figures: Figures) -> Decimal | None:
    """Return the figure that is compared with other periods: the rate in per cent, or the count."""
    if figures.denominator:
        return (figures.numerator or Decimal(0)) * 100 / figures.denominator
    return figures.count


def swings(now: Figures, before: Figures) -> bool:
    """Return whether the figure differs from that of the period before by more than half of it, which asks for a reason."""
    new, old = value_of(now), value_of(before)
    if new is None or not old:
        return False
    return abs(new - old) * 2 > old
