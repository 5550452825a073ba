"""Links that tasks of a campaign cite: which open, what one showed when it did, and the check by hand."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import access
from creation.evidence.forms.links import SightingForm
from creation.evidence.links import sightings, watching
from creation.evidence.tables.links import LinkTable
from creation.evidence.views.serving import Kept, serve
from creation.lib import nudging
from creation.models import Campaign, LinkSighting, LinkState, LinkWatch
from creation.web import doors
from creation.web.paging import turn_to_page
from creation.web.refusals import form_refusals

CHECK_LINKS = "creation.jobs.check_links"
URGENT = [LinkState.DEAD, LinkState.FAILING, LinkState.UNREACHED, LinkState.UNCHECKED, LinkState.SEEN, LinkState.ALIVE]


@require_GET
def link_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    watches = LinkWatch.objects.cited_in(campaign, doors.person(request))
    counts = dict(watches.order_by().values_list("state").annotate(n=Count("pk")))
    state = request.GET.get("state", "")
    chosen = watches.filter(state=state) if state in counts else watches
    table = LinkTable(
        chosen.for_table().order_by("-failing_since", "version__evidence__unit__order", "pk"), campaign.pk
    )
    turn_to_page(table, request)
    context = {
        "campaign": campaign,
        "table": table,
        "state": state if state in counts else "",
        "total": sum(counts.values()),
        "tabs": [(each, each.label, counts[each]) for each in URGENT if each in counts],
    }
    return render(request, "creation/evidence/links/list.html", context)


@require_GET
def link(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    return _page(request, campaign, watch)


def _watch_or_404(request: HttpRequest, campaign_id: int, pk: int) -> tuple[Campaign, LinkWatch]:
    campaign = doors.campaign_or_404(request, campaign_id)
    watches = LinkWatch.objects.cited_in(campaign, doors.person(request)).for_table()
    return campaign, get_object_or_404(watches, pk=pk)


def _page(
    request: HttpRequest, campaign: Campaign, watch: LinkWatch, form: SightingForm | None = None, status: int = 200
) -> HttpResponse:
    can_check = access.may(doors.person(request), "link.check", watch)
    context: dict[str, Any] = {
        "campaign": campaign,
        "watch": watch,
        "can_check": can_check,
        "form": form or (SightingForm(today=doors.actor(request).today) if can_check else None),
    }
    return render(request, "creation/evidence/links/page.html", context, status=status)


@require_POST
def link_again(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "link.check", watch)
    watching.ask_again(watch, doors.actor(request))
    nudging.nudge(CHECK_LINKS)
    messages.success(request, "已排入核查，一两分钟后刷新本页看结果。")
    return redirect("link", campaign.pk, watch.pk)


@require_POST
def link_sighting(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "link.check", watch)
    actor = doors.actor(request)
    form = SightingForm(request.POST, request.FILES, today=actor.today)
    if form.is_valid():
        with form_refusals(form, "picture"):
            sightings.note(watch, form.said(), form.cleaned_data["picture"], actor)
            messages.success(request, "已登记人工核查。")
            return redirect("link", campaign.pk, watch.pk)
    return _page(request, campaign, watch, form, 422)


@require_safe
def link_shot(request: HttpRequest, campaign_id: int, pk: int, sighting_id: int) -> HttpResponseBase:
    """The picture of a screen."""
    _, watch = _watch_or_404(request, campaign_id, pk)
    row = get_object_or_404(LinkSighting.objects.exclude(blob=""), watch=watch, pk=sighting_id)
    kept = Kept(row.blob, row.name, row.media_type, row.size or 0, row.sha256, row.at, inline=True)
    return serve(request, kept)
