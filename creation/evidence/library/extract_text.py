"""A separate program that extracts one file's text, so that a malicious file can crash or exhaust only this process.

    python -I extract_text.py EXTENSION FILE

Prints one line of JSON: {"first": text of the first page, "text": text, "has_text": true, "facts": {"title", "author", "created", "taken",
"pages"}} and the lines that may bear a secrecy mark, by place: "margin" (headers, footers, masters), "box" (text boxes, drawings), "notes"
(footnotes, comments, speaker's notes), "rest" (the text after the first page). "is_incomplete" if a limit was reached. Facts are the file's
metadata, never with a location (GPS).
"""

import contextlib
import ctypes
import json
import posixpath
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

MAX_TEXT, MAX_FIRST_PAGE = 15_000, 1_500  # characters
MAX_READ = 2_000_000  # characters of each place in which secrecy marks are looked for
MAX_PLACE = 20_000  # characters printed of margins, boxes, notes, and of lines that may be marks
LONG_LINE, AROUND = 200, 40  # characters of a line that is printed whole, and around a word that may be a mark
MAX_MORE = 5_000  # characters of margins, boxes and notes that are searched
MAX_PAGES = 300
MAX_PART_BYTES = 40 << 20  # of XML read from one part
TEXT_TAGS = frozenset({"t", "TextCode"})
SHEET_MARGINS = frozenset(f"{which}{place}" for which in ("odd", "even", "first") for place in ("Header", "Footer"))
LINE_TAGS = frozenset({"p", "row", "si", "TextObject", "text"}) | SHEET_MARGINS
# What is between the words of a paragraph; often there is a tab between mark and title.
BREAKS = {
    "br": "\n",
    "cr": "\n",
    "tab": "\n",
}
SHEET_CODES = re.compile(r'&"[^"]*"|&K[0-9A-F]{6}|&\d+|&[A-Z]')  # font, colour, size and position in a sheet's header
MARK_LINE = re.compile(r"密|内\s*部")
# What a part is, by its root element: parts may have any name.
PLACES = {
    **dict.fromkeys(("document", "sst", "worksheet", "sld", "Page"), "main"),
    **dict.fromkeys(("hdr", "ftr", "chartsheet", "sldMaster", "sldLayout", "handoutMaster", "notesMaster"), "margin"),
    **dict.fromkeys(("wsDr", "chartSpace", "userShapes", "dataModel", "xml"), "box"),
    **dict.fromkeys(("footnotes", "endnotes", "comments", "ThreadedComments", "notes", "cmLst", "PageAnnot"), "notes"),
}
TEMPLATES = re.compile(r"/Tpls?[/_]", re.IGNORECASE)  # where programs put pages that an OFD draws under its pages
MAX_DOCUMENT = 4 << 20  # bytes of the list of pages
LINES_OF = frozenset({"pdf", "ofd"})  # whose lines end where the paper does, in the middle of a word
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
SPLIT_WORD = re.compile(f"(?<=[{HAN}0-9])[ 　]*\r?\n[ 　]*(?=[{HAN}])")
GARBLED = re.compile(r"\ufffd|\?{3,}|[\u0080-\u009f]|[\u00a1-\u00ff]{2}")
Extracted = dict[str, Any]


class LimitReached(Exception):
    """As much text as is read has been read, or the part has none."""


class Budget:
    """The characters that may still be read for each place. A long text leaves those of headers and notes untouched."""

    def __init__(self) -> None:
        self.left = dict.fromkeys(("main", "margin", "box", "notes"), MAX_READ)
        self.is_exceeded = False

    def take(self, place: str, count: int) -> bool:
        """Return whether the place may take this many characters."""
        self.left[place] -= count
        self.is_exceeded |= self.left[place] < 0
        return self.left[place] >= 0


class XmlTextReader:
    """Collects the text of an XML part by place. A DOCTYPE is refused, so that no entity is expanded."""

    def __init__(self, name: str, budget: Budget, *, is_template: bool = False) -> None:
        self.name, self.budget, self.is_template = name, budget, is_template
        self.place = ""
        self.texts: dict[str, list[str]] = {}
        self.inside, self.boxes, self.is_result = "", 0, False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *what: Any) -> None:
        raise ValueError("DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local_name(name)
        if not self.place:
            self.place = PLACES.get(tag, "")
            if not self.place:
                raise LimitReached
            if self.place == "main" and self.is_template:
                self.place = "margin"
        self.boxes += tag == "txbxContent"
        if tag == "c":
            self.is_result = attributes.get("t") == "str"
        elif tag in BREAKS:
            self._add(BREAKS[tag])
        elif tag == "textpath":  # letters drawn as a shape, as watermarks are
            self._add(f"\n{attributes.get('string', '')}\n")
        self.inside = self._place_of(tag)

    def _add(self, text: str) -> None:
        place = "box" if self.boxes else self.place
        if self.budget.take(place, len(text)):
            self.texts.setdefault(place, []).append(text)

    def _place_of(self, tag: str) -> str:
        """Return the place to which the text of an element belongs; "" for none."""
        if tag in SHEET_MARGINS:
            return "margin"
        wanted = tag in TEXT_TAGS or (tag == "v" and self.is_result) or (tag == "text" and self.place == "notes")
        return ("box" if self.boxes else self.place) if wanted else ""

    def _end(self, name: str) -> None:
        tag = local_name(name)
        self.boxes -= tag == "txbxContent"
        self.inside = ""
        if tag in LINE_TAGS or (tag == "v" and self.is_result):
            place = "margin" if tag in SHEET_MARGINS else "box" if self.boxes else self.place
            self.texts.setdefault(place, []).append("\n")

    def _data(self, data: str) -> None:
        if self.inside and self.budget.take(self.inside, len(data)):
            self.texts.setdefault(self.inside, []).append(data)

    def read(self, archive: zipfile.ZipFile) -> dict[str, str]:
        """Return the text by place."""
        with contextlib.suppress(LimitReached), archive.open(self.name) as part:
            for _ in range(MAX_PART_BYTES >> 16):
                chunk = part.read(1 << 16)
                try:
                    self.parser.Parse(chunk, not chunk)
                except (
                    expat.ExpatError
                ):  # what stands before the fault is kept; without a root nothing can be said of the part
                    self.budget.is_exceeded |= bool(self.place)
                    break
                if not chunk:
                    break
            else:
                self.budget.is_exceeded = True
        return {place: "".join(texts) for place, texts in self.texts.items()}


def local_name(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def read_package(path: str) -> Extracted:
    """Read an Office or OFD package, its main parts in the order of the document, else of their names."""
    places: dict[str, list[str]] = {place: [] for place in ("main", "margin", "box", "notes")}
    budget = Budget()
    with zipfile.ZipFile(path) as archive:
        pages, templates = ofd_pages(archive)
        for name in sorted(archive.namelist(), key=lambda name: (pages.get(name, len(pages)), reading_order(name))):
            if is_xml(archive, name):
                reader = XmlTextReader(
                    name, budget, is_template=name in templates or bool(TEMPLATES.search(f"/{name}"))
                )
                for place, text in reader.read(archive).items():
                    places[place].append(text)
        facts = dict(document_properties(archive)) if "docProps/core.xml" in archive.namelist() else {}
    main = places.pop("main")
    others = {place: "\n".join(texts) for place, texts in places.items()}
    first, whole = main[0] if main else "", "\n".join(main)
    return {"first": first, "text": whole, "facts": facts, "is_incomplete": budget.is_exceeded, **others}


def ofd_pages(archive: zipfile.ZipFile) -> tuple[dict[str, int], set[str]]:
    """Return the pages of an OFD with their order, and the templates that are drawn under them (GB/T 33190-2016, 7.5)."""
    names = archive.namelist()
    found: list[str] = []
    templates: set[str] = set()
    for root in (name for name in names if posixpath.basename(name).lower() == "document.xml" and "OFD.xml" in names):
        document = archive.open(root).read(MAX_DOCUMENT).decode("utf-8", "ignore")
        for tag, address in re.findall(
            r"<(?:\w+:)?(TemplatePage|Page)\b[^>]*?\bBaseLoc\s*=\s*[\"']([^\"']+)", document
        ):
            place = posixpath.normpath(posixpath.join("/", posixpath.dirname(root), address)).lstrip("/")
            if tag == "Page":
                found.append(place)
            else:
                templates.add(place)
    return {name: number for number, name in enumerate(found)}, templates


def reading_order(name: str) -> tuple[Any, ...]:
    """Sort shared strings before sheets, and page 2 before page 10."""
    pieces = re.split(r"(\d+)", name)
    return ("sharedstrings" not in name.lower(), [(int(each), "") if each.isdigit() else (-1, each) for each in pieces])


def is_xml(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as part:
        while chunk := part.read(1 << 16):
            if found := chunk.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
                return found.startswith(b"<")
    return False


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


def read_pdf(path: str) -> Extracted:
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        notes: list[str] = []
        texts = [page_text(document, number, notes) for number in range(min(len(document), MAX_PAGES))]
        is_incomplete = len(document) > MAX_PAGES or any(len(text) >= MAX_READ for text in texts)
        metadata = document.get_metadata_dict()
        facts = {"title": metadata.get("Title"), "author": metadata.get("Author"), "pages": len(document)}
        day = re.match(r"D:(\d{4})(\d\d)(\d\d)", metadata.get("CreationDate") or "")
        facts["created"] = "-".join(day.groups()) if day else None
        first, whole = texts[0] if texts else "", "\n".join(texts)
    return {"first": first, "text": whole, "notes": "\n".join(notes), "facts": facts, "is_incomplete": is_incomplete}


def page_text(document: Any, number: int, notes: list[str]) -> str:
    """Return the text drawn on a page. Append that of its comments and form fields to ``notes``."""
    import pypdfium2

    with contextlib.suppress(pypdfium2.PdfiumError):
        page = document[number]
        with contextlib.closing(page), contextlib.closing(page.get_textpage()) as text:
            notes.extend(annotation_texts(page))
            return str(text.get_text_bounded(errors="ignore"))[:MAX_READ]
    return ""


def annotation_texts(page: Any) -> Iterator[str]:
    import pypdfium2.raw as pdfium

    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), 200)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        for key in (b"Contents", b"V"):
            length = min(int(pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)), 20_000)
            if length > 2:
                buffer = (ctypes.c_ushort * (length // 2 + 1))()
                pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
                yield bytes(buffer)[: length - 2].decode("utf-16-le", "ignore")
        pdfium.FPDFPage_CloseAnnot(annotation)


def read_picture(path: str) -> Extracted:
    from PIL import Image

    with Image.open(path) as image:
        exif = image.getexif()
        taken = exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132)
    day = re.match(r"(\d{4}):(\d\d):(\d\d)", str(taken or ""))
    return {"first": "", "text": "", "facts": {"taken": "-".join(day.groups())} if day else {}}


def read_old_office(path: str) -> Extracted:
    """Read only the metadata. The text is read from the PDF that LibreOffice makes."""
    import olefile

    with olefile.OleFileIO(path) as file:
        metadata = file.get_metadata()
    facts: Extracted = {"pages": metadata.num_pages or None, "created": str(metadata.create_time or "")[:10] or None}
    for name, value in (("title", metadata.title), ("author", metadata.author)):
        facts[name] = decoded(value, metadata.codepage) if isinstance(value, bytes) else value
    return {"first": "", "text": "", "facts": facts}


def decoded(value: bytes, codepage: int | None) -> str:
    """Return a text of the metadata, which ends at its first NUL. The code page may be missing, unknown or wrong."""
    text = value.partition(b"\0")[0]
    names = [f"cp{codepage}"] if codepage and codepage > 0 and codepage != 65001 else ["utf-8"]
    for name in [*names, "gb18030"]:
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return text.decode(name).strip()
    return text.decode("utf-8", "ignore").strip()


def readable(title: str) -> str:
    """Return a title up to its first NUL; "" if a printer's driver wrote it in another encoding than it says."""
    plain = title.partition("\0")[0].strip()
    return "" if GARBLED.search(plain) else plain


READERS: dict[str, Callable[[str], Extracted]] = {
    "pdf": read_pdf,
    **dict.fromkeys(("docx", "xlsx", "pptx", "ofd"), read_package),
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), read_picture),
    **dict.fromkeys(("doc", "xls", "ppt", "wps", "et", "dps"), read_old_office),
}


def clean_text(text: str, most: int) -> str:
    """Return the text without surrogates and control characters, which databases refuse."""
    kept = "".join(char if char >= " " or char == "\n" else " " for char in text)
    return re.sub(r"[ \t]+", " ", kept.encode("utf-8", "ignore").decode()).strip()[:most]


def mark_lines(text: str) -> str:
    """Return the lines that may bear a secrecy mark; whether they do is decided by the caller's rules."""
    return "\n".join(piece for line in text.splitlines() if MARK_LINE.search(line) for piece in pieces_with_marks(line))


def pieces_with_marks(line: str) -> list[str]:
    """Return a line, or of a long one what is around each word that may be a mark. "…" says that the line goes on there."""
    if len(line) <= LONG_LINE:
        return [line]
    spans: list[list[int]] = []
    for found in MARK_LINE.finditer(line):
        start, end = max(0, found.start() - AROUND), min(len(line), found.end() + AROUND)
        if spans and start <= spans[-1][1]:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return [f"{'…' * (start > 0)}{line[start:end]}{'…' * (end < len(line))}" for start, end in spans]


def main(extension: str, path: str) -> None:
    found = READERS[extension](path)
    found["facts"]["title"] = readable(found["facts"].get("title") or "")
    facts = {
        name: clean_text(value, 300) if isinstance(value, str) else value for name, value in found["facts"].items()
    }
    first = clean_text(found["first"], MAX_FIRST_PAGE)
    whole = clean_text(found["text"], MAX_READ + 1)
    rest = whole.removeprefix(first)
    margin = SHEET_CODES.sub("\n", found.get("margin", ""))
    places = {"margin": margin, "box": found.get("box", ""), "notes": found.get("notes", ""), "rest": rest}
    marks = {place: clean_text(mark_lines(text), MAX_PLACE + 1) for place, text in places.items()}
    more = clean_text("\n".join(text for place, text in places.items() if place != "rest"), MAX_MORE)
    searched = SPLIT_WORD.sub("", whole) if extension in LINES_OF else whole
    result: dict[str, Any] = {"first": first, "text": f"{searched[:MAX_TEXT]}\n{more}".strip(), **marks}
    is_cut = len(whole) > MAX_READ or any(len(text) > MAX_PLACE for text in marks.values())
    result["is_incomplete"] = is_cut or found.get("is_incomplete", False)
    result["has_text"] = bool(whole or any(text.strip() for text in places.values()))
    print(json.dumps(result | {"facts": {name: value for name, value in facts.items() if value}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
