"""Visits: the list, the page on the phone with its checklist, what is noted there, the feedback and the unit's signature."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.evidence.uploads import OffsetMismatch
from creation.evidence.views import file_responses
from creation.evidence.views.file_responses import ServedFile
from creation.lib.refusals import Refusal, Stale
from creation.models import Finding, Notice, Visit, VisitCheck, VisitPhoto
from creation.notices.reminders.condition_tasks import MAX_RECORDING_DAYS
from creation.rules.policy import Permission
from creation.supervision import checklists, checks, photos, visit_plan, visits
from creation.supervision.filters import VisitFilter, visits_of
from creation.supervision.forms.visits import CheckForm, FeedbackForm, SignatureForm
from creation.supervision.photos import PhotoFile
from creation.supervision.tables.visits import VisitTable
from creation.web import request_sizes, shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import conflict, form_refusals, message_refusals

SORTS = [("day", "日期早的在前"), ("-day", "日期晚的在前"), ("unit", "按单位"), ("team", "按督导组")]
MAX_DIGITS = 12


def visit_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Visit:
    seen = Visit.objects.visible_to(shortcuts.current_user(request)).filter(round__campaign=campaign_id)
    return get_object_or_404(seen.for_table().select_related("recorded_by", "signed_by"), pk=pk)


def _recorded_visit_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Visit:
    """Return the visit. 403 if the person may see it and not record it."""
    found = visit_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.VISIT_RECORD, found)
    return found


@require_GET
def visit_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.VISIT_READ)
    user = shortcuts.current_user(request)
    rows = visits_of(campaign, user)
    today = timezone.localdate()
    missed_on = shortcuts.workdays(request).shift(today, -MAX_RECORDING_DAYS)
    found = VisitFilter(request.GET, rows, campaign=campaign, user=user, today=today, missed_on=missed_on)
    table = VisitTable(found.qs, today=today)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "whole": user.has_permission_beyond_unit(Permission.VISIT_READ),
    }
    names = {"page": "creation/supervision/visits/list.html", "results": "creation/supervision/visits/_list.html"}
    return filtered_list(request, found, table, context, **names)


@require_GET
def visit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The page of a visit. Marks the person's notices about it as read."""
    found = visit_or_404(request, campaign_id, pk)
    mine = Notice.objects.visible_to(shortcuts.current_user(request)).filter(subject=f"visit/{found.pk}")
    mine.mark_read(timezone.now())
    return _page(request, found)


def _page(request: HttpRequest, found: Visit, signing: SignatureForm | None = None, status: int = 200) -> HttpResponse:
    user, today = shortcuts.current_user(request), timezone.localdate()
    whole, open_campaign = user.has_permission_beyond_unit(Permission.VISIT_READ), found.round.campaign.is_open
    records = access.may(user, Permission.VISIT_RECORD, found) and open_campaign and not found.cancelled_on
    signs = (
        found.recorded_at and not found.signed_at and open_campaign and access.may(user, Permission.VISIT_SIGN, found)
    )
    is_read = not records or found.signed_at  # what was signed for is no longer corrected
    on_own_account = not access.acts_on_behalf_of_unit(user, Permission.VISIT_SIGN, found)
    context: dict[str, Any] = {
        "campaign": found.round.campaign,
        "visit": found,
        "row": found.round,
        "points": list(found.round.points.order_by("order")),
        "members": list(found.team.members.all()),
        "findings": list(Finding.objects.visible_to(user).filter(visit=found).order_by("serial")),
        "whole": whole,
        "records": records,
        "verifies": records and access.may(user, Permission.RECTIFICATION_VERIFY, found),
        "signs": signs,
        "signing": signing
        or SignatureForm(initial={"seen": found.version, "name": user.name if on_own_account else ""}),
        "on_own_account": on_own_account,
        "may_make_paper": access.may(user, Permission.PAPER_MAKE, found),
        "may_cancel": records and not found.recorded_at and access.may(user, Permission.VISIT_PLAN, found),
        "may_record": records and not found.signed_at and not (found.day and found.day > today),
        "list": checklists.checklist(found, today, user) if records else None,
        "checks": list(checklists.checks_of(found)) if is_read and (whole or found.recorded_at) else [],
    }
    return render(request, "creation/supervision/visits/page.html", context, status=status)


@require_POST
def visit_check(request: HttpRequest, campaign_id: int, pk: int) -> JsonResponse:
    """Keep what the page's script sends for one line: ``key``, ``task`` or ``about``, ``verdict``, ``remark``. Repeating it is harmless."""
    found = _recorded_visit_or_404(request, campaign_id, pk)
    form = CheckForm(request.POST, visit=found)
    if not form.is_valid():
        return JsonResponse({"error": form.sentence}, status=422)
    try:
        kept = checks.note_check(found, form.cleaned_data["key"], form.noted, shortcuts.current_actor(request))
    except Refusal as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status)
    return JsonResponse({"check": kept.pk, "saved": f"{timezone.localtime():%H:%M}"})


@request_sizes.accepts_files(request_sizes.largest_image)
@never_cache
@require_http_methods(["GET", "PUT"])
def visit_photo_send(request: HttpRequest, campaign_id: int, pk: int, line: UUID, key: UUID) -> HttpResponse:
    """GET returns how many bytes are here, PUT ``?offset=N&size=N&name=…`` appends. The body is read as a stream and never parsed."""
    found = _recorded_visit_or_404(request, campaign_id, pk)
    actor = shortcuts.current_actor(request)
    check = get_object_or_404(
        VisitCheck.objects.select_related("visit__round__campaign", "task"), visit=found, key=line
    )
    if request.method != "PUT":
        return _photo_response(*photos.progress_of(check, key, actor.human))
    offset, size = _whole_number(request.GET.get("offset")), _whole_number(request.GET.get("size"))
    length = _whole_number(request.META.get("CONTENT_LENGTH") or "0")
    try:
        file = PhotoFile(key, request.GET.get("name", ""), size)
        return _photo_response(*photos.receive(check, file, offset, length, request.read, actor))
    except OffsetMismatch as refusal:
        return JsonResponse({"error": refusal.sentence, "offset": refusal.offset}, status=refusal.status)
    except Refusal as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status)


def _photo_response(offset: int, photo: VisitPhoto | None) -> JsonResponse:
    answer: dict[str, Any] = {"offset": offset, "done": photo is not None}
    if photo:
        answer["photo"] = photo.pk
    return JsonResponse(answer)


def _whole_number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        raise BadRequest("Not a number")
    return int(text)


@require_GET
def visit_photo(request: HttpRequest, campaign_id: int, pk: int, photo_id: int) -> HttpResponseBase:
    found = visit_or_404(request, campaign_id, pk)
    seen = VisitPhoto.objects.visible_to(shortcuts.current_user(request)).filter(line__visit=found)
    photo = get_object_or_404(seen, pk=photo_id)
    stored = ServedFile(
        photo.blob, photo.name, photo.media_type, photo.size, photo.sha256, photo.created_at, inline=True
    )
    return file_responses.file_response(request, stored)


@require_http_methods(["GET", "POST"])
def visit_feedback(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Write the feedback, which begins as what was noted; saving it records the visit."""
    found = _recorded_visit_or_404(request, campaign_id, pk)
    today = timezone.localdate()
    draft = found.feedback or visits.feedback_draft(
        found, checklists.checklist(found, today, shortcuts.current_user(request)).noted
    )
    form = FeedbackForm(request.POST or None, initial={"feedback": draft, "seen": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                text, seen = form.cleaned_data["feedback"], form.cleaned_data["seen"]
                visits.record_visit(found, text, shortcuts.current_actor(request), seen)
                messages.success(request, "已记录，已通知单位签收。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "反馈意见没有保存", form.cleaned_data["feedback"])
    context = {"campaign": found.round.campaign, "visit": found, "form": form}
    return render(request, "creation/supervision/visits/feedback.html", context, status=422 if form.errors else 200)


@require_GET
def visit_print(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show the feedback as a sheet to be printed."""
    found = visit_or_404(request, campaign_id, pk)
    context = {"campaign": found.round.campaign, "visit": found, "today": timezone.localdate()}
    return render(request, "creation/supervision/visits/print.html", context)


@require_POST
def visit_sign(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Sign for the feedback: a person of the unit, or the inspector for the person who stands beside him."""
    found = visit_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.VISIT_SIGN, found)
    form = SignatureForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            visits.sign_feedback(
                found, form.cleaned_data["name"], shortcuts.current_actor(request), form.cleaned_data["seen"]
            )
            messages.success(request, "已签收。")
            return redirect(found)
    return _page(request, found, form, status=422)


@require_POST
def visit_cancel(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = visit_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.VISIT_PLAN, found)
    with message_refusals(request):
        visit_plan.cancel_visit(found, shortcuts.typed_text(request, "reason"), shortcuts.current_actor(request))
        messages.success(request, "走访已取消" + ("，已通知单位。" if found.announced_for else "。"))
    return redirect(found)
