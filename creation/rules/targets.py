"""Judges a reading against the target of a measure. Pure; figures are ``Decimal``, so that 95 % is exact."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum


class MeasureKind(StrEnum):
    RATIO = "ratio"
    COUNT = "count"
    DATE = "date"


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


def judge_ratio(comparator: Comparator, target: Decimal, figures: Figures) -> MeasureResult:
    """Judge a ratio. A denominator of 0 (no case in the year) meets the target, as nothing could be missed."""
    top, bottom = figures.numerator, figures.denominator
    if top is None or bottom is None:
        return MeasureResult(None, "请填写分子和分母")
    if top < 0 or bottom < 0 or top > bottom:
        return MeasureResult(None, "分子应不小于 0 且不大于分母，请核对")
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
