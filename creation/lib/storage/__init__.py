"""Where bytes lie: parts on their way in, blobs kept under random keys, previews drawn from them. Knows no database.

Blobs lie in a folder, or in the bucket of an S3-compatible store when ``settings.S3`` names one; whoever uses this module does not
see which. Keys have the form ``KEY``; what is no key raises ValueError. DiskFull and OutOfReach carry the sentence to show.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache, partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings

from creation.lib.storage.drawings import old_previews, preview_folder, previews_root
from creation.lib.storage.faults import Busy, DiskFull, OutOfReach, saying_full
from creation.lib.storage.folder import Folder
from creation.lib.storage.incoming import (
    drop_part,
    hold_part,
    old_incoming,
    part_path,
    part_size,
    part_touched,
    require_room,
)
from creation.lib.storage.results import (
    drop_making,
    drop_result,
    keep_result,
    making_folder,
    old_results,
    open_result,
    result_path,
    results_root,
)

__all__ = [
    "KEY", "Busy", "DiskFull", "OutOfReach", "all_keys", "as_file", "blob_path", "delete_blob",
    "digest", "drop_making", "drop_part", "drop_result", "exists", "hold_part", "keep", "keep_result", "look", "making_folder",
    "new_key", "old_blobs", "old_incoming", "old_previews", "old_results", "open_blob", "open_result", "part_path",
    "part_size", "part_touched", "preview_folder", "previews_root", "put", "require_room", "result_path",
    "results_root", "saying_full", "size_of",
]  # fmt: skip
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
CHUNK = 256 * 1024


class Shelf(Protocol):
    """What a place for blobs can do. Reading raises FileNotFoundError for what is not there."""

    def put(self, path: Path, key: str, durable: bool) -> None: ...
    def open(self, key: str) -> BinaryIO: ...
    def size(self, key: str) -> int: ...
    def as_file(self, key: str) -> AbstractContextManager[Path]: ...
    def delete(self, key: str) -> None: ...
    def keys(self, before: float) -> Iterator[list[str]]: ...


def shelf() -> Shelf:
    return _bucket(tuple(settings.S3.items())) if settings.S3 else _folder(settings.FILES_ROOT)


@cache
def _folder(root: Path) -> Folder:
    return Folder(Path(root))


@cache
def _bucket(options: tuple[tuple[str, Any], ...]) -> Any:
    """Kept for the life of the process, with its connections; its library is loaded only where it is used."""
    from creation.lib.storage.bucket import Bucket

    return Bucket(dict(options))


def look() -> None:
    """Can the bucket be written? Raises FileNotFoundError where there is none, PermissionError or OutOfReach. A folder is not asked."""
    if settings.S3:
        _bucket(tuple(settings.S3.items())).look()


def new_key() -> str:
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"Not a key: {key!r}")
    return key


def keep(path: Path) -> str:
    """Keep a file, written in full, and return its key.

    The file stays: remove it when the key has its name. Never write to it again: it may share its bytes with the blob.
    """
    key = new_key()
    put(path, key)
    return key


def put(path: Path, key: str, durable: bool = True) -> None:
    """Keep a file under a key that is known already. Without ``durable`` it may still have to be brought to the disk (`os.sync`)."""
    shelf().put(path, checked(key), durable)


def open_blob(key: str) -> BinaryIO:
    """The bytes, to be read and sought in as they are needed. Raises FileNotFoundError when the blob is gone."""
    return shelf().open(checked(key))


def as_file(key: str) -> AbstractContextManager[Path]:
    """The bytes as a file of this machine, for programs that want one; to be read only. Raises FileNotFoundError."""
    return shelf().as_file(checked(key))


def blob_path(key: str) -> Path:
    """Where the blob lies in the folder, whether or not the folder is in use: for tests and tools. Others call ``as_file``."""
    return Folder(Path(settings.FILES_ROOT)).path(checked(key))


def exists(key: str) -> bool:
    try:
        size_of(key)
    except FileNotFoundError:
        return False
    return True


def size_of(key: str) -> int:
    """Raises FileNotFoundError when the blob is gone."""
    return shelf().size(checked(key))


def digest(key: str) -> str:
    """The SHA-256 of what is really there, read to its end. Raises FileNotFoundError when the blob is gone."""
    found = hashlib.sha256()
    with open_blob(key) as file:
        for chunk in iter(partial(file.read, CHUNK), b""):
            found.update(chunk)
    return found.hexdigest()


def delete_blob(key: str) -> None:
    """Gone is gone: a blob that is not there is no error."""
    shelf().delete(checked(key))


def old_blobs(before: float) -> Iterator[list[str]]:
    """Keys of blobs written before ``before`` (seconds of the epoch), some hundreds in a list."""
    for keys in shelf().keys(before):
        yield [key for key in keys if KEY.fullmatch(key)]


def all_keys() -> Iterator[list[str]]:
    """Keys of all blobs, some hundreds in a list."""
    return old_blobs(float("inf"))
