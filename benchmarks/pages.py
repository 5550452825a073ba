"""Server time of the most frequent pages, and of a hundred reviews, with the large demonstration.

    DATA_DIR=/tmp/large ./manage.py migrate && DATA_DIR=/tmp/large ./manage.py load_demo --size large
    DATA_DIR=/tmp/large .venv/bin/python benchmarks/pages.py

Every page goes through URL, middleware, view and template in this process, without a network. The reference beside each figure is an
empty response of the same Django (the redirect to the login page), measured in the same run, to show how slow the machine is.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from creation.models import Campaign, Membership, Task, TaskStatus, User  # noqa: E402
from creation.rules.policy import Role  # noqa: E402

RUNS = 15
PAGES, REVIEWS = 150, 300  # targets: median in milliseconds


def client_of(role: Role) -> tuple[Client, User]:
    membership = Membership.objects.filter(role=role, ended_on=None, user__is_active=True).select_related("user")[0]
    client = Client(HTTP_HOST="localhost")
    client.force_login(membership.user)
    return client, membership.user


def median_of(call: Callable[[], object]) -> float:
    """Return the median in milliseconds of this process's CPU time, which other load on the machine does not change."""
    call()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        call()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def measure(name: str, client: Client, address: str, peer: float) -> bool:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    count = len(captured)
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    took = median_of(lambda: client.get(address))
    print(
        f"{name:<22}{took:8.1f} ms {took / peer:7.1f} × {count:4} queries   aim {PAGES} ms {'ok' if took < PAGES else 'MISSED'}"
    )
    return took < PAGES


def reviews(campaign: Campaign, count: int = 100) -> bool:
    """Approve task after task on the pages, as the office does. Return whether the target was met."""
    client, reviewer = client_of(Role.REVIEWER)
    waiting = (
        Task.objects.active()
        .filter(campaign=campaign, status=TaskStatus.SUBMITTED)
        .exclude(submissions__created_by=reviewer)
    )
    times = []
    for task in waiting.order_by("pk")[:count]:
        start = time.process_time()
        page = client.get(f"/c/{campaign.pk}/reviews/{task.pk}/")
        answer = client.post(f"/c/{campaign.pk}/reviews/{task.pk}/approve/", {"version": task.version, "comment": ""})
        times.append((time.process_time() - start) * 1000)
        if page.status_code != 200 or answer.status_code != 302:
            raise SystemExit(f"review {task.pk}: {page.status_code} {answer.status_code}")
    took = statistics.median(times)
    print(
        f"{len(times)} reviews (open, approve){took:8.1f} ms each at the median   aim {REVIEWS} ms {'ok' if took < REVIEWS else 'MISSED'}"
    )
    return took < REVIEWS


def main() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    campaign = max(Campaign.objects.open(), key=lambda each: each.tasks.count())
    print(f"{campaign}: {campaign.tasks.count()} tasks")
    stranger = Client(HTTP_HOST="localhost")
    peer = median_of(lambda: stranger.get("/"))
    print(f"{'peer: stranger’s 302':<22}{peer:8.1f} ms")
    office, _ = client_of(Role.COORDINATOR)
    liaison, person = client_of(Role.LIAISON)
    task = (
        Task.objects.active().filter(campaign=campaign, unit=person.unit, status=TaskStatus.OPEN).first()
        or campaign.tasks.all()[0]
    )
    good = [
        measure("待办 liaison", liaison, "/", peer),
        measure("待办 office", office, "/", peer),
        measure("task list", office, f"/c/{campaign.pk}/tasks/", peer),
        measure("task list, filtered", office, f"/c/{campaign.pk}/tasks/?section=4&light=red&q=执法", peer),
        measure("task list, page 40", office, f"/c/{campaign.pk}/tasks/?page=40", peer),
        measure("task page", liaison, f"/c/{campaign.pk}/tasks/{task.pk}/", peer),
        measure("matrix", office, f"/c/{campaign.pk}/progress/", peer),
        measure("board, leaders", client_of(Role.LEADING_GROUP)[0], f"/c/{campaign.pk}/board/", peer),
        measure("board, office", office, f"/c/{campaign.pk}/board/", peer),
        measure("review queue", office, f"/c/{campaign.pk}/reviews/", peer),
        reviews(campaign),
    ]
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
