"""Opening the vote, a member's ballot, closing the vote."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.commendation import voting
from creation.commendation.facts import facts_by_unit
from creation.commendation.forms.nominations import BallotForm
from creation.commendation.views.commendations import commendation_or_404
from creation.models import Commendation, CommendationStage, CommitteeSeat, Consultation
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import form_refusals, message_refusals


@require_POST
def vote_open(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = commendation_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    with message_refusals(request):
        voting.open_vote(found, shortcuts.current_actor(request))
        messages.success(request, "已开始表决，委员会马上收到通知。")
    return redirect(found)


@require_POST
def vote_close(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found = commendation_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    with message_refusals(request):
        voting.close_vote(found, shortcuts.current_actor(request))
        messages.success(request, "表决已结束，下面是结果。")
    return redirect(found)


@require_http_methods(["GET", "POST"])
def ballot(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The ballot of a member, with facts and opinions beside each nomination; 404 for who has no seat."""
    found, user = commendation_or_404(request, campaign_id, pk), shortcuts.current_user(request)
    access.require(user, Permission.COMMENDATION_VOTE, found)
    seat = voting.seat_of(found, user.pk)
    if seat is None:
        raise Http404
    seat.commendation = found
    form = BallotForm(request.POST if request.method == "POST" else None, nominations=voting.ballot_of(seat))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            voting.vote(seat, form.choices, shortcuts.current_actor(request))
            messages.success(request, "已投票。结果在表决结束后公布。")
            return redirect(found)
    context = _context(found, seat, form)
    return render(request, "creation/commendation/ballot.html", context, status=422 if form.errors else 200)


def _context(found: Commendation, seat: CommitteeSeat, form: BallotForm) -> dict[str, Any]:
    facts = facts_by_unit(found.campaign, {row.unit_id for row in form.nominations}, timezone.localdate())
    opinions: dict[int, list[Consultation]] = {}
    for asked in Consultation.objects.filter(nomination__in=[row.pk for row in form.nominations]):
        opinions.setdefault(asked.nomination_id, []).append(asked)
    return {
        "campaign": found.campaign,
        "commendation": found,
        "seat": seat,
        "form": form,
        "rows": [(row, field, facts[row.unit_id], opinions.get(row.pk, [])) for row, field in form.rows],
        "recused": voting.recused_from(seat),
        "is_open": found.stage == CommendationStage.VOTING and found.campaign.is_open and seat.voted_at is None,
    }
