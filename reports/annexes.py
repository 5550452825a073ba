"""The plan's annexes 1 and 3 as workbooks: 任务分解表 (who does what by when) and 联络员信息表."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from creation.imports.due_days import due_days_of
from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Assignment, AssignmentRole, Campaign, Indicator
from creation.people import liaisons
from reports import printed_tables, sheet_styles, sheets
from reports.ledger.columns import day_text
from reports.ledger.people import roster
from reports.printed_tables import SheetHeader, TableColumn, TableLayout
from reports.targets import target_texts


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """A checkpoint with its lead and assisting units."""

    section: str
    item: str
    title: str
    target: str
    proof: str
    lead: str
    assists: str
    leader: str
    liaison: str
    due_on: date | None
    remark: str


ASSIGNMENTS = TableLayout(
    (
        TableColumn("一级指标", 130, lambda row: row.section, level=0),
        TableColumn("二级指标\n（项目）", 170, lambda row: row.item, level=1),
        TableColumn("三级指标\n（要点）", 260, lambda row: row.title),
        TableColumn("目标值", 130, lambda row: row.target),
        TableColumn("印证资料要求", 320, lambda row: row.proof),
        TableColumn("牵头单位", 100, lambda row: row.lead, centered=True),
        TableColumn("责任单位", 260, lambda row: row.assists),
        TableColumn("责任领导", 80, lambda row: row.leader, centered=True),
        TableColumn("联络员", 80, lambda row: row.liaison, centered=True),
        TableColumn("完成时限", 100, lambda row: day_text(row.due_on), centered=True),
        TableColumn("备注", 90, lambda row: row.remark, centered=True),
    ),
    levels=lambda row: (row.section, row.item),
)
LIAISONS = TableLayout(
    (
        TableColumn("单位", 250, lambda row: row.unit),
        TableColumn("姓名", 110, lambda row: row.name, centered=True),
        TableColumn("职务", 160, lambda row: row.post, centered=True),
        TableColumn("办公电话", 150, lambda row: row.office_phone, centered=True),
        TableColumn("手机", 150, lambda row: row.mobile, centered=True),
    ),
    page_size=sheet_styles.A4_PORTRAIT,
    header_height=24,
)


@dataclass(frozen=True, slots=True)
class Annex:
    """A workbook of one printed table, such as an annex. ``count`` is the number of rows, of checkpoints or of people.

    ``evidence``: keys of the pieces that it names.
    """

    name: str
    layout: TableLayout
    header: SheetHeader
    rows: Sequence[Any]
    count: int
    as_of: str
    evidence: frozenset[int] = frozenset()

    @property
    def contents(self) -> Iterator[str]:
        """Yield its texts, for the check code of a copy to be stamped; without the time at which it was read."""
        yield self.header.title
        yield from printed_tables.row_texts(self.layout, self.rows)

    def write(self, path: Path, note: str = "") -> Path:
        """Write the workbook. ``note``: number and check code."""
        workbook = sheet_styles.new_workbook()
        workbook.active.title = self.name
        body = printed_tables.print_table(workbook.active, self.layout, self.header, self.rows, self.as_of)
        sheet_styles.set_footer(workbook, note)
        sheets.save(workbook, {self.name: body}, path)
        return path


def assignments(campaign: Campaign, now: datetime) -> Annex:
    """Return annex 1, the breakdown of tasks: a row a checkpoint."""
    with consistent_snapshot():
        rows = list(assignment_rows(campaign, timezone.localdate(now)))
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建任务分解表", annex="附件1")
    return Annex("任务分解表", ASSIGNMENTS, header, rows, len(rows), as_of_text(now))


def liaison_list(campaign: Campaign, now: datetime, *, in_full: bool) -> Annex:
    """Return annex 3, the list of liaisons. ``in_full``: with unmasked telephone numbers."""
    with consistent_snapshot():
        rows = [row for _, row in roster(campaign, timezone.localdate(now), in_full=in_full)]
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建联络员信息表", annex="附件3")
    count = len([row for row in rows if row.mobile])
    return Annex("联络员信息表", LIAISONS, header, rows, count, as_of_text(now))


def list_annex(
    name: str, title: str, layout: TableLayout, rows: Iterable[Any], campaign: Campaign, now: datetime
) -> Annex:
    """Return a list of the campaign as a workbook; ``title`` stands behind the district's name."""
    with consistent_snapshot():
        found = list(rows)
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建{title}")
    return Annex(name, layout, header, found, len(found), as_of_text(now))


def as_of_text(now: datetime) -> str:
    return f"数据截至 {timezone.localtime(now):%Y-%m-%d %H:%M}"


def assignment_rows(campaign: Campaign, today: date) -> Iterator[BreakdownRow]:
    """Yield every checkpoint of the campaign's indicator system in order, assigned or not."""
    parts: dict[int, list[Assignment]] = defaultdict(list)
    for part in Assignment.objects.filter(campaign=campaign).select_related("unit").order_by("unit__order", "unit"):
        parts[part.indicator_id].append(part)
    names = _liaisons(campaign, today)
    dues = due_days_of(campaign)
    targets = target_texts(campaign)
    checkpoints = campaign.system.indicators.checkpoints().select_related("parent__parent").order_by("order")
    for point in checkpoints:
        yield _point(point, parts[point.pk], names, dues.get(point.pk), targets.get(point.pk, ""), campaign)


def _point(
    point: Indicator,
    parts: list[Assignment],
    names: dict[int, str],
    due_on: date | None,
    target: str,
    campaign: Campaign,
) -> BreakdownRow:
    lead = next((part.unit for part in parts if part.role == AssignmentRole.LEAD), None)
    assists = [part.unit.short_name for part in parts if part.role == AssignmentRole.ASSIST]
    item = point.parent
    section = item.parent if item else None
    example = any(part.example for part in parts) and not campaign.assignments_confirmed
    return BreakdownRow(
        section=f"{section.code} {section.title}" if section else "",
        item=f"{item.code} {item.title}" if item else "",
        title=f"{point.code} {point.title}",
        target=target,
        proof=point.proof,
        lead=lead.short_name if lead else "",
        assists="、".join(assists),
        leader=lead.leader if lead else "",
        liaison=names.get(lead.pk, "") if lead else "",
        due_on=due_on,
        remark="示例分工" if example else "",
    )


def _liaisons(campaign: Campaign, today: date) -> dict[int, str]:
    """Return unit → the name of its first liaison."""
    return {post.unit.pk: post.people[0].name for post in liaisons.roster(campaign, today) if post.people}
