"""目录.xlsx of an archive package: 归档文件目录 for print, one block a category; the same rows to filter, with links; what is lacking."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from creation.models import Campaign
from creation.operations.archive_catalogue import CatalogueEntry, LackingItem
from creation.rules.retention import ArchiveCategory
from reports import printed_tables, sheet_styles, sheets
from reports.package.catalogue import FORBIDDEN, MAX_LINKS
from reports.printed_tables import SheetHeader, TableColumn, TableLayout

PRINTED, DATA, LACKING = "归档文件目录", "数据", "未收录"

CATALOGUE = TableLayout(
    (
        TableColumn("档号", 165, lambda row: row.reference, centered=True),
        TableColumn("文号", 130, lambda row: row.doc_number, centered=True),
        TableColumn("责任者", 150, lambda row: row.issuer, centered=True),
        TableColumn("题名", 420, lambda row: row.title),
        TableColumn("日期", 90, lambda row: row.dated_on.replace("-", ""), centered=True),
        TableColumn("页数", 50, lambda row: row.pages, centered=True),
        TableColumn("保管\n期限", 60, lambda row: row.retention, centered=True),
        TableColumn("备注", 150, lambda row: row.remark),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
)
COLUMNS = (
    TableColumn("档号", 165, lambda row: row.reference, centered=True),
    TableColumn("类别", 150, lambda row: row.category),
    TableColumn("文种", 110, lambda row: row.kind, centered=True),
    TableColumn("件号", 60, lambda row: row.number, centered=True),
    TableColumn("题名", 360, lambda row: row.title),
    TableColumn("文号", 130, lambda row: row.doc_number),
    TableColumn("责任者", 150, lambda row: row.issuer),
    TableColumn("日期", 92, lambda row: row.dated_on, centered=True),
    TableColumn("页数", 60, lambda row: row.pages, centered=True),
    TableColumn("保管期限", 80, lambda row: row.retention, centered=True),
    TableColumn("备注", 160, lambda row: row.remark),
    TableColumn("字节数", 100, lambda row: row.size, centered=True),
    TableColumn("sha256", 480, lambda row: row.sha256),
    TableColumn("所在位置", 420, lambda row: row.path),
)
MISSING = TableLayout(
    (TableColumn("题名", 520, lambda row: row.title), TableColumn("没有收录的原因", 420, lambda row: row.why)),
    page_size=sheet_styles.A4_LANDSCAPE,
)


def write(
    campaign: Campaign,
    entries: Sequence[CatalogueEntry],
    lacking: Sequence[LackingItem],
    made_at: datetime,
    path: Path,
) -> None:
    """Write the catalogue as a workbook: to print by category, as data, and a sheet of what is lacking if anything is."""
    workbook = sheet_styles.new_workbook()
    workbook.active.title = PRINTED
    for name in (DATA, *([LACKING] if lacking else [])):
        workbook.create_sheet(name)
    blocks = [(_header(campaign, made_at, category), rows) for category, rows in _by_category(entries)]
    bodies = {
        PRINTED: printed_tables.print_blocks(workbook[PRINTED], CATALOGUE, blocks),
        DATA: printed_tables.plain_table(workbook[DATA], COLUMNS, entries, len(entries)),
    }
    bodies[DATA].links = {
        f"N{number}": FORBIDDEN.sub(lambda found: f"%{ord(found[0]):02X}", entry.path)
        for number, entry in enumerate(entries[:MAX_LINKS], 2)
    }
    if lacking:
        header = SheetHeader(f"{campaign.name}未收录的材料")
        bodies[LACKING] = printed_tables.print_table(workbook[LACKING], MISSING, header, lacking)
    sheet_styles.set_footer(workbook, f"归档包生成于 {made_at:%Y-%m-%d %H:%M}")
    sheets.save(workbook, bodies, path)


def _by_category(entries: Sequence[CatalogueEntry]) -> Iterator[tuple[str, list[CatalogueEntry]]]:
    for category, rows in groupby(entries, lambda entry: entry.category):
        yield category, list(rows)


def _header(campaign: Campaign, made_at: datetime, category: str) -> SheetHeader:
    folder = ArchiveCategory(category).folder
    parts = (f"立档单位：{campaign.host.name}", f"年度：{campaign.year}", f"类别：{folder}", f"{made_at:%Y年%m月%d日}")
    return SheetHeader(f"{campaign.district}法治政府建设示范创建归档文件目录", parts)
