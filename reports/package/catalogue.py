"""目录.xlsx of a package: the files with links into the unpacked folders, what is shown on site, and what is lacking and why."""

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

from creation.lib import strings
from reports import sheet_styles, sheets
from reports.package.contents import PackageContents, PackageItem, WithheldItem
from reports.sheets import SheetBody, SheetRow, Value

MAX_LINKS = 65_000  # Excel accepts 65,530 on a sheet
LINKED = sheet_styles.named_style("链接")
LINKED.font = Font(name=sheet_styles.BODY_FONT, size=sheet_styles.BODY_SIZE, color="0B5394", underline="single")
HEAD_ROW = 3
FORBIDDEN = re.compile(r"[%#?\\ ]")  # characters that would end or change a relative URL; others are read as they are


@dataclass(frozen=True, slots=True)
class CatalogueColumn:
    heading: str
    pixels: int
    value: Callable[[Any], Value]
    centered: bool = False


FILES = (
    CatalogueColumn("编号", 90, lambda item: item.number, centered=True),
    CatalogueColumn("题名", 300, lambda item: item.title),
    CatalogueColumn("责任单位", 100, lambda item: item.unit, centered=True),
    CatalogueColumn("一级指标", 150, lambda item: item.section),
    CatalogueColumn("三级指标（要点）", 220, lambda item: f"{item.code} {item.checkpoint}"),
    CatalogueColumn("类型", 72, lambda item: item.kind, centered=True),
    CatalogueColumn("文号", 130, lambda item: item.doc_number),
    CatalogueColumn("成文日期", 92, lambda item: f"{item.dated_on:%Y-%m-%d}" if item.dated_on else "", centered=True),
    CatalogueColumn("责任者", 110, lambda item: item.issuer),
    CatalogueColumn("证明段落", 120, lambda item: item.passage),
    CatalogueColumn("证明页", 90, lambda item: item.pages, centered=True),
    CatalogueColumn("所在位置", 330, lambda item: item.path),
)
ON_SITE = (
    CatalogueColumn("要点编号", 90, lambda row: row.code, centered=True),
    CatalogueColumn("一级指标", 220, lambda row: row.section),
    CatalogueColumn("三级指标（要点）", 330, lambda row: row.checkpoint),
    CatalogueColumn("责任单位", 130, lambda row: row.unit, centered=True),
    CatalogueColumn("保管人", 110, lambda row: row.keeper, centered=True),
    CatalogueColumn("存放地点", 300, lambda row: row.place),
    CatalogueColumn("核查记录", 220, lambda row: ""),
)
MISSING = (
    CatalogueColumn("编号", 100, lambda row: row.number, centered=True),
    CatalogueColumn("责任单位", 130, lambda row: row.unit, centered=True),
    CatalogueColumn("题名", 360, lambda row: row.title),
    CatalogueColumn("说明", 420, lambda row: row.why),
)
UNANSWERED = (
    CatalogueColumn("编号", 100, lambda task: task.code, centered=True),
    CatalogueColumn("要点", 420, lambda task: task.title),
    CatalogueColumn("责任单位", 130, lambda task: task.unit.short_name, centered=True),
    CatalogueColumn("状态", 100, lambda task: task.get_status_display(), centered=True),
)


@dataclass(frozen=True, slots=True)
class CatalogueCover:
    title: str
    scope: str
    as_of: datetime

    @property
    def line(self) -> str:
        return f"数据截至 {timezone.localtime(self.as_of):%Y-%m-%d %H:%M}；范围：{self.scope}"


def write(contents: PackageContents, lacking: Sequence[WithheldItem], cover: CatalogueCover, path: Path) -> None:
    """Write the workbook. ``lacking``: evidence whose file is missing or altered since submission, and withheld evidence."""
    workbook = sheet_styles.new_workbook()
    bodies = {
        "目录": _sheet(workbook.active, FILES, contents.items, f"{cover.title}印证资料目录", cover.line),
        "现场核查清单": _sheet(workbook.create_sheet(), ON_SITE, contents.on_site, "现场核查清单", cover.line),
        "缺失和异常": _sheet(workbook.create_sheet(), MISSING, lacking, "缺失和异常文件", cover.line),
        "未收录任务": _sheet(
            workbook.create_sheet(), UNANSWERED, contents.unanswered, "没有收录答复的任务", cover.line
        ),
    }
    for sheet, title in zip(workbook.worksheets, bodies, strict=True):
        sheet.title = title
    bodies["目录"].links = _links(contents.items)
    sheets.save(workbook, bodies, path)


def _sheet(
    sheet: Worksheet, columns: Sequence[CatalogueColumn], rows: Sequence[Any], title: str, line: str
) -> SheetBody:
    last = get_column_letter(len(columns))
    for number, (text, style, height) in enumerate([(title, sheet_styles.TITLE, 36), (line, sheet_styles.LINE, 22)], 1):
        sheet_styles.write_cell(sheet, number, 1, text, style)
        sheet.merge_cells(f"A{number}:{last}{number}")
        sheet.row_dimensions[number].height = height
    for number, column in enumerate(columns, 1):
        sheet_styles.write_cell(sheet, HEAD_ROW, number, column.heading, sheet_styles.HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = sheet_styles.column_width(column.pixels)
    sheet.row_dimensions[HEAD_ROW].height = 30
    sheet_styles.set_up_page(sheet, head_row=HEAD_ROW)
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + len(rows)}"
    styles = _Styles(sheet)
    return SheetBody(first_row=HEAD_ROW + 1, rows=(SheetRow(_cells(columns, row, styles)) for row in rows))


class _Styles:
    def __init__(self, sheet: Worksheet) -> None:
        looked = {"text": sheet_styles.TEXT, "centered": sheet_styles.CENTERED, "linked": LINKED}
        self.plain = {name: sheets.style_number(sheet, style) for name, style in looked.items()}
        self.quoted = {name: sheets.style_number(sheet, style, quoted=True) for name, style in looked.items()}

    def of(self, column: CatalogueColumn, value: Value) -> int:
        name = "linked" if column.heading == "所在位置" else "centered" if column.centered else "text"
        is_formula_like = isinstance(value, str) and strings.is_formula_like(value)
        return (self.quoted if is_formula_like else self.plain)[name]


def _cells(columns: Sequence[CatalogueColumn], row: Any, styles: _Styles) -> list[tuple[int, Value]]:
    values = [(column, column.value(row)) for column in columns]
    return [(styles.of(column, value), value) for column, value in values]


def _links(items: Sequence[PackageItem]) -> dict[str, str]:
    """Return relative links, which work when all volumes are unpacked into one folder."""
    letter = get_column_letter(len(FILES))
    return {
        f"{letter}{number}": FORBIDDEN.sub(lambda found: f"%{ord(found[0]):02X}", item.path)
        for number, item in enumerate(items[:MAX_LINKS], HEAD_ROW + 1)
    }
