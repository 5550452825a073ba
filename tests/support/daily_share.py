"""Which test files a daily run leaves for another day, so that it takes the same time however many there are.

``tests/costs.txt`` has the CPU seconds of each file on one machine (``bin/test --long -p benchmarks.cpu_of_tests`` prints them). Files
that cost little run every day, and so do files that are not listed yet and tests marked ``every_day``. The others take turns: in the
order of their names they lie on a circle as long as their costs, and each day a part of it is run that begins where the day before
ended. So none is left out for long, and the same day selects the same files.
"""

from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from pathlib import Path

from tests.support.sampling import SEED

ROOT = Path(__file__).resolve().parents[2]
COSTS = ROOT / "tests" / "costs.txt"
CHEAP = 4.0  # CPU seconds on the machine of the list, below which a file runs every day
SHARE = 0.2  # of the costs of the others, each day


def read_costs(text: str) -> dict[str, float]:
    """Return CPU seconds by file, from lines such as ``12.3 tests/access/test_access.py``."""
    rows = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(seconds) for seconds, name in rows}


def left_for_another_day(costs: Mapping[str, float], day: int, share: float = SHARE) -> set[str]:
    """Return the files that are not run on that day (counted in days), of those that are not cheap."""
    dear = {name: costs[name] for name in sorted(costs) if costs[name] >= CHEAP}
    total = sum(dear.values())
    begins = (day * share) % 1 * total
    left = set()
    for (name, cost), end in zip(dear.items(), accumulate(dear.values()), strict=True):
        if not any(_meet(end - cost, end, at, at + share * total) for at in (begins, begins - total)):
            left.add(name)
    return left


def _meet(begin: float, end: float, other_begin: float, other_end: float) -> bool:
    return begin < other_end and other_begin < end


def today() -> int:
    """Return the number of the day that ``TESTS_SEED`` names; another word is a number too."""
    try:
        return date.fromisoformat(SEED).toordinal()
    except ValueError:
        return sum(SEED.encode())
