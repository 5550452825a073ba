"""The page of 两清单一台账: the part that a list shows, of which day, compared with which; and its download."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creation import access
from creation.background.views import jobs
from creation.papers import stamped_papers as papers
from creation.rules.policy import Permission
from creation.web import shortcuts
from reports.rectifications import scope
from reports.report_days import DAYS

AT_ONCE = 500  # rectifications that take less than a second


@require_GET
def rectification_book(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign, user = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_user(request)
    access.require(user, Permission.FINDING_READ, campaign)
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
    campaign, user = shortcuts.campaign_or_404(request, campaign_id), shortcuts.current_user(request)
    access.require(user, Permission.FINDING_READ, campaign)
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
