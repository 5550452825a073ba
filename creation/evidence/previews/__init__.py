"""What evidence looks like in a page: drawn once by a job, kept by the file's SHA-256, shown to whoever may see the version."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from django.conf import settings

from creation import background as working
from creation.background import Report
from creation.evidence.previews import outside
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import Evidence, EvidenceVersion, Job, JobState, User

KIND = "preview"
AT_ONCE = max(1, settings.CELERY_WORKER_CONCURRENCY - 1)  # drawing must not hold up notices and exports
OFFICE = frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps"})
IMAGES = frozenset({"jpg", "jpeg", "png", "webp"})
BATCH = 10  # pages drawn in one go
FACTS, PAPER = "drawing.json", "paper.pdf"
Way = Literal["pages", "image", "video", "link", "text", "download", "held"]


@dataclass(frozen=True)
class Look:
    """How a version can be shown now, from ``page`` on. Ways "pages" and "image" need a drawing; until it is there ``job`` tells of it.

    Long papers are drawn in batches: the first at once, the others when somebody goes there.
    """

    version: EvidenceVersion
    way: Way
    page: int = 1

    @property
    def needs_drawing(self) -> bool:
        return self.way in ("pages", "image")

    @cached_property
    def pages(self) -> int | None:
        """How many there are; None while nothing is drawn."""
        return pages_of(self.version.sha256) if self.needs_drawing else None

    @property
    def first(self) -> int:
        return batch_of(min(self.page, self.pages or self.page))

    @property
    def last(self) -> int:
        return min(self.first + BATCH - 1, self.pages or self.first)

    @cached_property
    def is_drawn(self) -> bool:
        """Pages come into their place in order: the last one is there when all are."""
        return self.pages is not None and page_path(self.version.sha256, self.last).exists()

    @property
    def numbers(self) -> range:
        """The numbers of the pages to show now."""
        return range(self.first, self.last + 1) if self.is_drawn else range(0)

    @property
    def before(self) -> int | None:
        """Where the batch before begins."""
        return self.first - BATCH if self.first > BATCH else None

    @property
    def after(self) -> int | None:
        return self.last + 1 if self.pages and self.last < self.pages else None

    @cached_property
    def job(self) -> Job | None:
        return working.latest(running_key(self)) if self.needs_drawing and not self.is_drawn else None

    @property
    def failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED


def look(version: EvidenceVersion, page: int = 1) -> Look:
    return Look(version, way_of(version), page)


def batch_of(page: int) -> int:
    """The first page of the batch that holds this one."""
    return (page - 1) // BATCH * BATCH + 1


def way_of(version: EvidenceVersion) -> Way:
    if version.held:
        return "held"
    if version.url:
        return "link"
    if version.text:
        return "text"
    if version.extension in IMAGES:
        return "image"
    if version.extension == "mp4":
        return "video"
    if version.extension == "pdf" or (version.extension in OFFICE and outside.office()):
        return "pages"
    return "download"


def pages_of(digest: str) -> int | None:
    """How many pages the file with this SHA-256 has; None while none is drawn."""
    try:
        text = (storage.preview_folder(digest) / FACTS).read_text("utf-8")
    except FileNotFoundError:
        return None
    return int(json.loads(text)["pages"])


def page_path(digest: str, number: int) -> Path:
    return storage.preview_folder(digest) / f"{number}.jpg"


def thumb_path(digest: str) -> Path:
    return storage.preview_folder(digest) / "thumb.jpg"


def running_key(look: Look) -> str:
    return f"preview/{look.version.sha256}/{look.first}"


def ask(version: EvidenceVersion, person: User | None, now: datetime, page: int = 1) -> Look:
    """How it looks from this page on; what is not drawn is queued, unless drawing it has failed before."""
    seen = look(version, page)
    if seen.needs_drawing and not seen.is_drawn and not seen.failed:
        again(version, person, now, page)
        return look(version, page)
    return seen


def again(version: EvidenceVersion, person: User | None, now: datetime, page: int = 1) -> Job:
    wanted = look(version, page)
    return working.queue(KIND, {"version": version.pk, "page": wanted.first}, person, running_key(wanted), now)


# The work


def make(job: Job, report: Report) -> str:
    """Draw aside, then move page by page into place: nobody ever sees half a page."""
    version = EvidenceVersion.objects.get(pk=job.params["version"])
    wanted = look(version, job.params["page"])
    if version.held or wanted.is_drawn:
        return ""
    aside = storage.previews_root() / "making"
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=aside, ignore_cleanup_errors=True) as folder:
        _draw(wanted, Path(folder), report)
    return ""


def _draw(wanted: Look, folder: Path, report: Report) -> None:
    version, pages = wanted.version, folder / "pages"
    pages.mkdir()
    told = {"done": 0, "total": 0, "pages": 0}
    with storage.saying_full():
        with _source(version, folder, report) as (kind, source):
            for told in outside.draw(kind, source, pages, wanted.first, wanted.first + BATCH - 1):
                report.step(told["done"], told["total"])
        _put(pages, storage.preview_folder(version.sha256), told["pages"])
    if kind != "image":
        Evidence.objects.filter(pk=version.evidence_id, pages=None).update(pages=told["pages"])


@contextmanager
def _source(version: EvidenceVersion, folder: Path, report: Report) -> Iterator[tuple[str, Path]]:
    """What is drawn. The paper that LibreOffice made is kept: the next batch is drawn from it."""
    paper = storage.preview_folder(version.sha256) / PAPER
    if paper.exists():
        yield "pdf", paper
        return
    with _fetched(version) as blob:
        if version.extension not in OFFICE:
            yield ("image" if version.extension in IMAGES else "pdf"), blob
            return
        report.step(0, 0, "正在转换为页面")
        made = outside.to_pdf(blob, version.extension, folder)
    paper.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made.replace(paper)
    yield "pdf", paper


@contextmanager
def _fetched(version: EvidenceVersion) -> Iterator[Path]:
    try:
        with storage.as_file(version.blob) as path:
            if path.stat().st_size != version.size:
                raise Refusal("存储中的文件与登记的大小不符，请联系系统管理员。")
            yield path
    except FileNotFoundError as error:
        raise Refusal("文件在存储中找不到，请联系系统管理员。") from error


def _put(pages: Path, target: Path, count: int) -> None:
    """In the order of their numbers, then how many there are."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for page in sorted(pages.glob("*.jpg"), key=lambda path: (not path.stem.isdecimal(), len(path.stem), path.stem)):
        page.replace(target / page.name)
    facts = pages / FACTS
    facts.write_text(json.dumps({"pages": count}))
    facts.replace(target / FACTS)
