"""Workbooks of the last phases: the scores of a mock assessment, and the register of publicity."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from creation.appraisal import results
from creation.appraisal.results import UnitResult
from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Appraisal, Campaign, Publicity, User
from creation.rules.scoring import shown
from reports import printed_tables, sheet_styles
from reports.annexes import Annex, as_of_text
from reports.printed_tables import SheetHeader, TableColumn, TableLayout

SCORE_COLUMNS = 490  # pixels of the columns beside those of the sections
WIDEST_SECTION = 240
SCORE_HEADINGS = 60.0  # points: three lines, as the names of sections are long
PUBLICITY = TableLayout(
    (
        TableColumn("单位", 150, lambda row: row.unit.short_name, level=0),
        TableColumn("标题", 500, lambda row: row.title),
        TableColumn("媒体或平台", 200, lambda row: row.medium),
        TableColumn("级别", 70, lambda row: row.get_level_display(), centered=True),
        TableColumn("形式", 110, lambda row: row.get_kind_display(), centered=True),
        TableColumn("发布日期", 100, lambda row: f"{row.published_on:%Y-%m-%d}", centered=True),
        TableColumn("链接或附件", 500, lambda row: row.url or "、".join(file.name for file in row.files.all())),
    ),
    levels=lambda row: (row.unit_id,),
    page_size=sheet_styles.A3_LANDSCAPE,
)


def score_sheet(appraisal: Appraisal, now: datetime) -> Annex:
    """Return the results of a closed assessment: one row a unit in the office's order, and the whole district last."""
    with consistent_snapshot():
        found = results.results_of(appraisal)
    left = sheet_styles.printable_width() - printed_tables.NUMBER_WIDTH - SCORE_COLUMNS
    width = min(WIDEST_SECTION, int(left) // max(1, len(found.sections)))
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
    header = SheetHeader(f"{appraisal.campaign.district}法治政府建设示范创建模拟考核得分表（{appraisal.name}）")
    layout = TableLayout(tuple(columns), header_height=SCORE_HEADINGS)
    return Annex("得分表", layout, header, found.units, len(found.units), as_of_text(now))


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


def publicity_register(campaign: Campaign, reader: User | None, now: datetime) -> Annex:
    """Return what this person may see of the register, by unit. ``reader`` None: the operator, who sees all."""
    seen = Publicity.objects.visible_to(reader) if reader else Publicity.objects.all()
    with consistent_snapshot():
        rows = list(
            seen.active().filter(campaign=campaign).for_table().order_by("unit__order", "unit", "published_on", "pk")
        )
    return publicity_table(campaign, rows, now)


def publicity_table(campaign: Campaign, rows: Sequence[Publicity], now: datetime) -> Annex:
    """Return these entries, which are in the order of units, as the register."""
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建宣传报道登记表")
    return Annex("宣传报道", PUBLICITY, header, rows, len(rows), as_of_text(now))
