"""Printed tables: headers, merged level cells, wrapped texts, and page breaks; one form for every printed sheet."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from creation.lib import strings
from reports import page_layout, sheet_styles, sheets
from reports.sheets import SheetBody, SheetRow, Value

NUMBER_WIDTH = 36
ANNEX_HEIGHT, TITLE_HEIGHT, LINE_HEIGHT, NOTE_HEIGHT = 20.0, 36.0, 24.0, 20.0  # in points
# Share of the width where each of the four parts of the line for the stamp ends.
STAMP_LINE_SHARES = (
    0.40,
    0.58,
    0.74,
    1.0,
)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column, ``pixels`` wide on the printed sheet (0: only on unprinted sheets). ``level``: merged with the rows of the same level."""

    heading: str
    pixels: int
    value: Callable[[Any], Value]
    centered: bool = False
    level: int | None = None


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A printed table. ``levels`` returns a row's keys of merged levels, outer to inner. 序号 is the first column."""

    columns: tuple[TableColumn, ...]
    levels: Callable[[Any], tuple[object, ...]] = lambda row: ()
    page_size: sheet_styles.PageSize = sheet_styles.A3_LANDSCAPE
    header_height: float = 36.0

    @property
    def widths(self) -> list[int]:
        return [NUMBER_WIDTH, *(column.pixels for column in self.columns)]

    @property
    def headings(self) -> list[str]:
        return ["序号", *(column.heading for column in self.columns)]

    @property
    def last(self) -> str:
        return str(get_column_letter(len(self.columns) + 1))

    def stamp_columns(self) -> list[tuple[int, int]]:
        """First and last column of each part of the line for signatures and stamp."""
        ends, width = [], sum(self.widths)
        for share in STAMP_LINE_SHARES:
            fits = [n for n in range(1, len(self.widths) + 1) if sum(self.widths[:n]) <= width * share + 1]
            ends.append(max(fits, default=1))
        starts = [1, *(end + 1 for end in ends[:-1])]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if start <= end]


@dataclass(frozen=True, slots=True)
class SheetHeader:
    """The lines above a table: 附件2, the title, and the line for signatures and stamp."""

    title: str
    stamp: Sequence[str] = ()
    annex: str = ""


def print_table(
    sheet: Worksheet, table_layout: TableLayout, header: SheetHeader, rows: Iterable[Any], note: str = ""
) -> SheetBody:
    """Print one table with its header on the sheet. The printing program repeats the headings on each page."""
    printer = SheetWriter(sheet, table_layout)
    at = printer.write_header(header)
    sheet_styles.set_up_page(sheet, head_row=at - 1, page_size=table_layout.page_size)
    first = printer.height - printer.height_of(header)
    printer.body.first_row = at
    printer.body.rows = printer.table_rows(rows, first, note)
    return printer.body


def row_texts(table_layout: TableLayout, rows: Iterable[Any]) -> Iterator[str]:
    """Yield the texts of the table, row by row."""
    for row in rows:
        yield "\x1e".join(_shown(column.value(row)) for column in table_layout.columns)


def print_blocks(
    sheet: Worksheet, table_layout: TableLayout, blocks: Iterable[tuple[SheetHeader, Sequence[Any]]]
) -> SheetBody:
    """Print a table for each block, each on pages of its own with its own header. Headings are rows of the sheet, on every page."""
    printer = SheetWriter(sheet, table_layout)
    sheet_styles.set_up_page(sheet, head_row=0, page_size=table_layout.page_size)
    printer.body.rows = printer.block_rows(blocks)
    return printer.body


@dataclass(slots=True)
class RowPart:
    """A row, or its continuation if a text is too long for one row (then ``number`` is None)."""

    number: int | None
    values: list[Value]
    line: page_layout.LayoutRow


@dataclass
class SheetWriter:
    """Writes one sheet, row by row. ``at`` is the number of the next row."""

    sheet: Worksheet
    layout: TableLayout
    body: SheetBody = field(default_factory=lambda: SheetBody(first_row=1, rows=()))
    at: int = 1

    def __post_init__(self) -> None:
        for number, pixels in enumerate(self.layout.widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = sheet_styles.column_width(pixels)
        self.styles = StyleNumbers(self.sheet)
        self.height = sheet_styles.printable_height(self.layout.page_size)
        self.capacities = [page_layout.characters_per_line(column.pixels) for column in self.layout.columns]
        self.depth = 1 + max((c.level for c in self.layout.columns if c.level is not None), default=-1)
        self.unmerged_columns = [n for n, column in enumerate(self.layout.columns) if column.level is None]
        self.columns_of_level = [
            [n for n, c in enumerate(self.layout.columns) if c.level == level] for level in range(self.depth)
        ]
        self.level_heights: dict[tuple[object, ...], list[float]] = {}

    # Headers

    def height_of(self, header: SheetHeader) -> float:
        return (
            (ANNEX_HEIGHT if header.annex else 0)
            + TITLE_HEIGHT
            + (LINE_HEIGHT if header.stamp else 0)
            + self.layout.header_height
        )

    def write_header(self, header: SheetHeader) -> int:
        """Write the header with openpyxl; return the row after it."""
        for number, row in enumerate(self.header_rows(header), 1):
            self.sheet.row_dimensions[number].height = row.height
            for column, (style, value) in enumerate(row.cells, 1):
                cell = self.sheet.cell(number, column)
                cell._style = copy(self.styles.arrays[style])
                if value is not None:
                    cell.value = sheets.escape_coded(sheets.clean(value)) if isinstance(value, str) else value
                    cell.data_type = "s"
                    if isinstance(value, str) and strings.is_formula_like(value):
                        cell.quotePrefix = True
            self.at = number + 1
        for merge in self.body.merges:
            self.sheet.merge_cells(merge)
        self.body.merges.clear()
        return self.at

    def header_rows(self, header: SheetHeader) -> Iterator[SheetRow]:
        styles, at = self.styles, self.at
        lines: list[SheetRow] = []
        if header.annex:
            lines.append(SheetRow([(styles.note, header.annex)], ANNEX_HEIGHT))
        lines.append(SheetRow([(styles.title, header.title)], TITLE_HEIGHT))
        self.body.merges.extend(f"A{at + n}:{self.layout.last}{at + n}" for n in range(len(lines)))
        if header.stamp:
            lines.append(self._stamp(header.stamp, at + len(lines)))
        lines.append(self.heading_row())
        yield from lines

    def _stamp(self, texts: Sequence[str], at: int) -> SheetRow:
        cells: list[tuple[int, Value]] = [(self.styles.note, None)] * len(self.layout.widths)
        for text, (start, end) in zip(texts, self.layout.stamp_columns(), strict=False):
            cells[start - 1] = (self.styles.note, text)
            if end > start:
                self.body.merges.append(f"{get_column_letter(start)}{at}:{get_column_letter(end)}{at}")
        return SheetRow(cells, LINE_HEIGHT)

    def heading_row(self) -> SheetRow:
        return SheetRow([(self.styles.head, heading) for heading in self.layout.headings], self.layout.header_height)

    # Rows

    def table_rows(self, rows: Iterable[Any], first_page: float, note: str) -> Iterator[SheetRow]:
        yield from self.page_rows(rows, first_page, headed=True)
        if note:
            self.body.merges.append(f"A{self.at}:{self.layout.last}{self.at}")
            yield SheetRow([(self.styles.note, note)], NOTE_HEIGHT)
            self.at += 1

    def block_rows(self, blocks: Iterable[tuple[SheetHeader, Sequence[Any]]]) -> Iterator[SheetRow]:
        for number, (header, rows) in enumerate(blocks):
            if number:
                self.body.breaks.append(self.at - 1)
            for row in self.header_rows(header):
                yield row
                self.at += 1
            yield from self.page_rows(rows, self.height - self.height_of(header), headed=False)

    def page_rows(self, rows: Iterable[Any], first_page: float, headed: bool) -> Iterator[SheetRow]:
        """Yield the rows of pages. ``headed``: the printing program repeats the headings; otherwise they are written on each page."""
        parts: deque[RowPart] = deque()
        lines = self._layout_rows(rows, parts)
        starts: list[list[int]] = [[] for _ in range(self.depth)]
        for placed in page_layout.paginate(lines, first_page, self.height - self.layout.header_height):
            part = parts.popleft()
            if placed.starts_page:
                self.body.breaks.append(self.at - 1)
                if not headed:
                    self._merge_open_cells(starts)
                    yield self.heading_row()
                    self.at += 1
            for level, opened in enumerate(placed.begins_level):
                if opened:
                    starts[level].append(self.at)
            yield SheetRow(self._cells(part, placed.begins_level), placed.height)
            self.at += 1
        self._merge_open_cells(starts)

    def _layout_rows(self, rows: Iterable[Any], parts: deque[RowPart]) -> Iterator[page_layout.LayoutRow]:
        for number, row in enumerate(rows, 1):
            for part in self._row_parts(number, row):
                parts.append(part)
                yield part.line

    def _merge_open_cells(self, starts: list[list[int]]) -> None:
        """Merge the open level cells, down to the row before the next."""
        for n, column in enumerate(self.layout.columns):
            if column.level is not None:
                letter = get_column_letter(n + 2)
                for start, after in pairwise([*starts[column.level], self.at]):
                    if after - start > 1:
                        self.body.merges.append(f"{letter}{start}:{letter}{after - 1}")
        for each in starts:
            each.clear()

    def _row_parts(self, number: int, row: Any) -> Iterator[RowPart]:
        values = [column.value(row) for column in self.layout.columns]
        levels = self.layout.levels(row)
        level_heights = self.level_heights.get(levels)
        if level_heights is None:
            level_heights = self.level_heights[levels] = [self._height(values, of) for of in self.columns_of_level]
        height = self._height(values, self.unmerged_columns)
        if height <= page_layout.ROW_LIMIT:
            yield RowPart(number, values, page_layout.LayoutRow(height, levels, level_heights))
        else:
            yield from self._split(number, values, levels, level_heights)

    def _height(self, values: list[Value], columns: list[int]) -> float:
        return page_layout.row_height((_shown(values[n]), self.capacities[n]) for n in columns)

    def _split(
        self, number: int, values: list[Value], levels: tuple[object, ...], level_heights: list[float]
    ) -> Iterator[RowPart]:
        own = set(self.unmerged_columns)
        parts: list[list[Value]] = [
            [*page_layout.split_text(value, self.capacities[n])] if n in own and isinstance(value, str) else [value]
            for n, value in enumerate(values)
        ]
        for index in range(max(map(len, parts))):
            cells = [
                part[index] if index < len(part) else ("" if n in own else part[0]) for n, part in enumerate(parts)
            ]
            line = page_layout.LayoutRow(self._height(cells, self.unmerged_columns), levels, level_heights)
            yield RowPart(number if index == 0 else None, cells, line)

    def _cells(self, part: RowPart, begins_level: tuple[bool, ...]) -> list[tuple[int, Value]]:
        of = self.styles.of
        cells: list[tuple[int, Value]] = [(self.styles.centered, part.number)]
        for column, value in zip(self.layout.columns, part.values, strict=True):
            shown = value if column.level is None or begins_level[column.level] else None
            cells.append((of(column.centered, shown), shown))
        return cells


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def plain_table(sheet: Worksheet, columns: Sequence[TableColumn], rows: Iterable[Any], count: int) -> SheetBody:
    """Return an unprinted table: one row for each of the ``count`` rows, nothing merged, one line each, with filter arrows."""
    for number, column in enumerate(columns, 1):
        sheet_styles.write_cell(sheet, 1, number, column.heading.replace("\n", ""), sheet_styles.HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = sheet_styles.column_width(max(column.pixels, 92))
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "B2"
    styles = StyleNumbers(sheet, wrap=False)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet_styles.A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = "1:1"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    columns_used = [(column.value, column.centered) for column in columns]
    return SheetBody(first_row=2, rows=(SheetRow(_plain_cells(row, columns_used, styles.of)) for row in rows))


def _plain_cells(
    row: Any, columns_used: Sequence[tuple[Callable[[Any], Value], bool]], of: Callable[[bool, Value], int]
) -> list[tuple[int, Value]]:
    cells = []
    for value_of, centered in columns_used:
        value = value_of(row)
        cells.append((of(centered, value), value))
    return cells


class StyleNumbers:
    """The style numbers of one workbook."""

    def __init__(self, sheet: Worksheet, wrap: bool = True) -> None:
        number = partial(sheets.style_number, sheet, wrap=wrap)
        self.text, self.centered, self.day = (
            number(sheet_styles.TEXT),
            number(sheet_styles.CENTERED),
            number(sheet_styles.DAY),
        )
        self.quoted_text, self.quoted_centered = (
            number(sheet_styles.TEXT, quoted=True),
            number(sheet_styles.CENTERED, quoted=True),
        )
        self.note, self.title, self.head = (
            number(sheet_styles.LINE),
            number(sheet_styles.TITLE),
            number(sheet_styles.HEAD),
        )
        self.arrays = sheet.parent._cell_styles

    def of(self, centered: bool, value: Value) -> int:
        if isinstance(value, str):
            quoted = strings.is_formula_like(value)
            if centered:
                return self.quoted_centered if quoted else self.centered
            return self.quoted_text if quoted else self.text
        if isinstance(value, date):
            return self.day
        return self.centered if centered else self.text
