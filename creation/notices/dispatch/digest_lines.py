"""The lines of a digest: tasks of one kind share one, and there are at most MAX_LINES of them."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from creation.models import Task, TaskStatus, Urgency
from creation.notices.dispatch.current_text import OpenItem

MAX_LINES = 15
MAX_CODES = 3  # tasks named in a line


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A line: its text, the path of its page, and the number of things that it is about."""

    text: str
    page: str
    count: int = 1
    is_urgent: bool = False


def lines_of(items: Iterable[OpenItem]) -> list[DigestLine]:
    """Return the lines in the order of the items. What does not fit is counted in the last one; urgent lines come before that."""
    groups: dict[Hashable, list[OpenItem]] = {}
    for item in items:
        groups.setdefault(_kind(item), []).append(item)
    lines = [_line(group) for group in groups.values()]
    if len(lines) <= MAX_LINES:
        return lines
    chosen = sorted(lines, key=lambda line: not line.is_urgent)
    return [*chosen[: MAX_LINES - 1], _rest(chosen[MAX_LINES - 1 :])]


def _kind(item: OpenItem) -> Hashable:
    """Return what items of one line have in common: reminders of tasks the phase, due day and request, lines about a phase their text."""
    task = item.notice.task
    if task and item.request:
        return task.phase_id, item.request
    return item.notice.subject, item.text


def _line(group: list[OpenItem]) -> DigestLine:
    first, urgent = group[0], any(item.notice.urgency == Urgency.AT_ONCE for item in group)
    tasks = list({item.notice.task.pk: item.notice.task for item in group if item.notice.task}.values())
    if len(tasks) < 2 or not first.request:
        return DigestLine(first.text, reverse("notice", args=[group[-1].notice.pk]), is_urgent=urgent)
    return DigestLine(f"{_codes(tasks)}：{first.request}", _list_page(tasks), len(tasks), urgent)


def _codes(tasks: list[Task]) -> str:
    """Return the first codes and the number of tasks, such as ``4-3-3、4-3-4、5-1-2 等 8 项``."""
    codes = list(dict.fromkeys(task.code for task in tasks))
    word = "等" if len(codes) > MAX_CODES else "共"
    return f"{'、'.join(codes[:MAX_CODES])} {word} {len(tasks)} 项"


def _list_page(tasks: list[Task]) -> str:
    """Return the path of the list of the phase's unanswered tasks, of the unit if there is only one."""
    signing = all(task.status == TaskStatus.SIGNING for task in tasks)
    narrowed = {"phase": tasks[0].phase_id, "status": TaskStatus.SIGNING.value if signing else "unanswered"}
    units = {task.unit_id for task in tasks}
    narrowed |= {"unit": units.pop()} if len(units) == 1 else {}
    return f"{reverse('task_list', args=[tasks[0].campaign_id])}?{urlencode(narrowed)}"


def _rest(lines: list[DigestLine]) -> DigestLine:
    count = sum(line.count for line in lines)
    return DigestLine(
        f"还有 {count} 项，请登录查看。", reverse("notices"), count, any(line.is_urgent for line in lines)
    )
