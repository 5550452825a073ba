"""What a run has measured: counts and percentiles by page, from what locust prints."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

PAGES = ("todo", "task list", "task page", "matrix", "review queue", "review page")
LOGIN = "login"


@dataclass
class Figures:
    """``times``: name → milliseconds → how often."""

    seconds: float
    cpu: float = 0  # seconds of the web processes
    times: dict[str, dict[int, int]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, printed: str, seconds: float) -> "Figures":
        found = cls(seconds)
        rows: list[dict[str, Any]] = json.loads(printed[printed.index("[") :])
        for row in rows:
            times = {int(float(took)): count for took, count in row["response_times"].items()}
            found.times[row["name"]] = times
            found.errors[row["name"]] = row["num_failures"]
        return found

    @property
    def count(self) -> int:
        return sum(sum(times.values()) for times in self.times.values())

    @property
    def error_count(self) -> int:
        return sum(self.errors.values())

    @property
    def rate(self) -> float:
        """Return the answers a second."""
        return (self.count - self.error_count) / self.seconds

    @property
    def cpu_by_answer(self) -> float:
        return self.cpu / max(1, self.count)

    def percentile(self, share: float, names: Iterable[str]) -> float:
        """Return the milliseconds within which this share of the requests of these names were answered."""
        times: dict[int, int] = {}
        for name in names:
            for took, count in self.times.get(name, {}).items():
                times[took] = times.get(took, 0) + count
        left = share * sum(times.values())
        for took in sorted(times):
            left -= times[took]
            if left <= 0:
                return took
        return 0

    def show(self) -> None:
        print(f"{'':18}{'requests':>10}{'errors':>8}{'p50 ms':>9}{'p95 ms':>9}")
        for name in sorted(self.times):
            middle, late = self.percentile(0.5, [name]), self.percentile(0.95, [name])
            count = sum(self.times[name].values())
            print(f"{name:18}{count:10}{self.errors[name]:8}{middle:9.0f}{late:9.0f}")
        print(
            f"{self.count} requests, {self.error_count} errors, {self.rate:.1f} answers a second, "
            f"{1000 * self.cpu_by_answer:.0f} ms of CPU for each",
            flush=True,
        )
