"""Columns that are told by their values, whatever their heading: checkpoints, who is who, lead or assist, and the only units of a table."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from creation.imports import table_rows, values
from creation.imports.headings import ImportColumn, SheetLayout, normalized
from creation.rules.names import folded

UNITS = ("lead", "units", "helpers")
UNIT_HEAD = re.compile(r"(?:责任|承担|成员|承办|落实|所属)?(?:单位|部门)(?:名称)?")
Tells = Callable[[str], bool]


def with_told_columns(
    layout: SheetLayout, columns: Sequence[ImportColumn], is_point: Tells, knows: Tells, has_parts: bool
) -> SheetLayout:
    """Return the layout with columns that are told by their values. ``has_parts``: units have parts in the rows."""
    for column in columns:
        if column.told and column.key not in layout.columns and not column.unless & layout.columns.keys():
            layout = _with_told(layout, column)
    if "point" in layout.ambiguous:
        found = [number for number in _others(layout) if _are_all(layout, number, is_point)]
        layout = _with_column(layout, "point", found)
    if "unit" in layout.ambiguous:
        found = [number for number in _others(layout) if any(map(knows, _texts(layout, number)))]
        layout = _with_column(layout, "unit", found)
    if has_parts and not layout.columns.keys() & set(UNITS):
        headed = [number for number in _others(layout) if UNIT_HEAD.fullmatch(normalized(layout.labels[number].leaf))]
        layout = _with_column(layout, "units", [number for number in headed if any(map(knows, _texts(layout, number)))])
    return layout


def _with_told(layout: SheetLayout, column: ImportColumn) -> SheetLayout:
    """Return the layout with the column if all of one say so; one of which only some cells say so is asked about."""
    told = re.compile(column.told)
    replaced = {layout.columns[key] for key in column.told_over if key in layout.columns}
    candidates = [*_others(layout), *sorted(replaced)]
    matches = {number: [told.fullmatch(text) for text in _texts(layout, number)] for number in candidates}
    sure = [number for number, each in matches.items() if any(one and one[told.groups] for one in each)]
    found = [number for number in sure if all(matches[number])]
    if len(found) == 1:
        return _with_column(layout, column.key, found)
    some = set(sure) & set(_others(layout))
    return replace(layout, unknown={**layout.unknown, **dict.fromkeys(some, column.key)})


def _others(layout: SheetLayout) -> list[int]:
    """Return the columns with a heading that are none of ours."""
    return [number for number in layout.labels if number not in layout.columns.values()]


def _are_all(layout: SheetLayout, number: int, tells: Tells) -> bool:
    texts = list(_texts(layout, number))
    return bool(texts) and all(map(tells, texts))


def _texts(layout: SheetLayout, number: int) -> Iterator[str]:
    for row, reason in table_rows.rows_below(layout):
        if reason in ("", table_rows.NO_VALUES) and (text := values.shown(layout.sheet.at(row, number))):
            yield folded(text)


def _with_column(layout: SheetLayout, key: str, found: Sequence[int]) -> SheetLayout:
    if len(found) != 1:
        return layout
    columns = {known: number for known, number in layout.columns.items() if number != found[0]} | {key: found[0]}
    unknown = {number: guess for number, guess in layout.unknown.items() if number != found[0]}
    return replace(layout, columns=columns, ambiguous=layout.ambiguous - {key}, unknown=unknown)
