"""A plan as data and as text: what would be created, changed and cleared, what is left, what is asked, what is wrong."""

from collections.abc import Iterator
from typing import Any

from creation.imports import unread
from creation.imports.import_plan import ImportPlan, LineState, PlanLine

Report = dict[str, Any]


def report_of(plan: ImportPlan) -> Report:
    """Return the plan as JSON data. Each entry names its sheet and its cell or row."""
    return {
        "sheets": list(plan.sheets),
        "columns": {key: plan.layout.label(number) for key, number in plan.layout.columns.items()},
        "counts": plan.counts,
        "created": [_line(line) for line in plan.lines if line.state == LineState.CREATED],
        "changed": [_line(line) for line in plan.lines if line.state == LineState.CHANGED],
        "cleared": [
            {
                "sheet": line.sheet,
                "row": line.row,
                "title": line.title,
                "heading": change.heading,
                "before": change.before,
            }
            for line, change in plan.cleared
        ],
        "left": [
            {
                "sheet": cell.sheet,
                "cell": cell.cell_name,
                "heading": cell.heading,
                "text": cell.text,
                "reason": cell.reason,
            }
            for cell in plan.left
        ],
        "questions": [
            {
                "key": question.key,
                "text": question.text,
                "options": [{"value": value, "label": label} for value, label in question.options],
            }
            for question in plan.questions
        ],
        "errors": [
            {"sheet": error.sheet, "cell": error.cell_name, "heading": error.heading, "sentence": error.sentence}
            for error in plan.errors
        ],
        "notes": plan.notes,
        "ready": plan.is_ready,
    }


def _line(line: PlanLine) -> Report:
    changes = [{"heading": change.heading, "before": change.before, "after": change.after} for change in line.changes]
    return {"sheet": line.sheet, "row": line.row, "title": line.title, "changes": changes}


def text_of(plan: ImportPlan) -> Iterator[str]:
    """Yield the plan as lines of text."""
    counts = plan.counts
    yield (
        f"工作表：{'、'.join(plan.sheets)}。新增 {counts['created']}、修改 {counts['changed']}、清空 {len(plan.cleared)}、"
        f"不变 {counts['left']}、有误 {counts['wrong']}，待答问题 {len(plan.questions)} 个。"
    )
    for line in plan.pending_lines:
        yield f"{line.state_name} {line.sheet}!{line.row} {line.title}"
        for change in line.changes:
            verb = "清空" if change.cleared else "改为"
            yield f"  {change.heading}：{change.before or '（空）'} {verb} {change.after or '（空）'}"
    for error in plan.errors:
        yield f"有误 {error.sheet}!{error.cell_name} {error.heading}：{error.sentence}"
    for question in plan.questions:
        yield f"问题 {question.key}　{question.text}"
        yield from (f"  {value} = {label}" for value, label in question.options[:12])
    yield from (f"未用 {said}" for said in unread.summary(plan.left, len(plan.sheets) > 1))
    yield from (f"说明 {note}" for note in plan.notes)
