"""Drafts of answers, saved by the page's script while a person types, or by the button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from creation import access
from creation.lib import strings
from creation.lib.refusals import Refusal
from creation.models import Draft, Task
from creation.rules.policy import Permission
from creation.tasks import answers, drafts
from creation.web import shortcuts
from creation.web.fragments import wants_data
from creation.web.refusals import conflict

MAX_INTEGER = 2**31 - 1


@require_POST
def draft(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Save the person's draft. ``draft_seen``: its version on screen; ``keep=1`` replaces another window's text, which is kept with the
    draft."""
    task = _task_to_draft(request, campaign_id, pk)
    actor = shortcuts.current_actor(request)
    try:
        if request.POST.get("keep"):
            saved = drafts.replace(task, actor, request.POST)
        else:
            saved = drafts.save(task, actor, request.POST, _seen(request))
    except Refusal as error:
        return _refused(request, task, error)
    if wants_data(request):
        return JsonResponse(_state(saved))
    messages.success(request, f"草稿已保存（{_time_text(saved)}）。")
    return redirect("task", campaign_id, pk)


@require_POST
def draft_take(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Replace the person's draft. ``source`` is the key of a colleague's draft, ``earlier``, or ``answer`` for the latest submission."""
    task = _task_to_draft(request, campaign_id, pk)
    content = _source(request, task, request.POST.get("source", ""))
    try:
        drafts.replace(task, shortcuts.current_actor(request), content)
    except Refusal as error:
        return _refused(request, task, error)
    messages.success(request, "已载入所选的内容；原来填写的内容仍保留，可以改回。")
    return redirect(reverse("task", args=[campaign_id, pk]) + "#answer-area")


def _task_to_draft(request: HttpRequest, campaign_id: int, pk: int) -> Task:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_DRAFT, task)
    return task


def _source(request: HttpRequest, task: Task, source: str) -> Any:
    start = drafts.initial_answer(task, shortcuts.current_user(request))
    if source == "earlier":
        return start.earlier or start.content
    if source == "answer" and start.submission:
        return start.submission.content()
    return get_object_or_404(Draft, task=task, pk=strings.to_number(source)).content


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("draft_seen", "")
    return min(int(text[:19]), MAX_INTEGER) if text.isdecimal() else 0


def _time_text(draft: Draft) -> str:
    return f"{timezone.localtime(draft.saved_at):%H:%M}"


def _state(draft: Draft) -> dict[str, Any]:
    content = answers.content_of(draft.content)
    words = answers.progress_in_words(content)
    return {"version": draft.version, "saved": _time_text(draft), "content": content, "words": words}


def _refused(request: HttpRequest, task: Task, error: Refusal) -> HttpResponse:
    """Return 409, with the other window's text if there is one, so that the person can choose."""
    theirs = error.theirs
    if wants_data(request):
        return JsonResponse({"sentence": error.sentence, "theirs": _state(theirs) if theirs else None}, status=409)
    content = answers.content_of(request.POST)
    standing = answers.as_text(theirs.content) if theirs else ""
    back, again = task.get_absolute_url(), _save_again(task, content) if theirs else None
    return conflict(request, error, "草稿没有保存", answers.as_text(content), standing, back=back, again=again)


def _save_again(task: Task, content: answers.Content) -> dict[str, Any]:
    url = reverse("draft", args=[task.campaign_id, task.pk])
    return {"url": url, "fields": content | {"keep": "1"}, "label": "保存我填写的内容"}
