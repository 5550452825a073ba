"""Of what is too much to try in full each time, a part is tried: another each day, all of it with ``--long``.

The part follows from the day alone, so that all processes of a run try the same; ``TESTS_SEED=2026-11-27`` repeats that day's.
"""

import os
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

SEED = os.environ.get("TESTS_SEED") or f"{datetime.now(UTC):%Y-%m-%d}"
Chosen = Callable[..., bool]


@pytest.fixture(scope="session")
def one_in(request: pytest.FixtureRequest) -> Callable[[int], Chosen]:
    """``one_in(3)(*names)``: is what these names stand for among the third that is tried?"""
    everything = request.config.getoption("--long")

    def a_part(parts: int) -> Chosen:
        return lambda *names: everything or zlib.crc32(repr((SEED, *map(str, names))).encode()) % parts == 0

    return a_part
