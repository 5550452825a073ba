"""`bin/run`: starts, restarts what fails, stops, and keeps all data."""

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from config.broker import socket_path
from tests.conftest import wait_for
from tests.support.server_process import ROOT, RunningServer, descendants, environment, is_alive

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes through /proc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("installation") / "数据 50%") as server:
        yield server


def test_the_address_it_prints_answers_with_every_header(server: RunningServer) -> None:
    status, headers = server.get("/login/")
    assert f"平台已启动：http://127.0.0.1:{server.port}/" in server.output()
    assert status < 500
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers


@pytest.mark.parametrize("name", ["web", "worker", "beat", "broker"])
def test_a_killed_process_is_started_again(server: RunningServer, name: str) -> None:
    wait_for(lambda: server.pid(name))
    before = server.pid(name)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: server.pid(name) not in {None, before}, 30)
    if name == "web":
        wait_for(lambda: answers(server), 30)


def answers(server: RunningServer) -> bool:
    try:
        return server.get("/login/")[0] < 500
    except OSError:
        return False


def test_exports_stand_behind_the_web_server(server: RunningServer) -> None:
    wait_for(lambda: all(server.pid(name) for name in ("web", "jobs")))
    web, jobs = server.pid("web") or 0, server.pid("jobs") or 0
    for pid in {jobs, *descendants(jobs)}:
        assert os.getpriority(os.PRIO_PROCESS, pid) - os.getpriority(os.PRIO_PROCESS, web) == 10
        cores = os.sched_getaffinity(pid)
        assert len(cores) == max(1, len(os.sched_getaffinity(web)) - 1)


def test_a_second_application_on_the_same_folder_is_refused(server: RunningServer) -> None:
    command = [sys.executable, "bin/run", "--port", "1", "--data", str(server.data)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "正由另一个 bin/run 使用" in refused.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties children to their parent's life")
def test_a_killed_application_leaves_nothing_running(server: RunningServer) -> None:
    """The last test that uses this server."""
    running = descendants(server.process.pid)
    assert len(running) >= 5
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    wait_for(lambda: not [pid for pid in running if is_alive(pid)], 40)


def test_a_signal_ends_everything_and_a_second_start_finds_all_as_it_was_left(prepared: Path) -> None:
    data = prepared
    with RunningServer(data) as first:
        assert len(first.everything) >= 6
        key = (data / "secret_key").read_text()
        (data / "files" / "印证资料.pdf").write_bytes(b"%PDF-")
        with broker(data) as client:
            client.set("left", "here")
        put_session(data, "left")
        assert first.end(signal.SIGTERM) == 0
        assert not [pid for pid in first.everything if is_alive(pid)]
    with RunningServer(data) as again:
        with broker(data) as client:
            assert client.get("left") == b"here"
        assert (data / "secret_key").read_text() == key
        assert (data / "files" / "印证资料.pdf").read_bytes() == b"%PDF-"
        assert sessions(data) == ["left"]
        assert again.get("/login/")[0] < 500
        assert again.end(signal.SIGINT) == 0
        assert not [pid for pid in again.everything if is_alive(pid)]


@pytest.fixture(scope="module")
def server_at_scale(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, redis_url: str
) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("at-scale") / "data"
    with RunningServer(folder, DATABASE_URL=postgres_url, REDIS_URL=redis_url, WEB_PROCESSES="2") as server:
        yield server


@pytest.mark.needs_postgres
@pytest.mark.needs_redis
def test_at_scale_it_starts_no_broker_of_its_own(server_at_scale: RunningServer) -> None:
    server = server_at_scale
    wait_for(lambda: all(server.pid(name) for name in ("web", "worker", "beat")))
    assert server.pid("broker") is None
    assert server.get("/login/")[0] == 200
    assert not list((server.data / "db").iterdir())
    wait_for(lambda: "ready" in (server.data / "logs" / "worker.log").read_text())


@pytest.mark.needs_postgres
@pytest.mark.needs_redis
def test_at_scale_web_processes_share_no_connection_to_the_database(server_at_scale: RunningServer) -> None:
    session = {"Cookie": f"sessionid={'x' * 32}"}  # looked up in the database
    address = f"http://127.0.0.1:{server_at_scale.port}/login/"

    def ask(number: int) -> int:
        with urllib.request.urlopen(urllib.request.Request(address, headers=session), timeout=30) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(16) as clients:
        assert set(clients.map(ask, range(160))) == {200}


@pytest.mark.needs_postgres
@pytest.mark.needs_redis
def test_at_scale_the_trail_is_whole_and_postgresql_refuses_changes(
    server_at_scale: RunningServer, postgres_url: str
) -> None:
    given = environment(server_at_scale.data, DATABASE_URL=postgres_url)
    for command in (["check", "--database", "default"], ["verify"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=given, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    for act in (
        "UPDATE creation_auditentry SET act = 'x'",
        "DELETE FROM creation_auditentry",
        "TRUNCATE creation_auditentry CASCADE",
    ):
        with psycopg.connect(postgres_url) as database, pytest.raises(psycopg.Error, match="append-only"):
            database.execute(act)


def broker(data: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(socket_path(data / "broker")))


def put_session(data: Path, key: str) -> None:
    database = sqlite3.connect(data / "db" / "creation.sqlite3")
    database.execute("INSERT INTO django_session VALUES (?, '', '2099-01-01')", [key])
    database.commit()
    database.close()


def sessions(data: Path) -> list[str]:
    database = sqlite3.connect(data / "db" / "creation.sqlite3")
    found = [key for (key,) in database.execute("SELECT session_key FROM django_session")]
    database.close()
    return found
