"""Fonts, borders and page setup of printed sheets (domain: A3 landscape, title 小标宋, body 仿宋, 第 X 页 共 Y 页)."""

from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from creation.lib import strings
from reports import sheets

BODY_FONT, HEAD_FONT, TITLE_FONT = "仿宋", "黑体", "方正小标宋简体"
BODY_SIZE = 10.5
SCALE = 80  # percent in print: 10.5 points become 8.4, above the 8 that a reader needs
A3, A4 = 8, 9
MM = 72 / 25.4  # points
SIDE_MARGIN, TOP_MARGIN, BOTTOM_MARGIN, FOOT_MARGIN = 8.0, 12.0, 15.0, 7.0  # millimetres
DIGIT_WIDTH = 8  # pixels of a digit in Arial 11


@dataclass(frozen=True, slots=True)
class PageSize:
    """``code`` is Excel's number of the size; ``width`` and ``height`` in millimetres as the printer takes it; ``scale`` in percent."""

    code: int
    width: float
    height: float
    scale: int = SCALE

    @property
    def orientation(self) -> str:
        return "landscape" if self.width > self.height else "portrait"


A3_LANDSCAPE, A4_PORTRAIT = PageSize(A3, 420.0, 297.0), PageSize(A4, 210.0, 297.0)
A4_LANDSCAPE = PageSize(A4, 297.0, 210.0)
THIN = Side(style="thin", color="000000")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
SHADE = PatternFill("solid", fgColor="DDE6F0")


def named_style(
    name: str,
    *,
    bold: bool = False,
    align: str = "left",
    font: str = BODY_FONT,
    size: float = BODY_SIZE,
    **extra: object,
) -> NamedStyle:
    style = NamedStyle(name=name)
    style.font = Font(name=font, size=size, bold=bold)
    style.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True)
    style.border = GRID
    style.fill = extra.get("fill") or PatternFill()
    style.number_format = str(extra.get("number_format") or "General")
    return style


TEXT = named_style("正文")
CENTERED = named_style("居中", align="center")
DAY = named_style("日期", align="center", number_format="yyyy-mm-dd")
PERCENT = named_style("百分比", align="center", number_format="0.0%")
HEAD = named_style("表头", bold=True, align="center", font=HEAD_FONT, fill=SHADE)
TITLE = named_style("标题", align="center", font=TITLE_FONT, size=22)
LINE = named_style("表首", size=12)
for _style in (TITLE, LINE):
    _style.border = Border()
TITLE.alignment = Alignment(horizontal="center", vertical="center")
LINE.alignment = Alignment(vertical="center")


def write_cell(sheet: Worksheet, row: int, column: int, value: object, style: NamedStyle) -> None:
    """Write one cell of a header; text stays text."""
    cell = sheet.cell(row, column)
    cell.value = sheets.escape_coded(sheets.clean(value)) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.font, cell.alignment, cell.border, cell.fill = style.font, style.alignment, style.border, style.fill
    cell.number_format = style.number_format
    if isinstance(value, str) and strings.is_formula_like(value):
        cell.quotePrefix = True


def column_width(pixels: int) -> float:
    """Return Excel's width unit for a column of so many pixels at 96 dpi. A digit of the workbook's default font is 8 pixels wide."""
    return pixels / DIGIT_WIDTH


def new_workbook() -> Workbook:
    """Return a workbook with the default font Arial 11, which every desktop has or replaces by one with the same widths."""
    workbook = Workbook()
    normal = workbook._named_styles["Normal"]
    normal.font = Font(name="Arial", size=11)
    workbook._fonts[0] = normal.font
    normal.bind(workbook)
    return workbook


def set_up_page(sheet: Worksheet, *, head_row: int, page_size: PageSize = A3_LANDSCAPE) -> None:
    """Set a fixed scale (with fit-to-page Excel ignores computed breaks), repeat ``head_row`` (0: none), and number the pages."""
    sheet.page_setup.orientation = page_size.orientation
    sheet.page_setup.paperSize = page_size.code
    sheet.page_setup.scale = page_size.scale
    if head_row:
        sheet.print_title_rows = f"{head_row}:{head_row}"
        sheet.freeze_panes = f"A{head_row + 1}"
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = SIDE_MARGIN / 25.4
    margins.top, margins.bottom, margins.footer, margins.header = (
        TOP_MARGIN / 25.4,
        BOTTOM_MARGIN / 25.4,
        FOOT_MARGIN / 25.4,
        5 / 25.4,
    )
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"


def set_footer(workbook: Workbook, text: str) -> None:
    """Add text beside the page numbers of every sheet that has them."""
    for sheet in workbook.worksheets:
        if sheet.oddFooter.center.text:
            sheet.oddFooter.left.text = text


def printable_height(page_size: PageSize) -> float:
    """Return the points of sheet that fit a page's height, two percent less for printers that round up."""
    return (page_size.height - TOP_MARGIN - BOTTOM_MARGIN) * MM / (page_size.scale / 100) * 0.98


def printable_width(page_size: PageSize = A3_LANDSCAPE) -> float:
    """Return the pixels of sheet that fit a page's width."""
    return (page_size.width - 2 * SIDE_MARGIN) / 25.4 * 96 / (page_size.scale / 100)
