"""Select a part of the cases that take too long to run each time: another part each day, all with ``--long``.

The part depends only on the day, so that all processes of a run select the same; ``TESTS_SEED=2026-11-27`` repeats that day's selection.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pytest

SEED = os.environ.get("TESTS_SEED") or f"{datetime.now(UTC):%Y-%m-%d}"
Chosen = Callable[..., bool]
Choice = TypeVar("Choice")


def in_turn(choices: Sequence[Choice]) -> Choice:
    """Return the one of these that is today's."""
    return choices[zlib.crc32(SEED.encode()) % len(choices)]


@pytest.fixture(scope="session")
def one_in(request: pytest.FixtureRequest) -> Callable[[int], Chosen]:
    """Return a function: ``one_in(3)(*names)`` says whether the case with these names is in the selected third."""
    everything = request.config.getoption("--long")

    def a_part(parts: int) -> Chosen:
        return lambda *names: everything or zlib.crc32(repr((SEED, *map(str, names))).encode()) % parts == 0

    return a_part
