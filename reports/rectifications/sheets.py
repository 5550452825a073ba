"""The sheets of 两清单一台账: figures, 本期变化, 问题清单, 责任清单, 整改台账."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from creation.models import TaskStatus
from creation.models.task import RECTIFICATION_STATES
from creation.rules.deadlines import RECTIFICATION_LIGHT_NAMES, Light
from creation.rules.percent import percent_text
from creation.tasks.rectification_figures import RectificationFigures
from reports.ledger.columns import day_text
from reports.printed_tables import TableColumn, TableLayout
from reports.rectifications.rows import RectificationRow, break_down

CLOSED = {True: "是", False: "否"}
NO_POINT = "不对应要点"

# 统计


@dataclass(frozen=True, slots=True)
class FiguresRow:
    by: str
    name: str
    findings: int
    figures: RectificationFigures


FIGURES = TableLayout(
    (
        TableColumn("分组", 130, lambda row: row.by, centered=True, level=0),
        TableColumn("名称", 420, lambda row: row.name),
        TableColumn("问题", 110, lambda row: row.findings, centered=True),
        TableColumn("整改", 110, lambda row: row.figures.total, centered=True),
        TableColumn("已销号", 110, lambda row: row.figures.closed, centered=True),
        TableColumn("未销号", 110, lambda row: row.figures.open, centered=True),
        TableColumn("待核查", 110, lambda row: row.figures.waiting, centered=True),
        TableColumn("逾期", 110, lambda row: row.figures.overdue, centered=True),
        TableColumn("长期坚持", 110, lambda row: row.figures.long_term, centered=True),
        TableColumn("反弹", 110, lambda row: row.figures.relapsed, centered=True),
        TableColumn("销号率", 170, lambda row: percent_text(row.figures.closed_rate), centered=True),
        TableColumn("按期销号率", 170, lambda row: percent_text(row.figures.in_time_rate), centered=True),
    ),
    levels=lambda row: (row.by,),
)


def figures_rows(rows: Sequence[RectificationRow], titles: Mapping[str, str]) -> list[FiguresRow]:
    """Return the figures of all, and by source, unit and section. ``titles``: section → its name."""
    found = break_down(rows)
    sources = dict.fromkeys(row.finding.source for row in rows)
    units = {row.unit_key: row.unit for row in sorted(rows, key=lambda row: row.unit_order)}
    ordered = sorted(rows, key=lambda row: (not row.finding.section, row.finding.section_order))
    sections = dict.fromkeys(row.finding.section for row in ordered)

    def count(key: object, of: str) -> int:
        return len({row.finding.pk for row in rows if _key(row, of) == key})

    return [
        FiguresRow("合计", "", len({row.finding.pk for row in rows}), found.whole),
        *(FiguresRow("按来源", name, count(name, "source"), found.sources[name]) for name in sources),
        *(FiguresRow("按单位", name, count(key, "unit"), found.units[key]) for key, name in units.items()),
        *(
            FiguresRow("按一级指标", titles.get(code, "") or NO_POINT, count(code, "section"), found.sections[code])
            for code in sections
        ),
    ]


def _key(row: RectificationRow, of: str) -> object:
    return {"source": row.finding.source, "unit": row.unit_key, "section": row.finding.section}[of]


# 本期变化

KINDS = ("新增", "新报整改", "销号", "退回", "反弹", "新逾期")


@dataclass(frozen=True, slots=True)
class RectificationChange:
    """``before``: the former status, "" when the rectification did not exist."""

    kinds: tuple[str, ...]
    row: RectificationRow
    before: str


CHANGES = TableLayout(
    (
        TableColumn("变化", 160, lambda change: "、".join(change.kinds), centered=True),
        TableColumn("编号", 90, lambda change: change.row.finding.code, centered=True),
        TableColumn("问题来源", 150, lambda change: change.row.finding.wording["source"], centered=True),
        TableColumn("问题表述", 500, lambda change: change.row.finding.problem),
        TableColumn("责任单位", 140, lambda change: change.row.unit, centered=True),
        TableColumn("完成时限", 120, lambda change: day_text(change.row.due_on) or "待定", centered=True),
        TableColumn("上期状态", 110, lambda change: _name(change.before), centered=True),
        TableColumn("本期状态", 110, lambda change: change.row.status_name, centered=True),
        TableColumn("进展", 390, lambda change: change.row.progress),
    )
)


def _name(status: str) -> str:
    return RECTIFICATION_STATES[TaskStatus(status)] if status else "—"


def changes(rows: Iterable[RectificationRow], before: Mapping[int, tuple[str, str, int]]) -> list[RectificationChange]:
    """Return what changed. ``before``: task → former status, light, and how often it had come back."""
    found = ((row, *before.get(row.task, ("", "", 0))) for row in rows)
    made = [
        RectificationChange(_kinds(row, status, light, relapses), row, status) for row, status, light, relapses in found
    ]
    return [change for change in made if change.kinds]


def _kinds(row: RectificationRow, status: str, light: str, relapses: int) -> tuple[str, ...]:
    relapsed = row.relapses > relapses
    met = (
        not status,
        row.status == TaskStatus.SUBMITTED != status,
        row.status == TaskStatus.APPROVED != status,
        row.status in (TaskStatus.RETURNED, TaskStatus.PARTIAL) and row.status != status and not relapsed,
        relapsed,
        row.light == Light.RED != light,
    )
    return tuple(kind for kind, holds in zip(KINDS, met, strict=True) if holds)


# 问题清单, 责任清单, 整改台账

PROBLEMS = TableLayout(
    (
        TableColumn("编号", 80, lambda rows: rows[0].finding.code, centered=True),
        TableColumn("问题来源", 130, lambda rows: rows[0].finding.wording["source"], centered=True),
        TableColumn("来源文件", 160, lambda rows: rows[0].finding.wording["source_paper"]),
        TableColumn("发现日期", 100, lambda rows: rows[0].finding.wording["found_on"], centered=True),
        TableColumn("问题表述", 400, lambda rows: rows[0].finding.problem),
        TableColumn("对应要点", 180, lambda rows: rows[0].finding.wording["indicator"]),
        TableColumn("依据", 150, lambda rows: rows[0].finding.wording["basis"]),
        TableColumn("程度", 60, lambda rows: rows[0].finding.wording["severity"], centered=True),
        TableColumn(
            "共性\n个性", 60, lambda rows: "共性" if rows[0].finding.wording["is_common"] else "个性", centered=True
        ),
        TableColumn("整改要求", 190, lambda rows: rows[0].finding.wording["demand"]),
        TableColumn("责任单位", 140, lambda rows: "、".join(row.unit for row in rows)),
        TableColumn("销号/单位", 60, lambda rows: f"{sum(row.is_closed for row in rows)}/{len(rows)}", centered=True),
        TableColumn("是否\n销号", 60, lambda rows: CLOSED[all(row.is_closed for row in rows)], centered=True),
    )
)
DUTIES = TableLayout(
    (
        TableColumn("责任单位", 130, lambda row: row.unit_full, centered=True, level=0),
        TableColumn("编号", 80, lambda row: row.finding.code, centered=True),
        TableColumn("问题表述", 380, lambda row: row.finding.problem),
        TableColumn("整改要求", 250, lambda row: row.finding.wording["demand"]),
        TableColumn("整改措施", 370, lambda row: row.measures),
        TableColumn("责任领导", 90, lambda row: row.leader, centered=True),
        TableColumn("责任人", 90, lambda row: row.person, centered=True),
        TableColumn("完成时限", 120, lambda row: day_text(row.due_on) or "待定", centered=True),
        TableColumn("状态", 110, lambda row: row.status_name, centered=True),
        TableColumn("亮灯", 80, lambda row: RECTIFICATION_LIGHT_NAMES[Light(row.light)], centered=True),
        TableColumn("反弹", 70, lambda row: row.relapses or None, centered=True),
    ),
    levels=lambda row: (row.unit_key,),
)
LEDGER = TableLayout(
    (
        TableColumn("问题来源", 130, lambda row: row.finding.wording["source"], centered=True),
        TableColumn("问题表述", 380, lambda row: f"{row.finding.code} {row.finding.problem}"),
        TableColumn("整改措施", 300, lambda row: row.measures),
        TableColumn("责任单位", 120, lambda row: row.unit, centered=True),
        TableColumn("责任人", 90, lambda row: row.person, centered=True),
        TableColumn("完成时限", 110, lambda row: day_text(row.due_on) or "待定", centered=True),
        TableColumn("进展", 250, lambda row: row.progress),
        TableColumn("佐证", 190, lambda row: row.proof),
        TableColumn("是否\n销号", 80, lambda row: CLOSED[row.is_closed], centered=True),
        TableColumn("销号日期", 120, lambda row: day_text(row.closed_on), centered=True),
    )
)


def by_unit(rows: Iterable[RectificationRow]) -> Iterator[RectificationRow]:
    """Yield the rows unit by unit, of each those not closed first."""
    return iter(sorted(rows, key=lambda row: (row.unit_order, row.unit_key)))  # a stable sort keeps the rest
