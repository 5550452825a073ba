"""The faults: each does harm and returns the moment from which the recovery counts."""

import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass

from benchmarks.faults.recovery import clock_again, exports_again, give_up, job_state, newest_job, writes_again
from benchmarks.faults.site import Person, Site
from tests.support.server_process import descendants, is_alive

DISK_MEGABYTES = 900


def kill(name: str) -> Callable[[Site], float]:
    def harm(site: Site) -> float:
        os.kill(site.pid(name), signal.SIGKILL)
        return time.monotonic()

    return harm


def begin_long_export(site: Site) -> str:
    """Start the ledger of the large campaign; return its job once it is being written.

    Each time by somebody else, as a second request of the same person joins the first.
    """
    office = Person(site, site.writers.pop())
    status, _ = office.post(site.places["large ledger"])
    assert status == 302, status
    key, since = newest_job(site, "ledger"), time.monotonic()
    site.journal.add("export", key)
    while job_state(site, key) != "running":
        give_up(since)
    return key


def under_an_export(harm: Callable[[Site], float]) -> Callable[[Site], float]:
    def under(site: Site) -> float:
        begin_long_export(site)
        return harm(site)

    return under


def kill_pool_child(site: Site) -> float:
    children = descendants(site.pid("jobs"))
    for child in children:
        os.kill(child, signal.SIGKILL)
    return time.monotonic()


def freeze_broker(site: Site) -> float:
    broker = site.pid("broker")
    os.kill(broker, signal.SIGSTOP)
    time.sleep(20)
    os.kill(broker, signal.SIGCONT)
    return time.monotonic()


def flush_broker(site: Site) -> float:
    import redis

    from config.broker import socket_path

    with redis.Redis(unix_socket_path=str(socket_path(site.data / "broker"))) as client:
        client.flushall()
    return time.monotonic()


def end_application(site: Site, *, everything: bool) -> float:
    """Kill `bin/run`, or all processes as when the power fails, and start it again as systemd would."""
    assert site.server
    for pid in {site.server.process.pid, *(descendants(site.server.process.pid) if everything else ())}:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    since = time.monotonic()
    site.server.end(signal.SIGKILL)
    while any(is_alive(pid) for pid in site.server.everything):
        give_up(since)
    site.start()
    return since


def lock_database(seconds: float) -> Callable[[Site], float]:
    def harm(site: Site) -> float:
        with closing(sqlite3.connect(site.data / "db" / "creation.sqlite3", timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")
        return time.monotonic()

    return harm


def fill_disk(site: Site) -> float:
    filler = site.data.parent / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**16))
    time.sleep(15)
    filler.unlink()
    return time.monotonic()


def idle_connections(head: bytes) -> Callable[[Site], float]:
    """Open 2,000 connections from one address and hold them; people come from the same address."""

    def harm(site: Site) -> float:
        with ExitStack() as stack:
            since = time.monotonic()
            for _ in range(2000):
                with suppress(OSError):
                    line = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=10))
                    line.sendall(head)
            took = writes_again(site, since)
            return time.monotonic() - took

    return harm


def strangers_bodies(site: Site) -> float:
    """Two hundred strangers send 50 MB each, five times what the disk has."""
    head = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n"
    since = time.monotonic()
    with ExitStack() as stack:
        for _ in range(200):
            with suppress(OSError):
                line = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=2))
                line.sendall(head)
                for _ in range(16):
                    line.sendall(bytes(2**16))
    free = shutil.disk_usage(site.data).free // 2**20
    assert free > DISK_MEGABYTES // 5, f"only {free} MB are left"
    return since


@dataclass(frozen=True)
class Fault:
    name: str
    harm: Callable[[Site], float]
    recovery: Callable[[Site, float], float]


FAULTS = [
    Fault("web killed", kill("web"), writes_again),
    Fault("web killed under an export", under_an_export(kill("web")), writes_again),
    Fault("worker killed", kill("worker"), clock_again),
    Fault("worker for exports killed", kill("jobs"), exports_again),
    Fault("worker for exports killed under an export", under_an_export(kill("jobs")), exports_again),
    Fault("its child processes killed under an export", under_an_export(kill_pool_child), exports_again),
    Fault("beat killed", kill("beat"), clock_again),
    Fault("broker killed: pages", kill("broker"), writes_again),
    Fault("broker killed: clock", kill("broker"), clock_again),
    Fault("broker killed under an export", under_an_export(kill("broker")), exports_again),
    Fault("broker frozen for 20 s", freeze_broker, exports_again),
    Fault("broker flushed", flush_broker, exports_again),
    Fault("bin/run killed, started again", lambda site: end_application(site, everything=False), writes_again),
    Fault("all processes killed, started again", lambda site: end_application(site, everything=True), exports_again),
    Fault("database locked for 15 s", lock_database(15), writes_again),
    Fault("database locked for 30 s", lock_database(30), writes_again),
    Fault("disk full for 15 s", fill_disk, writes_again),
    Fault("2,000 idle connections", idle_connections(b""), lambda site, since: time.monotonic() - since),
    Fault("2,000 half heads", idle_connections(b"GET / HTTP/1.1\r\n"), lambda site, since: time.monotonic() - since),
    Fault("200 strangers send 50 MB each", strangers_bodies, writes_again),
]
