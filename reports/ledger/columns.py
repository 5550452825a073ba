"""The columns of 创建工作台账 (annex 2 of the plan): what is printed, and what stands on 数据 for filtering."""

from datetime import date

from creation.models import TaskStatus
from creation.rules.deadlines import LIGHT_NAMES, Light
from reports.ledger.rows import LedgerRow
from reports.printing import Column, Form


def day_text(day: date | None) -> str:
    """On paper a date is text: it wraps where a number would print as ###."""
    return f"{day:%Y-%m-%d}" if day else ""


def _due(row: LedgerRow) -> str:
    """A due day that is a day off names the workday before."""
    before = f"\n（休息日，{row.due_before:%m-%d}前）" if row.due_before else ""
    return day_text(row.due_on) + before


SECTION, ITEM, POINT = 0, 1, 2
COLUMNS = (
    Column("一级指标", 66, lambda row: row.section, level=SECTION),
    Column("二级指标\n（项目）", 74, lambda row: row.item, level=ITEM),
    Column("三级指标\n（要点）", 96, lambda row: row.point, level=POINT),
    Column("目标值", 64, lambda row: row.target, level=POINT),
    Column("印证资料要求", 132, lambda row: row.proof, level=POINT),
    Column("牵头单位", 60, lambda row: row.lead, centered=True, level=POINT),
    Column("责任单位", 66, lambda row: row.unit, centered=True),
    Column("责任\n领导", 50, lambda row: row.leader, centered=True),
    Column("联络员", 50, lambda row: row.liaison, centered=True),
    Column("完成时限", 90, _due, centered=True),
    Column("工作措施", 140, lambda row: row.measures),
    Column("进展情况", 128, lambda row: row.progress),
    Column("完成情况", 136, lambda row: row.results),
    Column("提供\n方式", 50, lambda row: row.mode, centered=True),
    Column("印证资料\n（编号、名称、份数）", 178, lambda row: row.evidence),
    Column("审核结果", 80, lambda row: row.review, centered=True),
    Column("存在问题", 100, lambda row: row.problem),
    Column("整改时限", 90, lambda row: day_text(row.rectify_by), centered=True),
    Column("更新时间", 90, lambda row: day_text(row.updated_on), centered=True),
    Column("备注", 58, lambda row: row.remark, centered=True),
)
DATA_COLUMNS = (
    Column("编号", 0, lambda row: row.code),
    *COLUMNS[:6],
    Column("责任单位", 0, lambda row: row.unit_name),
    Column("分工", 0, lambda row: row.role),
    Column("阶段", 0, lambda row: row.phase),
    Column("状态", 0, lambda row: TaskStatus(row.status).label),
    Column("灯", 0, lambda row: LIGHT_NAMES[Light(row.light)]),
    *COLUMNS[7:9],
    Column("完成时限", 0, lambda row: row.due_on, centered=True),
    *COLUMNS[10:15],
    Column("份数", 0, lambda row: row.evidence_count, centered=True),
    *COLUMNS[15:17],
    Column("整改时限", 0, lambda row: row.rectify_by, centered=True),
    Column("更新时间", 0, lambda row: row.updated_on, centered=True),
    Column("备注", 0, lambda row: row.remark, centered=True),
)
FORM = Form(COLUMNS, levels=lambda row: (row.section, row.item, row.point_key))
