"""Stored files go out through here: from what the person may see, with our own types, in ranges, and as pages drawn from them."""

import io
import logging
import re
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.http import require_http_methods, require_safe

from creation import nudging, previews, storage
from creation.models import EvidenceVersion
from creation.views import doors

INLINE = frozenset({"jpg", "jpeg", "png", "webp", "pdf", "mp4"})
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"
MAKE_PREVIEWS = "creation.jobs.make_previews"
RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)

logger = logging.getLogger(__name__)


class Slice(io.RawIOBase):
    """``length`` bytes of a file from ``start`` on, as a file of its own: servers stream it without holding a thread."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.file, self.start, self.length, self.at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.length}[whence])
        return self.at

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self.length - self.at)
        self.file.seek(self.start + self.at)
        data = self.file.read(left if size is None or size < 0 else min(size, left))
        self.at += len(data)
        return data

    def close(self) -> None:
        self.file.close()
        super().close()


class SliceResponse(FileResponse):
    block_size = 64 * 1024


def version_or_404(request: HttpRequest, pk: int, number: int) -> EvidenceVersion:
    seen = EvidenceVersion.objects.visible_to(doors.person(request)).select_related("evidence__unit")
    return get_object_or_404(seen, evidence=pk, number=number)


@require_safe
def evidence_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The file of a version; ``?download`` always saves it. A file that is gone is a page with a sentence."""
    version = version_or_404(request, pk, number)
    try:
        file = storage.open_blob(version.blob)
    except (FileNotFoundError, ValueError):
        return _missing(request, version)
    size = file.seek(0, io.SEEK_END)
    response = _part_or_whole(request, version, file, size)
    response["Content-Type"] = version.media_type
    response["Content-Disposition"] = disposition(version, saved="download" in request.GET)
    return _dressed(response, version.sha256)


def disposition(version: EvidenceVersion, saved: bool) -> str:
    """Under its given name, RFC 5987; shown in place only for the few types that browsers show safely."""
    return content_disposition_header(saved or version.extension not in INLINE, version.given_name) or "attachment"


def _missing(request: HttpRequest, version: EvidenceVersion) -> HttpResponse:
    if version.blob:
        logger.error("The file of %s is missing: %s", version, version.blob)
    return render(request, "creation/evidence/missing.html", {"version": version}, status=404)


def _dressed(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["ETag"] = f'"{tag}"'
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"  # rights are asked each time; the tag spares the bytes
    response["Content-Security-Policy"] = SANDBOX
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _part_or_whole(request: HttpRequest, version: EvidenceVersion, file: BinaryIO, size: int) -> HttpResponseBase:
    tag = f'"{version.sha256}"'
    if tag in _tags(request.headers.get("If-None-Match", "")):
        file.close()
        return HttpResponse(status=304)
    wanted = asked_range(request.headers.get("Range", ""), size) if _range_holds(request, version) else None
    if wanted is not None and not wanted:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = wanted or range(size)
    response = _body(request, file, part)
    if wanted:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response["Last-Modified"] = http_date(version.at.timestamp())
    return response


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _range_holds(request: HttpRequest, version: EvidenceVersion) -> bool:
    """A range is given only of the file that the client has begun (RFC 9110, 13.1.5)."""
    condition = request.headers.get("If-Range")
    return condition is None or condition in (f'"{version.sha256}"', http_date(version.at.timestamp()))


def asked_range(header: str, size: int) -> range | None:
    """The one range that is asked for; an empty one cannot be satisfied; None means the whole (no range, several, nonsense)."""
    found = RANGE.fullmatch(header.strip())
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < start:
        return None
    return range(start, min(last + 1, size)) if start < size else range(0)


def _body(request: HttpRequest, file: BinaryIO, part: range) -> HttpResponseBase:
    if request.method == "HEAD":
        file.close()
        return HttpResponse(headers={"Content-Length": str(len(part))})
    return SliceResponse(Slice(file, part.start, len(part)))


# Previews


@require_http_methods(["GET", "POST"])
def evidence_preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The fragment that shows a version, or how far its drawing is; a POST tries a failed drawing again.

    ``?page=`` shows the batch that holds this page; with ``more`` its pages alone, to be added to those that are shown.
    """
    version = version_or_404(request, pk, number)
    actor, page = doors.actor(request), asked_page(request.GET.get("page", ""))
    if request.method == "POST":
        previews.again(version, actor.person, actor.at, page)
    look = previews.ask(version, actor.person, actor.at, page)
    if look.job and look.job.state == "queued":
        nudging.nudge(MAKE_PREVIEWS)
    more = "more" in request.GET
    return render(request, _preview_template(request, more), {"version": version, "look": look, "more": more})


def asked_page(text: str) -> int:
    """What is no page number means the first page."""
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else 1


def _preview_template(request: HttpRequest, more: bool) -> str:
    if "HX-Request" not in request.headers:
        return "creation/evidence/preview_page.html"
    return "creation/evidence/_pages.html" if more else "creation/evidence/_preview_body.html"


@require_safe
def evidence_image(request: HttpRequest, pk: int, number: int, page: int) -> HttpResponseBase:
    """One drawn page."""
    version = version_or_404(request, pk, number)
    drawn = (
        _image(request, previews.page_path(version.sha256, page), f"{version.sha256}-{page}")
        if version.sha256
        else None
    )
    return drawn or HttpResponse("这一页还没有画好。", status=404, content_type="text/plain; charset=utf-8")


@require_safe
def evidence_thumb(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """A small picture of the first page, or a sign for its kind while there is none."""
    version = version_or_404(request, pk, number)
    drawn = _image(request, previews.thumb_path(version.sha256), f"{version.sha256}-thumb") if version.sha256 else None
    return drawn or redirect(static("creation/no-preview.svg"))


def _image(request: HttpRequest, path: Path, tag: str) -> HttpResponseBase | None:
    if f'"{tag}"' in _tags(request.headers.get("If-None-Match", "")):
        return _dressed(HttpResponse(status=304), tag)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    return _dressed(HttpResponse(content, content_type="image/jpeg"), tag)
