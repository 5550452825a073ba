"""Change many tasks at once: show the selection with what will happen, then do it."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from creation.models import Campaign, Task, TaskStatus, Unit, User
from creation.people import ownership
from creation.rules.policy import Permission
from creation.tasks import bulk_changes
from creation.tasks.bulk_changes import BulkResult, SeenVersions
from creation.tasks.filters import TaskFilter
from creation.tasks.forms.bulk import EACH_LIAISON, DueForm, OwnerForm
from creation.tasks.views.task_list import tasks_of
from creation.web import request_sizes, shortcuts
from creation.web.refusals import form_refusals

SHOWN = 50
NAMED = 60  # tasks in one message
TASK_AND_VERSION = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)


@dataclass
class TaskSelection:
    """The selected tasks, with the versions on screen."""

    seen: SeenVersions
    tasks: list[Task]

    @property
    def changing(self) -> list[Task]:
        return [task for task in self.tasks if task.status != TaskStatus.APPROVED]

    @property
    def finished(self) -> int:
        return len(self.tasks) - len(self.changing)

    @property
    def units(self) -> list[Unit]:
        return list({task.unit_id: task.unit for task in self.changing}.values())

    @property
    def by_unit(self) -> list[tuple[str, int]]:
        return Counter(str(task.unit) for task in self.changing).most_common()

    @property
    def text(self) -> str:
        return ",".join(f"{pk}:{version}" for pk, version in self.seen.items())


@require_POST
def task_bulk(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The first POST shows the selection and the form; the second (``confirmed``) carries out the change."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_PLAN)
    selection = selection_of(request, campaign)
    back = f"{reverse('task_list', args=[campaign.pk])}?{filter_of(request).urlencode()}"
    if not selection.tasks:
        messages.warning(request, "还没有选任务。请先勾选任务，再选批量操作。")
        return redirect(back)
    change = CHANGES.get(request.POST.get("change", ""), _DueChange)(
        campaign, selection, shortcuts.current_actor(request).today
    )
    form, result = change.form(request.POST if "confirmed" in request.POST else None), None
    if form.is_valid():
        with form_refusals(form):
            result = change.carry_out(form.cleaned_data, shortcuts.current_actor(request))
            _report(request, result, change.done)
            if not result.stale:
                return redirect(back)
            change, form = _once_more(request, campaign, result.stale, change)
            selection = change.selection
    context = {"campaign": campaign, "selection": selection, "form": form, "change": change, "back": back}
    context |= {"shown": selection.changing[:SHOWN], "rest": max(0, len(selection.changing) - SHOWN)}
    status = 409 if result and result.stale else 200
    return render(
        request, "creation/tasks/bulk.html", context | {"filter": request.POST.get("filter", "")}, status=status
    )


class _DueChange:
    name, title, done = "due", "批量改时限", "时限已调整"
    button = "调整时限并通知"
    recipients_hint = "每项任务的责任人和单位联络员各收到一条通知（一人一条，不是一项一条）。"

    def __init__(self, campaign: Campaign, selection: TaskSelection, today: date) -> None:
        self.campaign, self.selection, self.today = campaign, selection, today

    def form(self, data: QueryDict | None) -> forms.Form:
        return DueForm(data, today=self.today)

    def carry_out(self, data: dict[str, Any], actor: Any) -> BulkResult:
        return bulk_changes.change_due_day(self.campaign, self.selection.seen, data["due_on"], data["reason"], actor)


class _OwnerChange(_DueChange):
    name, title, done = "owner", "批量改责任人", "责任人已调整"
    button = "调整责任人并通知"
    recipients_hint = "新责任人和原责任人各收到一条通知（一人一条，不是一项一条）。"

    def form(self, data: QueryDict | None) -> forms.Form:
        units = self.selection.units
        people = (
            bulk_changes.eligible_owners(self.campaign, [unit.pk for unit in units], self.today)
            if len(units) == 1
            else []
        )
        return OwnerForm(data, units=units, people=people)

    def carry_out(self, data: dict[str, Any], actor: Any) -> BulkResult:
        owners = ownership.task_owners(self.campaign, self.today)
        if data["owner"] != EACH_LIAISON:
            [unit] = self.selection.units
            owners = {unit.pk: User.objects.get(pk=data["owner"])}
        chosen = {unit.pk: owners[unit.pk] for unit in self.selection.units if unit.pk in owners}
        return bulk_changes.change_owner(self.campaign, self.selection.seen, chosen, actor)


def _once_more(
    request: HttpRequest, campaign: Campaign, stale: list[Task], change: "_DueChange"
) -> tuple["_DueChange", forms.Form]:
    """Return the change of the tasks that others updated meanwhile, as they are now, with the form as it was filled in."""
    rows = sorted(tasks_of(request, campaign).in_bulk([task.pk for task in stale]).values(), key=_paper_order)
    again = type(change)(campaign, TaskSelection({task.pk: task.version for task in rows}, rows), change.today)
    return again, again.form(request.POST)


CHANGES: dict[str, type[_DueChange]] = {"due": _DueChange, "owner": _OwnerChange}


def filter_of(request: HttpRequest) -> QueryDict:
    return QueryDict(request.POST.get("filter", "")[: request_sizes.MAX_QUERY])


def selection_of(request: HttpRequest, campaign: Campaign) -> TaskSelection:
    """Return the checked tasks, the unanswered tasks of checked units, or everything that matches the filter.

    An invalid filter selects nothing, not everything.
    """
    tasks = tasks_of(request, campaign)
    if "units" in request.POST:
        return _selection_of_units(request, campaign, tasks)
    if "everything" in request.POST:
        found = TaskFilter(filter_of(request), tasks, campaign=campaign)
        rows = list(found.qs.in_ledger_order()) if found.is_valid() else []
        return TaskSelection({task.pk: task.version for task in rows}, rows)
    seen = _versions_by_task(request.POST.getlist("pick"))
    return TaskSelection(seen, sorted(tasks.in_bulk(list(seen)).values(), key=_paper_order))


def _selection_of_units(request: HttpRequest, campaign: Campaign, tasks: Any) -> TaskSelection:
    """Return the unanswered tasks of the units checked in the matrix, of one section or light if given."""
    units = shortcuts.keys_of(request, "units")
    narrowed = {name: request.POST.get(name, "") for name in ("section", "light")}
    found = TaskFilter(narrowed, tasks.filter(unit__in=units).unanswered(), campaign=campaign)
    rows = list(found.qs.in_ledger_order()) if found.is_valid() else []
    return TaskSelection({task.pk: task.version for task in rows}, rows)


def _paper_order(task: Task) -> tuple[int, str, int]:
    return (task.indicator.order if task.indicator else 10**9), task.code, task.unit.order


def _versions_by_task(picks: list[str]) -> dict[int, int]:
    """Return task → version from values like ``12:3``; anything else is ignored."""
    pairs = [TASK_AND_VERSION.fullmatch(pair) for pick in picks for pair in pick.split(",")]
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


def _report(request: HttpRequest, result: BulkResult, done: str) -> None:
    if result.changed:
        messages.success(request, f"{done} {len(result.changed)} 项。")
    left = [
        (result.same, "与原来相同，没有变化"),
        (result.finished, "已通过，不再调整"),
        (result.unowned, "所在单位还没有联络员，请先登记联络员"),
    ]
    for tasks, why in left:
        if tasks:
            messages.info(request, f"{len(tasks)} 项{why}：{names_of(tasks)}")
    if result.stale:
        names = names_of(result.stale)
        messages.warning(
            request, f"{len(result.stale)} 项刚刚被他人更新，没有改动：{names}。请核对下面现在的内容，再次确认。"
        )


def names_of(tasks: list[Task]) -> str:
    return "、".join(f"{task.code} {task.unit}" for task in tasks[:NAMED]) + ("等" if len(tasks) > NAMED else "")
