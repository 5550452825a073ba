"""The embedded broker, and senders that never wait for a broker."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis
from celery import Celery
from kombu.exceptions import KombuError, OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import broker
from config.celery import FailFastCelery, beat_schedule
from tests.conftest import free_port, listens, wait_for
from tests.support.server_process import ROOT, environment, is_alive

AT_ONCE = 4  # seconds, to tell apart hanging and not hanging; without our limits Celery takes 7 and more


@contextmanager
def embedded(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], redis.Redis]]:
    (data / "broker").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "config.embedded"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(broker.socket_path(data / "broker")), retry=Retry(NoBackoff(), 0))
    try:
        with client:
            wait_for(lambda: answers(client))
            yield server, client
    finally:
        server.kill()
        server.wait()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_stored_data_survives_a_kill(tmp_path: Path) -> None:
    with embedded(tmp_path) as (_, client):
        client.set("said", "once")
        time.sleep(1.2)  # it writes to the disk every second
    with embedded(tmp_path) as (_, client):
        assert client.get("said") == b"once"


def test_one_that_was_left_over_ends_before_the_next_begins(tmp_path: Path) -> None:
    with embedded(tmp_path) as (left_over, client):
        client.set("said", "before")
        with embedded(tmp_path) as (server, client):
            wait_for(lambda: not is_alive(left_over.pid))
            wait_for(lambda: answers(client))
            assert client.info()["process_id"] == server.pid
            assert client.get("said") == b"before"


def test_only_its_owner_reaches_it(tmp_path: Path) -> None:
    with embedded(tmp_path) as (_, client):
        assert client.info()["tcp_port"] == 0
        assert broker.socket_path(tmp_path / "broker").stat().st_mode & 0o077 == 0


def test_a_folder_too_deep_for_a_socket_has_it_elsewhere(tmp_path: Path) -> None:
    data = tmp_path / ("深" * 30) / ("d" * 80)
    with embedded(data) as (_, client):
        socket = broker.socket_path(data / "broker")
        assert client.ping()
        assert len(os.fsencode(socket)) < 100
        assert socket.parent.stat().st_mode & 0o077 == 0


def sender(url: str) -> FailFastCelery:
    app = FailFastCelery("sender", broker=url, set_as_current=False)  # later tests of this process keep theirs
    app.conf.task_ignore_result = True
    return app


def seconds_to_fail(app: FailFastCelery) -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("creation.jobs.sweep", retry=False)
    return time.monotonic() - began


def test_a_dead_broker_keeps_no_sender_waiting(tmp_path: Path) -> None:
    app = sender(broker.url(tmp_path))
    assert seconds_to_fail(app) < AT_ONCE
    assert seconds_to_fail(app) < AT_ONCE


def test_a_frozen_broker_keeps_no_sender_waiting(tmp_path: Path) -> None:
    with embedded(tmp_path) as (server, _):
        app = sender(broker.url(tmp_path / "broker"))
        app.send_task("creation.jobs.sweep", retry=False)
        server.send_signal(signal.SIGSTOP)
        assert seconds_to_fail(app) < AT_ONCE
        assert seconds_to_fail(app) < AT_ONCE
        server.send_signal(signal.SIGCONT)
        app.send_task("creation.jobs.sweep", retry=False)


def test_every_job_of_the_clock_is_one_that_the_workers_know() -> None:
    from config import celery_app

    celery_app.loader.import_default_modules()
    assert {entry["task"] for entry in beat_schedule.values()} <= set(celery_app.tasks)


RECOVERY = 60  # seconds


@pytest.mark.needs_redis
def test_exports_go_on_soon_after_the_broker_was_killed_under_a_running_one(prepared: Path, tmp_path: Path) -> None:
    """New ones begin while the running one still runs, and that one ends too."""
    said, port = tmp_path / "said", free_port()
    said.touch()
    url = f"redis://127.0.0.1:{port}/0"
    with redis_server(port, tmp_path) as broker:
        command = [sys.executable, "-m", "tests.support.busy_worker", str(said)]
        worker = subprocess.Popen(
            command, cwd=ROOT, env=environment(prepared, REDIS_URL=url), stderr=subprocess.DEVNULL
        )
        try:
            sender = Celery(broker=url, set_as_current=False)
            wait_for(lambda: send(sender, "ready") and "begin ready" in said.read_text(), 90)
            send(sender, "long", waits=True)  # once, so that another process of the worker stays free
            wait_for(lambda: "begin long" in said.read_text())
            broker.kill()
            broker.wait()
            time.sleep(2)
            began = time.monotonic()
            with redis_server(port, tmp_path):
                wait_for(lambda: send(sender, "short") and "begin short" in said.read_text(), RECOVERY)
                assert time.monotonic() - began < RECOVERY
                assert "end long" not in said.read_text()
                (tmp_path / "said.enough").touch()
                wait_for(lambda: "end long" in said.read_text(), 90)
                assert worker.poll() is None
        finally:
            worker.kill()
            worker.wait()


def send(sender: Celery, label: str, waits: bool = False) -> bool:
    """Send a task every other second; one that was sent before the worker was there is found by it."""
    try:
        sender.send_task("tests.nap", (label, waits), queue="exports", retry=False, expires=50)
    except (KombuError, redis.RedisError):
        return False
    time.sleep(2)
    return True


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(lambda: listens(port))
            yield server
        finally:
            server.kill()


@pytest.mark.needs_redis
def test_a_worker_that_comes_back_asks_at_once_for_what_it_missed(prepared: Path, tmp_path: Path) -> None:
    """Beat does not run here: nobody else asks."""
    port = free_port()
    with redis_server(port, tmp_path):
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--queues", "celery,notices"]
        around = environment(prepared, REDIS_URL=f"redis://127.0.0.1:{port}/0")
        worker = subprocess.Popen(command, cwd=ROOT, env=around, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: heartbeats(prepared) == ["clock"], RECOVERY)
        finally:
            worker.kill()
            worker.wait()


def heartbeats(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "db" / "creation.sqlite3")) as database:
        return [name for (name,) in database.execute("SELECT name FROM creation_heartbeat WHERE name = 'clock'")]
