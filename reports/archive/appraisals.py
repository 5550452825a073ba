"""Closed mock assessments as workbooks: results by unit, every score, what assessors asked for.

One that is still open stays blind and is left out.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.appraisal.results import AppraisalResults, UnitResult, results_of
from creation.models import Appraisal, AppraisalRequest, Score
from creation.operations.archive_catalogue import LackingItem
from creation.rules.retention import ArchiveCategory, ArchiveKind
from creation.rules.scoring import Sum, shown
from reports import printed_tables, sheet_styles, sheets
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.printed_tables import SheetHeader, TableColumn, TableLayout

SCORES = TableLayout(
    (
        TableColumn("评分项", 380, lambda row: str(row.point)),
        TableColumn("性质", 80, lambda row: row.point.get_effect_display(), centered=True),
        TableColumn("分值", 70, lambda row: shown(row.point.points), centered=True),
        TableColumn("单位", 130, lambda row: row.unit.short_name, centered=True),
        TableColumn("评分人", 110, lambda row: row.seat.person.name, centered=True),
        TableColumn("得分", 80, lambda row: "否决" if row.vetoed else shown(row.value), centered=True),
        TableColumn("评语", 330, lambda row: row.remark),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
)
REQUESTED = ("point__indicator", "unit", "seat__person")
REQUESTS = TableLayout(
    (
        TableColumn("评分项", 300, lambda row: str(row.point)),
        TableColumn("单位", 130, lambda row: row.unit.short_name, centered=True),
        TableColumn("评分人", 110, lambda row: row.seat.person.name, centered=True),
        TableColumn("需要补充的", 320, lambda row: row.text),
        TableColumn("答复", 320, lambda row: row.answer or "没有答复"),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
)


def appraisals(source: ArchiveSource) -> Iterator[ArchiveItem]:
    rows = Appraisal.objects.visible_to(source.reader).filter(campaign=source.campaign)
    for row in rows.select_related("campaign").order_by("starts", "pk"):
        if row.closed_at is None:
            source.lacking.append(LackingItem(row.name, "模拟考核还没有结束评分"))
            continue
        yield ArchiveItem(
            ArchiveCategory.APPRAISALS,
            ArchiveKind.APPRAISAL,
            row.name,
            "xlsx",
            issuer=source.issuer,
            dated_on=timezone.localdate(row.closed_at),
            remark=row.get_kind_display(),
            make=partial(_write_results, row),
        )


def _write_results(appraisal: Appraisal, path: Path) -> None:
    found, workbook = results_of(appraisal), sheet_styles.new_workbook()
    workbook.active.title = "结果"
    workbook.create_sheet("评分明细")
    asked = list(AppraisalRequest.objects.filter(seat__appraisal=appraisal).select_related(*REQUESTED))
    scores = Score.objects.filter(seat__appraisal=appraisal)
    scores = scores.select_related("point__indicator", "unit", "seat__person").order_by(
        "point__order", "unit__order", "seat"
    )
    bodies = {
        "结果": printed_tables.print_table(
            workbook["结果"], _result_layout(found), SheetHeader(f"{appraisal.name}结果"), found.units
        ),
        "评分明细": printed_tables.print_table(
            workbook["评分明细"], SCORES, SheetHeader(f"{appraisal.name}评分明细"), scores.iterator(chunk_size=1000)
        ),
    }
    if asked:
        sheet = workbook.create_sheet("补充材料")
        header = SheetHeader(f"{appraisal.name}补充材料的要求和答复")
        bodies["补充材料"] = printed_tables.print_table(sheet, REQUESTS, header, asked)
    sheets.save(workbook, bodies, path)


def _result_layout(found: AppraisalResults) -> TableLayout:
    def of_section(place: int, row: UnitResult) -> str:
        part = row.sections[place]
        return _sum_text(part) if part else ""

    sections = (
        TableColumn(f"{code} {title}".strip(), 120, partial(of_section, place), centered=True)
        for place, (code, title) in enumerate(found.sections)
    )
    return TableLayout(
        (
            TableColumn("单位", 140, lambda row: row.unit.short_name, centered=True),
            TableColumn("得分", 110, lambda row: _sum_text(row.whole), centered=True),
            TableColumn("得分率 %", 90, lambda row: shown(row.whole.rate), centered=True),
            *sections,
        ),
        header_height=54,
    )


def _sum_text(part: Sum) -> str:
    return "否决" if part.vetoed else f"{shown(part.score)} / {shown(part.full)}"
