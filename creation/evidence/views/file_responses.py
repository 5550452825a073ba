"""Responses with stored files: with ranges and our own headers, sent by us or by the web server. Callers check permissions."""

import io
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header, http_date

from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.models.attached import AttachedFile

SANDBOX_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
RANGE_PATTERN = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServedFile:
    """What the database knows of a file. ``inline`` means that browsers may display it."""

    blob: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime | None = None
    inline: bool = False

    @property
    def tag(self) -> str:
        return f'"{self.sha256}"'


def file_response(request: HttpRequest, stored: ServedFile) -> HttpResponseBase:
    """Return the file. If it is missing, has the wrong size or the store is unavailable, return a page that says so."""
    try:
        return _full_response(request, stored)
    except Refusal as refusal:
        context = {"name": stored.name, "sentence": refusal.sentence, "status": refusal.status}
        return render(request, "creation/evidence/missing.html", context, status=refusal.status)


def attachment_response(request: HttpRequest, file: AttachedFile) -> HttpResponseBase:
    """Return a file attached by the office, always as a download."""
    return file_response(request, ServedFile(file.blob, file.name, file.media_type, file.size, file.sha256))


def _full_response(request: HttpRequest, stored: ServedFile) -> HttpResponseBase:
    if is_not_modified(request, stored.sha256):
        return with_file_headers(HttpResponse(status=304), stored.sha256)
    response = (
        _accel_redirect(request, stored) if settings.ACCEL_REDIRECT and not settings.S3 else _stream(request, stored)
    )
    response["Content-Type"] = stored.media_type
    response["Content-Disposition"] = content_disposition_header(not stored.inline, stored.name) or "attachment"
    return with_file_headers(response, stored.sha256)


def is_not_modified(request: HttpRequest, tag: str) -> bool:
    """Return whether the client already has the file."""
    return f'"{tag}"' in [
        each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")
    ]


def with_file_headers(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["ETag"] = f'"{tag}"'
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = (
        "private, no-cache"  # permissions are checked on every request; the tag saves sending the bytes again
    )
    response["Content-Security-Policy"] = SANDBOX_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _accel_redirect(request: HttpRequest, stored: ServedFile) -> HttpResponseBase:
    """Let the web server send the bytes, including ranges. It uses the headers of this response."""
    with _open_checked(stored):
        return HttpResponse(headers={"X-Accel-Redirect": f"{settings.ACCEL_REDIRECT}/{stored.blob}"})


def _open_checked(stored: ServedFile) -> BinaryIO:
    try:
        file = storage.open_blob(stored.blob)
        size = file.seek(0, io.SEEK_END)
    except (FileNotFoundError, ValueError):
        logger.error("The file %s (%s) is missing", stored.blob, stored.name)
        raise Refusal("在存储中找不到了", 404) from None
    if size == stored.size:
        return file
    file.close()
    logger.error("The file %s (%s) has %s bytes instead of %s", stored.blob, stored.name, size, stored.size)
    raise Refusal("与登记的大小不符，可能已损坏", 404)


class FileSlice(io.RawIOBase):
    """``length`` bytes of a file from ``start`` on, as a file object, which servers stream without holding a thread."""

    def __init__(self, file: BinaryIO | io.RawIOBase, start: int, length: int) -> None:
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


class FileSliceResponse(FileResponse):
    block_size = 64 * 1024


def _stream(request: HttpRequest, stored: ServedFile) -> HttpResponseBase:
    file = _open_checked(stored)
    requested = (
        requested_range(request.headers.get("Range", ""), stored.size) if _if_range_matches(request, stored) else None
    )
    if requested is not None and not requested:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored.size}"})
    byte_range = requested or range(stored.size)
    response = _body(request, file, byte_range)
    if requested:
        response.status_code = 206
        response["Content-Range"] = f"bytes {byte_range.start}-{byte_range.stop - 1}/{stored.size}"
    if stored.at:
        response["Last-Modified"] = http_date(stored.at.timestamp())
    return response


def _if_range_matches(request: HttpRequest, stored: ServedFile) -> bool:
    """Return whether the range belongs to the file that the client has begun to download (RFC 9110, 13.1.5)."""
    condition = request.headers.get("If-Range")
    return (
        condition is None
        or condition == stored.tag
        or (stored.at is not None and condition == http_date(stored.at.timestamp()))
    )


def requested_range(header: str, size: int) -> range | None:
    """Return the single requested range; an empty range cannot be satisfied. None means the whole file (no range, several, invalid)."""
    found = RANGE_PATTERN.fullmatch(header.strip())
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < start:
        return None
    return range(start, min(last + 1, size)) if start < size else range(0)


def _body(request: HttpRequest, file: BinaryIO, byte_range: range) -> HttpResponseBase:
    if request.META["REQUEST_METHOD"] == "HEAD":
        file.close()
        return HttpResponse(headers={"Content-Length": str(len(byte_range))})
    return FileSliceResponse(FileSlice(file, byte_range.start, len(byte_range)))
