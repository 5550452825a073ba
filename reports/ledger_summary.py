"""The 汇总 sheet: figures by section and by unit, counted from the very rows of the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports import looks
from reports.ledger_rows import LedgerRow

HEADINGS = ("任务数", "已通过", "待审核", "退回", "未报送", "其中逾期", "资料份数", "报送率", "办结率")
WIDTHS = (300, 88, 88, 88, 88, 88, 88, 88, 88, 88)
SCALE = 100


@dataclass
class Tally:
    total: int = 0
    approved: int = 0
    submitted: int = 0
    returned: int = 0
    waiting: int = 0
    overdue: int = 0
    evidence: int = 0

    def add(self, row: LedgerRow) -> None:
        self.total += 1
        self.approved += row.status == "已通过"
        self.submitted += row.status == "已报送"
        self.returned += row.status == "退回"
        self.waiting += row.status in ("待办", "待审签")
        self.overdue += row.light == "已逾期"
        self.evidence += row.evidence_count

    def values(self) -> tuple[int | float, ...]:
        answered = (self.approved + self.submitted) / self.total if self.total else 0.0
        done = self.approved / self.total if self.total else 0.0
        return (
            self.total,
            self.approved,
            self.submitted,
            self.returned,
            self.waiting,
            self.overdue,
            self.evidence,
            answered,
            done,
        )


def write_summary(sheet: Worksheet, rows: Iterable[LedgerRow], title: str, notes: Iterable[str]) -> None:
    """``notes``: lines below the title, such as the moment the figures are of."""
    rows = list(rows)
    for number, pixels in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = looks.column_width(pixels)
    at = _heading(sheet, f"{title}汇总", notes)
    at = _table(sheet, at, "按一级指标", rows, lambda row: row.section)
    _table(sheet, at + 1, "按责任单位", rows, lambda row: row.unit_name)
    looks.set_up_page(sheet, head_row=1, scale=SCALE)
    sheet.print_title_rows = None
    sheet.freeze_panes = None


def _heading(sheet: Worksheet, title: str, notes: Iterable[str]) -> int:
    last = get_column_letter(len(WIDTHS))
    for number, (text, style) in enumerate([(title, looks.TITLE), *((note, looks.LINE) for note in notes)], 1):
        looks.put(sheet, number, 1, text, style)
        sheet.merge_cells(f"A{number}:{last}{number}")
        sheet.row_dimensions[number].height = 36 if number == 1 else 20
    return number + 1


def _table(sheet: Worksheet, at: int, heading: str, rows: list[LedgerRow], key: Callable[[LedgerRow], str]) -> int:
    """One table with a total; gives the next free row."""
    tallies: dict[str, Tally] = {}
    total = Tally()
    for row in rows:
        tallies.setdefault(key(row), Tally()).add(row)
        total.add(row)
    for column, text in enumerate((heading, *HEADINGS), 1):
        looks.put(sheet, at, column, text, looks.HEAD)
    sheet.row_dimensions[at].height = 24
    for name, tally in [*tallies.items(), ("合计", total)]:
        at += 1
        looks.put(sheet, at, 1, name, looks.TEXT)
        for column, value in enumerate(tally.values(), 2):
            looks.put(sheet, at, column, value, looks.PERCENT if column > len(HEADINGS) - 1 else looks.CENTERED)
        sheet.row_dimensions[at].height = 20
    return at + 1
