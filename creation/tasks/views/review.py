"""The review queue and one review: read, judge, and the next one opens by itself."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.lib.refusals import Refusal, Stale
from creation.models import Task, TaskStatus
from creation.tasks import judging, reviewing, workflow
from creation.tasks.forms.moves import form_of
from creation.tasks.reviewing import Division
from creation.tasks.tables.reviews import QueueTable
from creation.web import doors
from creation.web.paging import turn_to_page
from creation.web.refusals import conflict


@require_GET
def review_queue(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = doors.campaign_or_404(request, campaign_id)
    access.require(doors.person(request), "review.queue", campaign)
    actor, division = doors.actor(request), _division(request)
    waiting = reviewing.waiting(actor.human, campaign)
    mine = reviewing.with_watchers(reviewing.queue(division.of(waiting)).for_table().with_counts(), actor.at)
    table = QueueTable(mine, today=actor.today, person=actor.human, division=division)
    turn_to_page(table, request)
    tabs = reviewing.sections(Division(unit=division.unit).of(waiting))
    context = {
        "campaign": campaign,
        "division": division,
        "table": table,
        "total": table.paginator.count,
        "here": sum(tab.count for tab in tabs),
        "everywhere": request.path + division.query(section=""),
        "tabs": [(tab, request.path + division.query(section=tab.value)) for tab in tabs],
        "units": reviewing.units(Division(section=division.section).of(waiting)),
        "whole": waiting.count(),
        "first": reviewing.next_one(division.of(waiting), Task(), actor.human, actor.at),
    }
    return render(request, "creation/tasks/review/queue.html", context)


@require_GET
def review(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    task = doors.task_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "task.review", task)
    if task.status != TaskStatus.SUBMITTED:
        messages.info(request, f"{_name(task)} 现为“{task.get_status_display()}”，不在审核队列中。")
        return redirect(_queue_address(task, _division(request)))
    return _page(request, task)


@require_POST
def review_move(request: HttpRequest, campaign_id: int, pk: int, move: str) -> HttpResponse:
    """Approve or return, whichever ``move`` names; then the next one."""
    task = doors.task_or_404(request, campaign_id, pk)
    found = workflow.MOVES.get(move)
    if found is None or found.act != "task.review":
        raise Http404
    access.require(doors.person(request), found.act, task)
    actor, division = doors.actor(request), _division(request)
    form = form_of(found, task, actor.human, actor.today, request.POST)
    if not form.is_valid():
        return _page(request, task, forms={move: form})
    following = reviewing.next_one(_mine(task, request), task, actor.human, actor.at)
    try:
        workflow.perform(found, task, actor, form.cleaned_data["version"], form.cleaned_data)
    except Refusal as refusal:
        return _refused(request, pk, refusal, {move: form}, following)
    reviewing.close_for(task, actor.human)
    messages.success(request, f"已{found.label}：{_name(task)}")
    return redirect(_address(task.campaign_id, following, division) if following else _queue_address(task, division))


@require_POST
def review_watch(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Sent while somebody works on the page: keeps the mark alive and tells who else has come."""
    task = doors.task_or_404(request, campaign_id, pk)
    access.require(doors.person(request), "task.review", task)
    others = reviewing.open_for(task, doors.person(request), doors.actor(request).at)
    return render(request, "creation/tasks/review/_who.html", {"others": others})


def _page(
    request: HttpRequest, task: Task, *, forms: dict[str, Any] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    actor, division = doors.actor(request), _division(request)
    answer = judging.answer_of(task)
    order = list(reviewing.queue(_mine(task, request)).values_list("pk", flat=True))
    own = answer is not None and answer.submission.by_id == actor.human.pk
    context = {
        "campaign": task.campaign,
        "task": task,
        "today": actor.today,
        "answer": answer,
        "own": own,
        "moves": _moves(task, own, actor, forms or {}),
        "refusal": refusal,
        "others": reviewing.open_for(task, actor.human, actor.at),
        "division": division,
        "place": (place := reviewing.place_of(task, order)),
        "ahead": reviewing.first_version(place.after),
    }
    return render(request, "creation/tasks/review/page.html", context, status=status)


def _moves(task: Task, own: bool, actor: Any, bound: dict[str, Any]) -> dict[str, Any]:
    """The moves that are open to this person with their forms; none on one's own answer."""
    if own:
        return {}
    judged = [move for move in workflow.open_to(task) if move.act == "task.review"]
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
    """The content as it stands now, with what was typed kept; or, when there is nothing left to judge, both texts and the way on."""
    actor = doors.actor(request)
    task = Task.objects.visible_to(actor.human).for_table().with_light(actor.today, doors.soon(actor.today)).get(pk=pk)
    if task.status == TaskStatus.SUBMITTED:
        return _page(request, task, forms=forms, refusal=refusal.sentence, status=409)
    division = _division(request)
    lost = Stale(f"{refusal}您的意见没有写入。", refusal.theirs or task.get_status_display())
    mine = "\n\n".join(form.as_text() for form in forms.values())
    back = _address(task.campaign_id, following, division) if following else _queue_address(task, division)
    return conflict(request, lost, f"没有审核成功：{_name(task)}", mine, back=back)


def _division(request: HttpRequest) -> Division:
    unit = request.GET.get("unit", "")
    return Division(request.GET.get("section", ""), int(unit) if unit.isdecimal() and len(unit) < 19 else None)


def _mine(task: Task, request: HttpRequest) -> Any:
    return _division(request).of(reviewing.waiting(doors.person(request), task.campaign))


def _name(task: Task) -> str:
    return f"{task.code} {task.title}（{task.unit}）"


def _address(campaign_id: int, pk: int, division: Division) -> str:
    return reverse("review", args=[campaign_id, pk]) + division.query()


def _queue_address(task: Task, division: Division) -> str:
    return reverse("review_queue", args=[task.campaign_id]) + division.query()
