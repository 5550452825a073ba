"""The columns of 创建工作台账 (annex 2 of the plan): those printed, and those of the sheet 数据 for filtering."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from creation.models import TaskStatus
from creation.rules.deadlines import LIGHT_NAMES, Light
from reports.ledger.rows import LedgerRow
from reports.printed_tables import TableColumn, TableLayout


def day_text(day: date | None) -> str:
    """Return the date as text, which wraps in a narrow cell, where a number would be shown as ###."""
    return f"{day:%Y-%m-%d}" if day else ""


def _due(row: LedgerRow) -> str:
    """Return the due day; if it is a day off, also the workday before."""
    before = f"\n（休息日，{row.due_before:%m-%d}前）" if row.due_before else ""
    return day_text(row.due_on) + before


SECTION, ITEM, POINT = 0, 1, 2
COLUMNS = (
    TableColumn("一级指标", 66, lambda row: row.section, level=SECTION),
    TableColumn("二级指标\n（项目）", 74, lambda row: row.item, level=ITEM),
    TableColumn("三级指标\n（要点）", 96, lambda row: row.checkpoint, level=POINT),
    TableColumn("目标值", 64, lambda row: row.target, level=POINT),
    TableColumn("印证资料要求", 132, lambda row: row.proof, level=POINT),
    TableColumn("牵头单位", 60, lambda row: row.lead, centered=True, level=POINT),
    TableColumn("责任单位", 66, lambda row: row.unit, centered=True),
    TableColumn("责任\n领导", 50, lambda row: row.leader, centered=True),
    TableColumn("联络员", 50, lambda row: row.liaison, centered=True),
    TableColumn("完成时限", 90, _due, centered=True),
    TableColumn("工作措施", 140, lambda row: row.measures),
    TableColumn("进展情况", 128, lambda row: row.progress),
    TableColumn("完成情况", 136, lambda row: row.results),
    TableColumn("提供\n方式", 50, lambda row: row.mode, centered=True),
    TableColumn("印证资料\n（编号、名称、份数）", 178, lambda row: row.evidence),
    TableColumn("审核结果", 80, lambda row: row.review, centered=True),
    TableColumn("存在问题", 100, lambda row: row.problem),
    TableColumn("整改时限", 90, lambda row: day_text(row.rectify_by), centered=True),
    TableColumn("更新时间", 90, lambda row: day_text(row.updated_on), centered=True),
    TableColumn("备注", 58, lambda row: row.remark, centered=True),
)


def _printed(first: str, last: str) -> tuple[TableColumn, ...]:
    """Return the printed columns from one heading to another, for the sheet 数据."""
    headings = [column.heading for column in COLUMNS]
    return COLUMNS[headings.index(first) : headings.index(last) + 1]


DATA_COLUMNS = (
    TableColumn("编号", 0, lambda row: row.code),
    *_printed("一级指标", "牵头单位"),
    TableColumn("责任单位", 0, lambda row: row.unit_name),
    TableColumn("分工", 0, lambda row: row.role),
    TableColumn("阶段", 0, lambda row: row.phase),
    TableColumn("状态", 0, lambda row: TaskStatus(row.status).label),
    TableColumn("灯", 0, lambda row: LIGHT_NAMES[Light(row.light)]),
    *_printed("责任\n领导", "联络员"),
    TableColumn("完成时限", 0, lambda row: row.due_on, centered=True),
    *_printed("工作措施", "印证资料\n（编号、名称、份数）"),
    TableColumn("份数", 0, lambda row: row.evidence_count, centered=True),
    *_printed("审核结果", "存在问题"),
    TableColumn("整改时限", 0, lambda row: row.rectify_by, centered=True),
    TableColumn("更新时间", 0, lambda row: row.updated_on, centered=True),
    TableColumn("备注", 0, lambda row: row.remark, centered=True),
)
LAYOUT = TableLayout(COLUMNS, levels=lambda row: (row.section, row.item, row.checkpoint_key))

QUOTATION = TableColumn("指标原文", 128, lambda row: row.quotation, level=POINT)
NARROWER = {
    "印证资料要求": 24,
    "工作措施": 22,
    "进展情况": 18,
    "完成情况": 18,
    "印证资料\n（编号、名称、份数）": 26,
    "存在问题": 20,
}


def _with_quotation(columns: Sequence[TableColumn]) -> tuple[TableColumn, ...]:
    """Return the columns with 指标原文 after the checkpoint; its width is taken from others."""
    narrowed = [replace(each, pixels=max(each.pixels - NARROWER.get(each.heading, 0), 0)) for each in columns]
    place = columns.index(COLUMNS[POINT]) + 1
    return (*narrowed[:place], QUOTATION, *narrowed[place:])


COLUMNS_WITH_QUOTATION, DATA_COLUMNS_WITH_QUOTATION = _with_quotation(COLUMNS), _with_quotation(DATA_COLUMNS)
LAYOUT_WITH_QUOTATION = replace(LAYOUT, columns=COLUMNS_WITH_QUOTATION)


def has_quotations(rows: Iterable[LedgerRow]) -> bool:
    """Return whether any checkpoint has an official wording; without one, the ledger has no column for it."""
    return any(row.quotation for row in rows)


def layout_for(rows: Iterable[LedgerRow]) -> TableLayout:
    return LAYOUT_WITH_QUOTATION if has_quotations(rows) else LAYOUT


def data_columns_for(rows: Iterable[LedgerRow]) -> tuple[TableColumn, ...]:
    return DATA_COLUMNS_WITH_QUOTATION if has_quotations(rows) else DATA_COLUMNS
