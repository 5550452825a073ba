"""The worker for exports with one more task, for tests that kill its broker: `python -m tests.support.busy_worker FILE`.

``nap(label, waits)`` writes a line into the file, waits until there is a file FILE.enough if it ``waits``, and writes another.
"""

import sys
import time
from pathlib import Path

from config.celery import app

TASK = "tests.nap"
QUEUE = "exports"


@app.task(name=TASK)
def nap(label: str, waits: bool) -> None:
    note(f"begin {label}")
    while waits and not Path(f"{sys.argv[1]}.enough").exists():
        time.sleep(0.1)
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
