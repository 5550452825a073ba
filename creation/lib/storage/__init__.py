"""Where bytes lie: parts on their way in, blobs kept under random keys, previews drawn from them. Knows no database.

Blobs lie in a folder, or in the bucket of an S3-compatible store when ``settings.S3`` names one; whoever uses this module does not
see which. Keys have the form ``KEY``; what is no key raises ValueError. DiskFull and StoreUnavailable carry the sentence to show.
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
    """What a place for blobs can do. Reading raises FileNotFoundError for what is not there."""

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
    """Kept for the life of the process, with its connections; its library is loaded only where it is used."""
    from creation.lib.storage.bucket import BucketStore

    return BucketStore(dict(options))


def check_writable() -> None:
    """Can the bucket be written? Raises FileNotFoundError where there is none, PermissionError or StoreUnavailable. A folder is not
    asked.
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
    """Keep a file, written in full, and return its key.

    The file stays: remove it when the key has its name. Never write to it again: it may share its bytes with the blob.
    """
    key = new_key()
    save_blob_as(path, key)
    return key


def save_blob_as(path: Path, key: str, durable: bool = True) -> None:
    """Keep a file under a key that is known already. Without ``durable`` it may still have to be brought to the disk (`os.sync`)."""
    blob_store().put(path, validated_key(key), durable)


def open_blob(key: str) -> BinaryIO:
    """The bytes, to be read and sought in as they are needed. Raises FileNotFoundError when the blob is gone."""
    return blob_store().open(validated_key(key))


def blob_as_file(key: str) -> AbstractContextManager[Path]:
    """The bytes as a file of this machine, for programs that want one; to be read only. Raises FileNotFoundError."""
    return blob_store().as_file(validated_key(key))


def blob_path(key: str) -> Path:
    """Where the blob lies in the folder, whether or not the folder is in use: for tests and tools. Others call ``blob_as_file``."""
    return FolderStore(Path(settings.FILES_ROOT)).path(validated_key(key))


def blob_exists(key: str) -> bool:
    try:
        blob_size(key)
    except FileNotFoundError:
        return False
    return True


def blob_size(key: str) -> int:
    """Raises FileNotFoundError when the blob is gone."""
    return blob_store().size(validated_key(key))


def blob_sha256(key: str) -> str:
    """The SHA-256 of what is really there, read to its end. Raises FileNotFoundError when the blob is gone."""
    found = hashlib.sha256()
    with open_blob(key) as file:
        for chunk in iter(partial(file.read, CHUNK), b""):
            found.update(chunk)
    return found.hexdigest()


def delete_blob(key: str) -> None:
    """Gone is gone: a blob that is not there is no error."""
    blob_store().delete(validated_key(key))


def old_blobs(before: float) -> Iterator[list[str]]:
    """Keys of blobs written before ``before`` (seconds of the epoch), some hundreds in a list."""
    for keys in blob_store().keys(before):
        yield [key for key in keys if KEY.fullmatch(key)]


def all_keys() -> Iterator[list[str]]:
    """Keys of all blobs, some hundreds in a list."""
    return old_blobs(float("inf"))
