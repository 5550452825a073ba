"""Several web processes that accept from the same listening sockets: as many as processor cores, as one only uses one of them.

The first process prepares everything, forks, and starts another process for each one that ended or became too large.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

CHECK_SECONDS = 10
PR_SET_PDEATHSIG = 1  # of prctl(2): the kernel ends a process whose parent has died
PAUSE_SECONDS = 1  # before a process is started again that ended at once
LEAST_SECONDS = 60  # that a process serves before it is replaced
STOP_SECONDS = 8  # supervisord waits for ten
ENDING = {signal.SIGTERM, signal.SIGINT}
DRAIN = signal.SIGUSR1  # a process that is replaced finishes its requests and ends


def keep_running(
    count: int, serve: Callable[[], None], largest: int, forget: Callable[[int], None] = lambda pid: None
) -> None:
    """Keep ``count`` processes running ``serve`` until a signal ends this one.

    A process above ``largest`` bytes is replaced. ``forget`` is told which process has ended.
    """
    waited_for = {signal.SIGCHLD, *ENDING}
    signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
    started: dict[int, float] = {}
    draining: set[int] = set()
    while True:
        while len(started) < count:
            started[_fork(serve, waited_for)] = time.monotonic()
        received = signal.sigtimedwait(waited_for, CHECK_SECONDS)
        if received and received.si_signo in ENDING:
            break
        for pid in _ended():
            forget(pid)
            draining.discard(pid)
            if time.monotonic() - started.pop(pid, 0) < PAUSE_SECONDS:
                time.sleep(PAUSE_SECONDS)  # one that fails as soon as it starts is not started again without a pause
        for pid in _grown(started, largest):
            print(f"Web process {pid} has become too large and is replaced", file=sys.stderr, flush=True)
            del started[pid]
            draining.add(pid)
            os.kill(pid, DRAIN)
    _stop({*started, *draining})


def _fork(serve: Callable[[], None], blocked: set[signal.Signals]) -> int:
    parent, pid = os.getpid(), os.fork()
    if pid:
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == parent:  # else it died before it could be watched
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
            serve()
            code = 0
    except Exception:  # noqa: BLE001 - nothing may return into the loop of the first process
        traceback.print_exc()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended() -> list[int]:
    """Return the processes that have ended since the last call."""
    found: list[int] = []
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not pid:
            return found
        found.append(pid)


def _grown(started: dict[int, float], largest: int) -> list[int]:
    """Return the processes above ``largest`` bytes that have served for a while."""
    now = time.monotonic()
    return [pid for pid, since in started.items() if now - since > LEAST_SECONDS and resident_bytes(pid) > largest]


def _stop(running: set[int]) -> None:
    """End the processes; they have a while for the requests that they are answering."""
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while running and time.monotonic() < until:
        running -= set(_ended())
        time.sleep(0.05)  # waitpid for any of them has no timeout
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def resident_bytes(pid: int) -> int:
    """Return the memory that a process uses, without what it shares with others; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
