"""Marks on the pages of cited evidence. Each view returns the list of the citation's marks."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from creation import access
from creation.evidence import page_marks
from creation.evidence.forms.page_marks import MarkForm, MarkNoteForm
from creation.lib.refusals import Refusal
from creation.models import Citation, EvidenceVersion, PageMark, Task, User
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_fragment


def mark_context(user: User, citation: Citation, version: EvidenceVersion) -> dict[str, Any]:
    """Return the context that a preview needs to show and accept marks. ``citation`` must include its task and campaign."""
    task = citation.task
    return {
        "citation": citation,
        "version": version,
        "marks": page_marks.marks_by_citation([citation]).get(citation.pk, []),
        "can_mark": access.may(user, Permission.CITATION_MARK, task) and page_marks.accepts_marks(task),
    }


def visible_citation(user: User, pk: str, version: EvidenceVersion) -> Citation | None:
    """Return the citation through which a version is read; None if it does not exist or this person may not see it."""
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    seen = Citation.objects.counting().filter(task__in=Task.objects.visible_to(user), evidence=version.evidence_id)
    return seen.select_related("task__campaign", "task__unit", "number").filter(pk=pk).first()


def _citation_or_404(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> Citation:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.CITATION_MARK, task)
    cited = Citation.objects.counting().filter(task=task).readable_by(shortcuts.current_user(request))
    cited = cited.select_related("evidence", "number")
    citation = get_object_or_404(cited, pk=citation_id)
    citation.task = task
    return citation


def _mark_or_404(citation: Citation, mark_id: int) -> PageMark:
    mark = get_object_or_404(PageMark.objects.active().select_related("version"), citation=citation, pk=mark_id)
    mark.citation = citation
    return mark


def _marks_response(
    request: HttpRequest, citation: Citation, version: EvidenceVersion, sentence: str = "", status: int = 200
) -> HttpResponse:
    if not wants_fragment(request) and not sentence:
        address = reverse("evidence_preview", args=[version.evidence_id, version.number])
        return redirect(f"{address}?citation={citation.pk}")
    context = mark_context(shortcuts.current_user(request), citation, version) | {"sentence": sentence}
    return render(request, "creation/evidence/_marks.html", context, status=status)


def _carry_out(
    request: HttpRequest, citation: Citation, version: EvidenceVersion, verb: Callable[[], object]
) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _marks_response(request, citation, version, refusal.sentence, 409)
    return _marks_response(request, citation, version)


@require_POST
def mark_add(request: HttpRequest, campaign_id: int, pk: int, citation_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    newest = citation.evidence.versions.order_by("-number")[0]
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _marks_response(request, citation, newest, form.sentence(), 422)
    version = get_object_or_404(citation.evidence.versions.all(), number=form.cleaned_data["version"])
    page, note, actor = form.cleaned_data["page"], form.cleaned_data["note"], shortcuts.current_actor(request)
    return _carry_out(
        request, citation, version, lambda: page_marks.add_mark(citation, version, page, note, form.box(), actor)
    )


@require_POST
def mark_note(request: HttpRequest, campaign_id: int, pk: int, citation_id: int, mark_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    mark, form = _mark_or_404(citation, mark_id), MarkNoteForm(request.POST)
    if not form.is_valid():
        return _marks_response(request, citation, mark.version, str(form.errors["note"][0]), 422)
    note, actor = form.cleaned_data["note"], shortcuts.current_actor(request)
    return _carry_out(request, citation, mark.version, lambda: page_marks.edit_note(mark, note, actor))


@require_POST
def mark_remove(request: HttpRequest, campaign_id: int, pk: int, citation_id: int, mark_id: int) -> HttpResponse:
    citation = _citation_or_404(request, campaign_id, pk, citation_id)
    mark = _mark_or_404(citation, mark_id)
    return _carry_out(
        request, citation, mark.version, lambda: page_marks.remove_mark(mark, shortcuts.current_actor(request))
    )
