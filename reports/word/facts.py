"""Data of a campaign for papers, as text: figures, units, late tasks, what is shown on site."""

from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from creation.models import (
    AnswerMode,
    Campaign,
    Membership,
    Submission,
    Task,
    TaskEvent,
    Unit,
)
from creation.papers import statements
from creation.papers.statements import Statement
from creation.rules.percent import percent_text
from creation.rules.policy import Role
from creation.tasks import progress
from creation.tasks.figures import TaskFigures, postponed, unit_ranks

Rows = list[dict[str, str]]


def figures(campaign: Campaign, today: date) -> dict[str, str]:
    whole = progress.matrix(_tasks(campaign), today).whole
    return {
        "任务总数": str(whole.total),
        "已报送": str(whole.answered),
        "已通过": str(whole.approved),
        "报送率": percent_text(whole.report_rate),
        "办结率": percent_text(whole.done_rate),
        "逾期数": str(whole.overdue),
        "退回数": str(whole.returned),
        "已调整时限": str(len(postponed(_tasks(campaign), today))),
    }


def moves_of(campaign: Campaign, first: date, last: date) -> dict[str, str]:
    """Return how many tasks of the plan were submitted, approved and returned from ``first`` to ``last``; a task counts once for each."""
    rows = TaskEvent.objects.filter(
        task__campaign=campaign, task__finding=None, created_at__date__gte=first, created_at__date__lte=last
    )
    found = dict(rows.order_by().values_list("move").annotate(n=Count("task", distinct=True)))
    names = {"本期报送": "submit", "本期通过": "approve", "本期退回": "return"}
    return {label: str(found.get(move, 0)) for label, move in names.items()}


def units(campaign: Campaign, today: date, ranked: bool = False) -> Rows:
    """Return the units with their figures: in the order of the roster, or by rank."""
    found = progress.matrix(_tasks(campaign), today).units
    rows = list(Unit.objects.filter(pk__in=found).order_by("order", "pk"))
    ranks = unit_ranks({unit.pk: found[unit.pk].report_rate for unit in rows}) if ranked else {}
    rows.sort(key=lambda unit: ranks.get(unit.pk, len(rows)))
    return [
        _unit_row(number, unit, found[unit.pk], str(ranks.get(unit.pk, "—" if ranked else "")))
        for number, unit in enumerate(rows, 1)
    ]


def _unit_row(number: int, unit: Unit, cell: TaskFigures, rank: str) -> dict[str, str]:
    return {
        "序号": str(number),
        "名次": rank,
        "名称": unit.short_name,
        "任务": str(cell.total),
        "已报送": str(cell.answered),
        "已通过": str(cell.approved),
        "逾期": str(cell.overdue),
        "报送率": percent_text(cell.report_rate),
        "办结率": percent_text(cell.done_rate),
    }


def late(campaign: Campaign, today: date, unit: Unit | None = None) -> Rows:
    """Return overdue tasks that are not submitted, oldest first."""
    tasks: Any = _tasks(campaign).overdue(today)
    if unit:
        tasks = tasks.filter(unit=unit)
    return [
        {
            "序号": str(number),
            "编号": task.code,
            "名称": task.title,
            "单位": task.unit.short_name,
            "时限": f"{task.due_on:%Y-%m-%d}",
            "天数": str((today - task.due_on).days),
        }
        for number, task in enumerate(tasks.for_table().by_urgency(), 1)
    ]


def of_unit(campaign: Campaign, unit: Unit, today: date) -> dict[str, str]:
    held = Membership.objects.recipients(today, Role.LIAISON).for_campaign(campaign).filter(unit=unit)
    names = dict.fromkeys(held.values_list("user__name", flat=True))
    return {"单位": unit.name, "联络员": "、".join(names) or "未指定", "分管领导": unit.leader or "未填写"}


def statement(task: Task, sheet: Statement) -> dict[str, str]:
    return {
        "单位": sheet.unit,
        "要点编号": task.code,
        "要点": task.title,
        "标题": sheet.title,
        "情况说明": "\n".join(sheet.paragraphs),
        "报送日期": sheet.day,
    }


def sheet_of(task: Task) -> Statement:
    """Return the statement submitted last. Raises LookupError when the latest answer is not a statement."""
    found = statements.submitted_statement(task)
    if found is None:
        raise LookupError("No statement")
    return statements.lay_out(task, *found)


def statement_tasks(tasks: Any) -> Any:
    """Return the tasks whose latest answer is a statement."""
    newest = Submission.objects.filter(task=OuterRef("pk")).order_by("-number").values("mode")[:1]
    return tasks.alias(mode=Subquery(newest)).filter(mode=AnswerMode.STATEMENT).for_table().in_ledger_order()


def on_site(campaign: Campaign, unit: Unit | None = None) -> Rows:
    """Return the tasks whose latest answer is shown on site, in the order of the indicators."""
    tasks: Any = _tasks(campaign).answered()
    if unit:
        tasks = tasks.filter(unit=unit)
    ordered = list(tasks.for_table().in_ledger_order())
    newest = {row.task_id: row for row in Submission.objects.filter(task__in=ordered).order_by("number")}
    shown = [(task, newest[task.pk]) for task in ordered if newest[task.pk].mode == AnswerMode.ON_SITE]
    return [
        {
            "序号": str(number),
            "编号": task.code,
            "要点": task.title,
            "单位": task.unit.short_name,
            "保管人": answer.keeper,
            "地点": answer.place,
        }
        for number, (task, answer) in enumerate(shown, 1)
    ]


def _tasks(campaign: Campaign) -> Any:
    return Task.objects.active().of_plan().filter(campaign=campaign)
