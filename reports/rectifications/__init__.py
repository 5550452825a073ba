"""两清单一台账 as a workbook: 问题清单, 责任清单 and 整改台账, with figures and what has changed since an earlier day.

As of now or of any past day; what is not closed is on top.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone

from creation.models import Campaign, TaskEvent, User
from creation.models.task import TaskQuerySet
from creation.tasks.rectification_figures import RELAPSE
from reports import printed_tables, sheet_styles
from reports import sheets as workbooks
from reports.ledger import citations, historical_state
from reports.ledger.cover import LedgerCover
from reports.printed_tables import SheetHeader, TableLayout
from reports.rectifications import sheets
from reports.rectifications.rows import RectificationRow, by_finding, rectification_rows
from reports.rectifications.sheets import RectificationChange

UNNUMBERED = "工作用表，未编号"
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class WorkbookRequest:
    """``tasks`` are annotated by ``with_light``; ``cover`` holds the days; ``keep`` selects rows by their state on the day."""

    tasks: TaskQuerySet
    campaign: Campaign
    cover: LedgerCover
    viewer: User | None
    keep: Callable[[Sequence[RectificationRow]], list[RectificationRow]] = list


@dataclass
class WorkbookData:
    """The content, from one state of the database. ``titles``: section → its name."""

    rows: list[RectificationRow]
    titles: Mapping[str, str]
    changes: list[RectificationChange] | None
    evidence_keys: frozenset[int]


def read(order: WorkbookRequest) -> WorkbookData:
    """Read the rows with a constant number of queries, whatever their number."""
    tasks, cover = order.tasks, order.cover
    state = historical_state.state_as_of(tasks, cover.day) if cover.day else None
    rows = order.keep(rectification_rows(tasks, order.campaign, cover.today, state))
    changes = sheets.changes(rows, _states_on(tasks, cover.since)) if cover.since else None
    sections = order.campaign.system.indicators.sections().values_list("code", "title")
    titles = {code: f"{code} {title}" for code, title in sections}
    keys = citations.evidence_keys(tasks.order_by().values("pk"), state, order.viewer)
    return WorkbookData(rows, titles, changes, keys)


def _states_on(tasks: TaskQuerySet, day: date) -> dict[int, tuple[str, str, int]]:
    """Return task → status, light and number of relapses at the end of an earlier day."""
    state = historical_state.state_as_of(tasks, day)
    relapsed = TaskEvent.objects.filter(task__in=tasks.order_by().values("pk"), move=RELAPSE)
    relapses = Counter(relapsed.filter(created_at__lt=state.until).order_by().values_list("task", flat=True))
    found = {}
    for task, due_on, starts in tasks.existing_on(day).order_by().values_list("pk", "due_on", "phase__starts"):
        was = state.of(task, due_on, starts)
        found[task] = (was.status, was.light, relapses[task])
    return found


def change_text(found: Sequence[RectificationChange], since: date) -> str:
    """Return a text such as 较 2026-07-24：新增 3，销号 5"""
    counts = Counter(kind for change in found for kind in change.kinds)
    said = "，".join(f"{kind} {counts[kind]}" for kind in sheets.KINDS if counts[kind])
    return f"较 {since:%Y-%m-%d}：{said or '没有变化'}"


def write(found: WorkbookData, cover: LedgerCover, path: Path) -> None:
    workbook = sheet_styles.new_workbook()
    workbook.remove(workbook.active)
    bodies = {}
    note = _note(found, cover)
    for name, layout, rows in _tables(found):
        sheet = workbook.create_sheet(name)
        bodies[name] = printed_tables.print_table(sheet, layout, _header(cover, name), rows, note)
    sheet_styles.set_footer(workbook, cover.note or UNNUMBERED)
    workbooks.save(workbook, bodies, path)


def _note(found: WorkbookData, cover: LedgerCover) -> str:
    """Return the line below each table: the time of the data, what has changed, and what a past day cannot show."""
    said = [cover.as_of_line]
    if found.changes is not None and cover.since:
        said.append(change_text(found.changes, cover.since))
    if cover.day:
        said.append(f"没有写责任人的，为 {timezone.localdate(cover.as_of):%Y-%m-%d} 的联络员")
    return "；".join(said)


def _tables(found: WorkbookData) -> Iterator[tuple[str, TableLayout, Sequence[Any]]]:
    yield "问题清单", sheets.PROBLEMS, by_finding(found.rows)
    yield "责任清单", sheets.DUTIES, list(sheets.by_unit(found.rows))
    yield "整改台账", sheets.LEDGER, found.rows
    yield "统计", sheets.FIGURES, sheets.figures_rows(found.rows, found.titles)
    if found.changes:
        yield "本期变化", sheets.CHANGES, found.changes


def stamped_texts(found: WorkbookData, cover: LedgerCover) -> Iterator[str]:
    """Yield the texts of a copy to be stamped, for its check code; not the time at which it was read."""
    yield cover.scope
    for name, layout, rows in _tables(found):
        header = _header(cover, name)
        yield from (name, header.title, *header.stamp)
        yield from printed_tables.row_texts(layout, rows)


def _header(cover: LedgerCover, name: str) -> SheetHeader:
    return SheetHeader(f"{cover.title}（{name}）", cover.stamp_line(cover.unit))
