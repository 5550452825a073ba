"""Data of a round of inspection for papers, as text: its teams and plan; what was visited, seen and found, and what is closed of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from creation.models import Campaign, Finding, Severity, SupervisionRound, Task, Verdict, Visit, VisitCheck
from creation.supervision.visits import last_checks
from creation.tasks import rectification_figures
from reports.word import rectification_facts
from reports.word.definition import date_text

Rows = list[dict[str, str]]
UNDATED = "待定"


def of_round(row: SupervisionRound) -> dict[str, str]:
    points = "、".join(f"{point.code} {point.title}" for point in row.points.order_by("order"))
    return {
        "轮次": row.name,
        "起始日": date_text(row.starts),
        "截止日": date_text(row.ends),
        "重点指标": points or "全部指标",
        "督导重点": row.focus,
        "请单位准备": row.preparation or "请按任务页的要求备好印证资料。",
    }


def teams(row: SupervisionRound) -> Rows:
    """Return the teams with the units that each visits, in the order of the days."""
    units: dict[int, list[str]] = defaultdict(list)
    for visit in _visits(row):
        if visit.unit.short_name not in units[visit.team_id]:
            units[visit.team_id].append(visit.unit.short_name)
    rows = row.teams.select_related("leader").prefetch_related("members")
    return [
        {
            "序号": str(number),
            "组名": team.name,
            "组长": team.leader.name,
            "成员": "、".join(person.name for person in team.members.all() if person.pk != team.leader_id) or "—",
            "单位": "、".join(units[team.pk]) or "—",
        }
        for number, team in enumerate(rows, 1)
    ]


def planned(row: SupervisionRound) -> Rows:
    return [
        {
            "序号": str(number),
            "日期": _day_of(visit),
            "时段": visit.get_half_display(),
            "单位": visit.unit.name,
            "督导组": visit.team.name,
            "组长": visit.team.leader.name,
        }
        for number, visit in enumerate(_visits(row), 1)
    ]


def visited(row: SupervisionRound) -> tuple[dict[str, str], dict[str, Rows]]:
    """Return the counts of the visits and what was noted on them as fields, and their lists ``走访`` and ``情况``."""
    visits, noted = _visits(row), _last_checks(row)
    found = Counter(Finding.objects.active().filter(visit__round=row).values_list("visit", flat=True))
    whole = Counter(check.verdict for checks in noted.values() for check in checks)
    recorded = [visit for visit in visits if visit.recorded_at]
    fields = {
        "走访数": str(len(visits)),
        "已记录数": str(len(recorded)),
        "单位数": str(len({visit.unit_id for visit in recorded})),
        "已签收数": str(sum(visit.signed_at is not None for visit in recorded)),
        "查看数": str(whole.total()),
        "看到数": str(whole[Verdict.SEEN]),
        "未看到数": str(whole[Verdict.NOT_SEEN]),
        "不符数": str(whole[Verdict.MISMATCH]),
    }
    rows = [_visited(number, visit, noted[visit.pk], found[visit.pk]) for number, visit in enumerate(visits, 1)]
    wrong = [
        (visit, check)
        for visit in sorted(visits, key=lambda visit: (visit.unit.order, visit.unit_id))
        for check in noted[visit.pk]
        if check.verdict in (Verdict.NOT_SEEN, Verdict.MISMATCH)
    ]
    return fields, {"走访": rows, "情况": [_wrong(number, *each) for number, each in enumerate(wrong, 1)]}


def _visited(number: int, visit: Visit, checks: Iterable[VisitCheck], found: int) -> dict[str, str]:
    counts = Counter(check.verdict for check in checks)
    shown = {
        "看到": counts[Verdict.SEEN],
        "未看到": counts[Verdict.NOT_SEEN],
        "不符": counts[Verdict.MISMATCH],
        "问题": found,
    }
    signed = f"{visit.signed_name} {timezone.localdate(visit.signed_at):%m-%d}" if visit.signed_at else "未签收"
    return {
        "序号": str(number),
        "日期": f"{visit.day:%m-%d}" if visit.day else UNDATED,
        "单位": visit.unit.short_name,
        "督导组": visit.team.name,
        **{name: str(count) if visit.recorded_at else "—" for name, count in shown.items()},
        "签收": signed if visit.recorded_at else "未记录",
    }


def _wrong(number: int, visit: Visit, check: VisitCheck) -> dict[str, str]:
    return {
        "序号": str(number),
        "单位": visit.unit.short_name,
        "查看内容": check.title,
        "结果": check.get_verdict_display(),
        "说明": check.remark or "—",
    }


def found(campaign: Campaign, row: SupervisionRound, today: date) -> tuple[dict[str, str], Rows]:
    """Return the figures of what the round found, and a row for each unit and finding, in the order of the units."""
    tasks: Any = Task.objects.active().rectifications().filter(campaign=campaign, finding__visit__round=row)
    whole = rectification_figures.break_down(tasks, today).whole
    grave = Finding.objects.active().filter(visit__round=row).exclude(severity=Severity.GENERAL).count()
    fields = {"问题总数": str(Finding.objects.active().filter(visit__round=row).count()), "较重问题数": str(grave)}
    return fields | rectification_facts.as_text(whole), rectification_facts.by_unit(tasks, campaign, today)


def good_practice(row: SupervisionRound) -> str:
    """Return what inspectors saw and wrote about, a line each, as a beginning of 好的做法; not what was mended, which was a fault."""
    noted = _last_checks(row)
    return "\n".join(
        f"{visit.unit.short_name}：{check.title}。{''.join(check.remark.splitlines())}"
        for visit in _visits(row)
        for check in noted[visit.pk]
        if check.verdict == Verdict.SEEN and check.remark and not (check.task and check.task.is_rectification)
    )


def _visits(row: SupervisionRound) -> list[Visit]:
    return list(row.visits.active().for_table().by_day())


def _last_checks(row: SupervisionRound) -> dict[int, list[VisitCheck]]:
    """Return visit → what was noted last about each thing."""
    noted: dict[int, list[VisitCheck]] = defaultdict(list)
    joins = ("task__indicator", "task__action", "task__finding")
    for check in VisitCheck.objects.filter(visit__round=row).select_related(*joins).order_by("pk"):
        noted[check.visit_id].append(check)
    return defaultdict(list, {visit: last_checks(checks) for visit, checks in noted.items()})


def _day_of(visit: Visit) -> str:
    return f"{visit.day.month}月{visit.day.day}日" if visit.day else UNDATED
