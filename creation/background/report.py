"""How a piece of work tells of itself, and the heart that beats for it while it says nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from creation.background.kinds import Cancelled, Lost
from creation.lib import onereading, storage
from creation.models import Job, JobState

LEASE = timedelta(minutes=5)
BEAT = 10.0  # seconds
OFTEN = 0.5  # seconds between two steps that are written down
Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


@dataclass
class Report:
    """``step`` shows how far the work is, renews the lease, and raises Lost or Cancelled when the work is not wanted any more."""

    job: Job
    clock: Clock
    told: dict[str, Any] = field(default_factory=dict)
    over: type[Lost] | type[Cancelled] | None = None
    renewed: float = -OFTEN

    @property
    def folder(self) -> Path:
        """A folder of this attempt alone, gone when the work is over: what becomes the result is written here."""
        return storage.making_folder(f"{self.job.pk}-{self.job.token}")

    def step(self, done: int, total: int, message: str = "") -> None:
        """While everything is read from one state of the database nothing can be written: the heart tells of it then.

        As cheap as can be: call it for each row.
        """
        self.told = {"done": done, "total": total, "message": message}
        if time.monotonic() - self.renewed >= OFTEN and not onereading.is_reading():
            self.renewed = time.monotonic()
            self.renew()
        if self.over:
            raise self.over

    def renew(self) -> None:
        """Keep the row for another lease, with what was told last."""
        mine = Job.objects.filter(pk=self.job.pk, token=self.job.token)
        if not mine.filter(state=JobState.RUNNING).update(**self.told, lease_until=self.clock() + LEASE):
            self.over = Cancelled if mine.filter(state=JobState.CANCELLED).exists() else Lost


@contextmanager
def beating(report: Report) -> Iterator[None]:
    """Renew the lease from another thread, over a connection of its own, for work that cannot step for minutes."""
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(report, stop), daemon=True, name=f"job {report.job.pk}")
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join(5)


def _beat(report: Report, stop: threading.Event) -> None:
    while not stop.wait(BEAT) and not report.over:
        try:
            report.renew()
        except Exception:  # a database that is away for a moment: the lease is longer than many beats
            logger.warning("Job %s: a beat was missed", report.job.pk, exc_info=True)
        finally:
            connection.close()
