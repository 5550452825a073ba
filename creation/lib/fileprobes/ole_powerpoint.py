"""Records of an old presentation ([MS-PPT]). They are searched for at every position: readers follow offsets and skip what is between."""

import contextlib
import re
import struct
import zlib
from collections.abc import Iterator

from creation.lib import link_targets
from creation.lib.fileprobes import ole_links
from creation.lib.fileprobes.ole_storage import Storage, number

MAIN = "PowerPoint Document"
ENCRYPTED = 0xF3D1C4DF  # CurrentUserAtom.headerToken
HAS_MACROS = re.compile(rb"\xff\x03.{4}\x02\0\0\x04\x0c\0\0\0.{4}(?!\0{4}).{4}", re.DOTALL)  # VbaInfoAtom.fHasMacros
OVERLAP = 32
OBJECT = re.compile(rb"[\0\x10]\0\x11\x10(.{4})", re.DOTALL)  # ExOleObjStg, or one that is compressed
LINK = re.compile(rb"\x0f\0\xce\x0f.{4}.\0\xd1\x0f\x0c\0\0\0", re.DOTALL)  # ExOleLink
CONTROL = re.compile(rb"\x0f\0\xee\x0f.{4}.\0\xfb\x0f\x04\0\0\0", re.DOTALL)  # ExControl
# InteractiveInfo and its atom.
INTERACTION = re.compile(rb"(?P<hover>[\x0f\x1f])\0\xf2\x0f.{4}\0\0\xf3\x0f\x10\0\0\0.{8}(?P<action>.)", re.DOTALL)
ACTIONS = {1: "macro", 2: "active:点击或划过时启动程序"}
HYPERLINK = re.compile(rb"\x0f\0\xd7\x0f(.{4})", re.DOTALL)  # ExHyperlink
TARGET = re.compile(rb"\x10\0\xba\x0f(.{4})", re.DOTALL)  # its targetAtom
HOVER, OPENS = b"\x1f", {4: "active:鼠标划过时打开链接", 5: "active:鼠标划过时打开对象"}
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"


def is_encrypted(storage: Storage) -> bool:
    return storage.exists("Current User") and number("<L", storage.start("Current User"), 12) == ENCRYPTED


def has_macros(storage: Storage) -> bool:
    before = b""
    for chunk in storage.chunks(MAIN):
        if HAS_MACROS.search(before + chunk):
            return True
        before = chunk[-OVERLAP:]
    return False


def fault(storage: Storage) -> str | None:
    stream = storage.whole(MAIN)
    if LINK.search(stream):
        return "remote:链接的对象"
    if CONTROL.search(stream):
        return "active:ActiveX 控件"
    for found in INTERACTION.finditer(stream):
        action = found["action"][0]
        if fault := ACTIONS.get(action) or (OPENS.get(action) if found["hover"] == HOVER else None):
            return fault
    for target in _targets(stream):
        if not link_targets.may_be_clicked(target):
            return f"remote:链接 {target[:60]}"
    return ole_links.fault(stream)


def _targets(stream: bytes) -> Iterator[str]:
    for link in HYPERLINK.finditer(stream):
        end = link.end() + number("<L", link[1], 0)
        for found in TARGET.finditer(stream, link.end(), end):
            yield stream[found.end() : found.end() + number("<L", found[1], 0)].decode("utf-16-le", "replace")


def objects(storage: Storage, most: int) -> Iterator[bytes]:
    """Yield the objects in the stream, each of at most so many bytes."""
    stream = storage.whole(MAIN)
    for found in OBJECT.finditer(stream):
        yield _object(stream, found.end(), int(struct.unpack("<L", found[1])[0]), most)


def _object(stream: bytes, start: int, length: int, most: int) -> bytes:
    """Return the content of an object: plain, or compressed behind four bytes with its size."""
    if stream.startswith((OLE, ZIP), start):
        return stream[start : start + length]
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj().decompress(stream[start + 4 : start + length], most)
    return b""
