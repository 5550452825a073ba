"""What the clock calls: each reads the time and calls one verb. All can be repeated and can overlap."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from creation import background
from creation.audit import audit_chain
from creation.audit.actor import Actor
from creation.audit.audit_chain import head_file
from creation.evidence import previews, quarantine, submitted_version
from creation.evidence.library import text_extraction
from creation.evidence.links import link_checks
from creation.imports import import_jobs, import_uploads
from creation.models import Pulse
from creation.notices import digest_builder, dispatch, holidays
from creation.operations import cleanup, health
from creation.operations.backup import schedule
from creation.operations.health import components
from creation.tasks import progress

background.register(submitted_version.KIND, submitted_version.run_check, max_running=1)
background.register(previews.KIND, previews.run_rendering, max_running=previews.MAX_WORKERS)
import_jobs.register()
ROUND_TIME_LIMIT = timedelta(
    minutes=5
)  # no further piece of work is begun later: a round's limits are then the last one's
LONG_TASK_LIMITS = {"soft_time_limit": 50 * 60, "time_limit": 55 * 60}


def system_actor() -> Actor:
    return Actor(None, timezone.now())


@shared_task
def plan_reminders() -> None:
    digest_builder.run_daily(system_actor())


@shared_task(soft_time_limit=240, time_limit=280)
def deliver() -> None:
    """What is urgent, then whatever is due to go outside. The limits lie below the lease of a delivery."""
    digest_builder.run_urgent(system_actor())
    dispatch.dispatch_due(timezone.now)


@shared_task
def seal_audit() -> None:
    """The newest entries each minute; that they are sealed is also how one sees that the clock runs."""
    audit_chain.seal(timezone.now())
    Pulse.objects.record(components.CLOCK, timezone.now())


@shared_task
def seal_all_audit() -> None:
    """The whole table, for entries whose transaction took very long; then the day's head of the chain."""
    audit_chain.seal(timezone.now(), full_scan=True)
    head_file.export_head(timezone.now())


@shared_task(**LONG_TASK_LIMITS)
def back_up() -> None:
    """Asked each minute, so that a start catches up at once; does its work once a quarter of an hour. The first one that takes the
    files along may be long: what it brought stays, and the next goes on from there.
    """
    schedule.run_if_due(timezone.now())


@shared_task
def watch() -> None:
    health.notify_alarms(system_actor())


@shared_task
def sweep() -> None:
    cleanup.clean_up(timezone.now())
    import_uploads.delete_expired(timezone.now())


@shared_task
def scan_waiting() -> None:
    quarantine.scan_waiting(system_actor())


@shared_task
def take_snapshots() -> None:
    progress.take_snapshots(timezone.localdate())


@shared_task
def fill_holidays() -> None:
    holidays.fill_ahead(system_actor())


@shared_task(**LONG_TASK_LIMITS)
def run_jobs() -> None:
    """Whatever waits in the queue of long work, but drawings: these have workers of their own."""
    kinds = [kind for kind in background.JOB_KINDS if kind != previews.KIND]
    background.run_queued(timezone.now, *kinds, time_limit=ROUND_TIME_LIMIT)


@shared_task(**LONG_TASK_LIMITS)
def make_previews() -> None:
    """What the clock calls each minute, and the wake-up of a page that waits for a drawing."""
    background.run_queued(timezone.now, previews.KIND, time_limit=ROUND_TIME_LIMIT)


@shared_task(soft_time_limit=240, time_limit=280)
def check_links() -> None:
    """Whatever link is due to be opened again."""
    link_checks.check_due(timezone.now)


@shared_task
def read_files() -> None:
    """The words of files that nobody has read yet; also the wake-up of a page that waits for what a file says of itself."""
    text_extraction.extract_due(timezone.now)
