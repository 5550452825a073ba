"""The files of all backups in one folder, stored once each under their digest, so that a later backup copies only new files."""

import hashlib
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from creation.lib import disks
from creation.lib.refusals import Refusal

CHUNK = 1 << 20
LIST_NAME = "files.tsv"
UNKNOWN_SIZE = -1
LINE = re.compile(
    r"(?P<sha256>[0-9a-f]{64})\t(?P<size>-1|[0-9]{1,18})\t"
    r"(?P<location>files/[0-9a-f]{2}/[0-9a-f]{32}|audit/audit-[0-9]+-[0-9]+\.jsonl\.gz)\n",
    re.ASCII,
)


class PoolEntry(NamedTuple):
    """A file of the backup. ``location`` is ``files/<key>`` for a blob, else its path in the data folder."""

    sha256: str
    size: int
    location: str

    def line(self) -> str:
        return f"{self.sha256}\t{self.size}\t{self.location}\n"


class DigestMismatch(Exception):
    """The content of a file does not match its digest."""


class FilePool:
    def __init__(self, root: Path) -> None:
        self.folder = root / "files"
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def has(self, each: PoolEntry) -> bool:
        """Return whether the pool has the file. A file is added only after its digest was verified, so it is not read again."""
        path = self.path(each.sha256)
        return path.is_file() and each.size in (UNKNOWN_SIZE, path.stat().st_size)

    def take(self, each: PoolEntry, source: BinaryIO) -> None:
        """Add a file to the pool. Raises DigestMismatch, and then stores nothing."""
        target, temporary = self.path(each.sha256), self.folder / ".part"
        try:
            copy_checked(source, temporary, each.sha256)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            temporary.rename(target)
            disks.fsync_path(target.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def sized(self, each: PoolEntry) -> PoolEntry:
        """Return the entry with the size of the file in the pool."""
        return each._replace(size=self.path(each.sha256).stat().st_size)

    def all(self) -> Iterator[Path]:
        for fan in self.folder.iterdir():
            if fan.is_dir():
                yield from fan.iterdir()


def copy_checked(source: BinaryIO, target: Path, sha256: str) -> None:
    """Copy and fsync a file. Raises DigestMismatch."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        target.chmod(0o600)
        for chunk in iter(partial(source.read, CHUNK), b""):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != sha256:
        raise DigestMismatch(sha256)


def read_list(path: Path) -> Iterator[PoolEntry]:
    """Yield the listed files. Raises Refusal for a line that is none of ours, such as one that leads out of the folder."""
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if not (found := LINE.fullmatch(line)):
                    raise Refusal(f"{path} 的第 {number} 行不能读：清单已损坏，请换一份备份。")
                yield PoolEntry(found["sha256"], int(found["size"]), found["location"])
    except UnicodeDecodeError:
        raise Refusal(f"{path} 不能读：清单已损坏，请换一份备份。") from None
