"""Mark the faulty cells of a workbook, in a child process with limits."""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings

from creation.imports import unread
from creation.imports.import_plan import ImportPlan
from creation.lib import sandbox
from creation.lib.refusals import Refusal

MEMORY_MB, CPU_SECONDS, TIMEOUT = 1200, 60, 90
MARKING_PROGRAM = Path(__file__).with_name("error_marker.py")


def is_markable(content: bytes) -> bool:
    """Return whether errors can be marked in the file; .xls files, documents and web pages are read, but not written."""
    if not content.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "xl/workbook.xml" in archive.namelist()


def mark_errors(content: bytes, plan: ImportPlan) -> bytes:
    """Return the workbook with faulty cells red, unused ones yellow, and errors and reasons as comments.

    Raises Refusal when it takes too many resources.
    """
    instructions: dict[str, Any] = {"head": plan.layout.row, "sheets": {name: [] for name in plan.sheets}, "left": {}}
    for cell in plan.left:
        if cell.row and cell.column and cell.reason not in (unread.ABOVE, unread.READ_ONLY):
            instructions["left"].setdefault(cell.sheet, []).append([cell.row, cell.column, f"{cell.reason}。"])
    for error in plan.errors:
        mark = [error.row, error.column or 1, f"{error.heading}：{error.sentence}"]
        instructions["sheets"].setdefault(error.sheet, []).append(mark)
    with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as folder:
        source, target, marks_file = (Path(folder) / name for name in ("in.xlsx", "out.xlsx", "marks.json"))
        source.write_bytes(content)
        marks_file.write_text(json.dumps(instructions), "utf-8")
        output = sandbox.run(
            MEMORY_MB, CPU_SECONDS, TIMEOUT, MARKING_PROGRAM, str(source), str(target), str(marks_file)
        )
        if output is None or not target.exists():
            raise Refusal("这个工作簿标不出错误，请对照页面上的行号和列名修改。")
        return target.read_bytes()
