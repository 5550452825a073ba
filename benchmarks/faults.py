"""Twenty faults, one after another, on a running installation: `python -m benchmarks.faults [--only NAME …] [--tasks 5000]`.

Runs `bin/run` with its processes on a small disk of its own (a tmpfs, where mounting is allowed). Meanwhile people write: notes of
progress and pictures. Each answer that acknowledges a write goes into a journal. After every fault the recovery is measured, and the
journal is compared with the database file and the files, read without the application.

Exit code 1 when a recovery took more than 60 seconds or an acknowledged write is missing.
"""

import argparse
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

from tests.support import evidence_files
from tests.support.server_process import ROOT, RunningServer, descendants, environment, is_alive
from tests.support.slow_uploads import Visitor

MOST_SECONDS = 60
PASSWORD = "correct horse battery"
FORM = "application/x-www-form-urlencoded"
DISK_MEGABYTES = 900
DISK_FULL = "磁盘空间不足"
WRITERS = 6  # people who ask for a long export
EXPORTS_SECONDS = 600  # until an export whose worker was killed was made by another: the lease of a job is five minutes
GIVEN = {"RESERVED_DISK_MB": "60", "LEAST_FREE_MB": "60", "CHANNEL_HOSTS": "127.0.0.1", "LOG_LEVEL": "WARNING"}
FAILURES = (OSError, HTTPException, AssertionError)


@dataclass
class Site:
    """The running installation, its database file and what was acknowledged."""

    data: Path
    places: dict[str, str]
    server: RunningServer | None = None
    port: int = 0
    notes: dict[str, float] = field(default_factory=dict)  # text and the moment of its acknowledgement
    pictures: dict[str, float] = field(default_factory=dict)  # sha256
    exports: list[str] = field(default_factory=list)  # keys of jobs
    writers: list[str] = field(default_factory=lambda: [f"writer{number}" for number in range(WRITERS)])
    answers: dict[int, int] = field(default_factory=dict)  # how often each status was answered to writes
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.server = RunningServer(self.data, **GIVEN)
        self.server.__enter__()
        self.port = self.server.port

    def pid(self, name: str) -> int:
        assert self.server
        until = time.monotonic() + MOST_SECONDS
        while not (found := self.server.pid(name)):
            assert time.monotonic() < until, f"{name} does not run"
            time.sleep(0.1)
        return found

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(
            sqlite3.connect(f"file:{self.data}/db/creation.sqlite3?mode=ro", uri=True, timeout=30)
        ) as database:
            return database.execute(sql, values).fetchall()


class Person:
    """Somebody at a browser who logs in anew when that is asked for."""

    def __init__(self, site: Site, login: str) -> None:
        self.site, self.login = site, login
        self.visitor: Visitor | None = None

    def post(self, path: str, **fields: str) -> tuple[int, bytes]:
        if self.visitor is None or self.visitor.port != self.site.port:
            self.visitor = Visitor(self.site.port, self.login, PASSWORD)
        status, body = self.visitor.ask("POST", path, urlencode(fields).encode(), FORM)
        if status in {401, 403}:
            self.visitor = None
        return status, body

    def put_picture(self, task: str, content: bytes) -> bool:
        if self.visitor is None or self.visitor.port != self.site.port:
            self.visitor = Visitor(self.site.port, self.login, PASSWORD)
        url = self.visitor.announce(task, f"{time.time_ns()}.jpg", len(content))
        status, _ = self.visitor.ask("PUT", f"{url}?offset=0", content)
        return status == 201


# People who write all the time


def write_notes(site: Site) -> None:
    person, number = Person(site, "liaison"), 0
    while not site.stopped.wait(0.3):
        number += 1
        text = f"第 {number} 条进展"
        with suppress(*FAILURES):
            status, _ = person.post(site.places["notes"], day=f"{datetime.now(UTC):%Y-%m-%d}", text=text)
            site.answers[status] = site.answers.get(status, 0) + 1
            if status == 302:
                site.notes[text] = time.monotonic()


def send_pictures(site: Site) -> None:
    person = Person(site, "rival")
    while not site.stopped.wait(1.5):
        content = evidence_files.jpg() + os.urandom(20_000)
        with suppress(*FAILURES):
            if person.put_picture(site.places["other"], content):
                site.pictures[hashlib.sha256(content).hexdigest()] = time.monotonic()


def lost(site: Site) -> int:
    """Return how many acknowledged writes are not in the database or on the disk. The journal is read first, as it grows meanwhile."""
    journal = set(site.notes), set(site.pictures), set(site.exports)
    notes = {text for (text,) in site.ask("SELECT text FROM creation_progress")}
    rows = "SELECT sha256, blob FROM creation_evidenceversion WHERE blob <> ''"
    kept = {
        sha256
        for sha256, blob in site.ask(rows)
        if hashlib.sha256((site.data / "files" / str(blob)).read_bytes()).hexdigest() == sha256
    }
    # An export that ran when the disk was full has failed with a sentence to the person who asked for it, who can ask again.
    known = "SELECT id FROM creation_job WHERE state IN ('queued', 'running', 'done') OR message LIKE ?"
    exports = {str(key) for (key,) in site.ask(known, f"%{DISK_FULL}%")}
    found = notes, kept, exports
    missing = [one - other for one, other in zip(journal, found, strict=True)]
    if any(missing):
        print(f"not found: {missing}", flush=True)
    return sum(len(each) for each in missing)


# When is it well again?


def writes_again(site: Site, since: float) -> float:
    """Return the seconds until a note and a picture were acknowledged that were sent after ``since``."""
    begun = len(site.notes), len(site.pictures)
    while True:
        times = (list(site.notes.values())[begun[0] + 1 :], list(site.pictures.values())[begun[1] + 1 :])
        if all(times):
            return max(found[0] for found in times) - since
        give_up(since)


def exports_again(site: Site, since: float) -> float:
    """Ask for an export until one is queued; return the seconds until that one is finished."""
    office, queued = Person(site, "coordinator"), ""
    while not queued:
        with suppress(*FAILURES):
            status, _ = office.post(site.places["assessment"])
            queued = newest_job(site, "assessment") if status == 302 else ""
        give_up(since)
    site.exports.append(queued)
    while job_state(site, queued) != "done":
        assert job_state(site, queued) in {"queued", "running"}, job_state(site, queued)
        give_up(since)
    return time.monotonic() - since


def clock_again(site: Site, since: float) -> float:
    """Return the seconds until the clock's round ran, beyond the minute that lies between two rounds."""
    before = heartbeat(site)
    while heartbeat(site) == before:
        give_up(since, 2 * MOST_SECONDS)
    age = datetime.now(UTC).timestamp() - before
    return max(0.0, age - 60)


def heartbeat(site: Site) -> float:
    """Return the moment of the clock's last round; 0 before the first."""
    ((at,),) = site.ask("SELECT max(done_at) FROM creation_heartbeat WHERE name = 'clock'")
    return datetime.fromisoformat(str(at)).replace(tzinfo=UTC).timestamp() if at else 0.0


def give_up(since: float, most: float = 4 * MOST_SECONDS) -> None:
    time.sleep(0.1)
    assert time.monotonic() - since < most, "it did not recover"


def newest_job(site: Site, kind: str) -> str:
    return str(site.ask("SELECT max(id) FROM creation_job WHERE kind = ?", kind)[0][0])


def job_state(site: Site, key: str) -> str:
    return str(site.ask("SELECT state FROM creation_job WHERE id = ?", key)[0][0])


# The faults: each does harm and returns the moment from which the recovery counts


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
    site.exports.append(key)
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


# Preparation


def prepare(data: Path, tasks: int) -> dict[str, str]:
    """Fill the database in a process of its own; return the addresses that are used."""
    code = f"from benchmarks import faults; faults.fill({tasks})"
    around = environment(data, **GIVEN)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=around, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)


def fill(tasks: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.urls import reverse

    from benchmarks import campaign_data
    from creation.models import Campaign, Unit
    from creation.rules.policy import Role
    from tests.support.world import add_person, make_world

    call_command("migrate", interactive=False, verbosity=0)
    world = make_world("双河区")
    campaign_data.fill(tasks)
    large = Campaign.objects.latest("pk")
    for number in range(WRITERS):
        add_person(f"writer{number}", "办文书", Role.COORDINATOR, Unit.objects.filter(district=large.district)[0])
    lead, other = world.task("lead"), world.task("other")
    places = {
        "notes": reverse("task_notes", args=[world.campaign.pk, lead.pk]),
        "other": reverse("task", args=[world.campaign.pk, other.pk]),
        "assessment": reverse("assessment_export", args=[world.campaign.pk]),
        "large ledger": reverse("ledger_export", args=[large.pk]),
    }
    print("\n".join(f"{name}\t{place}" for name, place in places.items()))


@contextmanager
def small_disk() -> Iterator[tuple[Path, bool]]:
    """Yield a folder, and whether it is a disk of its own, which may be filled."""
    folder = Path(tempfile.mkdtemp(prefix="creation-faults-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the faults to try")
    parser.add_argument("--tasks", type=int, default=5000, help="in the campaign whose ledger is the long export")
    asked = parser.parse_args()
    chosen = [fault for fault in FAULTS if not asked.only or any(part in fault.name for part in asked.only)]
    with small_disk() as (folder, is_own_disk):
        if not is_own_disk:
            print("no right to mount a small disk here: the disk is not filled")
            chosen = [fault for fault in chosen if fault.harm is not fill_disk]
        (folder / "data").mkdir()
        site = Site(folder / "data", prepare(folder / "data", asked.tasks))
        sys.exit(run(site, chosen))


def run(site: Site, chosen: list[Fault]) -> int:
    """Try the faults; return 1 if one of them misses its aim."""
    site.start()
    writers = [threading.Thread(target=write, args=[site], daemon=True) for write in (write_notes, send_pictures)]
    for writer in writers:
        writer.start()
    print(f"{'fault':46}{'recovery s':>12}{'acknowledged':>14}{'lost':>6}", flush=True)
    try:
        began = time.monotonic()
        writes_again(site, began)
        while not heartbeat(site):
            give_up(began)
        missed = [fault.name for fault in chosen if not stands(site, fault)]
        missed += [] if exports_finish(site) else ["an export was not finished"]
    finally:
        site.stopped.set()
        assert site.server
        site.server.end()
    print("answers to notes: " + ", ".join(f"{status} × {count}" for status, count in sorted(site.answers.items())))
    print(
        f"missed: {'; '.join(missed)}"
        if missed
        else f"{len(chosen)} faults, every recovery within {MOST_SECONDS} s, nothing lost"
    )
    return int(bool(missed))


def exports_finish(site: Site) -> bool:
    """Wait for the exports whose workers were killed."""
    since = time.monotonic()
    over = "SELECT id, message FROM creation_job WHERE state = 'done' OR message LIKE ?"
    while unfinished := set(site.exports) - {str(key) for key, _ in site.ask(over, f"%{DISK_FULL}%")}:
        if time.monotonic() - since > EXPORTS_SECONDS:
            print(f"unfinished exports: {sorted(unfinished)}")
            return False
        time.sleep(1)
    full = [
        key for key, text in site.ask(over, f"%{DISK_FULL}%") if DISK_FULL in str(text) and str(key) in site.exports
    ]
    print(
        f"{len(site.exports)} exports were asked for; all ended, {len(full)} of them with the sentence about the full disk",
        flush=True,
    )
    return True


def stands(site: Site, fault: Fault) -> bool:
    """Try one fault and print its line; return whether recovery and writes are as they must be."""
    try:
        took = fault.recovery(site, fault.harm(site))
        writes_again(site, time.monotonic())
    except AssertionError as error:
        print(f"{fault.name:46}  {error}", flush=True)
        return False
    missing = lost(site)
    print(f"{fault.name:46}{took:12.1f}{len(site.notes) + len(site.pictures):14}{missing:6}", flush=True)
    return took <= MOST_SECONDS and not missing


if __name__ == "__main__":
    main()
