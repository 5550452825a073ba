"""Waking the workers after a click: never slow and never an error, whatever the state of the broker."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.conftest import free_port, listens, wait_for

pytestmark = pytest.mark.needs_redis

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 4  # seconds; without limits of its own Celery takes 7 or more
# A separate process like the web server: each line read is a wake-up, answered by its result and duration.
NUDGER = """
import sys, time, django
django.setup()
from creation.lib import wakeups
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "forget":
        wakeups._quiet_until = 0.0
    begun = time.monotonic()
    print(wakeups.wake_worker("creation.jobs.deliver"), time.monotonic() - begun, flush=True)
"""
Nudge = Callable[..., tuple[bool, float]]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def broker(port: int, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = ["redis-server", "--port", str(port), "--dir", str(tmp_path), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_for(lambda: listens(port))
        yield server
        server.kill()


@pytest.fixture
def nudge(port: int, fresh_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nudge]:
    """``nudge()`` as in a request; ``nudge(forget=True)`` as if half a minute had passed since a failure."""
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    command = [sys.executable, "-W", "ignore", "-c", NUDGER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]

        def ask(forget: bool = False) -> tuple[bool, float]:
            process.stdin.write("forget\n" if forget else "\n")
            process.stdin.flush()
            taken, seconds = process.stdout.readline().split()
            return taken == "True", float(seconds)

        assert process.stdout.readline() == "ready\n"
        yield ask
        process.kill()


def test_a_working_broker_gets_the_message(port: int, broker: object, nudge: Nudge) -> None:
    taken, _ = nudge()
    assert taken
    with redis.Redis(port=port) as client:
        assert client.llen("notices") == 1


def test_a_broker_frozen_from_the_start_is_given_up_and_blocks_no_request(
    broker: "subprocess.Popen[bytes]", nudge: Nudge
) -> None:
    broker.send_signal(signal.SIGSTOP)
    taken, seconds = nudge()
    assert not taken
    assert seconds < LONGEST


def test_a_broker_that_freezes_later_is_given_up_as_soon_and_not_retried_at_once(
    port: int, broker: "subprocess.Popen[bytes]", nudge: Nudge
) -> None:
    nudge()
    broker.send_signal(signal.SIGSTOP)
    for _ in range(3):
        taken, seconds = nudge(forget=True)
        assert (taken, seconds < LONGEST) == (False, True)
    broker.send_signal(signal.SIGCONT)
    with redis.Redis(port=port) as client:
        before = client.llen("notices")
        assert not nudge()[0]  # working again, but not asked yet
        assert client.llen("notices") == before
    assert nudge(forget=True)[0]


def test_a_missing_broker_costs_no_time(nudge: Nudge) -> None:
    taken, seconds = nudge()
    assert not taken
    assert seconds < LONGEST
