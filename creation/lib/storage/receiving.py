"""Bytes come into a part: hashed as they come, on the disk before the count of them is given."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, Protocol, Self
from uuid import UUID

CHUNK = 256 * 1024
AHEAD = 8 * 2**20  # bytes after which the disk is set to work
MOST_DIGESTS = 1000


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Digests:
    """The running SHA-256 of parts that grow in this process; lost ones are made again from the part."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[int, Digest]] = {}
        self._lock = threading.Lock()

    def take(self, token: UUID, offset: int, part: BinaryIO) -> Digest:
        with self._lock:
            known, digest = self._known.pop(token, (0, None))
        return digest if digest is not None and known == offset else _digest_of(part)

    def put(self, token: UUID, offset: int, digest: Digest) -> None:
        with self._lock:
            self._known[token] = (offset, digest)
            while len(self._known) > MOST_DIGESTS:
                del self._known[next(iter(self._known))]

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


def _digest_of(part: BinaryIO) -> Digest:
    part.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(partial(part.read, CHUNK), b""):
        digest.update(chunk)
    return digest


def append(part: BinaryIO, digest: Digest, read: Callable[[int], bytes], length: int) -> int:
    """Count of the bytes written, at most ``length``. They are on the disk when this returns, and also when the sender breaks off."""
    written = 0
    with _ToTheDisk(part) as disk:
        for chunk in _chunks(read, length):
            part.write(chunk)
            digest.update(chunk)
            written += len(chunk)
            disk.go_on(written)
    return written


def _chunks(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length > 0:
        chunk = read(min(CHUNK, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk


class _ToTheDisk:
    """The disk works while the rest is still being written; at the end little is left to wait for.

    A disk tells a failure only once, to whoever syncs next: what an earlier sync was told is raised before a later one counts.
    """

    def __init__(self, part: BinaryIO) -> None:
        self._part = part
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._under_way: Future[None] | None = None
        self._sent = 0

    def __enter__(self) -> Self:
        return self

    def go_on(self, written: int) -> None:
        if written - self._sent < AHEAD or (self._under_way and not self._under_way.done()):
            return
        self._hear()
        self._part.flush()
        self._under_way, self._sent = self._thread.submit(os.fsync, self._part.fileno()), written

    def _hear(self) -> None:
        if self._under_way:
            self._under_way.result()

    def __exit__(self, *failure: object) -> None:
        with self._thread:
            self._part.flush()
            self._hear()
            os.fsync(self._part.fileno())
