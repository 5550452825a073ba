"""任务分工: which unit leads and which assist each checkpoint, as a matrix by section and as a page a checkpoint."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation.campaigns import assigning
from creation.campaigns.forms.setup import ItemForm, PointForm, unit_groups
from creation.lib.refusals import Refusal, Stale
from creation.models import Assignment, AssignmentRole, Campaign, Indicator, IndicatorLevel, Unit
from creation.web import doors
from creation.web.doors import managed_or_404
from creation.web.refusals import conflict, form_refusals, message_refusals


def units_of(request: HttpRequest, campaign: Campaign) -> Any:
    today = doors.actor(request).today
    return Unit.objects.active(today).filter(district=campaign.district_id).order_by("order", "pk")


@require_GET
def assignments(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    sections = list(campaign.system.indicators.sections().order_by("order"))
    section = next(
        (each for each in sections if each.code == request.GET.get("section")), sections[0] if sections else None
    )
    units = list(units_of(request, campaign))
    context = {
        "campaign": campaign,
        "sections": sections,
        "section": section,
        "units": units,
        "items": _items(campaign, section, units) if section else [],
        "examples": Assignment.objects.filter(campaign=campaign, example=True).count(),
    }
    return render(request, "creation/campaigns/setup/assignments.html", context)


def _items(campaign: Campaign, section: Indicator, units: list[Unit]) -> list[dict[str, Any]]:
    """Items of the section, each with its checkpoints and per checkpoint one cell a unit."""
    points = (
        campaign.system.indicators.checkpoints()
        .filter(parent__parent=section)
        .select_related("parent")
        .order_by("order")
    )
    roles = {
        (point, unit): (role, example)
        for point, unit, role, example in Assignment.objects.filter(
            campaign=campaign, indicator__in=points
        ).values_list("indicator", "unit", "role", "example")
    }
    items: dict[int, dict[str, Any]] = {}
    for point in points:
        cells = [(unit, *roles.get((point.pk, unit.pk), ("", False))) for unit in units]
        lead = next((unit for unit, role, _ in cells if role == AssignmentRole.LEAD), None)
        assists = [unit for unit, role, _ in cells if role == AssignmentRole.ASSIST]
        example = any(mark for _, _, mark in cells)
        item = items.setdefault(point.parent_id or 0, {"item": point.parent, "points": []})
        seen = assigning.state_of({unit: role for (key, unit), (role, _) in roles.items() if key == point.pk})
        row = {"point": point, "cells": cells, "lead": lead, "assists": assists, "example": example, "seen": seen}
        item["points"].append(row)
    return list(items.values())


def _point_or_404(campaign: Campaign, pk: int, level: int = IndicatorLevel.CHECKPOINT) -> Indicator:
    return get_object_or_404(
        Indicator.objects.select_related("parent__parent"), pk=pk, system=campaign.system_id, level=level
    )


@require_http_methods(["GET", "POST"])
def assignment(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    point = _point_or_404(campaign, pk)
    rows = list(Assignment.objects.filter(campaign=campaign, indicator=point).select_related("unit"))
    initial = {
        "lead": next((row.unit_id for row in rows if row.role == AssignmentRole.LEAD), None),
        "assists": [row.unit_id for row in rows if row.role == AssignmentRole.ASSIST],
        "seen": assigning.state_of({row.unit_id: row.role for row in rows}),
    }
    units = units_of(request, campaign) | Unit.objects.filter(pk__in=[row.unit_id for row in rows])
    form = PointForm(request.POST or None, units=units.distinct(), initial=initial)
    if request.method == "POST" and form.is_valid():
        lead, assists, seen = (form.cleaned_data[name] for name in ("lead", "assists", "seen"))
        try:
            with form_refusals(form, "lead"):
                changed = assigning.assign(campaign, point, lead, list(assists), doors.actor(request), seen)
                messages.success(request, f"{point.code} 的分工{'已保存' if changed else '没有变化'}。")
                return redirect(_section_url(campaign, point))
        except Stale as stale:
            return _conflict(request, campaign, point, form, stale)
    others = campaign.system.indicators.checkpoints().exclude(pk=pk).order_by("order")
    context = {
        "campaign": campaign,
        "point": point,
        "form": form,
        "groups": unit_groups(form, "assists"),
        "others": others,
        "seen": initial["seen"],
        "back": _section_url(campaign, point),
    }
    return render(request, "creation/campaigns/setup/assignment.html", context)


def _conflict(
    request: HttpRequest, campaign: Campaign, point: Indicator, form: PointForm, stale: Stale
) -> HttpResponse:
    chosen = {unit.pk: AssignmentRole.ASSIST.value for unit in form.cleaned_data["assists"]}
    lead = form.cleaned_data["lead"]
    mine = chosen | ({lead.pk: AssignmentRole.LEAD.value} if lead else {})
    theirs = assigning.words(assigning.parts_of(campaign, point))
    return conflict(request, stale, "分工没有保存", assigning.words(mine), theirs)


def _section_url(campaign: Campaign, point: Indicator) -> str:
    code = point.code.split("-")[0]
    return f"{reverse('assignments', args=[campaign.pk])}?section={code}#p{point.pk}"


@require_POST
def assignment_cells(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Saves one row of the matrix: ``u<unit>`` hold lead, assist or nothing, ``seen`` the row as it was; the answer carries it as it is."""
    campaign = managed_or_404(request, campaign_id)
    point = _point_or_404(campaign, pk)
    units = {unit.pk: unit for unit in Unit.objects.filter(district=campaign.district_id)}
    chosen = {key: request.POST.get(f"u{key}", "") for key in units}
    leads = [units[key] for key, role in chosen.items() if role == AssignmentRole.LEAD]
    assists = [units[key] for key, role in chosen.items() if role == AssignmentRole.ASSIST]
    try:
        if len(leads) > 1:
            raise Refusal(f"{point.code} 选了 {len(leads)} 个牵头单位，只能有一个。")
        seen = request.POST.get("seen", "")
        assigning.assign(campaign, point, leads[0] if leads else None, assists, doors.actor(request), seen)
    except Refusal as refused:
        return render(request, "creation/campaigns/setup/_saved.html", {"refused": refused}, status=refused.status)
    answer = render(request, "creation/campaigns/setup/_saved.html", {"point": point})
    answer["X-Seen"] = assigning.state_of(assigning.parts_of(campaign, point))
    return answer


@require_POST
def assignment_copy(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    target = _point_or_404(campaign, pk)
    source = campaign.system.indicators.checkpoints().filter(code=request.POST.get("source", "")).first()
    if source is None:
        messages.error(request, "没有找到要照抄的要点，请从列表中选择。")
        return redirect("assignment", campaign_id, pk)
    with message_refusals(request):
        assigning.copy(campaign, source, target, doors.actor(request), request.POST.get("seen", ""))
        messages.success(request, f"{target.code} 已照 {source.code} 设置。")
    return redirect("assignment", campaign_id, pk)


@require_http_methods(["GET", "POST"])
def assignment_item(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Bulk: units that assist every checkpoint of an item."""
    campaign = managed_or_404(request, campaign_id)
    item = _point_or_404(campaign, pk, IndicatorLevel.ITEM)
    form = ItemForm(request.POST or None, units=units_of(request, campaign))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "units"):
            count = assigning.add_to_item(campaign, item, list(form.cleaned_data["units"]), doors.actor(request))
            messages.success(request, f"{item.code} 各要点共增加 {count} 个配合分工；原有分工不变。")
            return redirect(_section_url(campaign, item))
    context = {
        "campaign": campaign,
        "item": item,
        "form": form,
        "groups": unit_groups(form, "units"),
        "back": _section_url(campaign, item),
    }
    return render(request, "creation/campaigns/setup/assignment_item.html", context)


@require_POST
def assignments_confirm(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    with message_refusals(request):
        assigning.confirm(campaign, doors.actor(request))
        messages.success(request, "分工已确认，“示例”标记已去掉。")
    return redirect("assignments", campaign_id)
