"""上年材料 on the task page: 仍然适用 cites the piece, 不再适用 puts it aside, 恢复 brings it back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from creation import access
from creation.audit.actor import Actor
from creation.campaigns.forms.rollover import REASON_LIMIT, PreviousYearForm
from creation.campaigns.rollover import previous_year
from creation.campaigns.rollover.previous_year import PreviousEvidence
from creation.evidence import citing
from creation.evidence.views.citations import refusal_response, row_context
from creation.lib.refusals import Refusal
from creation.models import Task
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.fragments import wants_fragment

Decision = Callable[[Task, PreviousEvidence, Actor], None]
DECISIONS: dict[str, tuple[Decision, str]] = {
    "drop": (previous_year.reject, "已标为不再适用，不会算作今年的材料。"),
    "again": (previous_year.undo_rejection, "已恢复为待确认。"),
}


@require_POST
def decide(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """``evidence`` names the piece, ``verdict`` is keep, drop or again."""
    task, person = shortcuts.task_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    access.require(person, Permission.TASK_CITE, task)
    form = PreviousYearForm(request.POST)
    if not form.is_valid():
        if set(form.errors) == {"outside_reason"}:
            return refusal_response(request, task, f"理由最多 {REASON_LIMIT} 字，请缩短后再试。")
        raise Http404
    previous = previous_year.previous_evidence(task, form.cleaned_data["evidence"], person)
    if previous is None and task.citations.filter(evidence=form.cleaned_data["evidence"]).exists():
        return refusal_response(request, task, "这份资料已在本任务中引用过，请看上面的印证资料。")
    if previous is None:
        raise Http404
    try:
        if form.cleaned_data["verdict"] == "keep":
            return _cited_again(request, task, previous, form.cleaned_data["outside_reason"])
        action_function, message = DECISIONS[form.cleaned_data["verdict"]]
        action_function(task, previous, shortcuts.current_actor(request))
    except Refusal as error:
        return refusal_response(request, task, error.sentence)
    if not wants_fragment(request):
        messages.success(request, f"“{previous.evidence}”{message}")
        return redirect("task", campaign_id, pk)
    dropped = form.cleaned_data["verdict"] == "drop"
    context = {
        "task": task,
        "previous": previous,
        "dropped": dropped,
        "message": message,
        "count": previous_year.count_undecided(task, person),
    }
    return render(request, "creation/evidence/_previous_year_aside.html", context)


def _cited_again(request: HttpRequest, task: Task, previous: PreviousEvidence, reason: str) -> HttpResponse:
    citation = previous_year.cite_again(task, previous, reason, shortcuts.current_actor(request))
    if not wants_fragment(request):
        messages.success(request, f"已引用“{previous.evidence}”，编号 {citation.number}。")
        return redirect(task)
    count = previous_year.count_undecided(task, shortcuts.current_user(request))
    context = row_context(request, citing.cited_evidence(citation)) | {"count": count}
    return render(request, "creation/evidence/_previous_year_kept.html", context)
