"""Pages a second of the task list with one web process and with as many as cores, with the demonstration.

    DATA_DIR=/tmp/demo .venv/bin/python manage.py migrate && DATA_DIR=/tmp/demo .venv/bin/python manage.py load_demo
    DATA_DIR=/tmp/demo .venv/bin/python benchmarks/web_processes.py

Eight clients ask without a pause, on the same machine. The peer is the same server with one process, in the same run.
"""

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from benchmarks.pages import client_of  # noqa: E402
from creation.models import Campaign  # noqa: E402
from creation.rules.policy import Role  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
CLIENTS, SECONDS, WARMING = 8, 25, 6
PORT = 20000 + os.getpid() % 40000


@contextmanager
def served(processes: int) -> Iterator[None]:
    around = os.environ | {"WEB_PROCESSES": str(processes), "PORT": str(PORT)}
    with subprocess.Popen(
        [sys.executable, "-m", "config.serve"], cwd=ROOT, env=around, stderr=subprocess.DEVNULL
    ) as server:
        try:
            yield
        finally:
            server.terminate()


def ask(address: str, cookie: str) -> float:
    """Return the seconds until a page has been read."""
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", address, headers={"Cookie": cookie, "Host": "localhost"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{address}: {answer.status}")
    return time.monotonic() - start


def wait_until_served(address: str, cookie: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            ask(address, cookie)
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def measure(processes: int, address: str, cookie: str) -> float:
    """Return the pages a second."""
    times: list[float] = []

    def ask_on() -> None:
        while time.monotonic() < until:
            times.append(ask(address, cookie))

    with served(processes):
        wait_until_served(address, cookie)
        for _ in range(WARMING):
            ask(address, cookie)
        until = time.monotonic() + SECONDS
        clients = [threading.Thread(target=ask_on) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
    rate = len(times) / SECONDS
    late = statistics.quantiles(times, n=20)[-1]
    print(
        f"{processes} processes: {rate:.1f} pages a second, median {statistics.median(times):.2f} s, p95 {late:.2f} s"
    )
    return rate


def main() -> None:
    client, _ = client_of(Role.COORDINATOR)
    cookie = "; ".join(f"{name}={value.value}" for name, value in client.cookies.items())
    campaign = max(Campaign.objects.open(), key=lambda each: each.tasks.count())
    address, cores = f"/c/{campaign.pk}/tasks/", os.cpu_count() or 1
    one, many = measure(1, address, cookie), measure(cores, address, cookie)
    print(f"{many / one:.2f} × the rate of one process")


if __name__ == "__main__":
    main()
