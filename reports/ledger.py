"""创建工作台账 (annex 2 of the plan) as a workbook: 汇总, 总台账 laid out for print, 数据 for filtering.

The ledger is a list of columns (heading, width, value) over an iterator of rows; all sheets come from one reading of the database.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from django.utils import timezone
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from creation.models import Campaign
from creation.models.task import TaskQuerySet
from creation.onereading import one_reading
from reports import layout, looks, sheets
from reports.ledger_rows import LedgerRow, ledger_rows
from reports.ledger_summary import write_summary
from reports.sheets import Body, Row, Value


@dataclass(frozen=True, slots=True)
class Column:
    """``pixels`` wide on the printed sheet (0: on 数据 only); ``level``: merged down with the rows of the same section, item or point."""

    heading: str
    pixels: int
    value: Callable[[LedgerRow], Value]
    centered: bool = False
    level: int | None = None


def _day(day: date | None) -> str:
    """On paper a date is text: it wraps where a number would print as ###."""
    return f"{day:%Y-%m-%d}" if day else ""


def _due(row: LedgerRow) -> str:
    """A due day that is a day off names the workday before."""
    before = f"\n（休息日，{row.due_before:%m-%d}前）" if row.due_before else ""
    return _day(row.due_on) + before


SECTION, ITEM, POINT = 0, 1, 2
COLUMNS = (
    Column("一级指标", 66, lambda row: row.section, level=SECTION),
    Column("二级指标\n（项目）", 74, lambda row: row.item, level=ITEM),
    Column("三级指标\n（要点）", 96, lambda row: row.point, level=POINT),
    Column("目标值", 64, lambda row: row.target, level=POINT),
    Column("印证资料要求", 132, lambda row: row.proof, level=POINT),
    Column("牵头单位", 60, lambda row: row.lead, centered=True, level=POINT),
    Column("责任单位", 66, lambda row: row.unit, centered=True),
    Column("责任\n领导", 50, lambda row: row.leader, centered=True),
    Column("联络员", 50, lambda row: row.liaison, centered=True),
    Column("完成时限", 90, lambda row: _due(row), centered=True),
    Column("工作措施", 140, lambda row: row.measures),
    Column("进展情况", 128, lambda row: row.progress),
    Column("完成情况", 136, lambda row: row.results),
    Column("提供\n方式", 50, lambda row: row.mode, centered=True),
    Column("印证资料\n（编号、名称、份数）", 178, lambda row: row.evidence),
    Column("审核结果", 80, lambda row: row.review, centered=True),
    Column("存在问题", 100, lambda row: row.problem),
    Column("整改时限", 90, lambda row: _day(row.rectify_by), centered=True),
    Column("更新时间", 90, lambda row: _day(row.updated_on), centered=True),
    Column("备注", 58, lambda row: row.remark, centered=True),
)
DATA_COLUMNS = (
    Column("编号", 0, lambda row: row.code),
    *COLUMNS[:6],
    Column("责任单位", 0, lambda row: row.unit_name),
    Column("分工", 0, lambda row: row.role),
    Column("阶段", 0, lambda row: row.phase),
    Column("状态", 0, lambda row: row.status),
    Column("灯", 0, lambda row: row.light),
    *COLUMNS[7:9],
    Column("完成时限", 0, lambda row: row.due_on, centered=True),
    *COLUMNS[10:15],
    Column("份数", 0, lambda row: row.evidence_count, centered=True),
    *COLUMNS[15:17],
    Column("整改时限", 0, lambda row: row.rectify_by, centered=True),
    Column("更新时间", 0, lambda row: row.updated_on, centered=True),
    Column("备注", 0, lambda row: row.remark, centered=True),
)
NUMBER_WIDTH = 36
STRIDE = 500  # rows between two steps of the bar
T = TypeVar("T")
HEAD_ROW = 4
HEAD_HEIGHTS = (20, 36, 24, 36)  # points: annex number, title, line for the stamp, headings
STAMP_PLACES = ("A3:I3", "J3:L3", "M3:O3", "P3:U3")


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands above the table. ``scope`` says in words which part of the campaign the ledger holds."""

    title: str
    unit: str
    scope: str
    as_of: datetime

    @property
    def stamp_line(self) -> tuple[str, ...]:
        """The four places of the line that is signed and stamped."""
        day = timezone.localtime(self.as_of)
        return (
            f"填报单位（盖章）：{self.unit}",
            "填报人：",
            "审核人：",
            f"填报时间：{day.year}年{day.month}月{day.day}日",
        )

    @property
    def as_of_line(self) -> str:
        return f"数据截至 {timezone.localtime(self.as_of):%Y-%m-%d %H:%M}；范围：{self.scope}"


Step = Callable[[int, int, str], None]


def in_silence(done: int, total: int, message: str) -> None:
    """For whoever waits without a bar."""


def write_ledger(tasks: TaskQuerySet, campaign: Campaign, cover: Cover, path: Path, step: Step = in_silence) -> int:
    """Write the ledger of ``tasks`` (with_light, with_late) to ``path``; gives the number of rows. One reading: sheets and totals agree."""
    with one_reading():
        count = tasks.count()
        rows = list(_told(ledger_rows(tasks, campaign), count, step, "正在读取任务"))
    write_rows(rows, cover, path, step)
    return len(rows)


def write_rows(rows: list[LedgerRow], cover: Cover, path: Path, step: Step = in_silence) -> None:
    """The workbook of rows already read."""
    workbook = looks.new_workbook()
    summary, ledger, data = workbook.active, workbook.create_sheet("总台账"), workbook.create_sheet("数据")
    summary.title = "汇总"
    write_summary(summary, rows, cover.title, [cover.as_of_line])
    bodies = {"总台账": _printed(ledger, rows, cover), "数据": _plain(data, rows)}
    for name, body in bodies.items():
        body.rows = _told(body.rows, len(rows), step, f"正在写“{name}”")
    sheets.save(workbook, bodies, path)


def _told(rows: Iterable[T], total: int, step: Step, message: str) -> Iterator[T]:
    """The same rows, while the bar moves on."""
    for number, row in enumerate(rows):
        if number % STRIDE == 0:
            step(min(number, total), total, message)
        yield row


# The printed sheet


def _printed(sheet: Worksheet, rows: list[LedgerRow], cover: Cover) -> Body:
    widths = [NUMBER_WIDTH, *(column.pixels for column in COLUMNS)]
    for number, pixels in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(pixels)
    last = get_column_letter(len(widths))
    for number, (value, style) in enumerate([("附件2", looks.LINE), (cover.title, looks.TITLE)], 1):
        looks.put(sheet, number, 1, value, style)
        sheet.merge_cells(f"A{number}:{last}{number}")
    for value, place in zip(cover.stamp_line, STAMP_PLACES, strict=True):
        looks.put(sheet, 3, sheet[place][0][0].column, value, looks.LINE)
        sheet.merge_cells(place)
    for number, height in enumerate(HEAD_HEIGHTS, 1):
        sheet.row_dimensions[number].height = height
    headings = ["序号", *(column.heading for column in COLUMNS)]
    for number, heading in enumerate(headings, 1):
        looks.put(sheet, HEAD_ROW, number, heading, looks.HEAD)
    looks.set_up_page(sheet, head_row=HEAD_ROW)
    body = Body(first_row=HEAD_ROW + 1, rows=())
    body.rows = _laid_out(rows, cover, body, _Styles(sheet))  # styles before the workbook is saved
    return body


def _laid_out(rows: list[LedgerRow], cover: Cover, body: Body, styles: "_Styles") -> Iterator[Row]:
    pieces = [piece for number, row in enumerate(rows, 1) for piece in _pieces(number, row)]
    first_page = looks.printable_height() - sum(HEAD_HEIGHTS)
    other_pages = looks.printable_height() - HEAD_HEIGHTS[-1]
    starts: list[list[int]] = [[] for _ in range(3)]
    at = body.first_row
    for piece, placed in zip(pieces, layout.place((p.line for p in pieces), first_page, other_pages), strict=True):
        if placed.starts_page:
            body.breaks.append(at - 1)
        for level, opened in enumerate(placed.opens):
            if opened:
                starts[level].append(at)
        yield Row(_cells(piece, placed.opens, styles), placed.height)
        at += 1
    yield Row([(styles.note, cover.as_of_line)], 20)
    body.merges.extend(_merges(starts, at))
    body.merges.append(f"A{at}:{get_column_letter(len(COLUMNS) + 1)}{at}")


def _merges(starts: list[list[int]], end: int) -> Iterator[str]:
    for number, column in enumerate(COLUMNS, 2):
        if column.level is not None:
            letter = get_column_letter(number)
            for start, after in pairwise([*starts[column.level], end]):
                if after - start > 1:
                    yield f"{letter}{start}:{letter}{after - 1}"


@dataclass(slots=True)
class _Piece:
    """A ledger row, or its continuation where a text is longer than a row can be high (``number`` is None then)."""

    number: int | None
    values: list[Value]
    line: layout.Line


ROOMS = tuple(layout.capacity(column.pixels) for column in COLUMNS)


def _pieces(number: int, row: LedgerRow) -> Iterator[_Piece]:
    values = [column.value(row) for column in COLUMNS]
    texts = [_shown(value) for value in values]
    needs = [
        layout.height_of((texts[n], ROOMS[n]) for n, column in enumerate(COLUMNS) if column.level == level)
        for level in (SECTION, ITEM, POINT)
    ]
    levels = (row.section, row.item, row.point_key)
    parts = [
        [value] if column.level is not None else _split(value, ROOMS[n])
        for n, (column, value) in enumerate(zip(COLUMNS, values, strict=True))
    ]
    for index in range(max(map(len, parts))):
        cells = [
            part[index] if index < len(part) else (part[0] if COLUMNS[n].level is not None else "")
            for n, part in enumerate(parts)
        ]
        own = ((_shown(cells[n]), ROOMS[n]) for n, column in enumerate(COLUMNS) if column.level is None)
        yield _Piece(number if index == 0 else None, cells, layout.Line(layout.height_of(own), levels, needs))


def _split(value: Value, room: int) -> list[Value]:
    return list(layout.split_text(value, room)) if isinstance(value, str) else [value]


def _shown(value: Value) -> str:
    return "" if value is None else str(value)


def _cells(piece: _Piece, opens: tuple[bool, ...], styles: "_Styles") -> list[tuple[int, Value]]:
    cells: list[tuple[int, Value]] = [(styles.centered, piece.number)]
    for column, value in zip(COLUMNS, piece.values, strict=True):
        shown = value if column.level is None or opens[column.level] else None
        cells.append((styles.of(column, shown), shown))
    return cells


class _Styles:
    """The style numbers of one workbook."""

    def __init__(self, sheet: Worksheet, wrap: bool = True) -> None:
        number = partial(sheets.style_number, sheet, wrap=wrap)
        self.text, self.centered, self.day = number(looks.TEXT), number(looks.CENTERED), number(looks.DAY)
        self.quoted_text, self.quoted_centered = number(looks.TEXT, quoted=True), number(looks.CENTERED, quoted=True)
        self.note = number(looks.LINE)

    def of(self, column: Column, value: Value) -> int:
        if isinstance(value, str):
            quoted = value.startswith(sheets.FORMULA_LIKE)
            if column.centered:
                return self.quoted_centered if quoted else self.centered
            return self.quoted_text if quoted else self.text
        if value is None or isinstance(value, int):
            return self.centered if column.centered else self.text
        return self.day


# The sheet for filtering


def _plain(sheet: Worksheet, rows: Iterable[LedgerRow]) -> Body:
    """One head, one row a task, nothing merged; filter arrows on the head."""
    for number, column in enumerate(DATA_COLUMNS, 1):
        looks.put(sheet, 1, number, column.heading.replace("\n", ""), looks.HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(max(column.pixels, 92))
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "B2"
    styles = _Styles(sheet, wrap=False)
    count = len(rows) if isinstance(rows, list) else 0
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(DATA_COLUMNS))}{count + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", looks.A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return Body(first_row=2, rows=(Row(_plain_cells(row, styles)) for row in rows))


def _plain_cells(row: LedgerRow, styles: _Styles) -> list[tuple[int, Value]]:
    values = [(column, column.value(row)) for column in DATA_COLUMNS]
    return [(styles.of(column, value), value) for column, value in values]
