"""The list of commendations, a new one, the page of one with what is to be done next, and removing what is personal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.commendation import commendations, nominations, purging, voting
from creation.commendation.forms.commendations import CommendationForm, CommitteeForm
from creation.commendation.tables.commendations import CommendationFilter, CommendationTable
from creation.models import Commendation, CommendationStage, Nomination, Paper, User
from creation.models.commendation import KEEP_DAYS
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.pagination import filtered_list
from creation.web.refusals import form_refusals, message_refusals

SORTS = [("-nominate_until", "新的在前"), ("nominate_until", "早的在前")]


def commendation_or_404(request: HttpRequest, campaign_id: int, pk: int) -> Commendation:
    seen = Commendation.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id)
    return get_object_or_404(seen.select_related("campaign__district", "created_by"), pk=pk)


@require_GET
def commendation_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.COMMENDATION_READ)
    user = shortcuts.current_user(request)
    found = CommendationFilter(request.GET, Commendation.objects.visible_to(user).filter(campaign=campaign))
    context = {
        "campaign": campaign,
        "sorts": SORTS,
        "may_manage": campaign.is_open and access.may(user, Permission.COMMENDATION_MANAGE, campaign),
    }
    names = {"page": "creation/commendation/list.html", "results": "creation/commendation/_list.html"}
    return filtered_list(request, found, CommendationTable(found.qs.for_table()), context, **names)


@require_http_methods(["GET", "POST"])
def commendation_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.COMMENDATION_MANAGE)
    actor = shortcuts.current_actor(request)
    people = commendations.possible_members(campaign, actor.today)
    form = CommendationForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            made = commendations.open_commendation(campaign, form.call, actor)
            messages.success(request, f"已发起“{made}”，各单位会收到通知。")
            return redirect(made)
    context = {"campaign": campaign, "form": form, "back": None}
    return render(request, "creation/commendation/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def commendation_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = commendation_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    people = commendations.possible_members(found.campaign, actor.today)
    form = CommendationForm(request.POST or None, people=people, existing=found)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            commendations.change_commendation(found, form.call, actor)
            messages.success(request, "已保存。")
            return redirect(found)
    context = {"campaign": found.campaign, "form": form, "back": found}
    return render(request, "creation/commendation/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def commendation_committee(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Replace members while the vote runs."""
    found, actor = commendation_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    people = commendations.possible_members(found.campaign, actor.today)
    form = CommitteeForm(request.POST or None, people=people, existing=found)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            commendations.change_committee(found, list(form.cleaned_data["members"]), actor)
            messages.success(request, "已调整委员，新委员会收到通知。")
            return redirect(found)
    context = {"campaign": found.campaign, "commendation": found, "form": form}
    return render(request, "creation/commendation/committee.html", context, status=422 if form.errors else 200)


@require_GET
def commendation(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, user = commendation_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    today, seat = timezone.localdate(), voting.seat_of(found, user.pk)
    manages = access.may(user, Permission.COMMENDATION_MANAGE, found)
    votes = access.may(user, Permission.COMMENDATION_VOTE, found)
    context: dict[str, Any] = {
        "campaign": found.campaign,
        "commendation": found,
        "stage": found.stage,
        "stages": CommendationStage,
        "today": today,
        "rows": _rows(found, user, reads_all=manages or votes),
        "seat": seat,
        "consulted": manages or votes,
        "manages": manages,
        "acts": manages and found.campaign.is_open,
        "over": today > found.nominate_until,
        "own_units": _own_units(request, found),
        "keep_days": KEEP_DAYS,
        "may_purge": manages and purging.may_be_purged(found, today),
    }
    if manages:
        context["decisions"] = (
            Paper.objects.visible_to(user).active().filter(commendation=found).select_related("campaign")
        )
    if manages or votes:
        context["seats"] = list(found.seats.select_related("person__unit"))
    if manages and found.stage == CommendationStage.PUBLIC:
        context["open_objections"] = found.nominations.filter(
            objections__isnull=False, objections__handled_at=None
        ).count()
        context["has_left"] = found.nominations.commended().exists()
    return render(request, "creation/commendation/page.html", context)


def _rows(found: Commendation, user: User, reads_all: bool) -> list[tuple[Nomination, Any]]:
    """Return the nominations that this person may see, each with the result of the vote if it is closed and the person may read it."""
    results = voting.results_of(found) if reads_all else {}
    rows = found.nominations.visible_to(user).active().for_table()
    rows = rows.prefetch_related("consultations", "objections") if reads_all else rows
    return [(row, results.get(row.pk)) for row in rows]


def _own_units(request: HttpRequest, found: Commendation) -> list[Any]:
    actor = shortcuts.current_actor(request)
    if not found.campaign.is_open or not found.takes_nominations(actor.today):
        return []
    return nominations.own_units(found, actor)


@require_POST
def commendation_purge(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = commendation_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    with message_refusals(request):
        count = purging.purge(found, shortcuts.current_actor(request))
        messages.success(request, f"已清除 {count} 份提名的个人信息，只留表彰名单和票数。")
    return redirect(found)
