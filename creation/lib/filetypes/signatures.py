"""Detects the type of a file by its first bytes."""

import codecs
import re

from .allowed import Family, FileFormat
from .refusals import InvalidFile, Reason

HEAD = 4096
FAMILIES: tuple[tuple[Family, int, bytes], ...] = (
    ("pdf", 0, b"%PDF-"),
    ("zip", 0, b"PK\x03\x04"),
    ("ole", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("webp", 8, b"WEBP"),
    ("iso", 4, b"ftyp"),
)
# QuickTime files from before 2001 begin with any of these boxes.
OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
EXECUTABLES = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"#!",
    b"@echo",
)
MARKUP = re.compile(rb"<(?:!doctype|!--|\?xml|\?php|%|[a-z][a-z0-9:]*[\s/>])|mime-version:|content-type:")
FAMILY_NAMES: dict[Family, str] = {
    "pdf": " PDF",
    "zip": "新版 Office 文档（docx、xlsx、pptx）、OFD 或压缩包",
    "ole": "旧版 Office 或 WPS 文档（doc、xls、ppt 一类）",
    "jpeg": " JPG 图片",
    "png": " PNG 图片",
    "webp": " WebP 图片",
    "iso": " MP4 或 MOV 视频",
}
OTHERS = (
    (b"GIF8", " GIF 图片"),
    (b"BM", " BMP 图片"),
    (b"II*\x00", " TIFF 图片"),
    (b"MM\x00*", " TIFF 图片"),
    (b"Rar!", " RAR 压缩包"),
    (b"7z\xbc\xaf", " 7z 压缩包"),
    (b"\x1f\x8b", " gzip 压缩包"),
    (b"PK\x05\x06", "空的压缩包"),
    (b"{\\rtf", " RTF 文档"),
    (b"\x1aE\xdf\xa3", " MKV 视频"),
    (b"RIFF", " AVI 视频或声音"),
    (b"0&\xb2u", " WMV 视频"),
)


def family_of(head: bytes) -> Family | None:
    """Return the container indicated by the magic bytes at their position."""
    found = (family for family, at, magic in FAMILIES if head.startswith(magic, at))
    return next(found, "iso" if head[4:8] in OLD_QUICKTIME else None)


def check_signature(head: bytes, file_format: FileFormat) -> None:
    """Raise InvalidFile unless the file begins as its extension requires."""
    family = family_of(head)
    if family == file_format.family:
        return
    if family is None:
        _refuse_harmful(head)
        _refuse_prefixed(head, file_format.family)
    raise InvalidFile(Reason.MISMATCH, FAMILY_NAMES[family] if family else _other(head))


def _refuse_harmful(head: bytes) -> None:
    text = as_text(head)
    if head.startswith(EXECUTABLES) or text.startswith((b"#!", b"@echo")):
        raise InvalidFile(Reason.EXECUTABLE)
    if MARKUP.match(text):
        raise InvalidFile(Reason.SCRIPT)


def as_text(head: bytes) -> bytes:
    """Return the bytes in lower case as a browser would sniff them: no byte order mark or leading blanks, UTF-16 folded."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def _refuse_prefixed(head: bytes, family: Family) -> None:
    magic = next(magic for name, _, magic in FAMILIES if name == family)
    if magic in head:
        raise InvalidFile(Reason.PREFIXED)


def _other(head: bytes) -> str:
    known = (label for magic, label in OTHERS if head.startswith(magic))
    return next(known, "纯文本" if _is_text(head) else "无法识别的数据")


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)  # the head may end in the middle of a character
        except UnicodeDecodeError:
            continue
        return True
    return False
