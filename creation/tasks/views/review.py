"""The review queue and the review page: after a decision, the next task opens."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.lib.refusals import Refusal, Stale
from creation.models import Task, TaskStatus
from creation.rules.policy import Permission
from creation.tasks import effects, pending_reviews, repeated_returns, review_comparison, workflow
from creation.tasks.forms.moves import form_of
from creation.tasks.pending_reviews import QueueFilter
from creation.tasks.tables.reviews import QueueTable
from creation.web import shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import conflict


@require_GET
def review_queue(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.REVIEW_QUEUE)
    actor, queue_filter = shortcuts.current_actor(request), _queue_filter(request)
    waiting = pending_reviews.waiting(actor.human, campaign)
    mine = pending_reviews.with_viewers(
        pending_reviews.queue(queue_filter.apply(waiting)).for_list().with_counts(), actor.at
    )
    table = QueueTable(mine, today=actor.today, person=actor.human, queue_filter=queue_filter)
    paginate_table(table, request)
    parts = pending_reviews.parts(waiting)
    of_unit, of_section = QueueFilter(unit=queue_filter.unit), QueueFilter(section=queue_filter.section)
    tabs = pending_reviews.sections(filter(of_unit.takes, parts))
    context = {
        "campaign": campaign,
        "queue_filter": queue_filter,
        "table": table,
        "total": table.paginator.count,
        "here": sum(tab.count for tab in tabs),
        "everywhere": request.path + queue_filter.query_string(section=""),
        "tabs": [(tab, request.path + queue_filter.query_string(section=tab.value)) for tab in tabs],
        "units": pending_reviews.units(filter(of_section.takes, parts)),
        "whole": sum(part.count for part in parts),
        "first": pending_reviews.next_task(queue_filter.apply(waiting), Task(), actor.human, actor.at),
    }
    return render(request, "creation/tasks/review/queue.html", context)


@require_GET
def review(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_REVIEW, task)
    if task.status != TaskStatus.SUBMITTED:
        messages.info(request, f"{_name(task)} 现为“{task.get_status_display()}”，不在审核队列中。")
        return redirect(_queue_address(task, _queue_filter(request)))
    return _page(request, task)


@require_POST
def review_move(request: HttpRequest, campaign_id: int, pk: int, move: str) -> HttpResponse:
    """Carry out ``move`` (approve or return); then show the next task."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    found = workflow.MOVES.get(move)
    if found is None or found.permission != "task.review":
        raise Http404
    access.require(shortcuts.current_user(request), found.permission, task)
    actor, queue_filter = shortcuts.current_actor(request), _queue_filter(request)
    form = form_of(found, task, actor.human, actor.today, request.POST)
    if not form.is_valid():
        return _page(request, task, forms={move: form}, status=422)
    following = pending_reviews.next_task(_mine(task, request), task, actor.human, actor.at)
    try:
        workflow.perform(found, task, actor, form.cleaned_data["version"], form.cleaned_data)
    except Refusal as refusal:
        return _refused(request, pk, refusal, {move: form}, following)
    pending_reviews.unregister_viewer(task, actor.human)
    messages.success(request, f"已{found.label}：{_name(task)}")
    return redirect(
        _address(task.campaign_id, following, queue_filter) if following else _queue_address(task, queue_filter)
    )


@require_POST
def review_watch(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Sent regularly by the open page: renews the person's viewing and returns the other viewers."""
    task = shortcuts.task_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.TASK_REVIEW, task)
    others = pending_reviews.register_viewer(task, shortcuts.current_user(request), shortcuts.current_actor(request).at)
    return render(request, "creation/tasks/review/_who.html", {"others": others})


def _page(
    request: HttpRequest, task: Task, *, forms: dict[str, Any] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    actor, queue_filter = shortcuts.current_actor(request), _queue_filter(request)
    answer = review_comparison.reviewed_answer(task)
    order = list(pending_reviews.queue(_mine(task, request)).values_list("pk", flat=True))
    barred = effects.why_not_reviewed_by(actor.human, answer.submission) if answer else ""
    context = {
        "campaign": task.campaign,
        "task": task,
        "today": actor.today,
        "answer": answer,
        "barred": barred,
        "moves": {} if barred else _moves(task, actor, forms or {}),
        "refusal": refusal,
        "offers_finding": repeated_returns.offers_finding(task),
        "others": [] if barred else pending_reviews.register_viewer(task, actor.human, actor.at),
        "queue_filter": queue_filter,
        "position": (position := pending_reviews.position_of(task, order)),
        "ahead": pending_reviews.first_cited_version(position.next),
    }
    return render(request, "creation/tasks/review/page.html", context, status=status)


def _moves(task: Task, actor: Any, bound: dict[str, Any]) -> dict[str, Any]:
    """Return the moves of a review, with their forms."""
    judged = [move for move in workflow.available_moves(task) if move.permission == "task.review"]
    return {
        move.name: {
            "move": move,
            "form": bound.get(move.name) or form_of(move, task, actor.human, actor.today),
            "open": move.name in bound,
        }
        for move in judged
    }


def _refused(
    request: HttpRequest, pk: int, refusal: Refusal, forms: dict[str, Any], following: int | None
) -> HttpResponse:
    """Show the current content with the typed text kept or, when the task no longer awaits review, both texts and a link to continue."""
    actor = shortcuts.current_actor(request)
    soon = shortcuts.last_yellow_day(request, actor.today)
    task = Task.objects.visible_to(actor.human).for_table().with_light(actor.today, soon).get(pk=pk)
    if task.status == TaskStatus.SUBMITTED:
        return _page(request, task, forms=forms, refusal=refusal.sentence, status=409)
    queue_filter = _queue_filter(request)
    lost = Stale(f"{refusal}您的意见没有写入。", refusal.theirs or task.get_status_display())
    mine = "\n\n".join(form.as_text() for form in forms.values())
    back = _address(task.campaign_id, following, queue_filter) if following else _queue_address(task, queue_filter)
    return conflict(request, lost, f"没有审核成功：{_name(task)}", mine, back=back)


def _queue_filter(request: HttpRequest) -> QueueFilter:
    unit = request.GET.get("unit", "")
    return QueueFilter(request.GET.get("section", ""), int(unit) if unit.isdecimal() and len(unit) < 19 else None)


def _mine(task: Task, request: HttpRequest) -> Any:
    return _queue_filter(request).apply(pending_reviews.waiting(shortcuts.current_user(request), task.campaign))


def _name(task: Task) -> str:
    return f"{task.code} {task.title}（{task.unit}）"


def _address(campaign_id: int, pk: int, queue_filter: QueueFilter) -> str:
    return reverse("review", args=[campaign_id, pk]) + queue_filter.query_string()


def _queue_address(task: Task, queue_filter: QueueFilter) -> str:
    return reverse("review_queue", args=[task.campaign_id]) + queue_filter.query_string()
