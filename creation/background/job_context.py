"""Progress reports of a running job, the heartbeat that renews its lease in between, and why it may have to stop."""

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

from django.db import Error, connection

from creation.lib import consistent_reads, lock_waits, storage
from creation.models import Job, JobState

LEASE = timedelta(minutes=5)
HEARTBEAT_SECONDS = 10.0  # seconds
HEARTBEAT_WAIT = 3000  # milliseconds for which a beat waits for other writers; the end of the job waits for the beat
PROGRESS_SECONDS = 0.5  # seconds between two writes of the progress
Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The lease expired and another worker has the row."""


class JobCancelled(Exception):
    """The job was cancelled."""


@dataclass
class JobContext:
    """Passed to the job function. ``update_progress`` records the progress and renews the lease.

    It raises LeaseLost or JobCancelled if the job must stop, and DiskFull before a result takes the reserve of the database.
    """

    job: Job
    clock: Clock
    progress: dict[str, Any] = field(default_factory=dict)
    stop_reason: type[LeaseLost | JobCancelled] | None = None
    renewed_at: float = -PROGRESS_SECONDS
    checked_at: float = -PROGRESS_SECONDS  # when the room on the disk was looked at

    @property
    def folder(self) -> Path:
        """The folder of this attempt for the result file. Deleted when the job is over."""
        return storage.result_work_folder(f"{self.job.pk}-{self.job.token}")

    def update_progress(self, done: int, total: int, message: str = "") -> None:
        """Record the progress. Cheap enough to be called for each row.

        Inside ``consistent_snapshot`` nothing can be written; the heartbeat writes the progress then.
        """
        self.progress = {"done": done, "total": total, "message": message}
        if time.monotonic() - self.checked_at >= PROGRESS_SECONDS:
            self.checked_at = time.monotonic()
            storage.require_free_space(0)
        if time.monotonic() - self.renewed_at >= PROGRESS_SECONDS and not consistent_reads.in_consistent_snapshot():
            self.renewed_at = time.monotonic()
            self.renew_lease()
        if self.stop_reason:
            raise self.stop_reason

    def renew_lease(self) -> None:
        """Renew the lease and write the latest progress."""
        mine = Job.objects.filter(pk=self.job.pk, token=self.job.token)
        if not mine.filter(state=JobState.RUNNING).update(**self.progress, lease_until=self.clock() + LEASE):
            self.stop_reason = JobCancelled if mine.filter(state=JobState.CANCELLED).exists() else LeaseLost


@contextmanager
def heartbeat(job_context: JobContext) -> Iterator[None]:
    """Renew the lease from another thread with its own connection, for work that cannot report for minutes.

    The thread has ended when the block has: a beat that meets a locked database gives up and leaves it to the next.
    """
    stop = threading.Event()
    thread = threading.Thread(
        target=_renew_until_stopped, args=(job_context, stop), daemon=True, name=f"job {job_context.job.pk}"
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew_until_stopped(job_context: JobContext, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS) and not job_context.stop_reason:
        try:
            with lock_waits.give_up_when_locked(HEARTBEAT_WAIT):
                job_context.renew_lease()
        except Error:  # the database may be unavailable for a moment; the lease is longer than many heartbeats
            logger.warning("Job %s: a beat was missed", job_context.job.pk, exc_info=True)
        finally:
            connection.close()
