"""The same workbook with its faulty cells marked, made by a child process with limits."""

import json
import tempfile
from pathlib import Path

from django.conf import settings

from creation.imports.plans import Plan
from creation.lib import sandbox
from creation.lib.refusals import Refusal

MEGABYTES, SECONDS, PATIENCE = 1200, 60, 90
PAINTER = Path(__file__).with_name("painter.py")


def marked(content: bytes, plan: Plan) -> bytes:
    """Each wrong cell red, with what is wrong as its comment. Raises Refusal when it takes too much."""
    marks = [[error.row, error.column or 1, f"{error.heading}：{error.sentence}"] for error in plan.errors]
    told = {"sheet": plan.layout.sheet.name, "head": plan.layout.row, "marks": marks}
    with tempfile.TemporaryDirectory(dir=settings.INCOMING_ROOT) as folder:
        source, target, list_ = (Path(folder) / name for name in ("in.xlsx", "out.xlsx", "marks.json"))
        source.write_bytes(content)
        list_.write_text(json.dumps(told), "utf-8")
        output = sandbox.run(MEGABYTES, SECONDS, PATIENCE, PAINTER, str(source), str(target), str(list_))
        if output is None or not target.exists():
            raise Refusal("这个工作簿标不出错误，请对照页面上的行号和列名修改。")
        return target.read_bytes()
