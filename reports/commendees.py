"""名册: those in the public notice, and after the decision those commended; and all nominations with what lies beside them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from creation.commendation import voting
from creation.commendation.facts import facts_by_unit
from creation.commendation.voting import VoteResult
from creation.models import Commendation, Nomination
from reports import printed_tables, sheet_styles, sheets
from reports.annexes import Annex, as_of_text
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


NOMINEES = TableLayout(
    (
        TableColumn("类别", 60, lambda row: row.nomination.get_kind_display(), centered=True),
        TableColumn("名称或姓名", 150, lambda row: row.nomination.shown_name),
        TableColumn("单位", 130, lambda row: row.nomination.unit.short_name),
        TableColumn("职务", 110, lambda row: row.nomination.post),
        TableColumn("主要事迹", 330, lambda row: row.nomination.merits),
        TableColumn("推荐理由", 200, lambda row: row.nomination.reason),
        TableColumn("单位在本活动中", 170, lambda row: row.facts),
        TableColumn("征求意见", 190, lambda row: row.opinions),
        TableColumn("表决", 130, lambda row: row.votes, centered=True),
        TableColumn("结果", 100, lambda row: row.outcome, centered=True),
    ),
    page_size=sheet_styles.A3_LANDSCAPE,
    header_height=24,
)


@dataclass(frozen=True, slots=True)
class NomineeRow:
    nomination: Nomination
    facts: str
    opinions: str
    votes: str
    outcome: str


def nominees(commendation: Commendation, now: datetime) -> Annex:
    """Return all nominations that were not withdrawn, in the order of the office, with the facts beside each."""
    found = list(commendation.nominations.active().for_table().prefetch_related("consultations"))
    facts = facts_by_unit(commendation.campaign, {row.unit_id for row in found}, timezone.localdate(now))
    results = voting.results_of(commendation)
    commended = set(commendation.nominations.commended().values_list("pk", flat=True))
    rows = [
        NomineeRow(
            row,
            facts[row.unit_id].as_text,
            _opinions(row),
            _votes(results.get(row.pk)),
            _outcome(row, commendation, row.pk in commended),
        )
        for row in found
    ]
    header = SheetHeader(f"{commendation}提名汇总表")
    return Annex("提名汇总表", NOMINEES, header, rows, len(rows), as_of_text(now))


def _opinions(row: Nomination) -> str:
    return "\n".join(
        f"{each.organ}：{each.get_opinion_display() if each.answered_on else '等待答复'}"
        + (f"，{each.answer}" if each.answer else "")
        for each in row.consultations.all()
    )


def _votes(result: VoteResult | None) -> str:
    if result is None:
        return ""
    recused = f"，回避 {result.recused}" if result.recused else ""
    return f"同意 {result.yes}，不同意 {result.no}，弃权 {result.abstained}{recused}"


def _outcome(row: Nomination, commendation: Commendation, is_commended: bool) -> str:
    if not commendation.public_from:
        return ""
    if is_commended:
        return "表彰" if commendation.decided_on else "公示"
    return "异议成立，不予表彰" if row.proposed else "没有列入公示"


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
