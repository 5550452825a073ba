"""The checklist of a visit: what the unit owes, what it promised to show on site, and earlier findings that are not closed.

It is there before the first word is typed. What inspectors have noted stands with the line that it is about.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from creation.models import (
    ANSWERED,
    AnswerMode,
    Finding,
    Indicator,
    Submission,
    Task,
    TaskStatus,
    User,
    Visit,
    VisitCheck,
)


@dataclass(slots=True)
class ChecklistLine:
    """One thing to look at. ``in_focus``: the round looks at its section, item or checkpoint. ``reader``: who has the page before him."""

    task: Task
    reader: int
    note: str = ""
    in_focus: bool = False
    noted: list[VisitCheck] = field(default_factory=list)

    @property
    def own(self) -> VisitCheck | None:
        """What the reader noted last: he corrects it, and does not write it again."""
        return next((check for check in reversed(self.noted) if check.created_by_id == self.reader), None)

    @property
    def is_reported(self) -> bool:
        """Return whether it is a rectification that waits to be verified."""
        return self.task.is_rectification and self.task.status == TaskStatus.SUBMITTED

    @property
    def by_others(self) -> list[VisitCheck]:
        return [check for check in self.noted if check != self.own]


@dataclass(slots=True)
class ChecklistGroup:
    name: str
    lines: list[ChecklistLine] = field(default_factory=list)

    @property
    def is_folded(self) -> bool:
        """Return whether the group is long and not urgent: tasks that are not due yet, and nothing was noted on them."""
        not_urgent = self.name == GROUPS[OPEN] and not any(line.in_focus or line.noted for line in self.lines)
        return not_urgent and len(self.lines) > FEW


@dataclass(slots=True)
class Checklist:
    groups: list[ChecklistGroup]
    others: list[VisitCheck]  # about something else, or about a task that is no longer on the list

    @property
    def noted(self) -> list[VisitCheck]:
        """All that was noted, in the order of the list."""
        return [check for group in self.groups for line in group.lines for check in line.noted] + self.others


FEW = 8  # lines of what is not due yet that are shown unfolded
REPORTED, REMAINING, ON_SITE, FOCUS, OVERDUE, RETURNED, OPEN = range(7)
GROUPS = (
    "已报整改，待核查",
    "以前的问题，没有销号",
    "现场提供，请对方出示",
    "本轮重点，已报送",
    "已逾期",
    "退回修改",
    "还没有报",
)


def checklist(visit: Visit, today: date, reader: User) -> Checklist:
    """Return the checklist of the visit's unit as it is now. The number of queries does not grow with the lines."""
    notes: dict[int | None, list[VisitCheck]] = defaultdict(list)
    for check in checks_of(visit):
        notes[check.task_id].append(check)
    focus = _focus(visit)
    groups = [ChecklistGroup(name) for name in GROUPS]
    for task in _tasks(visit):
        line = ChecklistLine(task, reader.pk, in_focus=_is_in_focus(task, focus))
        place = _group_of(line, today)
        if place is not None:
            line.note, line.noted = _note(task, place, today), notes.pop(task.pk, [])
            groups[place].lines.append(line)
    for group in groups:
        group.lines.sort(key=lambda line: not line.in_focus)
    return Checklist([group for group in groups if group.lines], [check for rows in notes.values() for check in rows])


def checks_of(visit: Visit) -> QuerySet[VisitCheck]:
    joins = ("created_by", "task__indicator", "task__action", "task__finding")
    recorded = Prefetch("findings", Finding.objects.active().order_by("serial"))
    return (
        VisitCheck.objects.filter(visit=visit)
        .select_related(*joins)
        .prefetch_related("photos", recorded)
        .order_by("pk")
    )


def _tasks(visit: Visit) -> Iterable[Task]:
    """Return the unit's tasks; not the rectifications of what this visit found."""
    latest = Submission.objects.filter(task=OuterRef("pk")).order_by("-number")
    rows = Task.objects.active().filter(campaign=visit.round.campaign_id, unit=visit.unit_id)
    rows = rows.exclude(finding__in=visit.findings.values("pk"))
    return (
        rows.for_table()
        .in_ledger_order()
        .annotate(
            answer_mode=Subquery(latest.values("mode")[:1]),
            answer_place=Subquery(latest.values("place")[:1]),
            answer_keeper=Subquery(latest.values("keeper")[:1]),
        )
    )


def _group_of(line: ChecklistLine, today: date) -> int | None:
    """Return the number of the group, or None for what is closed, or answered by upload and not in focus."""
    task = line.task
    if task.is_rectification:
        if task.status == TaskStatus.APPROVED:
            return None
        return REPORTED if task.status == TaskStatus.SUBMITTED else REMAINING
    if task.status in ANSWERED:
        if getattr(task, "answer_mode", "") == AnswerMode.ON_SITE:
            return ON_SITE
        return FOCUS if line.in_focus else None
    if task.status == TaskStatus.RETURNED:
        return RETURNED
    return OVERDUE if task.due_on and task.due_on < today else OPEN


def _note(task: Task, place: int, today: date) -> str:
    if place == ON_SITE:
        return f"存放：{getattr(task, 'answer_place', '')}；保管人：{getattr(task, 'answer_keeper', '')}"
    if place == FOCUS:
        return task.get_status_display()
    late = "，已逾期" if place in (RETURNED, REMAINING) and task.due_on and task.due_on < today else ""
    return f"{task.get_status_display()}，" + (f"时限 {task.due_on:%Y-%m-%d}{late}" if task.due_on else "时限待定")


def _focus(visit: Visit) -> set[int]:
    """Return the sections, items and checkpoints that the round looks at, with all that stands below them."""
    points = visit.round.points.order_by().values("pk")
    below = Q(pk__in=points) | Q(parent__in=points) | Q(parent__parent__in=points)
    return set(Indicator.objects.filter(below).values_list("pk", flat=True))


def _is_in_focus(task: Task, focus: set[int]) -> bool:
    point = task.indicator or (task.finding.indicator if task.finding else None)
    return point is not None and point.pk in focus
