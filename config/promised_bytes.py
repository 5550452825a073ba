"""Bytes promised to request bodies that are arriving, by address, counted in memory that all web processes share.

A process that is killed takes nothing back: the first process calls ``forget`` for it.
"""

import fcntl
import mmap
import os
import struct
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

ROWS = 16_384  # bodies at once; each process accepts fewer connections than an eighth of it
COUNT = struct.Struct("=q")
ROW = struct.Struct("=q8sq")  # process, address, bytes


class PromisedBytes:
    """Rows in shared memory, dense from the start. Created before the processes fork; every method needs the lock."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, COUNT.size + ROWS * ROW.size)
        self._lock_file, name = tempfile.mkstemp()
        os.unlink(name)
        weakref.finalize(self, os.close, self._lock_file)
        self._threads = threading.Lock()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other threads and processes away. The kernel frees the lock of a process that is killed."""
        with self._threads:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)

    def is_full(self) -> bool:
        return self._count() >= ROWS

    def total(self) -> int:
        return sum(size for _, _, size in self._rows())

    def of(self, address: str) -> int:
        key = _key(address)
        return sum(size for _, each, size in self._rows() if each == key)

    def add(self, address: str, size: int) -> None:
        count = self._count()
        ROW.pack_into(self._memory, _place(count), os.getpid(), _key(address), size)
        COUNT.pack_into(self._memory, 0, count + 1)

    def remove(self, address: str, size: int) -> None:
        row = (os.getpid(), _key(address), size)
        number = next((number for number, each in enumerate(self._rows()) if each == row), None)
        if number is not None:
            self._remove_row(number)

    def forget(self, pid: int) -> None:
        """Remove what a process promised that has ended."""
        for number, (owner, _, _) in reversed(list(enumerate(self._rows()))):
            if owner == pid:
                self._remove_row(number)

    def _count(self) -> int:
        return int(COUNT.unpack_from(self._memory, 0)[0])

    def _rows(self) -> Iterator[tuple[int, bytes, int]]:
        yield from ROW.iter_unpack(self._memory[COUNT.size : _place(self._count())])

    def _remove_row(self, number: int) -> None:
        """Put the last row in its place."""
        last = self._count() - 1
        ROW.pack_into(self._memory, _place(number), *ROW.unpack_from(self._memory, _place(last)))
        COUNT.pack_into(self._memory, 0, last)


def _place(number: int) -> int:
    return COUNT.size + number * ROW.size


def _key(address: str) -> bytes:
    return blake2b(address.encode(), digest_size=8).digest()
