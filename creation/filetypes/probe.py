"""A program of its own that opens one PDF or OLE file, so that a hostile one can crash or exhaust nothing but itself.

    python -I probe.py pdf|ole FILE

Prints one line of JSON: {"content": "pdf", "fault": null}. Faults are values of refusals.Reason. Nothing of the project
is imported, which keeps its start at some 50 ms.
"""

import contextlib
import json
import re
import resource
import struct
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

MEMORY = 1 << 30
SECONDS = 20


def limit_myself() -> None:
    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
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
        return "pdf", None if len(document) and _has_a_page(document) else "damaged"


def _has_a_page(document: Any) -> bool:
    import pypdfium2

    try:
        document[0].close()
    except pypdfium2.PdfiumError:
        return False
    return True


# OLE: [MS-CFB], [MS-DOC], [MS-XLS], [MS-PPT], [MS-OFFCRYPTO]

CONTENTS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
ENCRYPTED_STREAMS = {"encryptedpackage", "encryptioninfo", "encryptedsummary", "\tdrmcontent"}
MACRO_STORAGES = {"macros", "vba", "_vba_project_cur", "_vba_project"}
WORD_ENCRYPTED = 0x0100  # FibBase.fEncrypted
EXCEL_FILEPASS = 0x002F
EXCEL_BOUNDSHEET, EXCEL_EOF = 0x0085, 0x000A
EXCEL_GLOBALS = 4 << 20  # bytes in which the list of sheets is looked for
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
            return _judge(file)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError):
        return None, "damaged"


def _judge(file: Any) -> tuple[str | None, str | None]:
    paths = [[part.lower() for part in path] for path in file.listdir(streams=True, storages=True)]
    content = next((CONTENTS[path[0]] for path in paths if len(path) == 1 and path[0] in CONTENTS), None)
    if not _is_whole(file):
        return content, "truncated"
    if any(path[0] in ENCRYPTED_STREAMS for path in paths) or _is_encrypted(file, content):
        return content, "encrypted"
    if MACRO_STORAGES & {part for path in paths for part in path} or _has_macros_inside(file, content):
        return content, "macro"
    return content, None


def _is_whole(file: Any) -> bool:
    """Every stream has its sectors, within the file; small streams live in the root's."""
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
    """Macros that need no storage of their own: macro sheets of Excel 4, and those within a presentation's stream."""
    if content == "xls":
        sheets = (body for kind, body in _excel_globals(file) if kind == EXCEL_BOUNDSHEET)
        return any(body[5:6] == bytes([EXCEL_MACRO_SHEET]) for body in sheets)
    return content == "ppt" and _ppt_has_macros(file)


def _excel_globals(file: Any) -> Iterator[tuple[int, bytes]]:
    """Type and body of the workbook's own records, before those of its sheets."""
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
    """A stream in pieces; olefile itself would read the whole of it into memory."""
    length = file.get_size(name)
    if length < file.minisectorcutoff:
        yield file.openstream(name).read()
        return
    first = file.direntries[file._find(name)].isectStart
    sectors = _sectors(file, first, -(-length // file.sectorsize))
    while some := list(islice(sectors, size // file.sectorsize)):
        yield b"".join(map(file.getsect, some))


def main(kind: str, path: str) -> None:
    limit_myself()
    try:
        content, fault = {"pdf": pdf, "ole": ole}[kind](path)
    except MemoryError:
        content, fault = None, "damaged"
    print(json.dumps({"content": content, "fault": fault}))


if __name__ == "__main__":
    main(*sys.argv[1:])
