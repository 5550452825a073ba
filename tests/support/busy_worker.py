"""The worker for exports with one more task, for tests that kill its broker: `python -m tests.support.busy_worker FILE`.

``nap(seconds, label)`` writes a line into the file, sleeps, and writes another.
"""

import sys
import time
from pathlib import Path

from config.celery import app

TASK = "tests.nap"
QUEUE = "exports"


@app.task(name=TASK)
def nap(seconds: float, label: str) -> None:
    note(f"begin {label}")
    time.sleep(seconds)
    note(f"end {label}")


def note(line: str) -> None:
    with Path(sys.argv[1]).open("a") as file:
        file.write(f"{line}\n")


if __name__ == "__main__":
    app.start(
        [
            "worker",
            "--queues",
            QUEUE,
            "--hostname",
            "busy@%h",
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        ]
    )
