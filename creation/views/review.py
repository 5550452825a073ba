"""The review queue and one review: read, judge, and the next one opens by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation import access
from creation.views import doors


@require_GET
def review_queue(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    access.require(doors.person(request), "review.queue", campaign)
    return render(request, "creation/review/queue.html", {"campaign": campaign})
