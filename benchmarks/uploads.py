"""The cost of an upload: `python -m benchmarks.uploads [--megabytes 200] [--rounds 5] [--dribbling 200]`. Exit code 1 on a missed target.

In one run: the same bytes to the application and to a bare Django view on the same server, alternating; the memory needed; the first byte
of a download; and pages during slow uploads. The targets are ratios, since both sides run on the same machine.
"""

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command

from benchmarks.upload_memory import ROOT, ask, content_of, prepare, wait_until_up, watched
from tests.support.slow_uploads import Visitor, dribbling, opened_meanwhile

FIRST, LARGEST = 8, 64  # megabytes of a piece: the smallest and largest that the upload script uses on a fast line
# Share of the bare view's rate; megabytes; seconds; seconds.
LEAST_RATE, MOST_MEMORY, MOST_FIRST, MOST_PAGE = 0.7, 50, 0.05, 0.5
Person = tuple[int, dict[str, str], str]  # the port, the headers of the browser, the task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dribbling", type=int, default=200)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="creation-benchmark-"))
    port = 20000 + os.getpid() % 20000
    os.environ |= {
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEB_PROCESSES": "1",
    }
    try:
        headers, task = prepare()
        call_command("collectstatic", interactive=False, verbosity=0)
        with served(port, "config.serve") as pid, served(port + 1, "benchmarks.bare_view", str(port + 1), str(folder)):
            person = (port, headers, task)
            rates(person, 1, 8)  # warm the caches
            missed = [
                *measure_rates(pid, person, asked.rounds, asked.megabytes),
                *measure_first_byte(port, headers),
                *measure_pages(port, task, asked.dribbling),
            ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(f"MISSED: {each}" for each in missed) or "every aim was reached")
    sys.exit(bool(missed))


@contextmanager
def served(port: int, module: str, *arguments: str) -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until_up(port)
            yield server.pid
        finally:
            server.terminate()


# Rates


def measure_rates(pid: int, person: Person, rounds: int, megabytes: int) -> Iterator[str]:
    found: list[tuple[float, float]] = []
    print(f"{'':28}{'before':>10}{'peak':>10}{'rise':>10}{'seconds':>10}")
    rise = watched(
        pid, f"{rounds} × {megabytes} MB, both sides", lambda: found.extend(rates(person, rounds, megabytes))
    )
    ours, bare = (statistics.median(seconds) for seconds in zip(*found, strict=True))
    print(
        f"the application {megabytes / ours:.0f} MB/s, a bare view {megabytes / bare:.0f} MB/s: {bare / ours:.2f} of its rate"
    )
    if bare / ours < LEAST_RATE:
        yield f"{bare / ours:.2f} of the bare view's rate instead of {LEAST_RATE}"
    if rise > MOST_MEMORY:
        yield f"{rise:.0f} MB more memory instead of {MOST_MEMORY}"


def rates(person: Person, rounds: int, megabytes: int) -> list[tuple[float, float]]:
    """Return the seconds of the application and of the bare view, alternating."""
    return [
        (to_the_application(person, megabytes, number), to_the_bare_view(person[0] + 1, megabytes))
        for number in range(rounds)
    ]


def to_the_application(person: Person, megabytes: int, number: int) -> float:
    """Upload in pieces over one connection, as a browser does."""
    port, headers, task = person
    name, size = f"录像{megabytes}-{number}.mp4", megabytes * 2**20
    body = list(content_of(size, name.encode()))
    began = time.perf_counter()
    asked = {"name": name, "size": size, "modified": "2026-07-01", "declared": True}
    kind = {"Content-Type": "application/json"}
    url = json.loads(ask(port, "POST", f"{task}uploads/", json.dumps(asked), headers | kind))["url"]
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    sent, piece = 0, FIRST
    while sent < megabytes:
        pieces = body[sent : sent + piece]
        put(line, f"{url}?offset={sent * 2**20}", pieces, len(pieces) * 2**20, headers)
        sent, piece = sent + len(pieces), min(LARGEST, piece * 2)
    line.close()
    return time.perf_counter() - began


def to_the_bare_view(port: int, megabytes: int) -> float:
    body = list(content_of(megabytes * 2**20, b"bare"))
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    put(line, "/", body, megabytes * 2**20, {})
    line.close()
    return time.perf_counter() - began


def put(line: http.client.HTTPConnection, url: str, pieces: list[bytes], length: int, headers: dict[str, str]) -> None:
    line.request("PUT", url, iter(pieces), headers | {"Content-Length": str(length)})
    answer = line.getresponse()
    content = answer.read()
    if answer.status not in {200, 201}:
        sys.exit(f"PUT {url}: {answer.status} {content[:200].decode(errors='replace')}")


# First bytes and pages


def measure_first_byte(port: int, headers: dict[str, str]) -> Iterator[str]:
    from creation.models import EvidenceVersion

    version = EvidenceVersion.objects.latest("pk")
    took = sorted(first_byte(port, f"/evidence/{version.evidence_id}/v/1/file", headers) for _ in range(20))
    middle = statistics.median(took)
    print(f"first byte of a download: median {middle * 1000:.1f} ms, slowest of 20 {took[-1] * 1000:.1f} ms")
    if middle > MOST_FIRST:
        yield f"the first byte after {middle * 1000:.0f} ms instead of {MOST_FIRST * 1000:.0f}"


def first_byte(port: int, url: str, headers: dict[str, str]) -> float:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.connect()
    began = time.perf_counter()
    line.request("GET", url, headers=headers)
    answer = line.getresponse()
    assert answer.status == 200
    assert answer.read(1)
    took = time.perf_counter() - began
    line.close()
    return took


def measure_pages(port: int, task: str, count: int) -> Iterator[str]:
    visitor = Visitor(port, "liaison", "correct horse battery")
    opened_meanwhile(visitor, ["/", task], 2, [])
    with dribbling(visitor, task, count) as lines:
        took = sorted(opened_meanwhile(visitor, ["/", task], 10, lines))
    late = took[int(len(took) * 0.95)]
    print(
        f"pages beside {count} dribbling uploads: median {statistics.median(took) * 1000:.0f} ms, p95 {late * 1000:.0f} ms"
    )
    if late > MOST_PAGE:
        yield f"pages after {late * 1000:.0f} ms instead of {MOST_PAGE * 1000:.0f}"


if __name__ == "__main__":
    main()
