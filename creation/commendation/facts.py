"""The facts laid beside a nomination: what the nominee's unit did in the campaign. Counts, no scores, no ranking."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q

from creation.models import Campaign, Review, ReviewVerdict, Submission, Task
from creation.models.task import TaskQuerySet
from creation.rules.targets import Standing
from creation.tasks.measure_summary import MeasureTable
from creation.tasks.rectification_figures import RectificationCounts, count_by_status

DUE = (Standing.MET, Standing.MISSED, Standing.EMPTY)  # what is not due yet is not missed


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """``in_time`` of ``due`` tasks were first answered by the due day of that time; ``first_pass`` of ``reviewed`` tasks passed their
    first review; ``met`` of ``measures`` that are due reach their targets."""

    due: int = 0
    in_time: int = 0
    reviewed: int = 0
    first_pass: int = 0
    returns: int = 0
    findings: int = 0
    closed: int = 0
    measures: int = 0
    met: int = 0

    @property
    def as_text(self) -> str:
        """The facts as lines, for a sheet."""
        parts = (
            ("按时报送", self.in_time, self.due),
            ("一次通过", self.first_pass, self.reviewed),
            ("问题销号", self.closed, self.findings),
            ("指标达标", self.met, self.measures),
        )
        lines = [f"{label} {part} / {whole}" for label, part, whole in parts if whole]
        return "\n".join([*lines, f"退回 {self.returns} 次"])


def facts_by_unit(campaign: Campaign, units: Collection[int], today: date) -> dict[int, UnitFacts]:
    """Return unit → facts. The number of queries does not depend on the units."""
    tasks = Task.objects.active().filter(campaign=campaign, unit__in=units)
    plan = tasks.of_plan()
    due, in_time = _punctuality(plan, today)
    reviewed, first_pass, returns = _reviews(plan)
    rectified: dict[int, RectificationCounts] = defaultdict(RectificationCounts)
    for unit, status in tasks.rectifications().values_list("unit", "status"):
        rectified[unit].add(count_by_status(status, None, today))
    measures, met = _measures(campaign, units, today)
    return {
        unit: UnitFacts(
            due[unit],
            in_time[unit],
            reviewed[unit],
            first_pass[unit],
            returns[unit],
            rectified[unit].total,
            rectified[unit].closed,
            measures[unit],
            met[unit],
        )
        for unit in units
    }


def _punctuality(plan: TaskQuerySet, today: date) -> tuple[Counter[int], Counter[int]]:
    first = Submission.objects.filter(task=OuterRef("pk"), number=1)
    punctual = first.filter(Q(due_on=None) | Q(handed_on__lte=F("due_on")))
    rows = plan.filter(due_on__lte=today).annotate(in_time=Exists(punctual)).values_list("unit", "in_time")
    due, in_time = Counter[int](), Counter[int]()
    for unit, was_in_time in rows:
        due[unit] += 1
        in_time[unit] += was_in_time
    return due, in_time


def _reviews(plan: TaskQuerySet) -> tuple[Counter[int], Counter[int], Counter[int]]:
    rows = Review.objects.filter(submission__task__in=plan.values("pk")).order_by("submission__number")
    seen: set[int] = set()
    reviewed, first_pass, returns = Counter[int](), Counter[int](), Counter[int]()
    for task, unit, verdict in rows.values_list("submission__task", "submission__task__unit", "verdict"):
        returns[unit] += verdict == ReviewVerdict.RETURN
        if task not in seen:
            seen.add(task)
            reviewed[unit] += 1
            first_pass[unit] += verdict == ReviewVerdict.APPROVE
    return reviewed, first_pass, returns


def _measures(campaign: Campaign, units: Collection[int], today: date) -> tuple[Counter[int], Counter[int]]:
    measures, met = Counter[int](), Counter[int]()
    for summary in MeasureTable(campaign, today, list(units)).summaries():
        for row in summary.rows:
            if row.standing in DUE:
                measures[row.unit.pk] += 1
                met[row.unit.pk] += row.standing is Standing.MET
    return measures, met
