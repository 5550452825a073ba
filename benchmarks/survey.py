"""Fifty answers a second to a survey, beside people at work: `python -m benchmarks.survey --data FOLDER [--rate 50] [--seconds 20]`.

    DATA_DIR=/tmp/large .venv/bin/python manage.py migrate && DATA_DIR=/tmp/large .venv/bin/python manage.py load_demo --size large
    .venv/bin/python -m benchmarks.survey --data /tmp/large

Starts the web server on the folder and sends at each arrival what a phone sends: the page behind a code, then the form. Every tenth code is
sent by two phones at once. Eight people of the office and the units open their pages meanwhile, with 2 to 4 seconds between two. Afterwards
each answer that was acknowledged must be stored once, and no code more than once. Then the same phones ask a minimal application on the
same server, for the ratio. Exit code 1 for an answer with 5xx, a lost or doubled answer, or (without `--short`) a rate that was not
reached.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from benchmarks.rush.processes import Usage
from tests.support.local_servers import free_port, listens, wait_for
from tests.support.server_process import ROOT, environment, web_server

CORES = str(os.cpu_count() or 1)
GIVEN = {"CONNECTIONS_BY_ADDRESS": "2000", "LOG_LEVEL": "WARNING"}  # one address stands for many here
PHONES, TWICE, AT_WORK, THINK = 64, 10, 8, (2.0, 4.0)
QUESTIONS = 5
FORM, STORED, TAKEN = '<form method="post">', "已收到您的评价", "已经用过"
PAGES = ("/", "/c/{}/tasks/")


@dataclass
class Tally:
    """What the phones and the people at work saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    times: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def failed(self) -> int:
        return sum(number for status, number in self.statuses.items() if status >= 500 or status == 0)


class Phone:
    """A connection that is kept, as browsers do."""

    def __init__(self, port: int) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        """Return status and text; status 0 if the connection failed twice."""
        for _ in range(2):
            try:
                self.link.request(method, path, body or None, headers)
                answer = self.link.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.link.close()
        return 0, ""


def fill_in(port: int, code: str, tally: Tally) -> None:
    phone, path, began = Phone(port), f"/s/{code}/", time.monotonic()
    status, said = phone.ask("GET", path)
    if FORM in said:
        first = status
        sent = {f"q{place}": "5" for place in range(QUESTIONS)} | {"comment": ""}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, said = phone.ask("POST", path, urlencode(sent), **headers)
        with tally.lock:
            tally.statuses[first] += 1
    phone.link.close()
    with tally.lock:
        tally.statuses[status] += 1
        tally.stored[code] += STORED in said
        tally.taken += TAKEN in said
        tally.times.append(time.monotonic() - began)


def work(port: int, seat: dict[str, str], until: float, tally: Tally) -> None:
    """Open pages as a person at work does."""
    phone, chance = Phone(port), random.Random(seat["session"])
    while time.monotonic() < until:
        path = chance.choice(PAGES).format(seat["campaign"])
        status, _ = phone.ask("GET", path, Cookie=f"sessionid={seat['session']}")
        with tally.lock:
            tally.statuses[status] += 1
        time.sleep(chance.uniform(*THINK))


def arrivals(rate: float, jobs: list[Callable[[], None]]) -> float:
    """Start a job at each arrival, whether those before have ended or not; return the seconds until the last one has."""
    began = time.monotonic()
    with ThreadPoolExecutor(PHONES) as phones:
        for number, job in enumerate(jobs):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            phones.submit(job)
    return time.monotonic() - began


def in_application(data: Path, count: int) -> dict[str, list[object]]:
    command = [sys.executable, "-m", "benchmarks.survey_codes", str(count), str(AT_WORK)]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


def stored_in(data: Path, survey: int) -> tuple[int, int]:
    """Return the numbers of answers and of used codes."""
    import sqlite3

    with sqlite3.connect(data / "db" / "creation.sqlite3") as database:
        count = "SELECT count(*) FROM creation_survey{} WHERE survey_id = ?"
        return tuple(database.execute(count.format(name), [survey]).fetchone()[0] for name in ("answer", "use"))


def run(data: Path, rate: float, seconds: float) -> tuple[Tally, float, list[str]]:
    """Return what was seen, the answers a second, and what is wrong."""
    codes = int(rate * seconds)
    given = in_application(data, codes)
    survey, tally = int(given["survey"][0]), Tally()
    with web_server(data, **GIVEN) as port, Usage(os.getpid()) as usage:
        seats = [
            threading.Thread(target=work, args=(port, seat, time.monotonic() + seconds, tally))
            for seat in given["seats"]
        ]
        for seat in seats:
            seat.start()
        jobs = []
        for number, code in enumerate(given["codes"]):
            jobs += [lambda code=str(code): fill_in(port, code, tally)] * (2 if number % TWICE == 0 else 1)
        took = arrivals(rate * len(jobs) / codes, jobs)
        for seat in seats:
            seat.join()
    cpu = usage.cpu.get("web", 0)
    answers, uses = stored_in(data, survey)
    wrong = []
    if tally.failed:
        wrong.append(f"{tally.failed} failed: {dict(tally.statuses)}")
    if set(tally.stored.values()) - {1} or answers != codes or uses != codes:
        wrong.append(f"{codes} codes, {sum(tally.stored.values())} acknowledged, {answers} stored, {uses} used")
    late = quantiles(tally.times, n=20)[-1]
    said = [
        f"{codes} codes, {len(jobs)} phones in {took:.1f} s: {codes / took:.1f} answers a second",
        f"{tally.taken} second phones were told that the code is used",
        f"p95 {late * 1000:.0f} ms for page and form",
        f"{cpu / codes * 1000:.0f} ms of CPU time for each code",
        f"{tally.failed} failed of {sum(tally.statuses.values())}",
    ]
    print("; ".join(said), flush=True)
    return tally, codes / took, wrong


def most_of(data: Path, count: int) -> float:
    """Return the requests a second when the phones never pause."""
    given, tally = in_application(data, count), Tally()
    with web_server(data, **GIVEN) as port:
        took = arrivals(10**6, [lambda code=str(code): fill_in(port, code, tally) for code in given["codes"]])
    return sum(tally.statuses.values()) / took


def most_of_minimal(count: int) -> float:
    """Return the requests a second of the minimal application for as many requests of the same phones."""
    tally = Tally()

    def look(port: int) -> None:
        phone = Phone(port)
        for _ in range(2):
            status, _ = phone.ask("GET", "/")
            with tally.lock:
                tally.statuses[status] += 1
        phone.link.close()

    with tempfile.TemporaryDirectory(prefix="creation-minimal-") as folder:
        port = free_port()
        around = environment(Path(folder), WEB_PROCESSES=CORES, WEB_THREADS="16")
        del around["DJANGO_SETTINGS_MODULE"]
        command = [sys.executable, "-m", "benchmarks.rush.minimal_site", str(port), folder]
        with subprocess.Popen(command, cwd=ROOT, env=around, stderr=subprocess.DEVNULL) as server:
            try:
                wait_for(lambda: listens(port), 60)
                took = arrivals(10**6, [lambda: look(port)] * count)
            finally:
                server.terminate()
    return sum(tally.statuses.values()) / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with an open campaign and its people (SQLite)"
    )
    parser.add_argument("--rate", type=float, default=50, help="codes a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--short", action="store_true", help="no rate is demanded: the machine may be busy")
    asked = parser.parse_args()
    _, reached, wrong = run(asked.data, asked.rate, asked.seconds)
    ours, peer = most_of(asked.data, 200), most_of_minimal(200)
    print(
        f"without pauses {ours:.0f} requests a second, {ours / peer:.2f} of the minimal application's {peer:.0f}",
        flush=True,
    )
    if not asked.short and reached < 0.95 * asked.rate:
        wrong.append(f"{reached:.1f} answers a second instead of {asked.rate:.0f}")
    print(f"missed: {'; '.join(wrong)}" if wrong else "all aims are met")
    sys.exit(int(bool(wrong)))


if __name__ == "__main__":
    main()
