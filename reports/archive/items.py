"""What goes into an archive package: one item (件) is one file with the facts of its row in the catalogue."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from creation.lib import filenames
from creation.models import Campaign, Evidence, Task, User
from creation.models.attached import AttachedFile
from creation.models.task import TaskQuerySet
from creation.operations.archive_catalogue import LackingItem
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports.annexes import Annex

PICTURES = frozenset({"jpg", "jpeg", "png", "webp"})
FILMS = frozenset({"mp4", "mov", "avi", "wmv", "mp3", "wav"})
OFFICE = frozenset({"doc", "docx", "wps", "xls", "xlsx", "et", "ppt", "pptx", "dps", "txt"})


@dataclass(frozen=True, slots=True)
class ArchiveItem:
    """``key`` names a stored file with its SHA-256; without one, ``make`` writes the file, or the content is ``text``.

    ``folders``: below that of the category. ``evidence``: keys of the pieces that it contains or names.
    """

    category: ArchiveCategory
    kind: ArchiveKind
    title: str
    extension: str
    folders: tuple[str, ...] = ()
    doc_number: str = ""
    issuer: str = ""
    dated_on: date | None = None
    pages: int | None = None
    remark: str = ""
    key: str = ""
    sha256: str = ""
    make: Callable[[Path], object] | None = None
    text: str = ""
    evidence: frozenset[int] = frozenset()

    @property
    def page_count(self) -> str:
        """The number of pages, as far as it is known: a picture is one page."""
        if self.pages is None and self.extension in PICTURES:
            return "1"
        return "" if self.pages is None else str(self.pages)

    @property
    def why_no_pages(self) -> str:
        """Why the number of pages is not known, for the remark."""
        if self.extension in FILMS:
            return "音像，不计页数"
        return "页数打印后才知道" if self.extension in OFFICE else "没有填页数，文件里也没有读到"


@dataclass
class ArchiveSource:
    """Where items come from. ``lacking`` collects what must stay out, and why."""

    campaign: Campaign
    reader: User
    now: datetime
    lacking: list[LackingItem] = field(default_factory=list)

    def leave_out(self, title: str, why: str, *, by_rule: bool = False) -> None:
        """Note what stays out. ``by_rule``: on purpose, the archive is whole without it."""
        self.lacking.append(LackingItem(title, why, by_rule))

    def list_item(
        self, category: ArchiveCategory, kind: ArchiveKind, made: Annex, evidence: Iterable[int] = ()
    ) -> ArchiveItem:
        """Return the item of a list as a workbook, as of now. ``evidence``: keys of the pieces that it names."""
        return ArchiveItem(
            category,
            kind,
            made.header.title,
            "xlsx",
            issuer=self.issuer,
            dated_on=timezone.localdate(self.now),
            remark=f"{made.count} 条",
            make=made.write,
            evidence=frozenset(evidence),
        )

    @property
    def tasks(self) -> TaskQuerySet:
        """The tasks whose answers are archived: those in force, and those that a new edition ended."""
        readable = Task.objects.visible_or_dropped(self.reader).filter(campaign=self.campaign)
        return readable.filter(Q(dropped_on=None) | ~Q(ended=""))

    @property
    def issuer(self) -> str:
        return self.campaign.host.name

    @cached_property
    def restricted(self) -> frozenset[int]:
        return restricted_pieces(self.campaign)

    def may_name(self, title: str, evidence: frozenset[int]) -> bool:
        """Return whether a file that names these pieces may be archived; note it as lacking if not."""
        if not evidence & self.restricted:
            return True
        self.lacking.append(LackingItem(title, "写到的印证资料有的已隐藏或停用"))
        return False


def attached_item(
    file: AttachedFile,
    category: ArchiveCategory,
    kind: ArchiveKind,
    issuer: str,
    *,
    title: str = "",
    folders: tuple[str, ...] = (),
    dated_on: date | None = None,
    remark: str,
) -> ArchiveItem:
    """Return a stored file, under its own name unless it gets a better title."""
    ending = filenames.extension(file.name)
    return ArchiveItem(
        category,
        kind,
        title or (file.name[: -len(ending) - 1] if ending else file.name),
        ending,
        folders,
        issuer=issuer,
        dated_on=dated_on,
        remark=remark,
        key=file.blob,
        sha256=file.sha256,
    )


def restricted_pieces(campaign: Campaign) -> frozenset[int]:
    """Return the keys of the hidden and blocked pieces of the district.

    An archive leaves the office: what is stopped stays out of it, also where the coordinator who makes it could still open it.
    """
    pieces = Evidence.objects.filter(unit__district=campaign.district_id)
    stopped = pieces.exclude(pk__in=pieces.unrestricted().values("pk"))
    return frozenset(stopped.values_list("pk", flat=True))


ItemReader = Callable[[ArchiveSource], Iterator[ArchiveItem]]
