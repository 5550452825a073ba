"""Checks every part of a package: what its content type says, what its bytes are, what its XML does."""

import io
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from . import active_xml, relations, xmlparts
from .refusals import InvalidFile, Reason
from .signatures import EXECUTABLES, MARKUP, as_text, family_of

XML_START = re.compile(rb"(?:\xff\xfe|\xfe\xff)?\0?<")
BLANKS = b"\0 \t\n\r\x0b\x0c"  # also those of UTF-16
MARKS = b"\xef\xbb\xbf"
XML_TYPE = re.compile(r"xml(?:;| |\Z)|\.(?:rels|vml)\Z", re.IGNORECASE)
GZIP = b"\x1f\x8b"
WMF, EMF = (b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0"), b"\x01\0\0\0"
HIDDEN = {
    b"%PDF": "PDF 文件",
    b"{\\rtf": "RTF 文件",
    b"ITSF": "帮助文件",
    **dict.fromkeys((b"Rar!", b"7z\xbc\xaf", GZIP, b"BZh", b"\xfd7zXZ\0", b"MSCF"), "压缩包"),
}
# Parts of these names are programs and web pages for whoever takes them out; their first bytes do not tell.
PROGRAMS = re.compile(
    r"\.(?:exe|com|bat|cmd|scr|pif|msi|msp|cpl|dll|lnk|ps1|vbs?|vbe|wsf|wsh|hta|jar|chm|jse?|mjs|url|reg|inf|scf|gadget|x?html?|mht|mhtml|php|aspx?"
    r"|jsp|sh|py|apk|eml|iqy|slk)\Z",
    re.IGNORECASE,
)
# How programs that make electronic invoices and certificates write the tags of an OFD (GB/T 33190-2016, clause 16), against the rules
# of XML: <:name xmlns:=""> <ofd:ObjectRef>, without a declaration of the prefix.
EMPTY_PREFIX, ANY_PREFIX = re.compile(rb'xmlns:=(?:""|\'\')'), re.compile(rb"(?<=<)(?:ofd)?:|(?<=</)(?:ofd)?:")
OFD_NAMESPACE = b'xmlns="http://www.ofdspec.org/2016"'
CHUNK = 1 << 20
HEAD = 512


def check_parts(archive: zipfile.ZipFile, types: Mapping[str, str]) -> Iterator[str]:
    """Raise InvalidFile for the first harmful part. Yield the name of each embedded document, for the caller to check.

    ``types`` are the content types by name. A part without one is not opened by any program, but its bytes are judged.
    """
    for name in archive.namelist():
        if type_ := types.get(name):
            relations.check_content_type(type_)
        if PROGRAMS.search(name.rstrip(". ")):
            raise InvalidFile(Reason.EMBEDDED, f"程序或网页 {name.rpartition('/')[2][:40]}")
        with archive.open(name) as part:
            head = part.read(HEAD)
            text = _without_blanks(head, cast(BinaryIO, part))
        if XML_START.match(text):
            is_declared = bool(XML_TYPE.search(f"{types.get(name, '')} {name}"))
            _check_xml(
                archive, name, is_declared=is_declared, of_chart=relations.is_chart(types.get(_source(name), ""))
            )
        elif _is_document(head, text):
            yield name


def _without_blanks(head: bytes, part: BinaryIO) -> bytes:
    """Return what follows the blanks at the beginning of a part. Readers of XML and of web pages skip any number of them."""
    found = head.removeprefix(MARKS).lstrip(BLANKS)
    while head and not found:
        head = part.read(CHUNK)
        found = head.lstrip(BLANKS)
    return found[:HEAD] + part.read(max(0, HEAD - len(found)))


def _source(name: str) -> str:
    """Return the part whose relations this part has."""
    folder, _, own = name.rpartition("_rels/")
    return folder + own.removesuffix(".rels")


def _check_xml(archive: zipfile.ZipFile, name: str, *, is_declared: bool, of_chart: bool) -> None:
    """Check a part that begins like XML. An embedded font may begin so by chance; what is not declared as XML need not be readable."""
    try:
        active_xml.check_part(partial(_opened, archive, name), archive.getinfo(name).file_size, of_chart=of_chart)
    except InvalidFile as invalid:
        if invalid.detail != xmlparts.UNREADABLE:
            raise
        if is_declared and not _is_readable_without_prefixes(archive, name):
            raise


def _is_readable_without_prefixes(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a part of an OFD is readable, and harmless, once its empty prefixes are left out. Raises InvalidFile."""
    if "OFD.xml" not in archive.namelist() or archive.getinfo(name).file_size > active_xml.SMALL:
        return False
    declared, count = EMPTY_PREFIX.subn(OFD_NAMESPACE, archive.read(name))
    plain = ANY_PREFIX.sub(b"", declared)
    if count:
        active_xml.check_part(partial(io.BytesIO, plain), len(plain))
    return bool(count)


def _opened(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    return cast(BinaryIO, archive.open(name))


def _is_document(head: bytes, text: bytes) -> bool:
    """Return whether a part is a document of its own. Raises InvalidFile for a program, or a file that is only carried along."""
    if head.startswith(EXECUTABLES):
        raise InvalidFile(Reason.EMBEDDED, "可执行程序")
    if _is_packed_drawing(head):
        return False
    if hidden := next((label for magic, label in HIDDEN.items() if head.startswith(magic)), None):
        raise InvalidFile(Reason.EMBEDDED, hidden)
    if MARKUP.match(as_text(text)):
        raise InvalidFile(Reason.EMBEDDED, "网页或脚本")
    return family_of(head) in ("ole", "zip")


def _is_packed_drawing(head: bytes) -> bool:
    """Return whether a part is a drawing of Windows, packed with gzip (.emz, .wmz), as old versions of Office keep them."""
    if not head.startswith(GZIP):
        return False
    with suppress(zlib.error):
        start = zlib.decompressobj(wbits=31).decompress(head, 64)
        return start.startswith(WMF) or (start.startswith(EMF) and start[40:44] == b" EMF")
    return False


@contextmanager
def unpacked(archive: zipfile.ZipFile, name: str) -> Iterator[Path]:
    """Yield a temporary file with the part."""
    with tempfile.NamedTemporaryFile() as file:
        with archive.open(name) as part:
            shutil.copyfileobj(part, file, CHUNK)
        file.flush()
        yield Path(file.name)
