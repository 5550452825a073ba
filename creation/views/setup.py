"""活动设置: the office prepares a campaign step by step and opens it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation import access
from creation.views import doors


@require_GET
def campaign_setup(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    access.require(doors.person(request), "campaign.manage", campaign)
    return render(
        request, "creation/setup/guide.html", {"campaign": campaign, "phases": campaign.phases.order_by("order")}
    )
