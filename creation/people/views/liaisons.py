"""Liaisons (联络员) of the units in a campaign: for the office, and without phone numbers for the leading group."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.lib import strings
from creation.models import Campaign, Membership, Unit, User
from creation.people import credentials, liaisons, unit_staff
from creation.people.forms.unit_staff import AppointForm, NewStaffForm
from creation.rules.policy import ROLE_NAMES, Permission, Role
from creation.web import shortcuts
from creation.web.refusals import form_refusals, message_refusals

MANAGE = Permission.LIAISONS_MANAGE


@require_GET
def liaison_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.LIAISONS_READ)
    person = shortcuts.current_user(request)
    actor, may_manage = shortcuts.current_actor(request), access.may(person, MANAGE, campaign)
    roster = liaisons.roster(campaign, actor.today)
    context = {
        "campaign": campaign,
        "roster": roster,
        "missing": sum(not row.people for row in roster),
        "with_phones": access.may(person, Permission.PHONE_REVEAL, campaign.district),
        "may_manage": may_manage,
        "waiting": len(unit_staff.staff_without_password(campaign, actor)) if may_manage else 0,
    }
    return render(request, "creation/people/liaisons.html", context)


def liaison_campaign_or_404(request: HttpRequest, campaign_id: int) -> Campaign:
    return shortcuts.campaign_or_404(request, campaign_id, MANAGE)


def unit_or_404(request: HttpRequest, campaign: Campaign, unit_id: int) -> Unit:
    active = Unit.objects.active(shortcuts.current_actor(request).today)
    return get_object_or_404(active.filter(district=campaign.district_id), pk=unit_id)


def membership_or_404(request: HttpRequest, campaign: Campaign, pk: int) -> Membership:
    return get_object_or_404(liaisons.unit_memberships(campaign, shortcuts.current_actor(request).today), pk=pk)


@require_http_methods(["GET", "POST"])
def liaison_appoint(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """A unit's people and the two forms to appoint one. A POST appoints a person who has an account."""
    campaign, actor = liaison_campaign_or_404(request, campaign_id), shortcuts.current_actor(request)
    unit = unit_or_404(request, campaign, unit_id)
    form = AppointForm(request.POST or None, people=colleagues(unit))
    if request.method == "POST" and form.is_valid():
        person, role = form.cleaned_data["person"], Role(form.cleaned_data["role"])
        with form_refusals(form, "person"):
            unit_staff.appoint_to_unit(unit, role, person, campaign, actor)
            messages.success(request, appointment_message(unit, role, person))
            return redirect("liaisons", campaign_id)
    return unit_page(request, campaign, unit, form, NewStaffForm(auto_id="new_%s"))


def appointment_message(unit: Unit, role: Role, person: User) -> str:
    if role is Role.LIAISON:
        return f"{unit}的联络员已改为{person.name}，未办结任务已移交，有关人员已收到通知。"
    return f"{person.name}已任{unit}的{ROLE_NAMES[role]}，本人已收到通知。"


@never_cache
@require_POST
def liaison_new(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """Create an account for the unit. Its link is shown on this page only."""
    campaign, actor = liaison_campaign_or_404(request, campaign_id), shortcuts.current_actor(request)
    unit = unit_or_404(request, campaign, unit_id)
    form = NewStaffForm(request.POST, auto_id="new_%s")
    if form.is_valid():
        data, role = dict(form.cleaned_data), Role(form.cleaned_data["role"])
        del data["role"]
        with form_refusals(form, "username"):
            person = unit_staff.create_staff(unit, role, data, campaign, actor)
            memberships = person.memberships.filter(ended_on=None)
            slips = unit_staff.issue_slips(memberships, actor, chosen_days(request))
            return slips_page(request, campaign, slips, f"已建立{person.name}的账号")
    return unit_page(request, campaign, unit, AppointForm(people=colleagues(unit)), form)


@require_GET
def liaison_login(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """The username field with a suggestion for the typed name."""
    campaign = liaison_campaign_or_404(request, campaign_id)
    unit = unit_or_404(request, campaign, unit_id)
    offered = unit_staff.suggest_username(request.GET.get("name", "")[:30], unit)
    form = NewStaffForm(auto_id="new_%s", initial={"username": offered})
    return render(request, "creation/web/forms/_field.html", {"field": form["username"]})


@never_cache
@require_POST
def liaison_link(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Issue a new link for a person of a unit."""
    campaign = liaison_campaign_or_404(request, campaign_id)
    membership = membership_or_404(request, campaign, pk)
    with message_refusals(request):
        slips = unit_staff.issue_slips([membership], shortcuts.current_actor(request), chosen_days(request))
        return slips_page(request, campaign, slips, f"{membership.user.name}的一次性链接")
    return redirect("liaison_appoint", campaign_id, membership.unit_id)


@require_POST
def liaison_end(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = liaison_campaign_or_404(request, campaign_id)
    membership = membership_or_404(request, campaign, pk)
    with message_refusals(request):
        unit_staff.end_unit_role(membership, shortcuts.current_actor(request))
        messages.success(
            request, f"{membership.user.name}不再担任{membership.unit}的{membership.get_role_display()}，账号保留。"
        )
    return redirect("liaison_appoint", campaign_id, membership.unit_id)


@never_cache
@require_http_methods(["GET", "POST"])
def liaison_links(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Links for everybody in the units who has no password yet: chosen on one page, shown once on the next."""
    campaign, actor = liaison_campaign_or_404(request, campaign_id), shortcuts.current_actor(request)
    waiting = unit_staff.staff_without_password(campaign, actor)
    if request.method == "POST":
        chosen = set(request.POST.getlist("pick"))
        picked = [each for each in waiting if str(each.pk) in chosen]
        if picked:
            with message_refusals(request):
                slips = unit_staff.issue_slips(picked, actor, chosen_days(request))
                return slips_page(request, campaign, slips, f"{len(slips)} 人的一次性链接")
            return redirect("liaison_links", campaign_id)
        messages.error(request, "没有勾选任何人。请勾选后再签发。")
    return render(
        request,
        "creation/people/links.html",
        {"campaign": campaign, "waiting": waiting, "days": credentials.INVITATION_DAYS},
    )


def chosen_days(request: HttpRequest) -> int:
    """Return for how long the first link of a person is to be valid."""
    return strings.to_number(request.POST.get("days", "1"))


def colleagues(unit: Unit) -> QuerySet[User]:
    return User.objects.filter(unit=unit, is_active=True)


def slips_page(request: HttpRequest, campaign: Campaign, slips: list[unit_staff.LoginSlip], title: str) -> HttpResponse:
    context = {"campaign": campaign, "slips": slips, "title": title}
    return render(request, "creation/people/slips.html", context)


def unit_page(
    request: HttpRequest, campaign: Campaign, unit: Unit, form: AppointForm, new_form: NewStaffForm
) -> HttpResponse:
    """Render the unit's page, which says what an appointment will change."""
    staff = unit_staff.unit_staff(unit, campaign, shortcuts.current_actor(request))
    context = {
        "campaign": campaign,
        "unit": unit,
        "staff": staff,
        "former": [each.user for each in staff if each.role == Role.LIAISON],
        "unfinished": liaisons.unfinished_tasks(campaign).filter(unit=unit).count(),
        "form": form,
        "new_form": new_form,
        "days": credentials.INVITATION_DAYS,
    }
    return render(
        request, "creation/people/appoint.html", context, status=422 if form.errors or new_form.errors else 200
    )
