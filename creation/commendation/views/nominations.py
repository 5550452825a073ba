"""A unit's nominations: a new one, its page with the facts beside it, changing and withdrawing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.commendation import nominations, voting
from creation.commendation.facts import facts_by_unit
from creation.commendation.forms.nominations import NominationForm
from creation.commendation.views.commendations import commendation_or_404
from creation.lib.refusals import Stale
from creation.models import CommendationStage, Nomination
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals, message_refusals


def nomination_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Nomination:
    seen = Nomination.objects.visible_to(shortcuts.current_user(request))
    rows = seen.filter(commendation__campaign=campaign_id).for_table()
    return get_object_or_404(rows.select_related("commendation__campaign__district"), pk=pk)


@require_http_methods(["GET", "POST"])
def nomination_new(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = commendation_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_NOMINATE, found)
    units = nominations.own_units(found, actor)
    form = NominationForm(request.POST or None, commendation=found, units=units)
    if request.method == "POST" and form.is_valid() and units:
        with form_refusals(form):
            made = nominations.nominate(found, form.cleaned_data.get("unit") or units[0], form.text, actor)
            messages.success(request, f"已提名，编为 {made.serial} 号。截止前可以修改或撤回。")
            return redirect(made)
    context = {"campaign": found.campaign, "commendation": found, "form": form, "unit": units[0] if units else None}
    context["is_open"] = found.campaign.is_open and found.takes_nominations(actor.today)
    return render(request, "creation/commendation/nominate.html", context, status=422 if form.errors else 200)


@require_GET
def nomination(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, user = nomination_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    of, today = found.commendation, timezone.localdate()
    manages = access.may(user, Permission.COMMENDATION_MANAGE, of)
    votes = access.may(user, Permission.COMMENDATION_VOTE, of)
    near = access.may(user, Permission.COMMENDATION_READ, found)  # not another unit, which reads the public notice only
    context: dict[str, Any] = {
        "campaign": of.campaign,
        "commendation": of,
        "nomination": found,
        "near": near,
        "facts": facts_by_unit(of.campaign, [found.unit_id], today)[found.unit_id] if near else None,
        "consultations": list(found.consultations.all()) if manages or votes else [],
        "consulted": manages or votes,
        "objections": list(found.objections.select_related("recorded_by", "handled_by")) if manages else [],
        "result": voting.results_of(of).get(found.pk) if manages or votes else None,
        "may_change": (
            of.campaign.is_open
            and of.takes_nominations(today)
            and found.withdrawn_at is None
            and access.may(user, Permission.COMMENDATION_NOMINATE, found)
        ),
        "acts": manages and of.campaign.is_open,
        "is_public": of.stage == CommendationStage.PUBLIC and found.proposed,
    }
    return render(request, "creation/commendation/nomination.html", context)


@require_http_methods(["GET", "POST"])
def nomination_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = nomination_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_NOMINATE, found)
    form = NominationForm(request.POST or None, commendation=found.commendation, existing=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                nominations.change_nomination(found, form.text, form.cleaned_data["seen"] or 0, actor)
                messages.success(request, "已保存。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "提名没有保存", form.cleaned_data["merits"], back=found.get_absolute_url())
    context = {"campaign": found.commendation.campaign, "commendation": found.commendation, "form": form}
    context |= {"unit": found.unit, "nomination": found}
    context["is_open"] = found.withdrawn_at is None and found.commendation.takes_nominations(actor.today)
    return render(request, "creation/commendation/nominate.html", context, status=422 if form.errors else 200)


@require_POST
def nomination_withdraw(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = nomination_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_NOMINATE, found)
    with message_refusals(request):
        nominations.withdraw_nomination(found, shortcuts.current_actor(request))
        messages.success(request, f"已撤回：{found}。")
    return redirect(found.commendation)
