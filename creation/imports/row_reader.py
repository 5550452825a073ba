"""Read the cells of a row. An invalid cell is an error of the row; it never counts as empty."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from creation.imports import clearing, table_rows, values
from creation.imports.headings import ImportColumn, SheetLayout
from creation.imports.import_plan import CellError, LeftCell, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.refusals import InvalidCell
from creation.imports.worksheet import CellPosition, Value

HIDDEN, SKIPPED = "隐藏的行，按您的答复不导入", "按您的答复跳过这一行"
CLOSED = "写着已销号或已完成，按您的答复没有导入"
OTHER_PERSON = "不是联络员，也不是分管领导，没有导入"
LISTED = 8  # rows that a note names
DITTO = frozenset({"同上", "同前", "〃", "″", "''", '"'})
NOTHING = frozenset({"无", "/", "—", "-", "——", "--", "待定", "暂无"})


class RowReader:
    """Reader of one row. An invalid cell adds an error; what is returned for it must not be used."""

    def __init__(self, context: ImportContext, layout: SheetLayout, columns: Sequence[ImportColumn], row: int) -> None:
        self.context, self.layout, self.row = context, layout, row
        self.columns = {column.key: column for column in columns}
        self.errors: list[CellError] = []
        self._firsts: dict[str, CellPosition] = {}
        self._shown: dict[str, str] = {}

    @property
    def sheet(self) -> str:
        return self.layout.sheet.name

    @property
    def place(self) -> str:
        """Where the row is, in words; with its sheet if there are several."""
        return f"工作表“{self.sheet}”第 {self.row} 行" if len(self.context.layouts) > 1 else f"第 {self.row} 行"

    def line(self, title: str) -> PlanLine:
        """Return the line of this row; errors that are added later are its errors."""
        return PlanLine(self.row, title, errors=self.errors, sheet=self.sheet)

    def has(self, key: str) -> bool:
        return key in self.layout.columns

    def is_blank(self, *keys: str, nothing: Collection[str] = ("",)) -> bool:
        """Return whether these columns of the row are empty or say that there is nothing. A formula or error is not empty."""
        return all(self._is_blank(key, nothing) for key in keys if self.has(key))

    def _is_blank(self, key: str, nothing: Collection[str]) -> bool:
        first, sheet = self._first(key), self.layout.sheet
        is_formula_alone = first in sheet.formulas and sheet.at(*first) is None
        return not is_formula_alone and self.shown(key) in nothing

    def clears(self, key: str) -> bool:
        """Return whether the cell says that what is there is to be cleared."""
        found = self.has(key) and self._says(key, clearing.WORDS)
        if found:
            self.context.used.add((self.sheet, self.row, self.layout.columns[key]))
        return found

    def use(self, *keys: str) -> None:
        """Count cells as used that say what was read already."""
        self.context.used.update((self.sheet, self.row, self.layout.columns[key]) for key in keys if self.has(key))

    def says_stored(self, key: str, stored: str) -> bool:
        """Return whether the cell has what is stored, as in an exported table, also if it were read otherwise, such as 同上."""
        found = bool(stored) and self.has(key) and self._displayed(key) == values.plain(stored)
        if found:
            self.use(key)
        return found

    def _displayed(self, key: str) -> str:
        return values.shown(self.layout.sheet.displayed(self.row, self.layout.columns[key]))

    def is_nothing(self, key: str) -> bool:
        """Return whether the cell holds a mark for nothing, such as — or 待定. As an empty cell, it changes nothing."""
        return self.has(key) and self._says(key, NOTHING)

    def _says(self, key: str, words: Collection[str]) -> bool:
        return self._first(key) not in self.layout.sheet.formulas and self.shown(key) in words

    def first_row(self, key: str) -> int:
        """Return the first row of the merged cell that contains the column's value."""
        return self._first(key)[0]

    def _first(self, key: str) -> CellPosition:
        """Return the cell that has the value: the first of a merged range, or for 同上 that above."""
        if key not in self._firsts:
            self._firsts[key] = self._found_first(key)
        return self._firsts[key]

    def _found_first(self, key: str) -> CellPosition:
        sheet, position = self.layout.sheet, (self.row, self.layout.columns[key])
        first = sheet.merged.get(position, position)
        while self.columns[key].repeats and first[0] > self.layout.row + 1 and values.shown(sheet.at(*first)) in DITTO:
            above = (first[0] - 1, first[1])
            first = sheet.merged.get(above, above)
        return first

    def text(self, key: str, limit: int) -> str:
        if values.has_controls(self.shown(key)):
            self.leave(key, "含有看不见的字符，已按换行读入或去掉")
        return self._read(key, lambda value: values.text(value, limit)) or ""

    def code(self, key: str) -> str:
        return self._read(key, values.code) or ""

    def has_lost_code(self, key: str) -> bool:
        """Return whether Excel has made a day or a decimal number of the code, so that it cannot be read any more."""
        value = self.layout.sheet.at(*self._first(key)) if self.has(key) else None
        return isinstance(value, date) or (isinstance(value, Decimal) and value != value.to_integral_value())

    def code_and_title(self, key: str, limit: int) -> tuple[str, str]:
        found: tuple[str, str] | None = self._read(key, lambda value: values.code_and_title(value, limit))
        if found == ("", "") and self.columns[key].required:
            self.add_error(key, "没有填写")
        return found or ("", "")

    def day(self, key: str, year: int | None = None) -> date | None:
        """Return the date. With a ``year``, words such as 12月底前 are read too, in that year if they name none."""
        found: date | None = self._read(key, lambda value: values.day(value, year))
        return found

    def shown(self, key: str) -> str:
        """Return the text that the cell shows, for comparing and quoting."""
        if key not in self._shown:
            self._shown[key] = values.shown(self.layout.sheet.at(*self._first(key))) if self.has(key) else ""
        return self._shown[key]

    def pair(self, key: str) -> tuple[Decimal | None, Decimal | None] | None:
        """Return both figures of a cell such as 43/61, as ``values.pair`` does; None for an empty one."""
        found: tuple[Decimal | None, Decimal | None] | None = self._read(key, values.pair)
        return found

    def number(self, key: str, unit: str = "", scale: int = 1) -> Decimal | None:
        """Return the figure, as ``values.number`` does. A mark for nothing is listed as not used."""
        if self.is_nothing(key):
            self.leave(key, "这里没有数字，没有导入")
            return None
        found: Decimal | None = self._read(key, lambda value: values.number(value, unit, scale))
        return found

    def add_error(self, key: str, sentence: str) -> None:
        column = self.columns.get(key)
        heading = column.heading if column else "整行"
        number = self.layout.columns.get(key, 0)
        self.errors.append(CellError(self.row, number, heading, f"{sentence}。", self.sheet))

    def leave(self, key: str, reason: str) -> None:
        """List the cell as not used, with the reason."""
        number = self.layout.columns[key]
        text = self._displayed(key)
        self.context.left.append(LeftCell(self.sheet, self.row, number, self.columns[key].heading, text, reason))

    def leave_row(self, reason: str) -> None:
        """List the filled cells of the row as not used, with the reason."""
        self.context.left.extend(row_cells(self.layout, self.row, reason))

    def _read(self, key: str, parse: Any) -> Any:
        try:
            found = parse(self._value(key))
            if found in (None, "") and self.columns[key].required and self.has(key):
                raise InvalidCell("没有填写")
            text = found[-1] if isinstance(found, tuple) else found  # a tuple is code and title
            if isinstance(text, str) and text in DITTO and self.columns[key].repeats:
                raise InvalidCell(f"写的是“{self.shown(key)}”，上面却没有内容，请写明")
        except InvalidCell as invalid:
            self.add_error(key, str(invalid))
            return None
        return found

    def _value(self, key: str) -> Value:
        if not self.has(key):
            return None
        sheet, position, first = self.layout.sheet, (self.row, self.layout.columns[key]), self._first(key)
        self.context.used.update({(self.sheet, *position), (self.sheet, *first)})
        if first in sheet.formulas:
            if sheet.at(*first) is None:
                raise InvalidCell("是公式，文件里没有存它的值。请复制后“选择性粘贴—数值”，再导入")
            self.context.formulas.add((self.sheet, *first))
        if first != position and sheet.at(*first) is not None:
            if first[1] != position[1]:
                raise InvalidCell("和左边的单元格合并在一起，分不清是哪一列的。请取消合并，分别填写")
            if self.columns[key].own:
                raise InvalidCell("和别的单元格合并在一起。请取消合并，每行单独填写")
        return sheet.at(*first)


def readers(context: ImportContext, columns: Sequence[ImportColumn]) -> list[RowReader]:
    """Return a reader for each row of the table on each of its sheets; other filled rows are listed as left."""
    found = []
    for layout in context.layouts:
        for row, reason in table_rows.rows_below(layout):
            if row in layout.sheet.hidden_rows and not reason:
                context.hidden.append((layout.sheet.name, row))
                reason = HIDDEN if context.answers.get("hidden") == "skip" else ""
            if reason:
                context.left.extend(row_cells(layout, row, reason))
            else:
                found.append(RowReader(context, layout, columns, row))
    return found


def carried_notes(rows: Sequence[int], what: str = "没有写单位，按上面一行的单位读入，请核对。") -> list[str]:
    """Say which rows have something of the row above them, by default its unit."""
    listed = f"{'、'.join(map(str, rows[:LISTED]))}{' 等' if len(rows) > LISTED else ''}"
    return [f"第 {listed} 行{what}"] if rows else []


def row_cells(layout: SheetLayout, row: int, reason: str) -> list[LeftCell]:
    """Return the filled cells of a row as left."""
    sheet = layout.sheet
    return [
        LeftCell(sheet.name, row, number, layout.label(number), values.shown(sheet.at(row, number)), reason)
        for number in sheet.filled_columns(row)
    ]
