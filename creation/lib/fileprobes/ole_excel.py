"""Records of an old workbook ([MS-XLS]): what they read outside of it, macro sheets, encryption."""

import re
import struct
from collections.abc import Iterator

from creation.lib import link_targets
from creation.lib.fileprobes import ole_formulas, ole_links
from creation.lib.fileprobes.ole_storage import Storage, number

FILEPASS, SUPBOOK, BOUNDSHEET, EOF = 0x002F, 0x01AE, 0x0085, 0x000A
GLOBALS = 4 << 20  # bytes that are searched for the list of sheets
NAMES = (0x0018, 0x0023)  # Lbl, ExternName: functions newer than the format are called by name
NEWER = re.compile(rb"WEBSERVICE|SQL\.REQUEST|_XLFN\.IMAGE")
QUERIES = {
    0x01AD: "网页查询",
    0x00DC: "数据库查询",
    0x0876: "外部数据连接",
    0x0803: "网页查询",
    0x0805: "外部文本查询",
    0x080A: "外部数据连接",
    0x0813: "实时数据",
}
MACRO_SHEET = 1  # BoundSheet8.dt
BEGINNINGS = (0x0809, 0x0409, 0x0209, 0x0009)  # BOF, by version of the format
MACROS = (0x0006, 0x0040)  # BOF.dt: a module, a macro sheet
EXCEL_97 = 0x0600  # BOF.vers
HYPERLINK, BEFORE_HYPERLINK = 0x01B8, 8 + 16  # HLink: a range and a class, then a Hyperlink
STREAMS = ("Workbook", "Book")  # a file may have both, for new and old programs
LONGEST = 4096  # bytes of a record that are judged
SOMETHING = re.compile(rb"[^\0]")
# The first characters of a virtual path, whose parts U+0003 separates (2.5.277). A source of DDE or OLE has no such beginning (2.4.271).
WORKBOOK, SHARE, ADDRESS = "\x01", "\x01\x01@", "\x01\x05"


def is_encrypted(storage: Storage) -> bool:
    return any(kind == FILEPASS for name in _streams(storage) for kind, _ in _globals(storage, name))


def has_macro_sheet(storage: Storage) -> bool:
    sheets = (body for name in _streams(storage) for kind, body in _globals(storage, name) if kind == BOUNDSHEET)
    return any(_is_macro_sheet(body) for body in sheets)


def _streams(storage: Storage) -> list[str]:
    return [name for name in STREAMS if storage.exists(name)]


def _is_macro_sheet(body: bytes) -> bool:
    return body[5:6] == bytes([MACRO_SHEET])


def _globals(storage: Storage, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of the workbook's own records, which precede those of its sheets."""
    stream, at = storage.start(name, GLOBALS), 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if kind == EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def fault(storage: Storage) -> str | None:
    for name in _streams(storage):
        stream = storage.whole(name)
        is_old = number("<H", stream, 4) < EXCEL_97 if len(stream) >= 6 else False
        for kind, start, end in _records(stream):
            body = stream[start:end]
            if found := _record_fault(kind, body):
                return found
            if function := ole_formulas.called(kind, body, is_old=is_old):
                return f"remote:函数 {function}"
        if found := ole_links.fault(stream):
            return found
    return None


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and end of every record: in order, and from where each sheet is said to begin, as readers do."""
    begins = [0]
    seen: set[int] = set()
    while begins:
        at = begins.pop()
        while at + 4 <= len(stream) and at not in seen:
            seen.add(at)
            kind, length = struct.unpack_from("<2H", stream, at)
            if not kind and not length:  # some programs leave room between records
                following = SOMETHING.search(stream, at)
                at = following.start() & ~1 if following else len(stream)
                continue
            yield kind, at + 4, at + 4 + length
            if kind == BOUNDSHEET and length >= 4 and at + 8 <= len(stream):
                begins.append(number("<L", stream, at + 4))
            at += 4 + length


def _record_fault(kind: int, body: bytes) -> str | None:
    if kind in QUERIES:
        return f"remote:{QUERIES[kind]}"
    if (kind == BOUNDSHEET and _is_macro_sheet(body)) or (
        kind in BEGINNINGS and len(body) >= 4 and number("<H", body, 2) in MACROS
    ):
        return "macro"
    if kind == SUPBOOK:
        return _link_fault(_virtual_path(body[:LONGEST]))
    if kind in NAMES and (found := NEWER.search(body.replace(b"\0", b"").upper())):
        return f"remote:函数 {found[0].decode()}"
    return ole_links.hyperlink_fault(body[BEFORE_HYPERLINK:]) if kind == HYPERLINK else None


def _virtual_path(body: bytes) -> str:
    """Return the path of a SupBook: two numbers, then a string of one or two bytes a character."""
    return body[5:].decode("utf-16-le" if body[4:5] == b"\1" else "latin-1", "replace")


def _link_fault(path: str) -> str | None:
    if path.startswith(SHARE):
        share = "//" + path.removeprefix(SHARE).replace("\x03", "/")
        return None if link_targets.is_office_share(share) else "remote:网络共享上的工作簿"
    if path.startswith(ADDRESS):
        return "remote:网址上的工作簿"
    return "remote:DDE 链接" if "\x03" in path and not path.startswith(WORKBOOK) else None
