"""The last evening: `python -m benchmarks.rush [--people 240] [--seconds 720] [--postgresql] [--exports]`.

Runs `bin/run` on the large demonstration. People log in, look, draft, upload, hand in and review, with a pause between two clicks; ten
coordinators export all the time and a reminder run begins once everybody is there. What was acknowledged is noted and compared with
database and files by `benchmarks/losses.py`. Then the same people open the page of a minimal application on the same server, for the
ratio.

`--short` is the form for every day: few people, in half a minute; its conditions are errors, losses, and CPU time for an answer as a
multiple of the minimal application's, no times. `--exports` compares the pages without and with the exports and the reminder run. Exit
code 1 when an aim is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rush.figures import LOGIN, PAGES, Figures
from benchmarks.rush.processes import Usage
from benchmarks.rush.seats import PASSWORDS
from tests.support import evidence_files
from tests.support.local_servers import free_port, listens, postgres_server, wait_for
from tests.support.server_process import ROOT, RunningServer, descendants, environment

# One address stands for many here. Nothing else differs from the defaults.
GIVEN = {"CONNECTIONS_BY_ADDRESS": "2000", "LOG_LEVEL": "WARNING"}
CORES = os.cpu_count() or 1
THREADS = int(os.environ.get("WEB_THREADS", "8"))  # the default of the application
NEVER = 10**9
LEAST_RATIO, MOST_LATER = 0.8, 1.3
MOST_CPU = 12  # CPU time for an answer, as a multiple of the minimal application's; in the short form
LATEST = {"task list": 800, "todo": 800, "upload": 1500, LOGIN: 2000}  # ms, p95


@dataclass(frozen=True)
class Rush:
    """Who comes and how busy they are."""

    people: int
    seconds: int
    arrive: int  # seconds within which all log in
    think: tuple[float, float]  # seconds between two clicks
    seed: int
    upload: int = 300_000  # bytes
    with_exports: bool = True

    @property
    def busy_from(self) -> float:
        """Return the second at which the exports and the reminder run begin: once everybody is there."""
        return self.arrive + 2

    def given(self, folder: Path, seats: list[dict[str, Any]], minimal: bool) -> dict[str, Any]:
        return {
            "seats": seats, "seed": self.seed, "seconds": self.seconds, "arrive": self.arrive, "think": self.think,
            "upload": self.upload, "export_at": self.busy_from if self.with_exports else NEVER,
            "journal": str(folder / "journal"), "minimal": minimal, "jpeg": evidence_files.jpg().hex(),
        }  # fmt: skip


SHORT = Rush(people=16, seconds=15, arrive=3, think=(0.2, 0.6), seed=20261129, upload=20_000)


def in_application(data: Path, database: str, *words: object) -> str:
    command = [sys.executable, "-m", "benchmarks.rush.seats", *map(str, words)]
    around = environment(data, DATABASE_URL=database, **GIVEN)
    done = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def people_come(rush: Rush, folder: Path, seats: list[dict[str, Any]], port: int, *, minimal: bool = False) -> Figures:
    """Let everybody in and return what they measured."""
    told = folder / "rush.json"
    told.write_text(json.dumps(rush.given(folder, seats, minimal)))
    command = [
        sys.executable, "-m", "locust", "-f", "benchmarks/rush/people.py", "--headless", "--json", "--only-summary",
        "--users", str(len(seats)), "--spawn-rate", "100", "--run-time", f"{rush.seconds}s", "--stop-timeout", "0",
        "--host", f"http://127.0.0.1:{port}", "--exit-code-on-error", "0", "--loglevel", "ERROR",
    ]  # fmt: skip
    around = os.environ | {"RUSH": str(told), "PYTHONPATH": str(ROOT)}
    with (folder / "locust.log").open("w") as log:
        done = subprocess.run(command, cwd=ROOT, env=around, stdout=subprocess.PIPE, stderr=log, text=True, check=False)
    if done.returncode:
        raise SystemExit((folder / "locust.log").read_text())
    print((folder / "locust.log").read_text(), end="")
    return Figures.of(done.stdout, rush.seconds)


@contextmanager
def reminder_run(rush: Rush, data: Path, database: str) -> Iterator[None]:
    """Plan and write a day's reminders once everybody is there, at the priority of the worker that does it otherwise."""

    def remind() -> None:
        command = ["nice", "-n", "5", sys.executable, "manage.py", "remind"]
        around = environment(data, DATABASE_URL=database, **GIVEN)
        subprocess.run(command, cwd=ROOT, env=around, capture_output=True, check=False)

    timer = threading.Timer(rush.busy_from, remind)
    if rush.with_exports:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if timer.is_alive():
            timer.join()


def run(rush: Rush, data: Path, database: str) -> tuple[Figures, bool]:
    """Run the application with everybody; return the figures and whether acknowledged writes were lost."""
    seats = json.loads(in_application(data, database, "plan", rush.people))
    with tempfile.TemporaryDirectory(prefix="creation-rush-") as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(RunningServer(data, DATABASE_URL=database, **GIVEN))
        wait_for(lambda: works(server), 120)
        stack.enter_context(reminder_run(rush, data, database))
        usage = stack.enter_context(Usage(server.process.pid))
        figures = people_come(rush, folder, seats, server.port)
        lost = check(folder / "journal", data, database)
    figures.cpu = usage.cpu.get("web", 0)
    figures.show()
    show_usage(usage, rush.seconds)
    return figures, lost


def works(server: RunningServer) -> bool:
    """Return whether the workers have started their children, so that what is asked for is also done."""
    return all((pid := server.pid(name)) and descendants(pid) for name in ("worker", "jobs"))


def check(journal: Path, data: Path, database: str) -> bool:
    """Compare the journal with what is stored, by a program that imports nothing of ours."""
    stored = database or str(data / "db" / "creation.sqlite3")
    command = [sys.executable, "benchmarks/losses.py", str(journal), stored, str(data / "files")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, end="", flush=True)
    return bool(done.returncode)


def show_usage(usage: Usage, seconds: float) -> None:
    for name, cpu in sorted(usage.cpu.items()):
        print(f"{name:18}{cpu / seconds:9.0%} of a core{usage.memory[name]:9.0f} MB at most")
    print(f"{'all':18}{sum(usage.cpu.values()) / seconds:9.0%} of a core", flush=True)


def minimal(rush: Rush, database: str) -> Figures:
    """Let the same people come to the minimal application."""
    with tempfile.TemporaryDirectory(prefix="creation-minimal-") as folder:
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.rush.minimal_site", str(port), folder, database]
        around = environment(Path(folder), WEB_PROCESSES=str(CORES), WEB_THREADS=str(THREADS))
        del around["DJANGO_SETTINGS_MODULE"]
        with subprocess.Popen(command, cwd=ROOT, env=around, stderr=subprocess.DEVNULL) as server:
            wait_for(lambda: listens(port), 60)
            try:
                with Usage(server.pid) as usage:
                    figures = people_come(rush, Path(folder), [{} for _ in range(rush.people)], port, minimal=True)
            finally:
                server.terminate()
    figures.cpu = sum(usage.cpu.values())
    figures.show()
    return figures


def compared(rush: Rush, data: Path, database: str) -> tuple[Figures, bool, float, float]:
    """Return the figures, whether anything was lost, and two ratios to the minimal application: answers a second, CPU for an answer."""
    figures, lost = run(rush, data, database)
    peer = minimal(rush, database)
    ratio, cpu = figures.rate / peer.rate, figures.cpu_by_answer / peer.cpu_by_answer
    print(f"{ratio:.2f} of the minimal application's answers a second, {cpu:.1f} times its CPU time for an answer")
    return figures, lost, ratio, cpu


def short_form(rush: Rush, data: Path, database: str) -> list[str]:
    """Return the conditions that were missed. The machine may be busy with other tests, so that none is a time."""
    figures, lost, _, cpu = compared(rush, data, database)
    missed = [("errors", figures.error_count), ("losses", lost), ("CPU for an answer", cpu > MOST_CPU)]
    return [name for name, is_missed in missed if is_missed]


def rush_hour(rush: Rush, data: Path, database: str) -> list[str]:
    """Return the aims that were missed."""
    figures, lost, ratio, _ = compared(rush, data, database)
    missed = [f"{name} p95" for name, most in LATEST.items() if figures.percentile(0.95, [name]) > most]
    missed += ["errors"] if figures.error_count else []
    return [*missed, *(["losses"] if lost else []), *(["ratio"] if ratio < LEAST_RATIO else [])]


def beside_exports(rush: Rush, data: Path, database: str) -> list[str]:
    """Compare the pages of a rush without exports with those of one in which they run; return the aims that were missed."""
    late = []
    for with_exports in (False, True):
        print(f"with exports and reminders: {with_exports}", flush=True)
        same = Rush(**{**vars(rush), "with_exports": with_exports})
        figures, _ = run(same, data, database)
        late.append(figures.percentile(0.95, PAGES))
    print(
        f"p95 of pages {late[0]:.0f} ms alone, {late[1]:.0f} ms beside exports and reminders: × {late[1] / late[0]:.2f}"
    )
    return ["pages beside exports"] if late[1] > MOST_LATER * late[0] else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=240)
    parser.add_argument("--seconds", type=int, default=720)
    parser.add_argument("--arrive", type=int, default=600, help="seconds within which all log in")
    parser.add_argument("--think", type=float, nargs=2, default=(3, 9))
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument("--short", action="store_true", help="the form for every day")
    parser.add_argument("--exports", action="store_true", help="compare without and with exports")
    parser.add_argument("--data", type=Path, help="a folder filled by an earlier run (SQLite)")
    parser.add_argument("--units", type=int, default=80)
    parser.add_argument("--evidence", type=int, default=60_000)
    asked = parser.parse_args()
    rush = Rush(asked.people, asked.seconds, asked.arrive, tuple(asked.think), asked.seed)
    rush = SHORT if asked.short else rush
    form = beside_exports if asked.exports else short_form if asked.short else rush_hour
    with ExitStack() as stack:
        database = stack.enter_context(postgres_server()) if asked.postgresql else ""
        data = asked.data or Path(tempfile.mkdtemp(prefix="creation-rush-"))
        data.mkdir(exist_ok=True)
        if not asked.data:
            stack.callback(shutil.rmtree, data, ignore_errors=True)
        if database or not (data / "db" / "creation.sqlite3").exists():
            began = time.monotonic()
            in_application(data, database, "fill", asked.units, asked.evidence)
            print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
        if not database and not (data / PASSWORDS).exists():
            in_application(data, database, "passwords")
        missed = form(rush, data, database)
    print(f"missed: {'; '.join(missed)}" if missed else "all aims are met")
    sys.exit(int(bool(missed)))


if __name__ == "__main__":
    main()
