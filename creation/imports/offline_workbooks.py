"""The current table of a kind as a workbook, to be filled in offline and imported again."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from creation.audit.actor import Actor
from creation.imports.kinds import ImportKind
from creation.lib import strings
from creation.models import Campaign
from creation.rules import plain_text

HEAD_ROW = 3
KEYS = 2  # columns that identify the row; read-only columns follow to their right
THIN = Side(style="thin", color="999999")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", start_color="DCE6F1", end_color="DCE6F1")
MIN_WIDTH, MAX_WIDTH = 9, 42  # in half-width characters
LINE_HEIGHT, MAX_HEIGHT = 15, 240  # in points


def workbook(kind: ImportKind, campaign: Campaign, actor: Actor) -> bytes:
    """Return the workbook. Codes are stored as text, the heading is frozen, and the line “数据截至” says when the table was made."""
    book = Workbook()
    sheet = book.active
    sheet.title = kind.sheet
    headings = [column.heading for column in kind.exported_columns]
    headings[KEYS:KEYS] = kind.read_only_headings
    moment = f"{timezone.localtime(actor.at):%Y-%m-%d %H:%M:%S}"
    sheet.append([_writable(f"{campaign} {kind.title}")])
    sheet.append([f"数据截至 {moment}（导入时据此判断网上是否另有改动，请不要删去这一行）"])
    sheet.append(headings)
    rows = [list(map(_writable, row)) for row in kind.rows(campaign, actor)]
    _fill(sheet, rows)
    _style(sheet, headings, [_width([heading, *column]) for heading, *column in zip(headings, *rows, strict=True)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _writable(value: Any) -> Any:
    """Return the value without control characters, which a workbook cannot hold."""
    return plain_text.cleaned(value) if isinstance(value, str) else value


def _width(values: Iterable[Any]) -> int:
    """Return a width for the longest value, within limits."""
    return min(MAX_WIDTH, max(MIN_WIDTH, *(_length(value) + 2 for value in values)))


def _length(value: Any) -> int:
    """Return the length of the longest line in half-width characters."""
    lines = str("" if value is None else value).split("\n")
    return max(sum(2 if ord(char) > 0x2E7F else 1 for char in line) for line in lines)


def _fill(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    for number, row in enumerate(rows, HEAD_ROW + 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type, cell.number_format = "s", "@"  # "=…" stays text, and 4-3-3 does not become a date
                cell.quotePrefix = strings.is_formula_like(value)
            cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), BORDER
        sheet.row_dimensions[number].height = min(MAX_HEIGHT, LINE_HEIGHT * max(map(_lines, row), default=1))


def _lines(value: Any) -> int:
    lines = str("" if value is None else value).split("\n")
    return sum(max(1, -(-_length(line) // (MAX_WIDTH - 2))) for line in lines)


def _style(sheet: Any, headings: Sequence[str], widths: Sequence[int]) -> None:
    sheet["A1"].data_type = "s"  # a campaign may be called “=…”
    sheet["A1"].font = Font(size=14, bold=True)
    sheet["A2"].font = Font(color="666666")
    for number in range(1, len(headings) + 1):
        cell = sheet.cell(HEAD_ROW, number)
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD_FILL, BORDER
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[get_column_letter(number)].width = widths[number - 1]
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 3)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8  # 8 is A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
