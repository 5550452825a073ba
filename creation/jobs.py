"""What the clock calls: each reads the time and calls one verb. All can be repeated and can overlap."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from creation import background as working
from creation.audit import sealing
from creation.audit.sealing import heads
from creation.audit.trail import Actor
from creation.evidence import previews, proving, quarantine
from creation.evidence.library import reading
from creation.evidence.links import watching
from creation.imports import keeping, longwork
from creation.models import Pulse
from creation.notices import delivery, holidays, posting
from creation.operations import health, sweeping
from creation.operations.backup import rounds
from creation.operations.health import running
from creation.tasks import progress

working.register(proving.KIND, proving.rehash, most=1)
working.register(previews.KIND, previews.make, most=previews.AT_ONCE)
longwork.register()
A_ROUND = timedelta(minutes=5)  # no further piece of work is begun later: a round's limits are then the last one's
LONG = {"soft_time_limit": 50 * 60, "time_limit": 55 * 60}


def clock() -> Actor:
    return Actor(None, timezone.now())


@shared_task
def plan_reminders() -> None:
    delivery.daily_round(clock())


@shared_task(soft_time_limit=240, time_limit=280)
def deliver() -> None:
    """What is urgent, then whatever is due to go outside. The limits lie below the lease of a delivery."""
    delivery.urgent_round(clock())
    posting.post_due(timezone.now)


@shared_task
def seal_audit() -> None:
    """The newest entries each minute; that they are sealed is also how one sees that the clock runs."""
    sealing.seal(timezone.now())
    Pulse.objects.beat(running.CLOCK, timezone.now())


@shared_task
def seal_all_audit() -> None:
    """The whole table, for entries whose transaction took very long; then the day's head of the chain."""
    sealing.seal(timezone.now(), everywhere=True)
    heads.export(timezone.now())


@shared_task(**LONG)
def back_up() -> None:
    """Asked each minute, so that a start catches up at once; does its work once a quarter of an hour. The first one that takes the
    files along may be long: what it brought stays, and the next goes on from there.
    """
    rounds.tick(timezone.now())


@shared_task
def watch() -> None:
    health.watch(clock())


@shared_task
def sweep() -> None:
    sweeping.sweep(timezone.now())
    keeping.drop_old(timezone.now())


@shared_task
def scan_waiting() -> None:
    quarantine.scan_waiting(clock())


@shared_task
def take_snapshots() -> None:
    progress.take_snapshots(timezone.localdate())


@shared_task
def fill_holidays() -> None:
    holidays.fill_ahead(clock())


@shared_task(**LONG)
def run_jobs() -> None:
    """Whatever waits in the queue of long work, but drawings: these have workers of their own."""
    kinds = [kind for kind in working.KINDS if kind != previews.KIND]
    working.run_queued(timezone.now, *kinds, takes=A_ROUND)


@shared_task(**LONG)
def make_previews() -> None:
    """What the clock calls each minute, and the nudge of a page that waits for a drawing."""
    working.run_queued(timezone.now, previews.KIND, takes=A_ROUND)


@shared_task(soft_time_limit=240, time_limit=280)
def check_links() -> None:
    """Whatever link is due to be opened again."""
    watching.look_at_due(timezone.now)


@shared_task
def read_files() -> None:
    """The words of files that nobody has read yet; also the nudge of a page that waits for what a file says of itself."""
    reading.read_due(timezone.now)
