"""The report of a satisfaction survey: a Word paper and a workbook with the same figures. Both withhold what the page withholds."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.utils import timezone
from docx.document import Document

from creation.models import Survey
from creation.rules.percent import percent_text
from creation.rules.satisfaction import CHOICES, MIN_ANSWERS, QuestionResult
from creation.survey import survey_results
from creation.survey.survey_results import SurveyResults, UnitSurvey
from reports import canvas, chart_images, printed_tables, sheet_styles, sheets
from reports.annexes import as_of_text
from reports.chart_images import RateBar
from reports.ledger import charts
from reports.ledger.charts import ChartTable
from reports.printed_tables import SheetHeader, TableColumn, TableLayout
from reports.word import layout

RATE = "满意率 =（非常满意＋满意＋基本满意）÷（全部－不了解），向下取到两位小数。"
MARGIN = (
    "误差按 95% 的置信度计算，一个人无论答几题只算一份；满意或不满意的不足 5 人时取威尔逊区间较远的一端；总体按很大计，不作有限总体修正；"
    "不是随机抽取的样本，误差只供参考。"
)
WITHHELD = f"不足 {MIN_ANSWERS} 份答卷的单位不显示结果，免得猜出是谁答的"
JOINED = f"{WITHHELD}；这些单位合计不足 {MIN_ANSWERS} 份时，答卷最少的下一个单位一并不显示，免得由总数相减推出来"
BARS = 25  # bars of units that fit a page
CHART_ROWS = 14  # height of the chart in the workbook, in rows of ROW points
ROW = 15.0


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of the table of questions; the last one is all questions together."""

    label: str
    result: QuestionResult


def title_of(survey: Survey) -> str:
    return f"{survey.title}结果"


def sample_of(survey: Survey, found: SurveyResults) -> str:
    """Return in a paragraph whom the figures come from."""
    online = found.answered - found.by_hand
    given = f"发放测评码 {found.quota} 个，扫码作答 {online} 份" if found.quota else f"扫码作答 {online} 份"
    back = f"（回收率 {percent_text(online / found.quota)}）" if found.quota else ""
    counted = sum(1 for each in found.units if each.answered)
    return (
        f"测评时间 {survey.starts} 至 {survey.ends}，{len(survey.questions)} 题，不记姓名。{given}{back}，录入纸质答卷 "
        f"{found.by_hand} 份，合计 {found.answered} 份，涉及 {counted} 个单位。{found.waiting_text}"
    )


def question_rows(found: SurveyResults) -> list[ResultRow]:
    rows = [ResultRow(f"{number}. {text}", each) for number, (text, each) in enumerate(found.questions, 1)]
    return [*rows, ResultRow("全部题目", found.whole)]


def rate_text(result: QuestionResult | None) -> str:
    return "—" if result is None or result.rate is None else f"{result.rate}%"


def margin_text(result: QuestionResult | None) -> str:
    return "—" if result is None or result.margin is None else f"±{result.margin}"


def unit_text(row: UnitSurvey) -> str:
    return row.why_withheld or rate_text(row.result)


def withheld_text(found: SurveyResults) -> str:
    """Return the sentence below the table of units; "" where nothing is withheld."""
    if not any(each.why_withheld for each in found.units):
        return ""
    return f"{JOINED if found.has_joined else WITHHELD}。"


# Word


def write_word(survey: Survey, found: SurveyResults, path: Path) -> Path:
    """Write the report: sample, results as a whole with charts, by question, by unit. Return ``path``."""
    document = layout.new_document()
    layout.add_title(document, title_of(survey), f"{survey.starts} 至 {survey.ends}")
    if survey.intro:
        layout.add_text(document, survey.intro)
    layout.add_heading(document, "一、样本", 1)
    layout.add_text(document, sample_of(survey, found))
    layout.add_heading(document, "二、总体结果", 1)
    layout.add_text(
        document, f"总体满意率 {rate_text(found.whole)}，误差 {margin_text(found.whole)} 个百分点。{RATE}{MARGIN}"
    )
    _add_charts(document, found)
    layout.add_heading(document, "三、各题结果", 1)
    questions = [
        (
            row.label,
            *(str(row.result.counts.get(key, 0)) for key in CHOICES),
            rate_text(row.result),
            margin_text(row.result),
        )
        for row in question_rows(found)
    ]
    headings = ("题目", *CHOICES.values(), "满意率", "误差")
    layout.add_table(document, headings, questions, (3.6, *[1.05] * len(CHOICES), 1.5, 1.25), (0,))
    if found.units:
        layout.add_heading(document, "四、各单位结果", 1)
        units = [
            (each.unit.name, str(each.quota or "—"), str(each.answered), unit_text(each), margin_text(each.result))
            for each in found.units
        ]
        layout.add_table(document, ("单位", "计划", "答卷", "满意率", "误差"), units, (4, 1.2, 1.2, 2, 1.5), (0,))
        if words := withheld_text(found):
            layout.add_text(document, words)
    layout.save(document, path, title_of(survey))
    return path


def _add_charts(document: Document, found: SurveyResults) -> None:
    questions = [
        RateBar(f"第 {number} 题", each.rate, each.margin) for number, (_, each) in enumerate(found.questions, 1)
    ]
    units = [RateBar(each.unit.short_name, each.result.rate, each.result.margin) for each in found.units if each.result]
    try:
        layout.add_picture(document, chart_images.rate_bars(questions), "各题满意率（横线为误差）")
        for first in range(0, len(units), BARS):
            part = units[first : first + BARS]
            layout.add_picture(document, chart_images.rate_bars(part), "各单位满意率（横线为误差）")
    except LookupError:
        layout.add_text(document, canvas.NO_FONT)


# Excel


QUESTIONS = TableLayout(
    (
        TableColumn("题目", 360, lambda row: row.label),
        *(
            TableColumn(name, 90, lambda row, key=key: row.result.counts.get(key, 0), centered=True)  # type: ignore[misc]
            for key, name in CHOICES.items()
        ),
        TableColumn("满意率", 100, lambda row: row.result.rate, centered=True),
        TableColumn("误差（百分点）", 110, lambda row: row.result.margin, centered=True),
    ),
    page_size=sheet_styles.A3_LANDSCAPE,
)
UNITS = TableLayout(
    (
        TableColumn("单位", 330, lambda row: row.unit.name),
        TableColumn("计划", 90, lambda row: row.quota or "—", centered=True),
        TableColumn("答卷", 90, lambda row: row.answered, centered=True),
        TableColumn("满意率", 150, lambda row: row.why_withheld or row.result.rate, centered=True),
        TableColumn("误差（百分点）", 150, lambda row: row.result.margin if row.result else "—", centered=True),
    ),
    page_size=sheet_styles.A4_PORTRAIT,
    header_height=24,
)
NOTES = TableLayout((TableColumn("说明", 760, lambda row: row),), page_size=sheet_styles.A4_PORTRAIT, header_height=24)


def write_workbook(survey: Survey, found: SurveyResults, path: Path, now: datetime) -> Path:
    workbook, note = sheet_styles.new_workbook(), as_of_text(now)
    first, second, third = workbook.active, workbook.create_sheet("各单位结果"), workbook.create_sheet("样本和方法")
    first.title = "各题结果"
    rows = question_rows(found)
    bodies = {
        first.title: printed_tables.print_table(first, QUESTIONS, SheetHeader(title_of(survey)), rows, note),
        second.title: printed_tables.print_table(
            second, UNITS, SheetHeader(f"{title_of(survey)}（各单位）"), found.units, note
        ),
        third.title: printed_tables.print_table(third, NOTES, SheetHeader("样本和方法"), notes_of(survey, found), note),
    }
    head = bodies[first.title].first_row - 1
    table = ChartTable(head, len(rows), CHART_ROWS * ROW)
    charts.add_rate_chart(first, table, "各题满意率（%）", f"B{head + len(rows) + 3}", column=len(QUESTIONS.columns))
    sheet_styles.set_footer(workbook, "")
    sheets.save(workbook, bodies, path)
    return path


def notes_of(survey: Survey, found: SurveyResults) -> list[str]:
    return [each for each in (survey.intro, sample_of(survey, found), RATE, MARGIN, withheld_text(found)) if each]


def results_to_report(survey: Survey, today: date) -> SurveyResults | None:
    """Return the results, or None while there are too few answers to show any."""
    found = survey_results.results_of(survey, today)
    return found if found.whole.is_shown else None


def file_name(survey: Survey, now: datetime, ending: str) -> str:
    return f"{title_of(survey)}_{timezone.localdate(now):%Y%m%d}.{ending}"
