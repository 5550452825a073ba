"""The ledger on the pages: choose a part, see what it holds, take the file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.views import doors, jobs
from reports import scopes

AT_ONCE = 1500  # rows that take about a second


@require_GET
def ledger(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    user = doors.person(request)
    access.require(user, "ledger.export", campaign)
    part = scopes.part_of(campaign, scopes.everything(user), request.GET, timezone.now())
    context = {"campaign": campaign, "part": part, "count": part.tasks.count()}
    return render(request, "reports/ledger.html", context)


@require_POST
def ledger_export(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """A unit's ledger is there before the next page opens; a district's takes some seconds."""
    campaign = doors.campaign_or_404(request, campaign_id)
    user = doors.person(request)
    access.require(user, "ledger.export", campaign)
    chosen = {name: request.POST[name] for name in scopes.WORDS if request.POST.get(name)}
    part = scopes.part_of(campaign, scopes.everything(user), chosen, timezone.now())
    params = {"campaign": campaign.pk, "filter": chosen}
    return jobs.start(request, "ledger", params, small=part.tasks.count() <= AT_ONCE)
