"""申报登记: everything for the national site on one page, to be copied field by field and marked as entered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from creation import access
from creation.evidence.views import file_responses
from creation.evidence.views.file_responses import ServedFile
from creation.models import ApplicationReceipt, Campaign, FinalAssessment, Indicator
from creation.papers import application_entries, final_assessment, self_assessment
from creation.rules.policy import Permission
from creation.web import request_sizes, shortcuts
from creation.web.fragments import wants_fragment
from creation.web.refusals import message_refusals

NOTE = 100  # characters


@require_GET
def application(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = _campaign(request, campaign_id)
    every = application_entries.application_items(campaign, shortcuts.current_user(request))
    context = {
        "campaign": campaign,
        "items": application_entries.narrowed(every, request.GET.dict()),
        "progress": application_entries.application_progress(campaign),
        "shown": request.GET.get("show", ""),
        "words": request.GET.get("q", ""),
        "choices": {key: label for key, (label, _) in application_entries.SHOWN.items()},
        "final": final_assessment.latest_final(campaign),
    }
    return render(request, "creation/papers/application/page.html", context)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    return shortcuts.campaign_or_404(request, campaign_id, Permission.APPLICATION_ENTER)


@require_POST
def application_tick(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """``entered`` is 1 to mark, 0 to unmark. Return the item for htmx, else redirect to the page."""
    campaign = _campaign(request, campaign_id)
    indicator = get_object_or_404(campaign.system.indicators.checkpoints(), pk=pk)
    with message_refusals(request):
        _set(request, campaign, indicator)
        if wants_fragment(request):
            return _anew(request, campaign, indicator)
    return _back(request, campaign, indicator)


@request_sizes.accepts_files(request_sizes.largest_document)
@require_POST
def application_receipt(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    campaign = _campaign(request, campaign_id)
    indicator = get_object_or_404(campaign.system.indicators.checkpoints(), pk=pk)
    file = request.FILES.get("receipt")
    if file is None:
        messages.error(request, "请先选择平台回执的截图。")
        return _back(request, campaign, indicator)
    with message_refusals(request):
        application_entries.add_receipt(campaign, indicator, file, shortcuts.current_actor(request))
        messages.success(request, f"{indicator.code} 的平台回执已保存。")
    return _back(request, campaign, indicator)


@require_safe
def application_receipt_file(request: HttpRequest, campaign_id: int, pk: int, receipt_id: int) -> HttpResponseBase:
    campaign = _campaign(request, campaign_id)
    receipts = ApplicationReceipt.objects.filter(entry__campaign=campaign, entry__indicator=pk)
    row = get_object_or_404(receipts, pk=receipt_id)
    return file_responses.file_response(request, ServedFile(row.blob, row.name, row.media_type, row.size, row.sha256))


@require_GET
def final_report(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the final self-assessment report, and what has changed since."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ASSESSMENT_READ)
    user = shortcuts.current_user(request)
    final = final_assessment.latest_final(campaign)
    earlier = FinalAssessment.objects.filter(campaign=campaign).select_related("paper__campaign", "created_by")[1:20]
    context = {
        "campaign": campaign,
        "final": final,
        "earlier": earlier,
        "changes": final_assessment.differences(final) if final else None,
        "may_make": access.may(user, Permission.ASSESSMENT_WRITE, campaign) and not campaign.closed_message,
        "missing": self_assessment.load_assessment(campaign).missing if not campaign.closed_message else [],
    }
    return render(request, "creation/papers/application/final.html", context)


def _anew(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> HttpResponse:
    item = application_entries.application_item(campaign, indicator, shortcuts.current_user(request))
    context = {
        "campaign": campaign,
        "item": item,
        "progress": application_entries.application_progress(campaign),
        "again": True,
    }
    return render(request, "creation/papers/application/_answer.html", context)


def _back(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> HttpResponse:
    address = f"{reverse('application', args=[campaign.pk])}#item-{indicator.pk}"
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _set(request: HttpRequest, campaign: Campaign, indicator: Indicator) -> None:
    if request.POST.get("entered") == "1":
        note = " ".join(request.POST.get("note", "").split())[:NOTE]
        application_entries.mark_entered(campaign, indicator, note, shortcuts.current_actor(request))
    else:
        application_entries.unmark_entered(campaign, indicator, shortcuts.current_actor(request))
