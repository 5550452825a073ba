"""Data of rectifications for papers, as text: figures, problems of a period, units, what one unit has rectified."""

from datetime import date
from typing import Any

from django.db.models import Count

from creation.models import Campaign, Finding, Holiday, Task, TaskEvent, Unit
from creation.rules.deadlines import YELLOW_WORKDAYS
from creation.rules.percent import percent_text
from creation.tasks import rectification_figures
from creation.tasks.rectification_figures import RELAPSE, RectificationFigures
from reports.ledger.columns import day_text
from reports.rectifications.rows import RectificationRow, rectification_rows

Rows = list[dict[str, str]]


def figures(campaign: Campaign, today: date, unit: Unit | None = None) -> dict[str, str]:
    tasks = _tasks(campaign, unit)
    whole = rectification_figures.break_down(tasks, today).whole
    return {"问题总数": str(tasks.order_by().values("finding").distinct().count())} | as_text(whole)


def as_text(whole: RectificationFigures) -> dict[str, str]:
    return {
        "整改总数": str(whole.total),
        "已销号": str(whole.closed),
        "未销号": str(whole.open),
        "待核查数": str(whole.waiting),
        "整改逾期数": str(whole.overdue),
        "长期坚持数": str(whole.long_term),
        "反弹数": str(whole.relapsed),
        "销号率": percent_text(whole.closed_rate),
        "按期销号率": percent_text(whole.in_time_rate),
    }


def sentence(campaign: Campaign, today: date) -> str:
    """Return the figures as a sentence for the bulletin; "" without findings."""
    whole = rectification_figures.break_down(_tasks(campaign), today).whole
    if not whole.total:
        return ""
    said = f"督导问题整改共{whole.total}项，已销号{whole.closed}项，销号率{percent_text(whole.closed_rate)}"
    in_time = f"，按期销号率{percent_text(whole.in_time_rate)}" if whole.due else ""
    late = f"；逾期未报整改{whole.overdue}项" if whole.overdue else ""
    return f"{said}{in_time}{late}。"


def moves_of(campaign: Campaign, first: date, last: date) -> dict[str, str]:
    """Return what was found, closed and came back from ``first`` to ``last``; a rectification counts once for each."""
    found = Finding.objects.active().filter(campaign=campaign, created_at__date__gte=first, created_at__date__lte=last)
    events = TaskEvent.objects.filter(
        task__in=_tasks(campaign).order_by().values("pk"), created_at__date__gte=first, created_at__date__lte=last
    )
    counts = dict(events.order_by().values_list("move").annotate(n=Count("task", distinct=True)))
    return {
        "本期问题": str(found.count()),
        "本期整改": str(_tasks(campaign).filter(finding__in=found.values("pk")).count()),
        "本期销号": str(counts.get("close", 0)),
        "本期反弹": str(counts.get(RELAPSE, 0)),
    }


def problems(campaign: Campaign, today: date, first: date, last: date, unit: Unit | None = None) -> Rows:
    """Return the findings recorded in these days: one row each, or of one unit."""
    tasks = _tasks(campaign, unit).filter(finding__created_at__date__gte=first, finding__created_at__date__lte=last)
    by_finding: dict[int, list[RectificationRow]] = {}
    for row in sorted(_rows(tasks, campaign, today), key=lambda row: (row.finding.serial, row.unit_order)):
        by_finding.setdefault(row.finding.pk, []).append(row)
    return [_problem(number, rows, today) for number, rows in enumerate(by_finding.values(), 1)]


def overdue(campaign: Campaign, today: date) -> Rows:
    """Return the rectifications whose due day has passed without a report, oldest first."""
    rows = _rows(_tasks(campaign).overdue(today), campaign, today)
    ordered = sorted(rows, key=lambda row: (row.due_on or today, row.finding.serial, row.unit_order))
    return [_problem(number, [row], today) for number, row in enumerate(ordered, 1)]


def by_unit(tasks: Any, campaign: Campaign, today: date) -> Rows:
    """Return these rectifications, one row each, in the order of the units."""
    rows = sorted(_rows(tasks, campaign, today), key=lambda row: (row.unit_order, row.unit_key, row.finding.serial))
    return [_problem(number, [row], today) for number, row in enumerate(rows, 1)]


def _problem(number: int, rows: list[RectificationRow], today: date) -> dict[str, str]:
    facts, days = rows[0].finding, {row.due_on for row in rows}
    return {
        "序号": str(number),
        "编号": facts.code,
        "来源": facts.wording["source"],
        "问题": facts.problem,
        "要求": facts.wording["demand"],
        "单位": "、".join(row.unit for row in rows),
        "时限": day_text(rows[0].due_on) or "待定" if len(days) == 1 else "分别确定",
        "状态": rows[0].status_name if len(rows) == 1 else f"已销号 {sum(row.is_closed for row in rows)}/{len(rows)}",
    }


def units(campaign: Campaign, today: date) -> Rows:
    found = rectification_figures.break_down(_tasks(campaign), today).units
    rows = Unit.objects.filter(pk__in=found).order_by("order", "pk")
    return [_unit_row(number, unit, found[unit.pk]) for number, unit in enumerate(rows, 1)]


def _unit_row(number: int, unit: Unit, of_unit: RectificationFigures) -> dict[str, str]:
    return {
        "序号": str(number),
        "名称": unit.short_name,
        "整改": str(of_unit.total),
        "已销号": str(of_unit.closed),
        "未销号": str(of_unit.open),
        "逾期": str(of_unit.overdue),
        "销号率": percent_text(of_unit.closed_rate),
        "按期销号率": percent_text(of_unit.in_time_rate),
    }


def rectified(campaign: Campaign, today: date, unit: Unit) -> Rows:
    """Return the rectifications of one unit with what it has done, in the order of the findings."""
    rows = sorted(_rows(_tasks(campaign, unit), campaign, today), key=lambda row: row.finding.serial)
    return [
        {
            "序号": str(number),
            "编号": row.finding.code,
            "问题": row.finding.problem,
            "措施": row.measures,
            "进展": row.progress,
            "佐证": "、".join(line.split(" ")[0] for line in row.proof.split("\n")),
            "责任人": row.person,
            "时限": day_text(row.due_on) or "待定",
            "状态": row.status_name,
            "销号日期": day_text(row.closed_on),
        }
        for number, row in enumerate(rows, 1)
    ]


def _tasks(campaign: Campaign, unit: Unit | None = None) -> Any:
    tasks = Task.objects.active().rectifications().filter(campaign=campaign)
    return tasks.filter(unit=unit) if unit else tasks


def _rows(tasks: Any, campaign: Campaign, today: date) -> list[RectificationRow]:
    soon = Holiday.objects.calendar().shift(today, YELLOW_WORKDAYS)
    return rectification_rows(tasks.with_light(today, soon), campaign, today, None)
