"""Whether a project of macros has no macro ([MS-OVBA]): Excel and WPS keep such projects, with a module for each sheet."""

import re
import struct
from collections.abc import Iterator
from typing import Any

from creation.lib.fileprobes.ole_storage import chunks

MODULE_NAME, MODULE_OFFSET, PROJECT_VERSION = 0x0032, 0x0031, 0x0009
NOTHING = re.compile(
    rb"\s*(?:Attribute VB_[^\r\n]*|Option (?:Explicit|Base [01]|Compare \w+)|'[^\r\n]*|Rem [^\r\n]*)?\s*\Z"
)
COMPILED = b"\xfe\xca"  # begins the table of compiled lines; two bytes later their number
BESIDE_MODULES = re.compile(r"dir|_vba_project|__srp_\w+", re.IGNORECASE)
UNPACKED = 16 << 20  # bytes of one stream


def has_no_macro(file: Any, paths: list[list[str]]) -> bool:
    """Return whether every VBA storage consists of empty modules, in source and compiled. ``paths``: of all streams and storages."""
    storages = [path for path in paths if path[-1] == "vba"]
    try:
        return bool(storages) and all(_is_empty(file, storage, paths) for storage in storages)
    except (ValueError, IndexError, struct.error, UnicodeDecodeError, OSError):
        return False


def _is_empty(file: Any, storage: list[str], paths: list[list[str]]) -> bool:
    modules = dict(_modules(_unpacked(_stream(file, [*storage, "dir"]))))
    inside = {path[-1] for path in paths if path[:-1] == storage} - {name.lower() for name in modules}
    designers = [path for path in paths if path[: len(storage) - 1] == storage[:-1] and path[-1] == "\x03vbframe"]
    if designers or not all(BESIDE_MODULES.fullmatch(name) for name in inside):
        return False
    return all(_is_empty_module(_stream(file, [*storage, name]), offset) for name, offset in modules.items())


def _stream(file: Any, path: list[str]) -> bytes:
    return b"".join(chunks(file, path))


def _modules(directory: bytes) -> Iterator[tuple[str, int]]:
    """Yield stream and offset of the source of each module (2.3.4.2)."""
    at, name = 0, ""
    while at + 6 <= len(directory):
        kind, size = struct.unpack_from("<HL", directory, at)
        size = 6 if kind == PROJECT_VERSION else size
        body = directory[at + 6 : at + 6 + size]
        if kind == MODULE_NAME:
            name = body.decode("utf-16-le")
        elif kind == MODULE_OFFSET:
            yield name, int(struct.unpack("<L", body)[0])
        at += 6 + size


def _is_empty_module(stream: bytes, offset: int) -> bool:
    compiled = stream[:offset]
    tables = [found.start() for found in re.finditer(re.escape(COMPILED), compiled)]
    if compiled and not tables:
        return False
    if any(struct.unpack_from("<H", compiled, at + 4)[0] for at in tables):
        return False
    return all(NOTHING.match(line) for line in _unpacked(stream[offset:]).split(b"\n"))


def _unpacked(container: bytes) -> bytes:
    """Unpack a compressed container (2.4.1). Raises ValueError for what is none."""
    if container[:1] != b"\1":
        raise ValueError
    out, at = bytearray(), 1
    while at + 2 <= len(container):
        header = struct.unpack_from("<H", container, at)[0]
        if header & 0x7000 != 0x3000:
            break  # padding
        end = min(len(container), at + 3 + (header & 0x0FFF))
        _unpack_chunk(container[at + 2 : end], bool(header & 0x8000), out)
        if len(out) > UNPACKED:
            raise ValueError
        at = end
    return bytes(out)


def _unpack_chunk(chunk: bytes, is_packed: bool, out: bytearray) -> None:
    if not is_packed:
        out += chunk
        return
    start, at = len(out), 0
    while at < len(chunk):
        flags, at = chunk[at], at + 1
        for bit in range(8):
            if at >= len(chunk):
                return
            if not flags >> bit & 1:
                out.append(chunk[at])
                at += 1
                continue
            _copy(int(struct.unpack_from("<H", chunk, at)[0]), out, start)
            at += 2


def _copy(token: int, out: bytearray, start: int) -> None:
    """Repeat what came before: how many bits of the token are the length depends on how much that is."""
    bits = max((len(out) - start - 1).bit_length(), 4)
    length, distance = (token & 0xFFFF >> bits) + 3, (token >> 16 - bits) + 1
    if distance > len(out) - start:
        raise ValueError
    for _ in range(length):
        out.append(out[-distance])
