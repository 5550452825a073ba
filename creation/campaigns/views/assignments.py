"""任务分工: assign lead and assisting units, in a matrix by section and on a page for each checkpoint."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation.campaigns import official_wording as wordings
from creation.campaigns import task_assignment
from creation.campaigns.editions import edition_copy
from creation.campaigns.forms.setup import CheckpointForm, ItemAssistsForm, OfficialWordingForm, unit_groups
from creation.lib.pinyin import in_pinyin, initials
from creation.lib.refusals import Refusal, Stale
from creation.models import Assignment, AssignmentRole, Campaign, Indicator, IndicatorLevel, Unit, UnitKind
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals, message_refusals
from creation.web.shortcuts import managed_campaign_or_404


def units_of(request: HttpRequest, campaign: Campaign) -> Any:
    today = shortcuts.current_actor(request).today
    return Unit.objects.active(today).filter(district=campaign.district_id).order_by("order", "pk")


@require_GET
def assignments(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    sections = list(campaign.system.indicators.sections().order_by("order"))
    section = next(
        (each for each in sections if each.code == request.GET.get("section")), sections[0] if sections else None
    )
    rows = _rows(campaign, campaign.system.indicators.checkpoints().filter(parent__parent=section)) if section else []
    examples = task_assignment.examples_by_section(campaign)
    units, in_grid = list(units_of(request, campaign)), request.GET.get("view") == "grid"
    context = {
        "campaign": campaign,
        "sections": [(each, examples.get(each.pk, 0)) for each in sections],
        "section": section,
        "units": units if in_grid else [],
        "choices": None if in_grid else _choices(units),
        "items": [(item, list(rows)) for item, rows in groupby(rows, key=lambda row: row.checkpoint.parent)],
        "examples": sum(examples.values()),
        "examples_here": examples.get(section.pk, 0) if section else 0,
        "in_grid": in_grid,
    }
    return render(request, "creation/campaigns/setup/assignments.html", context)


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A checkpoint with its units. ``seen`` is the fingerprint of the roles; ``roles`` maps units to them, for the grid."""

    checkpoint: Indicator
    lead: Unit | None
    assists: list[Unit]
    is_example: bool
    seen: str
    roles: dict[int, str]


def _rows(campaign: Campaign, checkpoints: Any) -> list[AssignmentRow]:
    found: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(campaign=campaign, indicator__in=checkpoints).select_related("unit")
    for row in rows.order_by("unit__order", "unit"):
        found[row.indicator_id].append(row)
    return [_row(each, found[each.pk]) for each in checkpoints.select_related("parent").order_by("order")]


def _row(checkpoint: Indicator, rows: list[Assignment]) -> AssignmentRow:
    roles = {row.unit_id: row.role for row in rows}
    return AssignmentRow(
        checkpoint,
        next((row.unit for row in rows if row.role == AssignmentRole.LEAD), None),
        [row.unit for row in rows if row.role == AssignmentRole.ASSIST],
        any(row.example for row in rows),
        task_assignment.roles_fingerprint(roles),
        roles,
    )


def _choices(units: list[Unit]) -> dict[str, Any]:
    """Return what the box for adding units finds: each unit by its names and sound, and whole kinds of units."""
    words = [
        (unit, [unit.name, unit.short_name, in_pinyin(unit.short_name), initials(unit.short_name)]) for unit in units
    ]
    kinds = [(label, [unit.pk for unit in units if unit.kind == kind]) for kind, label in UnitKind.choices]
    return {
        "units": [{"id": unit.pk, "name": unit.short_name, "words": found} for unit, found in words],
        "groups": [{"name": f"全部{label}（{len(keys)} 个）", "ids": keys} for label, keys in kinds if len(keys) > 1],
    }


def _indicator_or_404(campaign: Campaign, pk: int, level: int = IndicatorLevel.CHECKPOINT) -> Indicator:
    return get_object_or_404(
        Indicator.objects.select_related("parent__parent"), pk=pk, system=campaign.system_id, level=level
    )


@require_http_methods(["GET", "POST"])
def assignment(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    checkpoint = _indicator_or_404(campaign, pk)
    rows = list(Assignment.objects.filter(campaign=campaign, indicator=checkpoint).select_related("unit"))
    initial = {
        "lead": next((row.unit_id for row in rows if row.role == AssignmentRole.LEAD), None),
        "assists": [row.unit_id for row in rows if row.role == AssignmentRole.ASSIST],
        "seen": task_assignment.roles_fingerprint({row.unit_id: row.role for row in rows}),
    }
    units = units_of(request, campaign) | Unit.objects.filter(pk__in=[row.unit_id for row in rows])
    form = CheckpointForm(request.POST or None, units=units.distinct(), initial=initial)
    if request.method == "POST" and form.is_valid():
        lead, assists, seen = (form.cleaned_data[name] for name in ("lead", "assists", "seen"))
        try:
            with form_refusals(form, "lead"):
                changed = task_assignment.assign(
                    campaign, checkpoint, lead, list(assists), shortcuts.current_actor(request), seen
                )
                messages.success(request, f"{checkpoint.code} 的分工{'已保存' if changed else '没有变化'}。")
                return redirect(_section_url(campaign, checkpoint))
        except Stale as stale:
            return _conflict(request, campaign, checkpoint, form, stale)
    others = campaign.system.indicators.checkpoints().exclude(pk=pk).order_by("order")
    context = {
        "campaign": campaign,
        "checkpoint": checkpoint,
        "form": form,
        "groups": unit_groups(form, "assists"),
        "others": others,
        "seen": initial["seen"],
        "back": _section_url(campaign, checkpoint),
    }
    return render(request, "creation/campaigns/setup/assignment.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def official_wording(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    checkpoint = _indicator_or_404(campaign, pk)
    form = OfficialWordingForm(request.POST or None, checkpoint=checkpoint)
    if request.method == "POST" and form.is_valid():
        wording, clause, seen = (form.cleaned_data[name] for name in ("official_wording", "clause", "seen"))
        try:
            with form_refusals(form):
                saved = wordings.save_official_wording(
                    campaign, checkpoint, wording, clause, shortcuts.current_actor(request), seen
                )
                messages.success(request, f"{saved.code} 的指标原文已保存。")
                return redirect("assignment", campaign.pk, saved.pk)
        except Stale as stale:
            return conflict(request, stale, "指标原文没有保存", wordings.joined(wording, clause))
    context = {
        "campaign": campaign,
        "checkpoint": checkpoint,
        "form": form,
        "notes": edition_copy.sharing_notes(campaign),
        "back": reverse("assignment", args=[campaign.pk, checkpoint.pk]),
    }
    return render(
        request, "creation/campaigns/setup/official_wording.html", context, status=422 if form.errors else 200
    )


def _conflict(
    request: HttpRequest, campaign: Campaign, checkpoint: Indicator, form: CheckpointForm, stale: Stale
) -> HttpResponse:
    chosen = {unit.pk: AssignmentRole.ASSIST.value for unit in form.cleaned_data["assists"]}
    lead = form.cleaned_data["lead"]
    mine = chosen | ({lead.pk: AssignmentRole.LEAD.value} if lead else {})
    theirs = task_assignment.describe_roles(task_assignment.roles_of(campaign, checkpoint))
    return conflict(request, stale, "分工没有保存", task_assignment.describe_roles(mine), theirs)


def _section_url(campaign: Campaign, checkpoint: Indicator) -> str:
    code = checkpoint.code.split("-")[0]
    return f"{reverse('assignments', args=[campaign.pk])}?section={code}#p{checkpoint.pk}"


@require_POST
def assignment_cells(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Save the units of one checkpoint and return its row as it is now, also after a refusal, so that the page never shows anything else.

    ``u<unit>`` is lead, assist or empty; ``seen`` is the fingerprint of the row on screen.
    """
    campaign = managed_campaign_or_404(request, campaign_id)
    checkpoint = _indicator_or_404(campaign, pk)
    units = {unit.pk: unit for unit in Unit.objects.filter(district=campaign.district_id)}
    chosen = {key: request.POST.get(f"u{key}", "") for key in units}
    leads = [units[key] for key, role in chosen.items() if role == AssignmentRole.LEAD]
    assists = [units[key] for key, role in chosen.items() if role == AssignmentRole.ASSIST]
    try:
        if len(leads) > 1:
            raise Refusal(f"{checkpoint.code} 选了 {len(leads)} 个牵头单位，只能有一个。")
        seen = request.POST.get("seen", "")
        task_assignment.assign(
            campaign, checkpoint, leads[0] if leads else None, assists, shortcuts.current_actor(request), seen
        )
    except Refusal as refused:
        return _current_row(request, campaign, checkpoint, refused)
    return _current_row(request, campaign, checkpoint)


def _current_row(
    request: HttpRequest, campaign: Campaign, checkpoint: Indicator, refused: Refusal | None = None
) -> HttpResponse:
    row = _rows(campaign, Indicator.objects.filter(pk=checkpoint.pk))[0]
    context = {"campaign": campaign, "row": row, "refused": refused, "saved": refused is None}
    return render(request, "creation/campaigns/setup/_point.html", context, status=refused.status if refused else 200)


@require_POST
def assignment_copy(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    target = _indicator_or_404(campaign, pk)
    source = campaign.system.indicators.checkpoints().filter(code=request.POST.get("source", "")).first()
    if source is None:
        messages.error(request, "没有找到要照抄的要点，请从列表中选择。")
        return redirect("assignment", campaign_id, pk)
    with message_refusals(request):
        task_assignment.copy_assignment(
            campaign, source, target, shortcuts.current_actor(request), request.POST.get("seen", "")
        )
        messages.success(request, f"{target.code} 已照 {source.code} 设置。")
    return redirect("assignment", campaign_id, pk)


@require_http_methods(["GET", "POST"])
def assignment_item(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Make units assist every checkpoint of an item."""
    campaign = managed_campaign_or_404(request, campaign_id)
    item = _indicator_or_404(campaign, pk, IndicatorLevel.ITEM)
    form = ItemAssistsForm(request.POST or None, units=units_of(request, campaign))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "units"):
            count = task_assignment.add_assists_to_item(
                campaign, item, list(form.cleaned_data["units"]), shortcuts.current_actor(request)
            )
            messages.success(request, f"{item.code} 各要点共增加 {count} 个配合分工；原有分工不变。")
            return redirect(_section_url(campaign, item))
    context = {
        "campaign": campaign,
        "item": item,
        "form": form,
        "groups": unit_groups(form, "units"),
        "back": _section_url(campaign, item),
    }
    return render(request, "creation/campaigns/setup/assignment_item.html", context, status=422 if form.errors else 200)


@require_POST
def assignments_confirm(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Confirm the examples of the section in ``section``; never all of them at once."""
    campaign = managed_campaign_or_404(request, campaign_id)
    sections = campaign.system.indicators.sections()
    section = get_object_or_404(sections, code=request.POST.get("section", ""))
    with message_refusals(request):
        count = task_assignment.confirm_section(campaign, section, shortcuts.current_actor(request))
        messages.success(request, f"{section.code} {section.title}：{count} 条分工已确认，“示例”标记已去掉。")
    return redirect(f"{reverse('assignments', args=[campaign_id])}?section={section.code}")
