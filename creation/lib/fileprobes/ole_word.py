"""Text and template of an old text document ([MS-DOC])."""

import re
import struct

from creation.lib import link_targets
from creation.lib.fileprobes import ole_links
from creation.lib.fileprobes.ole_storage import Storage, number

CLX, ASSOCIATED = 33, 32  # of the pairs of offset and length in FibRgFcLcb97
PAIRS = 0x9A
TEXT = 20 << 20  # characters
TEMPLATE = 1  # of SttbfAssoc
ENCRYPTED = 0x0100  # FibBase.fEncrypted
OUTSIDE_FIELDS = re.compile("^[^\x13]*|(?<=\x15)[^\x13\x14\x15]{400,}")


def is_encrypted(storage: Storage) -> bool:
    return bool(number("<H", storage.start("WordDocument"), 10) & ENCRYPTED)


def fields(storage: Storage) -> str:
    """Return the text around its fields, each between U+0013, U+0014 and U+0015; "" without fields."""
    stream, tables = _streams(storage)
    text = _text(stream, _part(stream, tables, CLX))
    return OUTSIDE_FIELDS.sub("", text) if "\x13" in text else ""


def link_fault(storage: Storage) -> str | None:
    """Return the fault of links and pictures of drawings, which are in the table's stream."""
    return ole_links.fault(_streams(storage)[1])


def has_far_template(storage: Storage) -> bool:
    stream, tables = _streams(storage)
    return not link_targets.is_local(_associated(_part(stream, tables, ASSOCIATED), TEMPLATE).strip())


def _streams(storage: Storage) -> tuple[bytes, bytes]:
    stream = storage.whole("WordDocument")
    table = "1Table" if number("<H", stream, 10) & 0x0200 else "0Table"
    return stream, storage.whole(table) if storage.exists(table) else b""


def _part(stream: bytes, tables: bytes, which: int) -> bytes:
    at = PAIRS + 8 * which
    offset, length = struct.unpack_from("<2L", stream, at) if len(stream) >= at + 8 else (0, 0)
    return tables[offset : offset + length]


def _text(stream: bytes, clx: bytes) -> str:
    """Return the text by the table of pieces ([MS-DOC] 2.8.35); for files before Word 97 all bytes of text."""
    pieces = _pieces(clx)
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
        if sum(map(len, texts[-1:])) > TEXT:
            break
    return "".join(texts)[:TEXT]


def _pieces(clx: bytes) -> list[tuple[int, int]]:
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
