"""The sheet 汇总: figures by section, over time and by unit, counted from the rows of the ledger, each with a chart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from creation.rules.percent import rounded_down
from creation.tasks.figures import DEFINITIONS, TaskFigures, count_tasks, is_due
from reports import sheet_styles
from reports.ledger import charts
from reports.ledger.charts import ChartTable
from reports.ledger.rows import LedgerRow

HEADINGS = (
    "任务数",
    "已通过",
    "待审核",
    "退回",
    "未报送",
    "其中逾期",
    "资料份数",
    "到期",
    "到期已报",
    "报送率",
    "办结率",
)
WIDTHS = (350, *(76,) * len(HEADINGS))
PLAN_HEADINGS = ("截至", "计划完成", "已报送", "已通过")
RATES = "；".join(f"{name}：{DEFINITIONS[name]}" for name in ("到期", "报送率", "办结率"))
HEAD_HEIGHT, ROW_HEIGHT, GAP_HEIGHT = 24.0, 18.0, 18.0
MAX_CHART_UNITS = 50  # more bars cannot be told apart
MAX_CHART_POINTS = 26  # points of the progress chart: weeks, or longer steps
MIN_CHART_ROWS = 14  # rows that a chart beside a short table needs
ANCHOR = "M"  # column of the charts, to the right of the tables


@dataclass
class SummaryCounts:
    figures: TaskFigures = field(default_factory=TaskFigures)
    evidence: int = 0

    def add(self, row: LedgerRow, today: date) -> None:
        self.figures.add(count_tasks(row.light, row.status, is_due(row.due_on, today)))
        self.evidence += row.evidence_count

    def values(self) -> tuple[int | float | str, ...]:
        """Return the values below HEADINGS; a dash for a rate of nothing. Excel would round a rate up that pages round down."""
        it, rates = self.figures, (self.figures.report_rate, self.figures.done_rate)
        counts = (it.total, it.approved, it.submitted, it.returned, it.unanswered, it.overdue, self.evidence)
        return (*counts, it.due, it.due_answered, *("—" if rate is None else rounded_down(rate) for rate in rates))


def write_summary(sheet: Worksheet, rows: Iterable[LedgerRow], title: str, notes: Iterable[str], today: date) -> None:
    """Write the sheet. ``notes``: lines below the title, such as the time of the data; ``today``: the day of the data."""
    rows = list(rows)
    for number, pixels in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = sheet_styles.column_width(pixels)
    sheet_styles.set_up_page(sheet, head_row=0)
    at = _heading(sheet, f"{title}汇总", [*notes, RATES])
    sections = _table(sheet, at, "按一级指标", rows, lambda row: row.section, today)
    course = _progress_table(sheet, _after(sections), rows, today)
    in_roster_order = sorted(rows, key=lambda row: row.unit_order)
    units = _table(sheet, _after(course), "按责任单位", in_roster_order, lambda row: row.unit_name, today)
    sheet.row_breaks.append(Break(id=units.head - 1))
    if rows:
        charts.add_status_chart(sheet, sections, "各一级指标完成情况（项）", f"{ANCHOR}{sections.head}")
        charts.add_progress_chart(sheet, course, "完成与计划（项，累计）", f"{ANCHOR}{course.head}")
    if 0 < units.rows <= MAX_CHART_UNITS:
        charts.add_status_chart(sheet, units, "各单位完成情况（项）", f"{ANCHOR}{units.head}")


def _after(table: ChartTable) -> int:
    """Return the heading row of the next table, below the total, a blank row and the chart beside the table."""
    return table.head + max(table.rows, MIN_CHART_ROWS) + 3


def _heading(sheet: Worksheet, title: str, notes: Iterable[str]) -> int:
    last = get_column_letter(len(WIDTHS))
    for number, (text, style) in enumerate(
        [(title, sheet_styles.TITLE), *((note, sheet_styles.LINE) for note in notes)], 1
    ):
        sheet_styles.write_cell(sheet, number, 1, text, style)
        sheet.merge_cells(f"A{number}:{last}{number}")
        sheet.row_dimensions[number].height = 36 if number == 1 else 20
    return number + 1


def _table(
    sheet: Worksheet, head: int, heading: str, rows: list[LedgerRow], key: Callable[[LedgerRow], str], today: date
) -> ChartTable:
    """Write one table, with a total below it that the chart leaves out."""
    tallies: dict[str, SummaryCounts] = {}
    total = SummaryCounts()
    for row in rows:
        tallies.setdefault(key(row), SummaryCounts()).add(row, today)
        total.add(row, today)
    _write_headings(sheet, head, (heading, *HEADINGS))
    for at, (name, tally) in enumerate([*tallies.items(), ("合计", total)], head + 1):
        sheet_styles.write_cell(sheet, at, 1, name, sheet_styles.TEXT)
        for column, value in enumerate(tally.values(), 2):
            sheet_styles.write_cell(
                sheet, at, column, value, sheet_styles.PERCENT if column > len(HEADINGS) - 1 else sheet_styles.CENTERED
            )
        sheet.row_dimensions[at].height = ROW_HEIGHT
    return ChartTable(head, len(tallies), _height(len(tallies) + 1))


def _height(rows: int) -> float:
    return HEAD_HEIGHT + ROW_HEIGHT * max(rows, MIN_CHART_ROWS)


def _write_headings(sheet: Worksheet, at: int, headings: tuple[str, ...]) -> None:
    for column, text in enumerate(headings, 1):
        sheet_styles.write_cell(sheet, at, column, text, sheet_styles.HEAD)
    sheet.row_dimensions[at].height = HEAD_HEIGHT


def _progress_table(sheet: Worksheet, head: int, rows: list[LedgerRow], today: date) -> ChartTable:
    """Write the table of how many tasks were due, answered and approved by each day; for future days only what is due."""
    _write_headings(sheet, head, PLAN_HEADINGS)
    days = steps([day for row in rows for day in (row.due_on, row.answered_on) if day], today)
    for at, day in enumerate(days, head + 1):
        past = day <= today
        done = [
            sum(is_due(row.due_on, day) for row in rows),
            sum(row.answered_on is not None and row.answered_on <= day for row in rows) if past else None,
            sum(row.approved_on is not None and row.approved_on <= day for row in rows) if past else None,
        ]
        sheet_styles.write_cell(sheet, at, 1, f"{day:%Y-%m-%d}", sheet_styles.TEXT)
        for column, value in enumerate(done, 2):
            sheet_styles.write_cell(sheet, at, column, value, sheet_styles.CENTERED)
        sheet.row_dimensions[at].height = ROW_HEIGHT
    return ChartTable(head, len(days), _height(len(days)))


def steps(days: list[date], today: date) -> list[date]:
    """Return days in equal steps of whole weeks from the first to the last of ``days``, including ``today``."""
    if not days:
        return [today]
    first, last = min(days), max(*days, today)
    step = timedelta(weeks=max(1, -(-(last - first).days // 7 // MAX_CHART_POINTS) or 1))
    found = {today, last}
    while first < last:
        found.add(first)
        first += step
    return sorted(found)
