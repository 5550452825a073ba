"""年底考核: the figures of one unit on one page, to be printed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation.models import Unit
from creation.units import year_figures
from creation.units.year_figures import UnitOfCampaign
from creation.web import shortcuts


@require_GET
def unit_year(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    campaign, user = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_user(request)
    place = UnitOfCampaign(campaign, get_object_or_404(Unit, pk=unit_id, district=campaign.district_id))
    if not year_figures.may_read(user, place):
        raise Http404
    found = year_figures.figures_of(place, user, timezone.localdate(), shortcuts.workdays(request))
    context = {"campaign": campaign, "unit": place.unit, "found": found, "now": timezone.localtime()}
    return render(request, "creation/units/year.html", context)
