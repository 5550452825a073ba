"""Mock assessments: the list, a new one, the page of one (own progress while it is open, results once it is closed), closing it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.appraisal import organizing, results, score_sheet, weak_points
from creation.appraisal.forms.appraisals import AppraisalChangeForm, AppraisalForm, WeakPointsForm
from creation.appraisal.results import AppraisalResults
from creation.appraisal.tables.appraisals import AppraisalFilter, AppraisalTable
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.models import Appraisal, AppraisalRequest, AppraisalSeat, Campaign, Membership, User
from creation.rules.policy import PERMISSION_MATRIX, Permission
from creation.web import shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import form_refusals, message_refusals

SORTS = [("-starts", "新的在前"), ("kind", "按方式")]


def appraisal_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Appraisal:
    seen = Appraisal.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.select_related("campaign", "created_by", "closed_by"), pk=pk)


@require_GET
def appraisal_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.APPRAISAL_READ)
    user = shortcuts.current_user(request)
    found = AppraisalFilter(request.GET, Appraisal.objects.visible_to(user).filter(campaign=campaign))
    table = AppraisalTable(found.qs.for_table().prefetch_related("seats__person"), today=timezone.localdate())
    asked = AppraisalRequest.objects.visible_to(user).filter(seat__appraisal__campaign=campaign, answered_at=None)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "waiting": asked.count(),
        "may_manage": campaign.is_open and access.may(user, Permission.APPRAISAL_MANAGE, campaign),
    }
    names = {"page": "creation/appraisal/list.html", "results": "creation/appraisal/_list.html"}
    return filtered_list(request, found, table, context, **names)


def _possible_assessors(campaign: Campaign, request: HttpRequest, seated: Iterable[int] = ()) -> Any:
    """Return the people whose role lets them score in this campaign, and those who have a seat already."""
    today = shortcuts.current_actor(request).today
    roles = PERMISSION_MATRIX[Permission.APPRAISAL_SCORE]
    held = Membership.objects.recipients(today, *roles).for_campaign(campaign)
    people = (
        User.objects.filter(Q(pk__in=held.values("user")) | Q(pk__in=seated))
        .select_related("unit")
        .order_by("name", "pk")
    )
    return people.prefetch_related(Prefetch("memberships", held))


@require_http_methods(["GET", "POST"])
def appraisal_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.APPRAISAL_MANAGE)
    people = _possible_assessors(campaign, request)
    form = AppraisalForm(request.POST or None, campaign=campaign, units=units_of(request, campaign), people=people)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            made = organizing.create_appraisal(campaign, form.new_appraisal, shortcuts.current_actor(request))
            messages.success(request, f"已建立“{made}”，评分人会收到通知。")
            return redirect(made)
    context = {"campaign": campaign, "form": form, "groups": unit_groups(form, "units")}
    return render(request, "creation/appraisal/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def appraisal_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = appraisal_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.APPRAISAL_MANAGE, found)
    people = _possible_assessors(found.campaign, request, found.seats.values_list("person", flat=True))
    form = AppraisalChangeForm(request.POST or None, existing=found, people=people)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            organizing.change_appraisal(found, form.change, form.cleaned_data["seen"], shortcuts.current_actor(request))
            messages.success(request, "已保存。新加的评分人会收到通知。")
            return redirect(found)
    context = {"campaign": found.campaign, "appraisal": found, "form": form}
    return render(request, "creation/appraisal/edit.html", context, status=422 if form.errors else 200)


@require_POST
def appraisal_withdraw(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = appraisal_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.APPRAISAL_MANAGE, found)
    with message_refusals(request):
        organizing.withdraw_appraisal(found, shortcuts.current_actor(request))
        messages.success(request, f"已撤销“{found}”，评分人会收到通知。")
        return redirect("appraisals", campaign_id)
    return redirect(found)


@require_GET
def appraisal(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, user = appraisal_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    seat = score_sheet.seat_of(found, user)
    manages = access.may(user, Permission.APPRAISAL_MANAGE, found)
    context: dict[str, Any] = {
        "campaign": found.campaign,
        "appraisal": found,
        "seat": seat,
        "today": timezone.localdate(),
        "progress": score_sheet.progress_of(seat) if seat and found.is_open else [],
        "may_close": manages and found.is_open and found.campaign.is_open,
        "seats": _seats(found) if manages else [],
        "asked": _requests(found, user),
    }
    if not found.is_open and access.may(user, Permission.APPRAISAL_READ, found):
        context["results"] = results.results_of(found)
        context |= _weak(found, user, context["results"])
    return render(request, "creation/appraisal/page.html", context)


def _weak(found: Appraisal, user: User, of: AppraisalResults) -> dict[str, Any]:
    """Return the weakest points, each with its finding if it has one, and the form that makes findings of the others."""
    recorded = weak_points.findings_of(found)
    weakest = [(each, recorded.get(each.point.indicator_id or 0)) for each in of.weakest]
    is_left = any(each.units and finding is None for each, finding in weakest)
    may_record = found.campaign.is_open and access.may(user, Permission.FINDING_RECORD, found)
    return {
        "weakest": weakest,
        "weak_form": WeakPointsForm(today=timezone.localdate()) if may_record and is_left else None,
    }


@require_POST
def appraisal_findings(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Make findings of the weak points that were ticked."""
    found = appraisal_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.FINDING_RECORD, found)
    form = WeakPointsForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "；".join(str(sentence) for each in form.errors.values() for sentence in each))
        return redirect(found)
    with message_refusals(request):
        chosen = set(shortcuts.keys_of(request, "points"))
        actor, due_on = shortcuts.current_actor(request), form.cleaned_data["due_on"]
        made = weak_points.record_weak_points(found, chosen, due_on, actor)
        numbers = "、".join(each.number for each in made)
        messages.success(request, f"已登记 {len(made)} 个督导问题：{numbers}。有关单位会收到整改任务。")
    return redirect(found)


def _seats(found: Appraisal) -> list[tuple[AppraisalSeat, int, int]]:
    """Return the assessors with how many points they scored of how many, without any score: until the close nobody sees one of another."""
    seats = []
    for seat in found.seats.select_related("person__unit"):
        seat.appraisal = found
        progress = score_sheet.progress_of(seat)
        seats.append((seat, sum(each.done for each in progress), sum(each.total for each in progress)))
    return seats


def _requests(found: Appraisal, user: User) -> list[AppraisalRequest]:
    rows = AppraisalRequest.objects.visible_to(user).filter(seat__appraisal=found)
    return list(rows.select_related("point__indicator", "unit", "seat__person", "answered_by"))


@require_POST
def appraisal_close(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = appraisal_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.APPRAISAL_MANAGE, found)
    with message_refusals(request):
        organizing.close_appraisal(found, shortcuts.current_actor(request))
        messages.success(request, "评分已结束，下面是结果。")
    return redirect(found)
