"""Marks on the pages of cited evidence. Each answers with the list of the citation's marks."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from creation import access
from creation.evidence import marking
from creation.evidence.forms.marks import MarkForm, NoteForm
from creation.lib.refusals import Refusal
from creation.models import Citation, EvidenceVersion, PageMark, Task, User
from creation.web import doors


def context_of(user: User, citation: Citation, version: EvidenceVersion) -> dict[str, Any]:
    """What a preview needs to show and take marks. ``citation`` comes with its task and campaign."""
    task = citation.task
    return {
        "citation": citation,
        "version": version,
        "marks": marking.of_citations([citation]).get(citation.pk, []),
        "can_mark": access.may(user, "citation.mark", task) and marking.is_open(task),
    }


def visible_citation(user: User, pk: str, version: EvidenceVersion) -> Citation | None:
    """The citation through which a version is read; None when it is no such, or none of this person's business."""
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    seen = Citation.objects.live().filter(task__in=Task.objects.visible_to(user), evidence=version.evidence_id)
    return seen.select_related("task__campaign", "task__unit", "number").filter(pk=pk).first()


def _citation_or_404(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> Citation:
    task = doors.task_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "citation.mark", task)
    cited = Citation.objects.live().filter(task=task).select_related("evidence", "number")
    citation = get_object_or_404(cited, pk=citation_id)
    citation.task = task
    return citation


def _mark_or_404(citation: Citation, mark_id: int) -> PageMark:
    mark = get_object_or_404(PageMark.objects.live().select_related("version"), citation=citation, pk=mark_id)
    mark.citation = citation
    return mark


def _answer(
    request: HttpRequest, citation: Citation, version: EvidenceVersion, sentence: str = "", status: int = 200
) -> HttpResponse:
    if "HX-Request" not in request.headers and not sentence:
        address = reverse("evidence_preview", args=[version.evidence_id, version.number])
        return redirect(f"{address}?citation={citation.pk}")
    context = context_of(doors.person(request), citation, version) | {"sentence": sentence}
    return render(request, "creation/evidence/_marks.html", context, status=status)


def _carry_out(
    request: HttpRequest, citation: Citation, version: EvidenceVersion, verb: Callable[[], object]
) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _answer(request, citation, version, refusal.sentence, 409)
    return _answer(request, citation, version)


@require_POST
def mark_add(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    newest = citation.evidence.versions.order_by("-number")[0]
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _answer(request, citation, newest, form.sentence(), 422)
    version = get_object_or_404(citation.evidence.versions.all(), number=form.cleaned_data["version"])
    page, note, actor = form.cleaned_data["page"], form.cleaned_data["note"], doors.actor(request)
    return _carry_out(
        request, citation, version, lambda: marking.mark(citation, version, page, note, form.box(), actor)
    )


@require_POST
def mark_note(request: HttpRequest, campaign_id: int, pk: int, citation_id: int, mark_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    mark, form = _mark_or_404(citation, mark_id), NoteForm(request.POST)
    if not form.is_valid():
        return _answer(request, citation, mark.version, str(form.errors["note"][0]), 422)
    note, actor = form.cleaned_data["note"], doors.actor(request)
    return _carry_out(request, citation, mark.version, lambda: marking.annotate(mark, note, actor))


@require_POST
def mark_remove(request: HttpRequest, campaign_id: int, pk: int, citation_id: int, mark_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    mark = _mark_or_404(citation, mark_id)
    return _carry_out(request, citation, mark.version, lambda: marking.unmark(mark, doors.actor(request)))
