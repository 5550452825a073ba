"""Files in a folder: parts on their way in, blobs kept under random keys, previews drawn from them. Knows no database.

A blob is there whole or not at all: it is written and fsynced aside, then renamed, and the folder is fsynced too.
"""

import errno
import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
RESERVE = 200 * 2**20  # bytes left free for the database and the logs
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
FANS = [f"{number:02x}" for number in range(256)]


class DiskFull(Exception):
    """There is no room; the argument is the sentence to show."""


class Busy(Exception):
    """Another request is writing to this part at the moment."""


@contextmanager
def saying_full() -> Iterator[None]:
    """Turns the system's word for a full disk into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(full_sentence()) from error
        raise


def full_sentence() -> str:
    return "服务器磁盘空间不足，文件没有保存。请稍后再试，并通知系统管理员清理磁盘。"


def require_room(size: int) -> None:
    """Raises DiskFull unless ``size`` more bytes leave the reserve untouched."""
    if shutil.disk_usage(settings.FILES_ROOT).free < size + RESERVE:
        raise DiskFull(full_sentence())


# Parts


def part_path(token: uuid.UUID) -> Path:
    return Path(settings.INCOMING_ROOT) / f"{token.hex}.part"


def part_size(token: uuid.UUID) -> int:
    path = part_path(token)
    return path.stat().st_size if path.exists() else 0


@contextmanager
def hold_part(token: uuid.UUID) -> Iterator[BinaryIO]:
    """The part, opened at its end, for one writer alone. Raises Busy when somebody else holds it."""
    with saying_full(), part_path(token).open("ab+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        file.seek(0, os.SEEK_END)
        yield file


def drop_part(token: uuid.UUID) -> None:
    part_path(token).unlink(missing_ok=True)


# Blobs


def keep(path: Path) -> str:
    """Move a file, written in full, to its lasting place and return its key."""
    name = uuid.uuid4().hex
    key = f"{name[:2]}/{name}"
    target = blob_path(key)
    with saying_full():
        with path.open("rb") as file:
            os.fsync(file.fileno())
        target.parent.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o600)
        path.rename(target)
        sync_folder(target.parent)
        sync_folder(target.parent.parent)
    return key


def blob_path(key: str) -> Path:
    """Raises ValueError for what is no key of ours."""
    if not KEY.fullmatch(key):
        raise ValueError(f"Not a key: {key!r}")
    return Path(settings.FILES_ROOT) / key


def open_blob(key: str) -> BinaryIO:
    """Raises FileNotFoundError when the file is gone."""
    return blob_path(key).open("rb")


def delete_blob(key: str) -> None:
    blob_path(key).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Previews


def preview_folder(digest: str) -> Path:
    """Where the pages drawn from the file with this SHA-256 lie. Raises ValueError for what is no digest."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"Not a digest: {digest!r}")
    return previews_root() / digest[:2] / digest


def previews_root() -> Path:
    return Path(settings.DATA_DIR) / "previews"


# Results of long work


def results_root() -> Path:
    return Path(settings.DATA_DIR) / "results"


def making_folder(name: str) -> Path:
    """Where a result is being made: on the same file system as where it will lie."""
    folder = results_root() / "making" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def drop_making(prefix: str, but: str = "") -> None:
    """Remove the folders of this beginning, except the one of this name."""
    for folder in (results_root() / "making").glob(f"{prefix}*"):
        if folder.name != but:
            shutil.rmtree(folder, ignore_errors=True)


def keep_result(path: Path) -> str:
    """Move a file, written in full, to its place among the results and return its key."""
    key = uuid.uuid4().hex
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o600)
    path.rename(result_path(key))
    sync_folder(results_root())
    return key


def result_path(key: str) -> Path:
    """Raises ValueError for what is no key of ours."""
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError(f"Not a key: {key!r}")
    return results_root() / key


def open_result(key: str) -> BinaryIO:
    """Raises FileNotFoundError when the file is gone."""
    return result_path(key).open("rb")


def drop_result(key: str) -> None:
    result_path(key).unlink(missing_ok=True)


# What lies about


def old_incoming(before: float) -> list[Path]:
    """Files in the incoming folder untouched since ``before`` (seconds of the epoch)."""
    return [path for path in Path(settings.INCOMING_ROOT).iterdir() if path.is_file() and _is_older(path, before)]


def old_blobs(before: float) -> Iterator[list[str]]:
    """Keys of blobs written before ``before``, in lists of a folder each."""
    for fan in FANS:
        folder = Path(settings.FILES_ROOT) / fan
        if folder.is_dir():
            keys = (f"{fan}/{path.name}" for path in folder.iterdir() if _is_older(path, before))
            yield [key for key in keys if KEY.fullmatch(key)]


def old_previews(before: float) -> Iterator[list[Path]]:
    """Folders of previews, finished or given up, written before ``before``; in lists of a folder each."""
    root = previews_root()
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        yield [path for path in folder.iterdir() if _is_older(path, before)]


def old_results(before: float) -> tuple[list[Path], list[Path]]:
    """Results written before ``before``, and folders where one was being made then."""
    root = results_root()
    files = [path for path in root.iterdir() if path.is_file()] if root.is_dir() else []
    folders = list((root / "making").iterdir()) if (root / "making").is_dir() else []
    return [path for path in files if _is_older(path, before)], [path for path in folders if _is_older(path, before)]


def _is_older(path: Path, before: float) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < before
    return False
