"""情况说明: plain text laid out as a sheet to be printed and stamped (GB/T 9704: title, body, unit and date)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from creation.models import AnswerMode, EvidenceKind, Paper, PaperKind, Task
from creation.notices.reminders import text_template
from creation.papers import stamped_papers as papers

TEMPLATE = """关于“{title}”（{code}）的情况说明

{unit}对照要求进行了核查。{year}年度，我单位没有上述材料，原因是：……

我单位在此方面所做的相关工作是：……

下一步安排是：……

特此说明。

{unit}
{today}"""
TITLE = re.compile(r"^关于.+情况说明$")
DAY = re.compile(r"^\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement to be printed. ``day`` is in words. A text without a signature gets the unit's name and the date of printing."""

    title: str
    paragraphs: list[str]
    unit: str
    day: str

    @property
    def contents(self) -> list[str]:
        """Its texts in order, for the check code."""
        return [self.title, *self.paragraphs, self.unit, self.day]


def sample_text(task: Task, today: date) -> str:
    """Return a statement to start from; what only the unit knows is left as ……"""
    values = {
        "title": task.title,
        "code": task.code,
        "unit": task.unit.name,
        "year": str(task.campaign.year),
        "today": chinese_date(today),
    }
    return text_template.render(TEMPLATE, values)


def lay_out(task: Task, text: str, day: date) -> Statement:
    """Lay out the text, with its own title and signature if it begins and ends with them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = lines.pop(0) if lines and TITLE.match(lines[0]) else f"关于“{task.title}”（{task.code}）的情况说明"
    day_text = chinese_date(day)
    if lines and (found := DAY.match(lines[-1])):
        day_text = f"{found[1]}年{int(found[2])}月{int(found[3])}日"
        lines.pop()
    if lines and lines[-1].rstrip("（盖章）()") in (task.unit.name, task.unit.short_name):
        lines.pop()
    return Statement(title, lines, task.unit.name, day_text)


def with_paper(task: Task, text: str, day: date) -> tuple[Statement, Paper | None]:
    """Return the laid-out text and, if this text was numbered for the stamp, its paper; then the date of the numbering is kept."""
    return match_paper(task, text, day, issued_papers([task]).get(task.pk))


def issued_papers(tasks: Any) -> dict[int, Paper]:
    """Return task → the latest numbered statement that is not void."""
    rows = Paper.objects.active().exclude(blob="").filter(task__in=tasks, kind=PaperKind.STATEMENT)
    return {row.task_id: row for row in rows.order_by("serial") if row.task_id}


def match_paper(task: Task, text: str, day: date, paper: Paper | None) -> tuple[Statement, Paper | None]:
    """Like ``with_paper``, when the paper is already known."""
    days = [timezone.localdate(paper.created_at), day] if paper else []
    for found in (lay_out(task, text, each) for each in days):
        if paper and papers.digest_of(found.contents) == paper.digest:
            return found, paper
    return lay_out(task, text, day), None


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def has_scan(task: Task) -> bool:
    """Return whether the task's evidence includes the scan of the stamped copy."""
    scans = task.citations.filter(removed_at=None, evidence__kind=EvidenceKind.STATEMENT)
    return scans.exclude(evidence__versions__blob="").exists()


def submitted_statement(task: Task) -> tuple[str, date] | None:
    """Return text and date of the latest answer if it is a statement."""
    latest = task.submissions.order_by("-number").first()
    if latest is None or latest.mode != AnswerMode.STATEMENT:
        return None
    return latest.statement, latest.handed_on
