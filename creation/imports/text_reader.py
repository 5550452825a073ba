"""Stand-alone program that reads one text file of comma or tab separated values, so that a hostile one can exhaust only this process.

    python -I text_reader.py FILE ROWS COLUMNS

Prints the same JSON as workbook_reader.py: one sheet, and each cell is null or a text. Excel saves such files in the code page of the
system (GBK), in UTF-8 with a mark, or as "Unicode text" in UTF-16 with tabs.
"""

import csv
import io
import json
import sys
from typing import Any

WIDEST = 256  # columns; cells beyond are refused, those between COLUMNS and here are cut off
DELIMITERS = ",\t;"


class TextFault(Exception):
    """A fault of the file: one of our codes and its detail."""


def decoded(content: bytes) -> str:
    wide = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else []
    for name in (*wide, "utf-8-sig", "gb18030"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise TextFault("damaged", "charset")


def delimiter(text: str) -> str:
    """Return the separator that occurs most often in the first lines."""
    start = "\n".join(text.splitlines()[:20])
    return max(DELIMITERS, key=start.count)


def read(path: str, rows: int, columns: int) -> dict[str, Any]:
    with open(path, "rb") as file:
        text = decoded(file.read())
    if "\0" in text:
        raise TextFault("damaged", "NUL")
    found: list[list[str | None]] = []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text)), 1):
        if number > rows:
            raise TextFault("far", f"表1|A{number}")
        if len(row) > WIDEST and any(row[WIDEST:]):
            raise TextFault("far", f"表1|{number} 行")
        found.append([cell.strip() or None for cell in row])
    if not any(cell for row in found for cell in row):
        raise TextFault("no_table", "")
    sheet = {
        "name": "表1",
        "rows": [row[:columns] for row in found],
        "merges": [],
        "formulas": [],
        "hidden_rows": [],
        "links": False,
        "cut": any(value for row in found for value in row[columns:]),
    }
    return {"sheets": [sheet], "hidden": []}


def main(path: str, rows: str, columns: str) -> None:
    try:
        answer = read(path, int(rows), int(columns))
    except TextFault as fault:
        answer = {"fault": fault.args[0], "detail": fault.args[1]}
    except (csv.Error, OSError) as error:
        answer = {"fault": "damaged", "detail": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
