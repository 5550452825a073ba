"""Dispatch notices once in a process that may be killed with SIGKILL at a statement: `python -m tests.support.dispatch_process`."""

import os
from datetime import UTC, datetime, timedelta

import time_machine


def main() -> None:
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_SHIFT"])), tick=True).start()
    import django

    django.setup()
    from django.utils import timezone

    from creation.notices import dispatch
    from tests.support.worker_process import arm_kill

    arm_kill(os.environ["KILL_AT"])
    dispatch.dispatch_due(timezone.now)


if __name__ == "__main__":
    main()
