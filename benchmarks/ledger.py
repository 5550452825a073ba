"""Time and peak memory of a ledger of 5,500 tasks, against the same sheets written cell by cell with openpyxl, in the same run.

    .venv/bin/python benchmarks/ledger.py [rows]

Each side runs in a process of its own, on the same rows made in memory, so that memory is its own and the database does not count.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

AIM_SECONDS, AIM_MB = 3.0, 200


def rows(count: int) -> list[Any]:
    from reports.ledger_rows import LedgerRow

    text = "对照要点组织自查，补齐制度文件和过程记录，发现的问题列出清单、逐项整改。"
    return [
        LedgerRow(
            section=f"{n // 700 + 1} 行政执法严格规范公正文明", item=f"{n // 200}-3 落实行政执法责任制", point_key=str(n // 60),
            point=f"{n // 60} 每年组织案卷评查", target="案卷评查 ≥ 1次", proof=text, lead="区司法局", unit=f"单位{n % 60}",
            unit_name=f"单位{n % 60}", leader="张甲子", liaison="李乙丑", due_on=date(2026, 8, 10), due_before=None,
            measures=text * (n % 3),
            progress=text if n % 4 == 0 else "", results=text * (n % 2), mode="上传", evidence=f"4-3-3-{n % 90:02d} 评查通报\n共 1 份",
            evidence_count=1, review="通过 2026-08-01", problem="", rectify_by=None, updated_on=date(2026, 8, 1), remark="",
            phase="收集印证资料", role="配合", status="已通过", light="已通过", code="4-3-3",
        )
        for n in range(count)
    ]  # fmt: skip


def ours(count: int, path: Path) -> None:
    from reports import ledger

    cover = ledger.Cover("创建工作台账", "区司法局", "全部任务", datetime(2026, 8, 1, tzinfo=UTC))
    ledger.write_rows(rows(count), cover, path)


def peer(count: int, path: Path) -> None:
    """The same columns on two sheets, a style a cell, with openpyxl alone; no row heights, no page breaks, no merges."""
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


def _run(work: Callable[[int, Path], None], count: int, pipe: Any) -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        start = time.perf_counter()
        work(count, path)
        took = time.perf_counter() - start
        pipe.send((took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, path.stat().st_size / 2**20))


def measured(work: Callable[[int, Path], None], count: int) -> tuple[float, float, float]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(work, count, there))
    process.start()
    figures: tuple[float, float, float] = here.recv()
    process.join()
    return figures


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5500
    mine, theirs = measured(ours, count), measured(peer, count)
    for name, (took, memory, size) in (("this ledger", mine), ("openpyxl, cell by cell", theirs)):
        print(f"{name:<24}{took:7.2f} s {memory:7.0f} MB peak {size:6.2f} MB file")
    print(
        f"ratio: {theirs[0] / mine[0]:.1f} times faster, {theirs[1] / mine[1]:.1f} times less memory; aim {AIM_SECONDS} s, {AIM_MB} MB"
    )
    raise SystemExit(0 if count > 5500 or (mine[0] < AIM_SECONDS and mine[1] < AIM_MB) else 1)


if __name__ == "__main__":
    main()
