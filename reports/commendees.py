"""名册: those in the public notice, and after the decision those commended, as a printed table."""

from datetime import datetime
from pathlib import Path

from django.utils import timezone

from creation.models import Commendation, Nomination
from reports import printed_tables, sheet_styles, sheets
from reports.printed_tables import SheetHeader, TableColumn, TableLayout

LAYOUT = TableLayout(
    (
        TableColumn("类别", 70, lambda row: row.get_kind_display(), centered=True),
        TableColumn("名称或姓名", 270, lambda row: row.shown_name),
        TableColumn("单位", 240, lambda row: row.unit.name),
        TableColumn("职务", 230, lambda row: row.post),
    ),
    page_size=sheet_styles.A4_PORTRAIT,
    header_height=24,
)


def title_of(commendation: Commendation) -> str:
    return f"{commendation}{'' if commendation.decided_on else '拟表彰'}名册"


def rows_of(commendation: Commendation) -> list[Nomination]:
    """Return the commended in the order of the office, which ranks nobody."""
    return list(commendation.nominations.commended().for_table())


def write(commendation: Commendation, path: Path, now: datetime) -> tuple[Path, int]:
    """Write the workbook; return its path and the number of rows."""
    workbook, rows = sheet_styles.new_workbook(), rows_of(commendation)
    workbook.active.title = "名册"
    note = f"数据截至 {timezone.localtime(now):%Y-%m-%d %H:%M}"
    body = printed_tables.print_table(workbook.active, LAYOUT, SheetHeader(title_of(commendation)), rows, note)
    sheet_styles.set_footer(workbook, "")
    sheets.save(workbook, {"名册": body}, path)
    return path, len(rows)
