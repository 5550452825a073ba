"""进度: progress of the campaign by phase, over time, by unit and section; for the office and, read only, for leaders and assessors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.models import Campaign, Task, Unit, Urge
from creation.rules.deadlines import LIGHT_NAMES, Light
from creation.rules.policy import Permission
from creation.tasks import figures, progress, rectification_figures
from creation.tasks.charts import timeline, trend_chart
from creation.tasks.progress import Matrix, ProgressCell
from creation.web import reference, shortcuts


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """``open``: rectifications that are not closed (未销号). ``narrows``: the part of the address for both lists."""

    figures: ProgressCell | None
    open: int
    narrows: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """``cells``: the whole unit, then the sections."""

    unit: Unit
    whole: ProgressCell
    cells: list[MatrixCell]
    urged: int


@require_GET
def matrix(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PROGRESS_READ)
    user = shortcuts.current_user(request)
    today = timezone.localdate()
    visible = Task.objects.visible_to(user).filter(campaign=campaign)
    tasks = visible.of_plan()
    found = progress.matrix(tasks, today, shortcuts.workdays(request))
    rectified = rectification_figures.break_down(visible, today)
    phases = progress.figures_by_phase(found, reference.phases(request, campaign))
    sections = progress.figures_by_section(found, reference.sections(request, campaign))
    units = reference.units(request, campaign)
    context = {
        "campaign": campaign,
        "today": today,
        "whole": found.whole,
        "postponed": len(figures.postponed(tasks, today)),
        "definitions": {**figures.DEFINITIONS, **rectification_figures.DEFINITIONS},
        "phases": [(phase, counts, phase.state(today)) for phase, counts in phases],
        "timeline": timeline([phase for phase, _ in phases], today),
        "trend": trend_chart(progress.trend(campaign), today),
        "sections": sections,
        "rows": _rows(
            campaign, found, rectified.open_cells, [code for code, _, _ in sections], _of_kind(units, request)
        ),
        "rectified": rectified.whole,
        "kinds": Unit._meta.get_field("kind").choices,
        "kind": request.GET.get("kind", ""),
        "may_urge": campaign.is_open and access.may(user, Permission.TASK_URGE, campaign),
        "urge_lights": [(light.value, LIGHT_NAMES[light]) for light in (Light.RED, Light.YELLOW)],
    }
    return render(request, "creation/tasks/progress/matrix.html", context)


def _of_kind(units: list[Unit], request: HttpRequest) -> list[Unit]:
    kind = request.GET.get("kind", "")
    return [unit for unit in units if unit.kind == kind] if kind else units


def _rows(
    campaign: Campaign,
    found: Matrix,
    still_open: Mapping[int, Mapping[str, int]],
    codes: list[str],
    units: list[Unit],
) -> list[MatrixRow]:
    urges = Urge.objects.filter(task__campaign=campaign, task__dropped_on=None).order_by()
    urged = dict(urges.values_list("task__unit").annotate(Count("pk")))
    return [
        MatrixRow(
            unit,
            found.units.get(unit.pk, ProgressCell()),
            list(_cells(unit.pk, found, still_open.get(unit.pk, {}), codes)),
            urged.get(unit.pk, 0),
        )
        for unit in units
        if unit.pk in found.units or unit.pk in still_open
    ]


def _cells(unit: int, found: Matrix, still_open: Mapping[str, int], codes: list[str]) -> Iterator[MatrixCell]:
    yield MatrixCell(found.units.get(unit), sum(still_open.values()), f"unit={unit}")
    of_unit = found.cells.get(unit, {})
    for code in codes:
        yield MatrixCell(of_unit.get(code), still_open.get(code, 0), f"unit={unit}&section={code}")


@require_GET
def unit_progress(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """Show one unit's figures and trend, with links to its tasks."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PROGRESS_READ)
    user = shortcuts.current_user(request)
    unit = _unit_or_404(campaign, unit_id)
    today: date = timezone.localdate()
    visible = Task.objects.visible_to(user).filter(campaign=campaign, unit=unit)
    tasks = visible.of_plan()
    found = progress.matrix(tasks, today, shortcuts.workdays(request))
    address = reverse("task_list", args=[campaign.pk])
    urged = Urge.objects.visible_to(user).filter(task__campaign=campaign, task__unit=unit)
    context: dict[str, Any] = {
        "campaign": campaign,
        "unit": unit,
        "whole": found.whole,
        "postponed": len(figures.postponed(tasks, today)),
        "definitions": {**figures.DEFINITIONS, **rectification_figures.DEFINITIONS},
        "address": f"{address}?unit={unit.pk}",
        "list": address,
        "whole_filter": f"unit={unit.pk}",
        "rectified": rectification_figures.break_down(visible, today).whole,
        "urged": urged.aggregate(count=Count("pk"), last=Max("day")),
        "may_urge": campaign.is_open and access.may(user, Permission.TASK_URGE, campaign),
        "sections": [
            (title, cell, f"unit={unit.pk}&section={code}")
            for code, title, cell in progress.figures_by_section(found, reference.sections(request, campaign))
        ],
        "trend": trend_chart(progress.trend(campaign, unit.pk), today),
    }
    return render(request, "creation/tasks/progress/unit.html", context)


def _unit_or_404(campaign: Campaign, unit_id: int) -> Unit:
    return get_object_or_404(Unit, pk=unit_id, district=campaign.district_id)
