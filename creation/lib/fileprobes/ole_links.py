"""Links in old Office files: what a click opens ([MS-OSHARED] 2.3.7), and pictures that are read from elsewhere ([MS-ODRAW])."""

import re
import struct
from collections.abc import Iterator
from uuid import UUID

from creation.lib import link_targets

ADDRESS = UUID("79EAC9E0-BAF9-11CE-8C82-00AA004BA90B").bytes_le  # URLMoniker
FILE = UUID("00000303-0000-0000-C000-000000000046").bytes_le  # FileMoniker
MONIKER = re.compile(b"|".join(map(re.escape, (ADDRESS, FILE))))
AFTER_PATH = 24  # bytes between both paths of a FileMoniker
LONGEST = 8192  # bytes of an address
DISPLAY, FRAME, HAS_MONIKER, AS_TEXT = 0x0010, 0x0080, 0x0001, 0x0100  # of a Hyperlink's flags
PROPERTIES = re.compile(rb"[\x03-\xf3].\x0b\xf0(.{4})", re.DOTALL)  # OfficeArtFOPT
PICTURE_NAME, PICTURE_FLAGS, IDENTIFIER, COMPLEX = 0x0105, 0x0106, 0x3FFF, 0x8000
NOT_SAVED = 0x04 | 0x08  # a picture that is not in the file


def fault(stream: bytes) -> str | None:
    """Return the first fault of the links in a stream."""
    for target in _targets(stream):
        if not link_targets.may_be_clicked(target):
            return f"remote:链接 {target[:60]}"
    for name in _pictures_elsewhere(stream):
        if not link_targets.is_local(name):
            return f"remote:外部图片 {name[:60]}"
    return None


def hyperlink_fault(body: bytes) -> str | None:
    """Return the fault of a Hyperlink whose target is written as a text. Monikers are found by `fault`."""
    flags, at = struct.unpack_from("<L", body, 4)[0] if len(body) >= 8 else 0, 8
    for flag in (DISPLAY, FRAME):
        if flags & flag:
            at += 4 + 2 * _number(body, at)
    if flags & HAS_MONIKER and flags & AS_TEXT:
        target = _text(body, at + 4, 2 * _number(body, at))
        return None if link_targets.may_be_clicked(target) else f"remote:链接 {target[:60]}"
    return None


def _targets(stream: bytes) -> Iterator[str]:
    for found in MONIKER.finditer(stream):
        at = found.end()
        if found[0] == ADDRESS:
            yield _text(stream, at + 4, _number(stream, at))
            continue
        length = _number(stream, at + 2)
        if length > LONGEST:  # not a moniker: the class alone
            continue
        yield stream[at + 6 : at + 6 + length].partition(b"\0")[0].decode("gb18030", "replace")
        after = at + 6 + length + AFTER_PATH
        if _number(stream, after):
            yield _text(stream, after + 10, _number(stream, after + 4))


def _pictures_elsewhere(stream: bytes) -> Iterator[str]:
    """Yield the names of pictures that are linked, of all lists of properties."""
    for found in PROPERTIES.finditer(stream):
        head = struct.unpack_from("<H", stream, found.start())[0]
        if head & 0xF != 3:
            continue
        at = found.end() + 6 * (head >> 4)
        name, flags = "", 0
        for index in range(head >> 4):
            place = found.end() + 6 * index
            if place + 6 > len(stream):
                break
            kind, value = struct.unpack_from("<HL", stream, place)
            if kind & IDENTIFIER == PICTURE_NAME and kind & COMPLEX:
                name = _text(stream, at, value)
            elif kind & IDENTIFIER == PICTURE_FLAGS:
                flags = value
            at += value if kind & COMPLEX else 0
        if name and flags & NOT_SAVED:
            yield name


def _number(stream: bytes, at: int) -> int:
    return int(struct.unpack_from("<L", stream, at)[0]) if at + 4 <= len(stream) else 0


def _text(stream: bytes, at: int, length: int) -> str:
    return stream[at : at + min(length, LONGEST) & ~1].decode("utf-16-le", "replace").partition("\0")[0]
