"""Tables of one entry with its headings below each other, such as 单位 | 司法局, 姓名 | 孙磊: read as a table of one row."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from creation.imports import headings, unread, values
from creation.imports.headings import ImportColumn, Label, SheetLayout
from creation.imports.import_plan import CellError, ImportPlan, LeftCell
from creation.imports.worksheet import CellPosition, Sheet, Value

Place = TypeVar("Place", CellError, LeftCell)
MIN_PAIRS = 3
HEAD_ROW, VALUE_ROW = 1, 2


@dataclass(frozen=True, slots=True)
class _Pair:
    label: Label
    at: CellPosition
    value_at: CellPosition


def find_forms(sheets: Sequence[Sheet], columns: Sequence[ImportColumn], ignored: Sequence[str]) -> list[SheetLayout]:
    """Return the form on each sheet that has one with every required column, as the layout of a table of one row."""
    found = [layout for sheet in sheets if (layout := _layout(sheet, columns, ignored))]
    return [layout for layout in found if not layout.ambiguous]


def _layout(sheet: Sheet, columns: Sequence[ImportColumn], ignored: Sequence[str]) -> SheetLayout | None:
    pairs = _with_people(list(_pairs(sheet, columns, ignored)), columns)
    if len(pairs) < MIN_PAIRS:
        return None
    origin = {(HEAD_ROW, number): pair.at for number, pair in enumerate(pairs, 1)}
    origin |= {(VALUE_ROW, number): pair.value_at for number, pair in enumerate(pairs, 1)}
    rows: list[list[Value]] = [[pair.label.leaf for pair in pairs], [sheet.at(*pair.value_at) for pair in pairs]]
    formulas = frozenset(position for position, real in origin.items() if real in sheet.formulas)
    is_hidden = any(pair.value_at[0] in sheet.hidden_rows for pair in pairs)
    table = replace(
        sheet,
        rows=rows,
        formulas=formulas,
        merged={},
        hidden_rows=frozenset({VALUE_ROW} if is_hidden else ()),
        hidden_columns=frozenset(),
        origin=origin,
        whole=sheet,
    )
    return headings.layout_of_labels(
        table, HEAD_ROW, HEAD_ROW, {number: pair.label for number, pair in enumerate(pairs, 1)}, columns, ignored
    )


def _with_people(pairs: list[_Pair], columns: Sequence[ImportColumn]) -> list[_Pair]:
    """Return the pairs with a person as the group of headings that occur for several people: 职务 below 分管领导, 职务 below 联络员."""
    blocks = {column.block for column in columns if column.block}
    leaves = Counter(headings.normalized(pair.label.leaf) for pair in pairs)
    person, found = "", []
    for pair in pairs:
        leaf = headings.normalized(pair.label.leaf)
        if any(re.search(block, leaf) for block in blocks):
            person = pair.label.leaf
        is_of_person = leaves[leaf] > 1 and person and not pair.label.group
        found.append(replace(pair, label=Label(pair.label.leaf, person)) if is_of_person else pair)
    return found


def _pairs(sheet: Sheet, columns: Sequence[ImportColumn], ignored: Sequence[str]) -> Iterator[_Pair]:
    """Yield each heading with the cell to its right. A heading with another heading to its right is that of a group."""
    known = {headings.normalized(name) for column in columns for name in column.names} | set(ignored)
    blocks = {column.block for column in columns if column.block}
    group, group_end = "", 0
    for row in range(1, sheet.height + 1):
        group = group if row <= group_end else ""
        cells = list(_cells(sheet, row))
        index = 0
        while index < len(cells):
            at, right = cells[index], cells[index + 1] if index + 1 < len(cells) else None
            text = values.shown(sheet.at(*at))
            if right and _is_heading(sheet, right, known, blocks) and any(re.search(block, text) for block in blocks):
                group, group_end = text, _last_row(sheet, at)
            elif right and _is_heading(sheet, at, known, blocks) and not _is_heading(sheet, right, known, blocks):
                yield _Pair(Label(text, group), at, right)
                index += 1
            index += 1


def _cells(sheet: Sheet, row: int) -> Iterator[CellPosition]:
    """Yield the cells of a row that are not covered by another."""
    for number in range(1, sheet.width + 1):
        at = sheet.merged.get((row, number), (row, number))
        if at == (row, number):
            yield at


def _last_row(sheet: Sheet, at: CellPosition) -> int:
    return max((row for (row, _), first in sheet.merged.items() if first == at), default=at[0])


def _is_heading(sheet: Sheet, at: CellPosition, known: set[str], blocks: set[str]) -> bool:
    text = headings.normalized(values.shown(sheet.at(*at)))
    forms = {text, headings.without_brackets(text), *(re.sub(f"^(?:{block})的?", "", text) for block in blocks)}
    return bool(text and forms & known)


def unused_cells(layouts: Sequence[SheetLayout]) -> Iterator[LeftCell]:
    """Yield the filled cells of the forms that are neither heading nor value."""
    for layout in layouts:
        real = set(layout.sheet.origin.values())
        first = min((row for row, _ in real), default=0)
        sheet = layout.sheet.whole or layout.sheet
        for row in range(1, sheet.height + 1) if real else ():
            for number in sheet.filled_columns(row):
                if (row, number) not in real:
                    text = values.shown(sheet.at(row, number))
                    yield LeftCell(sheet.name, row, number, "", text, unread.ABOVE if row < first else unread.UNUSED)


def with_real_places(plan: ImportPlan, layouts: Sequence[SheetLayout]) -> None:
    """Let the errors and cells of the plan name the cells of the form, not those of the table that it was read as."""
    origins = {layout.sheet.name: _with_rows(layout.sheet.origin) for layout in layouts if layout.sheet.origin}
    lists = {id(line.errors): line.errors for line in plan.lines}  # two people of a row share their errors
    for errors in lists.values():
        errors[:] = [_moved(error, origins) for error in errors]
    for line in plan.lines:
        line.row = origins.get(line.sheet, {}).get((line.row, 0), (line.row, 0))[0]
    plan.left = [_moved(cell, origins) for cell in plan.left]


def _with_rows(origin: dict[CellPosition, CellPosition]) -> dict[CellPosition, CellPosition]:
    """Return the places with those of whole rows, which have the column 0."""
    rows = {(row, 0): (place[0], 0) for (row, _), place in sorted(origin.items(), reverse=True)}  # the first column's
    return {**origin, **rows}


def _moved(cell: Place, origins: dict[str, dict[CellPosition, CellPosition]]) -> Place:
    place = origins.get(cell.sheet, {}).get((cell.row, cell.column))
    return replace(cell, row=place[0], column=place[1]) if place else cell
