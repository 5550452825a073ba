"""What the leaders' board shows. Reads only; the number of queries does not grow with units, tasks or measures."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from creation import access
from creation.briefing.decisions import NAMED_RECTIFICATIONS, Decision, decisions_of
from creation.models import (
    Campaign,
    Phase,
    Question,
    RequestKind,
    Review,
    ReviewVerdict,
    Snapshot,
    Task,
    TaskRequest,
    TaskStatus,
    User,
)
from creation.models.task import TaskQuerySet
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission
from creation.rules.targets import Standing
from creation.survey import survey_results
from creation.survey.survey_results import SurveyTotal
from creation.tasks import measure_summary, progress
from creation.tasks.charts import sparkline
from creation.tasks.measure_summary import MeasureSummary, MeasureTable
from creation.tasks.progress import Matrix, NamedUnit, ProgressCell, WeekChange
from creation.tasks.rectification_figures import RectificationCounts

NEW_OVERDUE, NEW_APPROVED = 8, 8  # points that became overdue or passed, named
PART = 55  # units of the matrix that are read on one screen; with more it has several parts, and on the printed sheet more columns
Row = tuple[NamedUnit, ProgressCell, list[ProgressCell | None]]


@dataclass(frozen=True, slots=True)
class BoardMeasure:
    summary: MeasureSummary
    standing: Standing
    points: str


@dataclass(frozen=True, slots=True)
class Board:
    """``elapsed``: the share of the campaign's dated phases that has passed, to be seen beside what is done."""

    found: Matrix
    sections: list[tuple[str, str, ProgressCell]]
    units: list[NamedUnit]
    elapsed: float | None
    change: WeekChange | None
    new_overdue: list[Task]
    new_approved: list[Task]
    measures: list[BoardMeasure]
    rectifications: RectificationCounts
    survey: SurveyTotal | None
    decisions: list[Decision]

    @property
    def whole(self) -> ProgressCell:
        return self.found.whole

    @property
    def rows(self) -> list[Row]:
        """Each unit that has tasks, with its cells in the order of the sections."""
        codes = [code for code, _, _ in self.sections]
        return [
            (unit, self.found.units[unit.pk], [self.found.cells[unit.pk].get(code) for code in codes])
            for unit in self.units
        ]

    @property
    def parts(self) -> list[list[Row]]:
        """The rows in parts of about the same length, each for one screen."""
        rows = self.rows
        count = -(-len(rows) // PART)
        size = -(-len(rows) // max(count, 1))
        return [rows[place * size : (place + 1) * size] for place in range(count)]

    @property
    def missed(self) -> list[BoardMeasure]:
        return [each for each in self.measures if each.standing in (Standing.MISSED, Standing.SHORT, Standing.EMPTY)]


def facts(today: date) -> dict[str, Any]:
    """Return annotations for campaigns: what the board says of one in a number, a day or a row.

    ``week_figures`` are those of the snapshot of ``week_day``; ``asked_first`` is the request of a unit that waits longest, as a mapping.
    """
    phases = Phase.objects.filter(campaign=OuterRef("pk"))
    dated = phases.filter(starts__isnull=False, ends__isnull=False)
    former = Snapshot.objects.filter(campaign=OuterRef("pk")).to_compare_with(today)
    waiting = TaskRequest.objects.filter(task__campaign=OuterRef("pk"), task__dropped_on=None, granted=None)
    first = JSONObject(
        pk="pk",
        kind="kind",
        until="wanted_on",
        unit="task__unit__short_name",
        code="task__indicator__code",
        title=Coalesce("task__indicator__title", "task__action__title", "task__finding__title"),
    )
    return {
        "first_day": Subquery(dated.order_by("starts").values("starts")[:1]),
        "last_day": Subquery(dated.order_by("-ends").values("ends")[:1]),
        "undated_phases": _number_of(phases.filter(starts=None)),
        "week_day": Subquery(former.values("day")[:1]),
        "week_figures": Subquery(former.values("figures")[:1]),
        "extensions_waiting": _number_of(waiting.filter(kind=RequestKind.EXTENSION)),
        "objections_waiting": _number_of(waiting.filter(kind=RequestKind.OBJECTION)),
        "asked_first": Subquery(waiting.order_by("created_at", "pk").values(row=first)[:1]),
        "questions_waiting": _number_of(Question.objects.waiting().in_campaign(OuterRef("pk"))),
    }


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(all=Func(F("pk"), function="COUNT", output_field=IntegerField())).values("all")
    return Coalesce(Subquery(counted), 0)


def campaign_with_facts(key: int, today: date) -> Campaign:
    return Campaign.objects.select_related("district", "host", "system").annotate(**facts(today)).get(pk=key)


def board_of(campaign: Any, user: User, today: date, calendar: Workdays) -> Board:
    """``campaign`` is annotated by ``facts``."""
    tasks = Task.objects.visible_to(user).filter(campaign=campaign)
    measures = measure_summary.measures_of(campaign)
    found = progress.overview(tasks, today, calendar, {each.indicator_id for each in measures})
    table = MeasureTable(campaign, today, measures=measures, asked=found.asked)
    shown = [
        BoardMeasure(each, each.standing(today), sparkline([value for _, value in each.spark]))
        for each in table.summaries()
        if each.rows
    ]
    change = None
    if campaign.week_day:
        change = progress.changes_since(found.plan, campaign.week_day, campaign.week_figures, found.units)
    reads_survey = access.may(user, Permission.SURVEY_READ, campaign)
    late = list(_late_rectifications(tasks, today)) if found.rectifications.overdue else []
    return Board(
        found.plan,
        found.sections,
        found.units,
        elapsed_share(campaign.first_day, campaign.last_day, today),
        change,
        _newly_overdue(tasks, change, today),
        _newly_approved(campaign, tasks, change),
        shown,
        found.rectifications,
        survey_results.latest_total(campaign, today) if reads_survey else None,
        decisions_of(
            campaign, user, found, late, [each.summary for each in shown if each.standing in measure_summary.BEHIND]
        ),
    )


def elapsed_share(first: date | None, last: date | None, today: date) -> float | None:
    """Return the share of the time from the first to the last dated day that has passed, 0 to 1; None while nothing is dated."""
    if first is None or last is None:
        return None
    return min(1.0, max(0.0, (today - first).days / max((last - first).days, 1)))


def _late_rectifications(tasks: TaskQuerySet, today: date) -> TaskQuerySet:
    """Return the rectifications that are overdue longest."""
    late = tasks.rectifications().overdue(today).for_list()
    return late.order_by("due_on", "unit__order", "finding__serial")[:NAMED_RECTIFICATIONS]


def _newly_overdue(tasks: TaskQuerySet, change: WeekChange | None, today: date) -> list[Task]:
    """Return tasks that became overdue since the day with which the week is compared, the latest first."""
    if change is None:
        return []
    late = tasks.of_plan().overdue(today).filter(due_on__gte=change.since)
    return list(late.for_list().order_by("-due_on", "unit__order", "pk")[:NEW_OVERDUE])


def _newly_approved(campaign: Any, tasks: TaskQuerySet, change: WeekChange | None) -> list[Task]:
    """Return tasks that passed since the day with which the week is compared, the latest first."""
    if change is None:
        return []
    begins = timezone.make_aware(datetime.combine(change.since + timedelta(days=1), time.min))
    passed = Review.objects.filter(
        submission__task__campaign=campaign, verdict=ReviewVerdict.APPROVE, created_at__gte=begins
    )
    latest = passed.order_by("-created_at", "-pk").values("submission__task")[:NEW_APPROVED]
    done = tasks.of_plan().filter(status=TaskStatus.APPROVED, pk__in=latest)
    return list(done.for_list().order_by("unit__order", "pk"))
