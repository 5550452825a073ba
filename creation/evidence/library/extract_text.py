"""A separate program that extracts one file's text, so that a malicious file can crash or exhaust only this process.

    python -I extract_text.py EXTENSION FILE

Prints one line of JSON: {"first": text of the first page, "text": text, "has_text": true, "facts": {"title", "author", "created", "taken",
"pages"}} and the lines that may bear a secrecy mark, by place: "margin" (headers, footers, masters), "box" (text boxes, drawings), "notes"
(footnotes, comments, speaker's notes), "properties" (metadata, names of sheets, bookmarks), "hidden" (whatever else is written in it),
"rest" (the text after the first page). "is_incomplete" if a limit was reached. Facts are the file's metadata, never with a location (GPS).
"""

import contextlib
import io
import json
import posixpath
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

MAX_TEXT, MAX_FIRST_PAGE = 15_000, 1_500  # characters
MAX_READ = 2_000_000  # characters of each place in which secrecy marks are looked for
MAX_PLACE = 20_000  # characters printed of margins, boxes, notes, and of lines that may be marks
LONG_LINE, AROUND = 200, 40  # characters of a line that is printed whole, and around a word that may be a mark
MAX_MORE = 5_000  # characters of margins, boxes and notes that are searched
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
# In a sheet's header: font, colour, size and style, which may be within a word, and what is elsewhere on the line or a number.
SHEET_STYLES = re.compile(r'&"[^"]*"|&K(?:[0-9A-F]{6}|\d\d[+-]\d{3})|&\d+|&[BIUEXYSOH]')
SHEET_CODES = re.compile(r"&[A-Z]")
STARS = re.compile(r"F0(?:A[A-F]|B[0-6])", re.IGNORECASE)  # of the fonts with symbols
# A letter alone on its line may be one of a mark that stands upright.
MARK_LINE = re.compile(r"密|[内內]\W{0,8}部|^\W*[绝絕机機秘祕内內部工作★☆]\W*$")
# What a part is, by its root element: parts may have any name.
PLACES = {
    **dict.fromkeys(("document", "sst", "worksheet", "sld", "Page", "Res"), "main"),  # Res: parts of an OFD's pages
    **dict.fromkeys(("hdr", "ftr", "chartsheet", "sldMaster", "sldLayout", "handoutMaster", "notesMaster"), "margin"),
    **dict.fromkeys(("wsDr", "chartSpace", "userShapes", "dataModel", "xml"), "box"),
    **dict.fromkeys(("footnotes", "endnotes", "comments", "ThreadedComments", "notes", "cmLst", "PageAnnot"), "notes"),
    **dict.fromkeys(("coreProperties", "Properties", "OFD"), "properties"),
}
SEPARATE = ("main", "margin", "box", "notes", "properties", "hidden")
NAMES = frozenset(
    {("sheet", "name"), ("section", "name"), ("custShow", "name"), ("cSld", "name"), ("OutlineElem", "Title")}
)
NAMES |= {("Bookmark", "Name"), ("Attachment", "Name")}
VALUES = frozenset(
    {"listItem", "listEntry", "filter", "s", "v"}
)  # where a word alone is one of the values to choose from
LONGEST_VALUE = 4
TEMPLATES = re.compile(r"/Tpls?[/_]", re.IGNORECASE)  # where programs put pages that an OFD draws under its pages
MAX_DOCUMENT = 4 << 20  # bytes of the list of pages
MAX_NOTES, MAX_BOOKMARKS, MAX_DESCRIPTIONS = (
    200,
    5_000,
    50,
)  # annotations of a page, bookmarks and descriptions of a PDF
DESCRIPTION = re.compile(rb"<(rdf:RDF|x:xmpmeta)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
DESCRIPTIONS = (
    0x010E,
    0x9C9B,
    0x9C9C,
    0x9C9E,
    0x9C9F,
)  # of EXIF: what the picture shows, as cameras and as Windows write it
WIDE_BLANKS = rb"(?:[ -~]\0|\x00\x30){0,8}"  # in UTF-16; without the letter before, 密 is found in every large picture
WIDE_MARKS, MAX_WIDE = (("绝絕机機秘祕商", "密"), ("内內", "部")), 1_000
# Read whole, as olefile leaves out own properties.
PROPERTY_STREAMS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
UNPRINTED = re.compile(r"[\0-\x1f\ufffd\ue000-\uf8ff]+")
INSIDE = (b"PK\3\4", b"\xd0\xcf\x11\xe0")
MAX_DEPTH = 2  # of packages in packages
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
        self.left = dict.fromkeys(SEPARATE, MAX_READ)
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
        self.inside, self.boxes, self.is_result, self.is_drawing = "", 0, False, False
        self.tag = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _refuse(self, *what: Any) -> None:
        raise ValueError("DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local_name(name)
        if not self.place:
            if tag == "styles":  # of which some are named as the marks that they draw
                raise LimitReached
            self.place = PLACES.get(tag, "hidden")
            self.is_drawing = tag == "xml"
            if self.place == "main" and self.is_template:
                self.place = "margin"
        self.boxes += tag == "txbxContent"
        if tag == "c":
            self.is_result = attributes.get("t") == "str"
        elif tag == "strCache":  # the words of a chart
            self.is_result = True
        elif tag in BREAKS:
            self._add(BREAKS[tag])
        elif tag == "textpath":  # letters drawn as a shape, as watermarks are
            self._add(f"\n{attributes.get('string', '')}\n")
        elif tag == "sym" and any(STARS.fullmatch(value) for value in attributes.values()):
            self._add("★")
        self.tag, self.inside = tag, self._place_of(tag)
        for key, value in attributes.items() if tag != "textpath" else ():
            is_name = self.place == "properties" or (tag, local_name(key)) in NAMES
            self._add_aside(value, "properties" if is_name else "hidden")

    def _add_aside(self, text: str, place: str) -> None:
        """Keep what no reader of the page sees at once, if it may be a mark."""
        if text.isascii():
            return
        is_value = self.tag in VALUES and len(text.strip()) <= LONGEST_VALUE
        if MARK_LINE.search(text) and not is_value and self.budget.take(place, len(text)):
            self.texts.setdefault(place, []).append(f"\n{text}\n")

    def _add(self, text: str) -> None:
        place = "box" if self.boxes else self.place
        if self.budget.take(place, len(text)):
            self.texts.setdefault(place, []).append(text)

    def _place_of(self, tag: str) -> str:
        """Return the place to which the text of an element belongs; "" where it is not shown as text."""
        if tag in SHEET_MARGINS:
            return "margin"
        wanted = tag in TEXT_TAGS or (tag == "v" and self.is_result) or (tag == "text" and self.place == "notes")
        return ("box" if self.boxes else self.place) if wanted or self.is_drawing else ""

    def _end(self, name: str) -> None:
        tag = local_name(name)
        self.boxes -= tag == "txbxContent"
        self.inside = ""
        self.is_result &= tag != "strCache"
        if tag in LINE_TAGS or (tag == "v" and self.is_result):
            place = "margin" if tag in SHEET_MARGINS else "box" if self.boxes else self.place
            self.texts.setdefault(place, []).append("\n")

    def _data(self, data: str) -> None:
        if not self.inside:
            self._add_aside(data, "properties" if self.place == "properties" else "hidden")
        elif self.budget.take(self.inside, len(data)):
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
                    self.budget.is_exceeded |= self.place not in ("", "properties", "hidden")
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
    places: dict[str, list[str]] = {place: [] for place in SEPARATE}
    budget = Budget()
    with zipfile.ZipFile(path) as archive:
        pages, templates = ofd_pages(archive)
        for name in sorted(archive.namelist(), key=lambda name: (pages.get(name, len(pages)), reading_order(name))):
            first_bytes = beginning(archive, name)
            if first_bytes.startswith(b"<"):
                reader = XmlTextReader(
                    name, budget, is_template=name in templates or bool(TEMPLATES.search(f"/{name}"))
                )
                for place, text in reader.read(archive).items():
                    places[place].append(text)
            elif first_bytes.startswith(INSIDE):
                places["hidden"].extend(texts_inside(archive.open(name).read(MAX_PART_BYTES)))
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


def beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the first bytes of a part, without the blanks before them."""
    with archive.open(name) as part:
        while chunk := part.read(1 << 16):
            if found := chunk.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
                return found[:8]
    return b""


def texts_inside(content: bytes, depth: int = 1) -> Iterator[str]:
    """Yield the texts that may be marks in a document that is inside another."""
    if not content.startswith(b"PK"):
        yield from wide_marks(content)
    elif depth <= MAX_DEPTH:
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                first_bytes = beginning(archive, name)
                if first_bytes.startswith(b"<"):
                    yield from XmlTextReader(name, Budget()).read(archive).values()
                elif first_bytes.startswith(INSIDE):
                    yield from texts_inside(archive.open(name).read(MAX_PART_BYTES), depth + 1)


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
    sys.path.append(str(Path(__file__).parents[3]))
    from creation.evidence.library import extract_pdf

    return extract_pdf.read(path)


def read_picture(path: str) -> Extracted:
    from PIL import Image

    taken: Any = None
    said: list[Any] = []
    # What a PNG has behind its pixels may be broken, though the picture is shown.
    with contextlib.suppress(OSError, SyntaxError, ValueError), Image.open(path) as image:
        said = [*image.info.values()]
        exif = image.getexif()
        details = exif.get_ifd(0x8769)
        taken = details.get(0x9003) or exif.get(0x0132)
        said = [*map(exif.get, DESCRIPTIONS), details.get(0x9286), *image.info.values()]
    day = re.match(r"(\d{4}):(\d\d):(\d\d)", str(taken or ""))
    properties = "\n".join(text for value in said for text in texts_of(value))
    return {
        "first": "",
        "text": "",
        "properties": properties,
        "facts": {"taken": "-".join(day.groups())} if day else {},
    }


def texts_of(value: Any) -> Iterator[str]:
    """Yield what a text of a picture may mean: it says no encoding."""
    if isinstance(value, dict):  # what Photoshop and IPTC describe a picture with
        for each in value.values():
            yield from texts_of(each)
    if isinstance(value, str):
        yield value
        value = value.encode("latin-1", "ignore")
    if isinstance(value, bytes):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            text = value[:MAX_PLACE].decode(encoding, "ignore")
            if MARK_LINE.search(text):
                yield text


def read_old_office(path: str) -> Extracted:
    """Read only the metadata. The text is read from the PDF that LibreOffice makes."""
    import olefile

    with olefile.OleFileIO(path) as file:
        metadata = file.get_metadata()
        hidden = [text for path in file.listdir(storages=False) for text in wide_marks(file.openstream(path).read())]
        added = [
            text for name in PROPERTY_STREAMS if file.exists(name) for text in texts_of(file.openstream(name).read())
        ]
    named = (
        metadata.title,
        metadata.subject,
        metadata.keywords,
        metadata.comments,
        metadata.category,
        metadata.company,
    )
    properties = [decoded(each, metadata.codepage) if isinstance(each, bytes) else str(each or "") for each in named]
    facts: Extracted = {"pages": metadata.num_pages or None, "created": str(metadata.create_time or "")[:10] or None}
    for name, value in (("title", metadata.title), ("author", metadata.author)):
        facts[name] = decoded(value, metadata.codepage) if isinstance(value, bytes) else value
    properties += [UNPRINTED.sub("\n", text) for text in added]
    return {"first": "", "text": "", "properties": "\n".join(properties), "hidden": "\n".join(hidden), "facts": facts}


def wide_pattern(first: str, last: str) -> bytes:
    letters = b"|".join(re.escape(each.encode("utf-16-le")) for each in first)
    return b"(?:" + letters + b")" + WIDE_BLANKS + re.escape(last.encode("utf-16-le"))


WIDE_MARK = re.compile(b"|".join(wide_pattern(*each) for each in WIDE_MARKS), re.DOTALL)


def wide_marks(data: bytes) -> Iterator[str]:
    """Yield the texts in UTF-16 that may be marks: notes, names of sheets, what LibreOffice does not draw. A word alone is a value."""
    for found in islice(WIDE_MARK.finditer(data), MAX_WIDE):
        start, end = max(found.start() % 2, found.start() - 2 * AROUND), found.end() + 2 * AROUND
        for text in UNPRINTED.split(data[start:end].decode("utf-16-le", "ignore")):
            if MARK_LINE.search(text) and len(text) > LONGEST_VALUE:
                yield text


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
    margin = SHEET_CODES.sub("\n", SHEET_STYLES.sub("", found.get("margin", "")))
    places = {place: found.get(place, "") for place in SEPARATE[1:]} | {"margin": margin, "rest": rest}
    marks = {place: clean_text(mark_lines(text), MAX_PLACE + 1) for place, text in places.items()}
    more = clean_text("\n".join(places[place] for place in ("margin", "box", "notes")), MAX_MORE)
    searched = SPLIT_WORD.sub("", whole) if extension in LINES_OF else whole
    result: dict[str, Any] = {"first": first, "text": f"{searched[:MAX_TEXT]}\n{more}".strip(), **marks}
    is_cut = len(whole) > MAX_READ or any(len(text) > MAX_PLACE for text in marks.values())
    result["is_incomplete"] = is_cut or found.get("is_incomplete", False)
    result["has_text"] = bool(whole or any(places[place].strip() for place in ("margin", "box", "notes")))
    print(json.dumps(result | {"facts": {name: value for name, value in facts.items() if value}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
