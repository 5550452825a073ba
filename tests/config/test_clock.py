"""Workers, beat and broker killed with SIGKILL: every notice is still delivered exactly once.

The date is Friday 2026-08-07: eight more tasks of 城管局 are due on Monday, for which the last reminder is sent.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from config.celery import app
from creation.audit.actor import Actor
from creation.models import Delivery, Digest, Notice
from creation.notices import digest_builder, reminders
from tests.conftest import free_port, listens, wait_for
from tests.support.many_tasks import many_tasks
from tests.support.world import ZONE, World

ROOT = Path(__file__).resolve().parents[2]
TEN = datetime(2026, 8, 7, 10, tzinfo=ZONE)
# Lead: the overdue action and eight more; assist and other: their own.
EXPECTED = {
    "liaison": 10,
    "rival": 2,
    "outsider": 1,
}
WORKER = ["worker", "--queues", "celery,notices", "--without-gossip", "--without-mingle", "--concurrency", "1"]


class Clock:
    """A broker, beat and workers of the test, on the test's database."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.grave, self.schedule = folder / "died", folder / "beat-schedule"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def broker(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--dir", str(self.folder), "--save", ""]
        self.start("broker", command)
        wait_for(lambda: listens(self.port))

    def beat(self) -> None:
        self.celery("beat", ["beat", "--pidfile=", "--schedule", str(self.schedule)])

    def worker(self, name: str = "worker", death: str = "", victim: str = "", zone: str = "") -> None:
        """Start a worker. ``victim``: the process killed when this worker reaches the statement. ``zone``: the time zone of its host."""
        whom = str(self.running[victim].pid) if victim else ""
        command = [*WORKER, "--hostname", f"{name}@localhost"]
        self.celery(name, command, KILL_AT=death, KILL_GROUP=whom, **({"TZ": zone} if zone else {}))

    def celery(self, name: str, arguments: list[str], **given: str) -> None:
        self.python(name, [*arguments, "--loglevel", "INFO"], **self.environment() | given)

    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "DATA_DIR": str(self.folder / "data"),
            "REDIS_URL": f"redis://127.0.0.1:{self.port}/0",
            "CLOCK_SHIFT": str((TEN - datetime.now(UTC)).total_seconds()),
            "KILL_MARK": str(self.grave),
        }

    def python(self, name: str, arguments: list[str], **given: str) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.worker_process", *arguments]
        self.start(name, command, env=os.environ | given)

    def start(self, name: str, command: list[str], **options: Any) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, **options
            )

    def kill(self, *names: str) -> None:
        """Kill the processes and their children with SIGKILL."""
        for name in names:
            process = self.running.pop(name)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def lose_schedule(self) -> None:
        for path in self.folder.glob("beat-schedule*"):
            path.unlink()

    def wait(self, answer: Callable[[], bool]) -> None:
        try:
            wait_for(answer, 120)  # ends as soon as it is true; a busy machine is slow
        except AssertionError:
            print(received_counts(), Notice.objects.filter(digest=None).count())
            print(*(path.read_text()[-3000:] for path in self.folder.glob("*.log")), sep="\n")
            raise


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    clock = Clock(tmp_path)
    yield clock
    clock.kill(*clock.running)


def received_counts() -> Counter[str]:
    return Counter(Notice.objects.values_list("person__username", flat=True))


def is_complete() -> bool:
    return received_counts() == EXPECTED and not Notice.objects.filter(digest=None).exists()


def rounds(count: int) -> None:
    """Wait for so many rounds of the schedule. A round without work leaves no trace, so time is all that can be observed."""
    threading.Event().wait(count * 1.2)


def assert_everything_once() -> None:
    assert received_counts() == EXPECTED
    slots = Notice.objects.values_list("person", "subject", "slot")
    assert len(set(slots)) == len(slots)
    digests = Counter(Digest.objects.values_list("person__username", "day", "urgency"))
    assert digests == Counter((person, TEN.date(), "daily") for person in EXPECTED)
    assert sorted(Delivery.objects.values_list("digest", "channel", "state", "attempts")) == sorted(
        (pk, "inbox", "sent", 1) for pk in Digest.objects.values_list("pk", flat=True)
    )


def survive(clock: Clock, death: str) -> None:
    """Let the worker die at the chosen statement, kill broker and beat and delete their data, then start all again."""
    clock.broker()
    clock.beat()
    clock.worker(death=death)
    clock.wait(clock.grave.exists)
    clock.kill("worker", "beat", "broker")
    assert not is_complete()
    clock.lose_schedule()
    clock.broker()
    clock.worker()
    clock.worker("second", zone="America/Los_Angeles")
    clock.beat()
    clock.wait(is_complete)
    rounds(3)
    assert_everything_once()


DEATHS = [
    "before INSERT INTO creation_notice#1",
    "after INSERT INTO creation_notice#1",
    "before INSERT INTO creation_notice#3",
    "after INSERT INTO creation_notice#3",
    "before INSERT INTO creation_digest#1",
    "after INSERT INTO creation_digest#1",
    "after UPDATE creation_notice#1",
    "before INSERT INTO creation_delivery#1",
    "after INSERT INTO creation_delivery#1",
]
SAMPLE = "after UPDATE creation_notice#1"
needs_files = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="the processes share the tests' SQLite file"
)


@needs_files
@pytest.mark.needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_death_in_the_middle_loses_nothing_and_doubles_nothing(world: World, clock: Clock) -> None:
    many_tasks(world, 8)
    survive(clock, SAMPLE)


@needs_files
@pytest.mark.long
@pytest.mark.needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("death", [each for each in DEATHS if each != SAMPLE])
def test_a_death_at_any_point_loses_nothing_and_doubles_nothing(world: World, clock: Clock, death: str) -> None:
    many_tasks(world, 8)
    survive(clock, death)


@needs_files
@pytest.mark.long
@pytest.mark.needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("victim", ["broker", "beat"])
@pytest.mark.parametrize("moment", ["after INSERT INTO creation_notice#1", "before UPDATE creation_notice#1"])
def test_broker_or_beat_may_die_in_the_middle_of_a_round(world: World, clock: Clock, victim: str, moment: str) -> None:
    many_tasks(world, 8)
    clock.broker()
    clock.beat()
    clock.worker(death=moment, victim=victim)
    clock.wait(clock.grave.exists)
    clock.running[victim].wait()
    clock.kill(victim)
    clock.lose_schedule()
    getattr(clock, victim)()
    clock.wait(is_complete)
    rounds(3)
    assert_everything_once()


@needs_files
@pytest.mark.long
@pytest.mark.needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_broker_frozen_and_flushed_two_beats_and_four_workers_change_nothing(world: World, clock: Clock) -> None:
    many_tasks(world, 8)
    clock.broker()
    for number, zone in enumerate(["", "America/Los_Angeles", "Pacific/Kiritimati", "UTC"]):
        clock.worker(f"worker{number}", zone=zone)
    clock.beat()
    os.kill(clock.running["broker"].pid, signal.SIGSTOP)
    rounds(3)
    os.kill(clock.running["broker"].pid, signal.SIGCONT)
    clock.celery("another beat", ["beat", "--pidfile=", "--schedule", str(clock.folder / "other-schedule")])
    with Redis(port=clock.port) as broker:
        broker.flushall()
    clock.wait(is_complete)
    rounds(3)
    assert_everything_once()


@pytest.mark.django_db(transaction=True)
def test_four_rounds_at_once_say_everything_once(world: World) -> None:
    many_tasks(world, 300)
    start = threading.Barrier(4)
    wrong: list[BaseException] = []

    def go() -> None:
        try:
            start.wait()
            digest_builder.run_daily(Actor(None, TEN))
        except BaseException as error:  # raise a thread's error in the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert received_counts() == EXPECTED | {"liaison": 302}
    assert Digest.objects.count() == Delivery.objects.count() == 3
    assert not Notice.objects.filter(digest=None).exists()


def test_what_beat_asks_for_is_what_the_jobs_offer() -> None:
    app.loader.import_default_modules()
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    offered = {name for name in app.tasks if not name.startswith("celery.")}
    assert asked == offered
    assert set(app.conf.task_routes) <= offered


def test_an_unhandled_wake_up_expires_before_the_next_one() -> None:
    for entry in app.conf.beat_schedule.values():
        every = entry["schedule"] if isinstance(entry["schedule"], float) else 3600
        assert entry["options"]["expires"] < every


@pytest.mark.django_db
def test_a_clock_that_is_set_back_an_hour_or_forward_three_days_says_nothing_twice(world: World) -> None:
    many_tasks(world, 8)
    for at in (TEN, TEN - timedelta(hours=1), TEN + timedelta(days=3), TEN, TEN + timedelta(days=3, hours=1)):
        digest_builder.run_daily(Actor(None, at))
    slots = Notice.objects.values_list("person", "kind", "subject", "slot")
    assert len(set(slots)) == len(slots)
    digests = Digest.objects.values_list("person", "day", "urgency")
    assert len(set(digests)) == len(digests)
    friday = Counter(Notice.objects.filter(digest__day=TEN.date()).values_list("person__username", flat=True))
    assert friday == EXPECTED
    assert not Notice.objects.filter(digest=None).exists()


@pytest.mark.django_db
def test_the_machine_may_be_off_for_three_days(world: World) -> None:
    """Reminders 7 and 3 days ahead are due while the machine is off; on Friday each task has one reminder, in one digest."""
    many_tasks(world, 8)
    assert reminders.remind(Actor(None, datetime(2026, 8, 7, 9, 1, tzinfo=ZONE))) == sum(EXPECTED.values())
    assert digest_builder.run_daily(Actor(None, datetime(2026, 8, 7, 9, 2, tzinfo=ZONE))) == 3
    assert set(Notice.objects.filter(person__username="liaison").values_list("digest__day", flat=True)) == {
        date(2026, 8, 7)
    }
