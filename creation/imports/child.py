"""A program of its own that reads one workbook, so that a hostile one can crash or exhaust nothing but itself.

    python -I child.py FILE ROWS COLUMNS

Prints JSON: {"sheets": [{"name", "rows", "formulas", "merges"}]} or {"fault", "detail"}. A cell is null, a text, or one of
{"n": "1.1"}, {"d": "2025-06-30"}, {"b": true}. The sheet is walked before it is read: what it says of its own size is never
believed, and one cell at XFD1048576 would cost gigabytes.
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

from python_calamine import CalamineError, CalamineWorkbook

Grid = list[list[Any]]
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")
SHEETS = "xl/workbook.xml"


class Fault(Exception):
    """What is wrong with the workbook: a word of ours and its detail."""


class Walk:
    """The filled cells of one sheet's XML, counted where they say they stand: formulas are kept, a far cell is a Fault."""

    def __init__(self, sheet: str, rows: int, columns: int) -> None:
        self.sheet, self.rows, self.columns = sheet, rows, columns
        self.formulas: list[tuple[int, int]] = []
        self.at, self.row = (0, 0), 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.at = self._place(attributes.get("r"))
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.at = (self.row, 0)
        elif tag == "f":
            self.formulas.append(self.at)
        elif tag in ("v", "t") and (self.at[0] > self.rows or self.at[1] > self.columns):
            raise Fault("far", f"{self.sheet}|{letters(self.at[1])}{self.at[0]}")

    def _place(self, given: str | None) -> tuple[int, int]:
        found = PLACE.match(given or "")
        if not found:
            return self.row, self.at[1] + 1
        return int(found[2]), column_of(found[1])


def column_of(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


def letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def walked(archive: zipfile.ZipFile, part: str, walk: Walk) -> Walk:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: walk.start(tag.rpartition(" ")[2], attributes)
    with archive.open(part) as file:
        for chunk in iter(partial(file.read, 1 << 16), b""):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return walk


def parts_of(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Name and part of each visible sheet; a sheet without its part is a Fault."""
    targets = {
        found["Id"]: found["Target"] for found in elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    found = []
    for sheet in elements(archive, SHEETS, "sheet"):
        relation = next((value for key, value in sheet.items() if key.rpartition(" ")[2] == "id"), "")
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if part not in archive.namelist():
            raise Fault("missing", sheet.get("name", ""))
        if sheet.get("state", "visible") == "visible" and "worksheets/" in part:
            found.append((sheet["name"], part))
    return found


def elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == wanted:
            found.append(attributes)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.Parse(archive.read(part), True)
    return found


def cell(value: Any) -> Any:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int | float):
        return {"n": repr(int(value) if value == int(value) else value) if abs(value) < 1e15 else repr(value)}
    if isinstance(value, date):  # datetime is one as well
        return {"d": (value.date() if isinstance(value, datetime) else value).isoformat()}
    return str(value) if value != "" else None


def read(path: str, rows: int, columns: int) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        if any(name.startswith("xl/externalLinks/") for name in archive.namelist()):
            raise Fault("links", "")
        parts = parts_of(archive)
        walks = [walked(archive, part, Walk(name, rows, columns)) for name, part in parts]
    book = CalamineWorkbook.from_path(path)
    sheets = []
    for walk in walks:
        sheet = book.get_sheet_by_name(walk.sheet)
        grid: Grid = [[cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
        merges = [[*start, *end] for start, end in sheet.merged_cell_ranges or []]
        sheets.append({"name": walk.sheet, "rows": grid, "formulas": walk.formulas, "merges": merges})
    return sheets


def main(path: str, rows: str, columns: str) -> None:
    try:
        answer: dict[str, Any] = {"sheets": read(path, int(rows), int(columns))}
    except Fault as fault:
        answer = {"fault": fault.args[0], "detail": fault.args[1]}
    except (CalamineError, expat.ExpatError, KeyError, ValueError, OverflowError, zipfile.BadZipFile) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
