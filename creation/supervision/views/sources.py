"""The list of sources of findings: renamed, ordered, stopped and taken into use again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation.models import Campaign, FindingSource
from creation.rules.policy import Permission
from creation.supervision import sources
from creation.supervision.forms.sources import NewSourceForm, SourceForm
from creation.web import shortcuts
from creation.web.refusals import form_refusals, message_refusals


@require_http_methods(["GET", "POST"])
def finding_sources(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the list; a POST saves the lines that differ."""
    campaign = _campaign(request, campaign_id)
    if request.method == "GET":
        return _page(request, campaign)
    forms = [SourceForm(request.POST, source=each) for each in _sources(campaign) if f"s{each.pk}-name" in request.POST]
    valid = [form.is_valid() for form in forms]  # each, so that each shows its errors
    if not all(valid):
        return _page(request, campaign, lines=forms, status=422)
    with message_refusals(request):
        changes = [form.change for form in forms]
        count = sources.change_sources(campaign.district, changes, shortcuts.current_actor(request))
        messages.success(request, f"已保存，改动 {count} 个来源。" if count else "没有改动。")
    return redirect("finding_sources", campaign_id)


@require_POST
def finding_source_add(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign, form = _campaign(request, campaign_id), NewSourceForm(request.POST)
    if form.is_valid():
        with form_refusals(form):
            made = sources.add_source(campaign.district, form.cleaned_data["name"], shortcuts.current_actor(request))
            messages.success(request, f"“{made}”在用，登记问题时可以选。")
            return redirect("finding_sources", campaign_id)
    return _page(request, campaign, added=form, status=422)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    return shortcuts.campaign_or_404(request, campaign_id, Permission.FINDING_RECORD)


def _sources(campaign: Campaign) -> list[FindingSource]:
    return list(FindingSource.objects.filter(district=campaign.district_id).with_use())


def _page(
    request: HttpRequest,
    campaign: Campaign,
    lines: list[SourceForm] | None = None,
    added: NewSourceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = lines if lines is not None else [SourceForm(source=each) for each in _sources(campaign)]
    context = {"campaign": campaign, "lines": lines, "added": added or NewSourceForm()}
    return render(request, "creation/supervision/sources.html", context, status=status)
