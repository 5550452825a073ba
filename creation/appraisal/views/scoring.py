"""The score sheet of one unit, its autosaved lines, and requests to the unit."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.appraisal import requests, score_sheet
from creation.appraisal.forms.appraisals import RequestAnswerForm, RequestForm, ScoreForm
from creation.appraisal.results import section_of
from creation.appraisal.score_sheet import SheetLine
from creation.appraisal.views.appraisals import appraisal_or_404
from creation.lib.refusals import Refusal
from creation.models import AppraisalRequest, AppraisalSeat, Unit
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.refusals import conflict, form_refusals


def _seat_and_unit(request: HttpRequest, campaign_id: int, pk: int, unit_id: int) -> tuple[AppraisalSeat, Unit]:
    found = appraisal_or_404(request, campaign_id, pk)
    user = shortcuts.current_user(request)
    access.require(user, Permission.APPRAISAL_SCORE, found)
    seat = score_sheet.seat_of(found, user)
    if seat is None:
        raise Http404
    seat.appraisal = found
    return seat, get_object_or_404(found.units, pk=unit_id)


@require_GET
def score_unit(request: HttpRequest, campaign_id: int, pk: int, unit_id: int) -> HttpResponse:
    seat, unit = _seat_and_unit(request, campaign_id, pk, unit_id)
    lines = score_sheet.lines_of(seat, unit)
    units = list(seat.appraisal.units.order_by("order", "pk"))
    place = units.index(unit)
    context = {
        "campaign": seat.appraisal.campaign,
        "appraisal": seat.appraisal,
        "unit": unit,
        "lines": [
            (section_of(line.point), line, ScoreForm(line=line), RequestForm(key=str(line.point.pk))) for line in lines
        ],
        "done": sum(line.is_done for line in lines),
        "total": len(lines),
        "previous": units[place - 1] if place else None,
        "next": units[place + 1] if place + 1 < len(units) else None,
    }
    return render(request, "creation/appraisal/score.html", context)


def _line(lines: list[SheetLine], point_id: int) -> SheetLine:
    line = next((line for line in lines if line.point.pk == point_id), None)
    if line is None:
        raise Http404
    return line


@require_POST
def score_save(request: HttpRequest, campaign_id: int, pk: int, unit_id: int, point_id: int) -> HttpResponse:
    """Save one line. Answers a script with the line's state, a form without scripts with the sheet."""
    seat, unit = _seat_and_unit(request, campaign_id, pk, unit_id)
    lines = score_sheet.lines_of(seat, unit)
    line = _line(lines, point_id)
    form = ScoreForm(request.POST, line=line)
    state: dict[str, Any] = {"seen": request.POST.get("seen", 0), "total": None}
    if form.is_valid():
        data = form.cleaned_data
        try:
            saved = score_sheet.save_score(
                seat,
                line.point,
                unit,
                data.get("value"),
                data["remark"],
                shortcuts.current_actor(request),
                vetoed=data.get("vetoed", False),
                seen=data["seen"],
            )
            line.score = saved
            state = {"seen": saved.version, "saved_at": timezone.localtime()}
            state |= {"done": sum(each.is_done for each in lines), "total": len(lines)}
        except Refusal as refused:
            if not wants_fragment(request):
                return conflict(
                    request, refused, "评分没有保存", str(data.get("value") or ""), "", back=_sheet(seat, unit)
                )
            state["errors"] = [refused.sentence]
            if refused.theirs:
                state |= {
                    "seen": refused.theirs.version,
                    "errors": [f"{refused.sentence}现为 {refused.theirs.value}。"],
                }
    else:
        state["errors"] = [str(sentence) for found in form.errors.values() for sentence in found]
    if wants_fragment(request):
        return render(request, "creation/appraisal/_state.html", state, status=422 if state.get("errors") else 200)
    if state.get("errors"):
        messages.error(request, f"{line.point}没有保存：{'；'.join(state['errors'])}")
    return redirect(_sheet(seat, unit))


def _sheet(seat: AppraisalSeat, unit: Unit) -> str:
    return reverse("score_unit", args=[seat.appraisal.campaign_id, seat.appraisal_id, unit.pk])


@require_POST
def appraisal_ask(request: HttpRequest, campaign_id: int, pk: int, unit_id: int, point_id: int) -> HttpResponse:
    seat, unit = _seat_and_unit(request, campaign_id, pk, unit_id)
    line, form = _line(score_sheet.lines_of(seat, unit), point_id), RequestForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            requests.ask(seat, line.point, unit, form.cleaned_data["text"], shortcuts.current_actor(request))
            messages.success(request, f"已要求{unit}补充，对方会马上收到通知。")
            return redirect(f"{_sheet(seat, unit)}#p{point_id}")
    messages.error(request, "；".join(str(sentence) for found in form.errors.values() for sentence in found))
    return redirect(f"{_sheet(seat, unit)}#p{point_id}")


@require_http_methods(["GET", "POST"])
def appraisal_request(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """A request, for the assessor, the unit that is asked, and the organizers. POST answers it for the unit."""
    user = shortcuts.current_user(request)
    seen = AppraisalRequest.objects.visible_to(user).filter(seat__appraisal__campaign=campaign_id)
    asked = get_object_or_404(
        seen.select_related("seat__appraisal__campaign", "seat__person", "point__indicator", "unit", "answered_by"),
        pk=pk,
    )
    if request.method == "POST":
        access.require(user, Permission.APPRAISAL_ANSWER, asked)
    may_answer = access.may(user, Permission.APPRAISAL_ANSWER, asked) and not asked.answered_at
    appraisal = asked.seat.appraisal
    waits = may_answer and appraisal.is_open and appraisal.campaign.is_open
    form = RequestAnswerForm(request.POST or None) if waits else None
    if request.method == "POST" and form and form.is_valid():
        with form_refusals(form):
            requests.answer(asked, form.cleaned_data["answer"], shortcuts.current_actor(request))
            messages.success(request, "已答复，评分人会收到通知。")
            return redirect("appraisal_request", campaign_id, pk)
    context = {
        "campaign": asked.seat.appraisal.campaign,
        "asked": asked,
        "form": form,
        "task": score_sheet.task_of(asked.point, asked.unit, user),
    }
    status = 422 if form and form.errors else 200
    return render(request, "creation/appraisal/request.html", context, status=status)
