"""Asking for long work: a second click joins the first, and it can be called off."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.models import LIVE, Job, JobState, User


def ask_for(kind: str, params: dict[str, Any], actor: Actor) -> Job:
    """What this person asked for: the job of the same kind and parameters that waits or runs, or a new one."""
    text = json.dumps(params, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    return queue(kind, params, actor.human, f"{kind}/{actor.human.pk}/{digest}", actor.at, actor.address)


def queue(
    kind: str, params: dict[str, Any], owner: User | None, running_key: str, now: datetime, address: str = ""
) -> Job:
    """The job of this key that is queued or running, or a new one: a second click joins the first."""
    row = {"kind": kind, "params": params, "owner": owner, "queued_at": now, "address": address}
    with transaction.atomic():
        if there := running(running_key):
            return there
        try:
            with transaction.atomic():
                return Job.objects.create(running_key=running_key, **row)
        except IntegrityError:
            return Job.objects.get(running_key=running_key, state__in=LIVE)


def running(running_key: str) -> Job | None:
    return Job.objects.filter(running_key=running_key, state__in=LIVE).first()


def latest(running_key: str) -> Job | None:
    """The last job of this key, whatever became of it."""
    return Job.objects.filter(running_key=running_key).order_by("-queued_at", "-pk").first()


def again(job: Job, actor: Actor) -> Job:
    """The same once more."""
    return queue(job.kind, job.params, actor.person, job.running_key, actor.at, actor.address)


def cancel(job: Job, actor: Actor) -> bool:
    """Whoever works on it learns of it at the next step. False when it was over already."""
    with transaction.atomic():
        live = Job.objects.filter(pk=job.pk, state__in=LIVE)
        cancelled = bool(live.update(state=JobState.CANCELLED, finished_at=actor.at, lease_until=None))
        if cancelled:
            trail.audit(actor, "job.cancel", job)
    return cancelled
