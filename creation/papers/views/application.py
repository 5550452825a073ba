"""申报登记: everything for the national site on one page, to be copied field by field and ticked item by item."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.models import Campaign, Indicator
from creation.papers import application_entries
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.refusals import message_refusals

SHOWN = {"": "全部", "todo": "未登记", "ready": "可以上传", "done": "已登记"}
NOTE = 100  # characters


@require_GET
def application(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(request, campaign_id)
    shown = request.GET.get("show", "")
    items = [
        item
        for item in application_entries.application_items(campaign, shortcuts.current_user(request))
        if _is_shown(item, shown)
    ]
    context = {"campaign": campaign, "items": items, "progress": application_entries.application_progress(campaign)}
    return render(request, "creation/papers/application/page.html", context | {"shown": shown, "choices": SHOWN})


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    access.require(shortcuts.current_user(request), Permission.APPLICATION_ENTER, campaign)
    return campaign


def _is_shown(item: application_entries.ApplicationItem, shown: str) -> bool:
    if shown == "todo":
        return item.entry is None
    if shown == "ready":
        return item.entry is None and item.is_ready
    return item.entry is not None if shown == "done" else True


@require_POST
def application_tick(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """``entered`` 1 ticks, 0 takes back. htmx gets the item anew, a plain form the page."""
    campaign = _campaign(request, campaign_id)
    indicator = get_object_or_404(campaign.system.indicators.checkpoints(), pk=pk)
    with message_refusals(request):
        _set(request, campaign, indicator)
        if wants_fragment(request):
            return _anew(request, campaign, indicator)
    return _back(request, campaign, indicator)


def _anew(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> HttpResponse:
    item = application_entries.application_item(campaign, indicator, shortcuts.current_user(request))
    context = {
        "campaign": campaign,
        "item": item,
        "progress": application_entries.application_progress(campaign),
        "again": True,
    }
    return render(request, "creation/papers/application/_answer.html", context)


def _back(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> HttpResponse:
    address = f"{reverse('application', args=[campaign.pk])}#item-{indicator.pk}"
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _set(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> None:
    if request.POST.get("entered") == "1":
        note = " ".join(request.POST.get("note", "").split())[:NOTE]
        application_entries.mark_entered(campaign, indicator, note, shortcuts.current_actor(request))
    else:
        application_entries.unmark_entered(campaign, indicator, shortcuts.current_actor(request))
