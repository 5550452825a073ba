"""Papers of rectifications: 两清单一台账 of the part that a list shows, of any day; and a unit's report for the stamp."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creation import access
from creation.background.views import jobs
from creation.models import Campaign, PaperKind, Task, Unit, User
from creation.papers import stamped_papers as papers
from creation.rules.policy import Permission
from creation.web import shortcuts
from reports.forms import PaperForm
from reports.rectifications import scope
from reports.report_days import DAYS
from reports.word.kinds import KINDS

AT_ONCE = 500  # rectifications that take less than a second


@require_GET
def rectification_book(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_READ)
    user = shortcuts.current_user(request)
    part = scope.scope_of(campaign, user, request.GET, timezone.now())
    target = papers.permission_target(campaign, part.unit or papers.host_of(campaign))
    context = {
        "campaign": campaign,
        "part": part,
        "count": part.tasks.count(),
        "asked": {name: value for name, value in request.GET.items() if name not in DAYS},
        "as_of": request.GET.get("as_of", ""),
        "since": request.GET.get("since", ""),
        "may_stamp": access.may(user, Permission.PAPER_SCAN, target),
        "today": timezone.localdate(),
    }
    return render(request, "reports/rectification_book.html", context)


@require_POST
def rectification_book_export(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_READ)
    user = shortcuts.current_user(request)
    chosen = {name: request.POST[name] for name in (*scope.WORDS, *DAYS) if request.POST.get(name)}
    part = scope.scope_of(campaign, user, chosen, timezone.now())
    if part.days.error:
        messages.error(request, part.days.error)
        return redirect("rectification_book", campaign_id)
    params: dict[str, object] = {"campaign": campaign.pk, "filter": chosen}
    if "stamp" in request.POST:
        target = papers.permission_target(campaign, part.unit or papers.host_of(campaign))
        access.require(user, Permission.PAPER_SCAN, campaign, at=target)
        params["stamp"] = True
    return jobs.start_job(request, "rectifications", params, immediate=part.tasks.count() <= AT_ONCE)


@require_http_methods(["GET", "POST"])
def rectification_report(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Make 整改报告 of a unit for which the person may number papers."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.PAPER_SCAN)
    user = shortcuts.current_user(request)
    kind, today = KINDS[PaperKind.RECTIFIED], shortcuts.current_actor(request).today
    units = _units_with_report(user, campaign)
    form = PaperForm(request.POST or None, kind=kind, campaign=campaign, user=user, today=today)
    form.limit_units(units)
    if request.method == "POST" and form.is_valid():
        params = {"campaign": campaign.pk, "asked": form.as_params(), "stamp": form.cleaned_data["stamp"]}
        return jobs.start_job(request, "rectification_report", params, immediate=True)
    context = {"campaign": campaign, "kind": kind, "form": form, "has_units": bool(units)}
    return render(request, "reports/rectification_report.html", context, status=422 if form.errors else 200)


def _units_with_report(user: User, campaign: Campaign) -> list[Unit]:
    given = Task.objects.visible_to(user).rectifications().filter(campaign=campaign)
    units = Unit.objects.filter(pk__in=given.order_by().values("unit")).order_by("order", "pk")
    targets = ((unit, papers.permission_target(campaign, unit)) for unit in units)
    return [unit for unit, target in targets if access.may(user, Permission.PAPER_SCAN, target)]
