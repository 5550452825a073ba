"""Self-assessment and application: the final report, what was entered on the national site, and its receipts."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.utils import timezone

from creation.audit.actor import Actor
from creation.lib import filenames
from creation.models import ApplicationReceipt, PaperKind
from creation.papers.application_entries import ApplicationItem, application_items
from creation.papers.final_assessment import latest_final
from creation.rules.retention import ArchiveCategory, ArchiveKind
from reports import printed_tables, sheet_styles, sheets
from reports.archive.items import ArchiveItem, ArchiveSource
from reports.archive.papers import papers_with_scans
from reports.printed_tables import SheetHeader, TableColumn, TableLayout
from reports.word import paper_files

TITLE = "申报登记表"
REGISTER = TableLayout(
    (
        TableColumn("编号", 80, lambda row: row.indicator.code, centered=True),
        TableColumn("要点", 360, lambda row: row.indicator.title),
        TableColumn("牵头单位", 120, lambda row: row.task.unit.short_name if row.task else "", centered=True),
        TableColumn("状态", 90, lambda row: row.task.get_status_display() if row.task else "", centered=True),
        TableColumn("上传人", 100, lambda row: str(row.entry.created_by) if row.entry else "", centered=True),
        TableColumn("上传时间", 130, lambda row: _entered_at(row), centered=True),
        TableColumn("备注", 200, lambda row: row.entry.note if row.entry else ""),
        TableColumn("登记后的变化", 160, lambda row: row.change, centered=True),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
)


def application(source: ArchiveSource) -> Iterator[ArchiveItem]:
    """Yield the numbered reports, or the report as it is now where none was numbered; the register; the receipts."""
    category, today = ArchiveCategory.APPLICATION, timezone.localdate(source.now)
    reports = list(papers_with_scans(source, category, PaperKind.ASSESSMENT))
    yield from reports
    if not reports:
        yield ArchiveItem(
            category,
            ArchiveKind.ASSESSMENT,
            f"{source.campaign.district}法治政府建设示范创建自评报告（未编号）",
            "docx",
            issuer=source.issuer,
            dated_on=today,
            make=partial(_write_assessment, source),
        )
    final = latest_final(source.campaign)
    items = application_items(source.campaign, source.reader)
    yield ArchiveItem(
        category,
        ArchiveKind.APPLICATION,
        TITLE,
        "xlsx",
        issuer=source.issuer,
        dated_on=today,
        remark=f"自评报告定稿 {final.paper.number}，摘要 {final.digest[:16]}" if final else "",
        make=partial(_write_register, source, items),
    )
    receipts = ApplicationReceipt.objects.filter(entry__campaign=source.campaign).select_related("entry__indicator")
    for row in receipts.order_by("entry__indicator__order", "pk"):
        yield ArchiveItem(
            category,
            ArchiveKind.RECEIPT,
            f"{row.entry.indicator.code} 申报平台回执",
            filenames.extension(row.name),
            issuer=source.issuer,
            dated_on=timezone.localdate(row.created_at),
            remark=row.entry.note or row.name,
            key=row.blob,
            sha256=row.sha256,
        )


def _write_assessment(source: ArchiveSource, path: Path) -> None:
    made = paper_files.make_assessment(source.campaign, Actor(source.reader, source.now), path.parent, for_stamp=False)
    made.path.replace(path)


def _write_register(source: ArchiveSource, items: list[ApplicationItem], path: Path) -> None:
    workbook = sheet_styles.new_workbook()
    workbook.active.title = TITLE
    header = SheetHeader(f"{source.campaign.district}法治政府建设示范创建{TITLE}")
    sheets.save(workbook, {TITLE: printed_tables.print_table(workbook.active, REGISTER, header, items)}, path)


def _entered_at(row: ApplicationItem) -> str:
    return f"{timezone.localtime(row.entry.created_at):%Y-%m-%d %H:%M}" if row.entry else ""
