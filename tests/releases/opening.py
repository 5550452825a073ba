"""Open pages of a data folder as on a given day: ``python tests/releases/opening.py DAY`` in a checkout, with DATA_DIR set.

Reads ``{"login": [URLs]}`` and prints the status of each. Without URLs it opens the main pages, by which a release's own code determines
which pages its people had.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine

HOURS_LATER = 2  # after the last event
ALONE = (
    "todo", "notices", "profile", "preferences", "jobs", "unfinished", "channels", "proof", "holidays", "units", "accounts", "audit",
    "health", "storage_use",
)  # fmt: skip
OF_CAMPAIGN = (
    "task_list", "review_queue", "requests", "progress", "ledger", "liaisons", "campaign_setup", "phases", "rules", "assignments",
    "actions", "questions", "calls", "on_site", "editions", "edition_compare", "library", "library_bin", "links", "announcements",
    "papers", "assessment", "application", "reports", "documents", "package", "campaign_distribute",
)  # fmt: skip
MOST = 1  # objects of each kind


def main(day: str) -> None:
    given: dict[str, list[str]] = json.load(sys.stdin)
    at = datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=ZoneInfo("Asia/Shanghai")) + timedelta(hours=HOURS_LATER)
    with time_machine.travel(at):
        print(json.dumps({login: opened(login, addresses or list(main_pages())) for login, addresses in given.items()}))


def opened(login: str, addresses: list[str]) -> dict[str, int]:
    from django.test import Client

    from creation.models import User

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(User.objects.get(username=login), "django.contrib.auth.backends.ModelBackend")
    return {address: client.get(address).status_code for address in addresses}


def main_pages() -> Iterator[str]:
    from django.urls import reverse

    from creation.models import Campaign

    campaign = Campaign.objects.order_by("pk")[0]
    yield from (reverse(name) for name in ALONE)
    yield from (reverse(name, args=[campaign.pk]) for name in OF_CAMPAIGN)
    yield from (reverse(name, args=[campaign.pk, pk]) for name, pk in parts(campaign))
    yield from (reverse(name, args=[pk]) for name, pk in others())


def parts(campaign: Any) -> Iterator[tuple[str, int]]:
    """Yield a few objects of each kind in a campaign."""
    from creation.models import Announcement, EditionChange, Paper, Question, Reply, Task, TaskStatus

    tasks = Task.objects.active().filter(campaign=campaign, owner__isnull=False).order_by("pk")
    for status in TaskStatus.values:
        yield from (("task", task.pk) for task in tasks.filter(status=status).exclude(submissions=None)[:MOST])
        yield from (("review", task.pk) for task in tasks.filter(status=status, submissions__number=1)[:1])
    for name, model in (("announcement", Announcement), ("paper", Paper), ("reply", Reply)):
        yield from ((name, row.pk) for row in model._default_manager.filter(campaign=campaign).order_by("pk")[:MOST])
    yield from (("question", row.pk) for row in Question.objects.filter(task__campaign=campaign).order_by("pk")[:MOST])
    yield from (("edition", row.pk) for row in EditionChange.objects.confirmed().filter(campaign=campaign))
    yield from (("ended_task", row.pk) for row in Task.objects.ended_by_edition().filter(campaign=campaign)[:1])
    yield from (("unit_progress", task.unit_id) for task in tasks.filter(status="approved")[:1])


def others() -> Iterator[tuple[str, int]]:
    from creation.models import Evidence, Job

    yield from (("evidence", row.pk) for row in Evidence.objects.order_by("-pk")[:MOST])
    yield from (("job", row.pk) for row in Job.objects.order_by("pk")[:MOST])


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main(*sys.argv[1:])
