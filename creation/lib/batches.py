"""Splits long lists, because the number of parameters of a statement is limited. Pure."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

BATCH = 500

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """Return slices of the list in order. The last may be shorter; none is empty."""
    return (items[start : start + size] for start in range(0, len(items), size))
