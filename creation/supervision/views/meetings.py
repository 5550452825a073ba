"""Meetings: the list, recording and changing one, its page with what it decided, and its files."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.evidence import attachments
from creation.evidence.views import file_responses
from creation.lib.refusals import Stale
from creation.models import ANSWERED, Meeting, Task
from creation.rules.policy import Permission
from creation.supervision import meetings
from creation.supervision.filters import MeetingFilter
from creation.supervision.forms.meetings import MeetingDecisionForm, MeetingEditForm, MeetingForm
from creation.supervision.tables.meetings import MeetingTable
from creation.web import request_sizes, shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import conflict, form_refusals

SORTS = [("-held_on", "新近的在前"), ("held_on", "按日期")]


def _meeting_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Meeting:
    seen = Meeting.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


@require_GET
def meeting_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.MEETING_READ)
    user = shortcuts.current_user(request)
    rows = Meeting.objects.visible_to(user).filter(campaign=campaign).for_table()
    found = MeetingFilter(request.GET, rows)
    table = MeetingTable(found.qs)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_record": not campaign.closed_message and access.may(user, Permission.MEETING_RECORD, campaign),
    }
    names = {"page": "creation/supervision/meetings.html", "results": "creation/supervision/_meetings.html"}
    return filtered_list(request, found, table, context, **names)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def meeting_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.MEETING_RECORD)
    form = MeetingForm(request.POST or None, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            with attachments.stored_attachments(request.FILES.getlist("files")) as kept:
                made = meetings.record_meeting(campaign, form.text_of, shortcuts.current_actor(request), kept)
            messages.success(request, "会议已登记。议定的事项在下面逐项下发。")
            return redirect(made)
    context = {"campaign": campaign, "form": form, "limit": settings.LIMIT_IMAGE}
    return render(request, "creation/supervision/meeting_form.html", context, status=422 if form.errors else 200)


@require_GET
def meeting(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, _meeting_or_404(request, campaign_id, pk))


def _page(request: HttpRequest, found: Meeting, given: Any = None, status: int = 200) -> HttpResponse:
    user = shortcuts.current_user(request)
    may_record = not found.campaign.closed_message and access.may(user, Permission.MEETING_RECORD, found)
    form = (given or MeetingDecisionForm(units=units_of(request, found.campaign))) if may_record else None
    tasks = Task.objects.active().filter(action__decision__meeting=found).for_table().order_by("unit__order")
    decisions: dict[Any, list[Task]] = {each.action: [] for each in found.decisions.select_related("action")}
    for task in tasks:
        decisions[task.action].append(task)
    context = {
        "campaign": found.campaign,
        "meeting": found,
        "files": list(found.files.all()),
        "decisions": [
            (action, tasks, sum(task.status in ANSWERED for task in tasks)) for action, tasks in decisions.items()
        ],
        "form": form,
        "groups": unit_groups(form, "units") if form else [],
    }
    return render(request, "creation/supervision/meeting.html", context, status=status)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def meeting_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _meeting_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.MEETING_RECORD, found)
    form = MeetingEditForm(request.POST or None, meeting=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                actor, seen = shortcuts.current_actor(request), form.cleaned_data["seen"]
                with attachments.stored_attachments(request.FILES.getlist("files")) as kept:
                    meetings.edit_meeting(found, form.text_of, actor, seen, kept)
                messages.success(request, "会议已保存。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "会议没有保存", meetings.as_text(form.text_of))
    context = {"campaign": found.campaign, "meeting": found, "form": form, "limit": settings.LIMIT_IMAGE}
    return render(request, "creation/supervision/meeting_form.html", context, status=422 if form.errors else 200)


@require_POST
def meeting_decide(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _meeting_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.MEETING_RECORD, found)
    form = MeetingDecisionForm(request.POST, units=units_of(request, found.campaign))
    if form.is_valid():
        with form_refusals(form):
            action = meetings.decide(found, **form.cleaned_data, actor=shortcuts.current_actor(request))
            told = "有关单位会收到通知。" if found.campaign.is_open else "活动启动时一并下发。"
            messages.success(request, f"已下发 {action}，{told}")
            return redirect(found)
    return _page(request, found, form, status=422)


@require_GET
def meeting_file(request: HttpRequest, campaign_id: int, pk: int, file_id: int) -> HttpResponseBase:
    found = _meeting_or_404(request, campaign_id, pk)
    return file_responses.attachment_response(request, get_object_or_404(found.files, pk=file_id))
