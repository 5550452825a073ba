"""The tasks of a campaign as a list: found by filters, sorted by columns, changed in bulk."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation.views import doors


@require_GET
def task_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    return render(request, "creation/tasks/list.html", {"campaign": campaign})
