"""The text of a reminder: the office's template with fields in braces. Pure.

All fields are replaced in one pass, so that braces in the values (a title, a unit's name) are left alone.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date

from creation.rules.deadlines import Workdays

FIELD_NAMES: dict[str, str] = {
    "task": "任务编号和名称",
    "unit": "单位（多个时列出前几个）",
    "phase": "阶段",
    "count": "数量",
    "left": "还有几天、今天到期或已逾期几天",
    "due": "在何日前（逢休息日写明前一个工作日）",
    "ask": "要做的事：报送、修改后重新报送、审签",
    "plan": "方案对该阶段时间的说法",
}
FIELD_PATTERN = re.compile(r"\{([^{}]*)\}")
MAX_VALUE_LENGTH = 120  # of one field, so that a long title does not cut off the end of the sentence


def unknown_fields(text: str, known: Collection[str]) -> list[str]:
    """Return the names in braces that are not known."""
    return [name for name in FIELD_PATTERN.findall(text) if name not in known]


def render(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the known fields replaced; unknown ones are not changed."""
    return FIELD_PATTERN.sub(lambda found: _shorten(values[found[1]]) if found[1] in values else found[0], text)


def days_left_text(due_on: date, today: date) -> str:
    days = (due_on - today).days
    return f"还有 {days} 天" if days > 0 else "今天到期" if days == 0 else f"已逾期 {-days} 天"


def deadline_text(due_on: date, today: date, calendar: Workdays) -> str:
    if due_on <= today:
        return "今天" if due_on == today else f"尽快（时限 {_day(due_on)}）"
    workday = calendar.on_or_before(due_on)
    if workday == due_on:
        return f"在 {_day(due_on)}前"
    return f"在 {_day(max(workday, today))}前（时限 {_day(due_on)}为休息日）"


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


def _shorten(value: str) -> str:
    return value if len(value) <= MAX_VALUE_LENGTH else value[: MAX_VALUE_LENGTH - 1] + "…"
