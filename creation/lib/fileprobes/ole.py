"""Judges a compound file of Office or WPS, and everything in it: python -I run.py ole FILE FOLDER

The answer also has "codes", the texts of fields of text documents, each between U+0013, U+0014 and U+0015. Office packages found inside
are written into FOLDER, for the caller to check.
"""

import contextlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from creation.lib.fileprobes import ole_excel, ole_objects, ole_powerpoint, ole_storage, ole_vba, ole_word
from creation.lib.fileprobes.ole_storage import Storage

# The names are those of the specifications MS-CFB, MS-DOC, MS-XLS, MS-PPT and MS-OFFCRYPTO.

CONTENTS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
PARTS = {*CONTENTS, "pictures", "data", "0table", "1table"}  # streams of a document, which begin with anything
ENCRYPTED_STREAMS = {"encryptedpackage", "encryptioninfo", "encryptedsummary", "\tdrmcontent"}
CONTROLS = {"\x03ocxname", "\x03ocxdata", "ctls"}
MACRO_STORAGES = {"macros", "vba", "_vba_project_cur", "_vba_project"}
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
LINKED = 0x0001  # of the flags in an OLEStream ([MS-OLEDS] 2.3.3)
MAX_NESTING = 4
HARMFUL_NAMES = ("\x01Ole10Native", "\x03OCXNAME", "_VBA_PROJECT", "Ctls")
UNREADABLE = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError)
TAKEN_OUT = 256 << 20  # bytes of all objects taken out of the file


class Unpacked:
    """What was taken out of a file: fields of text documents, and Office packages, which are written into a folder."""

    def __init__(self, folder: str) -> None:
        self.folder, self.count, self.size = Path(folder), 0, 0
        self.codes: list[str] = []

    def add_package(self, chunks: Iterator[bytes]) -> None:
        self.count += 1
        with (self.folder / str(self.count)).open("wb") as file:
            for chunk in chunks:
                self.reserve(len(chunk))
                file.write(chunk)

    def reserve(self, size: int) -> None:
        """Raise MemoryError if all objects together are too large."""
        self.size += size
        if self.size > TAKEN_OUT:
            raise MemoryError


def judge(path: str, folder: str) -> dict[str, Any]:
    """Return content and fault of the file, and the codes of fields."""
    unpacked = Unpacked(folder)
    try:
        content, fault = ole(path, unpacked)
    except MemoryError:
        content, fault = None, "damaged"
    reason, _, detail = (fault or "").partition(":")
    return {"content": content, "fault": reason, "detail": detail, "codes": unpacked.codes}


def ole(source: Any, unpacked: Unpacked, depth: int = 1) -> tuple[str | None, str | None]:
    """Return content and fault of a compound file, given by its path or as an open file."""
    import olefile

    if depth > MAX_NESTING:
        return None, "bomb:嵌套太深"
    size = Path(source).stat().st_size if isinstance(source, str) else len(source.getbuffer())
    try:
        with olefile.OleFileIO(ole_storage.padded(source)) as file:
            paths = [[part.lower() for part in path] for path in file.listdir(streams=True, storages=True)]
            contents = {CONTENTS[path[0]] for path in paths if len(path) == 1 and path[0] in CONTENTS}
            content = next(iter(sorted(contents)), None)
            if len({(*path,) for path in paths}) != len(paths):
                return content, "embedded:两个同名的数据流"
            if not ole_storage.is_whole(file, size):
                return content, _fault_of_remains(file, paths, unpacked, depth) or "truncated"
            return content, _fault_of(file, paths, unpacked, depth)
    except UNREADABLE:
        return None, "embedded:读不出来的对象" if _names_harm(source) else "damaged"


def _fault_of_remains(file: Any, paths: list[list[str]], unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of a file that lacks a part. Programs open what is there."""
    names = {part for path in paths for part in path}
    if MACRO_STORAGES & names:
        return "macro"
    if ole_objects.NATIVE in names:
        return "embedded:对象包"
    with contextlib.suppress(*UNREADABLE):
        return _fault_of(file, paths, unpacked, depth)
    return None


def _names_harm(source: Any) -> bool:
    """Return whether a file that cannot be read here, but perhaps by an office program, names macros, controls or a wrapped file."""
    content = Path(source).read_bytes() if isinstance(source, str) else source.getvalue()
    return any(name.encode("utf-16-le") in content for name in HARMFUL_NAMES)


def _fault_of(file: Any, paths: list[list[str]], unpacked: Unpacked, depth: int) -> str | None:
    storages = {(*path[:-1],): Storage(file, (*path[:-1],)) for path in paths if path[-1] in CONTENTS}
    documents = [
        (storages[(*path[:-1],)], CONTENTS[path[-1]])
        for path in paths
        if path[-1] in CONTENTS and file.get_type(path) == 2
    ]
    names = {part for path in paths for part in path}
    if any(path[0] in ENCRYPTED_STREAMS for path in paths) or any(_is_encrypted(*each) for each in documents):
        return "encrypted"
    if (MACRO_STORAGES & names and not ole_vba.has_no_macro(file, paths)) or any(
        _has_macros(*each) for each in documents
    ):
        return "macro"
    if CONTROLS & names:
        return "active:ActiveX 控件"
    if fault := ole_objects.class_fault(file, paths):
        return fault
    for storage, content in documents:
        if fault := _document_fault(storage, content, unpacked, depth):
            return fault
    return _fault_inside(file, set(storages), unpacked, depth)


def _is_encrypted(storage: Storage, content: str) -> bool:
    return {"doc": ole_word, "xls": ole_excel, "ppt": ole_powerpoint}[content].is_encrypted(storage)  # type: ignore[no-any-return]


def _has_macros(storage: Storage, content: str) -> bool:
    """Return whether there are macros outside a macro storage: Excel 4 macro sheets, and macros in a presentation's stream."""
    if content == "xls":
        return ole_excel.has_macro_sheet(storage)
    return content == "ppt" and ole_powerpoint.has_macros(storage)


def _document_fault(storage: Storage, content: str, unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of a document, the main one or one in a storage. The codes of fields are left to the caller."""
    if content == "doc":
        unpacked.codes.append(ole_word.fields(storage))
        return "remote:外部模板" if ole_word.has_far_template(storage) else ole_word.link_fault(storage)
    if content == "xls":
        return ole_excel.fault(storage)
    if fault := ole_powerpoint.fault(storage):
        return fault
    for each in ole_powerpoint.objects(storage, TAKEN_OUT):
        if each.startswith(OLE) and (fault := _nested_fault(each, unpacked, depth)):
            return fault
        if each.startswith(ZIP):
            unpacked.add_package(iter([each]))
    return None


def _fault_inside(file: Any, documents: set[tuple[str, ...]], unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of an object that a stream holds. The streams of documents were judged before."""
    for path in file.listdir():
        name, place = path[-1].lower(), tuple(part.lower() for part in path[:-1])
        if name in PARTS and place in documents:
            continue
        head = next(ole_storage.chunks(file, path, 4096), b"")[:16]
        if name == "\x01ole" and len(head) >= 8 and ole_storage.number("<L", head, 4) & LINKED:
            return "remote:链接的对象"
        if hidden := ole_objects.hidden(head):
            return f"embedded:{hidden}"
        if head.startswith(ZIP):
            unpacked.add_package(ole_storage.chunks(file, path))
        elif head.startswith(OLE) and (
            fault := _nested_fault(b"".join(ole_storage.chunks(file, path)), unpacked, depth)
        ):
            return fault
    return None


def _nested_fault(content: bytes, unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of a compound file inside another. One that cannot be read does no harm: no program reads it either."""
    unpacked.reserve(len(content))
    fault = ole(io.BytesIO(content), unpacked, depth + 1)[1]
    return fault if fault and fault.partition(":")[0] not in ("damaged", "truncated") else None
