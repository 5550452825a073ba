"""What the most frequent pages cost: queries and CPU time, against a minimal Django page in the same process; and a hundred reviews.

    DATA_DIR=/tmp/large .venv/bin/python manage.py migrate && DATA_DIR=/tmp/large .venv/bin/python manage.py load_demo --size large
    DATA_DIR=/tmp/large .venv/bin/python benchmarks/pages.py [--no-reviews] [--profile "task list"]

Every page goes through URL, middleware, view and template in this process, without a network. The minimal page is that of the rush:
a session and 50 rows from a table. A page's figure is its multiple, measured in turns with the minimal page, so that other work on the
machine and its clock change both; the number of functions called is the same everywhere.
``--profile`` prints where the time of one page goes.
"""

import argparse
import cProfile
import io
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.rush import minimal_site  # noqa: E402
from creation.models import Campaign, Membership, Task, TaskStatus, User  # noqa: E402
from creation.rules.policy import ROLE_NAMES, Role  # noqa: E402

RUNS = int(os.environ.get("RUNS", "9"))
QUERIES, REVIEWS = 12, 300  # aims: queries of a page; milliseconds of a review at the median
Ask = Callable[[], tuple[str, bytes]]


def client_of(role: Role) -> tuple[Client, User]:
    membership = Membership.objects.filter(role=role, ended_on=None, user__is_active=True).select_related("user")[0]
    client = Client(HTTP_HOST="localhost")
    client.force_login(membership.user)
    return client, membership.user


def asker(application: WSGIHandler, address: str, cookie: str = "") -> Ask:
    """Return a function that asks the application as a web server does."""
    path, _, query = address.partition("?")

    def ask() -> tuple[str, bytes]:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": quote(query, safe="=&"),
            "HTTP_HOST": "localhost",
        }
        environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1", "HTTP_COOKIE": cookie}
        environ |= {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}
        status: list[str] = []
        answer = application(environ, lambda line, headers, exc_info=None: status.append(line))
        body = b"".join(answer)
        answer.close()
        return status[0], body

    return ask


def in_minimal_site(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that leads to the addresses of the minimal application."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = minimal_site.__name__  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def minimal_page() -> Ask:
    """Return a function that asks the minimal application, with the session and the middleware that it has in the rush."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE minimal (id integer PRIMARY KEY, title text, day date)")
        for number in range(minimal_site.ROWS * 10):
            cursor.execute("INSERT INTO minimal VALUES (%s, %s, '2026-08-10')", [number, f"第 {number} 项"])
    session = SessionStore()
    session["visits"] = 1
    session.save()
    with override_settings(MIDDLEWARE=[f"{__name__}.in_minimal_site", *minimal_site.MIDDLEWARE]):
        application = WSGIHandler()
    return asker(application, "/", f"{settings.SESSION_COOKIE_NAME}={session.session_key}")


def cpu(call: Callable[[], Any]) -> float:
    """Return the milliseconds of this process's CPU time that a call takes."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1000


def checked(name: str, ask: Ask) -> None:
    status, _ = ask()
    if not status.startswith("200"):
        raise SystemExit(f"{name}: {status}")


def calls(ask: Ask) -> int:
    """Return how many functions are called: a measure that is the same on every machine, however busy."""
    profile = cProfile.Profile()
    profile.enable()
    ask()
    profile.disable()
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def measure(name: str, ask: Ask, minimal: Ask) -> bool:
    """Print what the page costs; return whether it asks few queries."""
    checked(name, ask)
    checked(name, ask)
    with CaptureQueriesContext(connection) as captured:
        ask()
    count = len(captured)
    times = [(cpu(ask), cpu(minimal)) for _ in range(RUNS)]
    took, least = (statistics.median(column) for column in zip(*times, strict=True))
    called, good = calls(ask), count <= QUERIES
    said = "" if good else "TOO MANY QUERIES"
    print(
        f"{name:<26}{count:>5}{took:9.1f}{took / least:9.1f}{called:9}{called / calls(minimal):9.1f}  {said}",
        flush=True,
    )
    return good


def print_queries(ask: Ask) -> None:
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    for number, query in enumerate(captured, 1):
        print(number, query["sql"], end="\n\n")


def profiled(ask: Ask) -> None:
    profile = cProfile.Profile()
    ask()
    profile.enable()
    for _ in range(RUNS):
        ask()
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(90)


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


def pages_of(campaign: Campaign) -> dict[str, Ask]:
    """Return name → how the page is asked for. Each role's first page is that of one person who holds it."""
    application = WSGIHandler()
    people: dict[Role, tuple[str, User]] = {}
    for role in Role:
        client, person = client_of(role)
        people[role] = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}", person
    ask = {role: partial(asker, application, cookie=cookie) for role, (cookie, _) in people.items()}
    office, liaison, reviewer = ask[Role.COORDINATOR], ask[Role.LIAISON], ask[Role.REVIEWER]
    own = Task.objects.active().filter(campaign=campaign, indicator__isnull=False, unit=people[Role.LIAISON][1].unit)
    waiting = Task.objects.active().filter(campaign=campaign, indicator__isnull=False, status=TaskStatus.SUBMITTED)
    begin = f"/c/{campaign.pk}/"
    found = {f"待办 {ROLE_NAMES[role]}": ask[role]("/") for role in Role}
    found |= {
        "任务 office": office(f"{begin}tasks/"),
        "任务 unit": liaison(f"{begin}tasks/"),
        "任务 filtered": office(f"{begin}tasks/?section=4&light=red&q=执法"),
        "任务 page 40": office(f"{begin}tasks/?page=40"),
        "进度": office(f"{begin}progress/"),
        "领导看板": ask[Role.LEADING_GROUP](f"{begin}board/"),
        "领导看板 office": office(f"{begin}board/"),
        "审核 list": reviewer(f"{begin}reviews/"),
    }
    for status in (TaskStatus.OPEN, TaskStatus.SUBMITTED, TaskStatus.RETURNED, TaskStatus.APPROVED):
        if task := own.filter(status=status).order_by("indicator__order", "pk").first():
            found[f"task page {status.label}"] = liaison(f"{begin}tasks/{task.pk}/")
            found[f"task page {status.label}, office"] = office(f"{begin}tasks/{task.pk}/")
    if (
        task := waiting.exclude(submissions__created_by=people[Role.REVIEWER][1])
        .order_by("indicator__order", "pk")
        .first()
    ):
        found["审核 page"] = reviewer(f"{begin}reviews/{task.pk}/")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-reviews", action="store_true", help="the pages only; nothing is changed")
    parser.add_argument("--profile", metavar="PAGE", help="print where the time of this page goes")
    parser.add_argument("--queries", metavar="PAGE", help="print the queries of this page")
    options = parser.parse_args()
    call_command("collectstatic", interactive=False, verbosity=0)
    campaign = max(Campaign.objects.open(), key=lambda each: each.tasks.count())
    pages = pages_of(campaign)
    if options.profile:
        return profiled(pages[options.profile])
    if options.queries:
        return print_queries(pages[options.queries])
    print(f"{campaign}: {campaign.tasks.count()} tasks")
    minimal = minimal_page()
    minimal()
    print(f"{'page':<24}queries   CPU ms × minimal    calls × minimal")
    good = [measure(name, ask, minimal) for name, ask in pages.items()]
    if not options.no_reviews:
        good.append(reviews(campaign))
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
