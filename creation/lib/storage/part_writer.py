"""Writes bytes to a part: hashed while they arrive, and on the disk before their count is returned."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, Protocol, Self
from uuid import UUID

CHUNK = 256 * 1024
SYNC_BYTES = 8 * 2**20  # bytes after which a sync is started
MAX_HASHERS = 1000


class Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class HasherCache:
    """The running SHA-256 of parts that grow in this process. A missing one is computed again from the part."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[int, Hasher]] = {}
        self._lock = threading.Lock()

    def take(self, token: UUID, offset: int, part: BinaryIO) -> Hasher:
        with self._lock:
            known, digest = self._known.pop(token, (0, None))
        return digest if digest is not None and known == offset else _hash_part(part)

    def put(self, token: UUID, offset: int, digest: Hasher) -> None:
        with self._lock:
            self._known[token] = (offset, digest)
            while len(self._known) > MAX_HASHERS:
                del self._known[next(iter(self._known))]

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


def _hash_part(part: BinaryIO) -> Hasher:
    part.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(partial(part.read, CHUNK), b""):
        digest.update(chunk)
    return digest


def append_to_part(part: BinaryIO, digest: Hasher, read: Callable[[int], bytes], length: int) -> int:
    """Write at most ``length`` bytes and return their count. They are on the disk afterwards, even if the sender breaks off."""
    written = 0
    with _BackgroundSync(part) as disk:
        for chunk in _read_chunks(read, length):
            part.write(chunk)
            digest.update(chunk)
            written += len(chunk)
            disk.advance(written)
    return written


def _read_chunks(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length > 0:
        chunk = read(min(CHUNK, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk


class _BackgroundSync:
    """Syncs in the background while the rest is still being written, so that little is left to do at the end.

    The system reports a write error only once, to the next sync. So the error of an earlier sync is raised before a later sync
    counts.
    """

    def __init__(self, part: BinaryIO) -> None:
        self._part = part
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._pending_sync: Future[None] | None = None
        self._synced_to = 0

    def __enter__(self) -> Self:
        return self

    def advance(self, written: int) -> None:
        if written - self._synced_to < SYNC_BYTES or (self._pending_sync and not self._pending_sync.done()):
            return
        self._raise_sync_error()
        self._part.flush()
        self._pending_sync, self._synced_to = self._thread.submit(os.fsync, self._part.fileno()), written

    def _raise_sync_error(self) -> None:
        if self._pending_sync:
            self._pending_sync.result()

    def __exit__(self, *failure: object) -> None:
        with self._thread:
            self._part.flush()
            self._raise_sync_error()
            os.fsync(self._part.fileno())
