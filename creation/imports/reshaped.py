"""Tables that are not one heading with its rows below: two halves side by side, and a table of one unit that is named above it."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from creation.imports import table_rows, values
from creation.imports.headings import (
    FIRST_ROWS,
    ImportColumn,
    Label,
    SheetLayout,
    layout_of_labels,
    normalized,
    without_brackets,
)
from creation.imports.level_marks import without_level_mark
from creation.imports.worksheet import CellPosition, Sheet, Value

TITLE = re.compile(
    r"(.{1,20}(?:局|办公室|委员会|办|委|院|部|中心|乡|镇|街道|办事处|镇政府|乡政府|人民政府|大队))(?=联络员|法治|依法|问题|整改|分管|创建)"
)
UNIT_NAME = re.compile(r"[\u4e00-\u9fff]{1,20}(?:局|办公室|委员会|委|办|院|部|中心|乡|镇|街道|办事处|分局|大队)")
MIN_LABELS = 2  # in each half
MIN_ENTRIES, LONGEST_HEAD = 2, 60  # columns with an entry, and rows with headings, of a table whose columns are entries
NUMBERED = re.compile(r"(?<=[\u4e00-\u9fff])\(?[1-9一二三四五六七八九]\)?$")
UNIT_LINE = "(?:填报|责任|承办|牵头|主责|主办|配合|协办|协同|参与)?单位(?:名称)?"
IN_BRACKETS = r"(?:\s*[(（][^()（）]*[)）])?"
BEHIND = re.compile(r"\s{2,}|\s+(?=[^\s:：]{2,8}[:：])|[(（](?:盖章|公章|签章|章)[)）]|_{2,}")
Blocks = list[list[int]]  # the columns of each half, from left to right


def upright(sheet: Sheet, columns: Sequence[ImportColumn]) -> Sheet:
    """Return the sheet with its columns as rows, if its headings stand below each other and each further column is an entry."""
    known = {normalized(name) for column in columns for name in column.names}
    rows = range(1, min(LONGEST_HEAD, sheet.height) + 1)
    heads = {row: list(_numbers_of_known(sheet, row, known)) for row in rows}
    first = next((numbers[0] for numbers in heads.values() if numbers), 0)
    named = [row for row, numbers in heads.items() if numbers]
    if len(named) < MIN_LABELS or any(heads[row] != [first] for row in named):
        return sheet
    given = [normalized(values.shown(sheet.at(row, first))) for row in named]
    entries = [number for number in range(first + 1, sheet.width + 1) if sheet.is_filled(named[0], number)]
    if len(entries) < MIN_ENTRIES or len(set(given)) < len(given) or not _has_required(given, columns):
        return sheet
    table = range(named[0], named[-1] + 1)
    numbers = [first, *range(entries[0], sheet.width + 1)]
    places = {
        (row, column): (real_row, number)
        for row, number in enumerate(numbers, 1)
        for column, real_row in enumerate(table, 1)
    }
    turned = with_cells(sheet, [[sheet.at(row, number) for row in table] for number in numbers], places)
    hidden = {row for row, number in enumerate(numbers, 1) if number in sheet.hidden_columns}
    hidden_columns = {column for column, row in enumerate(table, 1) if row in sheet.hidden_rows}
    return replace(turned, hidden_rows=frozenset(hidden), hidden_columns=frozenset(hidden_columns))


def _numbers_of_known(sheet: Sheet, row: int, known: Collection[str]) -> Iterator[int]:
    """Yield the cells of a row that are headings, without those that a merged one covers."""
    for number in sheet.filled_columns(row):
        text = values.shown(sheet.at(row, number))
        if {normalized(text), without_brackets(text)} & set(known):
            yield number


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


def with_joined_columns(sheet: Sheet, columns: Sequence[ImportColumn]) -> Sheet:
    """Return the sheet with one column for 责任单位1, 责任单位2 …, and for several columns under one merged heading."""
    names = {normalized(name) for column in columns if column.joins for name in column.names}
    known = {normalized(name) for column in columns for name in column.names}
    for row in range(1, min(FIRST_ROWS, sheet.height) + 1):
        heads = {number: _stem(sheet, row, number) for number in range(1, sheet.width + 1)}
        for name in names & set(heads.values()):
            numbers = [number for number, head in heads.items() if head == name]
            below = {normalized(values.shown(sheet.displayed(row + 1, number))) for number in numbers}
            if len(numbers) > 1 and numbers[-1] - numbers[0] < len(numbers) and not below & known:
                return _joined(sheet, row, numbers)
    return sheet


def _stem(sheet: Sheet, row: int, number: int) -> str:
    """Return a heading without its number."""
    return NUMBERED.sub("", normalized(values.shown(sheet.displayed(row, number))))


def _joined(sheet: Sheet, head: int, numbers: Sequence[int]) -> Sheet:
    """Return the sheet with the texts of these columns in the first of them; what was in the others counts as read."""
    rows = [list(row) + [None] * (sheet.width - len(row)) for row in sheet.rows]
    places = {(row, number): (row, number) for row in range(1, len(rows) + 1) for number in range(1, sheet.width + 1)}
    beside = sheet.width
    for row in range(head, len(rows) + 1):
        filled = [number for number in numbers if sheet.at(row, number) is not None]
        texts = [values.shown(sheet.at(row, number)) for number in filled]
        for number in filled[1:] if filled[:1] == [numbers[0]] else filled:
            places[0, beside := beside + 1] = places.pop((row, number))
            rows[row - 1][number - 1] = None
        if row == head:
            rows[row - 1][numbers[0] - 1] = _stem(sheet, row, numbers[0])
        elif filled:
            places[row, numbers[0]] = (row, filled[0])
            rows[row - 1][numbers[0] - 1] = "\n".join(texts)
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


def in_one_order(layout: SheetLayout, columns: Sequence[ImportColumn]) -> SheetLayout:
    """Return the layout with the rows below a second heading in the order of the first, if its columns stand in another."""
    sheet, known = layout.sheet, {normalized(name) for column in columns for name in column.names}
    firsts = {name[0] for name in known}
    likely = (
        row
        for row in range(layout.row + 1, sheet.height + 1)
        if sum(type(value) is str and value.lstrip()[:1] in firsts for value in sheet.rows[row - 1]) > MIN_LABELS
    )
    orders = {
        row: _order_of_heading(layout, row, heads, columns)
        for row in likely
        if (heads := _second_heading(sheet, row, known))
    }
    if all(to == number for order in orders.values() for number, to in order.items()):
        return layout
    places: dict[CellPosition, CellPosition] = {}
    order: dict[int, int] = {}
    for row in range(1, sheet.height + 1):
        order = orders.get(row, order)
        free, taken = iter(range(sheet.width + 1, 2 * sheet.width + 1)), set(order.values())
        for number in range(1, sheet.width + 1):
            places[row, order.get(number) or (next(free) if number in taken else number)] = (row, number)
    rows: list[list[Value]] = [[None] * max(number for _, number in places) for _ in range(sheet.height)]
    for (row, number), real in places.items():
        rows[row - 1][number - 1] = sheet.at(*real)
    return replace(layout, sheet=with_cells(sheet, rows, places))


def _order_of_heading(
    layout: SheetLayout, row: int, heads: dict[int, str], columns: Sequence[ImportColumn]
) -> dict[int, int]:
    """Return the column of the first heading for each column of the second."""
    again = layout_of_labels(layout.sheet, row, row, {number: Label(text) for number, text in heads.items()}, columns)
    found = {again.columns[key]: number for key, number in layout.columns.items() if key in again.columns}
    return found if len(found) >= MIN_LABELS else {}


def _second_heading(sheet: Sheet, row: int, known: set[str]) -> dict[int, str]:
    """Return the headings of a row that has nothing else, but several of ours."""
    texts = {number: values.shown(sheet.at(row, number)) for number in sheet.filled_columns(row)}
    ours = [text for text in texts.values() if {normalized(text), without_brackets(text)} & known]
    return texts if len(ours) > MIN_LABELS and len(ours) * 2 > len(texts) else {}


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says about the rows from ``first`` on: the cell that says it, or None for the name of the sheet, its word and value."""

    first: int
    at: CellPosition | None
    word: str
    value: str
    cells: tuple[CellPosition, ...] = ()  # of a line that is nothing but this, such as that of a level


def with_line_beside(layout: SheetLayout, columns: Sequence[ImportColumn], knows: Callable[[str], bool]) -> SheetLayout:
    """Return the layout with a column for what lines between, above or below its rows say, such as 填报单位：区司法局."""
    for column in columns:
        is_wanted = column.above and column.is_missing(layout.columns)
        lines = lines_between(layout, knows, column.above) or _line_of_all(layout, column.above) if is_wanted else []
        if lines:
            return with_column(layout, column, lines)
    return layout


def _line_of_all(layout: SheetLayout, pattern: str) -> list[Line]:
    first = next((row for row, reason in table_rows.rows_below(layout) if not reason), layout.row + 1)
    if found := line_beside(layout, pattern):
        return [Line(first, *found)]
    name = layout.sheet.name
    return [Line(first, None, "工作表名", name)] if UNIT_NAME.fullmatch(name) else []


def lines_between(layout: SheetLayout, knows: Callable[[str], bool], pattern: str = UNIT_LINE) -> list[Line]:
    """Return the lines between the rows that say whose rows are below: 责任单位：区司法局, or only 一、区司法局."""
    wanted = re.compile(rf"({pattern}){IN_BRACKETS}\s*[:：]\s*(.+)", re.DOTALL)
    found: list[Line] = []
    said: tuple[CellPosition, str, str] | None = None
    for row, reason in table_rows.rows_below(layout):
        if not reason:
            found += [Line(row, *said)] if said else []
            said = None
        elif len(filled := layout.sheet.filled_columns(row)) == 1:
            text = values.shown(layout.sheet.at(row, filled[0]))
            named, plain = wanted.fullmatch(text), without_level_mark(text)
            if named:
                said = (row, filled[0]), named[1], BEHIND.split(named[2].strip())[0].strip()
            elif knows(plain):
                said = (row, filled[0]), "", plain
    return found


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


def with_column(layout: SheetLayout, column: ImportColumn, lines: Sequence[Line]) -> SheetLayout:
    """Return the layout with a column that has the value of each line in the rows below it."""
    sheet, number = layout.sheet, layout.sheet.width + 1
    rows: list[list[Value]] = [list(row) for row in sheet.rows]
    places = {(row, each): (row, each) for row, cells in enumerate(rows, 1) for each in range(1, len(cells) + 1)}
    places |= {at: at for at in sheet.origin if at[0] == 0}
    for line in lines:
        cells = rows[line.first - 1]
        cells += [*[None] * (number - 1 - len(cells)), line.value]
        at = line.at
        is_alone = at and values.shown(sheet.at(*at)).endswith(line.value)  # nothing else is in that cell
        for cell in line.cells or ((at,) if at and is_alone else ()):
            places[0, number * cell[0] + cell[1]] = places.pop(cell)  # counted as read
            rows[cell[0] - 1][cell[1] - 1] = None
    table = with_cells(sheet, rows, places)
    starts = [_start(layout, line, lines[-1].first) for line in lines]
    ends = [*(start - 1 for start in starts[1:]), sheet.height]
    for line, start, end in zip(lines, starts, ends, strict=True):
        first = (line.first, number)
        table.origin[first] = sheet.place(*(line.at or (layout.row, 1)))
        table.merged.update({(row, number): first for row in range(start, end + 1)})
    return replace(
        layout,
        sheet=table,
        columns={**layout.columns, column.key: number},
        ambiguous=layout.ambiguous - {column.key},
        labels={**layout.labels, number: Label(lines[0].word or column.heading)},
    )


def _start(layout: SheetLayout, line: Line, last: int) -> int:
    """Return the first row of which the line says something; one beside the table says it of all rows."""
    is_between = line.at and layout.row < line.at[0] <= last
    return line.first if is_between else layout.row + 1
