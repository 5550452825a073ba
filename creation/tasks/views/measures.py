"""指标数据: every measured target of the campaign with its figures; one measure with each unit's values and their history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.models import Measure
from creation.rules.policy import Permission
from creation.tasks.charts import sparkline
from creation.tasks.measure_summary import former_values, visible_table
from creation.web import shortcuts


@require_GET
def measures(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_READ)
    user = shortcuts.current_user(request)
    table = visible_table(campaign, user, timezone.localdate())
    rows = [
        (each, each.standing(table.today), sparkline([value for _, value in each.spark]))
        for each in table.summaries()
        if each.rows
    ]
    may_add = not campaign.closed_message and access.may(user, Permission.CAMPAIGN_MANAGE, campaign)
    context = {"campaign": campaign, "rows": rows, "today": table.today, "may_add": may_add}
    return render(request, "creation/tasks/measures/list.html", context)


@require_GET
def measure(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_READ)
    user = shortcuts.current_user(request)
    found = get_object_or_404(Measure.objects.filter(indicator__system=campaign.system_id), pk=pk)
    table = visible_table(campaign, user, timezone.localdate())
    summary = table.summary(found)
    context: dict[str, Any] = {
        "campaign": campaign,
        "measure": found,
        "summary": summary,
        "standing": summary.standing(table.today),
        "rows": table.rows_of(found),
        "today": table.today,
        "former": former_values(found, {unit.pk for unit in table.units.get(found.indicator_id, [])}),
    }
    return render(request, "creation/tasks/measures/measure.html", context)
