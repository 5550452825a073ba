"""Compare the ledger with other ways to write it, in one run: CPU time and memory, each side in a process of its own, alternating.

    .venv/bin/python -m benchmarks.ledger [case …]      cases: complete database rows merged

``complete``: 5,500 tasks as the whole workbook, against its two largest sheets written cell by cell with openpyxl.
``database``: 10,000 tasks × 16 columns from the database, against django-import-export with an optimized queryset, the fastest of
three rounds each; and the number of queries.
``rows``: 100,000 rows × 16 columns with styles.
``merged``: 8,500 rows × 33 columns, twelve of them merged, laid out for print.

The exit code is 1 when a target is missed. Targets are CPU times, since elapsed time depends on what else the machine is doing.
"""

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

TEXT = "对照要点组织自查，补齐制度文件和过程记录，发现的问题列出清单、逐项整改。"
TURNS = 3  # other work on the machine can only make a round slower
Work = Callable[[int, Path], Any]


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and by how many megabytes the process grew."""

    cpu: float
    memory: float
    told: Any = None

    def __str__(self) -> str:
        return f"{self.cpu:7.2f} s of CPU  +{self.memory:5.0f} MB"


def measured(work: Work, count: int) -> Cost:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(work, count, there))
    process.start()
    there.close()  # recv() fails instead of waiting forever when the process fails
    cost: Cost = here.recv()
    process.join()
    return cost


def _run(work: Work, count: int, pipe: Any) -> None:
    import django

    django.setup()
    work(10, Path(tempfile.mkdtemp()) / "warm.xlsx")  # import modules first, since this is not compared
    before, start = _peak(), time.process_time()
    told = work(count, Path(tempfile.mkdtemp()) / "ledger.xlsx")
    pipe.send(Cost(time.process_time() - start, _peak() - before, told))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# The whole workbook


def rows(count: int) -> list[Any]:
    from reports.ledger.rows import LedgerRow

    return [
        LedgerRow(
            section=f"{n // 700 + 1} 行政执法严格规范公正文明", item=f"{n // 200}-3 落实行政执法责任制", checkpoint_key=str(n // 60),
            checkpoint=f"{n // 60} 每年组织案卷评查", target="案卷评查 ≥ 1次", proof=TEXT, lead="区司法局", unit=f"单位{n % 60}",
            unit_name=f"单位{n % 60}", leader="张甲子", liaison="李乙丑", due_on=date(2026, 8, 10), due_before=None,
            measures=TEXT * (n % 3), progress=TEXT if n % 4 == 0 else "", results=TEXT * (n % 2), mode="上传",
            evidence=f"4-3-3-{n % 90:02d} 评查通报\n共 1 份", evidence_count=1, review="通过 2026-08-01", problem="",
            rectify_by=None, updated_on=date(2026, 8, 1), remark="", phase="收集印证资料", role="配合", status="approved",
            light="green", code="4-3-3", task=n, unit_full=f"源汇区单位{n % 60}", unit_order=(n % 60, n % 60),
            answered_on=date(2026, 7, 1 + n % 28), approved_on=date(2026, 8, 1),
        )
        for n in range(count)
    ]  # fmt: skip


def ours_complete(count: int, path: Path) -> None:
    from reports import ledger

    cover = ledger.LedgerCover("创建工作台账", "区司法局", "全部任务", datetime(2026, 8, 1, tzinfo=UTC))
    ledger.write_workbook(ledger.LedgerData(rows(count)), cover, path)


def openpyxl_complete(count: int, path: Path) -> None:
    """Write only 总台账 and 数据, with a style for each cell; no row heights, page breaks, merges or 分单位."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side

    from reports.ledger import COLUMNS, DATA_COLUMNS

    side = Side(style="thin")
    font, border, alignment = Font(name="仿宋", size=10.5), Border(side, side, side, side), Alignment(wrap_text=True)
    book = Workbook()
    for columns in (COLUMNS, DATA_COLUMNS):
        sheet = book.create_sheet()
        for number, row in enumerate(rows(count), 1):
            for place, column in enumerate(columns, 1):
                cell = sheet.cell(number, place, column.value(row))
                cell.font, cell.border, cell.alignment = font, border, alignment
    book.save(path)


def complete() -> bool:
    mine, theirs = measured(ours_complete, 5500), measured(openpyxl_complete, 5500)
    tell("5,500 tasks, the whole workbook", mine)
    tell("two of its sheets with openpyxl", theirs, mine)
    return mine.cpu < 3 and theirs.cpu / mine.cpu >= 5


# From the database


SIXTEEN = {
    "编号", "一级指标", "二级指标（项目）", "三级指标（要点）", "印证资料要求", "责任单位", "阶段", "状态",
    "责任领导", "联络员", "完成时限", "工作措施", "完成情况", "提供方式", "份数", "更新时间",
}  # fmt: skip


def ours_database(count: int, path: Path) -> int:
    """Return the number of queries."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    from creation.models import Campaign, Task
    from reports import printed_tables, sheet_styles, sheets
    from reports.ledger import DATA_COLUMNS
    from reports.ledger.rows import ledger_rows

    campaign = Campaign.objects.get()
    tasks = (
        Task.objects.filter(campaign=campaign, pk__lte=count).with_light(date(2026, 8, 1), date(2026, 8, 5)).with_late()
    )
    columns = [column for column in DATA_COLUMNS if column.heading.replace("\n", "") in SIXTEEN]
    assert len(columns) == 16, len(columns)
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        book = sheet_styles.new_workbook()
        book.active.title = "数据"
        body = printed_tables.plain_table(book.active, columns, ledger_rows(tasks, campaign), count)
        sheets.save(book, {"数据": body}, path)
    return len(queries)


def peer_database(count: int, path: Path) -> int:
    """Write the same sixteen columns with a resource of django-import-export, with every join and prefetch."""
    from django.db import connection
    from django.db.models import Prefetch
    from django.test.utils import CaptureQueriesContext
    from import_export import fields, resources

    from creation.models import Citation, Submission, Task, TaskEvent

    class TaskResource(resources.ModelResource):  # type: ignore[misc]
        code, section, item, checkpoint = fields.Field(), fields.Field(), fields.Field(), fields.Field()
        proof = fields.Field(attribute="indicator__proof")
        unit = fields.Field(attribute="unit__short_name")
        phase = fields.Field(attribute="phase__name")
        state, leader = fields.Field(attribute="status"), fields.Field(attribute="unit__leader")
        liaison, due = fields.Field(attribute="owner__name"), fields.Field(attribute="due_on")
        measures, results, mode = fields.Field(), fields.Field(), fields.Field()
        pieces, updated = fields.Field(), fields.Field()

        class Meta:
            model = Task
            fields = (
                "code", "section", "item", "point", "proof", "unit", "phase", "state", "leader", "liaison", "due", "measures",
                "results", "mode", "pieces", "updated",
            )  # fmt: skip

        def dehydrate_code(self, task: Any) -> str:
            return str(task.indicator.code)

        def dehydrate_section(self, task: Any) -> str:
            return f"{task.indicator.parent.parent.code} {task.indicator.parent.parent.title}"

        def dehydrate_item(self, task: Any) -> str:
            return f"{task.indicator.parent.code} {task.indicator.parent.title}"

        def dehydrate_point(self, task: Any) -> str:
            return f"{task.indicator.code} {task.indicator.title}"

        def dehydrate_measures(self, task: Any) -> str:
            return task.handed[-1].measures if task.handed else ""

        def dehydrate_results(self, task: Any) -> str:
            return task.handed[-1].results if task.handed else ""

        def dehydrate_mode(self, task: Any) -> str:
            return task.handed[-1].get_mode_display() if task.handed else ""

        def dehydrate_pieces(self, task: Any) -> int:
            return len(task.cited)

        def dehydrate_updated(self, task: Any) -> str:
            return f"{task.moved[-1].created_at:%Y-%m-%d}" if task.moved else ""

    tuned = Task.objects.filter(pk__lte=count).select_related("unit", "indicator__parent__parent", "phase", "owner")
    tuned = tuned.prefetch_related(
        Prefetch("submissions", Submission.objects.order_by("number"), to_attr="handed"),
        Prefetch("citations", Citation.objects.filter(removed_at=None), to_attr="cited"),
        Prefetch("events", TaskEvent.objects.order_by("created_at"), to_attr="moved"),
    )
    with CaptureQueriesContext(connection) as queries:
        path.write_bytes(TaskResource().export(tuned.order_by("pk")).xlsx)
    return len(queries)


def database() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        fill = multiprocessing.get_context("spawn").Process(target=filled, args=(10_000,))
        fill.start()
        fill.join()
        turns = [(measured(ours_database, 10_000), measured(peer_database, 10_000)) for _ in range(TURNS)]
        mine, theirs = (min(side, key=lambda cost: cost.cpu) for side in zip(*turns, strict=True))
        few = measured(ours_database, 100)
    tell("10,000 tasks × 16 from the database", mine)
    tell("django-import-export, tuned", theirs, mine)
    print(f"  queries: {mine.told} for 10,000 tasks, {few.told} for 100; django-import-export {theirs.told}")
    return theirs.cpu / mine.cpu >= 10 and mine.memory <= 60 and mine.told == few.told


def filled(count: int) -> None:
    """Create a campaign with so many tasks, each with an answer, evidence and events."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks.campaign_data import fill

    fill(count)


# 100,000 rows


def ours_rows(count: int, path: Path) -> None:
    from reports import printed_tables, sheet_styles, sheets
    from reports.printed_tables import TableColumn

    columns = [TableColumn(f"列{n}", 0, lambda row, n=n: row[n], centered=n % 3 == 0) for n in range(16)]  # type: ignore[misc]
    kinds: list[Callable[[int], Any]] = [
        lambda n: f"4-3-{n % 90}", lambda n: TEXT, lambda n: n, lambda n: date(2026, 8, 1 + n % 28), lambda n: f"单位{n % 60}",
    ]  # fmt: skip
    book = sheet_styles.new_workbook()
    book.active.title = "数据"
    made = ([kinds[column % 5](n) for column in range(16)] for n in range(count))
    sheets.save(book, {"数据": printed_tables.plain_table(book.active, columns, made, count)}, path)


def many_rows() -> bool:
    mine = measured(ours_rows, 100_000)
    tell("100,000 rows × 16 columns, styled", mine)
    return mine.cpu <= 6 and mine.memory <= 100


# Merged cells and page layout


def ours_merged(count: int, path: Path) -> None:
    from reports import printed_tables, sheet_styles, sheets
    from reports.printed_tables import SheetHeader, TableColumn, TableLayout

    merged = [
        TableColumn(f"级{n}", 58, lambda row, n=n: f"{n} {row // (700, 60, 12)[n // 4]}", level=n // 4)
        for n in range(12)
    ]  # type: ignore[misc]
    single = [TableColumn(f"列{n}", 58, lambda row, n=n: TEXT[: (row + n) % 25]) for n in range(20)]  # type: ignore[misc]
    form = TableLayout((*merged, *single), levels=lambda row: (row // 700, row // 60, row // 12))
    book = sheet_styles.new_workbook()
    book.active.title = "台账"
    body = printed_tables.print_table(book.active, form, SheetHeader("台账"), range(count))
    sheets.save(book, {"台账": body}, path)


def merged() -> bool:
    mine = measured(ours_merged, 8500)
    tell("8,500 × 33, twelve columns merged, laid out", mine)
    return mine.cpu <= 2


def tell(name: str, cost: Cost, against: Cost | None = None) -> None:
    ratio = (
        f"  {cost.cpu / against.cpu:5.1f} times the CPU, {cost.memory / max(against.memory, 1):.1f} times the memory"
        if against
        else ""
    )
    print(f"{name:<46}{cost}{ratio}", flush=True)


CASES = {"complete": complete, "database": database, "rows": many_rows, "merged": merged}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    chosen = sys.argv[1:] or list(CASES)
    missed = [name for name in chosen if not CASES[name]()]
    if missed:
        sys.exit(f"aim missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
