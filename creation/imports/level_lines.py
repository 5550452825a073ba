"""Levels that have no columns of their own: in lines between the checkpoints, or under a heading that elsewhere means the checkpoint."""

import re
from collections.abc import Iterator
from dataclasses import replace

from creation.imports import reshaped, table_rows, values
from creation.imports.headings import ImportColumn, SheetLayout, without_brackets
from creation.imports.reshaped import Line
from creation.imports.worksheet import CellPosition
from creation.rules.names import folded, with_plain_dashes

SECTION_MARK = re.compile(r"第?[一二三四五六七八九十]+(?:[、.．,，:：]|部分|章|$)")
ITEM_MARK = re.compile(r"[(（][一二三四五六七八九十]+[)）]")
FINER = re.compile(
    "(?:具体|任务|工作|重点|主要|创建)(?:工作)?(?:任务|要求|内容|事项|措施|举措|要点|标准)(?:及(?:要求|措施|标准))?"
)
KEYS = {1: "section", 2: "item"}


def with_levels(layout: SheetLayout, columns: tuple[ImportColumn, ...], takes_marks: bool) -> SheetLayout:
    """Return the layout with columns for the levels that stand in lines: 1-1 深化行政审批制度改革 above 1-1-1.

    ``takes_marks``: lines such as 一、 and （一） are levels, too; elsewhere they may divide the table in some other way.
    """
    layout = _with_finer_points(layout)
    if KEYS.values() & layout.columns.keys() or "point" not in layout.columns:
        return layout
    found: dict[int, list[Line]] = {1: [], 2: []}
    for level, line in _lines(layout, takes_marks):
        found[level].append(line)
    by_key = {column.key: column for column in columns}
    for level, lines in found.items():
        if lines:
            layout = reshaped.with_column(layout, by_key[KEYS[level]], lines)
    return layout


def _lines(layout: SheetLayout, takes_marks: bool) -> Iterator[tuple[int, Line]]:
    """Yield each line of a level, which is about the rows below it."""
    rows = list(table_rows.rows_below(layout))
    codes = {row: _code(layout, row) for row, _ in rows}
    firsts = [row for row, reason in rows if not reason and codes[row].count("-") != 1]
    open_lines: dict[int, tuple[tuple[CellPosition, ...], str]] = {}
    for (row, reason), (below, _) in zip(rows, [*rows[1:], (0, "")], strict=True):
        level = _level_by_code(layout, row, codes[row], codes.get(below, "")) or (
            _level_by_mark(layout, row, reason) if takes_marks else 0
        )
        if level:
            cells = tuple((row, number) for number in layout.sheet.filled_columns(row))
            text = " ".join(values.shown(layout.sheet.at(*cell)) for cell in cells)
            open_lines[level] = cells, text
        elif not reason and row in firsts:
            for each, (cells, text) in sorted(open_lines.items()):
                yield each, Line(row, cells[0], "", text, cells)
            open_lines = {}


def _code(layout: SheetLayout, row: int) -> str:
    """Return the code at the beginning of the row, with hyphens."""
    sheet, number = layout.sheet, layout.columns.get("code", 0)
    own = values.shown(sheet.at(row, number)) if number else ""
    first = next((values.shown(sheet.at(row, each)) for each in sheet.filled_columns(row)), "")
    point = values.shown(sheet.at(row, layout.columns["point"]))
    return _whole_code(own) or values.code_in(point) or values.code_in(first)


def _whole_code(text: str) -> str:
    plain = folded(with_plain_dashes(text)).replace(".", "-")
    return plain if re.fullmatch(r"\d+(?:-\d+)*", plain) else ""


def _level_by_code(layout: SheetLayout, row: int, code: str, below: str) -> int:
    """Return 1 or 2 for a row whose code is the beginning of that of the row below it, and which says nothing else."""
    said = {number for key, number in layout.columns.items() if key not in ("code", "point")}
    is_alone = not any(layout.sheet.is_filled(row, number) for number in said)
    return code.count("-") + 1 if code and code.count("-") < 2 and is_alone and below.startswith(f"{code}-") else 0


def _level_by_mark(layout: SheetLayout, row: int, reason: str) -> int:
    filled = layout.sheet.filled_columns(row)
    if reason != table_rows.SECTION_LINE or not filled:
        return 0
    text = folded(values.shown(layout.sheet.at(row, filled[0])))
    return 1 if SECTION_MARK.match(text) else 2 if ITEM_MARK.match(text) else 0


def _with_finer_points(layout: SheetLayout) -> SheetLayout:
    """Return the layout with the finer of two columns as that of the checkpoints: 具体要求 beside a 工作任务 of several rows."""
    point, sheet = layout.columns.get("point", 0), layout.sheet
    rows = [row for row, reason in table_rows.rows_below(layout) if not reason]
    if not point or "item" in layout.columns or all(sheet.is_filled(row, point) for row in rows):
        return layout
    finer = [
        number
        for number in sorted(layout.unknown)
        if FINER.fullmatch(without_brackets(layout.labels[number].leaf))
        and all(sheet.is_filled(row, number) for row in rows)
    ]
    if len(finer) != 1:
        return layout
    unknown = {number: guess for number, guess in layout.unknown.items() if number != finer[0]}
    return replace(layout, columns=layout.columns | {"item": point, "point": finer[0]}, unknown=unknown)
