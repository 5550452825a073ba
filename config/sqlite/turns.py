"""Whose turn it is to write to an SQLite file: first come, first served.

SQLite lets one writer in at a time. Whoever finds it busy sleeps and looks again, up to 100 ms later, and whoever comes just when it is
free goes first. With many writers some wait for 20 seconds and give up although each writes for a few milliseconds. So they queue
before they ask SQLite: the threads of a process in memory, the first thread of each process by locks on a file. The kernel drops the
locks of a process that dies.

Two files, because there is no queue for one: who waits for the turn holds the gate meanwhile, so that a process that has just written
cannot take the turn again before another one that waits.
"""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

POLL_SECONDS = 0.002  # flock(2) has no time limit


class Turns:
    """The queue for the file ``path``. One for each process; it must not be carried over a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._is_taken = False
        self._queue: deque[threading.Event] = deque()
        self._files: tuple[int, int] | None = None

    def take(self, seconds: float) -> bool:
        """Wait for the turn, at most this long. Return False if others kept it for the whole time."""
        until = time.monotonic() + seconds
        if not self._take_among_threads(seconds):
            return False
        has_turn = False
        try:
            has_turn = self._take_among_processes(until)
        finally:
            if not has_turn:
                self._pass_on()
        return has_turn

    def give_back(self) -> None:
        """End the turn that ``take`` has returned True for."""
        _, turn = self._opened()
        fcntl.flock(turn, fcntl.LOCK_UN)
        self._pass_on()

    def forget(self) -> None:
        """Close the files, in a process that has inherited them."""
        for file in self._files or ():
            os.close(file)

    def _take_among_threads(self, seconds: float) -> bool:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Event()
            self._queue.append(mine)
        has_come = False
        try:
            has_come = mine.wait(seconds)
        finally:  # also when a time limit ends the work of this thread
            if not has_come and not self._withdraw(mine):
                self._pass_on()  # it came between the end of the wait and the look
        return has_come

    def _withdraw(self, mine: threading.Event) -> bool:
        """Leave the queue. Return False if the turn has come by now."""
        with self._mutex:
            if mine.is_set():
                return False
            self._queue.remove(mine)
            return True

    def _pass_on(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._is_taken = False

    def _take_among_processes(self, until: float) -> bool:
        gate, turn = self._opened()
        if not _lock(gate, until):
            return False
        try:
            return _lock(turn, until)
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)

    def _opened(self) -> tuple[int, int]:
        """Return the descriptors of gate and turn. Only the thread whose turn it is comes here."""
        if self._files is None:
            self._files = (self._open("gate"), self._open("turn"))
        return self._files

    def _open(self, name: str) -> int:
        return os.open(f"{self._path}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(file: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True


_turns: dict[str, Turns] = {}
_adding = threading.Lock()


def of(database: str) -> Turns:
    """Return this process's queue for a database file."""
    with _adding:
        return _turns.setdefault(database, Turns(Path(database)))


# A child would share the locks of its parent, and may have been forked while a thread held one.
def _forget() -> None:
    global _adding
    _adding = threading.Lock()
    for queue in _turns.values():
        queue.forget()
    _turns.clear()


os.register_at_fork(after_in_child=_forget)
