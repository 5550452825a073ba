"""The library of evidence (印证资料库).

A unit sees its own evidence, the office what the campaign cites, and a leading unit also what its assisting units cite.
"""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from creation import access
from creation.evidence import citing
from creation.evidence.forms.library import EvidenceFilter
from creation.evidence.library import listing
from creation.evidence.tables.library import LibraryTable
from creation.evidence.tables.recycle_bin import RecycleBinTable
from creation.lib.refusals import Refusal
from creation.models import Campaign, Evidence
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.pagination import KeyedRows, filtered_list, paginate_table

SORT_CHOICES = [
    ("-created_at", "新上传的在前"), ("title", "按题名"), ("-dated_on", "成文日期近的在前"), ("-places", "引用多的在前"),
]  # fmt: skip


@require_GET
def library(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.EVIDENCE_READ)
    user = shortcuts.current_user(request)
    visible = listing.visible_in_campaign(user, campaign)
    may_hide = access.may(user, Permission.EVIDENCE_HIDE, campaign)
    found = EvidenceFilter(request.GET, visible, campaign=campaign, with_hidden=may_hide)
    read = partial(listing.rows, user=user, campaign=campaign)
    rows = KeyedRows(listing.newest_first(found.qs, campaign), read)
    table = LibraryTable(rows, campaign=campaign, with_units="unit" in found.filters)
    context = {
        "campaign": campaign,
        "sorts": SORT_CHOICES,
        "own": bool(listing.units_with_full_access(user)),
        "has_bin": access.may_somewhere(user, Permission.EVIDENCE_EDIT),
    }
    names = {"page": "creation/evidence/library/list.html", "results": "creation/evidence/library/_results.html"}
    return filtered_list(request, found, table, context, **names)


@require_http_methods(["GET", "POST"])
def library_cite(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Cite a piece in many tasks at once, each with its passage: all chosen tasks, or none."""
    campaign, actor = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_actor(request)
    evidence = _evidence_or_404(request, campaign, pk)
    access.require(actor.human, Permission.TASK_CITE, evidence)
    tasks = citing.open_tasks_for(evidence, actor.human, campaign)
    if request.method == "GET":
        return _choose_tasks(request, campaign, evidence, tasks)
    wanted = {
        task: request.POST.get(f"passage-{task.pk}", "").strip()[:100] for task in tasks if _is_ticked(request, task)
    }
    if not wanted:
        return _choose_tasks(request, campaign, evidence, tasks, "没有勾选任务。请勾选要引用这份资料的任务。", 422)
    try:
        numbers = citing.cite_many(evidence, wanted, actor)
    except Refusal as error:
        return _choose_tasks(request, campaign, evidence, tasks, error.sentence, 422)
    messages.success(request, f"已为 {len(numbers)} 项任务引用“{evidence}”，编号 {'、'.join(map(str, numbers))}。")
    return redirect("evidence", pk)


def _is_ticked(request: HttpRequest, task: Any) -> bool:
    return str(task.pk) in request.POST.getlist("task")


def _evidence_or_404(request: HttpRequest, campaign: Campaign, pk: int) -> Evidence:
    visible = listing.visible_in_campaign(shortcuts.current_user(request), campaign).select_related("unit")
    return get_object_or_404(visible, pk=pk)


def _choose_tasks(
    request: HttpRequest, campaign: Campaign, evidence: Evidence, tasks: list[Any], error: str = "", status: int = 200
) -> HttpResponse:
    rows = [(task, _is_ticked(request, task), request.POST.get(f"passage-{task.pk}", "")) for task in tasks]
    context = {"campaign": campaign, "evidence": evidence, "rows": rows, "error": error}
    return render(request, "creation/evidence/library/cite.html", context, status=status)


@require_GET
def library_bin(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The recycle bin (回收站): deleted pieces that this person may restore, the last one first."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.EVIDENCE_EDIT)
    user = shortcuts.current_user(request)
    deleted = Evidence.objects.restorable_by(user).filter(unit__district=campaign.district_id)
    rows = deleted.select_related("unit", "deleted_by").order_by("-deleted_at", "-pk")
    table = RecycleBinTable(rows, token=get_token(request))
    paginate_table(table, request)
    context = {"campaign": campaign, "table": table, "total": table.paginator.count}
    return render(request, "creation/evidence/library/bin.html", context)
