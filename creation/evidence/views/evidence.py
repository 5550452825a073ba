"""The page of one piece of evidence: what it is, where it is cited, its versions; to correct, delete and bring back."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.evidence import pieces
from creation.evidence.forms.evidence import DeleteForm, EvidenceForm
from creation.evidence.forms.guarding import reason_form
from creation.evidence.library import versions as comparing
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, Citation, Evidence, EvidenceVersion, Task, User
from creation.web import doors
from creation.web.refusals import conflict


def evidence_or_404(request: HttpRequest, pk: int) -> Evidence:
    """A visible piece, or a deleted one that this person may bring back."""
    user = doors.person(request)
    visible = Q(pk__in=Evidence.objects.visible_to(user)) | Q(pk__in=Evidence.objects.restorable_by(user))
    return get_object_or_404(Evidence.objects.filter(visible).select_related("unit", "created_by", "deleted_by"), pk=pk)


@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    return show_page(request, evidence_or_404(request, pk))


def show_page(
    request: HttpRequest, piece: Evidence, sent: Mapping[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    """The page; ``sent`` holds refused forms by the name of their panel."""
    user = doors.person(request)
    seen = EvidenceVersion.objects.visible_to(user).filter(evidence=piece).select_related("by", "scan")
    versions = list(seen.prefetch_related("clearances__by", "clearances__marks").order_by("-number"))
    citations = Citation.objects.standing().filter(evidence=piece, task__in=Task.objects.visible_to(user))
    joins = ("number", "task__campaign", "task__unit", "task__indicator", "task__action")
    context = {
        "evidence": piece,
        "versions": versions,
        "version": versions[0] if versions else None,
        "citations": citations.select_related(*joins),
        "campaigns": _campaigns(user, piece),
    }
    return render(
        request, "creation/evidence/page.html", context | _forms(user, piece) | dict(sent or {}), status=status
    )


def _forms(user: User, piece: Evidence) -> dict[str, Any]:
    """What this person may do to the piece as it stands: each panel's form under its name."""
    found: dict[str, Any] = {}
    if access.may(user, "evidence.edit", piece):
        found |= {"form": EvidenceForm(evidence=piece, newest=EvidenceVersion()), "delete": DeleteForm(evidence=piece)}
        if piece.flagged_marks:
            found |= {"clear": reason_form("clear"), "purge": reason_form("purge")}
    if access.may(user, "evidence.hide", piece):
        act = "show" if piece.hidden_at else "hide"
        found[act] = reason_form(act)
    return found


def _campaigns(user: User, piece: Evidence) -> list[Campaign]:
    """The open campaigns in which this person may cite the piece."""
    if piece.deleted_at or not piece.is_open_to_all or not access.may(user, "task.cite", piece):
        return []
    return list(Campaign.objects.visible_to(user).open().order_by("-year", "pk"))


def _piece_to_edit(request: HttpRequest, pk: int) -> Evidence:
    piece = evidence_or_404(request, pk)
    access.require(doors.person(request), "evidence.edit", piece)
    return piece


@require_GET
def evidence_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side: ``?old=1&new=3``, by default the newest and the one before it."""
    piece = evidence_or_404(request, pk)
    seen = EvidenceVersion.objects.visible_to(doors.person(request)).filter(evidence=piece)
    every = list(seen.select_related("by", "extract").order_by("number"))
    if not every:
        raise Http404
    chosen = {str(version.number): version for version in every}
    new = chosen.get(request.GET.get("new", ""), every[-1])
    old = chosen.get(request.GET.get("old", ""), every[max(0, every.index(new) - 1)])
    context = {"evidence": piece, "versions": every, "old": old, "new": new, "lines": comparing.lines(old, new)}
    return render(request, "creation/evidence/library/versions.html", context | {"texts": comparing.texts(old, new)})


@require_POST
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    form = EvidenceForm(request.POST, evidence=piece, newest=EvidenceVersion())
    if not form.is_valid():
        return show_page(request, piece, {"form": form}, status=422)
    try:
        pieces.edit(piece, form.cleaned_data["version"], form.cleaned_data, doors.actor(request))
    except Stale as stale:
        return _conflict(request, piece, form, stale)
    messages.success(request, f"已保存“{form.cleaned_data['title']}”。")
    return redirect("evidence", pk)


def _conflict(request: HttpRequest, piece: Evidence, form: EvidenceForm, stale: Stale) -> HttpResponse:
    now = Evidence.objects.get(pk=piece.pk)
    theirs = EvidenceForm(evidence=now, newest=EvidenceVersion()).initial
    names = [name for name in form.fields if name != "version"]
    mine = "\n".join(f"{form.fields[name].label}：{form.cleaned_data[name] or ''}" for name in names)
    there = "\n".join(f"{form.fields[name].label}：{theirs[name] or ''}" for name in names)
    return conflict(request, stale, "资料信息没有保存", mine, there, back=reverse("evidence", args=[piece.pk]))


@require_POST
def evidence_delete(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    form = DeleteForm(request.POST, evidence=piece)
    if not form.is_valid():
        return show_page(request, piece, {"delete": form}, status=422)
    try:
        pieces.delete(piece, form.cleaned_data["version"], form.cleaned_data["reason"], doors.actor(request))
    except Refusal as error:
        form.add_error(None, error.sentence)
        return show_page(request, piece, {"delete": form}, status=409)
    messages.success(request, f"已删除“{piece}”，可在本页或回收站恢复。")
    return redirect("evidence", pk)


@require_POST
def evidence_restore(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    pieces.restore(piece, doors.actor(request))
    messages.success(request, f"已恢复“{piece}”，原来引用它的任务重新引用它。")
    return redirect("evidence", pk)
