"""What an import would do, line by line, shown before it is done."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from creation.imports.headings import SheetLayout
from creation.imports.worksheet import column_letters


class LineState(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "left"
    INVALID = "wrong"


LINE_STATE_NAMES = {
    LineState.CREATED: "新增",
    LineState.CHANGED: "修改",
    LineState.UNCHANGED: "不变",
    LineState.INVALID: "有误",
}


@dataclass(frozen=True, slots=True)
class CellError:
    """An error in a cell. ``column`` is its number on the sheet, 0 for the row as a whole."""

    row: int
    column: int
    heading: str
    sentence: str
    sheet: str = ""

    @property
    def cell_name(self) -> str:
        return cell_name(self.row, self.column)


@dataclass(frozen=True, slots=True)
class LeftCell:
    """A filled cell, or a sheet as a whole (``row`` 0), that the import does not use, with the reason."""

    sheet: str
    row: int
    column: int
    heading: str
    text: str
    reason: str

    @property
    def cell_name(self) -> str:
        return cell_name(self.row, self.column) if self.row else ""


def cell_name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}" if column else f"第 {row} 行"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A change of a field. ``cleared``: what was there is taken away; ``count`` is how many values."""

    heading: str
    before: str
    after: str
    cleared: bool = False
    count: int = 1


@dataclass(slots=True)
class PlanLine:
    """One row of a sheet. ``data`` is what its kind needs to carry it out."""

    row: int
    title: str
    changes: list[FieldChange] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    created: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""

    @property
    def state(self) -> LineState:
        if self.errors:
            return LineState.INVALID
        if self.created:
            return LineState.CREATED
        return LineState.CHANGED if self.changes else LineState.UNCHANGED

    @property
    def state_name(self) -> str:
        return LINE_STATE_NAMES[self.state]


@dataclass(frozen=True, slots=True)
class ImportQuestion:
    """A question for the person who imports. ``key`` identifies the answer; ``options`` are values and labels."""

    key: str
    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ImportPlan:
    """The plan. ``layout`` is that of the first sheet; ``left`` are the filled cells that it does not use."""

    layout: SheetLayout
    lines: list[PlanLine]
    questions: list[ImportQuestion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[LeftCell] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    takes_right_rows: bool = False  # the person has decided to import the rows without errors

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.state for line in self.lines)
        return {str(state): found[state] for state in LineState}

    @property
    def errors(self) -> list[CellError]:
        """Every error once; the lines of a row with two people share theirs."""
        return list(dict.fromkeys(error for line in self.lines for error in line.errors))

    @property
    def pending_lines(self) -> list[PlanLine]:
        return [line for line in self.lines if line.state in (LineState.CREATED, LineState.CHANGED)]

    @property
    def cleared(self) -> list[tuple[PlanLine, FieldChange]]:
        return [(line, change) for line in self.pending_lines for change in line.changes if change.cleared]

    @property
    def is_ready(self) -> bool:
        is_right = self.takes_right_rows or not self.errors
        return bool(self.pending_lines) and not self.questions and is_right

    @property
    def digest(self) -> str:
        """Digest of the plan a person has seen: only a plan with the same digest is carried out."""
        lines = [
            (line.sheet, line.row, line.state, [(c.heading, c.before, c.after) for c in line.changes])
            for line in self.pending_lines
        ]
        return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()
