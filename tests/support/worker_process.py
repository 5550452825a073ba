"""A real Celery worker, beat or web server: `python -m tests.support.worker_process worker|beat|web …`, on a day chosen by the test.

CLOCK_SHIFT  seconds between the machine's clock and that of the process
KILL_AT      `<before|after> <start of a statement>#<n>`: the process group is killed with SIGKILL at the n-th such statement
KILL_GROUP   the process group to kill instead
KILL_MARK    a file created by the kill; while it exists, nothing is killed again
"""

import itertools
import os
import re
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

TICK = 1.0  # seconds between two rounds


def main() -> None:
    shift = timedelta(seconds=float(os.environ["CLOCK_SHIFT"]))
    time_machine.travel(datetime.now(UTC) + shift, tick=True).start()
    if sys.argv[1] == "web":
        return web()
    from config.celery import app

    app.conf.beat_schedule = {
        name: {"task": f"creation.jobs.{name}", "schedule": TICK, "options": {"expires": 10}}
        for name in ("plan_reminders", "deliver")
    }
    app.loader.import_default_modules()
    arm_kill(os.environ.get("KILL_AT", ""))
    app.start(sys.argv[1:])
    return None


def web() -> None:
    """Run without the start-up checks, which would miss the audit triggers of a test's database."""
    import django

    from config import serve

    django.setup()
    arm_kill(os.environ.get("KILL_AT", ""))
    serve.create_server(serve.application()).run()


def arm_kill(death: str) -> None:
    """Kill the process at the chosen statement, on whatever connection it is executed."""
    found = re.fullmatch(r"(before|after) (.+)#(\d+)", death)
    if not found:
        return
    from django.db.backends.signals import connection_created

    from creation.notices.reminders import due_items

    due_items.CHUNK_SIZE = 4  # several transactions in which to be killed
    wrapper = killing_wrapper(found[1], found[2], int(found[3]))

    def arm(connection: Any, **kwargs: Any) -> None:
        connection.execute_wrappers.append(wrapper)

    connection_created.connect(arm, weak=False)


def killing_wrapper(moment: str, statement: str, number: int) -> Callable[..., Any]:
    met = itertools.count(1)

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        hit = sql.replace('"', "").startswith(statement) and next(met) == number
        if hit and moment == "before":
            kill()
        result = execute(sql, *rest)
        if hit:
            kill()
        return result

    return wrapper


def kill() -> None:
    try:
        Path(os.environ["KILL_MARK"]).touch(exist_ok=False)
    except FileExistsError:
        return
    os.killpg(int(os.environ.get("KILL_GROUP") or os.getpgrp()), signal.SIGKILL)


if __name__ == "__main__":
    main()
