"""A sheet as it was read: values by row and column, formulas and merged cells."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Value = str | Decimal | date | bool | None
CellPosition = tuple[int, int]  # row and column, from 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. ``merged`` maps each cell inside a merged range to the cell whose value it shows. A ``hidden`` sheet has no rows."""

    name: str
    rows: list[list[Value]]
    formulas: frozenset[CellPosition] = frozenset()
    merged: dict[CellPosition, CellPosition] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    links: bool = False  # formulas may read other workbooks; their stored values are read
    cut: bool = False  # columns to the right were not read
    origin: dict[CellPosition, CellPosition] = field(default_factory=dict)  # where the cells of a form really are
    whole: "Sheet | None" = None  # the sheet with the form
    is_matrix: bool = False  # units were marked in columns of their own, whose order says nothing
    marks: tuple[
        tuple[str, str], ...
    ] = ()  # marks under names of units with what they are taken for, which is asked about
    comments: bool = False  # there are comments on cells, which are not read

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Sheet":
        """Create a sheet from the JSON of the child process."""
        rows = [[_value(cell) for cell in row] for row in data["rows"]]
        merged = {
            (row + 1, column + 1): (top + 1, left + 1)
            for top, left, bottom, right in data["merges"]
            for row in range(top, min(bottom, len(rows)) + 1)
            for column in range(left, min(right, 60) + 1)
        }
        formulas = frozenset((row, column) for row, column in data["formulas"])
        return cls(
            data["name"],
            rows,
            formulas,
            merged,
            hidden_rows=frozenset(data["hidden_rows"]),
            hidden_columns=frozenset(data.get("hidden_columns", ())),
            links=data["links"],
            cut=data["cut"],
            comments=data.get("comments", False),
        )

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    @property
    def height(self) -> int:
        return len(self.rows)

    def at(self, row: int, column: int) -> Value:
        if 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return None

    def place(self, row: int, column: int) -> CellPosition:
        """Return where the cell is in the file."""
        return self.origin.get((row, column), (row, column))

    def hidden_place(self, row: int) -> int:
        """Return which row of the file makes a row count as hidden: that of a form has cells of several."""
        places = {place[0] for at, place in self.origin.items() if at[0] == row}
        hidden = self.whole.hidden_rows if self.whole else frozenset()
        return min(places & hidden, default=row)

    def displayed(self, row: int, column: int) -> Value:
        """Return the value displayed there: inside a merged range, that of its first cell."""
        return self.at(*self.merged.get((row, column), (row, column)))

    def is_filled(self, row: int, column: int) -> bool:
        """Return whether the cell itself has a value or a formula. A formula may have no stored value, but it is not empty."""
        return self.at(row, column) is not None or (row, column) in self.formulas

    def filled_columns(self, row: int) -> list[int]:
        """Return the numbers of the filled cells of a row."""
        cells, formulas = enumerate(self.rows[row - 1], 1), self.formulas
        return [column for column, value in cells if value is not None or (row, column) in formulas]

    def is_blank(self, row: int) -> bool:
        return not self.filled_columns(row)


def _is_visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


def _value(cell: Any) -> Value:
    """Return the value of a cell; blanks and invisible characters alone are no text."""
    if not isinstance(cell, dict):
        return str(cell) if cell is not None and _is_visible(str(cell)) else None
    if "d" in cell:
        return date.fromisoformat(cell["d"])
    return bool(cell["b"]) if "b" in cell else Decimal(cell["n"])


def column_letters(column: int) -> str:
    """1 → A, 28 → AB."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
