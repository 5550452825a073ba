"""Accounts (账号), for administrators. They see people and roles, but no tasks and no evidence."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.lib import strings
from creation.lib.refusals import Stale
from creation.models import Campaign, Membership, Unit, User
from creation.people import accounts, credentials
from creation.people.forms.accounts import GrantForm, NewPersonForm, PersonForm, form_summary
from creation.people.tables.accounts import AccountTable
from creation.rules.policy import Permission, Role
from creation.web import shortcuts
from creation.web.filters import AccountFilter, is_filtered
from creation.web.pagination import paginate_table
from creation.web.refusals import conflict, form_refusals, message_refusals

PERMISSION = Permission.ACCOUNTS_MANAGE


def managed_account_or_404(request: HttpRequest, pk: int) -> User:
    """Return the account. 404 if the person may not see it, 403 if the person may not manage it."""
    person = get_object_or_404(
        User.objects.visible_to(shortcuts.current_user(request)).select_related("unit__district"), pk=pk
    )
    access.require(shortcuts.current_user(request), PERMISSION, person)
    return person


def units(request: HttpRequest, also: int | None = None) -> Any:
    """Return the units to choose from: the active ones, and the current one (``also``)."""
    mine = shortcuts.current_user(request).permission_filter(PERMISSION, district="district", campaign=None, unit=None)
    active = Unit.objects.active(shortcuts.current_actor(request).today).values("pk")
    return Unit.objects.filter(mine, Q(pk__in=active) | Q(pk=also))


def campaigns(request: HttpRequest) -> Any:
    return Campaign.objects.filter(
        shortcuts.current_user(request).permission_filter(PERMISSION, district="district", campaign="pk", unit=None)
    )


@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    person = shortcuts.current_user(request)
    access.require_somewhere(person, PERMISSION)
    people = User.objects.managed_by(person).for_table(shortcuts.current_actor(request).today)
    found = AccountFilter(request.GET, people, request=request)
    table = AccountTable(found.qs)
    paginate_table(table, request)
    context = {"table": table, "filter": found, "narrowed": is_filtered(found)}
    return render(request, "creation/people/accounts.html", context)


@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    form = NewPersonForm(request.POST or None, units=units(request), initial={"roles": request.GET.getlist("role")})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form, "roles"):
            person = accounts.create_account({"mobile": ""} | form.data_to_save(), shortcuts.current_actor(request))
            role_missing = (
                "" if form.cleaned_data["roles"] else "还没有角色，登录后看不到任何内容：请先点“增加角色”；再"
            )
            messages.success(
                request, f"已建立账号“{person.name}”。{role_missing or '请'}签发一次性链接，交给本人设置密码。"
            )
            return redirect(person)
    return render(request, "creation/people/account_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    person = managed_account_or_404(request, pk)
    form = PersonForm(request.POST or None, instance=person, units=units(request, person.unit_id))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.edit_account(
                person, form.data_to_save(), form.cleaned_data["seen"], shortcuts.current_actor(request)
            )
        except Stale as stale:
            fresh = User.objects.get(pk=pk)
            theirs = form_summary(PersonForm(instance=fresh, units=units(request, fresh.unit_id)))
            return conflict(request, stale, "资料已被修改", form_summary(form), theirs)
        messages.success(request, "账号资料已保存。")
        return redirect("account", pk)
    return render(
        request,
        "creation/people/account.html",
        account_context(request, pk) | {"form": form},
        status=422 if form.errors else 200,
    )


def account_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return the context beside the form, read from the database: after an invalid form, the instance holds the typed values."""
    memberships = (
        Membership.objects.filter(user=pk).select_related("unit", "campaign", "district").order_by("ended_on", "pk")
    )
    today = shortcuts.current_actor(request).today
    current = set(memberships.active(today).values_list("pk", flat=True))
    return {
        "person": User.objects.select_related("unit").get(pk=pk),
        "memberships": [each for each in memberships if each.pk in current],
        "former": [each for each in memberships if each.pk not in current],
        "grant_form": GrantForm(units=units(request), campaigns=campaigns(request), auto_id="grant_%s"),
        "own": pk == shortcuts.current_user(request).pk,
        "days": credentials.INVITATION_DAYS,
    }


@require_POST
def account_grant(request: HttpRequest, pk: int) -> HttpResponse:
    person = managed_account_or_404(request, pk)
    form = GrantForm(request.POST, units=units(request), campaigns=campaigns(request), auto_id="grant_%s")
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("unit", "campaign", "expires")}
        with form_refusals(form):
            membership = accounts.grant_role(
                person, Role(form.cleaned_data["role"]), shortcuts.current_actor(request), **data
            )
            messages.success(request, f"已指定：{accounts.describe_membership(membership)}。")
            return redirect("account", pk)
    context = account_context(request, pk) | {
        "form": PersonForm(instance=person, units=units(request, person.unit_id)),
        "grant_form": form,
    }
    return render(request, "creation/people/account.html", context, status=422)


@require_POST
def membership_end(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    person = managed_account_or_404(request, pk)
    held = get_object_or_404(person.memberships.select_related("unit", "campaign", "user"), pk=membership)
    return run_and_redirect(
        request,
        pk,
        lambda: accounts.revoke_role(held, shortcuts.current_actor(request)),
        f"已结束：{accounts.describe_membership(held)}。",
    )


@require_POST
def account_disable(request: HttpRequest, pk: int) -> HttpResponse:
    person = managed_account_or_404(request, pk)
    message = f"{person.name}的账号已停用，其登录、链接和任职即时结束。"
    return run_and_redirect(
        request, pk, lambda: accounts.disable_account(person, shortcuts.current_actor(request)), message
    )


@require_POST
def account_enable(request: HttpRequest, pk: int) -> HttpResponse:
    person = managed_account_or_404(request, pk)
    message = f"{person.name}的账号已启用，原任职不会自动恢复，请重新指定角色。"
    return run_and_redirect(
        request, pk, lambda: accounts.enable_account(person, shortcuts.current_actor(request)), message
    )


def run_and_redirect(request: HttpRequest, pk: int, verb: Any, message: str) -> HttpResponse:
    """Call the verb and redirect, with a success message or the refusal."""
    with message_refusals(request):
        verb()
        messages.success(request, message)
    return redirect("account", pk)


@never_cache
@require_POST
def link_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue a link. It is shown on this page only and not stored."""
    person, actor = managed_account_or_404(request, pk), shortcuts.current_actor(request)
    days = strings.to_number(request.POST.get("days", "1"))
    with message_refusals(request):
        token = credentials.issue_link(person, actor, days)
        until = actor.at + credentials.link_lifetime(person, days)
        context = {"person": person, "address": credentials.link_url(token), "until": until}
        return render(request, "creation/people/link_issued.html", context)
    return redirect("account", pk)
