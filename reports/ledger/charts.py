"""Native charts of 汇总. They follow corrections of the cells in Excel, WPS and LibreOffice."""

from dataclasses import dataclass

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports import sheet_styles

STATES = {"已通过": "2E7D32", "待审核": "1F6FB2", "退回": "C62828", "未报送": "BFC5CC"}
PLAN = {"计划完成": "7F7F7F", "已报送": "1F6FB2", "已通过": "2E7D32"}
POINT_CM = 2.54 / 72
WIDTH_CM = 18.5
RATE_WIDTH_CM = 30
SIZE = 1000  # hundredths of a point; 10 points are 8 on paper at 80 %


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The table of a chart: its heading row, the number of rows below, and their total height in points."""

    head: int
    rows: int
    height: float


def add_status_chart(sheet: Worksheet, table: ChartTable, title: str, anchor: str) -> None:
    """Add a bar of statuses for each row of a table, in the order of the table."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 40
    chart.add_data(
        Reference(sheet, min_col=3, max_col=6, min_row=table.head, max_row=table.head + table.rows),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=table.head + 1, max_row=table.head + table.rows))
    for series, colour in zip(chart.series, STATES.values(), strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
    chart.x_axis.scaling.orientation = "maxMin"  # the first row of the table on top
    chart.y_axis.crosses = "max"  # and the numbers still at the bottom
    _add_chart(sheet, chart, title, table, anchor)


def add_progress_chart(sheet: Worksheet, table: ChartTable, title: str, anchor: str) -> None:
    """Add a chart of what was due by each day, and what was done."""
    chart = LineChart()
    chart.add_data(
        Reference(sheet, min_col=2, max_col=4, min_row=table.head, max_row=table.head + table.rows),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=table.head + 1, max_row=table.head + table.rows))
    for series, (name, colour) in zip(chart.series, PLAN.items(), strict=True):
        dash = "dash" if name == "计划完成" else None
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=28_000, prstDash=dash))
        series.smooth = False
        series.marker.symbol = "none"
    _add_chart(sheet, chart, title, table, anchor)


def add_rate_chart(sheet: Worksheet, table: ChartTable, title: str, anchor: str, column: int) -> None:
    """Add a bar of the rate in ``column`` for each row of a numbered table, whose names stand in the second column."""
    chart = BarChart()
    chart.type, chart.gapWidth = "bar", 40
    rows = {"min_row": table.head + 1, "max_row": table.head + table.rows}
    chart.add_data(Reference(sheet, min_col=column, **rows))
    chart.set_categories(Reference(sheet, min_col=2, **rows))
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=STATES["已通过"])
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses = "max"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
    _add_chart(sheet, chart, title, table, anchor)
    chart.legend = None
    chart.width = RATE_WIDTH_CM


def _add_chart(sheet: Worksheet, chart: BarChart | LineChart, title: str, table: ChartTable, anchor: str) -> None:
    chart.title = title
    chart.title.tx.rich.p[0].pPr = ParagraphProperties(defRPr=_letters(1200, bold=True))
    chart.title.overlay = False
    chart.legend.position = "b"
    chart.legend.txPr = _text()
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
        axis.txPr = _text()
    chart.y_axis.number_format, chart.y_axis.majorGridlines.spPr = "0", _thin()
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.width, chart.height = WIDTH_CM, table.height * POINT_CM
    sheet.add_chart(chart, anchor)


def _thin() -> GraphicalProperties:
    return GraphicalProperties(ln=LineProperties(solidFill="D9D9D9", w=6000))


def _letters(size: int = SIZE, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(
        sz=size, b=bold, latin=Font(typeface=sheet_styles.BODY_FONT), ea=Font(typeface=sheet_styles.BODY_FONT)
    )


def _text() -> RichText:
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=_letters()), endParaRPr=_letters())])
