"""Stand-alone program that marks faulty cells of a workbook red and unused ones yellow, with a comment, and lists each row's errors in an
added column.

python -I error_marker.py SOURCE TARGET MARKS
"""

import json
import sys
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

RED = PatternFill("solid", start_color="FFC7CE", end_color="FFC7CE")
YELLOW = PatternFill("solid", start_color="FFEB9C", end_color="FFEB9C")


def main(source: str, target: str, marks_path: str) -> None:
    with open(marks_path, encoding="utf-8") as file:
        instructions = json.load(file)
    book = load_workbook(source)
    for name, cells in instructions["left"].items():
        for row, column, reason in cells:
            mark_cell(book[name].cell(row, column), YELLOW, reason)
    marked = {name: marks for name, marks in instructions["sheets"].items() if marks}
    for name, marks in marked.items():
        mark_sheet(book[name], instructions["head"], marks)
    if marked:
        book.active = book.index(book[next(iter(marked))])
    book.save(target)


def mark_sheet(sheet: Any, head: int, marks: list[Any]) -> None:
    extra_column = sheet.max_column + 1
    rows: dict[int, list[str]] = {}
    for row, column, sentence in marks:
        mark_cell(sheet.cell(row, column), RED, sentence)
        rows.setdefault(row, []).append(sentence)
    for row, sentences in {head: ["导入检查"], **rows}.items():
        cell = sheet.cell(row, extra_column, "\n".join(sentences))
        cell.data_type, cell.font, cell.alignment = "s", Font(color="C00000"), Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[sheet.cell(1, extra_column).column_letter].width = 60


def mark_cell(cell: Any, fill: PatternFill, sentence: str) -> None:
    cell.fill = fill
    if hasattr(cell, "comment") and type(cell).__name__ != "MergedCell":
        cell.comment = Comment(sentence, "导入检查", width=320, height=90)


if __name__ == "__main__":
    main(*sys.argv[1:])
