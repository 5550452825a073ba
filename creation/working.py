"""Long work as rows: queued by a click, claimed with a lease by one worker, with a progress bar and a sentence at the end.

A worker that dies loses its lease and the row is taken up again; three times at most.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from creation.models import Job, JobState, User

LEASE = timedelta(minutes=5)
ATTEMPTS = 3
LIVE = (JobState.QUEUED, JobState.RUNNING)
Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


class Failed(Exception):
    """The work cannot be done; the argument is the sentence to show."""


class Lost(Exception):
    """The lease ran out and another worker has the row."""


@dataclass(frozen=True)
class Report:
    """How a piece of work tells of itself. ``step`` renews the lease and raises Lost when it is gone."""

    job: Job
    clock: Clock

    def step(self, done: int, total: int, message: str = "") -> None:
        rows = Job.objects.filter(pk=self.job.pk, token=self.job.token, state=JobState.RUNNING)
        if not rows.update(done=done, total=total, message=message, lease_until=self.clock() + LEASE):
            raise Lost


Work = Callable[[Job, Report], str]


@dataclass(frozen=True)
class Kind:
    """``work`` does it and returns what ``Job.result`` keeps; at most ``most`` run at once (None: any number)."""

    work: Work
    most: int | None = None


KINDS: dict[str, Kind] = {}


def register(kind: str, work: Work, most: int | None = None) -> None:
    KINDS[kind] = Kind(work, most)


# Queueing


def queue(kind: str, params: dict[str, Any], owner: User | None, running_key: str, now: datetime) -> Job:
    """The job of this key that is queued or running, or a new one: a second click joins the first."""
    with transaction.atomic():
        if there := running(running_key):
            return there
        try:
            with transaction.atomic():
                return Job.objects.create(kind=kind, params=params, owner=owner, running_key=running_key, queued_at=now)
        except IntegrityError:
            return Job.objects.get(running_key=running_key, state__in=LIVE)


def running(running_key: str) -> Job | None:
    return Job.objects.filter(running_key=running_key, state__in=LIVE).first()


def latest(running_key: str) -> Job | None:
    """The last job of this key, whatever became of it."""
    return Job.objects.filter(running_key=running_key).order_by("-queued_at", "-pk").first()


# Working


def run_queued(clock: Clock, *kinds: str) -> int:
    """Run what waits, oldest first, until nothing does. Gives how many were run. Without ``kinds``: all that are registered."""
    count = 0
    while job := claim(clock(), *kinds):
        run(job, clock)
        count += 1
    return count


def claim(now: datetime, *kinds: str) -> Job | None:
    """Take one waiting job, or one whose worker died. Two workers never get the same."""
    _give_up(now)
    for job in _waiting(now).filter(kind__in=_with_room(kinds or tuple(KINDS), now))[:20]:
        taken = (
            _waiting(now)
            .filter(pk=job.pk)
            .update(state=JobState.RUNNING, token=str(uuid4()), lease_until=now + LEASE, attempts=F("attempts") + 1)
        )
        if taken:
            job.refresh_from_db()
            return job
    return None


def _waiting(now: datetime) -> QuerySet[Job]:
    lapsed = Q(state=JobState.RUNNING, lease_until__lt=now)
    return Job.objects.filter(Q(state=JobState.QUEUED) | lapsed, attempts__lt=ATTEMPTS).order_by("queued_at", "pk")


def _with_room(kinds: tuple[str, ...], now: datetime) -> list[str]:
    at_work = list(Job.objects.filter(state=JobState.RUNNING, lease_until__gte=now).values_list("kind", flat=True))
    rooms = {kind: KINDS[kind].most for kind in kinds if kind in KINDS}
    return [kind for kind, most in rooms.items() if most is None or at_work.count(kind) < most]


def _give_up(now: datetime) -> None:
    hopeless = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now, attempts__gte=ATTEMPTS)
    hopeless.update(
        state=JobState.FAILED, finished_at=now, message="处理多次中断，已停止。请重试；仍不成功请联系系统管理员。"
    )


def run(job: Job, clock: Clock) -> None:
    """Do the work of a claimed job and write what became of it, unless the lease was lost meanwhile."""
    try:
        result = KINDS[job.kind].work(job, Report(job, clock))
    except Lost:
        logger.warning("Job %s lost its lease", job.pk)
    except Failed as failed:
        _finish(job, clock, state=JobState.FAILED, message=str(failed)[:200])
    except Exception:
        logger.exception("Job %s (%s) failed", job.pk, job.kind)
        _finish(job, clock, state=JobState.FAILED, message="处理时出错，没有完成。请重试；仍不成功请联系系统管理员。")
    else:
        _finish(job, clock, state=JobState.DONE, result=result, done=F("total"))


def _finish(job: Job, clock: Clock, **values: Any) -> None:
    rows = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    rows.update(finished_at=clock(), lease_until=None, **values)
