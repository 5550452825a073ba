"""Workbooks of the last phases: the register of publicity and the list of typical cases."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Campaign, Publicity, TypicalCase, User
from creation.publicity.forms.publicity import CaseFilter, PublicityFilter
from reports import sheet_styles
from reports.annexes import Annex, as_of_text
from reports.ledger.columns import day_text
from reports.printed_tables import SheetHeader, TableColumn, TableLayout

NO_CONDITIONS: Mapping[str, Any] = MappingProxyType({})
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

CASES = TableLayout(
    (
        TableColumn("单位", 130, lambda row: row.unit.short_name, centered=True),
        TableColumn("题目", 400, lambda row: row.title),
        TableColumn("状态", 90, lambda row: row.get_state_display(), centered=True),
        TableColumn("报送日期", 100, lambda row: day_text(_day_of(row.submitted_at)), centered=True),
        TableColumn("审核人", 90, lambda row: row.judged_by.name if row.judged_by else "", centered=True),
        TableColumn("审核意见", 260, lambda row: row.comment),
    ),
    page_size=sheet_styles.A4_LANDSCAPE,
    header_height=24,
)


def _day_of(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def publicity_register(
    campaign: Campaign, reader: User | None, now: datetime, conditions: Mapping[str, Any] = NO_CONDITIONS
) -> tuple[Annex, frozenset[int]]:
    """Return what this person may see of the register, by unit, and the keys of its links in the library.

    ``reader`` None: the operator, who sees all. ``conditions``: of the list on screen.
    """
    seen = Publicity.objects.visible_to(reader) if reader else Publicity.objects.all()
    found = PublicityFilter(conditions, seen.active().filter(campaign=campaign))
    with consistent_snapshot():
        rows = list(found.qs.for_table().order_by("unit__order", "unit", "published_on", "pk"))
    links = [row.evidence for row in rows if row.evidence and row.evidence.deleted_at is None]
    return publicity_table(campaign, rows, now), frozenset(each.pk for each in links)


def publicity_table(campaign: Campaign, rows: Sequence[Publicity], now: datetime) -> Annex:
    """Return these entries, which are in the order of units, as the register."""
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建宣传报道登记表")
    return Annex("宣传报道", PUBLICITY, header, rows, len(rows), as_of_text(now))


def case_list(
    campaign: Campaign, reader: User | None, now: datetime, conditions: Mapping[str, Any] = NO_CONDITIONS
) -> Annex:
    """Return the typical cases that this person may see, in the order of units. ``reader`` None: the operator, who sees all."""
    seen = TypicalCase.objects.visible_to(reader) if reader else TypicalCase.objects.all()
    found = CaseFilter(conditions, seen.filter(campaign=campaign))
    with consistent_snapshot():
        rows = list(found.qs.for_table())
    header = SheetHeader(f"{campaign.district}法治政府建设示范创建典型经验一览表")
    return Annex("典型经验", CASES, header, rows, len(rows), as_of_text(now))
