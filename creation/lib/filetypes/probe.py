"""A separate program that opens one PDF or OLE file, so that a malicious file can crash or exhaust only this process.

    python -I probe.py pdf|ole FILE

Prints one line of JSON: {"content": "pdf", "fault": null, "detail": ""}. Faults are values of refusals.Reason. Imports nothing
of the project, so that it starts in about 50 ms.
"""

import contextlib
import json
import mmap
import re
import resource
import struct
import sys
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

MEMORY = 1 << 30
SECONDS = 20


def limit_resources() -> None:
    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on address space
            resource.setrlimit(what, (limit, limit))


# PDF


def pdf(path: str) -> tuple[str, str | None]:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return "pdf", "encrypted" if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD else "damaged"
    with contextlib.closing(document):
        if pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0:
            return "pdf", "encrypted"
        if not len(document) or not _has_a_page(document):
            return "pdf", "damaged"
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return "pdf", _find_pdf_action(data)


def _has_a_page(document: Any) -> bool:
    import pypdfium2

    try:
        document[0].close()
    except pypdfium2.PdfiumError:
        return False
    return True


def _name(text: str) -> bytes:
    """Return a pattern for a PDF name, whose characters may be written as #xx (ISO 32000-1, 7.3.5)."""
    spelled = "".join(f"(?:{char}|#{ord(char):x})" for char in text)
    return f"/{spelled}(?![A-Za-z0-9])".encode()


PDF_ACTIONS = (
    ("active", "JavaScript 脚本", re.compile(_name("JavaScript"), re.IGNORECASE)),
    ("active", "启动其他程序", re.compile(_name("Launch"), re.IGNORECASE)),
    ("active", "多媒体插件", re.compile(_name("RichMedia"), re.IGNORECASE)),
    ("embedded", "PDF 附件", re.compile(_name("EmbeddedFile"), re.IGNORECASE)),
    ("embedded", "PDF 附件", re.compile(_name("EmbeddedFiles"), re.IGNORECASE)),
)
STREAM = re.compile(rb"(?<!end)stream\r?\n")
OBJECT_STREAM = re.compile(_name("ObjStm"))
NUMBERS_FIRST = re.compile(rb"\s*\d+\s+\d+\s")  # an object stream begins with a table of numbers
OBJECTS_BYTES = 64 << 20
DICTIONARY = 600  # bytes before the word `stream` that are searched for its dictionary


def _find_pdf_action(data: mmap.mmap) -> str | None:
    """Return the fault for active or hidden content, if any. Dictionaries occur in plain form or in object streams; both are searched."""
    if found := _find_action(data):
        return found
    for stream in STREAM.finditer(data):
        objects = _inflated(data, stream.end())
        if NUMBERS_FIRST.match(objects) and (found := _find_action(objects)):
            return found
        dictionary = data[max(0, stream.start() - DICTIONARY) : stream.start()].rpartition(b"obj")[2]
        if not objects and OBJECT_STREAM.search(dictionary):
            return "damaged"  # compressed in an unusual way: the content cannot be checked
    return None


def _find_action(data: bytes | mmap.mmap) -> str | None:
    return next((f"{fault}:{detail}" for fault, detail, name in PDF_ACTIONS if name.search(data)), None)


def _inflated(data: mmap.mmap, start: int) -> bytes:
    """Return the whole content of an object stream, the beginning of any other stream, and nothing for data that is not Flate."""
    try:
        head = zlib.decompressobj().decompress(data[start : start + 256], 64)
        if not NUMBERS_FIRST.match(head):
            return head
        return zlib.decompressobj().decompress(data[start:], OBJECTS_BYTES)
    except zlib.error:
        return b""


# OLE: [MS-CFB], [MS-DOC], [MS-XLS], [MS-PPT], [MS-OFFCRYPTO]

CONTENTS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
ENCRYPTED_STREAMS = {"encryptedpackage", "encryptioninfo", "encryptedsummary", "\tdrmcontent"}
PACKAGED = "\x01ole10native"  # any file, wrapped by the Windows packager
MACRO_STORAGES = {"macros", "vba", "_vba_project_cur", "_vba_project"}
WORD_ENCRYPTED = 0x0100  # FibBase.fEncrypted
EXCEL_FILEPASS, EXCEL_SUPBOOK = 0x002F, 0x01AE
EXCEL_BOUNDSHEET, EXCEL_EOF = 0x0085, 0x000A
EXCEL_GLOBALS = 4 << 20  # bytes that are searched for the list of sheets
EXCEL_MACRO_SHEET = 1  # BoundSheet8.dt
PPT_ENCRYPTED = 0xF3D1C4DF  # CurrentUserAtom.headerToken
PPT_HAS_MACROS = re.compile(
    rb"\xff\x03.{4}\x02\0\0\x04\x0c\0\0\0.{4}(?!\0{4}).{4}", re.DOTALL
)  # VbaInfoAtom.fHasMacros
OVERLAP = 32


def ole(path: str) -> tuple[str | None, str | None]:
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            return _judge_ole(file)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError):
        return None, "damaged"


def _judge_ole(file: Any) -> tuple[str | None, str | None]:
    paths = [[part.lower() for part in path] for path in file.listdir(streams=True, storages=True)]
    content = next((CONTENTS[path[0]] for path in paths if len(path) == 1 and path[0] in CONTENTS), None)
    if not _is_whole(file):
        return content, "truncated"
    if any(path[0] in ENCRYPTED_STREAMS for path in paths) or _is_encrypted(file, content):
        return content, "encrypted"
    if MACRO_STORAGES & {part for path in paths for part in path} or _has_macros_inside(file, content):
        return content, "macro"
    if PACKAGED in {path[-1] for path in paths}:
        return content, "embedded:对象包"
    if content == "xls" and any(_is_dde(kind, body) for kind, body in _excel_globals(file)):
        return content, "remote:DDE 链接"
    return content, None


def _is_dde(kind: int, body: bytes) -> bool:
    """Return whether a record is a DDE or OLE source, whose virtual path separates its parts by U+0003 ([MS-XLS] 2.4.271)."""
    return kind == EXCEL_SUPBOOK and b"\x03" in body[5:]


def _is_whole(file: Any) -> bool:
    """Return whether every stream has all its sectors within the file. Small streams are in the root's stream."""
    streams = [entry for entry in file.direntries if entry and entry.entry_type == 2]
    large = [entry for entry in streams if entry.size >= file.minisectorcutoff]
    return all(_has_its_sectors(file, entry.isectStart, entry.size) for entry in [file.root, *large])


def _has_its_sectors(file: Any, first: int, size: int) -> bool:
    needed = -(-size // file.sectorsize)
    return bool(needed <= len(file.fat)) and sum(1 for _ in _sectors(file, first, needed)) == needed


def _sectors(file: Any, sector: int, count: int) -> Iterator[int]:
    for _ in range(count):
        if sector >= min(len(file.fat), file.nb_sect):
            return
        yield sector
        sector = file.fat[sector]


def _is_encrypted(file: Any, content: str | None) -> bool:
    if content == "doc":
        return bool(_number("<H", _start_of(file, "WordDocument"), 10) & WORD_ENCRYPTED)
    if content == "xls":
        return any(kind == EXCEL_FILEPASS for kind, _ in _excel_globals(file))
    if content == "ppt" and file.exists("Current User"):
        return _number("<L", _start_of(file, "Current User"), 12) == PPT_ENCRYPTED
    return False


def _number(form: str, stream: bytes, at: int) -> int:
    return int(struct.unpack_from(form, stream, at)[0])


def _has_macros_inside(file: Any, content: str | None) -> bool:
    """Return whether there are macros outside a macro storage: Excel 4 macro sheets, and macros in a presentation's stream."""
    if content == "xls":
        sheets = (body for kind, body in _excel_globals(file) if kind == EXCEL_BOUNDSHEET)
        return any(body[5:6] == bytes([EXCEL_MACRO_SHEET]) for body in sheets)
    return content == "ppt" and _ppt_has_macros(file)


def _excel_globals(file: Any) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of the workbook's own records, which precede those of its sheets."""
    name = "Workbook" if file.exists("Workbook") else "Book"
    stream, at = _start_of(file, name, EXCEL_GLOBALS), 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if kind == EXCEL_EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _ppt_has_macros(file: Any) -> bool:
    before = b""
    for chunk in _chunks(file, "PowerPoint Document"):
        if PPT_HAS_MACROS.search(before + chunk):
            return True
        before = chunk[-OVERLAP:]
    return False


def _start_of(file: Any, name: str, size: int = 4096) -> bytes:
    return next(_chunks(file, name, size), b"")


def _chunks(file: Any, name: str, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield a stream in chunks. olefile itself would read the whole stream into memory."""
    length = file.get_size(name)
    if length < file.minisectorcutoff:
        yield file.openstream(name).read()
        return
    first = file.direntries[file._find(name)].isectStart
    sectors = _sectors(file, first, -(-length // file.sectorsize))
    while some := list(islice(sectors, size // file.sectorsize)):
        yield b"".join(map(file.getsect, some))


def main(kind: str, path: str) -> None:
    limit_resources()
    try:
        content, fault = {"pdf": pdf, "ole": ole}[kind](path)
    except MemoryError:
        content, fault = None, "damaged"
    reason, _, detail = (fault or "").partition(":")
    print(json.dumps({"content": content, "fault": reason, "detail": detail}))


if __name__ == "__main__":
    main(*sys.argv[1:])
