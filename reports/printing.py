"""Tables on paper: heads, level cells merged down, texts wrapped, pages that end where the paper ends; one form for every printed sheet."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports import layout, looks, sheets
from reports.sheets import Body, Row, Value

NUMBER_WIDTH = 36
ANNEX_HEIGHT, TITLE_HEIGHT, LINE_HEIGHT, NOTE_HEIGHT = 20.0, 36.0, 24.0, 20.0  # points
SHARES = (0.40, 0.58, 0.74, 1.0)  # of the width: where each of the four places of the line for the stamp ends


@dataclass(frozen=True, slots=True)
class Column:
    """``pixels`` wide on the printed sheet (0: on unprinted sheets only); ``level``: merged down with the rows of the same level."""

    heading: str
    pixels: int
    value: Callable[[Any], Value]
    centered: bool = False
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A printed table. ``levels``: what a row's merged levels are, outer to inner. 序号 is its first column."""

    columns: tuple[Column, ...]
    levels: Callable[[Any], tuple[object, ...]] = lambda row: ()
    paper: looks.Paper = looks.A3_LANDSCAPE
    head_height: float = 36.0

    @property
    def widths(self) -> list[int]:
        return [NUMBER_WIDTH, *(column.pixels for column in self.columns)]

    @property
    def headings(self) -> list[str]:
        return ["序号", *(column.heading for column in self.columns)]

    @property
    def last(self) -> str:
        return str(get_column_letter(len(self.columns) + 1))

    def places(self) -> list[tuple[int, int]]:
        """First and last column of each place of the line that is signed and stamped."""
        ends, width = [], sum(self.widths)
        for share in SHARES:
            fits = [n for n in range(1, len(self.widths) + 1) if sum(self.widths[:n]) <= width * share + 1]
            ends.append(max(fits, default=1))
        starts = [1, *(end + 1 for end in ends[:-1])]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if start <= end]


@dataclass(frozen=True, slots=True)
class Heads:
    """What stands above a table: 附件2, the title, and the line for signatures and stamp."""

    title: str
    stamp: Sequence[str] = ()
    annex: str = ""


def printed(sheet: Worksheet, form: Form, heads: Heads, rows: Iterable[Any], note: str = "") -> Body:
    """One table with its head on the sheet; the headings are repeated on each page by the program that prints."""
    printer = Printer(sheet, form)
    at = printer.put_head(heads)
    looks.set_up_page(sheet, head_row=at - 1, paper=form.paper)
    first = printer.height - printer.height_of(heads)
    printer.body.first_row = at
    printer.body.rows = printer.whole(rows, first, note)
    return printer.body


def in_words(form: Form, rows: Iterable[Any]) -> Iterator[str]:
    """What the table says, row by row."""
    for row in rows:
        yield "\x1e".join(_shown(column.value(row)) for column in form.columns)


def in_blocks(sheet: Worksheet, form: Form, blocks: Iterable[tuple[Heads, Sequence[Any]]]) -> Body:
    """A table for each block, each on pages of its own with its own head; headings are rows of the sheet, on every page."""
    printer = Printer(sheet, form)
    looks.set_up_page(sheet, head_row=0, paper=form.paper)
    printer.body.rows = printer.blocks(blocks)
    return printer.body


@dataclass(slots=True)
class Piece:
    """A row, or its continuation where a text is longer than a row can be high (``number`` is None then)."""

    number: int | None
    values: list[Value]
    line: layout.Line


@dataclass
class Printer:
    """Writes one sheet, row after row. ``at`` is the row that comes next."""

    sheet: Worksheet
    form: Form
    body: Body = field(default_factory=lambda: Body(first_row=1, rows=()))
    at: int = 1

    def __post_init__(self) -> None:
        for number, pixels in enumerate(self.form.widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(pixels)
        self.styles = Styles(self.sheet)
        self.height = looks.printable_height(self.form.paper)
        self.rooms = [layout.capacity(column.pixels) for column in self.form.columns]
        self.depth = 1 + max((c.level for c in self.form.columns if c.level is not None), default=-1)
        self.own = [n for n, column in enumerate(self.form.columns) if column.level is None]
        self.of_level = [
            [n for n, c in enumerate(self.form.columns) if c.level == level] for level in range(self.depth)
        ]
        self.needs: dict[tuple[object, ...], list[float]] = {}

    # Heads

    def height_of(self, heads: Heads) -> float:
        return (
            (ANNEX_HEIGHT if heads.annex else 0)
            + TITLE_HEIGHT
            + (LINE_HEIGHT if heads.stamp else 0)
            + self.form.head_height
        )

    def put_head(self, heads: Heads) -> int:
        """Write the head with openpyxl; gives the row after it."""
        for number, row in enumerate(self.head_rows(heads), 1):
            self.sheet.row_dimensions[number].height = row.height
            for column, (style, value) in enumerate(row.cells, 1):
                cell = self.sheet.cell(number, column)
                cell._style = self.styles.arrays[style]
                if value is not None:
                    cell.value = sheets.literal(value) if isinstance(value, str) else value
                    cell.data_type = "s"
            self.at = number + 1
        for merge in self.body.merges:
            self.sheet.merge_cells(merge)
        self.body.merges.clear()
        return self.at

    def head_rows(self, heads: Heads) -> Iterator[Row]:
        styles, at = self.styles, self.at
        lines: list[Row] = []
        if heads.annex:
            lines.append(Row([(styles.note, heads.annex)], ANNEX_HEIGHT))
        lines.append(Row([(styles.title, heads.title)], TITLE_HEIGHT))
        self.body.merges.extend(f"A{at + n}:{self.form.last}{at + n}" for n in range(len(lines)))
        if heads.stamp:
            lines.append(self._stamp(heads.stamp, at + len(lines)))
        lines.append(self.heading_row())
        yield from lines

    def _stamp(self, texts: Sequence[str], at: int) -> Row:
        cells: list[tuple[int, Value]] = [(self.styles.note, None)] * len(self.form.widths)
        for text, (start, end) in zip(texts, self.form.places(), strict=False):
            cells[start - 1] = (self.styles.note, text)
            if end > start:
                self.body.merges.append(f"{get_column_letter(start)}{at}:{get_column_letter(end)}{at}")
        return Row(cells, LINE_HEIGHT)

    def heading_row(self) -> Row:
        return Row([(self.styles.head, heading) for heading in self.form.headings], self.form.head_height)

    # Rows

    def whole(self, rows: Iterable[Any], first_page: float, note: str) -> Iterator[Row]:
        yield from self.pages(rows, first_page, headed=True)
        if note:
            self.body.merges.append(f"A{self.at}:{self.form.last}{self.at}")
            yield Row([(self.styles.note, note)], NOTE_HEIGHT)
            self.at += 1

    def blocks(self, blocks: Iterable[tuple[Heads, Sequence[Any]]]) -> Iterator[Row]:
        for number, (heads, rows) in enumerate(blocks):
            if number:
                self.body.breaks.append(self.at - 1)
            for row in self.head_rows(heads):
                yield row
                self.at += 1
            yield from self.pages(rows, self.height - self.height_of(heads), headed=False)

    def pages(self, rows: Iterable[Any], first_page: float, headed: bool) -> Iterator[Row]:
        """``headed``: whoever prints repeats the headings; else they are written at the top of each page."""
        pieces: deque[Piece] = deque()
        lines = self._noting(rows, pieces)
        starts: list[list[int]] = [[] for _ in range(self.depth)]
        for placed in layout.place(lines, first_page, self.height - self.form.head_height):
            piece = pieces.popleft()
            if placed.starts_page:
                self.body.breaks.append(self.at - 1)
                if not headed:
                    self._close(starts)
                    yield self.heading_row()
                    self.at += 1
            for level, opened in enumerate(placed.opens):
                if opened:
                    starts[level].append(self.at)
            yield Row(self._cells(piece, placed.opens), placed.height)
            self.at += 1
        self._close(starts)

    def _noting(self, rows: Iterable[Any], pieces: deque[Piece]) -> Iterator[layout.Line]:
        for number, row in enumerate(rows, 1):
            for piece in self._pieces(number, row):
                pieces.append(piece)
                yield piece.line

    def _close(self, starts: list[list[int]]) -> None:
        """Merge the level cells that stand open, down to the row before the next."""
        for n, column in enumerate(self.form.columns):
            if column.level is not None:
                letter = get_column_letter(n + 2)
                for start, after in pairwise([*starts[column.level], self.at]):
                    if after - start > 1:
                        self.body.merges.append(f"{letter}{start}:{letter}{after - 1}")
        for each in starts:
            each.clear()

    def _pieces(self, number: int, row: Any) -> Iterator[Piece]:
        values = [column.value(row) for column in self.form.columns]
        levels = self.form.levels(row)
        needs = self.needs.get(levels)
        if needs is None:
            needs = self.needs[levels] = [self._height(values, of) for of in self.of_level]
        height = self._height(values, self.own)
        if height <= layout.ROW_LIMIT:
            yield Piece(number, values, layout.Line(height, levels, needs))
        else:
            yield from self._split(number, values, levels, needs)

    def _height(self, values: list[Value], columns: list[int]) -> float:
        return layout.height_of((_shown(values[n]), self.rooms[n]) for n in columns)

    def _split(
        self, number: int, values: list[Value], levels: tuple[object, ...], needs: list[float]
    ) -> Iterator[Piece]:
        own = set(self.own)
        parts: list[list[Value]] = [
            [*layout.split_text(value, self.rooms[n])] if n in own and isinstance(value, str) else [value]
            for n, value in enumerate(values)
        ]
        for index in range(max(map(len, parts))):
            cells = [
                part[index] if index < len(part) else ("" if n in own else part[0]) for n, part in enumerate(parts)
            ]
            line = layout.Line(self._height(cells, self.own), levels, needs)
            yield Piece(number if index == 0 else None, cells, line)

    def _cells(self, piece: Piece, opens: tuple[bool, ...]) -> list[tuple[int, Value]]:
        of = self.styles.of
        cells: list[tuple[int, Value]] = [(self.styles.centered, piece.number)]
        for column, value in zip(self.form.columns, piece.values, strict=True):
            shown = value if column.level is None or opens[column.level] else None
            cells.append((of(column.centered, shown), shown))
        return cells


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def plain(sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Any], count: int) -> Body:
    """One head, one row each (``count`` of them), nothing merged, one line a row; filter arrows on the head. Not meant for print."""
    for number, column in enumerate(columns, 1):
        looks.put(sheet, 1, number, column.heading.replace("\n", ""), looks.HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(max(column.pixels, 92))
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "B2"
    styles = Styles(sheet, wrap=False)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", looks.A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    ways = [(column.value, column.centered) for column in columns]
    return Body(first_row=2, rows=(Row(_plain_cells(row, ways, styles.of)) for row in rows))


def _plain_cells(
    row: Any, ways: Sequence[tuple[Callable[[Any], Value], bool]], of: Callable[[bool, Value], int]
) -> list[tuple[int, Value]]:
    cells = []
    for value_of, centered in ways:
        value = value_of(row)
        cells.append((of(centered, value), value))
    return cells


class Styles:
    """The style numbers of one workbook."""

    def __init__(self, sheet: Worksheet, wrap: bool = True) -> None:
        number = partial(sheets.style_number, sheet, wrap=wrap)
        self.text, self.centered, self.day = number(looks.TEXT), number(looks.CENTERED), number(looks.DAY)
        self.quoted_text, self.quoted_centered = number(looks.TEXT, quoted=True), number(looks.CENTERED, quoted=True)
        self.note, self.title, self.head = number(looks.LINE), number(looks.TITLE), number(looks.HEAD)
        self.arrays = sheet.parent._cell_styles

    def of(self, centered: bool, value: Value) -> int:
        if isinstance(value, str):
            quoted = sheets.is_formula_like(value)
            if centered:
                return self.quoted_centered if quoted else self.centered
            return self.quoted_text if quoted else self.text
        if value is None or isinstance(value, (int, float)):
            return self.centered if centered else self.text
        return self.day
