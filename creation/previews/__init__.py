"""What evidence looks like in a page: drawn once by a job, kept by the file's SHA-256, shown to whoever may see the version."""

import json
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from creation import storage, working
from creation.models import Evidence, EvidenceVersion, Job, JobState, User
from creation.previews import outside
from creation.working import Failed, Report

KIND = "preview"
AT_ONCE = max(1, settings.CELERY_WORKER_CONCURRENCY - 1)  # drawing must not hold up notices and exports
OFFICE = frozenset({"doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps"})
IMAGES = frozenset({"jpg", "jpeg", "png", "webp"})
Way = Literal["pages", "image", "video", "link", "text", "download"]


@dataclass(frozen=True)
class Look:
    """How a version can be shown now. ``way`` "pages" and "image" need a drawing; until it is there ``job`` tells of it."""

    version: EvidenceVersion
    way: Way

    @cached_property
    def drawing(self) -> dict[str, Any] | None:
        return drawing_of(self.version.sha256) if self.needs_drawing else None

    @cached_property
    def job(self) -> Job | None:
        return working.latest(running_key(self.version)) if self.needs_drawing and not self.drawing else None

    @property
    def needs_drawing(self) -> bool:
        return self.way in ("pages", "image")

    @property
    def failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED

    @property
    def numbers(self) -> range:
        """The numbers of the pages that were drawn."""
        return range(1, self.drawing["drawn"] + 1) if self.drawing else range(0)


def look(version: EvidenceVersion) -> Look:
    return Look(version, way_of(version))


def way_of(version: EvidenceVersion) -> Way:
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


def drawing_of(digest: str) -> dict[str, Any] | None:
    """``{"drawn": 200, "pages": 412}``, or None while nothing is drawn."""
    try:
        text = (storage.preview_folder(digest) / "drawing.json").read_text("utf-8")
    except FileNotFoundError:
        return None
    found: dict[str, Any] = json.loads(text)
    return found


def page_path(digest: str, number: int) -> Path:
    return storage.preview_folder(digest) / f"{number}.jpg"


def thumb_path(digest: str) -> Path:
    return storage.preview_folder(digest) / "thumb.jpg"


def running_key(version: EvidenceVersion) -> str:
    return f"preview/{version.sha256}"


def ask(version: EvidenceVersion, person: User | None, now: datetime) -> Look:
    """How it looks; what is not drawn is queued, unless drawing it has failed before."""
    seen = look(version)
    if seen.needs_drawing and not seen.drawing and not seen.failed:
        again(version, person, now)
        return look(version)
    return seen


def again(version: EvidenceVersion, person: User | None, now: datetime) -> Job:
    return working.queue(KIND, {"version": version.pk}, person, running_key(version), now)


# The work


def make(job: Job, report: Report) -> str:
    """Draw into a folder aside, then rename: nobody ever sees half a drawing."""
    version = EvidenceVersion.objects.get(pk=job.params["version"])
    if drawing_of(version.sha256):
        return ""
    aside = storage.previews_root() / "making"
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=aside, ignore_cleanup_errors=True) as folder:
        _draw(version, Path(folder), report)
    return ""


def _draw(version: EvidenceVersion, folder: Path, report: Report) -> None:
    pages = folder / "pages"
    pages.mkdir()
    told = {"done": 0, "pages": 0}
    with storage.saying_full():
        for told in outside.draw(*_source(version, folder, report), pages):
            report.step(told["done"], told["total"])
        (pages / "drawing.json").write_text(json.dumps({"drawn": told["done"], "pages": told["pages"]}))
        _put(pages, storage.preview_folder(version.sha256))
    if version.extension not in IMAGES:
        Evidence.objects.filter(pk=version.evidence_id, pages=None).update(pages=told["pages"])


def _source(version: EvidenceVersion, folder: Path, report: Report) -> tuple[str, Path]:
    source = storage.blob_path(version.blob)
    if not source.exists():
        raise Failed("文件在存储中找不到，请联系系统管理员。")
    if version.extension not in OFFICE:
        return ("image" if version.extension in IMAGES else "pdf"), source
    report.step(0, 0, "正在转换为页面")
    return "pdf", outside.to_pdf(source, version.extension, folder)


def _put(pages: Path, target: Path) -> None:
    """The first drawing stays; a leftover without its last file is replaced."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.exists() and not (target / "drawing.json").exists():
        shutil.rmtree(target, ignore_errors=True)
    with suppress(FileExistsError, OSError):
        pages.rename(target)
    if not (target / "drawing.json").exists():
        raise Failed("预览没有保存成功，请重试。")
