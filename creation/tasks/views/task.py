"""The task page and its moves, which share one URL and one view."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from creation import access
from creation.evidence import citing
from creation.lib.refusals import Stale
from creation.models import Task
from creation.tasks import workflow
from creation.tasks.forms.answer import AnswerForm
from creation.tasks.forms.moves import MoveForm, form_of
from creation.tasks.views import task_page
from creation.tasks.workflow import MOVES, Move
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals


@require_GET
def task(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show the task. For a task ended by a new edition, redirect to its read-only page."""
    try:
        found = shortcuts.task_or_404(request, campaign_id, pk)
    except Http404:
        ended = Task.objects.visible_or_dropped(shortcuts.current_user(request)).ended_by_edition()
        if ended.filter(pk=pk, campaign=campaign_id).exists():
            return redirect("ended_task", campaign_id, pk)
        raise
    return task_page.render_page(request, found)


@require_http_methods(["GET", "POST"])
def task_move(request: HttpRequest, campaign_id: int, pk: int, move: str) -> HttpResponse:
    """Make the move. On errors the typed text is kept: in the form (422), or beside the current state (409)."""
    found = shortcuts.task_or_404(request, campaign_id, pk)
    if move not in MOVES:
        raise Http404
    if request.method == "GET":  # redirected here after login
        return redirect("task", campaign_id, pk)
    access.require(shortcuts.current_user(request), MOVES[move].permission, found)
    form = form_of(MOVES[move], found, shortcuts.current_user(request), timezone.localdate(), request.POST)
    if not form.is_valid():
        return task_page.render_page(request, found, {f"move:{move}": form}, status=422)
    return _perform(request, MOVES[move], found, form)


def _perform(request: HttpRequest, move: Move, found: Task, form: MoveForm | AnswerForm) -> HttpResponse:
    on_behalf = access.acts_on_behalf_of_unit(shortcuts.current_user(request), move.permission, found)
    data = form.cleaned_data
    try:
        with form_refusals(form):
            done = workflow.perform(move, found, shortcuts.current_actor(request), data["version"], data, on_behalf)
            messages.success(request, f"{move.label}成功：{done}，现为“{done.get_status_display()}”。")
            return redirect(found)
    except Stale as stale:
        return _conflict(request, move, _reload(request, found), form, stale)
    return task_page.render_page(request, _reload(request, found), {f"move:{move.name}": form}, status=422)


def _reload(request: HttpRequest, found: Task) -> Task:
    """Load the task again, since the object was changed before the transaction was rolled back."""
    return shortcuts.task_or_404(request, found.campaign_id, found.pk)


def _conflict(request: HttpRequest, move: Move, now: Task, form: MoveForm | AnswerForm, stale: Stale) -> HttpResponse:
    again = (
        _send_again(request, move, now, form)
        if isinstance(form, AnswerForm) and move in workflow.available_moves(now)
        else None
    )
    back = now.get_absolute_url()
    return conflict(request, stale, f"{move.label}没有完成", form.as_text(), back=back, again=again)


def _send_again(request: HttpRequest, move: Move, now: Task, form: AnswerForm) -> dict[str, Any]:
    """Return the typed answer with the current versions, so that sending it again deliberately overwrites what was shown."""
    kept = {name: form.data.get(name, "") for name in form.fields}
    opened = timezone.now().isoformat()
    pieces = citing.shown_pieces(citing.cited_by_task(now, shortcuts.current_user(request)))
    seen = {"version": now.version, "draft_seen": form.initial_answer.version, "opened": opened, "pieces": pieces}
    url = reverse("task_move", args=[now.campaign_id, now.pk, move.name])
    return {"url": url, "fields": kept | seen, "label": f"用我填写的内容{move.label}"}
