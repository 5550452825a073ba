"""Previews of evidence: rendered once by a background job, stored by the file's SHA-256, shown to people who may see the version."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from django.conf import settings

from creation import background
from creation.background import JobContext
from creation.evidence.previews import sandboxed_programs
from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models import Evidence, EvidenceVersion, Job, JobState, User

KIND = "preview"
MAX_WORKERS = max(1, settings.CELERY_WORKER_CONCURRENCY - 1)  # leaves a worker for notices and exports
OFFICE_EXTENSIONS = frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps"})
CONVERTED_EXTENSIONS = OFFICE_EXTENSIONS | {"ofd"}  # shown as the PDF that a program makes
IMAGE_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "webp"})
PAGES_PER_BATCH = 10  # pages rendered by one job
FACTS_FILE, SOURCE_PDF = "drawing.json", "paper.pdf"
PreviewMode = Literal["pages", "image", "video", "link", "text", "download", "quarantined"]


@dataclass(frozen=True)
class Preview:
    """How a version can be shown, from ``page`` on.

    Modes "pages" and "image" need a rendering; until it exists, ``job`` shows the progress. Long documents are rendered in
    batches: the first at once, the others on demand.
    """

    version: EvidenceVersion
    mode: PreviewMode
    page: int = 1

    @property
    def needs_rendering(self) -> bool:
        return self.mode in ("pages", "image")

    @cached_property
    def page_count(self) -> int | None:
        """The number of pages; None before the first rendering."""
        return page_count(self.version.sha256) if self.needs_rendering else None

    @property
    def first_page(self) -> int:
        return batch_start(min(self.page, self.page_count or self.page))

    @property
    def last_page(self) -> int:
        return min(self.first_page + PAGES_PER_BATCH - 1, self.page_count or self.first_page)

    @cached_property
    def is_rendered(self) -> bool:
        """Whether the batch is rendered. Pages are moved into place in order, so the last one suffices."""
        return self.page_count is not None and page_path(self.version.sha256, self.last_page).exists()

    @property
    def page_numbers(self) -> range:
        """The numbers of the pages to show."""
        return range(self.first_page, self.last_page + 1) if self.is_rendered else range(0)

    @property
    def previous_batch(self) -> int | None:
        """The first page of the previous batch."""
        return self.first_page - PAGES_PER_BATCH if self.first_page > PAGES_PER_BATCH else None

    @property
    def next_batch(self) -> int | None:
        return self.last_page + 1 if self.page_count and self.last_page < self.page_count else None

    @cached_property
    def job(self) -> Job | None:
        return background.find_latest(running_key(self)) if self.needs_rendering and not self.is_rendered else None

    @property
    def failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED


def preview_of(version: EvidenceVersion, page: int) -> Preview:
    return Preview(version, preview_mode(version), page)


def batch_start(page: int) -> int:
    """Return the first page of the batch that contains this page."""
    return (page - 1) // PAGES_PER_BATCH * PAGES_PER_BATCH + 1


def preview_mode(version: EvidenceVersion) -> PreviewMode:
    if version.is_quarantined:
        return "quarantined"
    if version.url:
        return "link"
    if version.text:
        return "text"
    if version.extension in IMAGE_EXTENSIONS:
        return "image"
    if version.extension == "mp4":
        return "video"
    if version.extension in ("pdf", "ofd") or (
        version.extension in OFFICE_EXTENSIONS and sandboxed_programs.libreoffice_path()
    ):
        return "pages"
    return "download"


def page_count(digest: str) -> int | None:
    """Return the number of pages of the file with this SHA-256; None before the first rendering."""
    try:
        text = (storage.preview_folder(digest) / FACTS_FILE).read_text("utf-8")
    except FileNotFoundError:
        return None
    return int(json.loads(text)["pages"])


def page_path(digest: str, number: int) -> Path:
    return storage.preview_folder(digest) / f"{number}.jpg"


def thumbnail_path(digest: str) -> Path:
    return storage.preview_folder(digest) / "thumb.jpg"


def running_key(preview: Preview) -> str:
    return f"preview/{preview.version.sha256}/{preview.first_page}"


def request_preview(version: EvidenceVersion, person: User | None, now: datetime, page: int = 1) -> Preview:
    """Return the preview from this page on. Queue a missing rendering, unless it has failed before."""
    preview = preview_of(version, page)
    if preview.needs_rendering and not preview.is_rendered and not preview.failed:
        queue_rendering(version, person, now, page)
        return preview_of(version, page)
    return preview


def queue_rendering(version: EvidenceVersion, person: User | None, now: datetime, page: int = 1) -> Job:
    preview = preview_of(version, page)
    return background.enqueue(
        KIND, {"version": version.pk, "page": preview.first_page}, person, running_key(preview), now
    )


# Rendering


def run_rendering(job: Job, job_context: JobContext) -> str:
    """Render into a working folder, then move page by page into place, so that no incomplete page is ever shown."""
    version = EvidenceVersion.objects.get(pk=job.params["version"])
    preview = preview_of(version, job.params["page"])
    if version.is_quarantined or preview.is_rendered:
        return ""
    work_folder = storage.previews_root() / "making"
    work_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work_folder, ignore_cleanup_errors=True) as folder:
        _render(preview, Path(folder), job_context)
    return ""


def _render(preview: Preview, folder: Path, job_context: JobContext) -> None:
    version, pages = preview.version, folder / "pages"
    pages.mkdir()
    progress = {"done": 0, "total": 0, "pages": 0}
    with storage.translate_disk_full():
        with _rendering_source(version, folder, job_context) as (kind, source):
            for progress in sandboxed_programs.render_pages(
                kind, source, pages, preview.first_page, preview.first_page + PAGES_PER_BATCH - 1
            ):
                job_context.update_progress(progress["done"], progress["total"])
        _move_into_place(pages, storage.preview_folder(version.sha256), progress["pages"])
    if kind != "image":
        Evidence.objects.filter(pk=version.evidence_id, pages=None).update(pages=progress["pages"])


@contextmanager
def _rendering_source(version: EvidenceVersion, folder: Path, job_context: JobContext) -> Iterator[tuple[str, Path]]:
    """Return the file to render. The PDF made of an Office file or OFD is kept for further batches."""
    source_pdf = storage.preview_folder(version.sha256) / SOURCE_PDF
    if source_pdf.exists():
        yield "pdf", source_pdf
        return
    with _stored_file(version) as blob:
        if version.extension not in CONVERTED_EXTENSIONS:
            yield ("image" if version.extension in IMAGE_EXTENSIONS else "pdf"), blob
            return
        job_context.update_progress(0, 0, "正在转换为页面")
        yield "pdf", _convert(version, blob, folder)


def converted_pdf(version: EvidenceVersion, file: Path, folder: Path) -> Path | None:
    """Return the PDF of an Office file, and keep it for the preview; None if it cannot be made. ``folder`` is for the work."""
    source_pdf = storage.preview_folder(version.sha256) / SOURCE_PDF
    if source_pdf.exists():
        return source_pdf
    try:
        return _convert(version, file, folder)
    except Refusal:
        return None


def _convert(version: EvidenceVersion, file: Path, folder: Path) -> Path:
    """Convert an Office file or OFD. The PDF is copied beside its place first: ``folder`` may be on another disk."""
    made = sandboxed_programs.to_pdf(file, version.extension, folder)
    source_pdf = storage.preview_folder(version.sha256) / SOURCE_PDF
    source_pdf.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=source_pdf.parent, delete=False) as copy, made.open("rb") as source:
        shutil.copyfileobj(source, copy)
    Path(copy.name).replace(source_pdf)
    return source_pdf


@contextmanager
def _stored_file(version: EvidenceVersion) -> Iterator[Path]:
    try:
        with storage.blob_as_file(version.blob) as path:
            if path.stat().st_size != version.size:
                raise Refusal("存储中的文件与登记的大小不符，请联系系统管理员。")
            yield path
    except FileNotFoundError as error:
        raise Refusal("文件在存储中找不到，请联系系统管理员。") from error


def _move_into_place(pages: Path, target: Path, count: int) -> None:
    """Move the pages into place in order, then write their number."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for page in sorted(pages.glob("*.jpg"), key=lambda path: (not path.stem.isdecimal(), len(path.stem), path.stem)):
        page.replace(target / page.name)
    facts = pages / FACTS_FILE
    facts.write_text(json.dumps({"pages": count}))
    facts.replace(target / FACTS_FILE)
