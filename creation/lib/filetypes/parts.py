"""Finds forbidden parts of a package: programs, wrapped files, external references, entity declarations."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from . import probe_runner, xmlparts
from .refusals import InvalidFile, Reason
from .relations import check_relations
from .signatures import EXECUTABLES, family_of

XML = (".xml", ".rels", ".vml")
FIELDS = (b"instrText", b"fldSimple")
LINKS = {"ddeLink": "DDE 链接", "oleLink": "OLE 链接"}
CHUNK = 1 << 20


def check_parts(archive: zipfile.ZipFile) -> Iterator[Path]:
    """Raise InvalidFile for the first harmful part. Yield each embedded package, temporarily unpacked, for the caller to check."""
    for name in archive.namelist():
        if name.lower().endswith(XML):
            _check_xml(archive, name)
        else:
            yield from _embedded(archive, name)


def _embedded(archive: zipfile.ZipFile, name: str) -> Iterator[Path]:
    with archive.open(name) as part:
        head = part.read(16)
    if head.startswith(EXECUTABLES):
        raise InvalidFile(Reason.EMBEDDED, "可执行程序")
    family = family_of(head)
    if family not in ("ole", "zip"):
        return
    with tempfile.NamedTemporaryFile() as file:
        with archive.open(name) as part:
            shutil.copyfileobj(part, file, CHUNK)
        file.flush()
        if family == "zip":
            yield Path(file.name)
        else:
            probe_runner.check_embedded_ole(Path(file.name))


def _check_xml(archive: zipfile.ZipFile, name: str) -> None:
    with _opened(archive, name) as part:
        xmlparts.check_prolog(part)
    if name.endswith(".rels"):
        check_relations(xmlparts.elements(archive, name))
    elif "externallinks/" in name.lower():
        _check_links(archive, name)
    elif name.startswith("word/") and _has_fields(archive, name):
        _check_fields(archive, name)


def _opened(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    return cast(BinaryIO, archive.open(name))


def _check_links(archive: zipfile.ZipFile, name: str) -> None:
    for tag, _, _ in xmlparts.elements(archive, name):
        if kind := LINKS.get(tag.rpartition("}")[2]):
            raise InvalidFile(Reason.REMOTE, kind)


def _has_fields(archive: zipfile.ZipFile, name: str) -> bool:
    """Return whether a part contains fields, so that most parts need not be parsed. Without NUL bytes, UTF-16 reads like ASCII."""
    before = b""
    with _opened(archive, name) as part:
        for chunk in iter(partial(part.read, CHUNK), b""):
            seen = before + chunk.replace(b"\0", b"")
            if any(mark in seen for mark in FIELDS):
                return True
            before = seen[-16:]
    return False


def _check_fields(archive: zipfile.ZipFile, name: str) -> None:
    """Check the instructions of fields. One instruction may be split over many runs; it begins at its `fldChar`."""
    instructions: list[list[str]] = [[]]
    inside = [False]

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside[0] = tag == "instrText"
        if tag == "fldChar" and "begin" in attributes.values():
            instructions.append([])
        for value in attributes.values() if tag == "fldSimple" else ():
            instructions.append([value])

    def text(said: str) -> None:
        if inside[0]:
            instructions[-1].append(said)

    with _opened(archive, name) as part:
        xmlparts.walk(part, start, text)
    if any("".join(pieces).strip().upper().startswith("DDE") for pieces in instructions):
        raise InvalidFile(Reason.REMOTE, "DDE 域")
