"""Find the columns of a table by their headings: in any order, under any of their usual names, in any of the first rows."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from creation.imports.worksheet import Sheet, Value, column_letters

FIRST_ROWS = 15


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column to import. A ``level`` column is merged vertically on paper, hence read through merged cells; others need a value in their
    own row."""

    key: str
    heading: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    level: bool = False


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Position of the table: sheet, heading row, and the column number of each key. ``ambiguous``: keys that a person must check."""

    sheet: Sheet
    row: int
    columns: dict[str, int]
    ambiguous: frozenset[str] = frozenset()

    def choices(self) -> list[tuple[int, str]]:
        """Every column of the sheet with its letter and heading, for the form."""
        numbers = range(1, self.sheet.width + 1)
        return [
            (number, f"{column_letters(number)} 列 {_text(self.sheet.displayed(self.row, number))}")
            for number in numbers
        ]


def find_layout(sheets: Sequence[Sheet], columns: Sequence[ImportColumn]) -> SheetLayout | None:
    """Return the table whose headings fit best; None when no row has at least two of them."""
    rows = [(sheet, row) for sheet in sheets for row in range(1, min(FIRST_ROWS, len(sheet.rows)) + 1)]
    layouts = [_layout(sheet, row, columns) for sheet, row in rows]
    best = max(layouts, key=lambda layout: (len(layout.columns), -len(layout.ambiguous)), default=None)
    return best if best and len(best.columns) >= 2 else None


def apply_mapping(layout: SheetLayout, columns: Sequence[ImportColumn], mapping: Mapping[str, int]) -> SheetLayout:
    """Return the layout with the columns chosen by a person; 0 means none."""
    columns_by_key = {key: number for key, number in (layout.columns | dict(mapping)).items() if number}
    missing = {column.key for column in columns if column.required and column.key not in columns_by_key}
    twice = {key for key, number in columns_by_key.items() if list(columns_by_key.values()).count(number) > 1}
    return SheetLayout(layout.sheet, layout.row, columns_by_key, frozenset(missing | twice))


def _layout(sheet: Sheet, row: int, columns: Sequence[ImportColumn]) -> SheetLayout:
    texts = {
        number: normalized(_text(sheet.displayed(row, number))) for number in range(1, len(sheet.rows[row - 1]) + 1)
    }
    found: dict[str, int] = {}
    ambiguous = set()
    for column in columns:
        numbers = _numbers(texts, column, taken=set(found.values()))
        if numbers:
            found[column.key] = numbers[0]
        if len(numbers) > 1 or (column.required and not numbers):
            ambiguous.add(column.key)
    return SheetLayout(sheet, row, found, frozenset(ambiguous))


def _numbers(texts: Mapping[int, str], column: ImportColumn, taken: Collection[int]) -> list[int]:
    """Return the columns under the first of its names that occurs, so that an exact heading wins over a synonym."""
    for name in (column.heading, *column.synonyms):
        wanted = {normalized(name), without_brackets(name)}
        numbers = [
            number
            for number, text in texts.items()
            if text and number not in taken and {text, without_brackets(text)} & wanted
        ]
        if numbers:
            return numbers
    return []


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def normalized(text: str) -> str:
    """Return a heading without line breaks, blanks and full-width forms."""
    return re.sub(r"[\s:：*]+", "", unicodedata.normalize("NFKC", text))


def without_brackets(text: str) -> str:
    """Return the heading without the parts in brackets."""
    return re.sub(r"\(.*?\)", "", normalized(text))
