"""公示, objections, and the decision, or the end without one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from creation import access
from creation.commendation import publication, voting
from creation.commendation.forms.commendations import (
    CommendationDecisionForm,
    EndForm,
    HandlingForm,
    NomineeObjectionForm,
    PublishForm,
)
from creation.commendation.views.commendations import commendation_or_404
from creation.commendation.views.nominations import nomination_or_404
from creation.models import CommendationStage, Nomination, Objection
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import form_refusals


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Choose among those who passed the vote, and begin the public notice."""
    found, actor = commendation_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    results = voting.results_of(found)
    passed = found.nominations.filter(pk__in=[key for key, each in results.items() if each.passed]).for_table()
    earliest = publication.earliest_end(actor.today, shortcuts.workdays(request))
    form = PublishForm(request.POST or None, nominations=passed, earliest=earliest)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            data = form.cleaned_data
            publication.publish(found, list(data["nominations"].select_related("unit")), data["until"], actor)
            messages.success(request, f"已公示到 {data['until']:%Y-%m-%d}，各单位会收到通知。")
            return redirect(found)
    chosen = set(shortcuts.keys_of(request, "nominations"))
    context = {"campaign": found.campaign, "commendation": found, "form": form}
    context["rows"] = [(row, results[row.pk], row.pk in chosen) for row in passed.prefetch_related("consultations")]
    context["is_ready"] = found.stage == CommendationStage.VOTED
    return render(request, "creation/commendation/publish.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def objection_new(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = nomination_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found.commendation)
    form = NomineeObjectionForm(request.POST or None, today=actor.today)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            publication.record_objection(found, actor=actor, **form.cleaned_data)
            messages.success(request, "异议已登记，请核查后登记处理情况。")
            return redirect(found)
    context: dict[str, Any] = {"campaign": found.commendation.campaign, "commendation": found.commendation}
    context |= {"nomination": found}
    context |= {"form": form, "title": "登记异议", "button": "登记"}
    return render(request, "creation/commendation/objection.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """An objection and how it was handled."""
    user = shortcuts.current_user(request)
    seen = Objection.objects.filter(
        nomination__in=Nomination.objects.visible_to(user), nomination__commendation__campaign=campaign_id
    )
    found = get_object_or_404(seen.select_related("nomination__unit", "nomination__commendation__campaign"), pk=pk)
    of = found.nomination.commendation
    access.require(user, Permission.COMMENDATION_MANAGE, of)
    form = HandlingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            publication.handle_objection(found, actor=shortcuts.current_actor(request), **form.cleaned_data)
            messages.success(request, "处理情况已登记。")
            return redirect(found.nomination)
    context: dict[str, Any] = {"campaign": of.campaign, "commendation": of, "nomination": found.nomination}
    context |= {"objection": found}
    context |= {"form": form if found.handled_at is None else None, "title": "处理异议", "button": "登记处理情况"}
    return render(request, "creation/commendation/objection.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    found, actor = commendation_or_404(request, campaign_id, pk), shortcuts.current_actor(request)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    form = CommendationDecisionForm(request.POST or None, today=actor.today)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            publication.decide(found, actor=actor, **form.cleaned_data)
            messages.success(request, "决定已登记，各单位会收到通知。现在可以生成表彰决定和名册。")
            return redirect(found)
    context = {"campaign": found.campaign, "commendation": found, "form": form}
    context["rows"] = found.nominations.commended().for_table()
    return render(request, "creation/commendation/decide.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """End a commendation without a decision."""
    found = commendation_or_404(request, campaign_id, pk)
    access.require(shortcuts.current_user(request), Permission.COMMENDATION_MANAGE, found)
    if request.method == "GET" and (sentence := publication.why_not_ended(found)):
        messages.error(request, sentence)
        return redirect(found)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            publication.end(found, form.cleaned_data["reason"], shortcuts.current_actor(request))
            messages.success(request, "已终止，各单位会收到通知。提名和表决的结果仍可查看。")
            return redirect(found)
    context = {"campaign": found.campaign, "commendation": found, "form": form}
    return render(request, "creation/commendation/end.html", context, status=422 if form.errors else 200)
