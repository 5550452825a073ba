"""Supervision orders: the list, issuing one (from a finding, a task, or free), the page of one, changing and closing it."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.campaigns.views.assignments import units_of
from creation.lib.refusals import Stale
from creation.models import UNANSWERED, Campaign, Finding, SupervisionOrder, Task, TaskStatus
from creation.rules.policy import Permission
from creation.supervision import order_changes, orders
from creation.supervision.filters import OrderFilter
from creation.supervision.forms.orders import CloseOrderForm, NewOrderForm, OrderEditForm
from creation.supervision.tables.orders import OrderReplyTable, OrderTable
from creation.web import shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import conflict, form_refusals

SORTS = [("-serial", "新下发的在前"), ("serial", "按编号"), ("-missed", "未回复多的在前"), ("lead", "按牵头单位")]
Origin = Finding | Task | None


def _order_or_404(request: HttpRequest, campaign_id: int, pk: int) -> SupervisionOrder:
    seen = SupervisionOrder.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.for_table(), pk=pk)


@require_GET
def order_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ORDER_READ)
    user = shortcuts.current_user(request)
    today = timezone.localdate()
    rows: Any = SupervisionOrder.objects.visible_to(user).filter(campaign=campaign).for_table().with_counts(today)
    found = OrderFilter(request.GET, rows, campaign=campaign)
    table = OrderTable(found.qs, today=today)
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_issue": campaign.is_open and access.may(user, Permission.ORDER_ISSUE, campaign),
    }
    names = {"page": "creation/supervision/orders.html", "results": "creation/supervision/_orders.html"}
    return filtered_list(request, found, table, context, **names)


@require_http_methods(["GET", "POST"])
def order_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ORDER_ISSUE)
    finding, task = _origin(request, campaign)
    form = NewOrderForm(
        request.POST or None, units=units_of(request, campaign), initial=_initial(request, finding or task)
    )
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            order = orders.issue_order(campaign, form.order_text(finding, task), shortcuts.current_actor(request))
            messages.success(request, f"已下发 {order.number}，有关单位会收到通知。")
            return redirect(order)
    context = {"campaign": campaign, "form": form, "groups": unit_groups(form, "assists"), "origin": finding or task}
    return render(request, "creation/supervision/order_new.html", context, status=422 if form.errors else 200)


def _origin(request: HttpRequest, campaign: Campaign) -> tuple[Finding | None, Task | None]:
    """Return the finding or the task that the address names and that the person may see."""
    user, asked = shortcuts.current_user(request), request.GET
    finding, task = (shortcuts.key_of(asked.get(name)) for name in ("finding", "task"))
    if finding:
        return Finding.objects.visible_to(user).filter(campaign=campaign, pk=finding).first(), None
    if task:
        return None, Task.objects.visible_to(user).for_table().filter(campaign=campaign, pk=task).first()
    return None, None


def _initial(request: HttpRequest, origin: Origin) -> dict[str, Any]:
    """Return what the order begins with: from its origin, or as the address proposes (``title``, ``lead``)."""
    if isinstance(origin, Finding):
        owing = origin.rectifications.active().exclude(status=TaskStatus.APPROVED).order_by("unit__order", "unit")
        lead, *assists = owing.values_list("unit", flat=True) or [""]
        return {"title": origin.title, "text": origin.demand or origin.text, "lead": lead, "assists": assists}
    if isinstance(origin, Task):
        return {"title": origin.title[:100], "lead": origin.unit_id, "text": origin.requirement}
    return {"title": request.GET.get("title", "")[:100], "lead": request.GET.get("lead", "")}


@require_GET
def order(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    return _page(request, _order_or_404(request, campaign_id, pk))


def _page(request: HttpRequest, found: SupervisionOrder, given: Any = None, status: int = 200) -> HttpResponse:
    user, today = shortcuts.current_user(request), timezone.localdate()
    rows: Any = Task.objects.visible_or_dropped(user).filter(action=found.action)
    tasks = (
        rows.for_table()
        .with_light(today, shortcuts.last_yellow_day(request, today))
        .annotate(reply=orders.last_reply())
    )
    missed = Q(status__in=UNANSWERED, due_on__lt=F("dropped_on"))  # stays, although it is not asked for any more
    is_changeable = not found.closed_on and found.campaign.is_open
    may_close = is_changeable and access.may(user, Permission.ORDER_ISSUE, found)
    units = list(found.action.units.order_by("order", "pk"))
    context = {
        "campaign": found.campaign,
        "order": found,
        "days": found.days_open(today),
        "table": OrderReplyTable(
            tasks.filter(Q(dropped_on=None) | missed).order_by("-period", "-role", "unit__order"),
            today=today,
            exclude=() if found.is_repeated else ("period",),
        ),
        "units": units,
        "assists": [unit for unit in units if unit.pk != found.lead_id],
        "close_form": given or (CloseOrderForm(order=found) if may_close else None),
        "may_edit": may_close,
        "changes": list(found.changes.select_related("changed_by").order_by("-changed_at", "-pk")),
        "may_make_paper": access.may(user, Permission.PAPER_MAKE, found),
        "paper_due": found.action.due_on or tasks.active().order_by("-due_on").values_list("due_on", flat=True).first(),
    }
    return render(request, "creation/supervision/order.html", context, status=status)


@require_http_methods(["GET", "POST"])
def order_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _order_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.ORDER_ISSUE, found)
    units = units_of(request, found.campaign) | found.action.units.all()
    form = OrderEditForm(request.POST or None, units=units.distinct(), order=found)
    if request.method == "POST" and form.is_valid():
        try:
            with form_refusals(form):
                order_changes.edit_order(found, form.said, shortcuts.current_actor(request), form.cleaned_data["seen"])
                messages.success(request, "已保存，有关单位会收到通知。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "督办单没有保存", order_changes.as_text(form.said))
    context = {"campaign": found.campaign, "form": form, "groups": unit_groups(form, "assists"), "order": found}
    return render(request, "creation/supervision/order_edit.html", context, status=422 if form.errors else 200)


@require_POST
def order_close(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = _order_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.ORDER_ISSUE, found)
    form = CloseOrderForm(request.POST, order=found)
    if form.is_valid():
        try:
            with form_refusals(form):
                said, actor = form.cleaned_data, shortcuts.current_actor(request)
                ended = orders.close_order(found, said["note"], actor, said["seen"])
                messages.success(request, f"{found.number}已办结，不再要求的答复 {ended} 份。")
                return redirect(found)
        except Stale as stale:
            return conflict(request, stale, "督办单没有办结", form.cleaned_data["note"])
    return _page(request, found, form, status=422)
