"""Objects in a compound file by their class: wrapped files, and what runs a script or shows a web page by itself."""

import re
from typing import Any

from creation.lib.fileprobes.ole_storage import chunks

HIDDEN = {
    b"MZ": "可执行程序",
    b"\x7fELF": "可执行程序",
    b"L\0\0\0\x01\x14\x02\0": "快捷方式",
    b"%PDF": "PDF 文件",
    b"{\\rtf": "RTF 文件",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
}
# htmlfile, Shell.Explorer, scriptlets, links to an address, and what reads one (URL and SOAP), web pages of other classes, Flash, films.
ACTIVE_CLASSES = {
    "25336920-03F9-11CF-8FD0-00AA00686F13",
    "EAB22AC3-30C1-11CF-A7EB-0000C05BAE0B",
    "8856F961-340A-11D0-A96B-00C04FD705A2",
    "06290BD0-48AA-11D2-8432-006008C3FBFC",
    "06290BD3-48AA-11D2-8432-006008C3FBFC",
    "00000300-0000-0000-C000-000000000046",
    "79EAC9E0-BAF9-11CE-8C82-00AA004BA90B",
    "ECABB0C7-7F19-11D2-978E-0000F8757E2A",
    "3050F3D9-98B5-11CF-BB82-00AA00BDCE0B",
    "3050F4D8-98B5-11CF-BB82-00AA00BDCE0B",
    "D27CDB6E-AE6D-11CF-96B8-444553540000",
    "6BF52A52-394A-11D3-B153-00C04F79FAA6",
}
# Formulas, pictures and clip art keep their data in a stream of the same name as the packager of Windows does its file.
NATIVE = "\x01ole10native"
PACKAGERS = {
    "",
    "0003000C-0000-0000-C000-000000000046",
    "0003000D-0000-0000-C000-000000000046",
    "F20DA720-C02F-11CE-927B-0800095AE340",
}
WRAPPED = re.compile(rb".{4}\x02\0[^\0]*\0", re.DOTALL)  # size, kind, label: how the packager begins ([MS-OLEDS] 2.3.6)
NATIVE_START = 4


def hidden(head: bytes) -> str | None:
    """Return what kind of file begins so, if it is one that must not be carried along."""
    return next((label for magic, label in HIDDEN.items() if head.startswith(magic)), None)


def class_fault(file: Any, paths: list[list[str]]) -> str | None:
    """Return the fault of objects of an active class, and of wrapped files."""
    if ACTIVE_CLASSES & {entry.clsid.upper() for entry in file.direntries if entry}:
        return "active:网页或脚本对象"
    for path in paths:
        if path[-1] == NATIVE and _is_wrapped(file, path):
            return "embedded:对象包"
    return None


def _is_wrapped(file: Any, path: list[str]) -> bool:
    """Return whether the packager, or a program that is not known, opens the data; or whether they look as if it had made them."""
    owner = file.direntries[file._find(path[:-1])] if path[:-1] else file.root
    head = next(chunks(file, path, 4096), b"")
    return owner.clsid.upper() in PACKAGERS or bool(WRAPPED.match(head)) or hidden(head[NATIVE_START:]) is not None
