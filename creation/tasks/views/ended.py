"""The page of a task that a new edition ended."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from creation.evidence import citing
from creation.models import EditionChange, Task
from creation.tasks.history import history_of
from creation.web import shortcuts


@require_GET
def ended_task(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show a task that a new edition ended, read only."""
    user = shortcuts.current_user(request)
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    reach = Task.objects.visible_or_dropped(user).filter(campaign=campaign).ended_by_edition()
    task = get_object_or_404(reach.for_table(), pk=pk)
    context: dict[str, Any] = {
        "campaign": campaign,
        "task": task,
        "change": EditionChange.objects.filter(carries__task=task, carries__after=None).first(),
        "history": history_of(task, user),
        "citations": citing.cited_by_task(task, user),
    }
    return render(request, "creation/tasks/ended.html", context)
