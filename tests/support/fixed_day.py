"""Run a module as of a fixed day: `python -m tests.support.fixed_day config.serve`.

The clock of the process and of those that it forks stands at the same moment in every run, and goes on from there. What is drawn from the
demonstration is the same each day.
"""

import runpy
import sys
from datetime import UTC, datetime

import time_machine

DAY = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)  # Wednesday, 10:20 in Beijing


def main() -> None:
    module = sys.argv.pop(1)
    time_machine.travel(DAY).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
