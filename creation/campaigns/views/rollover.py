"""沿用上一年度: show what will be carried over, with dates that can be changed; carry it out; list what is left to decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation.campaigns.forms.rollover import RolloverDatesForm, RolloverForm
from creation.campaigns.rollover import dates, open_gaps, outlines, roll_forward
from creation.models import Campaign, RolloverGap
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import message_refusals
from creation.web.shortcuts import managed_campaign_or_404


@require_http_methods(["GET", "POST"])
def campaign_roll(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Roll the campaign in the URL forward. When the year or start changed, the dates are calculated again before anything is done."""
    previous = shortcuts.campaign_or_404(request, campaign_id, Permission.CAMPAIGN_CREATE)
    form = RolloverForm(request.POST or request.GET or None, previous=previous)
    if not form.is_valid():
        context = {"campaign": previous, "form": form}
        return render(
            request, "creation/campaigns/setup/roll.html", context, status=422 if request.method == "POST" else 200
        )
    if existing := roll_forward.existing_rollover(previous, form.target.year):
        return _redirect_to_new(request, existing, f"“{existing}”已在筹备中，没有重复建立。")
    outline = outlines.outline_rollover(previous, form.target, shortcuts.current_actor(request).today)
    is_confirmed = request.method == "POST" and "confirmed" in request.POST
    must_recalculate = is_confirmed and request.POST.get("reckoned") != form.dates_key
    days = RolloverDatesForm(
        request.POST if is_confirmed and not must_recalculate else None,
        phase_dates=outline.phase_dates,
        dates_key=form.dates_key,
    )
    if days.is_bound and days.is_valid():
        return _roll(request, previous, form, days)
    context = {
        "campaign": previous,
        "form": form,
        "days": days,
        "outline": outline,
        "must_recalculate": must_recalculate,
    }
    context["warning"] = dates.unknown_year_warning(form.target.year)
    return render(request, "creation/campaigns/setup/roll.html", context, status=422 if days.is_bound else 200)


def _roll(request: HttpRequest, previous: Campaign, form: RolloverForm, days: RolloverDatesForm) -> HttpResponse:
    with message_refusals(request):
        created = roll_forward.roll_forward(previous, form.target, days.days, shortcuts.current_actor(request))
        return _redirect_to_new(request, created, f"“{created}”已在筹备中，请按步骤核对后启动。“{previous}”没有改动。")
    return redirect("campaign_setup", previous.pk)


def _redirect_to_new(request: HttpRequest, created: Campaign, sentence: str) -> HttpResponse:
    """Redirect to the new campaign, if the person may open it."""
    messages.success(request, sentence)
    known = Campaign.objects.visible_to(shortcuts.current_user(request)).filter(pk=created.pk).exists()
    return redirect("campaign_setup", created.pk) if known else redirect("todo")


@require_POST
def gap_resolve(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    row = get_object_or_404(RolloverGap.objects.select_related("campaign"), pk=pk, campaign=campaign)
    with message_refusals(request):
        open_gaps.resolve_gap(row, shortcuts.current_actor(request))
        messages.success(request, f"已处理：{row}。")
    return redirect("campaign_setup", campaign_id)
