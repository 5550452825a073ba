"""A separate program that opens one OLE file, so that a malicious file can crash or exhaust only this process.

    python -I probe_ole.py FILE FOLDER

Prints one line of JSON: {"content": "doc", "fault": null, "detail": "", "codes": []}. Faults are values of refusals.Reason. ``codes`` are
the texts of fields of Word documents, each between U+0013, U+0014 and U+0015. Office packages found inside are written into FOLDER, for the
caller to check. Imports nothing of the project, so that it starts in about 50 ms.
"""

import contextlib
import io
import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

# [MS-CFB], [MS-DOC], [MS-XLS], [MS-PPT], [MS-OFFCRYPTO]

CONTENTS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
ENCRYPTED_STREAMS = {"encryptedpackage", "encryptioninfo", "encryptedsummary", "\tdrmcontent"}
PACKAGED = "\x01ole10native"  # any file, wrapped by the Windows packager
CONTROLS = {"\x03ocxname", "\x03ocxdata", "ctls"}
MACRO_STORAGES = {"macros", "vba", "_vba_project_cur", "_vba_project"}
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
HIDDEN = {
    b"MZ": "可执行程序",
    b"\x7fELF": "可执行程序",
    b"L\0\0\0\x01\x14\x02\0": "快捷方式",
    b"%PDF": "PDF 文件",
    b"{\\rtf": "RTF 文件",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
}
# Objects that run a script or show a web page by themselves: htmlfile, Shell.Explorer, scriptlets, and links to an address.
ACTIVE_CLASSES = {
    "25336920-03F9-11CF-8FD0-00AA00686F13",
    "EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B",
    "8856F961-340A-11D0-A96B-00C04FD705A2",
    "06290BD0-48AA-11D2-8432-006008C3FBFC",
    "06290BD3-48AA-11D2-8432-006008C3FBFC",
    "00000300-0000-0000-C000-000000000046",
}
LINKED = 0x0001  # of the flags in an OLEStream ([MS-OLEDS] 2.3.3)
MAX_NESTING = 4
TAKEN_OUT = 256 << 20  # bytes of all objects taken out of the file
WORD_ENCRYPTED = 0x0100  # FibBase.fEncrypted
EXCEL_FILEPASS, EXCEL_SUPBOOK = 0x002F, 0x01AE
EXCEL_BOUNDSHEET, EXCEL_EOF = 0x0085, 0x000A
EXCEL_GLOBALS = 4 << 20  # bytes that are searched for the list of sheets
EXCEL_NAMES = (0x0018, 0x0023)  # Lbl, ExternName: functions newer than the format are called by name
EXCEL_QUERIES = {0x01AD: "网页查询", 0x00DC: "数据库查询", 0x0876: "外部数据连接", 0x0803: "网页查询"}
EXCEL_EXTERNAL = {b"\x01\x01@": "网络共享上的工作簿", b"\x01\x05": "网址上的工作簿"}  # how a virtual path begins
EXCEL_MACRO_SHEET = 1  # BoundSheet8.dt
PPT_ENCRYPTED = 0xF3D1C4DF  # CurrentUserAtom.headerToken
PPT_HAS_MACROS = re.compile(
    rb"\xff\x03.{4}\x02\0\0\x04\x0c\0\0\0.{4}(?!\0{4}).{4}", re.DOTALL
)  # VbaInfoAtom.fHasMacros
OVERLAP = 32


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


def ole(source: Any, unpacked: Unpacked, depth: int = 1) -> tuple[str | None, str | None]:
    """Return content and fault of a compound file, given by its path or as an open file."""
    import olefile

    if depth > MAX_NESTING:
        return None, "bomb:嵌套太深"
    try:
        with olefile.OleFileIO(source) as file:
            paths = [[part.lower() for part in path] for path in file.listdir(streams=True, storages=True)]
            contents = {CONTENTS[path[0]] for path in paths if len(path) == 1 and path[0] in CONTENTS}
            content = next(iter(sorted(contents)), None)
            return content, _fault_of(file, paths, contents, unpacked, depth)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError):
        return None, "damaged"


def _fault_of(file: Any, paths: list[list[str]], contents: set[str], unpacked: Unpacked, depth: int) -> str | None:
    if not _is_whole(file):
        return "truncated"
    if any(path[0] in ENCRYPTED_STREAMS for path in paths) or any(_is_encrypted(file, each) for each in contents):
        return "encrypted"
    names = {part for path in paths for part in path}
    if MACRO_STORAGES & names or any(_has_macros_inside(file, each) for each in contents):
        return "macro"
    if PACKAGED in {path[-1] for path in paths}:
        return "embedded:对象包"
    if CONTROLS & names:
        return "active:ActiveX 控件"
    if ACTIVE_CLASSES & {entry.clsid.upper() for entry in file.direntries if entry}:
        return "active:网页或脚本对象"
    for content, find in (("doc", _word_fault), ("xls", _excel_fault), ("ppt", _ppt_fault)):
        if content in contents and (fault := find(file, unpacked, depth)):
            return fault
    return _fault_inside(file, unpacked, depth)


def _fault_inside(file: Any, unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of an object that a stream holds. The streams of the document itself were judged before."""
    for path in file.listdir():
        if len(path) == 1 and path[0].lower() in {*CONTENTS, "pictures", "data", "0table", "1table"}:
            continue
        head = _start_of(file, path)[:16]
        if path[-1].lower() == "\x01ole" and len(head) >= 8 and _number("<L", head, 4) & LINKED:
            return "remote:链接的对象"
        if hidden := next((label for magic, label in HIDDEN.items() if head.startswith(magic)), None):
            return f"embedded:{hidden}"
        if head.startswith(ZIP):
            unpacked.add_package(_chunks(file, path))
        elif head.startswith(OLE) and (fault := _nested_fault(b"".join(_chunks(file, path)), unpacked, depth)):
            return fault
    return None


def _nested_fault(content: bytes, unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of a compound file inside another. One that cannot be read does no harm: no program reads it either."""
    unpacked.reserve(len(content))
    fault = ole(io.BytesIO(content), unpacked, depth + 1)[1]
    return fault if fault and fault.partition(":")[0] not in ("damaged", "truncated") else None


# Word

CLX, ASSOCIATED = 33, 32  # of the pairs of offset and length in FibRgFcLcb97
WORD_PAIRS = 0x9A
WORD_TEXT = 20 << 20  # characters
TEMPLATE = 1  # of SttbfAssoc
FAR = re.compile(r"\s*(?:\\\\|//|(?:https?|ftp|file|mhtml):)", re.IGNORECASE)
OUTSIDE_FIELDS = re.compile("^[^\x13]*|(?<=\x15)[^\x13\x14\x15]{400,}")


def _word_fault(file: Any, unpacked: Unpacked, depth: int) -> str | None:
    """Return the fault of a template to fetch. The codes of fields are left to the caller."""
    stream = b"".join(_chunks(file, "WordDocument"))
    table = "1Table" if _number("<H", stream, 10) & 0x0200 else "0Table"
    tables = b"".join(_chunks(file, table)) if file.exists(table) else b""
    text = _word_text(stream, _word_part(stream, tables, CLX))
    if "\x13" in text:
        unpacked.codes.append(OUTSIDE_FIELDS.sub("", text))
    template = _associated(_word_part(stream, tables, ASSOCIATED), TEMPLATE)
    return "remote:外部模板" if FAR.match(template) else None


def _word_part(stream: bytes, tables: bytes, number: int) -> bytes:
    at = WORD_PAIRS + 8 * number
    offset, length = struct.unpack_from("<2L", stream, at) if len(stream) >= at + 8 else (0, 0)
    return tables[offset : offset + length]


def _word_text(stream: bytes, clx: bytes) -> str:
    """Return the text by the table of pieces ([MS-DOC] 2.8.35); for files before Word 97 all bytes of text."""
    pieces = _word_pieces(clx)
    if not pieces and len(stream) > 0x20:
        first, last = struct.unpack_from("<2L", stream, 0x18)
        return stream[first:last].decode("cp1252", "replace")
    texts: list[str] = []
    for count, position in pieces:
        if position & 0x40000000:
            at = (position & 0x3FFFFFFF) // 2
            texts.append(stream[at : at + count].decode("cp1252", "replace"))
        else:
            texts.append(stream[position : position + 2 * count].decode("utf-16-le", "replace"))
        if sum(map(len, texts[-1:])) > WORD_TEXT:
            break
    return "".join(texts)[:WORD_TEXT]


def _word_pieces(clx: bytes) -> list[tuple[int, int]]:
    """Return characters and position of each piece."""
    at = 0
    while at + 3 <= len(clx) and clx[at] == 1:  # Prc: formatting
        at += 3 + int(struct.unpack_from("<H", clx, at + 1)[0])
    if at + 5 > len(clx) or clx[at] != 2:
        return []
    size = min(int(struct.unpack_from("<L", clx, at + 1)[0]), len(clx) - at - 5)
    count = (size - 4) // 12
    if count <= 0:
        return []
    ends = struct.unpack_from(f"<{count + 1}L", clx, at + 5)
    start = at + 5 + 4 * (count + 1)
    positions = [int(struct.unpack_from("<L", clx, start + 8 * number + 2)[0]) for number in range(count)]
    return [(max(0, after - before), at) for before, after, at in zip(ends, ends[1:], positions, strict=False)]


def _associated(table: bytes, number: int) -> str:
    """Return a string of SttbfAssoc: names that belong to the document, among them its template."""
    at = 6
    for index in range(number + 1):
        if at + 2 > len(table):
            return ""
        length = int(struct.unpack_from("<H", table, at)[0])
        if index == number:
            return table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
        at += 2 + 2 * length
    return ""


# Excel


def _excel_fault(file: Any, unpacked: Unpacked, depth: int) -> str | None:
    for name in ("Workbook", "Book"):
        if file.exists(name):
            stream = b"".join(_chunks(file, name))
            for kind, start, end in _records(stream):
                if fault := _record_fault(kind, stream[start : min(end, start + 4096)]):
                    return fault
    return None


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and end of every record, those of the sheets included."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if not kind and not length:
            return
        yield kind, at + 4, at + 4 + length
        at += 4 + length


def _record_fault(kind: int, body: bytes) -> str | None:
    if kind in EXCEL_QUERIES:
        return f"remote:{EXCEL_QUERIES[kind]}"
    if kind == EXCEL_SUPBOOK:
        if (
            b"\x03" in body[5:]
        ):  # a DDE or OLE source, whose virtual path separates its parts by U+0003 ([MS-XLS] 2.4.271)
            return "remote:DDE 链接"
        path = body[5:].replace(b"\0", b"")
        return next((f"remote:{label}" for start, label in EXCEL_EXTERNAL.items() if path.startswith(start)), None)
    if kind in EXCEL_NAMES and b"WEBSERVICE" in body.replace(b"\0", b"").upper():
        return "remote:函数 WEBSERVICE"
    return None


# PowerPoint: the records are searched for at every position, because readers follow offsets and skip what is between

PPT_OBJECT = re.compile(rb"[\0\x10]\0\x11\x10(.{4})", re.DOTALL)  # ExOleObjStg, or one that is compressed
PPT_LINK = re.compile(rb"\x0f\0\xce\x0f.{4}.\0\xd1\x0f\x0c\0\0\0", re.DOTALL)  # ExOleLink
PPT_CONTROL = re.compile(rb"\x0f\0\xee\x0f.{4}.\0\xfb\x0f\x04\0\0\0", re.DOTALL)  # ExControl
PPT_INTERACTION = re.compile(
    rb"(?P<hover>[\x0f\x1f])\0\xf2\x0f.{4}\0\0\xf3\x0f\x10\0\0\0.{8}(?P<action>.)", re.DOTALL
)  # InteractiveInfo and its atom
PPT_ACTIONS = {1: "macro", 2: "active:点击或划过时启动程序"}
HOVER, OPENS = b"\x1f", {4: "active:鼠标划过时打开链接", 5: "active:鼠标划过时打开对象"}


def _ppt_fault(file: Any, unpacked: Unpacked, depth: int) -> str | None:
    stream = b"".join(_chunks(file, "PowerPoint Document"))
    if PPT_LINK.search(stream):
        return "remote:链接的对象"
    if PPT_CONTROL.search(stream):
        return "active:ActiveX 控件"
    for found in PPT_INTERACTION.finditer(stream):
        action = found["action"][0]
        if fault := PPT_ACTIONS.get(action) or (OPENS.get(action) if found["hover"] == HOVER else None):
            return fault
    for found in PPT_OBJECT.finditer(stream):
        content = _ppt_object(stream, found.end(), int(struct.unpack("<L", found[1])[0]))
        if content.startswith(OLE) and (fault := _nested_fault(content, unpacked, depth)):
            return fault
        if content.startswith(ZIP):
            unpacked.add_package(iter([content]))
    return None


def _ppt_object(stream: bytes, start: int, length: int) -> bytes:
    """Return the content of an object: plain, or compressed behind four bytes with its size."""
    if stream.startswith((OLE, ZIP), start):
        return stream[start : start + length]
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj().decompress(stream[start + 4 : start + length], TAKEN_OUT)
    return b""


# Common


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


def _start_of(file: Any, name: Any, size: int = 4096) -> bytes:
    return next(_chunks(file, name, size), b"")


def _chunks(file: Any, name: Any, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield a stream in chunks. olefile itself would read the whole stream into memory."""
    length = file.get_size(name)
    if length < file.minisectorcutoff:
        yield file.openstream(name).read()
        return
    first = file.direntries[file._find(name)].isectStart
    sectors = _sectors(file, first, -(-length // file.sectorsize))
    while some := list(islice(sectors, max(1, size // file.sectorsize))):
        chunk = b"".join(map(file.getsect, some))[:length]
        length -= len(chunk)
        yield chunk


def judge(path: str, folder: str) -> dict[str, Any]:
    """Return content and fault of the file, and the texts of fields in it. Office packages found inside are written into the folder."""
    unpacked = Unpacked(folder)
    try:
        content, fault = ole(path, unpacked)
    except MemoryError:
        content, fault = None, "damaged"
    reason, _, detail = (fault or "").partition(":")
    return {"content": content, "fault": reason, "detail": detail, "codes": unpacked.codes}
