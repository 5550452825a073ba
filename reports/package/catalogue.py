"""目录.xlsx of a package: what lies where, with links into the unpacked folders; what is shown on site; what is lacking and why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports import looks, sheets
from reports.package.contents import Contents, Item, Withheld
from reports.sheets import Body, Row, Value

MOST_LINKS = 65_000  # Excel takes 65,530 on a sheet
LINKED = looks.look("链接")
LINKED.font = Font(name=looks.BODY_FONT, size=looks.BODY_SIZE, color="0B5394", underline="single")
HEAD_ROW = 3
FORBIDDEN = re.compile(
    r"[%#?\\ ]"
)  # what would end or change a relative address; other characters are read as they stand


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    pixels: int
    value: Callable[[Any], Value]
    centered: bool = False


FILES = (
    Column("编号", 90, lambda item: item.number, centered=True),
    Column("题名", 300, lambda item: item.title),
    Column("责任单位", 100, lambda item: item.unit, centered=True),
    Column("一级指标", 150, lambda item: item.section),
    Column("三级指标（要点）", 220, lambda item: f"{item.code} {item.point}"),
    Column("类型", 72, lambda item: item.kind, centered=True),
    Column("文号", 130, lambda item: item.doc_number),
    Column("成文日期", 92, lambda item: f"{item.dated_on:%Y-%m-%d}" if item.dated_on else "", centered=True),
    Column("责任者", 110, lambda item: item.issuer),
    Column("证明段落", 120, lambda item: item.passage),
    Column("证明页", 90, lambda item: item.pages, centered=True),
    Column("所在位置", 330, lambda item: item.path),
)
ON_SITE = (
    Column("要点编号", 90, lambda row: row.code, centered=True),
    Column("一级指标", 220, lambda row: row.section),
    Column("三级指标（要点）", 330, lambda row: row.point),
    Column("责任单位", 130, lambda row: row.unit, centered=True),
    Column("保管人", 110, lambda row: row.keeper, centered=True),
    Column("存放地点", 300, lambda row: row.place),
    Column("核查记录", 220, lambda row: ""),
)
LACKING = (
    Column("编号", 100, lambda row: row.number, centered=True),
    Column("责任单位", 130, lambda row: row.unit, centered=True),
    Column("题名", 360, lambda row: row.title),
    Column("说明", 420, lambda row: row.why),
)
UNANSWERED = (
    Column("编号", 100, lambda task: task.code, centered=True),
    Column("要点", 420, lambda task: task.title),
    Column("责任单位", 130, lambda task: task.unit.short_name, centered=True),
    Column("状态", 100, lambda task: task.get_status_display(), centered=True),
)


@dataclass(frozen=True, slots=True)
class Cover:
    title: str
    scope: str
    as_of: datetime

    @property
    def line(self) -> str:
        return f"数据截至 {timezone.localtime(self.as_of):%Y-%m-%d %H:%M}；范围：{self.scope}"


def write(contents: Contents, lacking: Sequence[Withheld], cover: Cover, path: Path) -> None:
    """``lacking``: pieces whose file is gone or is not what was handed in, and those that were withheld."""
    workbook = looks.new_workbook()
    bodies = {
        "目录": _sheet(workbook.active, FILES, contents.items, f"{cover.title}印证资料目录", cover.line),
        "现场核查清单": _sheet(workbook.create_sheet(), ON_SITE, contents.on_site, "现场核查清单", cover.line),
        "缺失和异常": _sheet(workbook.create_sheet(), LACKING, lacking, "缺失和异常文件", cover.line),
        "未收录任务": _sheet(
            workbook.create_sheet(), UNANSWERED, contents.unanswered, "没有收录答复的任务", cover.line
        ),
    }
    for sheet, title in zip(workbook.worksheets, bodies, strict=True):
        sheet.title = title
    bodies["目录"].links = _links(contents.items)
    sheets.save(workbook, bodies, path)


def _sheet(sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Any], title: str, line: str) -> Body:
    last = get_column_letter(len(columns))
    for number, (text, style, height) in enumerate([(title, looks.TITLE, 36), (line, looks.LINE, 22)], 1):
        looks.put(sheet, number, 1, text, style)
        sheet.merge_cells(f"A{number}:{last}{number}")
        sheet.row_dimensions[number].height = height
    for number, column in enumerate(columns, 1):
        looks.put(sheet, HEAD_ROW, number, column.heading, looks.HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(column.pixels)
    sheet.row_dimensions[HEAD_ROW].height = 30
    looks.set_up_page(sheet, head_row=HEAD_ROW)
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + len(rows)}"
    styles = _Styles(sheet)
    return Body(first_row=HEAD_ROW + 1, rows=(Row(_cells(columns, row, styles)) for row in rows))


class _Styles:
    def __init__(self, sheet: Worksheet) -> None:
        looked = {"text": looks.TEXT, "centered": looks.CENTERED, "linked": LINKED}
        self.plain = {name: sheets.style_number(sheet, style) for name, style in looked.items()}
        self.quoted = {name: sheets.style_number(sheet, style, quoted=True) for name, style in looked.items()}

    def of(self, column: Column, value: Value) -> int:
        name = "linked" if column.heading == "所在位置" else "centered" if column.centered else "text"
        is_formula_like = isinstance(value, str) and value.startswith(sheets.FORMULA_LIKE)
        return (self.quoted if is_formula_like else self.plain)[name]


def _cells(columns: Sequence[Column], row: Any, styles: _Styles) -> list[tuple[int, Value]]:
    values = [(column, column.value(row)) for column in columns]
    return [(styles.of(column, value), value) for column, value in values]


def _links(items: Sequence[Item]) -> dict[str, str]:
    """Relative links: they lead to the file when all volumes are unpacked into one folder."""
    letter = get_column_letter(len(FILES))
    return {
        f"{letter}{number}": FORBIDDEN.sub(lambda found: f"%{ord(found[0]):02X}", item.path)
        for number, item in enumerate(items[:MOST_LINKS], HEAD_ROW + 1)
    }
