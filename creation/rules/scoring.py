"""What the scores of a mock assessment come to. Pure: means and sums of ``Decimal``, rounded only when shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

NORMAL, BONUS, DEDUCTION, VETO = "normal", "bonus", "deduction", "veto"
WIDE = Decimal("0.4")  # of a point's points, between the highest and the lowest score, from which assessors disagree


@dataclass(frozen=True, slots=True)
class PointResult:
    """One unit at one point. ``mean`` is None while nobody has scored it; ``vetoes`` counts those who cast a veto."""

    effect: str
    points: Decimal
    values: tuple[Decimal, ...] = ()
    vetoes: int = 0

    @property
    def mean(self) -> Decimal | None:
        return sum(self.values, Decimal(0)) / len(self.values) if self.values else None

    @property
    def disagree(self) -> bool:
        """Whether assessors differ by more than WIDE of the points."""
        return self.spread > WIDE

    @property
    def spread(self) -> Decimal:
        """The difference between the highest and the lowest score as a share of the points, 0 to 1."""
        return (max(self.values) - min(self.values)) / self.points if self.values and self.points else Decimal(0)


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over points: what was reached of ``full``, below 0 where there are only deductions. A veto makes the score 0."""

    reached: Decimal
    full: Decimal
    vetoed: bool = False

    @property
    def score(self) -> Decimal:
        return Decimal(0) if self.vetoed else max(self.reached, Decimal(0))

    @property
    def rate(self) -> Decimal | None:
        """The share reached, in per cent; None where there is nothing to reach."""
        return self.score * 100 / self.full if self.full else None


def add_up(results: Iterable[PointResult]) -> Sum:
    """Return the sum of the means: normal points and bonus count for, deductions against. Points nobody scored count as not reached."""
    reached = full = Decimal(0)
    vetoed = False
    for each in results:
        mean = each.mean or Decimal(0)
        if each.effect == NORMAL:
            reached, full = reached + mean, full + each.points
        elif each.effect == BONUS:
            reached += mean
        elif each.effect == DEDUCTION:
            reached -= mean
        vetoed = vetoed or each.vetoes > 0
    return Sum(reached, full, vetoed)


def shown(value: Decimal | None) -> str:
    """Return the number with at most two decimals: ``87.5``; "—" for None."""
    if value is None:
        return "—"
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}"


def weakest(rates: Sequence[tuple[int, Decimal]], count: int) -> list[int]:
    """Return the keys with the lowest rates, lowest first; those with the same rate in the given order."""
    return [key for key, _ in sorted(rates, key=lambda each: each[1])[:count]]
