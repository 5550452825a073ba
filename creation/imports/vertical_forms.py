"""Tables of one entry with its headings below each other, such as 单位 | 司法局, 姓名 | 孙磊: read as a table of one row."""

import re
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
    """Return the form on each sheet that has one with every required column, as the layout of a table."""
    found = [layout for sheet in sheets if (layout := _layout(sheet, columns, ignored))]
    return [layout for layout in found if not layout.ambiguous]


def _layout(sheet: Sheet, columns: Sequence[ImportColumn], ignored: Sequence[str]) -> SheetLayout | None:
    forms = _forms(list(_pairs(sheet, columns, ignored)), columns)
    if not forms:
        return None
    pairs = forms[0]
    origin = {(HEAD_ROW, number): pair.at for number, pair in enumerate(pairs, 1)}
    origin |= {
        (row, number): pair.value_at for row, form in enumerate(forms, VALUE_ROW) for number, pair in enumerate(form, 1)
    }
    origin |= {  # the headings of the forms below count as read
        (0, row * len(pairs) + number): pair.at
        for row, form in enumerate(forms[1:])
        for number, pair in enumerate(form)
    }
    rows: list[list[Value]] = [[pair.label.leaf for pair in pairs]]
    rows += [[sheet.at(*pair.value_at) for pair in form] for form in forms]
    formulas = frozenset(position for position, real in origin.items() if real in sheet.formulas)
    hidden = [row for row, form in enumerate(forms, VALUE_ROW) if any(p.value_at[0] in sheet.hidden_rows for p in form)]
    table = replace(
        sheet,
        rows=rows,
        formulas=formulas,
        merged={},
        hidden_rows=frozenset(hidden),
        hidden_columns=frozenset(),
        origin=origin,
        whole=sheet,
    )
    return headings.layout_of_labels(
        table, HEAD_ROW, HEAD_ROW, {number: pair.label for number, pair in enumerate(pairs, 1)}, columns, ignored
    )


def _forms(pairs: list[_Pair], columns: Sequence[ImportColumn]) -> list[list[_Pair]]:
    """Return the pairs of each form; several below each other have the same headings in the same order."""
    if not pairs:
        return []
    starts = [number for number, pair in enumerate(pairs) if pair.label.leaf == pairs[0].label.leaf]
    forms = [pairs[start:end] for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True)]
    heads = [[headings.normalized(pair.label.leaf) for pair in form] for form in forms]
    if any(head != heads[0] for head in heads):
        forms = [pairs]
    if len(forms[0]) < MIN_PAIRS:
        return []
    return [_with_people(form, columns) for form in forms]


def _with_people(pairs: list[_Pair], columns: Sequence[ImportColumn]) -> list[_Pair]:
    labels = headings.with_people([pair.label for pair in pairs], columns)
    return [replace(pair, label=label) for pair, label in zip(pairs, labels, strict=True)]


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
