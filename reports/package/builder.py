"""Build a package: check the digest of each file, and write the skeletons of the volumes with catalogue and manifests.

One file contains the result: a line of JSON (``PackageResult``), then the skeletons. The archives are assembled from it while they are
sent.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from django.utils import timezone

from creation.lib import storage
from reports.package import catalogue
from reports.package.contents import PackageContents, PackageItem, WithheldItem
from reports.package.skeleton import CHUNK, ArchiveSkeleton, AssembledArchive, SkeletonWriter, ZipDateTime
from reports.package.statement_files import StatementFiles

BOM = "\ufeff"  # tells Windows Notepad the encoding
Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Volume:
    """``start``: offset of its skeleton, counted from the end of the first line."""

    name: str
    start: int
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class PackageResult:
    """The content of the file. ``lacking``: files that are missing or altered, and evidence that was withheld."""

    volumes: list[Volume]
    files: int
    on_site: int
    unanswered: int
    lacking: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not self.lacking

    @property
    def size(self) -> int:
        return sum(volume.size for volume in self.volumes)


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """How to split a package: a new volume for each section, and before a volume exceeds ``limit`` bytes (0: no limit)."""

    name: str
    cover: catalogue.CatalogueCover
    limit: int = 0
    by_section: bool = False


def read_result(file: BinaryIO) -> PackageResult:
    """Read the first line and leave the file at its end."""
    found = json.loads(file.readline())
    return PackageResult(**found | {"volumes": [Volume(**each) for each in found["volumes"]]})


def open_volume(file: BinaryIO, number: int) -> AssembledArchive:
    """Return volume ``number``, counted from 0, as a seekable file. Raises IndexError."""
    result = read_result(file)
    file.seek(file.tell() + result.volumes[number].start)
    return AssembledArchive(file, storage.open_blob)


def build_package(contents: PackageContents, options: PackageOptions, path: Path, step: Step) -> PackageResult:
    """Write the package to ``path``. ``step`` is called for each file with done, total and a message."""
    items_by_volume = list(split_volumes(contents.items, options))
    lacking, packers, statements = list(contents.withheld), [], StatementFiles(options.cover.as_of)
    done, total = 0, len(contents.items)
    for volume_items in items_by_volume:
        packers.append(_VolumeWriter(options.cover.as_of, statements, path.parent))
        for item in volume_items:
            if why := packers[-1].add(item):
                lacking.append(WithheldItem(item.number, item.unit, item.title, why))
            done += 1
            step(done, total, f"正在核对 {item.number} {item.title}"[:200])
    _add_catalogue(packers[0], contents, lacking, options, path.parent)
    skeletons = [_close(volume, number, len(packers)) for number, volume in enumerate(packers, 1)]
    volumes, at = [], 0
    for number, skeleton in enumerate(skeletons, 1):
        name = options.name + _volume_suffix(number, len(skeletons)) + ("-不完整" if lacking else "") + ".zip"
        volumes.append(Volume(name, at, skeleton.size, packers[number - 1].count))
        at += skeleton.length
    words = [f"{row.number} {row.unit} {row.title}：{row.why}" for row in lacking]
    result = PackageResult(volumes, total, len(contents.on_site), len(contents.unanswered), words)
    with path.open("wb") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n")
        for skeleton in skeletons:
            file.writelines(skeleton.parts())
    return result


def split_volumes(items: Iterable[PackageItem], options: PackageOptions) -> Iterator[list[PackageItem]]:
    """Yield the items of each volume, at least one volume. An item larger than the limit gets a volume of its own."""
    volume_items: list[PackageItem] = []
    room = options.limit
    for item in items:
        full = options.limit and item.length > room
        section_changes = options.by_section and volume_items and volume_items[-1].section != item.section
        if volume_items and (full or section_changes):
            yield volume_items
            volume_items, room = [], options.limit
        volume_items.append(item)
        room -= item.length
    yield volume_items


class _VolumeWriter:
    """A volume being filled. ``sums`` are the lines of its manifest in the format of ``sha256sum --check``."""

    def __init__(self, as_of: datetime, statements: StatementFiles, folder: Path) -> None:
        self._statements = statements
        self.packer, self.sums, self.count = SkeletonWriter(folder), list[str](), 0
        self.when = zip_time(as_of)

    def add(self, item: PackageItem) -> str:
        """Add the item; return why it could not be added, or ""."""
        if not item.key:
            return self._make(item)
        try:
            with storage.open_blob(item.key) as file:
                sha256, crc, size = measure(file)
        except (OSError, ValueError):
            return "文件缺失"
        if sha256 != item.sha256:
            return "文件内容与报送时不一致"
        self.packer.add_stored(item.path, item.key, size, crc, self.when)
        self.sums.append(f"{item.sha256}  {item.path}")
        self.count += 1
        return ""

    def _make(self, item: PackageItem) -> str:
        try:
            content = self._statements.file(*item.statement) if item.statement else text_file(item.text)
        except FileNotFoundError:
            return "情况说明的模板文件缺失"
        self.put(item.path, content)
        return ""

    def put(self, path: str, content: bytes) -> None:
        self.packer.add_content(path, content, self.when)
        self.sums.append(f"{hashlib.sha256(content).hexdigest()}  {path}")
        self.count += 1


def zip_time(moment: datetime) -> ZipDateTime:
    local = timezone.localtime(moment)
    return local.year, local.month, local.day, local.hour, local.minute, local.second


def text_file(text: str) -> bytes:
    """Encode for Windows Notepad."""
    return (BOM + text).replace("\n", "\r\n").encode()


def measure(file: BinaryIO) -> tuple[str, int, int]:
    """Return SHA-256, CRC-32 and length, read once."""
    digest, crc, size = hashlib.sha256(), 0, 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        crc = crc32(chunk, crc)
        size += len(chunk)
    return digest.hexdigest(), crc, size


def _add_catalogue(
    volume: _VolumeWriter, contents: PackageContents, lacking: list[WithheldItem], options: PackageOptions, folder: Path
) -> None:
    """Add the catalogue and, if something is lacking, a note that says so, to the first volume."""
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        path = Path(aside) / "目录.xlsx"
        catalogue.write(contents, lacking, options.cover, path)
        volume.put("目录.xlsx", path.read_bytes())
    if lacking:
        lines = [
            f"本材料包不完整：{len(lacking)} 份资料没有收录。",
            *(f"{r.number} {r.unit} {r.title}：{r.why}" for r in lacking),
        ]
        volume.put("不完整-请先看这里.txt", (BOM + "\r\n".join(lines) + "\r\n").encode())


def _close(volume: _VolumeWriter, number: int, count: int) -> ArchiveSkeleton:
    sums = ("\n".join(volume.sums) + "\n").encode()
    volume.packer.add_content(f"校验清单{_volume_suffix(number, count)}.sha256", sums, volume.when)
    return volume.packer.close()


def _volume_suffix(number: int, count: int) -> str:
    return f"-{number:02d}" if count > 1 else ""
