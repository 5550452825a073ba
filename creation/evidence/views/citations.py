"""The evidence area of a task. Forms return the changed fragment, or a page without htmx."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.evidence import citing, items
from creation.evidence.citing import CitedEvidence
from creation.evidence.forms.evidence import NEW_EVIDENCE_FORMS, CitedEvidenceForm, DeclaredEvidenceForm
from creation.evidence.library import suggestions
from creation.evidence.views.area_rows import RowForm, area_rows, form_of_row
from creation.lib import strings
from creation.lib.refusals import Refusal, Stale
from creation.models import Citation, Evidence, Task
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_data, wants_fragment

MAX_RESULTS = 20  # pieces in a search result


def row_context(request: HttpRequest, cited: CitedEvidence, form: RowForm | None = None) -> dict[str, Any]:
    """Return the context of ``_row.html`` for an active citation. ``form`` is one with errors, to be shown as typed."""
    task, user = cited.citation.task, shortcuts.current_user(request)
    can_cite = access.may(user, Permission.TASK_CITE, task) and citing.accepts_changes(task)
    row = area_rows([cited], user, can_cite=can_cite)[0]
    return {"cited": cited, "task": task, "can_cite": can_cite, "row_form": form or row.form, "offers": row.offers}


def _task_to_cite(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_CITE, task)
    return task


def _citation_or_404(request: HttpRequest, task: Task, citation_id: int) -> Citation:
    found = Citation.objects.filter(task=task, evidence__deleted_at=None).select_related("evidence__unit", "number")
    found = found.filter(evidence__hidden_at=None).readable_by(shortcuts.current_user(request))
    citation = get_object_or_404(found, pk=citation_id)
    citation.task = task
    return citation


@require_http_methods(["GET", "POST"])
def citation_edit(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    """A row: GET returns it, POST saves data and passage. 409 with both texts if somebody else changed it first."""
    task = _task_to_cite(request, campaign_id, pk)
    citation = _citation_or_404(request, task, citation_id)
    cited = citing.cited_evidence(citation)
    if request.method == "GET":
        return _row(request, cited)
    form = form_of_row(cited, shortcuts.current_user(request), request.POST)
    saves_itself = wants_data(request)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422) if saves_itself else _row(request, cited, form, 422)
    payload = form.payload() if isinstance(form, CitedEvidenceForm) else {}
    seen_version = form.cleaned_data.get("version", 0)
    try:
        items.revise_cited(cited, seen_version, form.cleaned_data, payload, shortcuts.current_actor(request))
    except Refusal as error:
        current = citing.cited_evidence(citation)
        return _refusal_data(request, current, error) if saves_itself else _save_conflict(request, current, form, error)
    if saves_itself:
        cited.evidence.refresh_from_db(fields=["version"])
        return JsonResponse({"version": cited.evidence.version, "saved": f"{timezone.localtime():%H:%M}"})
    if not wants_fragment(request):
        return redirect("task", campaign_id, pk)
    return _row(request, citing.cited_evidence(citation))


def _refusal_data(request: HttpRequest, current: CitedEvidence, refusal: Refusal) -> JsonResponse:
    """For a row that saves itself: why it was not saved and, after a conflict, the current values with their version."""
    found: dict[str, Any] = {"sentence": refusal.sentence}
    if isinstance(refusal, Stale):
        form = form_of_row(current, shortcuts.current_user(request))
        values = {field.name: field.value() for field in form.visible_fields()}
        found |= {"version": current.evidence.version, "values": {name: _as_typed(v) for name, v in values.items()}}
    return JsonResponse(found, status=409)


def _as_typed(value: Any) -> str:
    return "" if value is None else str(value)


def _save_conflict(request: HttpRequest, current: CitedEvidence, form: RowForm, error: Refusal) -> HttpResponse:
    """Show the form with the typed values. After a conflict, the row above shows the current values, and saving again overwrites them."""
    form.add_error(None, error.sentence)
    if isinstance(error, Stale):
        form.data = {**{name: form.data.get(name) for name in form.data}, "version": str(current.evidence.version)}
        return _row(request, current, form, 409)
    return _row(request, current, form, 422)


def _row(request: HttpRequest, cited: CitedEvidence, form: RowForm | None = None, status: int = 200) -> HttpResponse:
    context = row_context(request, cited, form) | {"conflict": status == 409}
    template = "creation/evidence/_row.html" if wants_fragment(request) else "creation/evidence/row_page.html"
    return render(request, template, context, status=status)


@require_POST
def citation_add(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Cite an existing piece: ``evidence=<pk>``. A piece that the task cited before can be cited again, also by the office."""
    task = _task_to_cite(request, campaign_id, pk)
    seen_version = Q(pk__in=Evidence.objects.visible_to(shortcuts.current_user(request))) | Q(
        pk__in=task.citations.values("evidence")
    )
    requested = request.POST.get("evidence", "")
    evidence = get_object_or_404(Evidence.objects.active().filter(seen_version), pk=strings.to_number(requested))
    try:
        citation = citing.cite(task, evidence, shortcuts.current_actor(request))
    except Refusal as error:
        return refusal_response(request, task, error.sentence)
    if not wants_fragment(request):
        return redirect("task", campaign_id, pk)
    context = row_context(request, citing.cited_evidence(citation)) | {"done": True}
    return render(request, "creation/evidence/_added.html", context)


@require_POST
def citation_remove(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    task = _task_to_cite(request, campaign_id, pk)
    citation = _citation_or_404(request, task, citation_id)
    try:
        citing.uncite(citation, shortcuts.current_actor(request))
    except Refusal as error:
        return refusal_response(request, task, error.sentence)
    if not wants_fragment(request):
        messages.success(request, f"已移除 {citation}。资料仍保存在本单位，编号不会改派。")
        return redirect("task", campaign_id, pk)
    return render(request, "creation/evidence/_removed.html", {"citation": citation, "task": task})


def refusal_response(request: HttpRequest, task: Task, sentence: str) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "creation/evidence/_refused.html", {"sentence": sentence}, status=422)
    messages.error(request, sentence)
    return redirect(task)


@require_GET
def citation_search(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Search the pieces that the task may cite. Without a query, return suggestions."""
    task = _task_to_cite(request, campaign_id, pk)
    visible = Evidence.objects.visible_to(shortcuts.current_user(request)).values("pk")
    words = request.GET.get("q", "").split()[:5]
    found = citing.citable(task).filter(pk__in=visible).select_related("unit")
    if words:
        found = found.matching_text(" ".join(words))
    rows = list(found[: MAX_RESULTS + 1])
    suggested = [] if words else suggestions.suggest_for_task(task, shortcuts.current_user(request))
    context = {
        "task": task,
        "found": rows[:MAX_RESULTS],
        "more": len(rows) > MAX_RESULTS,
        "words": words,
        "suggested": suggested,
    }
    return render(request, "creation/evidence/_found.html", context)


@require_GET
def assists(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The pieces of the assisting units, a part at a time: those after the citation ``after``."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    user, after = shortcuts.current_user(request), strings.to_number(request.GET.get("after", ""))
    can_cite = access.may(user, Permission.TASK_CITE, task) and citing.accepts_changes(task)
    context = {"task": task, "can_cite": can_cite, "assists": citing.cited_by_assists(task, after)}
    template = "_assists" if wants_fragment(request) else "assists_page"
    return render(request, f"creation/evidence/{template}.html", context)


@require_http_methods(["GET", "POST"])
def citation_new(request: HttpRequest, campaign_id: int, pk: int, kind: str) -> HttpResponse:
    """Add a link or a text as a new piece."""
    task = _task_to_cite(request, campaign_id, pk)
    form_class = NEW_EVIDENCE_FORMS.get(kind)
    if form_class is None:
        raise Http404
    form = form_class(request.POST if request.method == "POST" else None, key=f"new-{kind}")
    if not (form.is_bound and form.is_valid()):
        return _new_form(request, task, kind, form, 422 if form.is_bound else 200)
    try:
        citation = items.add(task, form.kind, form.payload(), form.cleaned_data, shortcuts.current_actor(request))
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        duplicate = refusal.evidence if isinstance(refusal, items.Duplicate) else None
        return _new_form(request, task, kind, form, 422, duplicate)
    if not wants_fragment(request):
        return redirect("task", campaign_id, pk)
    context = row_context(request, citing.cited_evidence(citation)) | {
        "kind": kind,
        "new_form": form_class(key=f"new-{kind}"),
    }
    return render(request, "creation/evidence/_added.html", context)


def _new_form(
    request: HttpRequest,
    task: Task,
    kind: str,
    form: DeclaredEvidenceForm,
    status: int,
    duplicate: Evidence | None = None,
) -> HttpResponse:
    context = {"task": task, "kind": kind, "new_form": form, "duplicate": duplicate}
    template = "creation/evidence/_new.html" if wants_fragment(request) else "creation/evidence/new_page.html"
    return render(request, template, context, status=status)
