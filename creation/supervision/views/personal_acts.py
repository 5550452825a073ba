"""四个亲自: what the heads of units did in person, as a list. It is recorded on the task page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation.rules.policy import Permission
from creation.supervision.filters import PersonalActFilter, acting_tasks
from creation.supervision.tables.personal_acts import PersonalActTable
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.pagination import paginate_table

SORTS = [("unit", "按单位"), ("act_count", "次数少的在前"), ("-last_act_on", "新近的在前")]


@require_GET
def personal_act_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_READ)
    user = shortcuts.current_user(request)
    rows = acting_tasks(campaign, user)
    found = PersonalActFilter(request.GET, rows)
    table = PersonalActTable(found.qs)
    paginate_table(table, request)
    context = {
        "campaign": campaign,
        "filter": found,
        "table": table,
        "sorts": SORTS,
        "total": table.paginator.count,
        "none_yet": not table.paginator.count and not rows.exists(),
    }
    part = wants_fragment(request)
    name = "creation/supervision/_personal_acts.html" if part else "creation/supervision/personal_acts.html"
    return render(request, name, context)
