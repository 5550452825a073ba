"""Requests and cancels background jobs. A second request joins the first."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.models import UNFINISHED_STATES, Job, JobState, User


def request_job(kind: str, params: dict[str, Any], actor: Actor) -> Job:
    """Return this person's unfinished job of the same kind and parameters, or a new one."""
    text = json.dumps(params, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    return enqueue(kind, params, actor.human, f"{kind}/{actor.human.pk}/{digest}", actor.at, actor.address)


def enqueue(
    kind: str, params: dict[str, Any], owner: User | None, running_key: str, now: datetime, address: str = ""
) -> Job:
    """Return the queued or running job with this key, or a new one."""
    row = {"kind": kind, "params": params, "owner": owner, "queued_at": now, "address": address}
    with transaction.atomic():
        if there := find_unfinished(running_key):
            return there
        try:
            with transaction.atomic():
                return Job.objects.create(running_key=running_key, **row)
        except IntegrityError:
            return Job.objects.get(running_key=running_key, state__in=UNFINISHED_STATES)


def find_unfinished(running_key: str) -> Job | None:
    return Job.objects.filter(running_key=running_key, state__in=UNFINISHED_STATES).first()


def find_latest(running_key: str) -> Job | None:
    """Return the last job with this key, in any state."""
    return Job.objects.filter(running_key=running_key).order_by("-queued_at", "-pk").first()


def rerun(job: Job, actor: Actor) -> Job:
    """Request the same job again."""
    return enqueue(job.kind, job.params, actor.person, job.running_key, actor.at, actor.address)


def cancel(job: Job, actor: Actor) -> bool:
    """Cancel a job. Its worker notices at the next progress report. Return False if it was over already."""
    with transaction.atomic():
        live = Job.objects.filter(pk=job.pk, state__in=UNFINISHED_STATES)
        cancelled = bool(live.update(state=JobState.CANCELLED, finished_at=actor.at, lease_until=None, message=""))
        if cancelled:
            audit_log.record(actor, "job.cancel", job)
    return cancelled
