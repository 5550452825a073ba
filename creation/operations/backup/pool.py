"""The files of all backups in one folder, each once, under its digest: a second backup copies only what is new."""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from creation.lib import disks

CHUNK = 1 << 20
LIST = "files.tsv"
UNKNOWN = -1


class Listed(NamedTuple):
    """A file of the backup; ``place`` is ``files/<key>`` for a blob, else its path in the data folder."""

    sha256: str
    size: int
    place: str

    def line(self) -> str:
        return f"{self.sha256}\t{self.size}\t{self.place}\n"


class Altered(Exception):
    """The bytes are not those of the digest."""


class Pool:
    def __init__(self, root: Path) -> None:
        self.folder = root / "files"
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def has(self, each: Listed) -> bool:
        """Nothing lies here under its digest that had not been read to its end with that digest."""
        path = self.path(each.sha256)
        return path.is_file() and each.size in (UNKNOWN, path.stat().st_size)

    def take(self, each: Listed, source: BinaryIO) -> None:
        """Raises Altered, and then nothing is kept."""
        target, aside = self.path(each.sha256), self.folder / ".part"
        try:
            copy_checked(source, aside, each.sha256)
            target.parent.mkdir(mode=0o700, exist_ok=True)
            aside.rename(target)
            disks.sync(target.parent)
        finally:
            aside.unlink(missing_ok=True)

    def sized(self, each: Listed) -> Listed:
        """With the size of what lies here."""
        return each._replace(size=self.path(each.sha256).stat().st_size)

    def all(self) -> Iterator[Path]:
        for fan in self.folder.iterdir():
            if fan.is_dir():
                yield from fan.iterdir()


def copy_checked(source: BinaryIO, target: Path, sha256: str) -> None:
    """Onto the disk, fsynced. Raises Altered when the bytes are others."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        target.chmod(0o600)
        for chunk in iter(partial(source.read, CHUNK), b""):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != sha256:
        raise Altered(sha256)


def listed(path: Path) -> Iterator[Listed]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            sha256, size, place = line.rstrip("\n").split("\t")
            yield Listed(sha256, int(size), place)
