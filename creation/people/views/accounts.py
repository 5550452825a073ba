"""账号: for administrators. They see people and roles, no tasks and no evidence."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.lib.refusals import Stale
from creation.models import Campaign, Membership, Unit, User
from creation.people import accounts, credentials
from creation.people.forms.people import GrantForm, NewPersonForm, PersonForm, summary
from creation.people.tables.people import AccountTable
from creation.rules.policy import Role
from creation.web import doors
from creation.web.lists import AccountFilter, shown
from creation.web.paging import turn_to_page
from creation.web.refusals import conflict, form_refusals, message_refusals

ACT = "accounts.manage"


def account_or_404(request: HttpRequest, pk: int) -> User:
    """404 for an account one may not know of; then 403 for who may not manage it."""
    person = get_object_or_404(User.objects.visible_to(doors.person(request)).select_related("unit__district"), pk=pk)
    access.require(doors.person(request), ACT, person)
    return person


def units(request: HttpRequest, also: int | None = None) -> Any:
    """The units that can be chosen: those in use, and the one that is chosen already."""
    mine = doors.person(request).reach(ACT, district="district", campaign=None, unit=None)
    active = Unit.objects.active(doors.actor(request).today).values("pk")
    return Unit.objects.filter(mine, Q(pk__in=active) | Q(pk=also))


def campaigns(request: HttpRequest) -> Any:
    return Campaign.objects.filter(doors.person(request).reach(ACT, district="district", campaign="pk", unit=None))


@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    person = doors.person(request)
    access.require_somewhere(person, ACT)
    people = User.objects.managed_by(person).for_table(doors.actor(request).today)
    found = AccountFilter(request.GET, people, request=request)
    table = AccountTable(found.qs)
    turn_to_page(table, request)
    context = {"table": table, "filter": found, "narrowed": shown(found)}
    return render(request, "creation/people/accounts.html", context)


@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    access.require_somewhere(doors.person(request), ACT)
    form = NewPersonForm(request.POST or None, units=units(request))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "roles"):
            person = accounts.create_person({"mobile": ""} | form.data_to_save(), doors.actor(request))
            messages.success(request, f"已建立账号“{person.name}”。请签发一次性链接，交给本人设置密码。")
            return redirect(person)
    return render(request, "creation/people/account_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    person = account_or_404(request, pk)
    form = PersonForm(request.POST or None, instance=person, units=units(request, person.unit_id))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.edit_person(person, form.data_to_save(), form.cleaned_data["seen"], doors.actor(request))
        except Stale as stale:
            fresh = User.objects.get(pk=pk)
            theirs = summary(PersonForm(instance=fresh, units=units(request, fresh.unit_id)))
            return conflict(request, stale, "资料已被修改", summary(form), theirs)
        messages.success(request, "账号资料已保存。")
        return redirect("account", pk)
    return render(request, "creation/people/account.html", page(request, pk) | {"form": form})


def page(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What stands around the form, fresh from the database: a form that was refused has its values in the instance."""
    held = Membership.objects.filter(user=pk).select_related("unit", "campaign").order_by("ended_on", "pk")
    today = doors.actor(request).today
    current = set(held.in_force(today).values_list("pk", flat=True))
    return {
        "person": User.objects.select_related("unit").get(pk=pk),
        "held": [each for each in held if each.pk in current],
        "former": [each for each in held if each.pk not in current],
        "grant_form": GrantForm(units=units(request), campaigns=campaigns(request), auto_id="grant_%s"),
        "own": pk == doors.person(request).pk,
    }


@require_POST
def account_grant(request: HttpRequest, pk: int) -> HttpResponse:
    person = account_or_404(request, pk)
    form = GrantForm(request.POST, units=units(request), campaigns=campaigns(request), auto_id="grant_%s")
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("unit", "campaign", "expires")}
        with form_refusals(form):
            held = accounts.grant(person, Role(form.cleaned_data["role"]), doors.actor(request), **data)
            messages.success(request, f"已指定：{accounts.describe(held)}。")
            return redirect("account", pk)
    context = page(request, pk) | {
        "form": PersonForm(instance=person, units=units(request, person.unit_id)),
        "grant_form": form,
    }
    return render(request, "creation/people/account.html", context)


@require_POST
def membership_end(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    person = account_or_404(request, pk)
    held = get_object_or_404(person.memberships.select_related("unit", "campaign", "user"), pk=membership)
    return done(
        request, pk, lambda: accounts.end_membership(held, doors.actor(request)), f"已结束：{accounts.describe(held)}。"
    )


@require_POST
def account_disable(request: HttpRequest, pk: int) -> HttpResponse:
    person = account_or_404(request, pk)
    said = f"{person.name}的账号已停用，其登录、链接和任职即时结束。"
    return done(request, pk, lambda: accounts.disable(person, doors.actor(request)), said)


@require_POST
def account_enable(request: HttpRequest, pk: int) -> HttpResponse:
    person = account_or_404(request, pk)
    said = f"{person.name}的账号已启用，原任职不会自动恢复，请重新指定角色。"
    return done(request, pk, lambda: accounts.enable(person, doors.actor(request)), said)


def done(request: HttpRequest, pk: int, verb: Any, said: str) -> HttpResponse:
    """Do it and say so, or say why not."""
    with message_refusals(request):
        verb()
        messages.success(request, said)
    return redirect("account", pk)


@never_cache
@require_POST
def link_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """The address is shown in this one answer and kept nowhere."""
    person = account_or_404(request, pk)
    with message_refusals(request):
        token = credentials.issue(person, doors.actor(request))
        context = {"person": person, "address": credentials.address(token)}
        return render(request, "creation/people/link_issued.html", context)
    return redirect("account", pk)
