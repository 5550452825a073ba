"""Run a Python module that stops when its parent dies: `python bin/exit_with_parent.py [--nice 10] [--leave-core] -m celery …`.

A supervisor that is killed cannot stop its children; the kernel then sends them a signal (Linux only). ``--nice`` lowers the priority of
the module and its children by so much; ``--leave-core`` keeps them off one processor core, which is free for the web server then.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    words = sys.argv[1:]
    if words[0] == "--nice":
        os.nice(int(words[1]))
        words = words[2:]
    if words[0] == "--leave-core":
        leave_core()
        words = words[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.executable, [sys.executable, *words])  # same process, so that the settings are kept


def leave_core() -> None:
    """Keep off the first of the cores that this process may use, unless it is the only one."""
    if sys.platform == "linux":
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores - {min(cores)} or cores)


if __name__ == "__main__":
    main()
