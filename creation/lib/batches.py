"""Long lists in parts: a statement carries a limited number of parameters. Pure."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

BATCH = 500

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """In their order; the last may be shorter, none is empty."""
    return (items[start : start + size] for start in range(0, len(items), size))
