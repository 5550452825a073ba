"""统计: how many rectifications are closed, and in time, by source, unit and section."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation.models import Campaign, FindingSource, Task, Unit
from creation.rules.policy import Permission
from creation.tasks import rectification_figures as figures
from creation.tasks.rectification_figures import RectificationFigures
from creation.web import shortcuts

NO_POINT = "不对应要点"


@dataclass(frozen=True, slots=True)
class FiguresLine:
    """``narrows``: the part of the address that narrows the list of rectifications to this row, "" where no filter does."""

    name: str
    figures: RectificationFigures
    narrows: str
    findings: int = 0


@require_GET
def rectification_figures(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_READ)
    user = shortcuts.current_user(request)
    tasks, today = Task.objects.visible_to(user).rectifications().filter(campaign=campaign), timezone.localdate()
    found = figures.break_down(tasks, today)
    context = {
        "campaign": campaign,
        "today": today,
        "whole": found.whole,
        "findings": tasks.order_by().values("finding").distinct().count(),
        "tables": [
            ("按问题来源", "来源", _sources(found, tasks)),
            ("按单位", "单位", _units(found, tasks)),
            ("按一级指标", "一级指标", _sections(found, tasks, campaign)),
        ],
        "definitions": figures.DEFINITIONS,
    }
    return render(request, "creation/supervision/figures.html", context)


def _sources(found: figures.Breakdown, tasks: Any) -> list[FiguresLine]:
    counts = _finding_counts(tasks, "finding__source")
    return [
        FiguresLine(source.name, found.sources[source.pk], f"source={source.pk}", counts[source.pk])
        for source in FindingSource.objects.filter(pk__in=found.sources)
    ]


def _units(found: figures.Breakdown, tasks: Any) -> list[FiguresLine]:
    counts = _finding_counts(tasks, "unit")
    return [
        FiguresLine(unit.short_name, found.units[unit.pk], f"unit={unit.pk}", counts[unit.pk])
        for unit in Unit.objects.filter(pk__in=found.units).order_by("order", "pk")
    ]


def _sections(found: figures.Breakdown, tasks: Any, campaign: Campaign) -> list[FiguresLine]:
    counts = _finding_counts(tasks, "finding__indicator__parent__parent__code")
    named = campaign.system.indicators.sections().order_by("order").values_list("code", "title")
    rows = [
        FiguresLine(f"{code} {title}", found.sections[code], f"section={code}", counts[code])
        for code, title in named
        if code in found.sections
    ]
    if "" in found.sections:
        rows.append(FiguresLine(NO_POINT, found.sections[""], "", counts[None]))
    return rows


def _finding_counts(tasks: Any, by: str) -> dict[Any, int]:
    return dict(tasks.order_by().values_list(by).annotate(Count("finding", distinct=True)))
