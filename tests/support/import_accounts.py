"""What became of each filled cell of a table: stored, wrong, or listed as left. ``unaccounted`` finds those of which nothing did.

That a column was read is no account: what its cell says must be in what would be stored.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model

from creation.imports.import_plan import ImportPlan, PlanLine
from creation.imports.worksheet import CellPosition, Sheet
from creation.models import Unit
from creation.rules.names import folded

NOTHING_WRITTEN: Any = object()
MARKS = ("—", "无", "待定")  # a cell with one of these says as much as an empty one


@dataclass(frozen=True)
class Cell:
    """A cell, and what a person reads in it: a text, a day or several.

    ``is_clear`` is False if a person would ask. ``is_key``: it says which row of ours is meant.
    """

    shown: Any
    meaning: Any = NOTHING_WRITTEN
    is_clear: bool = True
    is_key: bool = False


EMPTY = Cell(None)


def sheet_of(
    rows: list[list[Any]], merges: Iterable[tuple[int, int, int, int]] = (), hidden_rows: Iterable[int] = ()
) -> Sheet:
    """Return a sheet as the reader of workbooks would; ``merges``: first row and column, last row and column, from 1."""
    data = [[{"d": value.isoformat()} if isinstance(value, date) else value for value in row] for row in rows]
    return Sheet.of({
        "name": "表", "rows": data, "formulas": [], "links": False, "cut": False, "hidden_rows": list(hidden_rows),
        "merges": [tuple(number - 1 for number in merge) for merge in merges],
    })  # fmt: skip


def answered(plan: Callable[[dict[str, str]], ImportPlan], answers: Mapping[str, str] | None = None) -> ImportPlan:
    """Return the plan once no question is open: what is not known is new, a second person becomes a clerk."""
    given = dict(answers or {})
    for _ in range(6):
        found = plan(given)
        if not found.questions:
            return found
        given |= {question.key: _chosen([value for value, _ in question.options]) for question in found.questions}
    raise AssertionError([question.text for question in found.questions])


def _chosen(options: list[str]) -> str:
    return next((value for value in ("new", "clerk") if value in options), options[0])


def unaccounted(
    found: ImportPlan,
    sheet: Sheet,
    cells: Mapping[CellPosition, Cell],
    already: Callable[[PlanLine], Iterable[str]] = lambda line: (),
) -> list[tuple[int, int, Any]]:
    """Return the filled cells outside the heading of which the plan says and stores nothing.

    ``cells``: those with a known meaning. ``already``: what our row for a line of the plan says before.
    """
    left = {(cell.row, cell.column) for cell in found.left}
    filled = {(row, column) for row in range(1, sheet.height + 1) for column in sheet.filled_columns(row)}
    filled -= _heading(found, sheet)
    return [
        (*position, sheet.at(*position))
        for position in sorted(filled - left)
        if not _is_accounted(found, sheet, position, cells.get(position, EMPTY), already)
    ]


def _heading(found: ImportPlan, sheet: Sheet) -> set[CellPosition]:
    """Return the cells of the heading; in a vertical form they are beside the values."""
    layout = found.layout
    rows, numbers = range(layout.top, layout.row + 1), range(1, max(sheet.width, layout.sheet.width) + 1)
    return {layout.sheet.place(row, number) for row in rows for number in numbers}


def _is_accounted(
    found: ImportPlan, sheet: Sheet, position: CellPosition, cell: Cell, already: Callable[[PlanLine], Iterable[str]]
) -> bool:
    rows = {row for (row, column), first in sheet.merged.items() if first == position} | {position[0]}
    lines = [line for line in found.lines if line.row in rows or found.layout.sheet.origin]
    lines = lines or [line for line in found.lines if line.row < min(rows)][-1:]  # one of several rows of a checkpoint
    if any(line.errors for line in lines):
        return True  # nothing of the row is stored, and it is said why
    if not cell.is_clear:
        return _is_stored(cell.shown, lines, ())  # as the answers to questions say
    if cell.meaning is NOTHING_WRITTEN:
        return cell.shown in MARKS
    is_named = cell.is_key and any(folded(str(cell.meaning)) in folded(line.title) for line in lines)
    before = [text for line in lines for text in already(line)]
    return is_named or _is_stored(cell.meaning, lines, before)


def _is_stored(meaning: Any, lines: list[PlanLine], before: Iterable[str]) -> bool:
    after = [text for line in lines for text in (*_texts(line.data), *_texts([c.after for c in line.changes]))]
    stored = {folded(text) for text in (*before, *after)}
    return all(any(folded(wanted) in text for text in stored) for wanted in _texts(meaning))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in it; of a unit its short name."""
    if isinstance(value, Unit):
        yield value.short_name
    elif isinstance(value, Model):
        yield str(getattr(value, "name", value))
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
