"""Stand-alone program that reads one workbook, so that a hostile one can crash or exhaust only this process.

    python -I workbook_reader.py FILE ROWS COLUMNS

Prints JSON: {"sheets": [{"name", "rows", "formulas", "merges", "hidden_rows", "links", "cut"}], "hidden": [names]} or {"fault", "detail"}.
A cell is null, a text, or one of {"n": "1.1"}, {"d": "2025-06-30"}, {"b": true}.
The XML of a sheet is scanned before it is parsed, because its declared size
cannot be trusted and a single cell at XFD1048576 would take gigabytes of memory.
"""

import json
import posixpath
import re
import sys
import zipfile
from datetime import date, datetime
from functools import partial
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

Grid = list[list[Any]]
WIDEST = 256  # columns; cells beyond are refused, those between COLUMNS and here are cut off
CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")
WORKBOOK_PART = "xl/workbook.xml"


class WorkbookFault(Exception):
    """A fault of the workbook: one of our codes and its detail."""


class CellScanner:
    """Scanner of the filled cells of one sheet's XML, by their own coordinates. Raises WorkbookFault for a far cell.

    Keeps the positions of formulas, and the errors of formulas such as #REF!, which calamine reads as empty.
    """

    def __init__(self, sheet: str, rows: int, columns: int) -> None:
        self.sheet, self.rows, self.columns = sheet, rows, columns
        self.formulas: list[tuple[int, int]] = []
        self.at, self.row = (0, 0), 0
        self.hidden_rows: list[int] = []
        self.errors: dict[tuple[int, int], str] = {}
        self.is_error = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.at = self._position(attributes.get("r"))
            self.is_error = attributes.get("t") == "e"
            if self.is_error:
                self.errors[self.at] = ""
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.at = (self.row, 0)
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.append(self.row)
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


def elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == wanted:
            found.append(attributes)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
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
    if not zipfile.is_zipfile(path):
        return read_binary_sheets(path, rows, columns)
    with zipfile.ZipFile(path) as archive:
        links = any(name.startswith("xl/externalLinks/") for name in archive.namelist())
        parts, hidden = parts_of(archive)
        scanners = [scan(archive, part, CellScanner(name, rows, WIDEST)) for name, part in parts]
    book = CalamineWorkbook.from_path(path)
    sheets = []
    for scanner in scanners:
        found = sheet_json(book.get_sheet_by_name(scanner.sheet))
        for (row, column), text in [*((place, "") for place in scanner.formulas), *scanner.errors.items()]:
            put(found["rows"], row, column, text)
        sheets.append(
            cut(found, columns) | {"formulas": scanner.formulas, "hidden_rows": scanner.hidden_rows, "links": links}
        )
    return {"sheets": sheets, "hidden": hidden}


def read_binary_sheets(path: str, rows: int, columns: int) -> dict[str, Any]:
    """Read a workbook of Excel 97 or WPS (.xls, .et). Formulas have their stored values; errors of formulas are empty there."""
    with open(path, "rb") as file:
        book = CalamineWorkbook.from_filelike(file)
    sheets, hidden = [], []
    for meta in book.sheets_metadata:
        if "Visible" not in str(meta.visible) or "WorkSheet" not in str(meta.typ):
            hidden.append(meta.name)
            continue
        found = sheet_json(book.get_sheet_by_name(meta.name))
        if len(found["rows"]) > rows:
            raise WorkbookFault("far", f"{meta.name}|A{len(found['rows'])}")
        sheets.append(cut(found, columns) | {"formulas": [], "hidden_rows": [], "links": False})
    return {"sheets": sheets, "hidden": hidden}


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
    except (CalamineError, expat.ExpatError, KeyError, ValueError, OverflowError, zipfile.BadZipFile) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
