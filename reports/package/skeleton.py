"""A ZIP archive without the bytes of its files: its headers and directory, and where the bytes of which file are inserted.

``zipfile`` writes headers and directory into an ``ArchiveSkeleton``, which stores them and records where each file belongs. So the total
length is known before the first byte is sent, any range can be sent, and no second copy is stored on disk.
"""

import io
import json
import tempfile
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

CHUNK = 256 * 1024
IN_MEMORY = (
    8 * 2**20
)  # bytes of a skeleton; what is longer is kept in a file, as generated papers of a year may be a gigabyte
Opener = Callable[[str], BinaryIO]
ZipDateTime = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class ArchiveSegment:
    """``length`` bytes of the archive: those of a stored file (``key``), or the next ones of the skeleton itself (``key`` "")."""

    length: int
    key: str = ""


@dataclass(slots=True)
class _Run:
    """Bytes of the skeleton that follow each other: where they are in the archive and among the skeleton's own bytes."""

    start: int
    own: int
    length: int


class ArchiveSkeleton(io.RawIOBase):
    """The file object into which ``zipfile`` writes. ``folder``: where a long one is kept until it is closed."""

    def __init__(self, folder: Path | None = None) -> None:
        self.segments: list[ArchiveSegment] = []
        self._runs: list[_Run] = []
        self._own = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder) if folder else None)  # noqa: SIM115 - closed with this file
        self._own_length = self._at = self._end = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        return self._at

    def write(self, data: Any, /) -> int:
        size = len(data)
        if self._at < self._end:
            self._patch(bytes(data))
        else:
            if self.segments and not self.segments[-1].key:
                self._runs[-1].length += size
                self._append(ArchiveSegment(self.segments.pop().length, ""), size)
            else:
                self._runs.append(_Run(self._at, self._own_length, size))
                self._append(ArchiveSegment(0), size)
            self._own.seek(self._own_length)
            self._own.write(data)
            self._own_length += size
        self._at += size
        return size

    def insert(self, key: str, length: int) -> None:
        """Append the bytes of the stored file ``key``."""
        self._append(ArchiveSegment(0, key), length)
        self._at += length

    def _append(self, segment: ArchiveSegment, more: int) -> None:
        self.segments.append(ArchiveSegment(segment.length + more, segment.key))
        self._end += more

    def _patch(self, data: bytes) -> None:
        """Overwrite a header, which ``zipfile`` does after reading the file: it is in the last run of bytes or the one before."""
        run = next(each for each in reversed(self._runs) if each.start <= self._at)
        begin = self._at - run.start
        if begin + len(data) > run.length:
            raise ValueError("Only headers are written again.")
        self._own.seek(run.own + begin)
        self._own.write(data)

    @property
    def size(self) -> int:
        return self._end

    @property
    def length(self) -> int:
        """The number of bytes that ``parts`` yields."""
        return len(self._head()) + self._own_length

    def parts(self) -> Iterator[bytes]:
        """Yield the serialized skeleton: one line of JSON with the segments, then the skeleton's bytes."""
        yield self._head()
        self._own.seek(0)
        while chunk := self._own.read(CHUNK):
            yield chunk

    def _head(self) -> bytes:
        return json.dumps([[segment.length, segment.key] for segment in self.segments]).encode() + b"\n"

    def close(self) -> None:
        self._own.close()
        super().close()


class SkeletonWriter:
    """Fills an archive with stored files and with generated content. ``folder``: as for ``ArchiveSkeleton``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.skeleton = ArchiveSkeleton(folder)
        self._archive = zipfile.ZipFile(self.skeleton, "w", zipfile.ZIP_STORED, strict_timestamps=False)

    def add_content(self, name: str, content: bytes, when: ZipDateTime) -> None:
        """Add generated content, compressed."""
        info = _info(name, when)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(info, content)

    def add_stored(self, name: str, key: str, size: int, crc: int, when: ZipDateTime) -> None:
        """Add a stored file uncompressed, since evidence is compressed already. Its CRC-32 is needed, its bytes are not.

        ``ZipFile`` records a file that it has written in these three attributes; so does this method.
        """
        info = _info(name, when)
        info.file_size = info.compress_size = size
        info.CRC, info.header_offset = crc, self.skeleton.tell()
        self.skeleton.write(info.FileHeader())
        self.skeleton.insert(key, size)
        self._archive.filelist.append(info)
        self._archive.NameToInfo[info.filename] = info
        self._archive.start_dir = self.skeleton.tell()

    def close(self) -> ArchiveSkeleton:
        self._archive.close()
        return self.skeleton


def _info(name: str, when: ZipDateTime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, when)
    info.external_attr = 0o644 << 16
    return info


class AssembledArchive(io.RawIOBase):
    """The archive as one seekable file; stored files are opened when they are reached. Raises OSError when one is missing."""

    def __init__(self, own: BinaryIO, opener: Opener) -> None:
        """``own`` is positioned at the start of the serialized skeleton; it is closed with this file."""
        self._own = own
        self._segments = [ArchiveSegment(*each) for each in json.loads(self._own.readline())]
        self._ends = list(accumulate(segment.length for segment in self._segments))
        base, starts = self._own.tell(), []
        for segment in self._segments:
            starts.append(base)
            base += 0 if segment.key else segment.length
        self._starts = starts
        self._opener = opener
        self._open: tuple[int, BinaryIO] = (-1, self._own)
        self._at = 0

    @property
    def size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence])
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = self.size - self._at if size is None or size < 0 else min(size, self.size - self._at)
        parts = []
        while left > 0:
            parts.append(self._some(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def _some(self, most: int) -> bytes:
        """Return bytes of the current segment, at most to its end."""
        index = bisect_right(self._ends, self._at)
        segment = self._segments[index]
        within = self._at - (self._ends[index] - segment.length)
        wanted = min(most, segment.length - within)
        data = self._read(index, segment, within, wanted)
        if len(data) != wanted:
            raise OSError(f"A stored file is shorter than it was: {segment.key}")
        self._at += wanted
        return data

    def _read(self, index: int, segment: ArchiveSegment, within: int, wanted: int) -> bytes:
        if not segment.key:
            self._own.seek(self._starts[index] + within)
            return self._own.read(wanted)
        if self._open[0] != index:
            self._leave()
            self._open = index, self._opener(segment.key)
        file = self._open[1]
        if file.tell() != within:
            file.seek(within)
        return file.read(wanted)

    def _leave(self) -> None:
        if self._open[1] is not self._own:
            self._open[1].close()
        self._open = -1, self._own

    def close(self) -> None:
        self._leave()
        self._own.close()
        super().close()
