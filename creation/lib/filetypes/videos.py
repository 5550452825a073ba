"""Checks MP4 and QuickTime files by the boxes of ISO 14496-12, without reading their content."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .refusals import InvalidFile, Reason

BOXES = 100_000  # a fragmented film of hours has several thousand; more is an attack
QUICKTIME = b"qt  "
NOT_VIDEO = {b"heic": " HEIC 图片", b"heix": " HEIC 图片", b"mif1": " HEIC 图片", b"avif": " AVIF 图片"} | {
    b"M4A ": " M4A 声音",
    b"M4B ": " M4A 声音",
    b"crx ": " RAW 照片",
}


def check_video(path: Path, content: str) -> None:
    """Check that a video has its index (moov), that all its boxes end within the file, and that its brand matches its extension."""
    with path.open("rb") as file:
        _check_brand(file, content)
        names = {name for name, _ in _boxes(file, path.stat().st_size)}
    if b"moov" not in names:
        raise InvalidFile(Reason.TRUNCATED, "缺少视频索引，可能没有录完或没有传完")


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    at = 0
    for _ in range(BOXES):
        if size - at < 8:  # some cameras leave a few bytes of padding
            return
        name, length = _box_at(file, at)
        length = length or size - at  # 0 means up to the end of the file
        if length < 8:
            raise InvalidFile(Reason.DAMAGED, "视频结构有误")
        if at + length > size:
            raise InvalidFile(Reason.TRUNCATED, "视频后面缺了一段")
        yield name, length
        at += length
    raise InvalidFile(Reason.DAMAGED, "视频结构反常")


def _box_at(file: BinaryIO, at: int) -> tuple[bytes, int]:
    file.seek(at)
    header = file.read(16)
    length = int.from_bytes(header[:4])
    return header[4:8], int.from_bytes(header[8:16]) if length == 1 else length


def _check_brand(file: BinaryIO, content: str) -> None:
    brands = _brands(file)
    if other := NOT_VIDEO.get(brands[0]):
        raise InvalidFile(Reason.MISMATCH, other)
    if content == "mov" and QUICKTIME not in brands:
        raise InvalidFile(Reason.MISMATCH, " MP4 视频")
    if content == "mp4" and set(brands) == {QUICKTIME}:
        raise InvalidFile(Reason.MISMATCH, " MOV 视频")


def _brands(file: BinaryIO) -> list[bytes]:
    """Return the major brand, then the compatible ones. A file without brands is an early QuickTime file."""
    name, length = _box_at(file, 0)
    if name != b"ftyp":
        return [QUICKTIME]
    file.seek(8)
    body = file.read(min(max(length - 8, 4), 1024))
    brands = [body[:4], *(body[at : at + 4] for at in range(8, len(body) - 3, 4))]
    return [brand for brand in brands if brand.strip(b"\x00")] or [QUICKTIME]
