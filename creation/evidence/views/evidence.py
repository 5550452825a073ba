"""The page of a piece of evidence: data, citations, versions; to correct, delete and restore it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.evidence import items
from creation.evidence.forms.evidence import EvidenceDeleteForm, EvidenceForm
from creation.evidence.forms.reasons import reason_form
from creation.evidence.library import version_comparison as comparing
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, Citation, Evidence, EvidenceVersion, Task, User
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import conflict


def evidence_or_404(request: HttpRequest, pk: int) -> Evidence:
    """Return a visible piece, or a deleted one that this person may restore."""
    user = shortcuts.current_user(request)
    same = Evidence.objects.filter(pk=OuterRef("pk"))
    visible = Exists(same.visible_to(user)) | Exists(same.restorable_by(user))
    return get_object_or_404(Evidence.objects.filter(visible).select_related("unit", "created_by", "deleted_by"), pk=pk)


@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    return render_page(request, evidence_or_404(request, pk))


def render_page(
    request: HttpRequest, evidence: Evidence, refused_forms: Mapping[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """Render the page. ``sent`` maps panels to forms with errors."""
    user = shortcuts.current_user(request)
    visible = EvidenceVersion.objects.visible_to(user).filter(evidence=evidence).select_related("created_by", "scan")
    versions = list(visible.prefetch_related("declarations__created_by", "declarations__marks").order_by("-number"))
    citations = Citation.objects.active().filter(evidence=evidence, task__in=Task.objects.visible_to(user))
    joins = ("number", "task__campaign", "task__unit", "task__indicator", "task__action", "task__finding")
    context = {
        "evidence": evidence,
        "versions": versions,
        "version": versions[0] if versions else None,
        "citations": citations.select_related(*joins),
        "campaigns": _citable_campaigns(user, evidence),
    }
    return render(
        request,
        "creation/evidence/page.html",
        context | _panel_forms(user, evidence) | dict(refused_forms or {}),
        status=status,
    )


def _panel_forms(user: User, evidence: Evidence) -> dict[str, Any]:
    """Return the forms of the actions that this person may take now, by panel."""
    forms_by_name: dict[str, Any] = {}
    if access.may(user, Permission.EVIDENCE_EDIT, evidence):
        forms_by_name |= {
            "form": EvidenceForm(evidence=evidence, newest=EvidenceVersion()),
            "delete": EvidenceDeleteForm(evidence=evidence),
        }
        if evidence.flagged_marks:
            forms_by_name |= {"clear": reason_form("clear"), "purge": reason_form("purge")}
    if access.may(user, Permission.EVIDENCE_HIDE, evidence):
        action = "show" if evidence.hidden_at else "hide"
        forms_by_name[action] = reason_form(action)
    return forms_by_name


def _citable_campaigns(user: User, evidence: Evidence) -> list[Campaign]:
    """Return the open campaigns in which this person may cite the piece."""
    if evidence.deleted_at or not evidence.is_unrestricted or not access.may(user, Permission.TASK_CITE, evidence):
        return []
    return list(Campaign.objects.visible_to(user).open().order_by("-year", "pk"))


def _evidence_to_edit(request: HttpRequest, pk: int) -> Evidence:
    evidence = evidence_or_404(request, pk)
    access.require(shortcuts.current_user(request), Permission.EVIDENCE_EDIT, evidence)
    return evidence


@require_GET
def evidence_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare two versions: ``?old=1&new=3``, by default the newest and the one before it."""
    evidence = evidence_or_404(request, pk)
    seen = EvidenceVersion.objects.visible_to(shortcuts.current_user(request)).filter(evidence=evidence)
    visible_versions = list(seen.select_related("created_by", "extract").order_by("number"))
    if not visible_versions:
        raise Http404
    chosen = {str(version.number): version for version in visible_versions}
    new = chosen.get(request.GET.get("new", ""), visible_versions[-1])
    old = chosen.get(request.GET.get("old", ""), visible_versions[max(0, visible_versions.index(new) - 1)])
    context = {
        "evidence": evidence,
        "versions": visible_versions,
        "old": old,
        "new": new,
        "lines": comparing.compare_facts(old, new),
    }
    return render(
        request, "creation/evidence/library/versions.html", context | {"texts": comparing.compare_texts(old, new)}
    )


@require_POST
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = _evidence_to_edit(request, pk)
    form = EvidenceForm(request.POST, evidence=evidence, newest=EvidenceVersion())
    if not form.is_valid():
        return render_page(request, evidence, {"form": form}, status=422)
    try:
        items.edit(evidence, form.cleaned_data["version"], form.cleaned_data, shortcuts.current_actor(request))
    except Stale as stale:
        return _conflict(request, evidence, form, stale)
    messages.success(request, f"已保存“{form.cleaned_data['title']}”。")
    return redirect("evidence", pk)


def _conflict(request: HttpRequest, evidence: Evidence, form: EvidenceForm, stale: Stale) -> HttpResponse:
    now = Evidence.objects.get(pk=evidence.pk)
    theirs = EvidenceForm(evidence=now, newest=EvidenceVersion()).initial
    names = [name for name in form.fields if name != "version"]
    mine = "\n".join(f"{form.fields[name].label}：{form.cleaned_data[name] or ''}" for name in names)
    there = "\n".join(f"{form.fields[name].label}：{theirs[name] or ''}" for name in names)
    return conflict(request, stale, "资料信息没有保存", mine, there, back=reverse("evidence", args=[evidence.pk]))


@require_POST
def evidence_delete(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = _evidence_to_edit(request, pk)
    form = EvidenceDeleteForm(request.POST, evidence=evidence)
    if not form.is_valid():
        return render_page(request, evidence, {"delete": form}, status=422)
    try:
        items.delete(
            evidence, form.cleaned_data["version"], form.cleaned_data["reason"], shortcuts.current_actor(request)
        )
    except Refusal as error:
        form.add_error(None, error.sentence)
        return render_page(request, evidence, {"delete": form}, status=409)
    messages.success(request, f"已删除“{evidence}”，可在本页或回收站恢复。")
    return redirect("evidence", pk)


@require_POST
def evidence_restore(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = _evidence_to_edit(request, pk)
    items.restore(evidence, shortcuts.current_actor(request))
    messages.success(request, f"已恢复“{evidence}”，原来引用它的任务重新引用它。")
    return redirect("evidence", pk)
