"""The page of one piece of evidence: what it is, where it is cited, its versions; to correct, delete and bring back."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access, citing, pieces
from creation.forms.evidence import DeleteForm, EvidenceForm
from creation.models import Citation, Evidence, EvidenceVersion, Task
from creation.views import doors


def _evidence_or_404(request: HttpRequest, pk: int) -> Evidence:
    """A visible piece, or a deleted one that this person may bring back."""
    user = doors.person(request)
    visible = Q(pk__in=Evidence.objects.visible_to(user)) | Q(pk__in=Evidence.objects.restorable_by(user))
    return get_object_or_404(Evidence.objects.filter(visible).select_related("unit", "created_by", "deleted_by"), pk=pk)


@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _evidence_or_404(request, pk))


def _page(
    request: HttpRequest,
    piece: Evidence,
    form: EvidenceForm | None = None,
    delete_form: DeleteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = doors.person(request)
    versions = list(
        EvidenceVersion.objects.visible_to(user).filter(evidence=piece).select_related("by", "scan").order_by("-number")
    )
    tasks = Task.objects.visible_to(user)
    citations = (
        Citation.objects.live()
        .filter(evidence=piece, task__in=tasks)
        .select_related("number", "task__campaign", "task__unit", "task__indicator", "task__action")
    )
    can_edit = access.may(user, "evidence.edit", piece)
    context = {
        "evidence": piece,
        "versions": versions,
        "version": versions[0] if versions else None,
        "citations": citations,
        "can_edit": can_edit,
        "form": form or (EvidenceForm(evidence=piece, newest=EvidenceVersion()) if can_edit else None),
        "delete_form": delete_form or (DeleteForm(evidence=piece) if can_edit else None),
    }
    return render(request, "creation/evidence/page.html", context, status=status)


def _piece_to_edit(request: HttpRequest, pk: int) -> Evidence:
    piece = _evidence_or_404(request, pk)
    access.require(doors.person(request), "evidence.edit", piece)
    return piece


@require_POST
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    form = EvidenceForm(request.POST, evidence=piece, newest=EvidenceVersion())
    if not form.is_valid():
        return _page(request, piece, form, status=422)
    try:
        pieces.edit(piece, form.cleaned_data["version"], form.cleaned_data, doors.actor(request))
    except pieces.Stale as error:
        return _conflict(request, piece, form, error)
    messages.success(request, f"已保存“{form.cleaned_data['title']}”。")
    return redirect("evidence", pk)


def _conflict(request: HttpRequest, piece: Evidence, form: EvidenceForm, error: pieces.Stale) -> HttpResponse:
    now = Evidence.objects.get(pk=piece.pk)
    theirs = EvidenceForm(evidence=now, newest=EvidenceVersion()).initial
    names = [name for name in form.fields if name != "version"]
    context = {
        "title": "资料信息没有保存",
        "sentence": str(error),
        "mine": "\n".join(f"{form.fields[name].label}：{form.cleaned_data[name] or ''}" for name in names),
        "theirs": "\n".join(f"{form.fields[name].label}：{theirs[name] or ''}" for name in names),
        "back_url": reverse("evidence", args=[piece.pk]),
    }
    return render(request, "creation/conflict.html", context, status=409)


@require_POST
def evidence_delete(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    form = DeleteForm(request.POST, evidence=piece)
    if not form.is_valid():
        return _page(request, piece, delete_form=form, status=422)
    try:
        pieces.delete(piece, form.cleaned_data["version"], form.cleaned_data["reason"], doors.actor(request))
    except citing.CannotCite as error:
        form.add_error(None, str(error))
        return _page(request, piece, delete_form=form, status=409)
    messages.success(request, f"已删除“{piece}”，可在本页恢复。")
    return redirect("evidence", pk)


@require_POST
def evidence_restore(request: HttpRequest, pk: int) -> HttpResponse:
    piece = _piece_to_edit(request, pk)
    pieces.restore(piece, doors.actor(request))
    messages.success(request, f"已恢复“{piece}”，原来引用它的任务重新引用它。")
    return redirect("evidence", pk)
