"""Figures at the edge of their target: 95 % of 95 %, nothing of nothing, the last day."""

from datetime import date
from decimal import Decimal

import pytest

from creation.rules.targets import Comparator, Figures, judge_count, judge_date, judge_ratio, percent

EQUAL, AT_LEAST, AT_MOST = Comparator.EQUAL, Comparator.AT_LEAST, Comparator.AT_MOST
DATE = date(2026, 3, 31)


def ratio(numerator: str | None, denominator: str | None) -> Figures:
    return Figures(numerator and Decimal(numerator), denominator and Decimal(denominator))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("comparator", "numerator", "denominator", "met", "text"),
    [
        (AT_LEAST, "95", "100", True, "95%，达标"),
        (AT_LEAST, "9499", "10000", False, "94.99%，未达标"),
        (AT_LEAST, "96", "100", True, "96%，达标"),
        (AT_MOST, "95", "100", True, "95%，达标"),
        (AT_MOST, "9501", "10000", False, "95.01%，未达标"),
        (AT_MOST, "94", "100", True, "94%，达标"),
        (EQUAL, "95", "100", True, "95%，达标"),
        (EQUAL, "96", "100", False, "96%，未达标"),
        (EQUAL, "94", "100", False, "94%，未达标"),
        (AT_LEAST, "100", "100", True, "100%，达标"),
        (AT_LEAST, "0", "100", False, "0%，未达标"),
        (AT_LEAST, "1", "1", True, "100%，达标"),
        (AT_LEAST, "0", "0", True, "本期没有发生，视为达标"),
        (AT_LEAST, "-1", "100", None, "分子应不小于 0 且不大于分母，请核对"),
        (AT_LEAST, "101", "100", None, "分子应不小于 0 且不大于分母，请核对"),
        (AT_LEAST, "-2", "-1", None, "分子应不小于 0 且不大于分母，请核对"),
        (AT_LEAST, None, "100", None, "请填写分子和分母"),
        (AT_LEAST, "1", None, None, "请填写分子和分母"),
    ],
)
def test_a_ratio_is_judged_exactly(
    comparator: Comparator, numerator: str | None, denominator: str | None, met: bool | None, text: str
) -> None:
    found = judge_ratio(comparator, Decimal(95), ratio(numerator, denominator))
    assert (found.met, found.text) == (met, text)


def test_a_share_is_never_rounded_up_to_the_whole() -> None:
    assert percent(Decimal(99999), Decimal(100000)) == Decimal("99.99")
    assert percent(Decimal(1), Decimal(3)) == Decimal("33.33")


@pytest.mark.parametrize(
    ("count", "met", "text"),
    [
        ("1", True, "1次，达标"),
        ("0", False, "0次，未达标"),
        ("2", True, "2次，达标"),
        ("-1", None, "数量不能为负，请核对"),
        (None, None, "请填写数量"),
    ],
)
def test_a_count_of_zero_is_a_count(count: str | None, met: bool | None, text: str) -> None:
    found = judge_count(AT_LEAST, Decimal(1), "次", Figures(count=Decimal(count) if count else None))
    assert (found.met, found.text) == (met, text)


@pytest.mark.parametrize(
    ("day", "met", "text"),
    [
        (date(2026, 3, 30), True, "2026-03-30，按时"),
        (DATE, True, "2026-03-31，按时"),
        (date(2026, 4, 1), False, "2026-04-01，晚于要求日期"),
        (None, None, "请填写日期"),
    ],
)
def test_the_last_day_is_in_time(day: date | None, met: bool | None, text: str) -> None:
    found = judge_date(DATE, Figures(day=day))
    assert (found.met, found.text) == (met, text)
