"""Memory needed for a large video: `python -m benchmarks.upload_memory [--megabytes 500]`.

Starts the web server on a data folder of its own, sends the video in pieces of 8 MB as the browser does and then in one request, reads
it back, and prints by how much the peak memory of each server process rose (Linux only).
"""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PIECE = 8 * 2**20
MOST = 50  # megabytes
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    megabytes = parser.parse_args().megabytes
    folder = Path(tempfile.mkdtemp(prefix="creation-benchmark-"))
    port = 20000 + os.getpid() % 40000
    os.environ |= {
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WEB_PROCESSES": "1",
    }
    try:
        headers, task = prepare()
        with subprocess.Popen([sys.executable, "-m", "config.serve"], cwd=ROOT, stderr=subprocess.DEVNULL) as server:
            try:
                measure(server.pid, port, headers, task, megabytes)
            finally:
                server.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare() -> tuple[dict[str, str], str]:
    """Create a campaign with one liaison; return the headers of the liaison's browser and the path of the task."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from creation.models import District, Task
    from creation.rules.policy import Role
    from tests.support.world import add_person, make_campaign, make_units

    call_command("migrate", verbosity=0)
    district = District.objects.create(name="源汇区")
    unit = make_units(district, ["城管局"])["城管局"]
    campaign, phases, indicators = make_campaign(district, unit, timezone.localdate().year)
    person = add_person("liaison", "刘联络", Role.LIAISON, unit)
    task = Task.objects.create(campaign=campaign, unit=unit, indicator=indicators["4-3-3"], phase=phases["evidence"])
    client = Client(headers={"user-agent": "benchmark"})
    client.force_login(person)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()} | {"csrftoken": "c" * 32}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": cookie, "X-CSRFToken": "c" * 32}, f"/c/{campaign.pk}/tasks/{task.pk}/"


def measure(pid: int, port: int, headers: dict[str, str], task: str, megabytes: int) -> None:
    wait_until_up(port)
    film(port, headers, task, "热身.mp4", 1, 2**20)
    print(f"{'':28}{'before':>10}{'peak':>10}{'rise':>10}{'seconds':>10}")
    acts = {
        f"{megabytes} MB in pieces of 8 MB": lambda: film(port, headers, task, "一.mp4", megabytes, PIECE),
        f"{megabytes} MB in one body": lambda: film(port, headers, task, "二.mp4", megabytes, megabytes * 2**20 * 2),
        f"{megabytes} MB read back": lambda: read_back(port, headers, megabytes),
    }
    rises = [watched(pid, label, act) for label, act in acts.items()]
    print(f"largest rise {max(rises):.0f} MB; at most {MOST} MB is allowed")
    sys.exit(max(rises) > MOST)


def watched(pid: int, label: str, act: object) -> float:
    """Return the megabytes by which the largest process of the server grew during the call."""
    before, over, peak = largest(pid), threading.Event(), [0.0]

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], largest(pid))

    watcher, begun = threading.Thread(target=watch), time.monotonic()
    watcher.start()
    act()  # type: ignore[operator]
    over.set()
    watcher.join()
    rise = peak[0] - before
    print(f"{label:28}{before:7.0f} MB{peak[0]:7.0f} MB{rise:7.0f} MB{time.monotonic() - begun:10.1f}")
    return rise


def largest(pid: int) -> float:
    """Return the resident megabytes of the largest process among the process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(resident(each) for each in [str(pid), *children])


def resident(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def wait_until_up(port: int) -> None:
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("The server did not start.")


def ask(port: int, method: str, url: str, body: object, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request(method, url, body, headers)  # type: ignore[arg-type]
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 400:
        sys.exit(f"{method} {url}: {answer.status} {content[:200].decode(errors='replace')}")
    return content


def film(port: int, headers: dict[str, str], task: str, name: str, megabytes: int, piece: int) -> None:
    """Send a video of this size, generated while it is sent."""
    size = megabytes * 2**20
    asked = {"name": name, "size": size, "modified": "2026-07-01", "declared": True}
    kind = {"Content-Type": "application/json"}
    url = json.loads(ask(port, "POST", f"{task}uploads/", json.dumps(asked), headers | kind))["url"]
    source, offset = content_of(size, name.encode()), 0
    while offset < size:
        length = min(piece, size - offset)
        part = (next(source) for _ in range(-(-length // 2**20)))
        ask(port, "PUT", f"{url}?offset={offset}", part, headers | {"Content-Length": str(length)})
        offset += length


def content_of(size: int, mark: bytes) -> Iterator[bytes]:
    """Yield an MP4 in pieces of a megabyte: header, and video data with a mark of its own."""
    from tests.support.evidence_files import box

    head = box(b"ftyp", b"isom" + bytes(4) + b"isommp41") + box(b"moov", box(b"mvhd", bytes(100)))
    head += (size - len(head)).to_bytes(4, "big") + b"mdat" + mark
    yield head.ljust(2**20, b"\0")
    for _ in range(size // 2**20 - 1):
        yield bytes(2**20)


def read_back(port: int, headers: dict[str, str], megabytes: int) -> None:
    from creation.models import EvidenceVersion

    version = EvidenceVersion.objects.latest("pk")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", f"/evidence/{version.evidence_id}/v/1/file", headers=headers)
    answer, count = connection.getresponse(), 0
    while chunk := answer.read(2**20):
        count += len(chunk)
    connection.close()
    if count != megabytes * 2**20:
        sys.exit(f"{count} bytes came back.")


if __name__ == "__main__":
    main()
