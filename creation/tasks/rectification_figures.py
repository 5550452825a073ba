"""The figures of rectifications (整改), each with its one definition: pages, workbooks, bulletins and reports count with these.

Like ``figures`` for the tasks of the plan. Nobody is scored or ranked by them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When

from creation.models import UNANSWERED, Submission, TaskEvent, TaskStatus
from creation.tasks.figures import is_due

RELAPSE = "relapse"  # the name of the move (反弹)
DEFINITIONS: Mapping[str, str] = {
    "整改": "已下发、没有撤销的整改，一个单位整改一个问题为一项",
    "已销号": "核查通过、已经销号的整改",
    "未销号": "还没有销号的整改，长期坚持的也在内",
    "待核查": "已报整改、还没有核查的",
    "整改逾期": "时限已过、还没有报整改的",
    "长期坚持": "领导小组同意长期坚持、每年复查的",
    "反弹": "销号后问题又出现过的整改",
    "销号率": "全部整改中已销号的比例",
    "按期销号率": "时限在截至日或以前的整改中，按时报送并已销号的比例；长期坚持的不计",
}


@dataclass
class RectificationCounts:
    """Counts of rectifications as far as status and due day tell."""

    total: int = 0
    closed: int = 0
    waiting: int = 0
    overdue: int = 0
    long_term: int = 0

    def add(self, other: Self) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def open(self) -> int:
        """未销号."""
        return self.total - self.closed

    @property
    def closed_rate(self) -> float | None:
        """销号率; None where there are no rectifications."""
        return self.closed / self.total if self.total else None


@dataclass
class RectificationFigures(RectificationCounts):
    """All figures. ``due``: due day reached, without 长期坚持; ``in_time``: of these, reported by then and closed."""

    relapsed: int = 0
    due: int = 0
    in_time: int = 0

    @property
    def in_time_rate(self) -> float | None:
        """按期销号率; None while nothing is due."""
        return self.in_time / self.due if self.due else None


def count_by_status(status: str, due_on: date | None, today: date, count: int = 1) -> RectificationCounts:
    """Return the counts of ``count`` rectifications that are alike."""
    overdue = due_on is not None and due_on < today and status in UNANSWERED
    return RectificationCounts(
        total=count,
        closed=count if status == TaskStatus.APPROVED else 0,
        waiting=count if status == TaskStatus.SUBMITTED else 0,
        overdue=count if overdue else 0,
        long_term=count if status == TaskStatus.LONG_TERM else 0,
    )


def count_rectifications(
    status: str, due_on: date | None, today: date, *, on_time: bool, relapsed: bool, count: int = 1
) -> RectificationFigures:
    """Return the figures of ``count`` rectifications that are alike. ``on_time``: the last report came by its due day."""
    due = is_due(due_on, today) and status != TaskStatus.LONG_TERM
    counts = count_by_status(status, due_on, today, count)
    return RectificationFigures(
        **vars(counts),
        relapsed=count if relapsed else 0,
        due=count if due else 0,
        in_time=count if due and counts.closed and on_time else 0,
    )


@dataclass
class Breakdown:
    """Figures by source (key, or name where a past day is read), unit (key) and section (code, "" for findings without a checkpoint),
    and of all.

    ``open_cells``: unit → section → 未销号, for the matrix of progress.
    """

    sources: dict[int | str, RectificationFigures] = field(default_factory=lambda: defaultdict(RectificationFigures))
    units: dict[int, RectificationFigures] = field(default_factory=lambda: defaultdict(RectificationFigures))
    sections: dict[str, RectificationFigures] = field(default_factory=lambda: defaultdict(RectificationFigures))
    whole: RectificationFigures = field(default_factory=RectificationFigures)
    open_cells: dict[int, dict[str, int]] = field(default_factory=dict)

    def include(self, source: int | str, unit: int, section: str, figures: RectificationFigures) -> None:
        for each in (self.sources[source], self.units[unit], self.sections[section], self.whole):
            each.add(figures)
        if figures.open:
            cells = self.open_cells.setdefault(unit, {})
            cells[section] = cells.get(section, 0) + figures.open


def break_down(tasks: Any, today: date) -> Breakdown:
    """Return the figures of the rectifications among ``tasks`` from one grouped query."""
    found = Breakdown()
    for source, unit, section, status, due_on, on_time, relapsed, count in _groups(tasks):
        figures = count_rectifications(
            status, due_on, today, on_time=bool(on_time), relapsed=bool(relapsed), count=count
        )
        found.include(source, unit, section or "", figures)
    return found


def _groups(tasks: Any) -> Any:
    reports = Submission.objects.filter(task=OuterRef("pk")).order_by("-number")
    with_report = tasks.annotate(
        handed_on=Subquery(reports.values("handed_on")[:1]), promised_on=Subquery(reports.values("due_on")[:1])
    )
    on_time = When(Q(promised_on=None) | Q(handed_on__lte=F("promised_on")), handed_on__isnull=False, then=Value(1))
    relapses = TaskEvent.objects.filter(task=OuterRef("pk"), move=RELAPSE)
    section = "finding__indicator__parent__parent__code"
    names = ("finding__source", "unit", section, "status", "due_on", "on_time", "relapsed")
    return (
        with_report.filter(finding__isnull=False)
        .annotate(
            on_time=Case(on_time, default=Value(0), output_field=IntegerField()),
            relapsed=Exists(relapses),
        )
        .order_by()
        .values_list(*names)
        .annotate(n=Count("pk"))
    )
