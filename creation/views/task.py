"""The task page: requirement, answer, evidence and history of one task on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from creation.views import doors


@require_GET
def task(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = doors.task_or_404(request, campaign_id, pk)
    return render(request, "creation/task/page.html", {"task": found})


@require_http_methods(["GET", "POST"])
def task_move(request: HttpRequest, campaign_id: int, pk: int, move: str) -> HttpResponse:
    return redirect("task", campaign_id, pk)
