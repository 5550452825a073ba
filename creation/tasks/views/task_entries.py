"""Entries on the task page besides the answer: readings, notes of progress, requests and decisions, attachments of an action."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.evidence.views import file_responses
from creation.lib.refusals import Refusal, Stale
from creation.models import ActionFile, Task, TaskRequest
from creation.rules.policy import Permission
from creation.tasks import measure_readings, progress_notes, rectification_plans, unit_requests
from creation.tasks.forms.task_entries import DECISION_FORMS, REQUEST_FORMS, PlanForm, ProgressNoteForm, ReadingForm
from creation.tasks.measure_readings import ReadingSlot
from creation.tasks.views import task_page
from creation.web import shortcuts
from creation.web.fragments import wants_fragment
from creation.web.refusals import conflict, form_refusals


def _back(task: Task, anchor: str) -> HttpResponse:
    return redirect(task.get_absolute_url() + f"#{anchor}")


# Readings


@require_POST
def reading(request: HttpRequest, campaign_id: int, pk: int, measure_id: int, period: str) -> HttpResponse:
    """Save the figures of one measure and period and return how they compare with the target."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_DRAFT, task)
    slot = _slot_or_404(task, measure_id, period)
    form = ReadingForm(request.POST, slot=slot)
    if not form.is_valid():
        return _reading_refused(request, task, slot, form)
    data = form.cleaned_data
    try:
        saved = measure_readings.save_reading(
            task, shortcuts.current_actor(request), slot, form.figures, data["note"], data["seen"]
        )
    except Refusal as error:
        return _reading_conflict(request, task, slot, form, error)
    if wants_fragment(request):
        return _verdict_fragment(
            request, ReadingSlot(slot.measure, slot.period, slot.label, saved), {"seen": saved.version}
        )
    messages.success(request, f"已保存：{slot.measure}（{slot.label}），{saved.verdict.text}。")
    return _back(task, "readings")


def _slot_or_404(task: Task, measure_id: int, period: str) -> ReadingSlot:
    for slot in measure_readings.slots_of(task):
        if (slot.measure.pk, slot.period) == (measure_id, period):
            return slot
    raise Http404


def _verdict_fragment(
    request: HttpRequest, slot: ReadingSlot, state: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {"slot": slot, "saved_at": timezone.localtime()} | state
    return render(request, "creation/tasks/task/_verdict.html", context, status=status)


def _reading_refused(request: HttpRequest, task: Task, slot: ReadingSlot, form: ReadingForm) -> HttpResponse:
    if not wants_fragment(request):
        return task_page.render_page(request, task, {f"reading:{slot.key}": form}, status=422)
    labels = {name: form.fields[name].label for name in form.errors if name in form.fields}
    errors = [f"{labels.get(name, '')}：{sentence}" for name, found in form.errors.items() for sentence in found]
    return _verdict_fragment(request, slot, {"errors": errors, "seen": form.data.get("seen", 0)}, status=422)


def _reading_conflict(
    request: HttpRequest, task: Task, slot: ReadingSlot, form: ReadingForm, error: Refusal
) -> HttpResponse:
    """Show both versions. Saving again is then deliberate, because the form carries the version just shown."""
    seen = error.theirs.version if error.theirs else form.data.get("seen", 0)
    if wants_fragment(request):
        again = "您填写的内容还没有保存；如仍要用您的数，请点“保存”。" if error.theirs else ""
        return _verdict_fragment(request, slot, {"errors": [error.sentence, again], "seen": seen}, status=409)
    mine = "\n".join(f"{field.label}：{field.value() or ''}" for field in form.visible_fields())
    theirs = measure_readings.as_text(error.theirs) if error.theirs else ""
    back = task.get_absolute_url() + "#readings"
    offered = _save_again(request, form, seen) if error.theirs else None
    return conflict(request, error, "指标数据没有保存", mine, theirs, back=back, again=offered)


def _save_again(request: HttpRequest, form: ReadingForm, seen: Any) -> dict[str, Any]:
    kept = {name: form.data.get(name, "") for name in form.fields}
    return {"url": request.path, "fields": kept | {"seen": seen}, "label": "保存我填写的数"}


# Notes of progress


@require_POST
def task_notes(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_NOTE, task)
    form = ProgressNoteForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        with form_refusals(form):
            progress_notes.add_note(task, shortcuts.current_actor(request), **form.cleaned_data)
            messages.success(request, "已记录工作进展。")
            return _back(task, "notes")
    return task_page.render_page(request, task, {"note": form}, status=422)


# Requests


@require_POST
def task_requests(request: HttpRequest, campaign_id: int, pk: int, kind: str) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_REQUEST, task)
    if kind not in REQUEST_FORMS:
        raise Http404
    form = REQUEST_FORMS[kind](request.POST, task=task, today=timezone.localdate())
    if form.is_valid():
        data = form.cleaned_data
        with form_refusals(form):
            unit_requests.submit_request(
                task, shortcuts.current_actor(request), form.kind, data["reason"], data.get("wanted_on")
            )
            messages.success(request, f"已提交{form.kind.label}，创建办答复后会通知您。")
            return _back(task, "requests")
    return task_page.render_page(request, task, {f"ask:{kind}": form}, status=422)


@require_POST
def task_request_decide(request: HttpRequest, campaign_id: int, pk: int, request_id: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_DECIDE, task)
    asked = get_object_or_404(TaskRequest.objects.filter(task=task), pk=request_id)
    asked.task = task
    form = DECISION_FORMS[asked.kind](request.POST, request=asked, today=timezone.localdate())
    if not form.is_valid():
        return task_page.render_page(request, task, {f"decide:{asked.pk}": form}, status=422)
    with form_refusals(form):
        messages.success(request, form.apply_decision(shortcuts.current_actor(request)))
        still_there = Task.objects.active().filter(pk=task.pk).exists()
        return _back(task, "requests") if still_there else redirect("todo")
    return task_page.render_page(request, task, {f"decide:{asked.pk}": form}, status=409)


# Attachments


@require_GET
def action_file(request: HttpRequest, campaign_id: int, pk: int, file_id: int) -> HttpResponseBase:
    """Return an attachment of the action, always as a download."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    file = get_object_or_404(ActionFile, pk=file_id, action=task.action_id)
    return file_responses.attachment_response(request, file)


# The plan of a rectification


@require_POST
def rectification_plan(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Save how the unit will rectify the finding, and who answers for it."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_DRAFT, task)
    if not task.is_rectification:
        raise Http404
    form = PlanForm(request.POST, plan=rectification_plans.plan_of(task))
    if form.is_valid():
        try:
            with form_refusals(form):
                rectification_plans.set_plan(task, **form.cleaned_data, actor=shortcuts.current_actor(request))
                messages.success(request, "整改方案已保存。")
                return _back(task, "finding")
        except Stale as stale:
            typed = "\n".join(f"{field.label}：{form.cleaned_data[field.name]}" for field in form.visible_fields())
            return conflict(request, stale, "整改方案没有保存", typed, back=task.get_absolute_url())
    return task_page.render_page(request, task, {"plan": form}, status=422)
