"""Stand-alone program that reads the tables of one Word document or web page, so that a hostile one can exhaust only this process.

    python -I document_reader.py FILE ROWS COLUMNS

Prints the same JSON as workbook_reader.py: each table is a sheet, and each cell is null or a text. Web pages may be in an archive
(.mht), or carry the name of an Excel file, as systems export them.
"""

import email
import email.policy
import json
import re
import sys
import zipfile
from html.parser import HTMLParser
from typing import Any
from xml.parsers import expat

WIDEST = 256  # columns; cells beyond are refused, those between COLUMNS and here are cut off
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
UNSEEN = {WORD + "del", WORD + "moveFrom", "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"}
BREAKS = {WORD + "br": "\n", WORD + "cr": "\n", WORD + "tab": " ", WORD + "noBreakHyphen": "-"}
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
# How Excel shows a telephone number in a narrow column; x:num has all of it.
ROUNDED = re.compile(r"\d(?:\.\d+)?E\+\d+")
# A line outside the table that says whose it is, or what its marks mean: read as a line below it, so that its rows keep their numbers.
BESIDE = re.compile(
    r"(?:单位|部门)[^:：。]{0,8}[:：]\s*\S|[★☆▲△▼▽●○◎◉◆◇■□√✓※].{0,12}(?:牵头|主责|主办|责任|配合|协办)|第一.{0,10}牵头"
)
LONGEST_BESIDE = 80  # characters
INVISIBLE_TAGS = {"script", "style", "title", "template"}
BLOCKS = {"br", "p", "div", "li"}


class DocumentFault(Exception):
    """A fault of the document: one of our codes and its detail."""


class Table:
    """A table that is being read: rows of texts, merged ranges and hidden rows; positions from 0."""

    def __init__(self, name: str, rows: int) -> None:
        self.name, self.limit = name, rows
        self.rows: list[list[str | None]] = []
        self.merges: list[list[int]] = []
        self.hidden: list[int] = []
        self.beside: list[str] = []
        self.covered: dict[int, int] = {}  # column → last row that a cell above covers
        self.column = 0

    def start_row(self, is_hidden: bool = False) -> None:
        self.rows.append([])
        self.column = 0
        if len(self.rows) > self.limit:
            raise DocumentFault("far", f"{self.name}|A{len(self.rows)}")
        if is_hidden:
            self.hidden.append(len(self.rows))

    def add(self, text: str, across: int = 1, down: int = 1) -> tuple[int, int]:
        """Add a cell at the next free place of the last row; return its place."""
        if not self.rows:
            self.start_row()
        row = len(self.rows) - 1
        while self.covered.get(self.column, -1) >= row:
            self.column += 1
        first, last = self.column, self.column + max(across, 1) - 1
        bottom = min(row + max(down, 1) - 1, self.limit)
        if last >= WIDEST:
            raise DocumentFault("far", f"{self.name}|{row + 1} 行")
        cells = self.rows[row]
        cells.extend([None] * (first - len(cells)))
        cells.append(text.strip() or None)
        if last > first or bottom > row:
            self.merges.append([row, first, bottom, last])
        if bottom > row:
            self.covered.update(dict.fromkeys(range(first, last + 1), bottom))
        self.column = last + 1
        return row, first

    def as_sheet(self, columns: int) -> dict[str, Any]:
        height = len(self.rows)
        below: list[list[str | None]] = [[text] for text in self.beside]
        return {
            "name": self.name,
            "rows": [row[:columns] for row in self.rows] + below,
            "merges": [[top, left, min(bottom, height - 1), right] for top, left, bottom, right in self.merges],
            "formulas": [],
            "hidden_rows": self.hidden,
            "links": False,
            "cut": any(value for row in self.rows for value in row[columns:]),
        }


class LinesBeside:
    """The lines outside the tables: each belongs to the table below it, the last ones to the last table."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines: list[str] = []

    def end_line(self) -> None:
        text = " ".join("".join(self.parts).split())
        if BESIDE.search(text) and len(text) <= LONGEST_BESIDE:
            self.lines.append(text)
        self.parts = []

    def put(self, table: Table) -> None:
        self.end_line()
        table.beside += self.lines
        self.lines = []


class WordReader:
    """Reader of the tables of a Word document. A table inside a cell is a table of its own."""

    def __init__(self, rows: int) -> None:
        self.outside = LinesBeside()
        self.limit = rows
        self.tables: list[Table] = []
        self.open: list[WordTable] = []
        self.unseen = 0
        self.is_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in UNSEEN:
            self.unseen += 1
        elif self.unseen:
            return
        elif tag == WORD + "tbl":
            table = Table(f"表{len(self.tables) + 1}", self.limit)
            self.tables.append(table)
            self.open.append(WordTable(table))
        else:
            self.is_text = tag == WORD + "t"
            if self.open:
                self.open[-1].start(tag, attributes.get(WORD + "val", ""))

    def end(self, tag: str) -> None:
        self.is_text = False
        if tag in UNSEEN:
            self.unseen -= 1
        elif self.open and not self.unseen:
            if tag == WORD + "tbl":
                closed = self.open.pop()
                if not self.open:
                    self.outside.put(closed.table)
            else:
                self.open[-1].end(tag)
        elif tag == WORD + "p":
            self.outside.end_line()

    def text(self, text: str) -> None:
        if self.is_text and not self.unseen:
            (self.open[-1] if self.open else self.outside).parts.append(text)


class WordTable:
    """The cells of one table of a Word document; a vertically merged cell covers those that continue it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.parts: list[str] = []
        self.across, self.merge = 1, ""
        self.started: dict[int, list[int]] = {}  # column → merged range that may be continued

    def start(self, tag: str, value: str) -> None:
        if tag == WORD + "tr":
            self.table.start_row()
        elif tag == WORD + "gridBefore" and value.isdecimal():
            self.table.column += min(int(value), WIDEST)
        elif tag == WORD + "tc":
            self.parts, self.across, self.merge = [], 1, ""
        elif tag == WORD + "gridSpan" and value.isdecimal():
            self.across = int(value)
        elif tag == WORD + "vMerge":
            self.merge = value or "continue"
        elif tag in BREAKS:
            self.parts.append(BREAKS[tag])

    def end(self, tag: str) -> None:
        if tag == WORD + "p":
            self.parts.append("\n")
        elif tag == WORD + "tc":
            row, column = self.table.add("".join(self.parts), self.across)
            if self.merge == "continue" and column in self.started:
                self.started[column][2] = row
                if self.across > 1:
                    self.table.merges.pop()
                return
            self.started.pop(column, None)
            if self.merge:
                self.started[column] = [row, column, row, column + self.across - 1]
                if self.across > 1:
                    self.table.merges.pop()
                self.table.merges.append(self.started[column])


class PageReader(HTMLParser):
    """Reader of the tables of a web page. A table inside a cell is a table of its own."""

    def __init__(self, rows: int) -> None:
        super().__init__(convert_charrefs=True)
        self.outside = LinesBeside()
        self.limit = rows
        self.tables: list[Table] = []
        self.open: list[PageTable] = []
        self.invisible = 0

    def end_page(self) -> None:
        """Finish what the page has left open, so that another one may follow."""
        self.close()
        self.reset()
        for table in self.open:
            table.finish()
        self.open, self.invisible = [], 0
        if self.tables:
            self.outside.put(self.tables[-1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in INVISIBLE_TAGS:
            self.invisible += 1
        elif tag == "table":
            table = Table(f"表{len(self.tables) + 1}", self.limit)
            self.tables.append(table)
            self.open.append(PageTable(table))
        elif self.open and tag in ("tr", "td", "th"):
            self.open[-1].start(tag, given)
        elif tag in BLOCKS:
            self._end_line()

    def _end_line(self) -> None:
        if self.open:
            self.open[-1].parts.append("\n")
        else:
            self.outside.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in INVISIBLE_TAGS:
            self.invisible = max(0, self.invisible - 1)
        elif self.open and tag == "table":
            closed = self.open.pop()
            closed.finish()
            if not self.open:
                self.outside.put(closed.table)
        elif self.open and tag in ("td", "th", "tr"):
            self.open[-1].finish()
        elif tag in BLOCKS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self.invisible:
            (self.open[-1] if self.open else self.outside).parts.append(re.sub(r"\s+", " ", data))


class PageTable:
    """The cells of one table of a web page, of which closing tags may be missing."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.parts: list[str] = []
        self.cell: dict[str, str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.finish()
        if tag == "tr":
            self.table.start_row(bool(HIDDEN.search(attributes.get("style", ""))))
        else:
            self.cell, self.parts = attributes, []

    def finish(self) -> None:
        if self.cell is not None:
            text = re.sub(r" *\n\s*", "\n", "".join(self.parts).replace("\xa0", " "))
            if ROUNDED.fullmatch(text.strip()):
                text = self.cell.get("x:num", text)
            self.table.add(text, span(self.cell, "colspan"), span(self.cell, "rowspan"))
        self.cell = None


def span(attributes: dict[str, str], name: str) -> int:
    given = attributes.get(name, "").strip()
    return min(int(given), 10_000) if given.isdecimal() and given.isascii() and len(given) < 7 else 1


def tables_of_document(path: str, rows: int) -> list[Table]:
    reader = WordReader(rows)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as file:
        while chunk := file.read(1 << 16):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    if reader.tables:
        reader.outside.put(reader.tables[-1])
    return reader.tables


def tables_of_page(content: bytes, rows: int) -> list[Table]:
    reader = PageReader(rows)
    for text in page_texts(content):
        reader.feed(text)
        reader.end_page()
    return reader.tables


def page_texts(content: bytes) -> list[str]:
    """Return the text of a web page, or of all pages in a web archive, in which each sheet of a workbook is one."""
    if (
        content[:3000]
        .lstrip(b"\xef\xbb\xbf \r\n")
        .lower()
        .startswith((b"mime-version:", b"from:", b"subject:", b"date:"))
    ):
        message = email.message_from_bytes(content, policy=email.policy.default)
        pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
        payloads = [(page.get_payload(decode=True), page.get_content_charset()) for page in pages]
        return [decoded(payload, charset) for payload, charset in payloads if isinstance(payload, bytes)]
    return [decoded(content, None)]


def decoded(content: bytes, charset: str | None) -> str:
    """Return the text in the charset that it names, or else in the first that fits."""
    found = CHARSET.search(content[:4096])
    named = [charset or "", found[1].decode() if found else ""]
    wide = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else []
    for name in [*wide, "utf-8-sig", *filter(None, named), "gb18030"]:
        try:
            return content.decode("gb18030" if name.lower() in ("gb2312", "gbk") else name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise DocumentFault("damaged", "charset")


def read(path: str, rows: int, columns: int) -> dict[str, Any]:
    if zipfile.is_zipfile(path):
        tables = tables_of_document(path, rows)
    else:
        with open(path, "rb") as file:
            tables = tables_of_page(file.read(), rows)
    if not tables:
        raise DocumentFault("no_table", "")
    return {"sheets": [table.as_sheet(columns) for table in tables], "hidden": []}


def main(path: str, rows: str, columns: str) -> None:
    try:
        answer = read(path, int(rows), int(columns))
    except DocumentFault as fault:
        answer = {"fault": fault.args[0], "detail": fault.args[1]}
    except (expat.ExpatError, KeyError, ValueError, OSError, zipfile.BadZipFile, RecursionError) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
