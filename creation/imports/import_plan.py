"""What an import would do, line by line, shown before it is done."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from creation.imports import values
from creation.imports.headings import ImportColumn, SheetLayout
from creation.imports.refusals import InvalidCell
from creation.imports.worksheet import Value, column_letters


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

    @property
    def cell_name(self) -> str:
        return f"{column_letters(self.column)}{self.row}" if self.column else f"第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class FieldChange:
    heading: str
    before: str
    after: str


@dataclass(slots=True)
class PlanLine:
    """One row of the sheet. ``data`` is what its kind needs to carry it out."""

    row: int
    title: str
    changes: list[FieldChange] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    created: bool = False
    data: dict[str, Any] = field(default_factory=dict)

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
    layout: SheetLayout
    lines: list[PlanLine]
    questions: list[ImportQuestion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.state for line in self.lines)
        return {str(state): found[state] for state in LineState}

    @property
    def errors(self) -> list[CellError]:
        return [error for line in self.lines for error in line.errors]

    @property
    def pending_lines(self) -> list[PlanLine]:
        return [line for line in self.lines if line.state in (LineState.CREATED, LineState.CHANGED)]

    @property
    def is_ready(self) -> bool:
        return bool(self.pending_lines) and not self.questions and not self.errors

    @property
    def digest(self) -> str:
        """Digest of the plan a person has seen: only a plan with the same digest is carried out."""
        lines = [
            (line.row, line.state, [(c.heading, c.before, c.after) for c in line.changes])
            for line in self.pending_lines
        ]
        return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


class RowReader:
    """Reader of one row. An invalid cell adds an error and reads as empty."""

    def __init__(self, layout: SheetLayout, columns: Sequence[ImportColumn], row: int) -> None:
        self.layout, self.row = layout, row
        self.columns = {column.key: column for column in columns}
        self.errors: list[CellError] = []

    def has(self, key: str) -> bool:
        return key in self.layout.columns

    def is_blank(self, *keys: str, nothing: Collection[str] = ("",)) -> bool:
        """Return whether these columns of the row are empty."""
        numbers = (self.layout.columns.get(key, 0) for key in keys)
        return all(str(self.layout.sheet.displayed(self.row, number) or "").strip() in nothing for number in numbers)

    def text(self, key: str, limit: int) -> str:
        return self._read(key, lambda value: values.text(value, limit)) or ""

    def code(self, key: str) -> str:
        return self._read(key, values.code) or ""

    def code_and_title(self, key: str, limit: int) -> tuple[str, str]:
        found: tuple[str, str] | None = self._read(key, lambda value: values.code_and_title(value, limit))
        if found == ("", "") and self.columns[key].required:
            self.add_error(key, "没有填写")
        return found or ("", "")

    def day(self, key: str) -> date | None:
        found: date | None = self._read(key, values.day)
        return found

    def number(self, key: str) -> Decimal | None:
        found: Decimal | None = self._read(key, values.number)
        return found

    def add_error(self, key: str, sentence: str) -> None:
        column = self.columns.get(key)
        heading = column.heading if column else "整行"
        self.errors.append(CellError(self.row, self.layout.columns.get(key, 0), heading, f"{sentence}。"))

    def _read(self, key: str, parse: Any) -> Any:
        try:
            found = parse(self._value(key))
            if found in (None, "") and self.columns[key].required:
                raise InvalidCell("没有填写")
        except InvalidCell as invalid:
            self.add_error(key, str(invalid))
            return None
        return found

    def _value(self, key: str) -> Value:
        sheet, number = self.layout.sheet, self.layout.columns.get(key, 0)
        if not number:
            return None
        position = (self.row, number)
        first = sheet.merged.get(position, position)
        if first in sheet.formulas:
            raise InvalidCell("是公式。请复制后“选择性粘贴—数值”，再导入")
        if first != position and not self.columns[key].level and sheet.at(*first) is not None:
            raise InvalidCell("和别的单元格合并在一起。请取消合并，每行单独填写")
        return sheet.displayed(*position)


def table_rows(layout: SheetLayout) -> list[int]:
    """Return the numbers of the table's rows: below the heading, without blank rows and notes merged over half of the width."""
    sheet = layout.sheet
    below = range(layout.row + 1, len(sheet.rows) + 1)
    return [row for row in below if not sheet.is_blank(row) and not _is_note(layout, row)]


def _is_note(layout: SheetLayout, row: int) -> bool:
    firsts = [layout.sheet.merged.get((row, number)) for number in layout.columns.values()]
    flat = [first for first in firsts if first and first[0] == row]
    return len(flat) > 1 and len(flat) * 2 >= len(firsts) and len(set(flat)) == 1
