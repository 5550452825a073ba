"""What the leaders' board shows. Reads only; the number of queries does not grow with units, tasks or measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.urls import reverse

from creation import access
from creation.models import Campaign, Phase, Question, Task, TaskRequest, Unit, User
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission
from creation.rules.targets import Standing
from creation.tasks import progress, rectification_figures
from creation.tasks.charts import sparkline
from creation.tasks.measure_summary import MeasureSummary, MeasureTable
from creation.tasks.progress import Matrix, ProgressCell, WeekChange
from creation.tasks.rectification_figures import Breakdown

DECISIONS = 5
NEW_OVERDUE = 8  # points that became overdue, named


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that needs a decision: a sentence, and the page where it is made, if this person may (``action`` is on its button)."""

    weight: int
    text: str
    action: str = ""
    url: str = ""


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
    units: list[Unit]
    elapsed: float | None
    change: WeekChange | None
    new_overdue: list[Task]
    measures: list[BoardMeasure]
    rectifications: Breakdown
    decisions: list[Decision]

    @property
    def whole(self) -> ProgressCell:
        return self.found.whole

    @property
    def rows(self) -> list[tuple[Unit, ProgressCell, list[ProgressCell | None]]]:
        """Each unit that has tasks, with its cells in the order of the sections."""
        codes = [code for code, _, _ in self.sections]
        return [
            (unit, self.found.units[unit.pk], [self.found.cells[unit.pk].get(code) for code in codes])
            for unit in self.units
        ]

    @property
    def missed(self) -> list[BoardMeasure]:
        return [each for each in self.measures if each.standing in (Standing.MISSED, Standing.SHORT, Standing.EMPTY)]


def board_of(campaign: Campaign, user: User, today: date, calendar: Workdays) -> Board:
    tasks = Task.objects.visible_to(user).filter(campaign=campaign)
    found = progress.matrix(tasks.of_plan(), today, calendar)
    phases = list(campaign.phases.order_by("order"))
    table = MeasureTable(campaign, today)
    measures = [
        BoardMeasure(each, each.standing(today), sparkline([value for _, value in each.spark]))
        for each in table.summaries()
        if each.rows
    ]
    rectifications = rectification_figures.break_down(tasks.rectifications(), today)
    units = list(Unit.objects.filter(pk__in=found.units).order_by("order", "pk"))
    change = progress.week_change(found, progress.snapshots_to_compare([campaign], today).get(campaign.pk))
    return Board(
        found,
        progress.figures_by_section(found, campaign),
        units,
        elapsed_share(phases, today),
        change,
        _newly_overdue(tasks, change, today),
        measures,
        rectifications,
        _decisions(campaign, user, found, units, phases, measures, rectifications),
    )


def elapsed_share(phases: Sequence[Phase], today: date) -> float | None:
    """Return the share of the time from the first to the last dated day that has passed, 0 to 1; None while nothing is dated."""
    dated = [(phase.starts, phase.ends) for phase in phases if phase.starts and phase.ends]
    if not dated:
        return None
    first, last = min(starts for starts, _ in dated), max(ends for _, ends in dated)
    return min(1.0, max(0.0, (today - first).days / max((last - first).days, 1)))


def _newly_overdue(tasks: object, change: WeekChange | None, today: date) -> list[Task]:
    """Return tasks that became overdue since the day with which the week is compared, the latest first."""
    if change is None:
        return []
    late = tasks.of_plan().overdue(today).filter(due_on__gte=change.since)  # type: ignore[attr-defined]
    return list(late.for_list().order_by("-due_on", "unit__order", "pk")[:NEW_OVERDUE])


def _decisions(
    campaign: Campaign,
    user: User,
    found: Matrix,
    units: Sequence[Unit],
    phases: Sequence[Phase],
    measures: Sequence[BoardMeasure],
    rectifications: Breakdown,
) -> list[Decision]:
    rows = [
        *_requests(campaign, user),
        *_late_units(campaign, found, units),
        *_rectified(campaign, user, rectifications),
    ]
    rows += _measures(campaign, measures)
    rows += _undated(campaign, user, phases)
    rows += _questions(campaign, user)
    return sorted(rows, key=lambda each: -each.weight)[:DECISIONS]


def _link(user: User, permission: Permission, campaign: Campaign, name: str, action: str) -> dict[str, str]:
    if not campaign.is_open or not access.may(user, permission, campaign):
        return {}
    return {"action": action, "url": reverse(name, args=[campaign.pk])}


def _requests(campaign: Campaign, user: User) -> list[Decision]:
    waiting = TaskRequest.objects.filter(task__campaign=campaign, task__dropped_on=None, granted=None).order_by()
    counts = dict(waiting.values_list("kind").annotate(Count("pk")))
    if not counts:
        return []
    words = "、".join(
        f"{label} {counts[kind]} 件"
        for kind, label in TaskRequest._meta.get_field("kind").flatchoices
        if kind in counts
    )
    text = f"{words}等待答复"
    return [
        Decision(30 + sum(counts.values()), text, **_link(user, Permission.TASK_DECIDE, campaign, "requests", "去答复"))
    ]


def _late_units(campaign: Campaign, found: Matrix, units: Sequence[Unit]) -> list[Decision]:
    late = sorted(
        (unit for unit in units if found.units[unit.pk].overdue), key=lambda unit: -found.units[unit.pk].overdue
    )
    if not late:
        return []
    named = "、".join(f"{unit.short_name} {found.units[unit.pk].overdue} 项" for unit in late[:3])
    more = f"等 {len(late)} 个单位" if len(late) > 3 else ""
    url = reverse("unit_progress", args=[campaign.pk, late[0].pk])
    return [Decision(40 + found.whole.overdue // 10, f"逾期未报：{named}{more}", "看第一个", url)]


def _rectified(campaign: Campaign, user: User, rectifications: Breakdown) -> list[Decision]:
    whole, rows = rectifications.whole, []
    listed = reverse("rectifications", args=[campaign.pk])
    if whole.overdue:
        rows.append(Decision(50 + whole.overdue, f"整改逾期 {whole.overdue} 项", "看是哪些", f"{listed}?light=red"))
    if whole.waiting:
        rows.append(
            Decision(20 + whole.waiting, f"整改已报待核查 {whole.waiting} 项", "看是哪些", f"{listed}?status=submitted")
        )
    return rows


def _measures(campaign: Campaign, measures: Sequence[BoardMeasure]) -> list[Decision]:
    missed = [each for each in measures if each.standing in (Standing.MISSED, Standing.SHORT)]
    if not missed:
        return []
    first = missed[0].summary.measure
    text = f"{len(missed)} 项指标数据没有达标，如“{first}”"
    return [Decision(35 + len(missed), text, "看数据", reverse("measures", args=[campaign.pk]))]


def _undated(campaign: Campaign, user: User, phases: Sequence[Phase]) -> list[Decision]:
    undated = [phase.name for phase in phases if phase.starts is None]
    if not undated:
        return []
    text = f"{'、'.join(undated)}还没有定时间"
    return [Decision(10, text, **_link(user, Permission.CAMPAIGN_MANAGE, campaign, "phases", "去定时间"))]


def _questions(campaign: Campaign, user: User) -> list[Decision]:
    count = Question.objects.waiting().filter(task__campaign=campaign).count()
    if not count:
        return []
    return [
        Decision(
            15 + count,
            f"单位提问 {count} 个没有答复",
            **_link(user, Permission.QUESTION_ANSWER, campaign, "questions", "去答复"),
        )
    ]


def percent(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(share * 100).quantize(Decimal(1))
