"""The plan's annexes 1 and 3 as workbooks: 任务分解表 (who does what by when) and 联络员信息表."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.utils import timezone

from creation.imports.duedays import days_of
from creation.lib.onereading import one_reading
from creation.models import Assignment, AssignmentRole, Campaign, Indicator
from creation.people import liaisons
from reports import looks, printing, sheets
from reports.ledger.columns import day_text
from reports.ledger.people import Liaison, roster
from reports.printing import Column, Form, Heads
from reports.targets import target_texts


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint with who leads and who assists it."""

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


ASSIGNMENTS = Form(
    (
        Column("一级指标", 130, lambda row: row.section, level=0),
        Column("二级指标\n（项目）", 170, lambda row: row.item, level=1),
        Column("三级指标\n（要点）", 260, lambda row: row.title),
        Column("目标值", 130, lambda row: row.target),
        Column("印证资料要求", 320, lambda row: row.proof),
        Column("牵头单位", 100, lambda row: row.lead, centered=True),
        Column("责任单位", 260, lambda row: row.assists),
        Column("责任领导", 80, lambda row: row.leader, centered=True),
        Column("联络员", 80, lambda row: row.liaison, centered=True),
        Column("完成时限", 100, lambda row: day_text(row.due_on), centered=True),
        Column("备注", 90, lambda row: row.remark, centered=True),
    ),
    levels=lambda row: (row.section, row.item),
)
LIAISONS = Form(
    (
        Column("单位", 250, lambda row: row.unit),
        Column("姓名", 110, lambda row: row.name, centered=True),
        Column("职务", 160, lambda row: row.post, centered=True),
        Column("办公电话", 150, lambda row: row.office_phone, centered=True),
        Column("手机", 150, lambda row: row.mobile, centered=True),
    ),
    paper=looks.A4_PORTRAIT,
    head_height=24,
)


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex as it was read. ``count`` is of checkpoints or people."""

    name: str
    form: Form
    heads: Heads
    rows: Sequence[Point] | Sequence[Liaison]
    count: int
    as_of: str

    @property
    def contents(self) -> Iterator[str]:
        """What it says, for the check code of a copy for the stamp; not the minute in which it was read."""
        yield self.heads.title
        yield from printing.in_words(self.form, self.rows)

    def write(self, path: Path, note: str = "") -> Path:
        """``note``: number and check code."""
        workbook = looks.new_workbook()
        workbook.active.title = self.name
        body = printing.printed(workbook.active, self.form, self.heads, self.rows, self.as_of)
        looks.put_foot(workbook, note)
        sheets.save(workbook, {self.name: body}, path)
        return path


def assignments(campaign: Campaign, now: datetime) -> Annex:
    """Annex 1."""
    with one_reading():
        rows = list(points(campaign, timezone.localdate(now)))
    heads = Heads(f"{campaign.district}法治政府建设示范创建任务分解表", annex="附件1")
    return Annex("任务分解表", ASSIGNMENTS, heads, rows, len(rows), _as_of(now))


def liaison_list(campaign: Campaign, now: datetime, *, in_full: bool) -> Annex:
    """Annex 3. ``in_full``: with unmasked telephone numbers."""
    with one_reading():
        rows = [row for _, row in roster(campaign, timezone.localdate(now), in_full=in_full)]
    heads = Heads(f"{campaign.district}法治政府建设示范创建联络员信息表", annex="附件3")
    count = len([row for row in rows if row.mobile])
    return Annex("联络员信息表", LIAISONS, heads, rows, count, _as_of(now))


def _as_of(now: datetime) -> str:
    return f"数据截至 {timezone.localtime(now):%Y-%m-%d %H:%M}"


def points(campaign: Campaign, today: date) -> Iterator[Point]:
    """Every checkpoint of the campaign's indicator system in its order, assigned or not yet."""
    parts: dict[int, list[Assignment]] = defaultdict(list)
    for part in Assignment.objects.filter(campaign=campaign).select_related("unit").order_by("unit__order", "unit"):
        parts[part.indicator_id].append(part)
    names = _liaisons(campaign, today)
    dues = days_of(campaign)
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
) -> Point:
    lead = next((part.unit for part in parts if part.role == AssignmentRole.LEAD), None)
    assists = [part.unit.short_name for part in parts if part.role == AssignmentRole.ASSIST]
    item = point.parent
    section = item.parent if item else None
    example = any(part.example for part in parts) and not campaign.assignments_confirmed
    return Point(
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
    """Unit → the name of its first liaison."""
    return {post.unit.pk: post.people[0].name for post in liaisons.roster(campaign, today) if post.people}
