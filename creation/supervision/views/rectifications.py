"""The list of rectifications. The page of one is the task page."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.rules.policy import Permission
from creation.supervision import rectifications
from creation.supervision.filters import RectificationFilter
from creation.supervision.tables.findings import RectificationTable
from creation.web import shortcuts
from creation.web.pagination import filtered_list

SORTS = [("code", "按编号"), ("due_on", "时限近的在前"), ("status", "按状态"), ("unit", "按单位")]


@require_GET
def rectification_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_READ)
    user = shortcuts.current_user(request)
    today = timezone.localdate()
    rows = rectifications.visible_rectifications(campaign, user, today, shortcuts.last_yellow_day(request, today))
    found = RectificationFilter(request.GET, rows, campaign=campaign)
    table = RectificationTable(rectifications.in_order(found.qs), today=today)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_report": access.may(user, Permission.PAPER_SCAN, campaign),
    }
    names = {"page": "creation/supervision/rectifications.html", "results": "creation/supervision/_rectifications.html"}
    return filtered_list(request, found, table, context, **names)
