"""Stand-alone program that reads one workbook, so that a hostile one can crash or exhaust only this process.

    python -I workbook_reader.py FILE ROWS COLUMNS

Prints JSON: {"sheets": [{"name", "rows", "formulas", "merges", "hidden_rows", "hidden_columns", "links", "cut"}], "hidden": [names]} or
{"fault", "detail"}.
A cell is null, a text, or one of {"n": "1.1"}, {"d": "2025-06-30"}, {"b": true}.
The XML of a sheet is scanned before it is parsed, because its declared size
cannot be trusted and a single cell at XFD1048576 would take gigabytes of memory.
"""

import json
import posixpath
import re
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from xml.parsers import expat

import olefile
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

Grid = list[list[Any]]
WIDEST = 256  # columns; cells beyond are refused, those between COLUMNS and here are cut off
CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")
WORKBOOK_PART, STYLES_PART = "xl/workbook.xml", "xl/styles.xml"
PERCENT_FORMATS = {"9", "10"}  # numbers of the built-in formats 0% and 0.00%
# Records of Excel 97, by [MS-XLS] 2.3
BEGINNINGS, END, BOUND_SHEET = frozenset({0x0009, 0x0209, 0x0409, 0x0809}), 0x000A, 0x0085
FORMULA, BOOLEAN_OR_ERROR, ROW, COMMENT = 0x0006, 0x0205, 0x0208, 0x001C
NUMBER, SHORT_NUMBER, SHORT_NUMBERS = 0x0203, 0x027E, 0x00BD
FORMAT, STYLE = 0x041E, 0x00E0
IS_HIDDEN, ERROR_RESULT = 0x20, 2
ERROR_TEXTS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


class WorkbookFault(Exception):
    """A fault of the workbook: one of our codes and its detail."""


class CellScanner:
    """Scanner of the filled cells of one sheet's XML, by their own coordinates. Raises WorkbookFault for a far cell.

    Keeps the positions of formulas, and the errors of formulas such as #REF!, which calamine reads as empty.
    """

    def __init__(self, sheet: str, rows: int, columns: int, percent_styles: frozenset[str]) -> None:
        self.sheet, self.rows, self.columns, self.percent_styles = sheet, rows, columns, percent_styles
        self.formulas: list[tuple[int, int]] = []
        self.at, self.row = (0, 0), 0
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[int] = []
        self.percentages: list[tuple[int, int]] = []
        self.errors: dict[tuple[int, int], str] = {}
        self.is_error = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.at = self._position(attributes.get("r"))
            self.is_error = attributes.get("t") == "e"
            if self.is_error:
                self.errors[self.at] = ""
            if attributes.get("s") in self.percent_styles:
                self.percentages.append(self.at)
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.at = (self.row, 0)
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.append(self.row)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            last = min(int(attributes["max"]), self.columns)
            self.hidden_columns.extend(range(int(attributes["min"]), last + 1))
        elif tag == "f":
            self.formulas.append(self.at)
        elif tag in ("v", "t") and (self.at[0] > self.rows or self.at[1] > self.columns):
            raise WorkbookFault("far", f"{self.sheet}|{column_letters(self.at[1])}{self.at[0]}")

    def text(self, text: str) -> None:
        self.errors[self.at] += text.strip()

    def _position(self, given: str | None) -> tuple[int, int]:
        found = CELL_REFERENCE.match(given or "")
        if not found:
            return self.row, self.at[1] + 1
        return int(found[2]), column_number(found[1])


class BinaryScanner:
    """Scanner of the records of one sheet of Excel 97: formulas, errors and hidden rows, as those of ``CellScanner``."""

    def __init__(self, percent_styles: frozenset[int]) -> None:
        self.formulas: list[tuple[int, int]] = []
        self.errors: dict[tuple[int, int], str] = {}
        self.hidden_rows: list[int] = []
        self.percentages: list[tuple[int, int]] = []
        self.percent_styles = percent_styles
        self.comments = False

    def record(self, number: int, data: bytes) -> None:
        if number == ROW and data[12] & IS_HIDDEN:
            self.hidden_rows.append(int.from_bytes(data[:2], "little") + 1)
        elif number == COMMENT:
            self.comments = True
        elif number == FORMULA:
            self.formulas.append(self._position(data))
            if data[12:14] == b"\xff\xff" and data[6] == ERROR_RESULT:
                self._error(data, data[8])
        elif number == BOOLEAN_OR_ERROR and data[7]:
            self._error(data, data[6])
        if number in (NUMBER, SHORT_NUMBER, FORMULA) and struct.unpack_from("<H", data, 4)[0] in self.percent_styles:
            self.percentages.append(self._position(data))
        elif number == SHORT_NUMBERS:
            self._short_numbers(data)

    def _short_numbers(self, data: bytes) -> None:
        """Read the styles of a run of numbers in one row: row, first column, then style and number of each cell, last column."""
        row, first = self._position(data)
        for index in range((len(data) - 6) // 6):
            if struct.unpack_from("<H", data, 4 + index * 6)[0] in self.percent_styles:
                self.percentages.append((row, first + index))

    def _error(self, data: bytes, code: int) -> None:
        self.errors[self._position(data)] = ERROR_TEXTS.get(code, "#N/A")

    def _position(self, data: bytes) -> tuple[int, int]:
        row, column = struct.unpack_from("<HH", data)
        return row + 1, column + 1


def column_number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def scan(archive: zipfile.ZipFile, part: str, scanner: CellScanner) -> CellScanner:
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(tag: str, attributes: dict[str, str]) -> None:
        scanner.start(tag.rpartition(" ")[2], attributes)
        parser.CharacterDataHandler = scanner.text if scanner.is_error else None

    parser.StartElementHandler = start
    with archive.open(part) as file:
        for chunk in iter(partial(file.read, 1 << 16), b""):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return scanner


def parts_of(archive: zipfile.ZipFile) -> tuple[list[tuple[str, str]], list[str]]:
    """Return name and part of each visible sheet, and the names of the others. Raises WorkbookFault for a sheet without its part."""
    targets = {
        found["Id"]: found["Target"] for found in elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    found, hidden = [], []
    for sheet in elements(archive, WORKBOOK_PART, "sheet"):
        relation = next((value for key, value in sheet.items() if key.rpartition(" ")[2] == "id"), "")
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part not in archive.namelist():
            raise WorkbookFault("missing", sheet.get("name", ""))
        if sheet.get("state", "visible") == "visible" and "worksheets/" in part:
            found.append((sheet["name"], part))
        else:
            hidden.append(sheet["name"])
    return found, hidden


def percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the numbers of the cell styles that show a number as a percentage."""
    if STYLES_PART not in archive.namelist():
        return frozenset()
    formats = elements(archive, STYLES_PART, "numFmt")
    percent = PERCENT_FORMATS | {each["numFmtId"] for each in formats if shows_percent(each.get("formatCode", ""))}
    styles = elements(archive, STYLES_PART, "xf", "cellXfs")
    return frozenset(str(number) for number, style in enumerate(styles) if style.get("numFmtId") in percent)


def shows_percent(code: str) -> bool:
    """Return whether a number format multiplies by a hundred; a quoted or escaped % only stands behind the number."""
    return "%" in re.sub(r'"[^"]*"|\\.', "", code)


def elements(archive: zipfile.ZipFile, part: str, wanted: str, inside: str = "") -> list[dict[str, str]]:
    """Return the attributes of the elements of this name; with ``inside`` only those directly inside that element."""
    found: list[dict[str, str]] = []
    path: list[str] = [""]

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == wanted and inside in ("", path[-1]):
            found.append(attributes)
        path.append(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.Parse(archive.read(part), True)
    return found


def cell_json(value: Any) -> Any:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int | float):
        return {"n": repr(int(value) if value == int(value) else value) if abs(value) < 1e15 else repr(value)}
    if isinstance(value, date):  # a datetime is a date as well
        return {"d": (value.date() if isinstance(value, datetime) else value).isoformat()}
    return str(value) if value != "" else None


def put(grid: Grid, row: int, column: int, text: str) -> None:
    """Make room for a cell, and set its text if it has one."""
    grid.extend([] for _ in range(row - len(grid)))
    cells = grid[row - 1]
    cells.extend(None for _ in range(column - len(cells)))
    cells[column - 1] = text or cells[column - 1]


def read_sheets(path: str, rows: int, columns: int) -> dict[str, Any]:
    """Return the visible sheets as JSON can hold them, cut to ``rows`` and ``columns``. Raises WorkbookFault."""
    if not zipfile.is_zipfile(path):
        return read_binary_sheets(path, rows, columns)
    with zipfile.ZipFile(path) as archive:
        links = any(name.startswith("xl/externalLinks/") for name in archive.namelist())
        comments = any(re.match("xl/(?:threadedC|c)omments", name) for name in archive.namelist())
        parts, hidden = parts_of(archive)
        percent = percent_styles(archive)
        scanners = [scan(archive, part, CellScanner(name, rows, WIDEST, percent)) for name, part in parts]
    book = CalamineWorkbook.from_path(path)
    sheets = []
    for scanner in scanners:
        found = sheet_json(book.get_sheet_by_name(scanner.sheet))
        for (row, column), text in [*((place, "") for place in scanner.formulas), *scanner.errors.items()]:
            put(found["rows"], row, column, text)
        show_percentages(found["rows"], scanner.percentages)
        sheets.append(
            cut(found, columns)
            | {
                "formulas": scanner.formulas,
                "hidden_rows": scanner.hidden_rows,
                "links": links,
                "comments": comments,
                "hidden_columns": scanner.hidden_columns,
            }
        )
    return {"sheets": sheets, "hidden": hidden}


def show_percentages(grid: Grid, cells: Iterable[tuple[int, int]]) -> None:
    """Turn 0.95 into “95%” in cells that show their number so."""
    for row, column in cells:
        value = grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[row - 1]) else None
        if isinstance(value, dict) and "n" in value:
            grid[row - 1][column - 1] = f"{(Decimal(value['n']) * 100).normalize():f}%"


def read_binary_sheets(path: str, rows: int, columns: int) -> dict[str, Any]:
    """Read a workbook of Excel 97 or WPS (.xls, .et). Formulas have their stored values."""
    with open(path, "rb") as file:
        book = CalamineWorkbook.from_filelike(file)
    sheets, hidden = [], []
    for meta, scanner in zip(book.sheets_metadata, scan_binary(path), strict=True):
        if "Visible" not in str(meta.visible) or "WorkSheet" not in str(meta.typ):
            hidden.append(meta.name)
            continue
        found = sheet_json(book.get_sheet_by_name(meta.name))
        if len(found["rows"]) > rows:
            raise WorkbookFault("far", f"{meta.name}|A{len(found['rows'])}")
        for (row, column), text in [*((place, "") for place in scanner.formulas), *scanner.errors.items()]:
            put(found["rows"], row, column, text)
        show_percentages(found["rows"], scanner.percentages)
        read = {"formulas": scanner.formulas, "hidden_rows": scanner.hidden_rows, "links": False}
        read["comments"] = scanner.comments
        sheets.append(cut(found, columns) | read)
    return {"sheets": sheets, "hidden": hidden}


def scan_binary(path: str) -> list[BinaryScanner]:
    """Return what calamine does not tell about each sheet of a workbook of Excel 97, in the order of the sheets."""
    with olefile.OleFileIO(path) as file:
        name = next(name for name in ("Workbook", "Book") if file.exists(name))
        stream = file.openstream(name).read()
    starts = [int.from_bytes(data[:4], "little") for number, data in records(stream, 0) if number == BOUND_SHEET]
    percent = binary_percent_styles(stream)
    scanners = []
    for start in starts:
        scanner = BinaryScanner(percent)
        for number, data in records(stream, start):
            scanner.record(number, data)
        scanners.append(scanner)
    return scanners


def binary_percent_styles(stream: bytes) -> frozenset[int]:
    percent = {int(number) for number in PERCENT_FORMATS}
    styles = []
    for number, data in records(stream, 0):
        if number == FORMAT and shows_percent(data[5:].decode("utf-16-le" if data[4] & 1 else "latin-1", "replace")):
            percent.add(int.from_bytes(data[:2], "little"))
        elif number == STYLE:
            styles.append(int.from_bytes(data[2:4], "little"))
    return frozenset(number for number, style in enumerate(styles) if style in percent)


def records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield number and data of the records from a position to the end of its part of the stream, without charts inside."""
    depth = 0
    while at + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, at)
        depth += (number in BEGINNINGS) - (number == END)
        if depth == 1:
            yield number, stream[at + 4 : at + 4 + length]
        if depth == 0:
            return
        at += 4 + length


def sheet_json(sheet: CalamineSheet) -> dict[str, Any]:
    grid: Grid = [[cell_json(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    merges = [[*start, *end] for start, end in sheet.merged_cell_ranges or []]
    return {"name": sheet.name, "rows": grid, "merges": merges}


def cut(found: dict[str, Any], columns: int) -> dict[str, Any]:
    """Cut off what is right of the last column that is read, and say whether there was anything."""
    beyond = any(value is not None for row in found["rows"] for value in row[columns:])
    return found | {"rows": [row[:columns] for row in found["rows"]], "cut": beyond}


def main(path: str, rows: str, columns: str) -> None:
    try:
        answer: dict[str, Any] = read_sheets(path, int(rows), int(columns))
    except WorkbookFault as fault:
        answer = {"fault": fault.args[0], "detail": fault.args[1]}
    except (
        CalamineError,
        expat.ExpatError,
        KeyError,
        ValueError,
        IndexError,
        StopIteration,
        OverflowError,
        struct.error,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
