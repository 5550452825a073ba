"""创建工作台账 (annex 2 of the plan) as a workbook.

汇总 with charts, 本期变化 (where an earlier day is named), 总台账 laid out for print, 分单位 with pages to stamp for each unit,
印证资料目录, 问题整改, 联络员, and 数据 for filtering. Each is a list of columns (heading, width, value) over rows; all come from one
reading of the database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import Workbook

from creation.lib.onereading import one_reading
from creation.models import Campaign, User
from creation.models.task import TaskQuerySet
from reports import looks, printing, sheets
from reports.ledger import changes, evidence, people, problems, then
from reports.ledger.changes import Change
from reports.ledger.columns import COLUMNS, DATA_COLUMNS, FORM
from reports.ledger.cover import Cover
from reports.ledger.evidence import Piece
from reports.ledger.people import Liaison
from reports.ledger.problems import Problem
from reports.ledger.rows import LedgerRow, ledger_rows
from reports.ledger.summary import write_summary
from reports.printing import Form, Heads
from reports.sheets import Body

__all__ = [
    "COLUMNS",
    "DATA_COLUMNS",
    "Cover",
    "Found",
    "LedgerRow",
    "Order",
    "contents_of",
    "read",
    "write_found",
    "write_ledger",
]

MAIN = "总台账"
UNNUMBERED = "工作用表，未编号"
STRIDE = 500  # rows between two steps of the bar
T = TypeVar("T")
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Order:
    """Which tasks a ledger is of (``with_light``, ``with_late``), for whom, of which past day, compared with which earlier day.

    ``keep`` says which rows belong to it, where that depends on how the tasks stood on that day.
    """

    tasks: TaskQuerySet
    campaign: Campaign
    cover: Cover
    viewer: User | None = None
    keep: Callable[[LedgerRow], bool] = lambda row: True


@dataclass
class Found:
    """Everything a ledger says, from one state of the database."""

    rows: list[LedgerRow]
    evidence: list[Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    people: list[Liaison] = field(default_factory=list)
    changes: list[Change] | None = None


def in_silence(done: int, total: int, message: str) -> None:
    """For whoever waits without a bar."""


def write_ledger(order: Order, path: Path, step: Step = in_silence) -> int:
    """Write the ledger to ``path``; gives the number of tasks."""
    with one_reading():
        found = read(order, step)
    write_found(found, order.cover, path, step)
    return len(found.rows)


def read(order: Order, step: Step = in_silence) -> Found:
    """A constant number of queries, whatever the number of tasks."""
    tasks, cover = order.tasks, order.cover
    state = then.read_back(tasks, cover.day) if cover.day else None
    reading = ledger_rows(tasks, order.campaign, state)
    rows = [row for row in _told(reading, tasks.count(), step, "正在读取任务") if order.keep(row)]
    kept = {row.task for row in rows}
    return Found(
        rows,
        [piece for piece in evidence.pieces(tasks, state) if piece.task in kept],
        [problem for problem in problems.problems(tasks, state) if problem.task in kept],
        people.people(tasks, order.campaign, order.viewer, cover.today),
        changes.changes(rows, _stood(tasks, cover.since)) if cover.since else None,
    )


def _stood(tasks: TaskQuerySet, day: date) -> dict[int, tuple[str, str]]:
    """Task → status and light at the end of an earlier day."""
    state = then.read_back(tasks, day)
    stood = {}
    for task, due_on, starts in tasks.stood_on(day).order_by().values_list("pk", "due_on", "phase__starts"):
        was = state.of(task, due_on, starts)
        stood[task] = (was.status, was.light)
    return stood


def write_found(found: Found, cover: Cover, path: Path, step: Step = in_silence) -> None:
    """The workbook of what was read."""
    workbook = looks.new_workbook()
    workbook.active.title = "汇总"
    notes = cover.notes
    if found.changes is not None and cover.since:
        notes.append(changes.in_words(found.changes, cover.since))
    write_summary(workbook.active, found.rows, cover.title, notes, cover.today)
    bodies = dict(_bodies(workbook, found, cover))
    for name, body in bodies.items():
        body.rows = _told(body.rows, len(found.rows), step, f"正在写“{name}”")
    looks.put_foot(workbook, cover.note or UNNUMBERED)
    sheets.save(workbook, bodies, path)


def _bodies(workbook: Workbook, found: Found, cover: Cover) -> Iterator[tuple[str, Body]]:
    for name, form, heads, rows in _tables(found, cover):
        yield name, printing.printed(workbook.create_sheet(name), form, heads, rows, cover.as_of_line)
        if name == MAIN and not cover.note and len(units := by_unit(found.rows)) > 1:
            blocks = [(cover.heads(rows[0].unit_full), rows) for rows in units]
            yield "分单位", printing.in_blocks(workbook.create_sheet("分单位"), FORM, blocks)
    yield "数据", printing.plain(workbook.create_sheet("数据"), DATA_COLUMNS, found.rows, len(found.rows))


def _tables(found: Found, cover: Cover) -> Iterator[tuple[str, Form, Heads, Sequence[Any]]]:
    """What is printed under the one head and for the one stamp."""
    if found.changes is not None:
        yield "本期变化", changes.FORM, _heads(cover, "本期变化"), found.changes
    yield MAIN, FORM, cover.heads(), found.rows
    for name, form, rows in (
        ("印证资料目录", evidence.FORM, found.evidence),
        ("问题整改", problems.FORM, found.problems),
        ("联络员", people.FORM, found.people),
    ):
        if rows:
            yield name, form, _heads(cover, name), rows


def contents_of(found: Found, cover: Cover) -> Iterator[str]:
    """What a copy for the stamp says, for its check code: heads, scope and every row; not the minute in which it was read."""
    yield cover.scope
    for name, form, heads, rows in _tables(found, cover):
        yield from (name, heads.title, *heads.stamp)
        yield from printing.in_words(form, rows)


def _heads(cover: Cover, name: str) -> Heads:
    return Heads(f"{cover.title}（{name}）", cover.stamp_line(cover.unit))


def by_unit(rows: list[LedgerRow]) -> list[list[LedgerRow]]:
    """The rows of each unit in the order of paper, units in the district's order."""
    ordered = sorted(rows, key=lambda row: row.unit_order)  # a stable sort keeps the order of paper
    return [list(group) for _, group in groupby(ordered, key=lambda row: row.unit_order)]


def _told(rows: Iterable[T], total: int, step: Step, message: str) -> Iterator[T]:
    """The same rows, while the bar moves on."""
    for number, row in enumerate(rows):
        if number % STRIDE == 0:
            step(min(number, total), total, message)
        yield row
