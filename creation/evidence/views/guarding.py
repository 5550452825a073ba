"""Marks of secrecy and the emergency: confirm, remove for good, hide, show again; and what a file offers of itself."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.audit.trail import Actor
from creation.evidence import pieces
from creation.evidence.forms.guarding import reason_form
from creation.evidence.library import hiding, offers, stopping
from creation.evidence.views.evidence import evidence_or_404, show_page
from creation.lib import nudging
from creation.models import Evidence
from creation.web import doors

READ_FILES = "creation.jobs.read_files"
Verb = Callable[[Evidence, str, Actor], object]


def _with_reason(request: HttpRequest, pk: int, right: str, act: str, verb: Verb, said: str) -> HttpResponse:
    """The piece, the right, the reason, then the verb: 422 with the form as typed when the reason is missing."""
    piece = evidence_or_404(request, pk)
    access.require(doors.person(request), right, piece)
    form = reason_form(act, request.POST)
    if not form.is_valid():
        return show_page(request, piece, {act: form}, status=422)
    try:
        verb(piece, form.cleaned_data["reason"], doors.actor(request))
    except (stopping.CannotClear, stopping.CannotPurge, hiding.CannotHide) as error:
        form.add_error(None, str(error))
        return show_page(request, piece, {act: form}, status=409)
    messages.success(request, said)
    return redirect("todo") if verb is stopping.purge else redirect("evidence", pk)


@require_POST
def evidence_clear(request: HttpRequest, pk: int) -> HttpResponse:
    said = "已记录：经确认不涉密。现在可以引用和报送。"
    return _with_reason(request, pk, "evidence.edit", "clear", stopping.clear, said)


@require_POST
def evidence_purge(request: HttpRequest, pk: int) -> HttpResponse:
    said = "已清除：文件、预览和文字已从服务器删除，不能恢复。请同时处理您电脑上的文件。"
    return _with_reason(request, pk, "evidence.edit", "purge", stopping.purge, said)


@require_POST
def evidence_hide(request: HttpRequest, pk: int) -> HttpResponse:
    said = "已紧急隐藏：除综合协调组外，任何人都看不到这份资料的内容。"
    return _with_reason(request, pk, "evidence.hide", "hide", hiding.hide, said)


@require_POST
def evidence_show(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, "evidence.hide", "show", hiding.show, "已解除隐藏，原来引用它的任务重新引用它。")


@require_GET
def evidence_offers(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment of what the file offers; asks again while it is being read."""
    piece = evidence_or_404(request, pk)
    access.require(doors.person(request), "evidence.edit", piece)
    found = offers.of(piece)
    if found.waiting:
        nudging.nudge(READ_FILES)
    fresh = piece.created_at > timezone.now() - timedelta(minutes=10)
    context = {"evidence": piece, "found": found, "again": found.waiting and fresh}
    part = (
        "creation/evidence/library/_offers.html"
        if "HX-Request" in request.headers
        else "creation/evidence/library/offers_page.html"
    )
    return render(request, part, context)


@require_POST
def evidence_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what was ticked among the offers."""
    piece = evidence_or_404(request, pk)
    access.require(doors.person(request), "evidence.edit", piece)
    seen = request.POST.get("version", "")
    try:
        taken = offers.accept(
            piece, int(seen) if seen.isdecimal() else 0, request.POST.getlist("offer"), doors.actor(request)
        )
    except pieces.Stale as error:
        messages.error(request, str(error))
    else:
        if taken:
            messages.success(request, f"已采用：{'、'.join(f'{each.label} {each.value}' for each in taken)}。")
        else:
            messages.warning(request, "没有勾选要采用的内容。")
    return redirect("evidence", pk)
