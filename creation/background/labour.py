"""What a worker does: take a row, do the work, write what became of it."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from creation.audit import trail
from creation.audit.trail import Actor
from creation.background import results, rights
from creation.background.kinds import KINDS, Act, Cancelled, File, Kind, Lost, Refused
from creation.background.report import LEASE, Clock, Report, beating
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import Job, JobState

ATTEMPTS = 3
BROKEN = "处理时出错，没有完成。请重试；仍不成功请联系系统管理员。"
TOO_LONG = "处理时间太长，已停止。请缩小范围后重试。"

logger = logging.getLogger(__name__)


def run_queued(clock: Clock, *kinds: str, takes: timedelta | None = None) -> int:
    """Run what waits, oldest first, until nothing does. Gives how many were run. Without ``kinds``: all that are registered.

    ``takes``: after so long no further one is begun, so that a limit on the whole holds for each.
    """
    count, begun = 0, clock()
    while (takes is None or clock() - begun < takes) and (job := claim(clock(), *kinds)):
        run(job, clock)
        count += 1
    return count


def run_now(job: Job, clock: Clock) -> None:
    """Do small work at once, in the request that asked for it, unless a worker has it already."""
    if taken := _take(job, clock()):
        run(taken, clock)


def claim(now: datetime, *kinds: str) -> Job | None:
    """Take one waiting job, or one whose worker died. Two workers never get the same."""
    _give_up(now)
    for job in _waiting(now).filter(kind__in=_with_room(kinds or tuple(KINDS), now))[:20]:
        if taken := _take(job, now):
            return taken
    return None


def _take(job: Job, now: datetime) -> Job | None:
    won = (
        _waiting(now)
        .filter(pk=job.pk)
        .update(state=JobState.RUNNING, token=str(uuid4()), lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    if not won:
        return None
    job.refresh_from_db()
    return job


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
    """Do the work of a claimed job and write what became of it, unless the lease was lost or the work called off meanwhile."""
    try:
        _do(job, clock)
    except Cancelled:
        logger.info("Job %s was cancelled", job.pk)
    except Lost:
        logger.warning("Job %s lost its lease", job.pk)
    except Refused as refused:
        _refuse(job, clock, refused.sentence)
    except Refusal as refusal:
        _finish(job, clock, state=JobState.FAILED, message=refusal.sentence[:200])
    except SoftTimeLimitExceeded:
        logger.error("Job %s (%s) took too long", job.pk, job.kind)
        _finish(job, clock, state=JobState.FAILED, message=TOO_LONG)
    except Exception:
        logger.exception("Job %s (%s) failed", job.pk, job.kind)
        _finish(job, clock, state=JobState.FAILED, message=BROKEN)
    finally:
        storage.drop_making(f"{job.pk}-{job.token}")


def _do(job: Job, clock: Clock) -> None:
    kind, report = KINDS[job.kind], Report(job, clock)
    rights.check(job, kind)
    storage.drop_making(f"{job.pk}-", but=f"{job.pk}-{job.token}")  # what an attempt left that was cut short
    with storage.saying_full(), beating(report):
        made = kind.work(job, report)
    if isinstance(made, Act):
        _carry_out(job, kind, made, clock)
        return
    rights.check(job, kind)
    if isinstance(made, File):
        _keep(job, kind, made, clock)
    else:
        _finish(job, clock, state=JobState.DONE, result=made, done=F("total"))


def _carry_out(job: Job, kind: Kind, act: Act, clock: Clock) -> None:
    """The row says done in the transaction of the act: a worker that has lost it or was called off changes nothing, one that is killed
    leaves nothing half done. The heart is silent: it would wait for this very transaction, as does whoever wants to take the row.
    """
    with transaction.atomic():
        if not _finish(job, clock, state=JobState.DONE, done=F("total")):
            raise Lost
        rights.check(job, kind)
        Job.objects.filter(pk=job.pk).update(message=act.carry_out()[:200])


def _keep(job: Job, kind: Kind, made: File, clock: Clock) -> None:
    """The file is in its place before the row says so; where the row cannot say so, the file goes again."""
    values = results.keep(made, clock())
    try:
        with transaction.atomic():
            if not _finish(job, clock, state=JobState.DONE, done=F("total"), **values):
                raise Lost
            if kind.act:
                trail.audit(_actor(job, clock), kind.act, _object(job, kind), detail=made.detail or made.name)
    except BaseException:
        storage.drop_result(values["result"])
        raise


def _refuse(job: Job, clock: Clock, sentence: str) -> None:
    with transaction.atomic():
        if _finish(job, clock, state=JobState.FAILED, message=sentence):
            trail.audit(_actor(job, clock), KINDS[job.kind].act, job, result="refused", detail=sentence)


def _object(job: Job, kind: Kind) -> models.Model:
    """What the audit trail names: the campaign the file is of, rather than the row of the work."""
    place = kind.place(job)
    return place if isinstance(place, models.Model) else job


def _actor(job: Job, clock: Clock) -> Actor:
    return Actor(job.owner, clock(), job.address)


def _finish(job: Job, clock: Clock, **values: Any) -> int:
    rows = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    return rows.update(finished_at=clock(), lease_until=None, **values)
