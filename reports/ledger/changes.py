"""本期变化: what has changed in the tasks of a ledger since an earlier day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creation.models import ANSWERED, TaskStatus
from creation.rules.deadlines import Light
from reports.ledger.columns import day_text
from reports.ledger.rows import LedgerRow
from reports.printed_tables import TableColumn, TableLayout

KINDS = ("新报送", "新通过", "新退回", "新逾期", "新增任务")


@dataclass(frozen=True, slots=True)
class TaskChange:
    """``kinds``: 新报送, 新退回、新逾期 …; ``before``: the former status, "" when the task did not exist."""

    kinds: tuple[str, ...]
    row: LedgerRow
    before: str


LAYOUT = TableLayout(
    (
        TableColumn("变化", 150, lambda change: "、".join(change.kinds), centered=True),
        TableColumn("一级指标", 240, lambda change: change.row.section),
        TableColumn("三级指标（要点）", 330, lambda change: change.row.checkpoint),
        TableColumn("责任单位", 140, lambda change: change.row.unit, centered=True),
        TableColumn("联络员", 100, lambda change: change.row.liaison, centered=True),
        TableColumn("完成时限", 110, lambda change: day_text(change.row.due_on), centered=True),
        TableColumn(
            "上期状态", 100, lambda change: TaskStatus(change.before).label if change.before else "—", centered=True
        ),
        TableColumn("本期状态", 100, lambda change: TaskStatus(change.row.status).label, centered=True),
        TableColumn("审核结果", 300, lambda change: change.row.review),
        TableColumn("更新时间", 110, lambda change: day_text(change.row.updated_on), centered=True),
    )
)


def task_changes(rows: Iterable[LedgerRow], before: dict[int, tuple[str, str]]) -> list[TaskChange]:
    """Return the changed tasks. ``before``: task → former status and light."""
    found = (
        TaskChange(_kinds(row, *before.get(row.task, ("", ""))), row, before.get(row.task, ("", ""))[0]) for row in rows
    )
    return [change for change in found if change.kinds]


def _kinds(row: LedgerRow, status: str, light: str) -> tuple[str, ...]:
    met = (
        row.status == TaskStatus.SUBMITTED and status not in ANSWERED,
        row.status == TaskStatus.APPROVED != status,
        row.status == TaskStatus.RETURNED != status,
        row.light == Light.RED != light,
        not status,
    )
    return tuple(kind for kind, holds in zip(KINDS, met, strict=True) if holds)


def summary_text(found: Iterable[TaskChange], since: date) -> str:
    """Return a text such as 较 2026-07-24：新报送 12，新通过 8，新退回 3，新逾期 5"""
    counts = Counter(kind for change in found for kind in change.kinds)
    counts_text = "，".join(f"{kind} {counts[kind]}" for kind in KINDS if counts[kind] or kind != KINDS[-1])
    return f"较 {since:%Y-%m-%d}：{counts_text}"
