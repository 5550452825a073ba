"""The worker: claims a row, does the work and records the result."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.background import permissions, results
from creation.background.job_context import LEASE, Clock, JobCancelled, JobContext, LeaseLost, heartbeat
from creation.background.kinds import (
    JOB_KINDS,
    JobKind,
    PermissionLost,
    ResultFile,
    TransactionResult,
    campaign_of,
)
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import Job, JobState

MAX_ATTEMPTS = 3
ERROR_MESSAGE = "处理时出错，没有完成。请重试；仍不成功请联系系统管理员。"
TIMEOUT_MESSAGE = "处理时间太长，已停止。请缩小范围后重试。"

logger = logging.getLogger(__name__)


def run_queued(clock: Clock, *kinds: str, time_limit: timedelta | None = None) -> int:
    """Run queued jobs, oldest first, until none is left. Return how many were run. Without ``kinds``, run all registered ones.

    After ``time_limit`` no further job is started, so that a limit on the whole run is a limit for each job.
    """
    count, begun = 0, clock()
    while (time_limit is None or clock() - begun < time_limit) and (job := claim(clock(), *kinds)):
        run(job, clock)
        count += 1
    return count


def run_now(job: Job, clock: Clock) -> None:
    """Run a small job at once in the request, unless a worker has claimed it already."""
    if claimed := _try_claim(job, clock()):
        run(claimed, clock)


def claim(now: datetime, *kinds: str) -> Job | None:
    """Claim a queued job, or one whose worker died. Two workers never claim the same job."""
    _fail_exhausted(now)
    for job in _claimable(now).filter(kind__in=_kinds_below_limit(kinds or tuple(JOB_KINDS), now))[:20]:
        if claimed := _try_claim(job, now):
            return claimed
    return None


def _try_claim(job: Job, now: datetime) -> Job | None:
    won = (
        _claimable(now)
        .filter(pk=job.pk)
        .update(state=JobState.RUNNING, token=str(uuid4()), lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    if not won:
        return None
    job.refresh_from_db()
    return job


def _claimable(now: datetime) -> QuerySet[Job]:
    lapsed = Q(state=JobState.RUNNING, lease_until__lt=now)
    return Job.objects.filter(Q(state=JobState.QUEUED) | lapsed, attempts__lt=MAX_ATTEMPTS).order_by("queued_at", "pk")


def _kinds_below_limit(kinds: tuple[str, ...], now: datetime) -> list[str]:
    running_kinds = list(
        Job.objects.filter(state=JobState.RUNNING, lease_until__gte=now).values_list("kind", flat=True)
    )
    limits = {kind: JOB_KINDS[kind].max_running for kind in kinds if kind in JOB_KINDS}
    return [kind for kind, most in limits.items() if most is None or running_kinds.count(kind) < most]


def _fail_exhausted(now: datetime) -> None:
    exhausted = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now, attempts__gte=MAX_ATTEMPTS)
    exhausted.update(
        state=JobState.FAILED, finished_at=now, message="处理多次中断，已停止。请重试；仍不成功请联系系统管理员。"
    )


def run(job: Job, clock: Clock) -> None:
    """Run a claimed job and record the result, unless the lease was lost or the job was cancelled.

    One that met a locked or lost database goes back into the queue, for ``MAX_ATTEMPTS`` in all.
    """
    try:
        _execute(job, clock)
    except JobCancelled:
        logger.info("Job %s was cancelled", job.pk)
    except LeaseLost:
        logger.warning("Job %s lost its lease", job.pk)
    except PermissionLost as refused:
        _fail_without_permission(job, clock, refused.sentence)
    except Refusal as refusal:
        _finish(job, clock, state=JobState.FAILED, message=refusal.sentence[:200])
    except SoftTimeLimitExceeded:
        logger.error("Job %s (%s) took too long", job.pk, job.kind)
        _finish(job, clock, state=JobState.FAILED, message=TIMEOUT_MESSAGE)
    except OperationalError:
        logger.exception("Job %s (%s): the database was locked or away", job.pk, job.kind)
        _put_back(job, clock)
    except Exception:  # whatever a job raises: its row says that it failed, and the worker takes the next one
        logger.exception("Job %s (%s) failed", job.pk, job.kind)
        _finish(job, clock, state=JobState.FAILED, message=ERROR_MESSAGE)
    finally:
        storage.delete_work_folders(f"{job.pk}-{job.token}")


def _execute(job: Job, clock: Clock) -> None:
    kind, job_context = JOB_KINDS[job.kind], JobContext(job, clock)
    permissions.check_permission(job, kind)
    # The remains of an interrupted attempt.
    storage.delete_work_folders(f"{job.pk}-", except_name=f"{job.pk}-{job.token}")
    with storage.translate_disk_full(), heartbeat(job_context):
        result = kind.work(job, job_context)
    if isinstance(result, TransactionResult):
        _commit_result(job, kind, result, clock)
        return
    permissions.check_permission(job, kind)
    if isinstance(result, ResultFile):
        _store_result(job, kind, result, clock)
    else:
        _finish(job, clock, state=JobState.DONE, result=result, done=F("total"))


def _commit_result(job: Job, kind: JobKind, result: TransactionResult, clock: Clock) -> None:
    """Mark the job as done in the transaction of its commit: either both happen or neither.

    The heartbeat is stopped, because it would wait for this transaction. A worker that lost the job changes nothing.
    """
    with transaction.atomic():
        if not _finish(job, clock, state=JobState.DONE, done=F("total")):
            raise LeaseLost
        permissions.check_permission(job, kind)
        Job.objects.filter(pk=job.pk).update(message=result.commit()[:200])


def _store_result(job: Job, kind: JobKind, result_file: ResultFile, clock: Clock) -> None:
    """Store the file before the row refers to it. If the row cannot be updated, delete the file again."""
    values = results.store_file(result_file, clock())
    try:
        with transaction.atomic():
            if not _finish(job, clock, state=JobState.DONE, done=F("total"), **values):
                raise LeaseLost
            if kind.permission:
                audit_log.record(
                    _actor(job, clock),
                    kind.permission,
                    campaign_of(job),
                    detail=result_file.detail or result_file.name,
                )
    except BaseException:
        storage.delete_result(values["result"])
        raise


def _put_back(job: Job, clock: Clock) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        _finish(job, clock, state=JobState.FAILED, message=ERROR_MESSAGE)
        return
    mine = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    mine.update(state=JobState.QUEUED, lease_until=None)


def _fail_without_permission(job: Job, clock: Clock, sentence: str) -> None:
    with transaction.atomic():
        permission = JOB_KINDS[job.kind].permission
        if _finish(job, clock, state=JobState.FAILED, message=sentence) and permission:
            audit_log.record(_actor(job, clock), permission, job, result="refused", detail=sentence)


def _actor(job: Job, clock: Clock) -> Actor:
    return Actor(job.owner, clock(), job.address)


def _finish(job: Job, clock: Clock, **values: Any) -> int:
    rows = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    return rows.update(finished_at=clock(), lease_until=None, **values)
