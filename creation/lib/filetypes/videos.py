"""Checks MP4 and QuickTime files by the boxes of ISO 14496-12, without reading their content."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .allowed import HEIC_ADVICE
from .refusals import BAD_VIDEO, NO_INDEX, ODD_VIDEO, VIDEO_CUT, InvalidFile, Reason

BOXES = 100_000  # a fragmented film of hours has several thousand; more is an attack
QUICKTIME = b"qt  "
LARGEST_INDEX = 64 << 20  # bytes
CONTAINERS = (b"trak", b"mdia", b"minf", b"dinf")
IN_THIS_FILE = 1  # flag of a data reference
TO_OTHER = "请用看图软件或播放软件打开，另存为 jpg 或 mp4 后再上传"
NOT_VIDEO = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), (" HEIC 图片", HEIC_ADVICE)),
    **dict.fromkeys((b"avif", b"avis"), (" AVIF 图片", TO_OTHER)),
    **dict.fromkeys((b"M4A ", b"M4B "), (" M4A 声音", TO_OTHER)),
    b"crx ": (" RAW 照片", TO_OTHER),
}


def check_video(path: Path, claimed: str) -> str:
    """Check that a video has its index (moov) and that all its boxes end within the file. Return mp4 or mov by its brands."""
    with path.open("rb") as file:
        content = _content(file, claimed)
        names, at = set(), 0
        for name, length in _boxes(file, path.stat().st_size):
            names.add(name)
            if name == b"moov" and length <= LARGEST_INDEX:
                file.seek(at)
                _check_references(file.read(length))
            at += length
    if b"moov" not in names:
        raise InvalidFile(Reason.TRUNCATED, NO_INDEX)
    return content


def _check_references(box: bytes, depth: int = 0) -> None:
    """Raise InvalidFile for an index that has a player read another file or address (ISO 14496-12, 8.7.2; QuickTime's reference movies)."""
    at = 16 if box[:4] == b"\0\0\0\1" else 8
    while at + 8 <= len(box):
        length, name = int.from_bytes(box[at : at + 4]), box[at + 4 : at + 8]
        inner = box[at : at + (length or len(box))]
        if name == b"rmra" or (name == b"dref" and _reads_elsewhere(inner)):
            raise InvalidFile(Reason.REMOTE, "别处的视频")
        if name in CONTAINERS and depth < len(CONTAINERS):
            _check_references(inner, depth + 1)
        at += max(length, 8)


def _reads_elsewhere(references: bytes) -> bool:
    """Return whether an entry of a data reference is not the file itself, and names an address or a file."""
    at = 16
    while at + 12 <= len(references):
        length, flags = int.from_bytes(references[at : at + 4]), references[at + 11]
        if not flags & IN_THIS_FILE and references[at + 12 : at + max(length, 12)].strip(b"\0"):
            return True
        at += max(length, 8)
    return False


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    at = 0
    for _ in range(BOXES):
        if size - at < 8:  # some cameras leave a few bytes of padding
            return
        name, length = _box_at(file, at)
        length = length or size - at  # 0 means up to the end of the file
        if length < 8:
            raise InvalidFile(Reason.DAMAGED, BAD_VIDEO)
        if at + length > size:
            raise InvalidFile(Reason.TRUNCATED, VIDEO_CUT)
        yield name, length
        at += length
    raise InvalidFile(Reason.DAMAGED, ODD_VIDEO)


def _box_at(file: BinaryIO, at: int) -> tuple[bytes, int]:
    file.seek(at)
    header = file.read(16)
    length = int.from_bytes(header[:4])
    return header[4:8], int.from_bytes(header[8:16]) if length == 1 else length


def _content(file: BinaryIO, claimed: str) -> str:
    """Return mp4 or mov; for a video with the brands of both what it claims to be."""
    brands = _brands(file)
    if other := NOT_VIDEO.get(brands[0]):
        raise InvalidFile(Reason.MISMATCH, *other)
    if QUICKTIME not in brands:
        return "mp4"
    return "mov" if set(brands) == {QUICKTIME} or claimed == "mov" else "mp4"


def _brands(file: BinaryIO) -> list[bytes]:
    """Return the major brand, then the compatible ones. A file without brands is an early QuickTime file."""
    name, length = _box_at(file, 0)
    if name != b"ftyp":
        return [QUICKTIME]
    file.seek(8)
    body = file.read(min(max(length - 8, 4), 1024))
    brands = [body[:4], *(body[at : at + 4] for at in range(8, len(body) - 3, 4))]
    return [brand for brand in brands if brand.strip(b"\x00")] or [QUICKTIME]
