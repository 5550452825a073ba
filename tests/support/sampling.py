"""Select a part of the cases that take too long to run each time: another part each day, all with ``--long``.

The part depends only on the day, so that all processes of a run select the same; ``TESTS_SEED=2026-11-27`` repeats that day's selection.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pytest

SEED = os.environ.get("TESTS_SEED") or f"{datetime.now(UTC):%Y-%m-%d}"
os.environ["TESTS_SEED"] = SEED  # for the processes that this one starts, also after midnight
Chosen = Callable[..., bool]
Choice = TypeVar("Choice")


def left_out(item: pytest.Item) -> bool:
    """Return whether the test is marked ``one_in(parts)`` and its parameters are not in today's part."""
    marker = item.get_closest_marker("one_in")
    return marker is not None and not _in_part(marker.args[0], item.callspec.id)  # type: ignore[attr-defined]


def _in_part(parts: int, *names: object) -> bool:
    return _number(*names) % parts == 0


def _number(*names: object) -> int:
    """Return a number that the day and the names decide. A checksum would not do: it leaves the same cases together every day."""
    digest = hashlib.blake2s(repr((SEED, *map(str, names))).encode(), digest_size=4).digest()
    return int.from_bytes(digest)


def in_turn(choices: Sequence[Choice]) -> Choice:
    """Return the one of these that is today's."""
    return choices[_number() % len(choices)]


@pytest.fixture(scope="session")
def one_in(request: pytest.FixtureRequest) -> Callable[[int], Chosen]:
    """Return a function: ``one_in(3)(*names)`` says whether the case with these names is in the selected third."""
    everything = request.config.getoption("--long")

    def a_part(parts: int) -> Chosen:
        return lambda *names: everything or _in_part(parts, *names)

    return a_part
