"""CPU time and memory of the processes of an installation, sampled while it works."""

import os
import threading
from collections import defaultdict
from pathlib import Path

from tests.support.server_process import PROCESS_MARKS, descendants, words

TICKS = os.sysconf("SC_CLK_TCK")


class Usage:
    """Samples a process and its descendants once a second. ``cpu``: name → seconds; ``memory``: name → the most megabytes at once.

    Memory is proportional: what processes share is divided among them.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.seconds: dict[int, float] = {}
        self.at_start: dict[int, float] = {}
        self.names: dict[int, str] = {}
        self.memory: dict[str, float] = defaultdict(float)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample_on, daemon=True)

    def __enter__(self) -> "Usage":
        for pid in {self.pid, *descendants(self.pid)}:
            self.at_start[pid] = cpu_seconds(pid)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def cpu(self) -> dict[str, float]:
        total: dict[str, float] = defaultdict(float)
        for pid, seconds in self.seconds.items():
            total[self.names[pid]] += seconds - self.at_start.get(pid, 0)
        return dict(total)

    def _sample_on(self) -> None:
        while not self._over.wait(1):
            self._sample()

    def _sample(self) -> None:
        megabytes: dict[str, float] = defaultdict(float)
        self._name(self.pid, "launcher")
        for pid, name in self.names.items():
            self.seconds[pid] = max(self.seconds.get(pid, 0), cpu_seconds(pid))
            megabytes[name] += proportional_megabytes(pid)
        for name, size in megabytes.items():
            self.memory[name] = max(self.memory[name], size)

    def _name(self, pid: int, inherited: str) -> None:
        """Name the process and its children; a child without a name of its own has that of its parent."""
        said = words(pid)
        name = next((name for name, mark in PROCESS_MARKS.items() if mark in said), inherited)
        self.names[pid] = name
        for child in children(pid):
            self._name(child, name)


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for each in tasks for child in (each / "children").read_text().split()]
    except OSError:
        return []


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def proportional_megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
