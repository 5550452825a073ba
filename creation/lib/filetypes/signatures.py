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
TO_DOCUMENT = "请用 WPS 或 Office 打开，点“文件→另存为”，类型选 docx（表格选 xlsx）后再上传"
TO_PICTURE = "请用“画图”或看图软件打开，另存为 png 或 jpg 后再上传"
TO_FILM = "请用“格式工厂”等转成 mp4 后再上传"
TO_FILES = "请解开后逐个上传"
OTHERS = (
    (b"GIF8", " GIF 图片", TO_PICTURE),
    (b"BM", " BMP 图片", TO_PICTURE),
    (b"II*\x00", " TIFF 图片", TO_PICTURE),
    (b"MM\x00*", " TIFF 图片", TO_PICTURE),
    (b"Rar!", " RAR 压缩包", TO_FILES),
    (b"7z\xbc\xaf", " 7z 压缩包", TO_FILES),
    (b"\x1f\x8b", " gzip 压缩包", TO_FILES),
    (b"PK\x05\x06", "空的压缩包", "请检查原文件后重新上传"),
    (b"{\\rtf", " RTF 文档", TO_DOCUMENT),
    (b"\x1aE\xdf\xa3", " MKV 视频", TO_FILM),
    (b"RIFF", " AVI 视频或声音", TO_FILM),
    (b"0&\xb2u", " WMV 视频", TO_FILM),
)
# A byte order mark, blanks, and what printers are told before the first page. Readers look for a PDF in the first 1,024 bytes.
# The quantifiers are possessive: otherwise a thousand blanks without a PDF behind them are divided in every possible way.
BEFORE_PDF = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:[\s\0]++|\x1b%-12345X|@PJL[^\r\n]*+)*+%PDF-")
PDF_WITHIN = 1024


def family_of(head: bytes) -> Family | None:
    """Return the container indicated by the magic bytes at their position."""
    found = next((family for family, at, magic in FAMILIES if head.startswith(magic, at)), None)
    if found is None and head[4:8] in OLD_QUICKTIME:
        return "iso"
    return found or ("pdf" if BEFORE_PDF.match(head[:PDF_WITHIN]) else None)


def known_family(head: bytes, claimed: FileFormat) -> Family:
    """Return the container of a file. Raises InvalidFile if it is none that is accepted."""
    if family := family_of(head):
        return family
    _refuse_harmful(head)
    _refuse_prefixed(head, claimed.family)
    raise InvalidFile(Reason.MISMATCH, *_other(head))


def mismatch(family: Family) -> InvalidFile:
    return InvalidFile(Reason.MISMATCH, FAMILY_NAMES[family])


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


def _other(head: bytes) -> tuple[str, str]:
    """Return what the file is, and what to do."""
    known = ((label, remedy) for magic, label, remedy in OTHERS if head.startswith(magic))
    return next(known, ("纯文本", TO_DOCUMENT) if _is_text(head) else ("无法识别的数据", ""))


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
