"""Units to phone (需电话催办的单位): units that do not respond to urging, the people to phone, and the record of calls."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.models import Campaign, Holiday, PhoneCall, Unit
from creation.models.urge import PHONE_DAYS, PHONE_URGES
from creation.notices import escalation
from creation.people import liaisons
from creation.rules.policy import Permission, Role
from creation.web import shortcuts
from creation.web.refusals import message_refusals

MAX_CALLS = 30  # calls shown on the page


def _urged_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    return shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_URGE)


@require_GET
def call_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?unit=``: this unit is listed as well, first, although it has not been urged often enough."""
    campaign, today = _urged_or_404(request, campaign_id), shortcuts.current_actor(request).today
    backlogs = escalation.units_to_phone(campaign, today, Holiday.objects.calendar()) if campaign.is_open else []
    asked = request.GET.get("unit", "")
    if campaign.is_open and asked.isdecimal() and all(str(each.unit.pk) != asked for each in backlogs):
        chosen = Unit.objects.filter(pk=int(asked[:18]), district=campaign.district_id).first()
        backlogs = [escalation.overdue_of(campaign, chosen, today), *backlogs] if chosen else backlogs
    people: dict[int, list[Any]] = {}
    for post in liaisons.unit_memberships(campaign, today).filter(role__in=(Role.LIAISON, Role.UNIT_LEADER)):
        people.setdefault(post.unit_id or 0, []).append(post)
    context = {
        "campaign": campaign,
        "today": today,
        "backlogs": [(backlog, people.get(backlog.unit.pk, [])) for backlog in backlogs],
        "calls": PhoneCall.objects.filter(campaign=campaign).for_table()[:MAX_CALLS],
        "urges": PHONE_URGES,
        "days": PHONE_DAYS,
        "with_phones": access.may(shortcuts.current_user(request), Permission.PHONE_REVEAL, campaign.district),
    }
    return render(request, "creation/notices/calls.html", context)


@require_POST
def call_record(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    campaign = _urged_or_404(request, campaign_id)
    unit = get_object_or_404(Unit, pk=unit_id, district=campaign.district_id)
    with message_refusals(request):
        escalation.record_call(
            campaign, unit, shortcuts.typed_text(request, "note")[:200], shortcuts.current_actor(request)
        )
        messages.success(request, f"已登记与{unit}的电话联系；再次催办仍未办的，会重新列出。")
    return redirect("calls", campaign.pk)
