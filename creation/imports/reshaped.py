"""Tables that are not one heading with its rows below: two halves side by side, and a table of one unit that is named above it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from creation.imports import values
from creation.imports.headings import FIRST_ROWS, ImportColumn, Label, SheetLayout, normalized, without_brackets
from creation.imports.worksheet import CellPosition, Sheet, Value

TITLE = re.compile(
    r"(.{1,20}(?:局|办公室|委员会|办|委|院|部|中心|乡|镇|街道|办事处|镇政府|乡政府|人民政府|大队))(?=联络员|法治|依法|问题|整改|分管|创建)"
)
UNIT_NAME = re.compile(r"[\u4e00-\u9fff]{1,20}(?:局|办公室|委员会|委|办|院|部|中心|乡|镇|街道|办事处|分局|大队)")
MIN_LABELS = 2  # in each half
IN_BRACKETS = r"(?:\s*[(（][^()（）]*[)）])?"
BEHIND = re.compile(r"\s{2,}|\s+(?=[^\s:：]{2,8}[:：])|[(（](?:盖章|公章|签章|章)[)）]|_{2,}")
Blocks = list[list[int]]  # the columns of each half, from left to right


def halves_below(sheet: Sheet, columns: Sequence[ImportColumn]) -> Sheet:
    """Return the sheet with the right halves of its table below the left one, if it has such; ``origin`` says where each cell really is."""
    for row in range(1, min(FIRST_ROWS, sheet.height) + 1):
        if blocks := _blocks(sheet, row, columns):
            return _stacked(sheet, row, blocks)
    return sheet


def _blocks(sheet: Sheet, row: int, columns: Sequence[ImportColumn]) -> Blocks:
    """Return the halves of a heading that is repeated to the right, each with every column that the table must have."""
    texts = {number: normalized(values.shown(sheet.displayed(row, number))) for number in range(1, sheet.width + 1)}
    numbers = [number for number in texts if texts[number]]
    for count in range(2, len(numbers) // MIN_LABELS + 1):
        size, rest = divmod(len(numbers), count)
        blocks = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        heads = [[texts[number] for number in block] for block in blocks]
        if not rest and all(head == heads[0] for head in heads) and len(set(heads[0])) == size:
            return blocks if _has_required(heads[0], columns) else []
    return []


def _has_required(head: list[str], columns: Sequence[ImportColumn]) -> bool:
    given = {*head, *map(without_brackets, head)}
    found = {column.key for column in columns if given & {normalized(name) for name in column.names}}
    return len(found) >= MIN_LABELS and not any(column.is_missing(found) for column in columns)


def _stacked(sheet: Sheet, head: int, blocks: Blocks) -> Sheet:
    width, height = blocks[1][0] - 1, sheet.height - head
    rows: list[list[Value]] = [row if number < head else row[:width] for number, row in enumerate(sheet.rows, 1)]
    places = {
        (row, number): (row, number)
        for row in range(1, sheet.height + 1)
        for number in range(1, len(rows[row - 1]) + 1)
    }
    for order, block in enumerate(blocks[1:], 1):
        targets = dict(zip(block, blocks[0], strict=True))
        places |= {(0, number): (head, number) for number in block}  # the repeated heading is no cell of the table
        for row in range(head + 1, sheet.height + 1):
            cells: list[Value] = [None] * width
            for number, target in targets.items():
                cells[target - 1] = sheet.at(row, number)
                places[row + order * height, target] = (row, number)
            rows.append(cells)
    return with_cells(sheet, rows, places)


def with_cells(sheet: Sheet, rows: list[list[Value]], places: dict[CellPosition, CellPosition]) -> Sheet:
    """Return the sheet with other rows; ``places``: the real place of each of their cells.

    A cell that is read without being in one of the rows has a place in row 0.
    """
    to = {real: at for at, real in places.items()}
    merged = {to[at]: to[first] for at, first in sheet.merged.items() if at in to and first in to}
    hidden = {at[0] for at, real in places.items() if real[0] in sheet.hidden_rows}
    return replace(
        sheet,
        rows=rows,
        formulas=frozenset(to[at] for at in sheet.formulas if at in to),
        merged=merged,
        hidden_rows=frozenset(hidden),
        origin={at: sheet.place(*real) for at, real in places.items()},
        whole=sheet.whole or sheet,
    )


def with_line_beside(layout: SheetLayout, columns: Sequence[ImportColumn]) -> SheetLayout:
    """Return the layout with a column for what a line above or below the table says of all rows, such as 填报单位：区司法局."""
    for column in columns:
        if column.above and column.is_missing(layout.columns):
            if found := line_beside(layout, column.above):
                return _with_column(layout, column, *found)
            if UNIT_NAME.fullmatch(layout.sheet.name):
                return _with_column(layout, column, None, "工作表名", layout.sheet.name)
    return layout


def line_beside(layout: SheetLayout, pattern: str) -> tuple[CellPosition, str, str] | None:
    """Return place, word and value of a line above or below the table, such as 填报单位：区司法局, or of its title."""
    line = re.compile(rf"(?:^|.*\s)({pattern}){IN_BRACKETS}\s*(?:[:：]\s*(.*)|$)", re.DOTALL)
    sheet = layout.sheet
    for row in (*range(1, layout.top), *range(sheet.height, layout.row, -1)):
        for number, right in _neighbours(sheet.filled_columns(row)):
            found = line.fullmatch(values.shown(sheet.at(row, number)))
            if found and (value := BEHIND.split((found[2] or "").strip())[0].strip()):
                return (row, number), found[1], value
            text = values.shown(sheet.at(row, right)) if found and right else ""
            if found and text and not re.search("[:：]", text):
                return (row, right), found[1], text
    titles = ((row, number) for row in range(1, layout.top) for number in sheet.filled_columns(row)[:1])
    named = ((at, TITLE.match(values.shown(sheet.at(*at)))) for at in titles)
    return next(((at, "标题", found[1]) for at, found in named if found), None)


def _neighbours(numbers: list[int]) -> Iterator[tuple[int, int]]:
    return zip(numbers, [*numbers[1:], 0], strict=True)


def _with_column(
    layout: SheetLayout, column: ImportColumn, at: CellPosition | None, word: str, value: str
) -> SheetLayout:
    """Return the layout with a column of one value. ``at``: the cell that has it; None when it is the name of the sheet."""
    sheet, number = layout.sheet, layout.sheet.width + 1
    rows = [
        row if place != layout.row + 1 else [*row, *[None] * (number - 1 - len(row)), value]
        for place, row in enumerate(sheet.rows, 1)
    ]
    places = {
        (row, each): (row, each)
        for row in range(1, sheet.height + 1)
        for each in range(1, len(sheet.rows[row - 1]) + 1)
    }
    if at and values.shown(sheet.at(*at)).endswith(value):  # nothing else is in that cell
        del places[at]
        rows[at[0] - 1] = [None if each == at[1] else cell for each, cell in enumerate(rows[at[0] - 1], 1)]
    first = (layout.row + 1, number)
    table = with_cells(sheet, rows, places)
    table.origin[first] = sheet.place(*(at or (layout.row, 1)))
    table.merged.update({(row, number): first for row in range(layout.row + 1, sheet.height + 1)})
    return replace(
        layout,
        sheet=table,
        columns={**layout.columns, column.key: number},
        ambiguous=layout.ambiguous - {column.key},
        labels={**layout.labels, number: Label(word)},
    )
