"""征求意见: asking an organ about all nominees, and recording what it answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.commendation import consultations as verbs
from creation.commendation.forms.commendations import ClearForm, ConsultedOpinionForm, ConsultForm
from creation.commendation.views.commendations import commendation_or_404
from creation.models import Commendation, Consultation, Nomination
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import form_refusals

ANSWER_WORKDAYS = 5  # proposed for an answer


def _managed(request: HttpRequest, campaign_id: int, pk: int) -> Commendation:
    found = commendation_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    return found


def _page(
    request: HttpRequest, found: Commendation, ask: ConsultForm | None = None, clear: ClearForm | None = None
) -> HttpResponse:
    today = shortcuts.current_actor(request).today
    rows = Consultation.objects.filter(nomination__commendation=found, nomination__withdrawn_at=None)
    rows = rows.select_related("nomination__unit").order_by("organ", "nomination__serial")
    listed = list(rows)
    waiting = sorted({row.organ for row in listed if row.answered_on is None})
    context = {
        "campaign": found.campaign,
        "commendation": found,
        "rows": listed,
        "today": today,
        "usual": verbs.USUAL_ORGANS,
        "ask": ask or _ask_form(request),
        "clear": clear or (ClearForm(organs=waiting, today=today) if waiting else None),
        "acts": found.campaign.is_open and found.decided_on is None and found.ended_on is None,
    }
    failed = bool(ask and ask.errors) or bool(clear and clear.errors)
    return render(request, "creation/commendation/consult.html", context, status=422 if failed else 200)


def _ask_form(request: HttpRequest) -> ConsultForm:
    today = shortcuts.current_actor(request).today
    answer_by = shortcuts.workdays(request).shift(today, ANSWER_WORKDAYS)
    return ConsultForm(request.POST or None, today=today, answer_by=answer_by)


@require_http_methods(["GET", "POST"])
def consultations(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The opinions that were asked for, by organ. POST asks one about all nominees."""
    found = _managed(request, campaign_id, pk)
    if request.method == "GET":
        return _page(request, found)
    form = _ask_form(request)
    if form.is_valid():
        with form_refusals(form):
            count = verbs.ask(found, actor=shortcuts.current_actor(request), **form.cleaned_data)
            messages.success(request, f"已登记：就 {count} 份提名向{form.cleaned_data['organ']}征求意见。")
            return redirect("consultations", campaign_id, pk)
    return _page(request, found, ask=form)


@require_POST
def consultations_clear(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = _managed(request, campaign_id, pk), shortcuts.current_actor(request)
    organs = Consultation.objects.filter(nomination__commendation=found).values_list("organ", flat=True).distinct()
    form = ClearForm(request.POST, organs=list(organs.order_by("organ")), today=actor.today)
    if form.is_valid():
        with form_refusals(form):
            count = verbs.record_clear(found, form.cleaned_data["organ"], form.cleaned_data["answered_on"], actor)
            messages.success(request, f"已登记：{form.cleaned_data['organ']}对 {count} 份提名无不同意见。")
            return redirect("consultations", campaign_id, pk)
    return _page(request, found, clear=form)


@require_http_methods(["GET", "POST"])
def consultation(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """One organ's answer about one nominee."""
    user, actor = shortcuts.current_user(request), shortcuts.current_actor(request)
    seen = Consultation.objects.filter(
        nomination__in=Nomination.objects.visible_to(user), nomination__commendation__campaign=campaign_id
    )
    asked = get_object_or_404(seen.select_related("nomination__unit", "nomination__commendation__campaign"), pk=pk)
    of = asked.nomination.commendation
    access.require(user, Permission.COMMENDATION_MANAGE, of)
    initial = {"opinion": asked.opinion, "answered_on": asked.answered_on or actor.today, "answer": asked.answer}
    form = ConsultedOpinionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            verbs.record_opinion(asked, actor=actor, **form.cleaned_data)
            messages.success(request, f"已登记{asked.organ}的答复。")
            return redirect("consultations", campaign_id, of.pk)
    context = {"campaign": of.campaign, "commendation": of, "asked": asked, "form": form}
    return render(request, "creation/commendation/opinion.html", context, status=422 if form.errors else 200)
