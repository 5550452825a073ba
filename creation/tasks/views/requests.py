"""Requests of units (延期申请, 分工异议), listed for the office, which answers each with one click and several at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation.audit.actor import Actor
from creation.models import Campaign, RequestKind, TaskRequest, Unit
from creation.rules.policy import Permission
from creation.tasks import pending_reviews, unit_requests
from creation.tasks.forms.task_entries import DECISION_FORMS
from creation.tasks.tables.requests import RequestTable
from creation.web import shortcuts
from creation.web.pagination import PAGE_SIZE, paginate_table
from creation.web.refusals import form_refusals


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A waiting request with what was typed about it and why that was refused; both are empty before."""

    request: TaskRequest
    can_reassign: bool
    typed: QueryDict | dict[str, str]
    errors: list[str]

    @property
    def day(self) -> str:
        asked_for = self.request.wanted_on.isoformat() if self.request.wanted_on else ""
        return self.typed.get("new_due_on") or asked_for

    @property
    def answer(self) -> str:
        return self.typed.get("answer") or ""

    @property
    def unit(self) -> str:
        return self.typed.get("unit") or ""


@dataclass(frozen=True, slots=True)
class RefusedDecision:
    request: TaskRequest
    errors: list[str]


@require_GET
def request_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``?answered=1`` shows the decided requests, latest first."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_DECIDE)
    if "answered" not in request.GET:
        return _waiting_page(request, campaign)
    every = pending_reviews.requests(shortcuts.current_user(request), campaign)
    table = RequestTable(every.exclude(granted=None).order_by("-decided_at", "-pk"))
    paginate_table(table, request)
    context = {"campaign": campaign, "table": table, "answered": True, "waiting": every.filter(granted=None).count()}
    return render(request, "creation/tasks/requests/answered.html", context)


@require_POST
def requests_decide(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Answer the requests named by ``pick``: one with its own form, or several with one answer for all of them.

    Each is decided by itself, so that one that cannot be does not hold up the others. Those that were refused are shown again, each with
    its reason and with what was typed, also if somebody else has decided them meanwhile.
    """
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.TASK_DECIDE)
    every = pending_reviews.requests(shortcuts.current_user(request), campaign)
    keys = shortcuts.keys_of(request, "pick")
    chosen = list(every.filter(pk__in=keys))
    if not chosen:
        messages.warning(request, "还没有选申请。请先勾选，再一并答复。")
        return redirect("requests", campaign.pk)
    following = _following(list(every.filter(granted=None).values_list("pk", flat=True)), keys)
    actor = shortcuts.current_actor(request)
    results = [(each, *_decide(each, request.POST, actor)) for each in chosen]
    done = [f"{each.task}：{sentence}" for each, sentence, _ in results if sentence]
    refused = [RefusedDecision(each, errors) for each, _, errors in results if errors]
    if refused:
        return _waiting_page(request, campaign, done, refused)
    messages.success(request, done[0] if len(done) == 1 else f"已答复 {len(done)} 份。" + " ".join(done))
    return redirect(reverse("requests", args=[campaign.pk]) + (f"#request-{following}" if following else ""))


def _decide(asked: TaskRequest, typed: QueryDict, actor: Actor) -> tuple[str, list[str]]:
    """Return what was done, or the sentences why nothing was. An extension without another day is granted until the day asked for."""
    data = typed.dict()
    if not data.get("new_due_on") and asked.wanted_on:
        data["new_due_on"] = asked.wanted_on.isoformat()
    form = DECISION_FORMS[asked.kind](data, request=asked, today=actor.today)
    if form.is_valid():
        with form_refusals(form):
            return form.apply_decision(actor), []
    return "", [str(sentence) for found in form.errors.values() for sentence in found]


def _following(waiting: list[int], decided: list[int]) -> int | None:
    """Return the first request after the decided ones that goes on waiting, so that the page opens there."""
    last = max((waiting.index(each) for each in decided if each in waiting), default=-1)
    return next((each for each in waiting[last + 1 :] if each not in decided), None)


def _waiting_page(
    request: HttpRequest,
    campaign: Campaign,
    done: list[str] | None = None,
    refused: list[RefusedDecision] | None = None,
) -> HttpResponse:
    refused = refused or []
    waiting = pending_reviews.requests(shortcuts.current_user(request), campaign).filter(granted=None)
    paginator = Paginator(waiting, PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    errors = {each.request.pk: each.errors for each in refused}
    several = len(request.POST.getlist("pick")) > 1
    rows = [_row(each, errors, request.POST if each.pk in errors and not several else {}) for each in page]
    context: dict[str, Any] = {
        "campaign": campaign,
        "answered": False,
        "waiting": paginator.count,
        "page": page,
        "rows": rows,
        "units": _takers(campaign, timezone.localdate()) if any(row.can_reassign for row in rows) else [],
        "done": done or [],
        "refused": refused,
        "bulk_answer": request.POST.get("answer", "") if several else "",
    }
    return render(request, "creation/tasks/requests/waiting.html", context, status=409 if refused else 200)


def _row(asked: Any, errors: dict[int, list[str]], typed: QueryDict | dict[str, str]) -> RequestRow:
    can_reassign = asked.kind == RequestKind.OBJECTION and not asked.answered and unit_requests.is_movable(asked.task)
    return RequestRow(asked, can_reassign, typed, errors.get(asked.pk, []))


def _takers(campaign: Campaign, today: date) -> list[Unit]:
    return list(Unit.objects.active(today).filter(district=campaign.district_id))
