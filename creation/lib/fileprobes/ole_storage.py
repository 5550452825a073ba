"""The storages of a compound file ([MS-CFB]): their streams in chunks, and whether all their sectors are there."""

import io
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

SECTOR = 512
CHUNK = 1 << 20
MANY = 256 << 20  # bytes of a file that is read into memory to be padded


class Storage:
    """The root of a compound file, or a storage in it."""

    def __init__(self, file: Any, path: tuple[str, ...] = ()) -> None:
        self.file, self.path = file, path

    def exists(self, name: str) -> bool:
        return bool(self.file.exists([*self.path, name]))

    def whole(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def start(self, name: str, size: int = 4096) -> bytes:
        return next(self.chunks(name, size), b"")

    def chunks(self, name: str, size: int = CHUNK) -> Iterator[bytes]:
        return chunks(self.file, [*self.path, name], size)


def chunks(file: Any, path: list[str], size: int = CHUNK) -> Iterator[bytes]:
    """Yield a stream in chunks. olefile itself would read the whole stream into memory."""
    length = file.get_size(path)
    if length < file.minisectorcutoff:
        yield file.openstream(path).read()
        return
    first = file.direntries[file._find(path)].isectStart
    sectors = _sectors(file, first, -(-length // file.sectorsize))
    while some := list(islice(sectors, max(1, size // file.sectorsize))):
        chunk = b"".join(map(file.getsect, some))[:length]
        length -= len(chunk)
        yield chunk


def number(form: str, stream: bytes, at: int) -> int:
    return int(struct.unpack_from(form, stream, at)[0])


def padded(source: Any) -> Any:
    """Return the file, with its last sector filled up: some programs write only what they need of it."""
    size = Path(source).stat().st_size if isinstance(source, str) else len(source.getbuffer())
    if size % SECTOR == 0 or size > MANY:
        return source
    content = Path(source).read_bytes() if isinstance(source, str) else source.getvalue()
    return io.BytesIO(content.ljust(size + SECTOR - size % SECTOR, b"\0"))


def is_whole(file: Any, size: int) -> bool:
    """Return whether every stream has all its sectors within ``size`` bytes. Small streams are in the root's stream."""
    streams = [entry for entry in file.direntries if entry and entry.entry_type == 2]
    large = [entry for entry in streams if entry.size >= file.minisectorcutoff]
    return all(_has_its_sectors(file, entry.isectStart, entry.size, size) for entry in [file.root, *large])


def _has_its_sectors(file: Any, first: int, length: int, size: int) -> bool:
    needed = -(-length // file.sectorsize)
    sectors = list(_sectors(file, first, needed)) if needed <= len(file.fat) else []
    if len(sectors) != needed:
        return False
    used = length - (needed - 1) * file.sectorsize  # of the last sector
    return all(
        (sector + 1) * file.sectorsize + (used if index == needed - 1 else file.sectorsize) <= size
        for index, sector in enumerate(sectors)
    )


def _sectors(file: Any, sector: int, count: int) -> Iterator[int]:
    for _ in range(count):
        if sector >= min(len(file.fat), file.nb_sect):
            return
        yield sector
        sector = file.fat[sector]
