"""沿用上一年度: what will be carried over, shown in numbers with days that can be changed, then done; and what it left to decide."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.rollover import DaysForm, WishForm
from creation.campaigns.rollover import dates, deciding, rolling, survey
from creation.models import Campaign, Undecided
from creation.web import doors
from creation.web.doors import managed_or_404
from creation.web.refusals import message_refusals


@require_http_methods(["GET", "POST"])
def campaign_roll(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign in the address is last year's. A changed year or start reckons the days anew before anything is done."""
    previous = doors.campaign_or_404(request, campaign_id)
    access.require(doors.person(request), "campaign.create", previous)
    form = WishForm(request.POST or request.GET or None, previous=previous)
    if not form.is_valid():
        context = {"campaign": previous, "form": form}
        return render(
            request, "creation/campaigns/setup/roll.html", context, status=422 if request.method == "POST" else 200
        )
    if there := rolling.made(previous, form.wish.year):
        return _land(request, there, f"“{there}”已在筹备中，没有重复建立。")
    outline = survey.of(previous, form.wish, doors.actor(request).today)
    sent = request.method == "POST" and "confirmed" in request.POST
    anew = sent and request.POST.get("reckoned") != form.key
    days = DaysForm(request.POST if sent and not anew else None, offers=outline.offers, key=form.key)
    if days.is_bound and days.is_valid():
        return _roll(request, previous, form, days)
    context = {"campaign": previous, "form": form, "days": days, "outline": outline, "anew": anew}
    context["warning"] = dates.warning(form.wish.year)
    return render(request, "creation/campaigns/setup/roll.html", context, status=422 if days.is_bound else 200)


def _roll(request: HttpRequest, previous: Campaign, form: WishForm, days: DaysForm) -> HttpResponse:
    with message_refusals(request):
        made = rolling.roll(previous, form.wish, days.days, doors.actor(request))
        return _land(request, made, f"“{made}”已在筹备中，请按步骤核对后启动。“{previous}”没有改动。")
    return redirect("campaign_setup", previous.pk)


def _land(request: HttpRequest, made: Campaign, sentence: str) -> HttpResponse:
    """On the new campaign's page, as far as the person may open it."""
    messages.success(request, sentence)
    known = Campaign.objects.visible_to(doors.person(request)).filter(pk=made.pk).exists()
    return redirect("campaign_setup", made.pk) if known else redirect("todo")


@require_POST
def undecided_settle(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = managed_or_404(request, campaign_id)
    row = get_object_or_404(Undecided.objects.select_related("campaign"), pk=pk, campaign=campaign)
    with message_refusals(request):
        deciding.settle(row, doors.actor(request))
        messages.success(request, f"已处理：{row}。")
    return redirect("campaign_setup", campaign_id)
