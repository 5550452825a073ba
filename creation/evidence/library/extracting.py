"""A program of its own that reads one file's words, so that a hostile one can crash or exhaust nothing but itself.

    python -I extracting.py EXTENSION FILE

Prints one line of JSON: {"first": text of the first page, "text": text, "facts": {"title", "author", "created", "taken", "pages"}}.
Facts are what the file says of itself; a place (GPS) is never among them.
"""

import contextlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

LONGEST, FIRST = 15_000, 1_500  # characters
MOST_PAGES, MOST_SHEETS = 60, 20
LARGEST_PART = 40 << 20  # bytes of XML that are read of one part
BREAKS = frozenset({"p", "row", "si", "TextObject"})
WORDS = frozenset({"t", "TextCode"})
Found = dict[str, Any]


class Enough(Exception):
    """As much text as is kept has been read."""


class Texts:
    """Gathers the words of an XML part; a DOCTYPE is refused, so that no entity can grow."""

    def __init__(self, most: int, wanted: frozenset[str] = WORDS) -> None:
        self.pieces: list[str] = []
        self.left, self.wanted, self.inside = most, wanted, False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *what: Any) -> None:
        raise ValueError("DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.inside = local(name) in self.wanted

    def _end(self, name: str) -> None:
        self.inside = False
        if local(name) in BREAKS:
            self.pieces.append("\n")

    def _data(self, data: str) -> None:
        if self.inside:
            self.pieces.append(data)
            self.left -= len(data)
            if self.left <= 0:
                raise Enough

    def read(self, archive: zipfile.ZipFile, name: str) -> str:
        with contextlib.suppress(Enough), archive.open(name) as part:
            for _ in range(LARGEST_PART >> 16):
                chunk = part.read(1 << 16)
                self.parser.Parse(chunk, not chunk)
                if not chunk:
                    break
        return "".join(self.pieces)


def local(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def package(path: str, parts: Callable[[list[str]], list[str]]) -> Found:
    """An Office or OFD package; ``parts`` chooses those that hold the words, in their order."""
    with zipfile.ZipFile(path) as archive:
        texts: list[str] = []
        for name in parts(archive.namelist()):
            texts.append(Texts(LONGEST - sum(map(len, texts))).read(archive, name))
            if sum(map(len, texts)) >= LONGEST:
                break
        facts = dict(core_facts(archive)) if "docProps/core.xml" in archive.namelist() else {}
        return {"first": texts[0] if texts else "", "text": "\n".join(texts), "facts": facts}


def core_facts(archive: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
    core = archive.open("docProps/core.xml").read(1 << 20).decode("utf-8", "ignore")
    for name, tag in (("title", "title"), ("author", "creator"), ("created", "created")):
        found = re.search(rf"<(?:\w+:)?{tag}\b[^>]*>([^<]{{1,300}})<", core)
        if found:
            yield name, unescaped(found[1])[:10] if name == "created" else unescaped(found[1])
    if "docProps/app.xml" in archive.namelist():
        app = archive.open("docProps/app.xml").read(1 << 20).decode("utf-8", "ignore")
        found = re.search(r"<(?:Pages|Slides)>(\d{1,5})<", app)
        if found and int(found[1]):
            yield "pages", int(found[1])


def unescaped(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text.strip()


def numbered(pattern: str, most: int) -> Callable[[list[str]], list[str]]:
    """The parts whose name matches, by their number."""

    def parts(names: list[str]) -> list[str]:
        found = [match for name in names if (match := re.fullmatch(pattern, name))]
        return [match[0] for match in sorted(found, key=lambda match: [int(part) for part in match.groups()])][:most]

    return parts


def sheets(names: list[str]) -> list[str]:
    shared = [name for name in names if name == "xl/sharedStrings.xml"]
    return shared + numbered(r"xl/worksheets/sheet(\d+)\.xml", MOST_SHEETS)(names)


def pdf(path: str) -> Found:
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        texts: list[str] = []
        for number in range(min(len(document), MOST_PAGES)):
            texts.append(page_text(document, number))
            if sum(map(len, texts)) >= LONGEST:
                break
        told = document.get_metadata_dict()
        facts = {"title": told.get("Title"), "author": told.get("Author"), "pages": len(document)}
        day = re.match(r"D:(\d{4})(\d\d)(\d\d)", told.get("CreationDate") or "")
        facts["created"] = "-".join(day.groups()) if day else None
        return {"first": texts[0] if texts else "", "text": "\n".join(texts), "facts": facts}


def page_text(document: Any, number: int) -> str:
    import pypdfium2

    with contextlib.suppress(pypdfium2.PdfiumError):
        page = document[number]
        with contextlib.closing(page), contextlib.closing(page.get_textpage()) as text:
            return str(text.get_text_bounded(errors="ignore"))[:LONGEST]
    return ""


def picture(path: str) -> Found:
    from PIL import Image

    with Image.open(path) as image:
        exif = image.getexif()
        taken = exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132)
    day = re.match(r"(\d{4}):(\d\d):(\d\d)", str(taken or ""))
    return {"first": "", "text": "", "facts": {"taken": "-".join(day.groups())} if day else {}}


def old_office(path: str) -> Found:
    """Only what the file says of itself; its text would need another program."""
    import olefile

    with olefile.OleFileIO(path) as file:
        told = file.get_metadata()
    code = f"cp{told.codepage}" if told.codepage and told.codepage > 0 and told.codepage != 65001 else "utf-8"
    facts: Found = {"pages": told.num_pages or None, "created": str(told.create_time or "")[:10] or None}
    for name, value in (("title", told.title), ("author", told.author)):
        facts[name] = value.decode(code, "ignore").strip("\0 ") if isinstance(value, bytes) else value
    return {"first": "", "text": "", "facts": facts}


READERS: dict[str, Callable[[str], Found]] = {
    "pdf": pdf,
    "docx": lambda path: package(path, lambda names: ["word/document.xml"]),
    "xlsx": lambda path: package(path, sheets),
    "pptx": lambda path: package(path, numbered(r"ppt/slides/slide(\d+)\.xml", MOST_PAGES)),
    "ofd": lambda path: package(path, numbered(r"Doc_(\d+)/Pages/Page_(\d+)/Content\.xml", MOST_PAGES)),
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), picture),
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps"), old_office),
}


def plain(text: str, most: int) -> str:
    """No surrogates and no control characters: a database takes neither."""
    kept = "".join(char if char >= " " or char == "\n" else " " for char in text)
    return re.sub(r"[ \t]+", " ", kept.encode("utf-8", "ignore").decode()).strip()[:most]


def main(extension: str, path: str) -> None:
    found = READERS[extension](path)
    facts = {name: plain(value, 300) if isinstance(value, str) else value for name, value in found["facts"].items()}
    told = {"first": plain(found["first"], FIRST), "text": plain(found["text"], LONGEST)}
    print(json.dumps(told | {"facts": {name: value for name, value in facts.items() if value}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
