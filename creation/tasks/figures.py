"""The figures of a set of tasks, each with its one definition: pages, snapshots, the ledger, Word papers and pictures count with these.

Nobody is scored or ranked by them: see docs/decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q

from creation.models import ANSWERED, UNANSWERED, DueDateChange, TaskStatus
from creation.rules.deadlines import Light

DEFINITIONS: Mapping[str, str] = {
    "任务": "已下发、没有撤销的任务",
    "已报送": "待审核和已通过的任务",
    "已通过": "审核通过的任务",
    "待审核": "已报送、还没有审核的任务",
    "退回": "退回后还没有重新报送的任务",
    "逾期": "时限已过、还没有报送的任务",
    "临期": "三个工作日内到期、还没有报送的任务",
    "到期": "时限在截至日或以前的任务",
    "报送率": "到期的任务中已报送的比例",
    "办结率": "全部任务中已通过的比例",
    "已调整时限": "下发以后时限推迟过的任务",
}


@dataclass
class TaskFigures:
    """Counts of tasks. ``due``: due day reached; ``due_answered``: of these, submitted or approved."""

    total: int = 0
    approved: int = 0
    submitted: int = 0
    returned: int = 0
    overdue: int = 0
    near: int = 0
    due: int = 0
    due_answered: int = 0

    def add(self, other: "TaskFigures") -> None:
        """Add the counts. Field by field instead of ``asdict``, because a matrix of 60 units does this thousands of times."""
        self.total += other.total
        self.approved += other.approved
        self.submitted += other.submitted
        self.returned += other.returned
        self.overdue += other.overdue
        self.near += other.near
        self.due += other.due
        self.due_answered += other.due_answered

    @property
    def answered(self) -> int:
        """已报送."""
        return self.approved + self.submitted

    @property
    def unanswered(self) -> int:
        """未报送 that were not returned: open, or waiting for the signature in their unit."""
        return self.total - self.answered - self.returned

    @property
    def report_rate(self) -> float | None:
        """报送率; None while nothing is due."""
        return self.due_answered / self.due if self.due else None

    @property
    def done_rate(self) -> float | None:
        """办结率; None where there are no tasks."""
        return self.approved / self.total if self.total else None


def count_tasks(light: str, status: str, due: bool, count: int = 1) -> TaskFigures:
    """Return the figures of ``count`` tasks with the same light and status, all of them due or none."""
    return TaskFigures(
        total=count,
        approved=count if status == TaskStatus.APPROVED else 0,
        submitted=count if status == TaskStatus.SUBMITTED else 0,
        returned=count if status == TaskStatus.RETURNED else 0,
        overdue=count if light == Light.RED else 0,
        near=count if light == Light.YELLOW else 0,
        due=count if due else 0,
        due_answered=count if due and status in ANSWERED else 0,
    )


def aggregates(today: date, soon: date) -> dict[str, Count]:
    """Return the same figures for a database to count, which compares nothing with lights; ``soon``: the last day that counts as near."""
    waiting = Q(status__in=UNANSWERED)
    return {
        "total": Count("pk"),
        "approved": Count("pk", Q(status=TaskStatus.APPROVED)),
        "submitted": Count("pk", Q(status=TaskStatus.SUBMITTED)),
        "overdue": Count("pk", waiting & Q(due_on__lt=today)),
        "near": Count("pk", waiting & Q(due_on__gte=today, due_on__lte=soon)),
    }


def unit_ranks(rates: Mapping[int, float | None]) -> dict[int, int]:
    """Return the rank of each unit by 报送率, the only figure by which units may be ranked (docs/decisions/0082).

    Equal rates share a rank; a unit of which nothing is due yet has none.
    """
    known = [rate for rate in rates.values() if rate is not None]
    return {unit: 1 + sum(other > rate for other in known) for unit, rate in rates.items() if rate is not None}


def is_due(due_on: date | None, day: date) -> bool:
    """Return whether a task with this due day is 到期 on that day. An undated task never is."""
    return due_on is not None and due_on <= day


def postponed(tasks: Any, day: date) -> set[int]:
    """Return the tasks whose due day was moved to a later one up to that day (已调整时限), which lifts the 报送率."""
    later = Q(new_due_on__gt=F("old_due_on")) | Q(old_due_on__isnull=False, new_due_on=None)
    changes = DueDateChange.objects.filter(later, task__in=tasks.order_by().values("pk"), changed_at__date__lte=day)
    return set(changes.order_by().values_list("task", flat=True))
