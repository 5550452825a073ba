"""Run a module as of a fixed day: `python -m tests.support.fixed_day config.serve`.

The clock of the process and of those that it forks stands at the same moment in every run, and goes on from there. What is drawn from the
demonstration is the same each day, and however long the run takes.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta

import django
import time_machine

DAY = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)  # Wednesday, 10:20 in Beijing


def main() -> None:
    module = sys.argv.pop(1)
    time_machine.travel(DAY).start()
    allow_unsealed_entries()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def allow_unsealed_entries() -> None:
    """Keep the alarm about them from the pages: no clock runs here that would seal, so a slow run would show it and a quick one not."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from creation.audit import audit_chain

    audit_chain.SEALING_DEADLINE = timedelta(days=1)


if __name__ == "__main__":
    main()
