"""What handlers share."""

from django.utils import timezone

from creation.audit.actor import Actor
from creation.background import JobContext
from creation.lib import filenames
from creation.models import Job

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def actor_of(job: Job, job_context: JobContext) -> Actor:
    return Actor(job.owner, job_context.clock(), job.address)


def dated(job_context: JobContext, title: str, ending: str = "xlsx") -> str:
    return filenames.clean(f"{title}_{timezone.localdate(job_context.clock()):%Y%m%d}.{ending}")
