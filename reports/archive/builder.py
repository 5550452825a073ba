"""Build an archive package: give each item its 档号, check the digest of each stored file, write catalogue, list of digests and skeleton.

As with 材料包, the stored files are not copied: the result is a skeleton, into which they are read while the package is sent.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from creation.lib import filenames, storage
from creation.models import Campaign
from creation.operations.archive_catalogue import SUMS, TABLE, XML, ArchiveCatalogue, CatalogueEntry, LackingItem
from creation.rules.retention import RETENTION
from reports.archive import catalogue
from reports.archive.items import ArchiveItem
from reports.package.builder import PackageResult, Volume, measure, text_file, zip_time
from reports.package.contents import folder_name
from reports.package.skeleton import SkeletonWriter

Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """``digest``: SHA-256 of the catalogue. ``evidence``: keys of the pieces that the package contains or names."""

    name: str
    items: int
    size: int
    digest: str
    lacking: list[LackingItem]
    evidence: frozenset[int]


def build_archive(
    campaign: Campaign, items: Iterable[ArchiveItem], lacking: list[LackingItem], now: datetime, path: Path, step: Step
) -> ArchiveResult:
    """Write the package to ``path``. ``lacking`` is read after the items, since their readers add to it; missing files are added here."""
    writer = _ArchiveWriter(campaign.year, now, path.parent)
    done = list(items)
    for number, item in enumerate(done, 1):
        if why := writer.add(item):
            lacking.append(LackingItem(item.title, why))
        step(number, len(done), f"正在归档 {item.title}"[:200])
    digest = writer.finish(campaign, lacking)
    skeleton = writer.packer.close()
    name = f"归档包_{campaign.district}_{campaign.year}_{timezone.localtime(now):%Y%m%d}"
    incomplete = any(not row.by_rule for row in lacking)
    volume = Volume(f"{name}{'-不完整' if incomplete else ''}.zip", 0, skeleton.size, len(writer.entries))
    words = [f"{row.title}：{row.why}" for row in lacking]
    result = PackageResult([volume], len(writer.entries), 0, 0, words)
    with path.open("wb") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n")
        file.writelines(skeleton.parts())
    evidence = frozenset().union(*(item.evidence for item in done))
    return ArchiveResult(volume.name, len(writer.entries), skeleton.size, digest, lacking, evidence)


class _ArchiveWriter:
    """Numbers run within a category and a period, the lowest class of DA/T 22; a file that is missing takes none."""

    def __init__(self, year: int, now: datetime, folder: Path) -> None:
        self._year, self._when, self._aside, self._now = year, zip_time(now), folder / "archived", now
        self.packer, self.entries = SkeletonWriter(folder), list[CatalogueEntry]()
        self._sums: list[tuple[str, str]] = []
        self._numbers: Counter[str] = Counter()

    def add(self, item: ArchiveItem) -> str:
        """Add the item; return why it could not be added, or ""."""
        if not item.key:
            try:
                return self._put(item, self._made(item))
            except FileNotFoundError:
                return "模板文件缺失"
        try:
            with storage.open_blob(item.key) as file:
                sha256, crc, size = measure(file)
        except (OSError, ValueError):
            return "文件缺失"
        if sha256 != item.sha256:
            return "文件内容与登记时不一致"
        entry = self._entry(item, size, sha256)
        self.packer.add_stored(entry.path, item.key, size, crc, self._when)
        return ""

    def _made(self, item: ArchiveItem) -> bytes:
        if item.make is None:
            return text_file(item.text)
        try:
            item.make(self._aside)
            return self._aside.read_bytes()
        finally:
            self._aside.unlink(missing_ok=True)

    def _put(self, item: ArchiveItem, content: bytes) -> str:
        entry = self._entry(item, len(content), hashlib.sha256(content).hexdigest())
        self.packer.add_content(entry.path, content, self._when)
        return ""

    def _entry(self, item: ArchiveItem, size: int, sha256: str) -> CatalogueEntry:
        """Give the item its number and its place, and note both."""
        retention = RETENTION[item.kind]
        series = f"{retention.code}-{item.category.number:02d}"
        self._numbers[series] += 1
        number = f"{self._numbers[series]:04d}"
        name = filenames.archive_name(f"{retention.code}-{number}", "", item.title, item.extension)
        folders = [item.category.folder, *(folder_name(each) for each in item.folders)]
        entry = CatalogueEntry(
            reference=f"{self._year}-{series}-{number}",
            number=number,
            category=item.category,
            kind=item.kind,
            title=_line(item.title),
            doc_number=_line(item.doc_number),
            issuer=_line(item.issuer),
            dated_on=item.dated_on.isoformat() if item.dated_on else "",
            pages=item.page_count,
            retention=retention,
            remark=_line("；".join(filter(None, [item.remark, "" if item.page_count else item.why_no_pages]))),
            path="/".join([*folders, name]),
            size=size,
            sha256=sha256,
        )
        self.entries.append(entry)
        self._sums.append((sha256, entry.path))
        return entry

    def finish(self, campaign: Campaign, lacking: list[LackingItem]) -> str:
        """Add the catalogue as a workbook and as XML, and the list of digests; return the digest of the XML."""
        made_at = timezone.localtime(self._now)
        catalogue.write(campaign, self.entries, lacking, made_at, self._aside)
        table = self._aside.read_bytes()
        self._aside.unlink()
        self._add(TABLE, table)
        whole = ArchiveCatalogue(
            title=campaign.name,
            year=str(campaign.year),
            holder=campaign.host.name,
            made_at=made_at.isoformat(timespec="seconds"),
            entries=self.entries,
            lacking=lacking,
            table_size=len(table),
            table_sha256=hashlib.sha256(table).hexdigest(),
        )
        digest = self._add(XML, whole.as_xml())
        sums = "".join(f"{sha256}  {path}\n" for sha256, path in self._sums)
        self.packer.add_content(SUMS, sums.encode(), self._when)
        return digest

    def _add(self, name: str, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.packer.add_content(name, content, self._when)
        self._sums.append((digest, name))
        return digest


def _line(text: str) -> str:
    return " ".join(text.split())
