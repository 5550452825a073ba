"""单位: add, change, deactivate and merge units."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.lib import strings
from creation.lib.refusals import Stale
from creation.models import District, Unit
from creation.people.forms.accounts import MergeForm, UnitForm, form_summary
from creation.people.tables.accounts import UnitTable
from creation.rules.policy import Permission
from creation.units import lifecycle, merging, quotas
from creation.units.tables.usages import UsageTable
from creation.web import shortcuts
from creation.web.filters import UnitFilter, is_filtered
from creation.web.pagination import paginate_table
from creation.web.refusals import conflict, form_refusals, message_refusals

PERMISSION = Permission.UNITS_MANAGE


def unit_or_404(request: HttpRequest, pk: int) -> Unit:
    seen = Unit.objects.visible_to(shortcuts.current_user(request)).select_related("district", "merged_into")
    unit = get_object_or_404(seen, pk=pk)
    access.require(shortcuts.current_user(request), PERMISSION, unit)
    return unit


def managed_units(request: HttpRequest) -> Any:
    return Unit.objects.filter(
        shortcuts.current_user(request).permission_filter(PERMISSION, district="district", campaign=None, unit=None)
    )


@require_GET
def storage_use(request: HttpRequest) -> HttpResponse:
    """Show the storage used by units, for those who manage them."""
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    rows = quotas.storage_usages(managed_units(request))
    table = UsageTable(rows)
    paginate_table(table, request)
    high = sum(row.is_high for row in rows)
    return render(request, "creation/units/storage.html", {"table": table, "high": high})


@require_GET
def unit_list(request: HttpRequest) -> HttpResponse:
    access.require_somewhere(shortcuts.current_user(request), PERMISSION)
    found = UnitFilter(request.GET, managed_units(request).for_table(), request=request)
    table = UnitTable(found.qs, today=shortcuts.current_actor(request).today)
    paginate_table(table, request)
    return render(
        request, "creation/units/units.html", {"table": table, "filter": found, "narrowed": is_filtered(found)}
    )


@require_http_methods(["GET", "POST"])
def unit_new(request: HttpRequest) -> HttpResponse:
    person = shortcuts.current_user(request)
    access.require_somewhere(person, PERMISSION)
    district = District.objects.get(pk=person.grants_for(PERMISSION)[0][0].district)
    form = UnitForm(request.POST or None, instance=Unit(district=district))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            unit = lifecycle.create(district, form.cleaned_data, shortcuts.current_actor(request))
            messages.success(request, f"已新建单位“{unit.short_name}”。请为其建立账号并指定联络员。")
            return redirect("units")
    return render(request, "creation/units/unit_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    found = unit_or_404(request, pk)
    form = UnitForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                lifecycle.edit(found, form.cleaned_data, form.cleaned_data["seen"], shortcuts.current_actor(request))
                messages.success(request, "单位资料已保存。")
                return redirect("unit", pk)
        except Stale as stale:
            theirs = form_summary(UnitForm(instance=Unit.objects.get(pk=pk)))
            return conflict(request, stale, "资料已被修改", form_summary(form), theirs)
    return render(
        request,
        "creation/units/unit.html",
        page_context(request, pk) | {"form": form},
        status=422 if form.errors else 200,
    )


def page_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    unit = Unit.objects.select_related("merged_into", "district").get(pk=pk)
    tasks, assignments = lifecycle.open_work_counts(unit)
    return {
        "unit": unit,
        "is_active": unit.is_active(shortcuts.current_actor(request).today),
        "tasks": tasks,
        "assignments": assignments,
        "merge_form": MergeForm(units=other_units(request, unit)),
    }


def other_units(request: HttpRequest, unit: Unit) -> Any:
    today = shortcuts.current_actor(request).today
    return managed_units(request).active(today).filter(district=unit.district_id, merged_into=None).exclude(pk=unit.pk)


@require_POST
def unit_stop(request: HttpRequest, pk: int) -> HttpResponse:
    unit = unit_or_404(request, pk)
    message = f"{unit}自今日起停用，其任职已结束，历史资料保留。"
    return perform(
        request, pk, lambda seen: lifecycle.deactivate(unit, seen, shortcuts.current_actor(request)), message
    )


@require_POST
def unit_resume(request: HttpRequest, pk: int) -> HttpResponse:
    unit = unit_or_404(request, pk)
    message = f"{unit}已恢复使用，请重新指定联络员。"
    return perform(
        request, pk, lambda seen: lifecycle.reactivate(unit, seen, shortcuts.current_actor(request)), message
    )


@require_http_methods(["GET", "POST"])
def unit_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what will happen, POST does it."""
    unit = unit_or_404(request, pk)
    form = MergeForm(request.GET if request.method == "GET" else request.POST, units=other_units(request, unit))
    if not form.is_valid():
        return render(
            request,
            "creation/units/unit.html",
            page_context(request, pk) | {"form": UnitForm(instance=unit), "merge_form": form},
            status=422,
        )
    into = form.cleaned_data["into"]
    if request.method == "GET":
        context = {"unit": unit, "into": into, "plan": merging.plan(unit, into)}
        return render(request, "creation/units/unit_merge.html", context)
    message = f"{unit}已并入{into}。"
    return perform(request, pk, lambda seen: merging.merge(unit, into, seen, shortcuts.current_actor(request)), message)


def perform(request: HttpRequest, pk: int, verb: Any, message: str) -> HttpResponse:
    """Call the verb with the version on screen and report the result or the refusal."""
    with message_refusals(request):
        verb(seen(request))
        messages.success(request, message)
    return redirect("unit", pk)


def seen(request: HttpRequest) -> int:
    """Return the version on screen; 0, which no row has, when it was not sent."""
    return strings.to_number(request.POST.get("seen", ""))
