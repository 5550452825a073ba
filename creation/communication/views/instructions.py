"""领导批示: written by a leader, settled by the coordinator with an action or an answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.campaign_actions import NewAction
from creation.campaigns.forms.setup import NewActionForm, unit_groups
from creation.communication import instructions
from creation.communication.forms.instructions import InstructionAnswerForm, InstructionForm
from creation.models import Campaign, Instruction, Unit
from creation.rules.policy import Permission
from creation.web import reference, shortcuts
from creation.web.pagination import PAGE_SIZE
from creation.web.refusals import form_refusals


@require_GET
def instruction_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.INSTRUCTION_READ)
    return _list_page(request, campaign)


@require_POST
def instruction_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.INSTRUCTION_WRITE)
    form = InstructionForm(request.POST, units=_units_of(request, campaign))
    if form.is_valid():
        with form_refusals(form):
            instructions.write_instruction(campaign, form.instruction_text, shortcuts.current_actor(request))
            messages.success(request, "批示已送综合协调组，办理情况会通知您。")
            return redirect("instructions", campaign.pk)
    return _list_page(request, campaign, form, status=422)


@require_http_methods(["GET", "POST"])
def instruction_issue(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """GET: the form of the action, filled in from the instruction. POST issues it; with ``as_written``, as the form would be filled in."""
    found = _instruction_or_404(request, campaign_id, pk)
    campaign, actor = found.campaign, shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.INSTRUCTION_SETTLE, found)
    proposed = _as_initial(instructions.proposed_action(found, actor.today))
    data: Any = proposed if "as_written" in request.POST else request.POST
    form = NewActionForm(
        data if request.method == "POST" else None,
        campaign=campaign,
        units=_units_of(request, campaign),
        initial=proposed,
    )
    if form.is_valid():
        with form_refusals(form):
            action = instructions.issue_action(found, NewAction(**form.cleaned_data), actor)
            messages.success(request, f"已转为工作事项 {action} 并下发，批示人和各单位会收到通知。")
            return redirect("instructions", campaign.pk)
    context = {"campaign": campaign, "instruction": found, "form": form, "groups": unit_groups(form, "units")}
    status = 422 if form.is_bound else 200
    return render(request, "creation/communication/instructions/action.html", context, status=status)


@require_POST
def instruction_settle(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _instruction_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.INSTRUCTION_SETTLE, found)
    form = InstructionAnswerForm(request.POST, key=found.pk)
    if form.is_valid():
        with form_refusals(form):
            instructions.answer_instruction(found, form.cleaned_data["answer"], shortcuts.current_actor(request))
            messages.success(request, "已答复，批示人会收到通知。")
            return redirect(found.get_absolute_url())
    return _list_page(request, found.campaign, answered=form, answered_pk=found.pk, status=422)


def _as_initial(proposed: NewAction) -> dict[str, Any]:
    """Return the values as a form takes them, bound or not."""
    chosen = {"phase": proposed.phase.pk, "units": [unit.pk for unit in proposed.chosen_units]}
    lead = proposed.lead.pk if proposed.lead else ""
    plain = {name: getattr(proposed, name) for name in ("title", "text", "source", "audience", "modes", "due_on")}
    return plain | chosen | {"lead": lead}


def _units_of(request: HttpRequest, campaign: Campaign) -> Any:
    today = shortcuts.current_actor(request).today
    return Unit.objects.active(today).filter(district=campaign.district_id).order_by("order", "pk")


def _instruction_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Instruction:
    seen = Instruction.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


def box_of(request: HttpRequest, campaign: Campaign) -> InstructionForm | None:
    """Return the form for who may write an instruction in this campaign; the address may say what ``about``."""
    may_write = campaign.is_open and access.may(shortcuts.current_user(request), Permission.INSTRUCTION_WRITE, campaign)
    if not may_write:
        return None
    today = shortcuts.current_actor(request).today
    offered = [unit for unit in reference.units(request, campaign) if unit.is_active(today)]
    about = request.GET.get("about", "")[:300]
    return InstructionForm(units=_units_of(request, campaign), offered=offered, about=about)


def _list_page(
    request: HttpRequest,
    campaign: Campaign,
    form: InstructionForm | None = None,
    answered: forms.Form | None = None,
    answered_pk: int = 0,
    status: int = 200,
) -> HttpResponse:
    user = shortcuts.current_user(request)
    rows = Instruction.objects.visible_to(user).filter(campaign=campaign).for_table()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    settles = campaign.is_open and access.may(user, Permission.INSTRUCTION_SETTLE, campaign)
    form = form or box_of(request, campaign)
    context = {
        "campaign": campaign,
        "page": page,
        "rows": [(each, _answer_form(each, answered, answered_pk) if settles else None) for each in page],
        "form": form,
        "groups": unit_groups(form, "assists", form.offered) if form else [],
        "settles": settles,
        "address": reverse("instruction_new", args=[campaign.pk]),
    }
    context["lost"] = answered if Instruction.objects.filter(pk=answered_pk).exclude(settled_at=None).exists() else None
    return render(request, "creation/communication/instructions/list.html", context, status=status)


def _answer_form(instruction: Instruction, refused: forms.Form | None, refused_pk: int) -> forms.Form | None:
    if instruction.settled_at:
        return None
    return refused if refused and refused_pk == instruction.pk else InstructionAnswerForm(key=instruction.pk)
