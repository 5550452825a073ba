"""联络员: who speaks for each unit in a campaign; for the office, and without phones for the leading group."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from creation import access, liaisons
from creation.accounts import AccountRefused
from creation.forms.people import AppointForm
from creation.models import Campaign, Unit, User
from creation.trail import Actor
from creation.views import doors


@require_GET
def liaison_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign, person = doors.campaign_or_404(request, campaign_id), doors.person(request)
    access.require(person, "liaisons.read", campaign)
    posts = liaisons.roster(campaign, doors.actor(request).today)
    context = {
        "campaign": campaign,
        "posts": posts,
        "missing": sum(not post.people for post in posts),
        "with_phones": access.may(person, "phone.reveal", campaign.district),
        "may_manage": access.may(person, "liaisons.manage", campaign),
    }
    return render(request, "creation/people/liaisons.html", context)


@require_http_methods(["GET", "POST"])
def liaison_appoint(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    campaign, actor = doors.campaign_or_404(request, campaign_id), doors.actor(request)
    access.require(doors.person(request), "liaisons.manage", campaign)
    unit = get_object_or_404(Unit.objects.active(actor.today).filter(district=campaign.district_id), pk=unit_id)
    form = AppointForm(request.POST or None, people=User.objects.filter(unit=unit, is_active=True))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["person"]
        try:
            liaisons.appoint(unit, chosen, campaign, actor)
        except AccountRefused as refused:
            form.add_error("person", str(refused))
        else:
            messages.success(request, f"{unit}的联络员已改为{chosen.name}，未办结任务已移交，双方已收到通知。")
            return redirect("liaisons", campaign_id)
    return render(request, "creation/people/appoint.html", {"form": form} | around(campaign, unit, actor))


def around(campaign: Campaign, unit: Unit, actor: Actor) -> dict[str, object]:
    """What will happen is said before it happens."""
    return {
        "campaign": campaign,
        "unit": unit,
        "former": [held.user for held in liaisons.in_force(campaign, actor.today) if held.unit_id == unit.pk],
        "unfinished": liaisons.open_tasks(campaign).filter(unit=unit).count(),
    }
