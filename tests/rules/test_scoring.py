"""What the scores of a mock assessment come to, at the edges: one assessor, the widest agreement, nothing to reach, a veto."""

from decimal import Decimal

import pytest

from creation.rules.scoring import BONUS, DEDUCTION, NORMAL, VETO, PointResult, Sum, add_up, shown, weakest


def point(*values: int | str, effect: str = NORMAL, points: int = 10, vetoes: int = 0) -> PointResult:
    return PointResult(effect, Decimal(points), tuple(map(Decimal, values)), vetoes)


def test_the_mean_is_of_those_who_scored() -> None:
    assert point().mean is None
    assert point(0).mean == 0
    assert point(4, 7).mean == Decimal("5.5")


@pytest.mark.parametrize(
    ("values", "disagree"),
    [((), False), ((9,), False), ((4, 8), False), ((4, "8.1"), True), (("8.1", 6, 4), True), ((8, 6, 4), False)],
)
def test_assessors_disagree_by_more_than_four_tenths_of_the_points(
    values: tuple[int | str, ...], disagree: bool
) -> None:
    assert point(*values).disagree is disagree


def test_normal_points_and_bonus_count_for_and_deductions_against() -> None:
    found = add_up([point(6, 8), point(points=5), point(2, effect=BONUS, points=3), point(1, effect=DEDUCTION)])
    assert found == Sum(reached=Decimal(8), full=Decimal(15), vetoed=False)
    assert (found.score, found.rate) == (8, Decimal(800) / 15)


def test_a_sum_is_never_below_nothing_and_a_point_of_veto_adds_nothing() -> None:
    found = add_up([point(1), point(3, effect=DEDUCTION)])
    assert (found.reached, found.score, found.rate) == (-2, 0, 0)
    assert add_up([point(3, effect=DEDUCTION)]).reached == -3  # a section of deductions says what was taken away
    assert add_up([point(1), point(5, effect=VETO)]) == Sum(Decimal(1), Decimal(10))


@pytest.mark.parametrize(("vetoes", "vetoed"), [(0, False), (1, True), (2, True)])
def test_one_veto_makes_the_whole_nothing(vetoes: int, vetoed: bool) -> None:
    found = add_up([point(effect=VETO, points=0, vetoes=vetoes), point(9)])
    assert (found.vetoed, found.score) == (vetoed, 0 if vetoed else 9)
    assert found.rate == (0 if vetoed else 90)


def test_there_is_no_rate_where_there_is_nothing_to_reach() -> None:
    assert add_up([point(1, effect=BONUS)]).rate is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        ("0", "0"),
        ("87.50", "87.5"),
        ("100", "100"),
        ("3.005", "3.01"),
        ("66.6649", "66.66"),
        ("0.004", "0"),
    ],
)
def test_at_most_two_decimals_are_shown_rounded_half_up(value: str | None, text: str) -> None:
    assert shown(None if value is None else Decimal(value)) == text


def test_the_weakest_come_first_and_equals_in_their_order() -> None:
    rates = [(1, Decimal(50)), (2, Decimal(20)), (3, Decimal(50)), (4, Decimal(90))]
    assert weakest(rates, 3) == [2, 1, 3]
    assert weakest(rates, 9) == [2, 1, 3, 4]
