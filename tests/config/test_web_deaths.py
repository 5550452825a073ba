"""The web server is killed with SIGKILL during an urge: all or nothing has happened, and repeating it has no further effect."""

import http.client
import signal
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.urls import reverse

from creation.audit.actor import Actor
from creation.models import AuditEntry, Delivery, Notice, TaskEvent, Urge
from creation.notices import digest_builder
from tests.config.test_clock import TEN, Clock, clock, needs_files  # noqa: F401 - a fixture
from tests.conftest import free_port, listens
from tests.support.world import World

DEATHS = [
    f"{moment} INSERT INTO creation_{table}#1"
    for table in ("urge", "notice", "auditentry")
    for moment in ("before", "after")
]
SAMPLE = "after INSERT INTO creation_notice#1"


class Site:
    """Waitress on the tests' database, with a logged-in person."""

    def __init__(self, world: World, clock: Clock) -> None:  # noqa: F811
        self.world, self.clock, self.port = world, clock, free_port()
        with time_machine.travel(TEN):
            self.session = world.client("inspector").cookies[settings.SESSION_COOKIE_NAME].value

    def start(self, name: str, death: str = "") -> None:
        given = {"PORT": str(self.port), "SECRET_KEY": settings.SECRET_KEY, "AUDIT_KEY": settings.AUDIT_KEY}
        self.clock.python(name, ["web"], **self.clock.environment() | given, KILL_AT=death)
        self.clock.wait(lambda: listens(self.port))

    def urge(self) -> int:
        """Return the status, or 0 when the connection was closed."""
        task, token = self.world.task("lead"), _get_new_csrf_string()
        fields = {"pick": f"{task.pk}:{task.version}", "confirmed": "1", "reason": "抽查", "csrfmiddlewaretoken": token}
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={token}"
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request("POST", reverse("urge", args=[self.world.campaign.pk]), urlencode(fields), headers)
            return line.getresponse().status
        except (http.client.HTTPException, OSError):
            return 0
        finally:
            line.close()


def traces() -> tuple[int, ...]:
    return (
        Urge.objects.count(),
        TaskEvent.objects.filter(move="urge").count(),
        Notice.objects.filter(kind="urge").count(),
        AuditEntry.objects.filter(act="task.urge").count(),
    )


def survive(world: World, clock: Clock, death: str) -> None:  # noqa: F811
    site = Site(world, clock)
    site.start("web", death)
    assert site.urge() == 0
    assert clock.grave.exists(), "it never died"
    assert clock.running["web"].wait(10) == -signal.SIGKILL
    assert traces() == (0, 0, 0, 0)
    site.start("another")
    assert site.urge() == 302
    assert site.urge() == 302  # a second click finds the task urged already
    assert traces() == (1, 1, 1, 1)
    for _ in range(2):
        digest_builder.run_urgent(Actor(None, TEN + timedelta(minutes=10)))
    assert Counter(Delivery.objects.values_list("channel", "state")) == {("inbox", "sent"): 1}


@needs_files
@pytest.mark.django_db(transaction=True)
def test_a_web_server_killed_in_the_middle_leaves_nothing_half_done(world: World, clock: Clock) -> None:  # noqa: F811
    survive(world, clock, SAMPLE)


@needs_files
@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", [each for each in DEATHS if each != SAMPLE])
def test_a_web_server_killed_at_any_point_leaves_nothing_half_done(
    world: World,
    clock: Clock,  # noqa: F811
    death: str,
) -> None:
    survive(world, clock, death)
