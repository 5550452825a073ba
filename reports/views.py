"""Pages of the ledger: choose a part, see what it contains, download it; and the plan's annexes."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.background import JOB_KINDS
from creation.background.views import jobs
from creation.models import Appraisal, Campaign, Commendation, Survey, Unit, User
from creation.papers import stamped_papers as papers
from creation.rules.policy import Permission
from creation.web import shortcuts
from reports import scopes
from reports.handlers.figures import SURVEY_FORMS
from reports.lists import LISTS
from reports.report_days import DAYS

AT_ONCE = 1000  # rows that take about a second
ANNEXES = {"annex1": Permission.PROGRESS_READ, "annex3": Permission.LIAISONS_READ}


@require_GET
def ledger(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.LEDGER_EXPORT)
    user = shortcuts.current_user(request)
    part = scopes.scope_of(campaign, user, request.GET, timezone.now())
    annexes = [
        (kind, JOB_KINDS[kind].title) for kind, permission in ANNEXES.items() if access.may(user, permission, campaign)
    ]
    context = {"campaign": campaign, "part": part, "count": part.tasks.count(), "annexes": annexes}
    context |= {"may_stamp": _may_stamp(user, campaign, part.unit), "may_stamp_annex": _may_stamp(user, campaign, None)}
    context |= {name: request.GET.get(name, "") for name in DAYS}
    return render(request, "reports/ledger.html", context | {"today": timezone.localdate()})


def _may_stamp(user: User, campaign: Campaign, unit: Unit | None) -> bool:
    return access.may(user, Permission.PAPER_SCAN, papers.permission_target(campaign, unit or papers.host_of(campaign)))


@require_POST
def ledger_export(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Export the ledger: a unit's within the request, a district's by a background job."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.LEDGER_EXPORT)
    user = shortcuts.current_user(request)
    chosen = {name: request.POST[name] for name in (*scopes.WORDS, *DAYS) if request.POST.get(name)}
    part = scopes.scope_of(campaign, user, chosen, timezone.now())
    if part.days.error:
        messages.error(request, part.days.error)
        return redirect("ledger", campaign_id)
    params = {"campaign": campaign.pk, "filter": chosen, **_for_stamp(request, campaign, part.unit)}
    return jobs.start_job(request, "ledger", params, immediate=part.tasks.count() <= AT_ONCE)


@require_POST
def annex_export(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    if kind not in ANNEXES:
        raise Http404
    access.require(shortcuts.current_user(request), ANNEXES[kind], campaign)
    params = {"campaign": campaign.pk, **_for_stamp(request, campaign, None)}
    return jobs.start_job(request, kind, params, immediate=True)


@require_POST
def commendees_export(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Export the list of those in the public notice, or after the decision of those commended."""
    user = shortcuts.current_user(request)
    found = get_object_or_404(Commendation.objects.visible_to(user).filter(campaign=campaign_id), pk=pk)
    access.require(user, Permission.COMMENDATION_MANAGE, found)
    if found.public_from is None:
        messages.error(request, "公示以后才有名册。")
        return redirect(found)
    return jobs.start_job(request, "commendees", {"campaign": campaign_id, "commendation": pk}, immediate=True)


@require_POST
def nominees_export(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Export all nominations with the facts beside them."""
    user = shortcuts.current_user(request)
    found = get_object_or_404(Commendation.objects.visible_to(user).filter(campaign=campaign_id), pk=pk)
    access.require(user, Permission.COMMENDATION_MANAGE, found)
    return jobs.start_job(request, "nominees", {"campaign": campaign_id, "commendation": pk}, immediate=True)


def _for_stamp(request: HttpRequest, campaign: Campaign, unit: Unit | None) -> dict[str, bool]:
    if "stamp" not in request.POST:
        return {}
    target = papers.permission_target(campaign, unit or papers.host_of(campaign))
    access.require(shortcuts.current_user(request), Permission.PAPER_SCAN, campaign, at=target)
    return {"stamp": True}


@require_POST
def appraisal_export(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """The score sheet of a closed mock assessment."""
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    closed = Appraisal.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign)
    found = get_object_or_404(closed.exclude(closed_at=None), pk=pk)
    return jobs.start_job(request, "appraisal", {"campaign": campaign.pk, "appraisal": found.pk}, immediate=True)


@require_POST
def list_export(request: HttpRequest, campaign_id: int, kind: str) -> HttpResponse:
    """Export the list of ``LISTS`` as the address narrows it."""
    campaign = shortcuts.campaign_or_404(request, campaign_id)
    if kind not in LISTS:
        raise Http404
    access.require(shortcuts.current_user(request), LISTS[kind].permission, campaign)
    given = {name: value for name, value in request.GET.items() if value and name not in ("page", "sort")}
    return jobs.start_job(request, kind, {"campaign": campaign.pk, "filter": given}, immediate=True)


@require_POST
def case_booklet(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Collect the selected typical cases into one Word document."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.CASE_JUDGE)
    return jobs.start_job(request, "case_booklet", {"campaign": campaign.pk}, immediate=True)


@require_POST
def survey_export(request: HttpRequest, campaign_id: int, pk: int, form: str) -> HttpResponse:
    """The report of a survey: Word, whose charts are drawn by the worker, or Excel, within the request."""
    found = get_object_or_404(
        Survey.objects.visible_to(shortcuts.current_user(request)).filter(campaign=campaign_id), pk=pk
    )
    if form not in SURVEY_FORMS:
        raise Http404
    params = {"campaign": campaign_id, "survey": found.pk, "form": form}
    return jobs.start_job(request, "survey", params, immediate=form == "xlsx")


@require_POST
def board_picture(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The leaders' board as a picture for a slide."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PROGRESS_READ)
    return jobs.start_job(request, "board", {"campaign": campaign.pk})
