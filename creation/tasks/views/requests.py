"""What units ask for (延期申请, 分工异议), gathered for the office; each is answered on its task's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation import access
from creation.rules.policy import Permission
from creation.tasks import pending_reviews
from creation.tasks.tables.requests import RequestTable
from creation.web import shortcuts
from creation.web.pagination import paginate_table


@require_GET
def request_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?answered=1`` shows what was answered, the latest first."""
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    access.require(shortcuts.current_user(request), Permission.TASK_DECIDE, campaign)
    every = pending_reviews.requests(shortcuts.current_user(request), campaign)
    waiting, answered = every.filter(granted=None), "answered" in request.GET
    shown = every.exclude(granted=None).order_by("-decided_at", "-pk") if answered else waiting
    table = RequestTable(shown)
    paginate_table(table, request)
    context = {"campaign": campaign, "table": table, "answered": answered, "waiting": waiting.count()}
    return render(request, "creation/tasks/requests.html", context)
