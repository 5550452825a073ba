"""Findings: the list, the page of one, recording, correcting and withdrawing it, and giving further units a rectification."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.lib.refusals import Stale
from creation.models import Campaign, Finding, Task, Visit, VisitCheck
from creation.rules.policy import Permission
from creation.supervision import findings, rectifications
from creation.supervision.filters import FindingFilter, findings_of
from creation.supervision.forms.findings import FindingEditForm, NewFindingForm, RectificationsForm
from creation.supervision.tables.findings import FindingTable, UnitRectificationTable
from creation.supervision.visits import finding_from_visit
from creation.tasks import repeated_returns
from creation.web import shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import conflict, form_refusals, message_refusals

SORTS = [("-code", "新登记的在前"), ("code", "按编号"), ("source", "按来源"), ("severity", "按程度")]


def _finding_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Finding:
    seen = Finding.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


@require_GET
def finding_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_READ)
    user = shortcuts.current_user(request)
    found = FindingFilter(request.GET, findings_of(campaign, user), campaign=campaign)
    table = FindingTable(found.qs, whole=user.has_permission_beyond_unit(Permission.FINDING_READ))
    withdrawn = found.qs.exclude(withdrawn_on=None).count()
    context = {
        "campaign": campaign,
        "unit": f"个问题（其中 {withdrawn} 个已撤销）" if withdrawn else "个问题",  # 督导统计 does not count these
        "sorts": SORTS,
        "may_record": campaign.is_open and access.may(user, Permission.FINDING_RECORD, campaign),
    }
    names = {"page": "creation/supervision/findings.html", "results": "creation/supervision/_findings.html"}
    return filtered_list(request, found, table, context, **names)


@require_http_methods(["GET", "POST"])
def finding_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_RECORD)
    visit, noted = _noted_on_visit(request, campaign)
    today = timezone.localdate()
    first = finding_from_visit(visit, noted, today) if visit else {"found_on": today}
    form = NewFindingForm(request.POST or None, campaign=campaign, units=units_of(request, campaign), initial=first)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            actor, task = shortcuts.current_actor(request), noted.task if noted else None
            kept = noted if noted and noted.pk else None
            made = findings.record_finding(
                campaign, form.text_of, form.due_days, actor, task=task, visit=visit, noted=kept
            )
            messages.success(request, f"已登记 {made.number}，{len(form.due_days)} 个单位会收到整改任务。")
            return redirect(visit or made)
    context = {"campaign": campaign, "form": form, "groups": unit_groups(form, "units"), "visit": visit, "task": None}
    return render(request, "creation/supervision/finding_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def finding_of_task(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Make a task that was returned again and again a finding; the form begins with the reasons."""
    task, today = shortcuts.task_or_404(request, campaign_id, pk), timezone.localdate()
    access.require(shortcuts.current_user(request), Permission.FINDING_PROPOSE, task)
    if request.method == "GET" and not repeated_returns.offers_finding(task):
        messages.error(request, findings.NOT_OFTEN.format(task=task))
        return redirect(task)
    first = findings.finding_from_task(task, today)
    units = units_of(request, task.campaign)
    form = NewFindingForm(request.POST or None, campaign=task.campaign, units=units, initial=first)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            actor = shortcuts.current_actor(request)
            made = findings.record_finding_of_task(task, form.text_of, form.due_days, actor)
            messages.success(request, f"已列为问题 {made.number}，{len(form.due_days)} 个单位会收到整改任务。")
            return redirect(made)
    context = {
        "campaign": task.campaign,
        "form": form,
        "groups": unit_groups(form, "units"),
        "visit": None,
        "task": task,
    }
    return render(request, "creation/supervision/finding_new.html", context, status=422 if form.errors else 200)


def _noted_on_visit(request: HttpRequest, campaign: Campaign) -> tuple[Visit | None, VisitCheck | None]:
    """Return the visit that ``?visit=`` names, and what was noted there: ``?check=``, or nothing yet about ``?task=``."""
    seen = Visit.objects.visible_to(shortcuts.current_user(request)).filter(round__campaign=campaign).for_table()
    visit = seen.filter(pk=shortcuts.key_of(request.GET.get("visit"))).first()
    if visit is None:
        return None, None
    rows = VisitCheck.objects.filter(visit=visit).select_related("task__indicator", "task__action", "task__finding")
    noted = rows.filter(pk=shortcuts.key_of(request.GET.get("check"))).first()
    task = (
        Task.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign, unit=visit.unit).for_table()
    )
    about = task.filter(pk=shortcuts.key_of(request.GET.get("task"))).first()
    return visit, noted or (VisitCheck(visit=visit, task=about) if about else None)


@require_GET
def finding(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, _finding_or_404(request, campaign_id, pk))


def _page(request: HttpRequest, found: Finding, given: Any = None, status: int = 200) -> HttpResponse:
    user, today = shortcuts.current_user(request), timezone.localdate()
    may_record = access.may(user, Permission.FINDING_RECORD, found)
    may_change = may_record and found.campaign.is_open and not found.withdrawn_on
    soon = shortcuts.last_yellow_day(request, today)
    rows = rectifications.visible_rectifications(found.campaign, user, today, soon).filter(finding=found)
    tasks = list(rectifications.in_order(rows))
    table = UnitRectificationTable(tasks, today=today)
    context: dict[str, Any] = {
        "campaign": found.campaign,
        "finding": found,
        "tasks": tasks,
        "table": table,
        "may_change": may_change,
        "task": Task.objects.visible_to(user).for_table().filter(pk=found.task_id).first() if found.task_id else None,
        "visit": Visit.objects.visible_to(user).for_table().filter(pk=found.visit_id).first()
        if found.visit_id
        else None,
        "noted": VisitCheck.objects.visible_to(user).of_finding(found).first() if found.noted_id else None,
    }
    if may_record:
        changes = found.changes.select_related("changed_by").order_by("-changed_at", "-pk")
        context["changes"] = [(each, findings.differences(each)) for each in changes]
    if may_change:
        free = units_of(request, found.campaign).exclude(pk__in=[task.unit_id for task in tasks])
        context["given"] = given or RectificationsForm(units=free)
        context["groups"] = unit_groups(context["given"], "units")
    return render(request, "creation/supervision/finding.html", context, status=status)


@require_http_methods(["GET", "POST"])
def finding_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _finding_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.FINDING_RECORD, found)
    form = FindingEditForm(request.POST or None, finding=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                actor = shortcuts.current_actor(request)
                findings.edit_finding(found, form.text_of, actor, form.cleaned_data["seen"])
                messages.success(request, "已保存，还在整改的单位会收到通知。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "问题没有保存", _typed(form))
    context = {"campaign": found.campaign, "finding": found, "form": form}
    return render(request, "creation/supervision/finding_edit.html", context, status=422 if form.errors else 200)


def _typed(form: FindingEditForm) -> str:
    lines = ((field.label, form.cleaned_data.get(field.name)) for field in form.visible_fields())
    return "\n".join(f"{label}：{value}" for label, value in lines if value)


@require_POST
def finding_add_units(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _finding_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.FINDING_RECORD, found)
    form = RectificationsForm(request.POST, units=units_of(request, found.campaign))
    if form.is_valid():
        with form_refusals(form):
            added = findings.add_units(found, form.due_days, shortcuts.current_actor(request))
            messages.success(request, f"已增加整改单位：{'、'.join(map(str, added))}。")
            return redirect(found)
    return _page(request, found, form, status=422)


@require_POST
def finding_withdraw(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _finding_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.FINDING_RECORD, found)
    with message_refusals(request):
        ended = findings.withdraw_finding(found, request.POST.get("reason", ""), shortcuts.current_actor(request))
        messages.success(request, f"{found.number}已撤销，终止整改 {ended} 项；编号不再使用。")
    return redirect(found)
