"""活动设置: the office prepares a campaign step by step, opens it, and gives out what changed."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns import distribution, opening, settling
from creation.campaigns.forms.rollover import WishForm
from creation.campaigns.forms.setup import CampaignForm, NewCampaignForm
from creation.campaigns.rollover import deciding
from creation.lib.refusals import Stale
from creation.models import Action, Assignment, Campaign, Unit
from creation.notices import holidays
from creation.people import ownership
from creation.web import doors
from creation.web.doors import managed_or_404
from creation.web.refusals import conflict, form_refusals, message_refusals


@require_GET
def campaign_setup(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    today = doors.actor(request).today
    units = Unit.objects.active(today).filter(district=campaign.district_id)
    owners = ownership.owners_of(campaign, today)
    phases = list(campaign.phases.order_by("order"))
    context = {
        "campaign": campaign,
        "units": units.count(),
        "unnamed": [unit for unit in units if unit.pk not in owners],
        "phases": phases,
        "announced": sum(phase.announced for phase in phases),
        "points": campaign.system.indicators.checkpoints().count(),
        "examples": Assignment.objects.filter(campaign=campaign, example=True).count(),
        "actions": Action.objects.filter(phase__campaign=campaign, cancelled_on=None).count(),
        "plan": distribution.plan(campaign),
        "undecided": deciding.waiting(campaign) if campaign.previous_id else [],
        "calendar_warning": holidays.warning(today),
        "may_create": access.may(doors.person(request), "campaign.create", campaign),
    }
    return render(request, "creation/campaigns/setup/guide.html", context)


@require_http_methods(["GET", "POST"])
def campaign_edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in CampaignForm.Meta.fields}
        try:
            with form_refusals(form):
                settling.settle(campaign, values, form.cleaned_data["seen"], doors.actor(request))
                messages.success(request, "活动设置已保存。")
                return redirect("campaign_setup", campaign_id)
        except Stale as stale:
            return _conflict(request, campaign_id, stale, values)
    return render(request, "creation/campaigns/setup/campaign.html", {"campaign": campaign, "form": form})


def _conflict(request: HttpRequest, campaign_id: int, stale: Stale, mine: dict[str, Any]) -> HttpResponse:
    fresh = Campaign.objects.get(pk=campaign_id)
    theirs = settling.words({name: getattr(fresh, name) for name in mine})
    return conflict(request, stale, "活动设置已被他人修改", settling.words(mine), theirs)


@require_http_methods(["GET", "POST"])
def campaign_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """A campaign for another year, prepared as a draft; the one in the address is where the office stands."""
    campaign = doors.campaign_or_404(request, campaign_id)
    access.require(doors.person(request), "campaign.create", campaign)
    actor = doors.actor(request)
    form = NewCampaignForm(request.POST or None, initial={"preset": campaign.preset, "year": actor.today.year + 1})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "year"):
            made = opening.open_campaign(form.cleaned_data["preset"], form.cleaned_data["year"], actor, draft=True)
            messages.success(request, f"“{made}”已在筹备中，请按步骤核对后启动。")
            return redirect("campaign_setup", made.pk)
    context = {"campaign": campaign, "form": form, "wish": WishForm(previous=campaign)}
    return render(request, "creation/campaigns/setup/new.html", context)


@require_http_methods(["GET", "POST"])
def campaign_distribute(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What will happen, then the button: opens a draft campaign, or gives out the changes of an open one."""
    campaign = managed_or_404(request, campaign_id)
    actor = doors.actor(request)
    if request.method == "POST":
        with message_refusals(request):
            done = opening.start(campaign, actor) if request.POST.get("start") else opening.give_out(campaign, actor)
            messages.success(
                request,
                f"已下发：新增 {len(done.create)} 项，恢复 {len(done.revive)} 项，调整 {len(done.change)} 项，撤销 {len(done.drop)} 项。",
            )
        return redirect("campaign_setup", campaign_id)
    plan = distribution.plan(campaign)
    owners = ownership.owners_of(campaign, actor.today)
    context = {
        "campaign": campaign,
        "plan": plan,
        "rows": _by_unit(plan, set(owners)),
        "bare": distribution.missing(campaign),
        "undecided": campaign.undecided.waiting().count(),
        "past": campaign.phases.filter(ends__lt=actor.today).order_by("order"),
    }
    return render(request, "creation/campaigns/setup/distribute.html", context)


def _by_unit(plan: distribution.Plan, named: set[int]) -> list[dict[str, Any]]:
    """What the plan does, unit by unit in the order of the register."""
    kinds = {"create": plan.create, "revive": plan.revive, "change": plan.change, "drop": plan.drop, "keep": plan.keep}
    counts = {kind: Counter(task.unit_id for task in tasks) for kind, tasks in kinds.items()}
    touched = set().union(*(set(counter) for counter in counts.values()))
    return [
        {"unit": unit, "named": unit.pk in named} | {kind: counter[unit.pk] for kind, counter in counts.items()}
        for unit in Unit.objects.filter(pk__in=touched).order_by(F("order"), "pk")
    ]


@require_POST
def campaign_close(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    with message_refusals(request):
        opening.close(campaign, doors.actor(request))
        messages.success(request, f"“{campaign}”已结束：各页面保留可查，不再接收报送。")
    return redirect("campaign_setup", campaign_id)
