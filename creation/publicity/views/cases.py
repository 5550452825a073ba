"""Typical cases: the list, writing and submitting one, and the office's decision."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.evidence import attachments
from creation.evidence.views import file_responses
from creation.evidence.views.file_responses import ServedFile
from creation.lib.refusals import Stale
from creation.models import TypicalCase
from creation.publicity import cases
from creation.publicity.forms.publicity import CaseFilter, CaseForm, JudgeForm
from creation.publicity.tables.publicity import CaseTable
from creation.publicity.views.publicity import recording_units
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import conflict, form_refusals

SORTS = [("unit", "按单位"), ("-submitted_at", "新报送的在前"), ("state", "按状态")]


def _case_or_404(request: HttpRequest, campaign_id: int, pk: int) -> TypicalCase:
    seen = TypicalCase.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


@require_GET
def case_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PUBLICITY_READ)
    user = shortcuts.current_user(request)
    rows = TypicalCase.objects.visible_to(user).filter(campaign=campaign)
    found = CaseFilter(request.GET, rows)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_write": campaign.is_open and access.may(user, Permission.PUBLICITY_RECORD, campaign),
        "may_collect": access.may(user, Permission.CASE_JUDGE, campaign),
        "selected": rows.selected().count(),
    }
    names = {"page": "creation/publicity/cases.html", "results": "creation/publicity/_cases.html"}
    return filtered_list(request, found, CaseTable(found.qs.for_table()), context, **names)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def case_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PUBLICITY_RECORD)
    form = CaseForm(request.POST or None, units=recording_units(request, campaign))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            with attachments.stored_attachments(request.FILES.getlist("pictures")) as kept:
                unit, actor = form.cleaned_data["unit"], shortcuts.current_actor(request)
                made = cases.write_case(campaign, unit, form.text_of, actor, kept)
            messages.success(request, "已保存。请看一遍，再点“报送”。")
            return redirect(made)
    context = {"campaign": campaign, "form": form, **_picture_limits()}
    return render(request, "creation/publicity/case_form.html", context, status=422 if form.errors else 200)


def _picture_limits() -> dict[str, int]:
    return {"limit": settings.LIMIT_IMAGE, "most": cases.MAX_PICTURES}


@require_GET
def case(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, _case_or_404(request, campaign_id, pk))


def _page(request: HttpRequest, found: TypicalCase, form: JudgeForm | None = None) -> HttpResponse:
    user, is_open = shortcuts.current_user(request), found.campaign.is_open
    may_write = is_open and found.state in cases.EDITABLE and access.may(user, Permission.PUBLICITY_RECORD, found)
    is_own = found.created_by_id == user.pk
    waits = is_open and found.state not in cases.EDITABLE
    may_judge = waits and not is_own and access.may(user, Permission.CASE_JUDGE, found)
    context = {
        "campaign": found.campaign,
        "case": found,
        "may_write": may_write,
        "judge": form or (JudgeForm(case=found) if may_judge else None),
    }
    return render(request, "creation/publicity/case.html", context, status=422 if form and form.errors else 200)


@require_GET
def case_picture(request: HttpRequest, campaign_id: int, pk: int, file_id: int) -> HttpResponseBase:
    found = _case_or_404(request, campaign_id, pk)
    file = get_object_or_404(found.pictures, pk=file_id)
    served = ServedFile(file.blob, file.name, file.media_type, file.size, file.sha256, inline=True)
    return file_responses.file_response(request, served)


@request_sizes.accepts_files(request_sizes.largest_file)
@require_http_methods(["GET", "POST"])
def case_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _case_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PUBLICITY_RECORD, found)
    form = CaseForm(request.POST or None, units=recording_units(request, found.campaign), case=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                seen, actor = form.cleaned_data["seen"] or 0, shortcuts.current_actor(request)
                dropped = shortcuts.keys_of(request, "dropped")
                with attachments.stored_attachments(request.FILES.getlist("pictures")) as kept:
                    cases.edit_case(found, form.text_of, actor, seen, kept, dropped)
                messages.success(request, "已保存。请看一遍，再点“报送”。")
                return redirect(found)
        except Stale as stale:
            typed = "\n\n".join(f"{field.label}：{form.cleaned_data[field.name]}" for field in form.visible_fields())
            return conflict(request, stale, "典型经验没有保存", typed)
    context = {"campaign": found.campaign, "form": form, "case": found, **_picture_limits()}
    return render(request, "creation/publicity/case_form.html", context, status=422 if form.errors else 200)


@require_POST
def case_submit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _case_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.PUBLICITY_RECORD, found)
    seen = request.POST.get("seen", "")
    cases.submit_case(found, shortcuts.current_actor(request), shortcuts.key_of(seen))
    messages.success(request, "已报送，创建办审核后会通知您。")
    return redirect(found)


@require_POST
def case_judge(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Select or return; the button says which."""
    found = _case_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.CASE_JUDGE, found)
    form = JudgeForm(request.POST, case=found)
    if form.is_valid():
        with form_refusals(form):
            select, actor = request.POST.get("decision") == "select", shortcuts.current_actor(request)
            data = form.cleaned_data
            cases.judge_case(found, select=select, comment=data["comment"], actor=actor, seen=data["seen"])
            messages.success(request, "已采用。" if select else "已退回，单位会马上收到通知。")
            return redirect(found)
    return _page(request, found, form)
