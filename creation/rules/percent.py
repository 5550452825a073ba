"""A share as people read it."""


def percent_text(share: float | None) -> str:
    """Return a share of 0 to 1 in percent, rounded down to one decimal so that 99.96 % does not read as done; a dash for None."""
    return "—" if share is None else f"{int(share * 1000 + 1e-9) / 10:g}%"
