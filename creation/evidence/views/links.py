"""Links cited by tasks of a campaign: which open, what they showed, and the check by hand."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import access
from creation.evidence.forms.links import ManualCheckForm
from creation.evidence.links import link_checks, manual_checks
from creation.evidence.tables.links import LinkTable
from creation.evidence.views.file_responses import ServedFile, file_response
from creation.lib import wakeups
from creation.models import Campaign, LinkSighting, LinkState, LinkWatch
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import form_refusals

CHECK_LINKS = "creation.jobs.check_links"
STATE_ORDER = [
    LinkState.DEAD,
    LinkState.FAILING,
    LinkState.UNREACHED,
    LinkState.UNCHECKED,
    LinkState.SEEN,
    LinkState.ALIVE,
]


@require_GET
def link_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    watches = LinkWatch.objects.cited_in(campaign, shortcuts.current_user(request))
    counts = dict(watches.order_by().values_list("state").annotate(n=Count("pk")))
    state = request.GET.get("state", "")
    chosen = watches.filter(state=state) if state in counts else watches
    table = LinkTable(
        chosen.for_table().order_by("-failing_since", "version__evidence__unit__order", "pk"), campaign.pk
    )
    paginate_table(table, request)
    context = {
        "campaign": campaign,
        "table": table,
        "state": state if state in counts else "",
        "total": sum(counts.values()),
        "tabs": [(each, each.label, counts[each]) for each in STATE_ORDER if each in counts],
    }
    return render(request, "creation/evidence/links/list.html", context)


@require_GET
def link(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    return _page(request, campaign, watch)


def _watch_or_404(request: HttpRequest, campaign_id: int, pk: int) -> tuple[Campaign, LinkWatch]:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    watches = LinkWatch.objects.cited_in(campaign, shortcuts.current_user(request)).for_table()
    return campaign, get_object_or_404(watches, pk=pk)


def _page(
    request: HttpRequest, campaign: Campaign, watch: LinkWatch, form: ManualCheckForm | None = None, status: int = 200
) -> HttpResponse:
    can_check = access.may(shortcuts.current_user(request), Permission.LINK_CHECK, watch)
    context: dict[str, Any] = {
        "campaign": campaign,
        "watch": watch,
        "can_check": can_check,
        "form": form or (ManualCheckForm(today=shortcuts.current_actor(request).today) if can_check else None),
    }
    return render(request, "creation/evidence/links/page.html", context, status=status)


@require_POST
def link_again(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.LINK_CHECK, watch)
    link_checks.request_check(watch, shortcuts.current_actor(request))
    wakeups.wake_worker(CHECK_LINKS)
    messages.success(request, "已排入核查，一两分钟后刷新本页看结果。")
    return redirect("link", campaign.pk, watch.pk)


@request_sizes.accepts_files(request_sizes.largest_image)
@require_POST
def link_sighting(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign, watch = _watch_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.LINK_CHECK, watch)
    actor = shortcuts.current_actor(request)
    form = ManualCheckForm(request.POST, request.FILES, today=actor.today)
    if form.is_valid():
        with form_refusals(form, "picture"):
            manual_checks.record_check(watch, form.check_data(), form.cleaned_data["picture"], actor)
            messages.success(request, "已登记人工核查。")
            return redirect("link", campaign.pk, watch.pk)
    return _page(request, campaign, watch, form, 422)


@require_safe
def link_shot(request: HttpRequest, campaign_id: int, pk: int, sighting_id: int) -> HttpResponseBase:
    """A screenshot."""
    _, watch = _watch_or_404(request, campaign_id, pk)
    row = get_object_or_404(LinkSighting.objects.exclude(blob=""), watch=watch, pk=sighting_id)
    stored = ServedFile(row.blob, row.name, row.media_type, row.size or 0, row.sha256, row.created_at, inline=True)
    return file_response(request, stored)
