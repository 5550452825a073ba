"""上年材料 on the task page: 仍然适用 cites the piece, 不再适用 puts it aside, 恢复 brings it back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from creation import access
from creation.audit.trail import Actor
from creation.campaigns.forms.rollover import REASON_LIMIT, HeritageForm
from creation.campaigns.rollover import heritage
from creation.campaigns.rollover.heritage import Piece
from creation.evidence import citing
from creation.evidence.views.citations import refused, row_context, wants_fragment
from creation.lib.refusals import Refusal
from creation.models import Task
from creation.web import doors

Verb = Callable[[Task, Piece, Actor], None]
ASIDE: dict[str, tuple[Verb, str]] = {
    "drop": (heritage.drop, "已标为不再适用，不会算作今年的材料。"),
    "again": (heritage.reconsider, "已恢复为待确认。"),
}


@require_POST
def heritage_decide(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """``evidence`` names the piece, ``verdict`` is keep, drop or again."""
    task, person = doors.task_or_404(request, campaign_id, pk), doors.person(request)
    access.require(person, "task.cite", task)
    form = HeritageForm(request.POST)
    if not form.is_valid():
        if set(form.errors) == {"outside_reason"}:
            return refused(request, task, f"理由最多 {REASON_LIMIT} 字，请缩短后再试。")
        raise Http404
    piece = heritage.one(task, form.cleaned_data["evidence"], person)
    if piece is None and task.citations.filter(evidence=form.cleaned_data["evidence"]).exists():
        return refused(request, task, "这份资料已在本任务中引用过，请看上面的印证资料。")
    if piece is None:
        raise Http404
    try:
        if form.cleaned_data["verdict"] == "keep":
            return _kept(request, task, piece, form.cleaned_data["outside_reason"])
        verb, said = ASIDE[form.cleaned_data["verdict"]]
        verb(task, piece, doors.actor(request))
    except Refusal as error:
        return refused(request, task, error.sentence)
    if not wants_fragment(request):
        messages.success(request, f"“{piece.evidence}”{said}")
        return redirect("task", campaign_id, pk)
    dropped = form.cleaned_data["verdict"] == "drop"
    context = {"task": task, "piece": piece, "dropped": dropped, "said": said, "count": heritage.waiting(task, person)}
    return render(request, "creation/evidence/_heritage_aside.html", context)


def _kept(request: HttpRequest, task: Task, piece: Piece, reason: str) -> HttpResponse:
    citation = heritage.keep(task, piece, reason, doors.actor(request))
    if not wants_fragment(request):
        messages.success(request, f"已引用“{piece.evidence}”，编号 {citation.number}。")
        return redirect(task)
    count = heritage.waiting(task, doors.person(request))
    context = row_context(request, citing.one(citation)) | {"count": count}
    return render(request, "creation/evidence/_heritage_kept.html", context)
