"""Blob storage in a folder of this machine, or of a disk that all machines share."""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from creation.lib import disks
from creation.lib.storage.errors import translate_disk_full
from creation.lib.storage.incoming import is_older

KEY_PREFIXES = [f"{number:02x}" for number in range(256)]
NO_LINK_ERRNOS = {errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


class FolderStore:
    """Stores blobs as files. A file is complete and on the disk before it gets its name; the folder is synced afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        return self.root / key

    def put(self, path: Path, key: str, durable: bool) -> None:
        target = self.path(key)
        with translate_disk_full():
            create_folder(target.parent)
            os.chmod(path, file_mode())
            os.utime(path)  # an upload may be days old, and the sweeper deletes old blobs that no row names yet
            if durable:
                disks.fsync_path(path)
            self._link_durably(path, target, durable)

    def _link_durably(self, path: Path, target: Path, durable: bool) -> None:
        """Create a second name for the same bytes. After a crash they are still there under the first name."""
        try:
            link_or_copy(path, target, durable)
            if durable:
                disks.fsync_path(target.parent)
                disks.fsync_path(self.root)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def open(self, key: str) -> BinaryIO:
        # Packages open ten thousand files, and creating a Path takes longer than opening one.
        return open(f"{self.root}/{key}", "rb")

    def size(self, key: str) -> int:
        return self.path(key).stat().st_size

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        self.size(key)
        yield self.path(key)

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def keys(self, before: float) -> Iterator[list[str]]:
        for prefix in KEY_PREFIXES:
            with suppress(FileNotFoundError):
                yield [f"{prefix}/{path.name}" for path in self.path(prefix).iterdir() if is_older(path, before)]


def create_folder(folder: Path) -> None:
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        folder.chmod(folder_mode())  # independent of the umask


def link_or_copy(path: Path, target: Path, durable: bool) -> None:
    """Link the file. If the disk has no hard links, or the file is on another disk, make a temporary copy and rename it."""
    try:
        os.link(path, target)
    except OSError as error:
        if error.errno not in NO_LINK_ERRNOS:
            raise
        temporary = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.copy"
        try:
            shutil.copyfile(path, temporary)
            os.chmod(temporary, file_mode())
            if durable:
                disks.fsync_path(temporary)
            os.rename(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


def file_mode() -> int:
    """Return the mode of blobs: readable by the owner only, unless a web server in the same group sends the files."""
    return 0o640 if settings.ACCEL_REDIRECT else 0o600


def folder_mode() -> int:
    return 0o750 if settings.ACCEL_REDIRECT else 0o700
