"""Stand-alone program that reads one workbook of Excel 2003 XML (SpreadsheetML), so that a hostile one can exhaust only this process.

    python -I xml_workbook_reader.py FILE ROWS COLUMNS

Prints the same JSON as workbook_reader.py. Many systems export such files under the name .xls.
"""

import json
import re
import sys
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.parsers import expat

WIDEST = 256  # columns; cells beyond are refused, those between COLUMNS and here are cut off
SHEET = "urn:schemas-microsoft-com:office:spreadsheet "
OPTIONS = "urn:schemas-microsoft-com:office:excel "


class XmlWorkbookFault(Exception):
    """A fault of the workbook: one of our codes and its detail."""


class WorkbookReader:
    """Reader of the elements of the workbook; positions are counted from 1."""

    def __init__(self, rows: int) -> None:
        self.limit = rows
        self.sheets: list[dict[str, Any]] = []
        self.hidden: list[str] = []
        self.percent_styles: set[str] = set()
        self.style, self.row, self.column = "", 0, 0
        self.covered: dict[int, int] = {}  # column → last row that a cell above covers
        self.comments = 0
        self.cell: dict[str, str] = {}
        self.kind, self.parts = "", [""]
        self.keeps_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        given = {key.removeprefix(SHEET): value for key, value in attributes.items()}
        name = tag.removeprefix(SHEET)
        if name == "Comment":
            self.comments += 1
        elif name == "Style":
            self.style = given.get("ID", "")
        elif name == "NumberFormat" and shows_percent(given.get("Format", "")):
            self.percent_styles.add(self.style)
        elif name == "Worksheet":
            self._start_sheet(given.get("Name", ""))
        elif name == "Column" and given.get("Hidden") == "1":
            self._hide_columns(given)
        elif name == "Row":
            self._start_row(given)
        elif name == "Cell":
            self._start_cell(given)
        elif name == "Data" and not self.comments:
            self.kind, self.parts, self.keeps_text = given.get("Type", "String"), [], True
        elif tag == f"{OPTIONS}Visible":
            self.parts, self.keeps_text = [], True

    def end(self, tag: str) -> None:
        name = tag.removeprefix(SHEET)
        if name == "Comment":
            self.comments -= 1
        elif name == "Data" and not self.comments:
            self.keeps_text = False
            self.cell["text"] = "".join(self.parts)
        elif name == "Cell":
            self._end_cell()
        elif tag == f"{OPTIONS}Visible":
            self.keeps_text = False
            if "".join(self.parts).strip() in ("SheetHidden", "SheetVeryHidden"):
                self.hidden.append(self.sheets.pop()["name"])

    def text(self, text: str) -> None:
        if self.keeps_text:
            self.parts.append(text)

    @property
    def sheet(self) -> dict[str, Any]:
        return self.sheets[-1]

    def _start_sheet(self, name: str) -> None:
        self.row, self.column, self.covered = 0, 0, {}
        empty: dict[str, list[Any]] = {
            key: [] for key in ("rows", "merges", "formulas", "hidden_rows", "hidden_columns")
        }
        self.sheets.append({"name": name, "links": False, **empty})

    def _hide_columns(self, given: dict[str, str]) -> None:
        first = whole(given.get("Index")) or 1
        self.sheet["hidden_columns"] += range(first, min(first + whole(given.get("Span")), WIDEST) + 1)

    def _start_row(self, given: dict[str, str]) -> None:
        self.row = whole(given.get("Index")) or self.row + 1
        self.column = 0
        if given.get("Hidden") == "1" and self.row <= self.limit:
            self.sheet["hidden_rows"].append(self.row)

    def _start_cell(self, given: dict[str, str]) -> None:
        self.column = whole(given.get("Index")) or self.column + 1
        while "Index" not in given and self.covered.get(self.column, 0) >= self.row:
            self.column += 1
        self.cell, self.kind = given, ""

    def _end_cell(self) -> None:
        given, row, column = self.cell, self.row, self.column
        value = cell_value(self.kind, given.get("text", ""), given.get("StyleID", "") in self.percent_styles)
        across, down = (whole(given.get(key)) for key in ("MergeAcross", "MergeDown"))
        self.column += across
        if value is None and not (across or down) and "Formula" not in given:
            return
        if row > self.limit or self.column > WIDEST:
            raise XmlWorkbookFault("far", f"{self.sheet['name']}|{row} 行")
        rows = self.sheet["rows"]
        rows.extend([] for _ in range(row - len(rows)))
        rows[row - 1] += [None] * (column - 1 - len(rows[row - 1])) + [value]
        if "Formula" in given:
            self.sheet["formulas"].append((row, column))
            self.sheet["links"] |= "[" in given["Formula"] and "]" in given["Formula"] and ".xls" in given["Formula"]
        if across or down:
            last = min(row + down, self.limit)
            self.sheet["merges"].append([row - 1, column - 1, last - 1, column - 1 + across])
            self.covered |= dict.fromkeys(range(column, column + across + 1), last)


def whole(text: str | None) -> int:
    return min(int(text), 1 << 20) if text and text.isdecimal() and len(text) < 8 else 0


def shows_percent(code: str) -> bool:
    return code == "Percent" or "%" in re.sub(r'"[^"]*"|\\.', "", code)


def cell_value(kind: str, text: str, is_percent: bool) -> Any:
    if kind == "DateTime":
        return {"d": text[:10]} if re.match(r"\d{4}-\d\d-\d\d", text) else text
    if kind == "Boolean":
        return {"b": text == "1"}
    if kind == "Number":
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text or None
        if is_percent:
            return f"{(number * 100).normalize():f}%"
        return {"n": f"{number.normalize():f}" if abs(number) < Decimal(10) ** 15 else repr(float(number))}
    return text or None


def read(path: str, rows: int, columns: int) -> dict[str, Any]:
    reader = WorkbookReader(rows)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    with open(path, "rb") as file:
        parser.ParseFile(file)
    return {"sheets": [cut(sheet, columns) for sheet in reader.sheets], "hidden": reader.hidden}


def cut(sheet: dict[str, Any], columns: int) -> dict[str, Any]:
    beyond = any(value is not None for row in sheet["rows"] for value in row[columns:])
    height = len(sheet["rows"])
    merges = [[top, left, min(bottom, height - 1), right] for top, left, bottom, right in sheet["merges"]]
    return sheet | {"rows": [row[:columns] for row in sheet["rows"]], "merges": merges, "cut": beyond}


def main(path: str, rows: str, columns: str) -> None:
    try:
        answer = read(path, int(rows), int(columns))
    except XmlWorkbookFault as fault:
        answer = {"fault": fault.args[0], "detail": fault.args[1]}
    except (expat.ExpatError, ValueError, IndexError, OSError) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
