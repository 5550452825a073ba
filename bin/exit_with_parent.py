"""Runs a Python module whose life is tied to its parent's: `python bin/exit_with_parent.py -m celery …`.

A supervisor that is killed outright cannot end its children; the kernel then tells them to stop (Linux only).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # same process, so that the tie holds


if __name__ == "__main__":
    main()
