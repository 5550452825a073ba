"""得分表 of a closed mock assessment: what each unit came to, what every assessor gave at every point, what was asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from creation.appraisal import results
from creation.appraisal.results import AppraisalResults, ScoreLine, UnitResult
from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Appraisal, AppraisalRequest
from creation.rules.scoring import shown
from reports import printed_tables, sheet_styles, sheets
from reports.annexes import Annex, as_of_text
from reports.printed_tables import SheetHeader, TableColumn, TableLayout
from reports.sheets import SheetBody

SUMS, DETAILS, ASKED = "得分表", "评分明细", "补充材料"
SCORE_COLUMNS, DETAIL_COLUMNS = 490, 630  # pixels of the columns beside those of sections, of assessors
WIDEST = 240
SCORE_HEADINGS = 60.0  # points: three lines, as the names of sections are long
REQUESTS = TableLayout(
    (
        TableColumn("评分项", 300, lambda row: str(row.point)),
        TableColumn("单位", 130, lambda row: row.unit.short_name, centered=True),
        TableColumn("评分人", 110, lambda row: row.seat.person.name, centered=True),
        TableColumn("需要补充的", 320, lambda row: row.text),
        TableColumn("答复", 320, lambda row: row.answer or "没有答复"),
    ),
)


def write(appraisal: Appraisal, now: datetime, path: Path) -> int:
    """Write the workbook; return the number of units."""
    with consistent_snapshot():
        found = results.results_of(appraisal)
        lines = results.lines_of(appraisal)
        asked = list(
            AppraisalRequest.objects.filter(seat__appraisal=appraisal).select_related(
                "point__indicator", "unit", "seat__person"
            )
        )
    names = [name for name, *_ in found.assessors]
    tables = [_sums(appraisal, found, now), _details(appraisal, lines, names, now)]
    if asked:
        header = SheetHeader(f"{_title(appraisal)}补充材料的要求和答复（{appraisal.name}）")
        tables.append(Annex(ASKED, REQUESTS, header, asked, len(asked), as_of_text(now)))
    workbook = sheet_styles.new_workbook()
    bodies: dict[str, SheetBody] = {}
    for number, table in enumerate(tables):
        sheet = workbook.create_sheet(table.name) if number else workbook.active
        sheet.title = table.name
        bodies[table.name] = printed_tables.print_table(sheet, table.layout, table.header, table.rows, table.as_of)
    sheet_styles.set_footer(workbook, "")
    sheets.save(workbook, bodies, path)
    return len(found.units)


def _title(appraisal: Appraisal) -> str:
    return f"{appraisal.campaign.district}法治政府建设示范创建模拟考核"


def _details(appraisal: Appraisal, lines: Sequence[ScoreLine], assessors: Sequence[str], now: datetime) -> Annex:
    """Return a row for each unit and point: what each assessor gave and remarked, and the mean."""
    left = sheet_styles.printable_width() - printed_tables.NUMBER_WIDTH - DETAIL_COLUMNS
    width = min(WIDEST, int(left) // max(1, len(assessors)))
    columns = [
        TableColumn("单位", 110, lambda row: row.unit.short_name, level=0),
        TableColumn("评分项", 330, lambda row: str(row.point)),
        TableColumn("性质", 70, lambda row: row.point.get_effect_display(), centered=True),
        TableColumn("分值", 60, lambda row: shown(row.point.points) if row.point.points else "", centered=True),
    ]
    columns += [TableColumn(name, width, _given(place)) for place, name in enumerate(assessors)]
    columns.append(TableColumn("得分", 60, lambda row: shown(row.mean) if row.mean is not None else "", centered=True))
    header = SheetHeader(f"{_title(appraisal)}评分明细（{appraisal.name}）")
    layout = TableLayout(tuple(columns), levels=lambda row: (row.unit.pk,))
    return Annex(DETAILS, layout, header, lines, len(lines), as_of_text(now))


def _given(place: int) -> Callable[[ScoreLine], str]:
    def value(row: ScoreLine) -> str:
        score = row.scores[place]
        if score is None:
            return ""
        given = "否决" if score.vetoed else shown(score.value) if score.value is not None else ""
        return f"{given}（{score.remark}）" if score.remark else given

    return value


def _sums(appraisal: Appraisal, found: AppraisalResults, now: datetime) -> Annex:
    """Return one row a unit, in the office's order."""
    left = sheet_styles.printable_width() - printed_tables.NUMBER_WIDTH - SCORE_COLUMNS
    width = min(WIDEST, int(left) // max(1, len(found.sections)))
    columns = [TableColumn("单位", 150, lambda row: row.unit.short_name)]
    columns += [
        TableColumn(f"{code} {title}".strip(), width, _section_score(place), centered=True)
        for place, (code, title) in enumerate(found.sections)
    ]
    columns += [
        TableColumn("得分", 90, lambda row: f"{shown(row.whole.score)} / {shown(row.whole.full)}", centered=True),
        TableColumn("得分率", 80, lambda row: _percent(row.whole.rate), centered=True),
        TableColumn("比上次", 80, _change, centered=True),
        TableColumn("备注", 90, lambda row: "一票否决" if row.whole.vetoed else "", centered=True),
    ]
    header = SheetHeader(f"{_title(appraisal)}得分表（{appraisal.name}）")
    layout = TableLayout(tuple(columns), header_height=SCORE_HEADINGS)
    return Annex(SUMS, layout, header, found.units, len(found.units), as_of_text(now))


def _section_score(place: int) -> Callable[[UnitResult], str]:
    def value(row: UnitResult) -> str:
        part = row.sections[place]
        if part is None or not (part.full or part.reached):
            return "—"
        return f"{shown(part.score)} / {shown(part.full)}" if part.full else shown(part.reached)

    return value


def _percent(rate: Any) -> str:
    return f"{shown(rate)}%" if rate is not None else "—"


def _change(row: UnitResult) -> str:
    if row.change is None:
        return "—"
    return f"{'+' if row.change > 0 else ''}{shown(row.change)}"
