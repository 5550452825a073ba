"""A share as people read it."""


def _tenths(share: float) -> int:
    return int(share * 1000 + 1e-9)


def rounded_down(share: float) -> float:
    """Return a share of 0 to 1 rounded down to a tenth of a percent, so that 99.96 % does not read as done."""
    return _tenths(share) / 1000


def percent_text(share: float | None) -> str:
    """Return a share of 0 to 1 in percent, rounded down to one decimal; a dash for None."""
    return "—" if share is None else f"{_tenths(share) / 10:g}%"
