"""Reads XML inside packages with expat. A DOCTYPE is refused, so no entity is expanded and nothing is fetched."""

import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from .refusals import InvalidFile, Reason

PART_SIZE = 4 << 20
CHUNK = 1 << 16
UNREADABLE = "内部结构有误，读不出来"

Element = tuple[str, dict[str, str], str]  # {namespace}tag, attributes, text


def elements(archive: zipfile.ZipFile, name: str) -> list[Element]:
    """Return tag, attributes and text of each element in document order. The part must be small enough for memory."""
    if archive.getinfo(name).file_size > PART_SIZE:
        raise InvalidFile(Reason.BOMB, "内部目录过大")
    found: list[tuple[str, dict[str, str], list[str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append((f"{{{tag}", attributes, []))
    parser.CharacterDataHandler = lambda text: found[-1][2].append(text)
    _run(parser, [archive.read(name)])
    return [(tag if "}" in tag else tag[1:], attributes, "".join(texts)) for tag, attributes, texts in found]


def check_prolog(file: BinaryIO) -> None:
    """Raise InvalidFile if the part declares a DOCTYPE. Reads up to the first element and checks nothing else."""
    parser, begun = _parser(), []
    parser.StartElementHandler = lambda *_: begun.append(True)
    with suppress(expat.ExpatError):
        while not begun and (chunk := file.read(CHUNK)):
            parser.Parse(chunk)


def walk(
    file: BinaryIO,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None],
    end: Callable[[str], None],
    instruction: Callable[[str, str], None] | None = None,
) -> None:
    """Call these for a part of any size: ``start`` and ``end`` with {namespace}tag, ``text``, ``instruction`` with name and content."""
    parser = _parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.ProcessingInstructionHandler = instruction
    _run(parser, iter(partial(file.read, CHUNK), b""))


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = _doctype
    parser.buffer_text = True
    return parser


def _doctype(*_: object) -> NoReturn:
    raise InvalidFile(Reason.DAMAGED, "内部结构里有不允许的声明（DOCTYPE）")


def _run(parser: expat.XMLParserType, chunks: Iterable[bytes]) -> None:
    try:
        for chunk in chunks:
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, ValueError, LookupError):
        raise InvalidFile(Reason.DAMAGED, UNREADABLE) from None
