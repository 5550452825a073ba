"""Checks that JPEG, PNG and WebP files are complete, readable and small enough to be decoded later."""

import mmap
import re
from pathlib import Path

from PIL import (
    Image,
    WebPImagePlugin,  # noqa: F401 (importing registers the format)
)

from .allowed import Limits
from .refusals import BAD_IMAGE, IMAGE_CUT, InvalidFile, Reason

BROKEN_IMAGE = InvalidFile(Reason.DAMAGED, BAD_IMAGE)
NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
START_OF_SCAN, END_OF_IMAGE = 0xDA, b"\xff\xd9"


def check_jpeg(path: Path, limits: Limits) -> None:
    """Check the segments up to the end marker. Data after it is allowed, because phones append second pictures."""
    _check_with_pillow(path, "JPEG", limits)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            _walk_segments(data)
        except IndexError:
            raise InvalidFile(Reason.TRUNCATED, IMAGE_CUT) from None


def _walk_segments(data: mmap.mmap) -> None:
    at, scanned = 2, False
    while data[at : at + 2] != END_OF_IMAGE:
        if data[at] != 0xFF:
            raise BROKEN_IMAGE
        code = data[at + 1]
        if code == 0xFF:  # fill byte
            at += 1
            continue
        at += 2 + max(2, int.from_bytes((data[at + 2], data[at + 3])))
        if code == START_OF_SCAN:
            at, scanned = _after_scan(data, at), True
    if not scanned:
        raise BROKEN_IMAGE


def _after_scan(data: mmap.mmap, at: int) -> int:
    found = NEXT_MARKER.search(data, at)
    if not found:
        raise InvalidFile(Reason.TRUNCATED, IMAGE_CUT)
    return found.start()


def check_png(path: Path, limits: Limits) -> None:
    """Check every chunk up to IEND, with checksums."""
    if not _has_png_end(path):
        raise InvalidFile(Reason.TRUNCATED, IMAGE_CUT)
    _check_with_pillow(path, "PNG", limits)


def _has_png_end(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 8
        while at + 12 <= size:
            file.seek(at)
            header = file.read(8)
            at += 12 + int.from_bytes(header[:4])
            if header[4:] == b"IEND":
                return at <= size
    return False


def check_webp(path: Path, limits: Limits) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if int.from_bytes(head[4:], "little") + 8 > path.stat().st_size:
        raise InvalidFile(Reason.TRUNCATED, IMAGE_CUT)
    _check_with_pillow(path, "WEBP", limits)


def _check_with_pillow(path: Path, format_name: str, limits: Limits) -> None:
    """Check the header with Pillow, and PNG's checksums. Nothing is decoded."""
    try:
        with Image.open(path, formats=(format_name,)) as image:
            _check_pixels(image.width, image.height, limits)
            image.verify()
    except InvalidFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidFile(Reason.PIXELS, f"上限是 {_millions(limits.pixels)}") from None
    except Exception as error:  # Pillow may raise any exception for a malicious file
        raise BROKEN_IMAGE from error


def _check_pixels(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.pixels:
        raise InvalidFile(
            Reason.PIXELS, f"{width}×{height}，约 {_millions(width * height)}，上限是 {_millions(limits.pixels)}"
        )


def _millions(pixels: int) -> str:
    return f"{pixels / 10_000:.0f} 万像素"
