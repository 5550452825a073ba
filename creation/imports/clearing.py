"""Clearing: only by an explicit word in a cell, and only after a confirmation of its own."""

from collections import Counter
from collections.abc import Mapping

from creation.imports.import_plan import ImportPlan, ImportQuestion

WORDS = frozenset({"清空", "（清空）", "(清空)"})
QUESTION, KEEP = "clear", "keep"


def is_kept(answers: Mapping[str, str]) -> bool:
    """Return whether the person has decided that nothing is to be cleared."""
    return answers.get(QUESTION) == KEEP


def questions(plan: ImportPlan, answers: Mapping[str, str]) -> list[ImportQuestion]:
    """Ask to confirm what is to be cleared; the answer names the numbers, so that other numbers are asked about again."""
    counted = Counter[str]()
    for _, change in plan.cleared:
        counted[change.heading] += change.count
    if not counted:
        return []
    said = "、".join(f"{count} 个{heading}" for heading, count in counted.items())
    if answers.get(QUESTION) == said:
        return []
    options = ((said, f"确认清空 {said}"), (KEEP, "不清空，保留原有内容"))
    return [
        ImportQuestion(QUESTION, f"按表中写的（“清空”，或责任单位只写了牵头单位），将清空 {said}。确认吗？", options)
    ]
