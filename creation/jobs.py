"""The scheduled jobs: each reads the time and calls one verb. All can be repeated and can overlap."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from creation import background
from creation.audit import audit_chain
from creation.audit.actor import Actor
from creation.audit.audit_chain import head_file
from creation.commendation import last_phases, purging
from creation.evidence import previews, quarantine, submitted_version
from creation.evidence.library import text_extraction
from creation.evidence.links import link_checks
from creation.imports import import_jobs, import_uploads
from creation.lib import wakeups
from creation.models import Heartbeat, Holiday
from creation.notices import digest_builder, dispatch, holidays
from creation.operations import cleanup, health
from creation.operations.backup import schedule
from creation.operations.health import components
from creation.supervision import orders
from creation.tasks import progress

background.register(submitted_version.KIND, submitted_version.run_check, max_running=1)
background.register(previews.KIND, previews.run_rendering, max_running=previews.MAX_WORKERS)
import_jobs.register()
# No further work is started later, so the limits of a run are those of its last piece of work.
ROUND_TIME_LIMIT, PREVIEW_TIME_LIMIT = timedelta(minutes=5), timedelta(seconds=30)
LONG_TASK_LIMITS = {"soft_time_limit": 50 * 60, "time_limit": 55 * 60}


def system_actor() -> Actor:
    return Actor(None, timezone.now())


@shared_task
def plan_reminders() -> None:
    digest_builder.run_daily(system_actor())


@shared_task(soft_time_limit=240, time_limit=280)
def deliver() -> None:
    """Send urgent notices, then every delivery that is due. The time limits are shorter than the lease of a delivery."""
    digest_builder.run_urgent(system_actor())
    dispatch.dispatch_due(timezone.now)


@shared_task
def seal_audit() -> None:
    """Seal the newest audit entries each minute and record the head each hour. The heartbeat also shows that the scheduler is running."""
    audit_chain.seal(timezone.now())
    head_file.export_head(timezone.now())
    Heartbeat.objects.record(components.CLOCK, timezone.now())


@shared_task
def seal_all_audit() -> None:
    """Seal the whole table, including entries of very long transactions."""
    audit_chain.seal(timezone.now(), full_scan=True)


@shared_task(**LONG_TASK_LIMITS)
def back_up() -> None:
    """Back up if a backup is due. Called each minute, so that a missed one is made soon after a start.

    The first backup that includes the files may take long; the next continues from what it copied.
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
def remind_of_purges() -> None:
    purging.remind_due(system_actor())


@shared_task
def remind_of_last_phases() -> None:
    """Remind of assessments, surveys, cases and commendations, on the days on which the clock reminds."""
    last_phases.remind(system_actor(), Holiday.objects.calendar())


@shared_task
def scan_waiting() -> None:
    quarantine.scan_waiting(system_actor())


@shared_task
def take_snapshots() -> None:
    progress.take_snapshots(timezone.localdate())


@shared_task
def ask_for_period_replies() -> None:
    """Give units the replies of the week or month that has begun, of the supervision orders that are answered in cycles."""
    orders.ask_for_period_replies(system_actor())


@shared_task
def fill_holidays() -> None:
    holidays.fill_ahead(system_actor())


@shared_task(**LONG_TASK_LIMITS)
def run_jobs() -> None:
    """Run the queued background jobs except previews, which have their own workers."""
    kinds = [kind for kind in background.JOB_KINDS if kind != previews.KIND]
    background.run_queued(timezone.now, *kinds, time_limit=ROUND_TIME_LIMIT)


@shared_task(**LONG_TASK_LIMITS)
def make_previews() -> None:
    """Make queued previews for half a minute, and come again behind exports that wait. Also woken by a page that waits for a preview."""
    if background.run_queued(timezone.now, previews.KIND, time_limit=PREVIEW_TIME_LIMIT):
        wakeups.wake_worker("creation.jobs.make_previews")


@shared_task(soft_time_limit=240, time_limit=280)
def check_links() -> None:
    """Check every link that is due."""
    link_checks.check_due(timezone.now)


@shared_task
def read_files() -> None:
    """Extract the text of files not read yet, and come again after what else waits. Also woken by a page that waits for metadata."""
    if text_extraction.extract_due(timezone.now):
        wakeups.wake_worker("creation.jobs.read_files")
