"""A task that a new edition ended."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from creation.evidence import citing
from creation.models import EditionChange, Task
from creation.tasks.histories import history_of
from creation.web import doors


@require_GET
def ended_task(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """A task that a new edition ended: to be read, no more to be worked on."""
    user = doors.person(request)
    campaign = doors.campaign_or_404(request, campaign_id)
    reach = Task.objects.within_reach_of(user).filter(campaign=campaign).ended_by_edition()
    task = get_object_or_404(reach.for_table(), pk=pk)
    context: dict[str, Any] = {
        "campaign": campaign,
        "task": task,
        "change": EditionChange.objects.filter(carries__task=task, carries__after=None).first(),
        "history": history_of(task, user),
        "citations": citing.of_task(task, user),
    }
    return render(request, "creation/tasks/ended.html", context)
