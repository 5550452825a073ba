"""创建工作台账 (annex 2 of the plan) as a workbook.

Its sheets are 汇总 with charts, 本期变化 (when compared with an earlier day), 总台账 for print, 分单位 with pages for each unit to stamp,
印证资料目录, 问题整改, 联络员, and 数据 for filtering. Each is a list of columns (heading, width, value) over rows; all are read in one
consistent snapshot of the database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import Workbook

from creation.lib.consistent_reads import consistent_snapshot
from creation.models import Campaign, User
from creation.models.task import TaskQuerySet
from creation.tasks import figures
from reports import printed_tables, sheet_styles, sheets
from reports.ledger import changes, citations, evidence, historical_state, people, problems
from reports.ledger.changes import TaskChange
from reports.ledger.columns import COLUMNS, DATA_COLUMNS, data_columns_for, layout_for
from reports.ledger.cover import LedgerCover
from reports.ledger.evidence import EvidenceRow
from reports.ledger.people import LiaisonRow
from reports.ledger.problems import ProblemRow
from reports.ledger.rows import LedgerRow, ledger_rows
from reports.ledger.summary import write_summary
from reports.printed_tables import SheetHeader, TableLayout
from reports.sheets import SheetBody

__all__ = [
    "COLUMNS",
    "DATA_COLUMNS",
    "LedgerCover",
    "LedgerData",
    "LedgerRequest",
    "LedgerRow",
    "read_ledger",
    "stamped_texts",
    "write_ledger",
    "write_workbook",
]

MAIN_SHEET = "总台账"
UNNUMBERED = "工作用表，未编号"
PROGRESS_STEP = 500  # rows between two updates of the progress bar
T = TypeVar("T")
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LedgerRequest:
    """The request for a ledger. ``tasks`` are annotated by ``with_light`` and ``with_late``; ``cover`` holds the days.

    ``keep`` selects rows by their state on a past day; ``findings`` reads the problems that supervision found in this part.
    """

    tasks: TaskQuerySet
    campaign: Campaign
    cover: LedgerCover
    viewer: User | None = None
    keep: Callable[[LedgerRow], bool] = lambda row: True
    findings: Callable[[], list[ProblemRow]] = list


@dataclass
class LedgerData:
    """The content of a ledger, from one state of the database. ``evidence_keys``: the pieces that it names."""

    rows: list[LedgerRow]
    evidence: list[EvidenceRow] = field(default_factory=list)
    problems: list[ProblemRow] = field(default_factory=list)
    people: list[LiaisonRow] = field(default_factory=list)
    changes: list[TaskChange] | None = None
    evidence_keys: frozenset[int] = frozenset()
    postponed: int = 0  # 已调整时限


def no_progress(done: int, total: int, message: str) -> None:
    """Ignore the progress, where no progress bar is shown."""


def write_ledger(order: LedgerRequest, path: Path, step: Step = no_progress) -> int:
    """Write the ledger to ``path``; return the number of tasks."""
    with consistent_snapshot():
        found = read_ledger(order, step)
    write_workbook(found, order.cover, path, step)
    return len(found.rows)


def read_ledger(order: LedgerRequest, step: Step = no_progress) -> LedgerData:
    """Read the ledger with a constant number of queries, whatever the number of tasks."""
    tasks, cover = order.tasks, order.cover
    state = historical_state.state_as_of(tasks, cover.day) if cover.day else None
    reading = ledger_rows(tasks, order.campaign, state)
    rows = [row for row in _with_progress(reading, tasks.count(), step, "正在读取任务") if order.keep(row)]
    kept = {row.task for row in rows}
    return LedgerData(
        rows,
        [piece for piece in evidence.evidence_rows(tasks, state) if piece.task in kept],
        [*order.findings(), *(problem for problem in problems.problem_rows(tasks, state) if problem.task in kept)],
        people.liaison_rows(tasks, order.campaign, order.viewer, cover.today),
        changes.task_changes(rows, _states_on(tasks, cover.since)) if cover.since else None,
        citations.evidence_keys(tasks.order_by().values("pk"), state, order.viewer),
        len(kept & figures.postponed(tasks, cover.today)),
    )


def _states_on(tasks: TaskQuerySet, day: date) -> dict[int, tuple[str, str]]:
    """Return task → status and light at the end of an earlier day."""
    state = historical_state.state_as_of(tasks, day)
    states = {}
    for task, due_on, starts in tasks.existing_on(day).order_by().values_list("pk", "due_on", "phase__starts"):
        was = state.of(task, due_on, starts)
        states[task] = (was.status, was.light)
    return states


def write_workbook(found: LedgerData, cover: LedgerCover, path: Path, step: Step = no_progress) -> None:
    """Write the workbook from the data."""
    workbook = sheet_styles.new_workbook()
    workbook.active.title = "汇总"
    notes = [*cover.notes, f"已调整时限 {found.postponed} 项（{figures.DEFINITIONS['已调整时限']}）"]
    if found.changes is not None and cover.since:
        notes.append(changes.summary_text(found.changes, cover.since))
    write_summary(workbook.active, found.rows, cover.title, notes, cover.today)
    bodies = dict(_sheet_bodies(workbook, found, cover))
    for name, body in bodies.items():
        body.rows = _with_progress(body.rows, len(found.rows), step, f"正在写“{name}”")
    sheet_styles.set_footer(workbook, cover.note or UNNUMBERED)
    sheets.save(workbook, bodies, path)


def _sheet_bodies(workbook: Workbook, found: LedgerData, cover: LedgerCover) -> Iterator[tuple[str, SheetBody]]:
    for name, layout, header, rows in _tables(found, cover):
        yield name, printed_tables.print_table(workbook.create_sheet(name), layout, header, rows, cover.as_of_line)
        if name == MAIN_SHEET and not cover.note and len(units := by_unit(found.rows)) > 1:
            blocks = [(cover.header(rows[0].unit_full), rows) for rows in units]
            yield "分单位", printed_tables.print_blocks(workbook.create_sheet("分单位"), layout, blocks)
    yield (
        "数据",
        printed_tables.plain_table(
            workbook.create_sheet("数据"), data_columns_for(found.rows), found.rows, len(found.rows)
        ),
    )


def _tables(found: LedgerData, cover: LedgerCover) -> Iterator[tuple[str, TableLayout, SheetHeader, Sequence[Any]]]:
    """Yield the printed tables that share one header and one stamp."""
    if found.changes is not None:
        yield "本期变化", changes.LAYOUT, _header(cover, "本期变化"), found.changes
    yield MAIN_SHEET, layout_for(found.rows), cover.header(), found.rows
    for name, layout, rows in (
        ("印证资料目录", evidence.LAYOUT, found.evidence),
        ("问题整改", problems.LAYOUT, found.problems),
        ("联络员", people.LAYOUT, found.people),
    ):
        if rows:
            yield name, layout, _header(cover, name), rows


def stamped_texts(found: LedgerData, cover: LedgerCover) -> Iterator[str]:
    """Yield the texts of a copy to be stamped, for its check code: headers, scope and every row; not the time at which it was read."""
    yield cover.scope
    for name, layout, header, rows in _tables(found, cover):
        yield from (name, header.title, *header.stamp)
        yield from printed_tables.row_texts(layout, rows)


def _header(cover: LedgerCover, name: str) -> SheetHeader:
    return SheetHeader(f"{cover.title}（{name}）", cover.stamp_line(cover.unit))


def by_unit(rows: list[LedgerRow]) -> list[list[LedgerRow]]:
    """Return the rows of each unit in ledger order, units in the district's order."""
    ordered = sorted(rows, key=lambda row: row.unit_order)  # a stable sort keeps the ledger order
    return [list(group) for _, group in groupby(ordered, key=lambda row: row.unit_order)]


def _with_progress(rows: Iterable[T], total: int, step: Step, message: str) -> Iterator[T]:
    """Yield the rows and update the progress bar."""
    for number, row in enumerate(rows):
        if number % PROGRESS_STEP == 0:
            step(min(number, total), total, message)
        yield row
