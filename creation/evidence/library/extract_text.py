"""A separate program that extracts one file's text, so that a malicious file can crash or exhaust only this process.

    python -I extract_text.py EXTENSION FILE

Prints one line of JSON: {"first": text of the first page, "text": text, "facts": {"title", "author", "created", "taken", "pages"}}.
Facts are the file's metadata, never with a location (GPS).
"""

import contextlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

MAX_TEXT, MAX_FIRST_PAGE = 15_000, 1_500  # characters
MAX_PAGES, MAX_SHEETS = 60, 20
MAX_PART_BYTES = 40 << 20  # of XML read from one part
LINE_TAGS = frozenset({"p", "row", "si", "TextObject"})
TEXT_TAGS = frozenset({"t", "TextCode"})
Extracted = dict[str, Any]


class LimitReached(Exception):
    """As much text as is kept has been read."""


class XmlTextReader:
    """Collects the text of an XML part. A DOCTYPE is refused, so that no entity is expanded."""

    def __init__(self, most: int, wanted: frozenset[str] = TEXT_TAGS) -> None:
        self.chunks: list[str] = []
        self.left, self.wanted, self.inside = most, wanted, False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *what: Any) -> None:
        raise ValueError("DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.inside = local_name(name) in self.wanted

    def _end(self, name: str) -> None:
        self.inside = False
        if local_name(name) in LINE_TAGS:
            self.chunks.append("\n")

    def _data(self, data: str) -> None:
        if self.inside:
            self.chunks.append(data)
            self.left -= len(data)
            if self.left <= 0:
                raise LimitReached

    def read(self, archive: zipfile.ZipFile, name: str) -> str:
        with contextlib.suppress(LimitReached), archive.open(name) as part:
            for _ in range(MAX_PART_BYTES >> 16):
                chunk = part.read(1 << 16)
                self.parser.Parse(chunk, not chunk)
                if not chunk:
                    break
        return "".join(self.chunks)


def local_name(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def read_package(path: str, parts: Callable[[list[str]], list[str]]) -> Extracted:
    """Read an Office or OFD package. ``parts`` selects the parts with text, in order."""
    with zipfile.ZipFile(path) as archive:
        texts: list[str] = []
        for name in parts(archive.namelist()):
            texts.append(XmlTextReader(MAX_TEXT - sum(map(len, texts))).read(archive, name))
            if sum(map(len, texts)) >= MAX_TEXT:
                break
        facts = dict(document_properties(archive)) if "docProps/core.xml" in archive.namelist() else {}
        return {"first": texts[0] if texts else "", "text": "\n".join(texts), "facts": facts}


def document_properties(archive: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
    core = archive.open("docProps/core.xml").read(1 << 20).decode("utf-8", "ignore")
    for name, tag in (("title", "title"), ("author", "creator"), ("created", "created")):
        found = re.search(rf"<(?:\w+:)?{tag}\b[^>]*>([^<]{{1,300}})<", core)
        if found:
            yield name, unescape(found[1])[:10] if name == "created" else unescape(found[1])
    if "docProps/app.xml" in archive.namelist():
        app = archive.open("docProps/app.xml").read(1 << 20).decode("utf-8", "ignore")
        found = re.search(r"<(?:Pages|Slides)>(\d{1,5})<", app)
        if found and int(found[1]):
            yield "pages", int(found[1])


def unescape(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text.strip()


def numbered_parts(pattern: str, most: int) -> Callable[[list[str]], list[str]]:
    """Return a function that selects the parts whose name matches, in order of their numbers."""

    def parts(names: list[str]) -> list[str]:
        found = [match for name in names if (match := re.fullmatch(pattern, name))]
        return [match[0] for match in sorted(found, key=lambda match: [int(part) for part in match.groups()])][:most]

    return parts


def sheet_parts(names: list[str]) -> list[str]:
    shared = [name for name in names if name == "xl/sharedStrings.xml"]
    return shared + numbered_parts(r"xl/worksheets/sheet(\d+)\.xml", MAX_SHEETS)(names)


def read_pdf(path: str) -> Extracted:
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        texts: list[str] = []
        for number in range(min(len(document), MAX_PAGES)):
            texts.append(page_text(document, number))
            if sum(map(len, texts)) >= MAX_TEXT:
                break
        metadata = document.get_metadata_dict()
        facts = {"title": metadata.get("Title"), "author": metadata.get("Author"), "pages": len(document)}
        day = re.match(r"D:(\d{4})(\d\d)(\d\d)", metadata.get("CreationDate") or "")
        facts["created"] = "-".join(day.groups()) if day else None
        return {"first": texts[0] if texts else "", "text": "\n".join(texts), "facts": facts}


def page_text(document: Any, number: int) -> str:
    import pypdfium2

    with contextlib.suppress(pypdfium2.PdfiumError):
        page = document[number]
        with contextlib.closing(page), contextlib.closing(page.get_textpage()) as text:
            return str(text.get_text_bounded(errors="ignore"))[:MAX_TEXT]
    return ""


def read_picture(path: str) -> Extracted:
    from PIL import Image

    with Image.open(path) as image:
        exif = image.getexif()
        taken = exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132)
    day = re.match(r"(\d{4}):(\d\d):(\d\d)", str(taken or ""))
    return {"first": "", "text": "", "facts": {"taken": "-".join(day.groups())} if day else {}}


def read_old_office(path: str) -> Extracted:
    """Read only the metadata; the text would need another program."""
    import olefile

    with olefile.OleFileIO(path) as file:
        metadata = file.get_metadata()
    code = (
        f"cp{metadata.codepage}"
        if metadata.codepage and metadata.codepage > 0 and metadata.codepage != 65001
        else "utf-8"
    )
    facts: Extracted = {"pages": metadata.num_pages or None, "created": str(metadata.create_time or "")[:10] or None}
    for name, value in (("title", metadata.title), ("author", metadata.author)):
        facts[name] = value.decode(code, "ignore").strip("\0 ") if isinstance(value, bytes) else value
    return {"first": "", "text": "", "facts": facts}


READERS: dict[str, Callable[[str], Extracted]] = {
    "pdf": read_pdf,
    "docx": lambda path: read_package(path, lambda names: ["word/document.xml"]),
    "xlsx": lambda path: read_package(path, sheet_parts),
    "pptx": lambda path: read_package(path, numbered_parts(r"ppt/slides/slide(\d+)\.xml", MAX_PAGES)),
    "ofd": lambda path: read_package(path, numbered_parts(r"Doc_(\d+)/Pages/Page_(\d+)/Content\.xml", MAX_PAGES)),
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), read_picture),
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps"), read_old_office),
}


def clean_text(text: str, most: int) -> str:
    """Return the text without surrogates and control characters, which databases refuse."""
    kept = "".join(char if char >= " " or char == "\n" else " " for char in text)
    return re.sub(r"[ \t]+", " ", kept.encode("utf-8", "ignore").decode()).strip()[:most]


def main(extension: str, path: str) -> None:
    found = READERS[extension](path)
    facts = {
        name: clean_text(value, 300) if isinstance(value, str) else value for name, value in found["facts"].items()
    }
    metadata = {"first": clean_text(found["first"], MAX_FIRST_PAGE), "text": clean_text(found["text"], MAX_TEXT)}
    print(json.dumps(metadata | {"facts": {name: value for name, value in facts.items() if value}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
