"""Run a Python module that stops when its parent dies: `python bin/exit_with_parent.py -m celery …`.

A supervisor that is killed cannot stop its children; the kernel then sends them a signal (Linux only).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # same process, so that the setting is kept


if __name__ == "__main__":
    main()
