"""Check an archive package by its own catalogue, without a database: every file, its length and its SHA-256, and what is in neither list.

What differs is said piece by piece, with what probably happened: changed, removed, added, renamed. Files are read in pieces, so that
a package of any size needs the same memory; what is larger than its catalogue says is not unpacked at all.
"""

import hashlib
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from creation.lib.refusals import Refusal
from creation.operations.archive_catalogue import LARGEST, SUMS, TABLE, XML, ArchiveCatalogue, read_catalogue

CHUNK = 1 << 20
STEP = 200  # files between two lines of progress
ZIP_BEGIN = b"PK\x03\x04"
BROKEN = "没有下载完整或已经损坏：请重新下载再核对；归档包不再保留的，用另存的副本核对。"
NO_ZIP = "不是 ZIP 文件，请核对是不是选错了文件。"
SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError)


@dataclass(slots=True)
class ArchiveReport:
    """``differences``: one sentence each; ``lacking``: what the package itself says it lacks. ``digest``: SHA-256 of the catalogue."""

    catalogue: ArchiveCatalogue
    digest: str
    count: int = 0
    size: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def lacking(self) -> list[str]:
        return [f"{row.title}：{row.why}" for row in self.catalogue.lacking]


_Listed = tuple[int, str, str]  # size, SHA-256, title as the catalogue has them


@dataclass(frozen=True, slots=True)
class _Content:
    """What a name is found to hold. ``fault``: why it cannot be read; ``sha256`` is "" then."""

    size: int
    sha256: str = ""
    fault: str = ""


def check_archive(path: Path, say: Callable[[str], None] = lambda text: None) -> ArchiveReport:
    """Check the package. Raises Refusal when it is no readable package or its catalogue cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Checker(archive, say).check()
    except FileNotFoundError:
        raise Refusal(f"没有这个文件：{path}。") from None
    except OSError:
        raise Refusal(f"{path} 读不出，请核对路径、读取权限和存储介质。") from None
    except UNREADABLE:
        with path.open("rb") as file:
            begins_well = file.read(len(ZIP_BEGIN)) == ZIP_BEGIN
        raise Refusal(f"{path} {BROKEN if begins_well else NO_ZIP}") from None


class _Checker:
    def __init__(self, archive: zipfile.ZipFile, say: Callable[[str], None]) -> None:
        self._archive, self._say = archive, say
        self._infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        self._read: dict[str, _Content] = {}

    def check(self) -> ArchiveReport:
        report = self._catalogue()
        listed: dict[str, _Listed] = {
            entry.path: (entry.size, entry.sha256, entry.title) for entry in report.catalogue.entries
        }
        listed[TABLE] = (report.catalogue.table_size, report.catalogue.table_sha256, "目录")
        found = report.differences
        found += [f"目录重复列出：{path}" for path in _repeated(entry.path for entry in report.catalogue.entries)]
        found += [f"档号重复：{code}" for code in _repeated(entry.reference for entry in report.catalogue.entries)]
        found += [f"包内有两个同名文件：{name}" for name in _repeated(i.filename for i in self._archive.infolist())]
        for number, (path, (size, sha256, _)) in enumerate(listed.items(), 1):
            if path in self._infos:
                found += self._differences(path, size, sha256)
            if number % STEP == 0:
                self._say(f"已核对 {number} / {len(listed)} 个文件 …")
        found += self._moved({path: each for path, each in listed.items() if path not in self._infos}, set(listed))
        found += self._against_sums(listed, report.digest)
        report.count, report.size = len(listed), sum(info.file_size for info in self._infos.values())
        return report

    def _catalogue(self) -> ArchiveReport:
        info = self._infos.get(XML)
        if info is None:
            raise Refusal(f"不是归档包：里面没有 {XML}。")
        if info.file_size > LARGEST:
            raise Refusal(f"{XML} 大得反常（{info.file_size} 字节），没有核对。")
        try:
            with self._archive.open(info) as file:
                catalogue = read_catalogue(cast(BinaryIO, file))
        except UNREADABLE:
            raise Refusal(f"{XML} 已损坏，无法核对。请重新下载，或用另存的副本核对。") from None
        return ArchiveReport(catalogue, self._content(XML, info.file_size).sha256)

    def _differences(self, path: str, size: int, sha256: str) -> Iterator[str]:
        actual = self._content(path, size)
        if actual.fault:
            yield f"内容被改动或已损坏：{path}（{actual.fault}）"
        elif actual.size != size:
            yield f"长度不符：{path}（目录 {size} 字节，实际 {actual.size} 字节）"
        elif actual.sha256 != sha256:
            yield f"内容被改动：{path}（摘要应为 {sha256}，实为 {actual.sha256}）"

    def _content(self, path: str, largest: int) -> _Content:
        """Read a file once. One longer than ``largest`` is not read: its length alone shows that it is another."""
        if path not in self._read:
            info = self._infos[path]
            self._read[path] = _Content(info.file_size) if info.file_size > largest else self._hash(info)
        return self._read[path]

    def _hash(self, info: zipfile.ZipInfo) -> _Content:
        digest, size = hashlib.sha256(), 0
        try:
            with self._archive.open(info) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except UNREADABLE as fault:
            return _Content(info.file_size, fault="校验码 CRC-32 不符" if "CRC" in str(fault) else "解不开")
        return _Content(size, digest.hexdigest())

    def _moved(self, missing: dict[str, _Listed], listed: set[str]) -> Iterator[str]:
        """Name what is missing and what is too much; one that appears under another name is called renamed."""
        extra = [name for name in self._infos if name not in listed and name not in (XML, SUMS)]
        sizes = {size for size, _, _ in missing.values()}
        by_digest: dict[str, list[str]] = defaultdict(list)
        for name in extra:
            if self._infos[name].file_size in sizes:
                by_digest[self._content(name, self._infos[name].file_size).sha256].append(name)
        renamed = set()
        for path, (_, sha256, title) in missing.items():
            if by_digest.get(sha256):
                renamed.add(by_digest[sha256][0])
                yield f"被改名：{path} → {by_digest[sha256].pop(0)}"
            else:
                yield f"缺少：{path}（{title}）"
        yield from (f"多出、目录里没有：{name}" for name in extra if name not in renamed)

    def _against_sums(self, listed: dict[str, _Listed], digest: str) -> Iterator[str]:
        """Compare the list of digests with the catalogue, which it covers too."""
        info = self._infos.get(SUMS)
        if info is None:
            yield f"缺少：{SUMS}"
            return
        if info.file_size > LARGEST:
            yield f"{SUMS} 大得反常（{info.file_size} 字节）"
            return
        try:
            lines = self._archive.read(info).decode().splitlines()
        except UNREADABLE:
            yield f"内容被改动或已损坏：{SUMS}"
            return
        sums: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if parts := SUM_LINE.fullmatch(line):
                sums[parts[2]] = parts[1]
            else:
                yield f"{SUMS} 第 {number} 行不是“摘要  文件名”"
        expected = {path: sha256 for path, (_, sha256, _) in listed.items()} | {XML: digest}
        for path, sha256 in expected.items():
            if path not in sums:
                yield f"{SUMS} 没有列出：{path}"
            elif sums[path] != sha256:
                yield f"目录被改动：{XML}" if path == XML else f"{SUMS} 与目录不一致：{path}"
        yield from (f"{SUMS} 列出了目录没有的文件：{path}" for path in sums if path not in expected)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
