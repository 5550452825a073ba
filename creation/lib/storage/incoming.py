"""Partial uploads: always on this machine's disk, named by the upload's token."""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from creation.lib.storage.errors import DiskFull, PartLocked, translate_disk_full


def require_free_space(size: int) -> None:
    """Raise DiskFull if ``size`` more bytes would use the reserve, which is for the database and the logs."""
    if shutil.disk_usage(settings.INCOMING_ROOT).free < size + settings.RESERVED_DISK:
        raise DiskFull


def part_path(token: uuid.UUID) -> Path:
    return Path(settings.INCOMING_ROOT) / f"{token.hex}.part"


def part_size(token: uuid.UUID) -> int:
    with suppress(FileNotFoundError):
        return part_path(token).stat().st_size
    return 0


def part_modified_at(token: uuid.UUID) -> float | None:
    """Return the time of the last byte in seconds since the epoch, or None if there is none."""
    with suppress(FileNotFoundError):
        return part_path(token).stat().st_mtime
    return None


@contextmanager
def open_part_locked(token: uuid.UUID) -> Iterator[BinaryIO]:
    """Open the part at its end for a single writer. Raises PartLocked if another request has it open."""
    with translate_disk_full(), part_path(token).open("ab+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PartLocked from None
        file.seek(0, os.SEEK_END)
        yield file


def delete_part(token: uuid.UUID) -> None:
    part_path(token).unlink(missing_ok=True)


def old_incoming(before: float) -> list[Path]:
    """Return files in the incoming folder not modified since ``before`` (seconds since the epoch)."""
    return [path for path in Path(settings.INCOMING_ROOT).iterdir() if path.is_file() and is_older(path, before)]


def is_older(path: Path, before: float) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < before
    return False
