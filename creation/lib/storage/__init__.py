"""File storage: partial uploads, blobs under random keys, and previews of them. Does not use the database.

Blobs are stored in a folder, or in a bucket of an S3-compatible store if ``settings.S3`` names one; callers see no difference.
Keys have the form ``KEY``; anything else raises ValueError. DiskFull and StoreUnavailable carry the sentence to show.
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

from creation.lib.storage.errors import DiskFull, PartLocked, StoreUnavailable, translate_disk_full
from creation.lib.storage.folder import FolderStore
from creation.lib.storage.incoming import (
    delete_part,
    old_incoming,
    open_part_locked,
    part_modified_at,
    part_path,
    part_size,
    require_free_space,
)
from creation.lib.storage.previews import old_previews, preview_folder, previews_root
from creation.lib.storage.results import (
    delete_result,
    delete_work_folders,
    old_results,
    open_result,
    result_path,
    result_work_folder,
    results_root,
    save_result,
)

__all__ = [
    "KEY",
    "DiskFull",
    "PartLocked",
    "StoreUnavailable",
    "all_keys",
    "blob_as_file",
    "blob_exists",
    "blob_path",
    "blob_sha256",
    "blob_size",
    "check_writable",
    "delete_blob",
    "delete_part",
    "delete_result",
    "delete_work_folders",
    "new_key",
    "old_blobs",
    "old_incoming",
    "old_previews",
    "old_results",
    "open_blob",
    "open_part_locked",
    "open_result",
    "part_modified_at",
    "part_path",
    "part_size",
    "preview_folder",
    "previews_root",
    "require_free_space",
    "result_path",
    "result_work_folder",
    "results_root",
    "save_blob",
    "save_blob_as",
    "save_result",
    "translate_disk_full",
]  # fmt: skip
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
CHUNK = 256 * 1024


class BlobStore(Protocol):
    """The interface of a store for blobs. Reading a missing blob raises FileNotFoundError."""

    def put(self, path: Path, key: str, durable: bool) -> None: ...
    def open(self, key: str) -> BinaryIO: ...
    def size(self, key: str) -> int: ...
    def as_file(self, key: str) -> AbstractContextManager[Path]: ...
    def delete(self, key: str) -> None: ...
    def keys(self, before: float) -> Iterator[list[str]]: ...


def blob_store() -> BlobStore:
    return _bucket_store(tuple(settings.S3.items())) if settings.S3 else _folder_store(settings.FILES_ROOT)


@cache
def _folder_store(root: Path) -> FolderStore:
    return FolderStore(Path(root))


@cache
def _bucket_store(options: tuple[tuple[str, Any], ...]) -> Any:
    """Return the store, which is kept for the life of the process with its connections. Its library is imported only here."""
    from creation.lib.storage.bucket import BucketStore

    return BucketStore(dict(options))


def check_writable() -> None:
    """Check that the bucket can be written. Raises FileNotFoundError if there is none, PermissionError or StoreUnavailable.

    A folder is not checked.
    """
    if settings.S3:
        _bucket_store(tuple(settings.S3.items())).check_writable()


def new_key() -> str:
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def validated_key(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"Not a key: {key!r}")
    return key


def save_blob(path: Path) -> str:
    """Store a complete file and return its key.

    The caller removes the file after recording the key. Never write to the file again: it may share its bytes with the blob.
    """
    key = new_key()
    save_blob_as(path, key)
    return key


def save_blob_as(path: Path, key: str, durable: bool = True) -> None:
    """Store a file under a given key. Without ``durable``, the caller must still flush it to the disk (`os.sync`)."""
    blob_store().put(path, validated_key(key), durable)


def open_blob(key: str) -> BinaryIO:
    """Return the blob as a seekable file, read on demand. Raises FileNotFoundError if the blob is missing."""
    return blob_store().open(validated_key(key))


def blob_as_file(key: str) -> AbstractContextManager[Path]:
    """Return the blob as a local file for programs that need one. Read only. Raises FileNotFoundError."""
    return blob_store().as_file(validated_key(key))


def blob_path(key: str) -> Path:
    """Return the blob's path in the folder, whether or not the folder is in use. For tests and tools; others call ``blob_as_file``."""
    return FolderStore(Path(settings.FILES_ROOT)).path(validated_key(key))


def blob_exists(key: str) -> bool:
    try:
        blob_size(key)
    except FileNotFoundError:
        return False
    return True


def blob_size(key: str) -> int:
    """Return the size in bytes. Raises FileNotFoundError if the blob is missing."""
    return blob_store().size(validated_key(key))


def blob_sha256(key: str) -> str:
    """Return the SHA-256 of the stored bytes, read in full. Raises FileNotFoundError if the blob is missing."""
    found = hashlib.sha256()
    with open_blob(key) as file:
        for chunk in iter(partial(file.read, CHUNK), b""):
            found.update(chunk)
    return found.hexdigest()


def delete_blob(key: str) -> None:
    """Delete the blob. A missing blob is not an error."""
    blob_store().delete(validated_key(key))


def old_blobs(before: float) -> Iterator[list[str]]:
    """Yield lists of some hundred keys of blobs written before ``before`` (seconds since the epoch)."""
    for keys in blob_store().keys(before):
        yield [key for key in keys if KEY.fullmatch(key)]


def all_keys() -> Iterator[list[str]]:
    """Yield lists of some hundred keys of all blobs."""
    return old_blobs(float("inf"))
