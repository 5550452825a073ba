"""催办: urge the units of tasks selected on the task list, a unit's page or a task's page, after showing what will happen."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from creation.models import Campaign, Task
from creation.models.urge import URGE_COOLDOWN_DAYS
from creation.notices import urging
from creation.notices.urging import UrgeResult
from creation.rules.policy import Permission
from creation.tasks.forms.bulk import UrgeForm
from creation.tasks.views.task_bulk import filter_of, names_of, selection_of
from creation.web import shortcuts
from creation.web.refusals import form_refusals

SHOWN = 50


@require_POST
def urge(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The first POST shows whom it would reach and the form; the second (``confirmed``) sends the urges."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_URGE)
    selection, back = selection_of(request, campaign), _back(request, campaign)
    if not selection.tasks:
        messages.warning(request, "还没有选任务，或所选的没有未报任务。请先勾选，再催办。")
        return redirect(back)
    form, actor = UrgeForm(request.POST if "confirmed" in request.POST else None), shortcuts.current_actor(request)
    if form.is_valid():
        with form_refusals(form):
            result = urging.urge(campaign, list(selection.seen), form.cleaned_data["reason"], actor)
            _report(request, result)
            return redirect(back)
    plan = urging.preview(selection.tasks, actor)
    context = {"campaign": campaign, "selection": selection, "plan": plan, "form": form, "back": back}
    context |= {"shown": _with_counts(plan.urged[:SHOWN]), "rest": max(0, len(plan.urged) - SHOWN)}
    context |= {"filter": request.POST.get("filter", ""), "origin": request.POST.get("origin", "")}
    return render(request, "creation/tasks/urge.html", context, status=422 if form.errors else 200)


def _with_counts(tasks: list[Task]) -> list[Task]:
    """Return the same tasks, annotated with how often each was urged."""
    counted = Task.objects.filter(pk__in=[task.pk for task in tasks]).for_table().with_urges().in_bulk()
    return [counted[task.pk] for task in tasks if task.pk in counted]


def _back(request: HttpRequest, campaign: Campaign) -> str:
    """Return the URL of the page the person came from: ``task/12``, ``unit/3``, ``progress/``, ``calls/``, or the list with its filter."""
    kind, _, number = request.POST.get("origin", "").partition("/")
    if kind == "progress":
        return reverse("progress", args=[campaign.pk])
    if kind == "calls":
        return reverse("calls", args=[campaign.pk])
    route = {"task": "task", "unit": "unit_progress"}.get(kind)
    if route and number.isdecimal() and len(number) < 19:
        return reverse(route, args=[campaign.pk, int(number)])
    return f"{reverse('task_list', args=[campaign.pk])}?{filter_of(request).urlencode()}"


def _report(request: HttpRequest, result: UrgeResult) -> None:
    if result.urged:
        messages.success(request, f"已催办 {len(result.urged)} 项任务，{result.recipient_count} 人各收到一条通知。")
    left = [
        (result.in_cool_down, f"{URGE_COOLDOWN_DAYS} 天内已经催办过，这次没有再催"),
        (result.answered, "已经报送，不需要催办"),
        (result.without_recipients, "所在单位还没有联络员，没有人能收到催办，请先登记联络员"),
    ]
    for tasks, why in left:
        if tasks:
            messages.warning(request, f"{len(tasks)} 项{why}：{names_of(tasks)}")
