"""The Celery app and its schedule. Messages only wake up workers; the work itself is stored in rows of the database."""

import os
import sys
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from kombu.transport import redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

FAIL_FAST_OPTIONS = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "max_retries": 0}  # without max_retries: 7 s

EVERY_MINUTE = 60.0

# A worker that loses the broker would first put back the messages that it holds, through the lost connection. In kombu 5.7 that
# raises AttributeError and ends the worker as soon as its running task is over. Nothing is lost with such a message.
redis.Channel.do_restore = False


class FailFastCelery(Celery):
    """A Celery whose senders give up within a third of a second, so that no page waits for a broker that hangs."""

    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        options["transport_options"] = FAIL_FAST_OPTIONS | (options.get("transport_options") or {})
        return super().connection_for_write(url, **options)


app = FailFastCelery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")

# `expires` drops a wake-up not handled before the next one, so that no queue builds up during a long outage.
beat_schedule: dict[str, dict[str, Any]] = {
    "plan reminders": {"task": "creation.jobs.plan_reminders", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "deliver notices": {"task": "creation.jobs.deliver", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "run queued jobs": {"task": "creation.jobs.run_jobs", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "seal the audit trail": {"task": "creation.jobs.seal_audit", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "seal the whole trail": {
        "task": "creation.jobs.seal_all_audit",
        "schedule": crontab(minute="5"),
        "options": {"expires": 3000},
    },
    "draw previews": {"task": "creation.jobs.make_previews", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "check links": {"task": "creation.jobs.check_links", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "read files": {"task": "creation.jobs.read_files", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "back up": {"task": "creation.jobs.back_up", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "watch system health": {
        "task": "creation.jobs.watch",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "sweep leftovers": {"task": "creation.jobs.sweep", "schedule": crontab(minute="20"), "options": {"expires": 3000}},
    "scan quarantine": {"task": "creation.jobs.scan_waiting", "schedule": EVERY_MINUTE, "options": {"expires": 50}},
    "take snapshots": {
        "task": "creation.jobs.take_snapshots",
        "schedule": crontab(minute="10"),
        "options": {"expires": 3000},
    },
    "ask for replies of the period": {
        "task": "creation.jobs.ask_for_period_replies",
        "schedule": crontab(minute="30"),
        "options": {"expires": 3000},
    },
    "remind of purges": {
        "task": "creation.jobs.remind_of_purges",
        "schedule": crontab(minute="50"),
        "options": {"expires": 3000},
    },
    "remind of the last phases": {
        "task": "creation.jobs.remind_of_last_phases",
        "schedule": crontab(minute="35"),
        "options": {"expires": 3000},
    },
    "fill holidays": {
        "task": "creation.jobs.fill_holidays",
        "schedule": crontab(minute="40"),
        "options": {"expires": 3000},
    },
}
app.conf.beat_schedule = beat_schedule


@signals.worker_ready.connect
def catch_up(**options: Any) -> None:
    """Ask at once for each minute's work, whose wake-ups expired while no worker was there. All of it may be repeated."""
    from creation.lib import wakeups

    for entry in app.conf.beat_schedule.values():
        if entry["schedule"] == EVERY_MINUTE:
            wakeups.wake_worker(entry["task"])


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_newer_database(**options: Any) -> None:
    from creation.operations import upgrading  # needs the settings

    try:
        upgrading.require_known_database()
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))
