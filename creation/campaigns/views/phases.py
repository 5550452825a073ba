"""阶段时间: dates of the seven phases. The effect on due days is shown before the dates are saved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from creation.campaigns import phase_dates
from creation.campaigns.forms.setup import PhaseDatesForm
from creation.lib.refusals import Stale
from creation.models import Phase
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals
from creation.web.shortcuts import managed_campaign_or_404


@require_GET
def phase_list(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    today = shortcuts.current_actor(request).today
    phases = [(phase, phase.state(today)) for phase in campaign.phases.order_by("order")]
    return render(request, "creation/campaigns/setup/phases.html", {"campaign": campaign, "phases": phases})


@require_http_methods(["GET", "POST"])
def phase_edit(request: HttpRequest, campaign_id: int, pk: int) -> HttpResponse:
    """Show the effect on the first POST; save on the second."""
    campaign = managed_campaign_or_404(request, campaign_id)
    phase = get_object_or_404(Phase.objects.select_related("campaign"), pk=pk, campaign=campaign)
    form = PhaseDatesForm(request.POST or None, phase=phase)
    context = {"campaign": campaign, "phase": phase, "form": form}
    if request.method == "POST" and form.is_valid():
        starts, ends, seen = form.cleaned_data["starts"], form.cleaned_data["ends"], form.cleaned_data["seen"]
        try:
            with form_refusals(form):
                if request.POST.get("confirmed"):
                    changes = phase_dates.set_dates(phase, starts, ends, seen, shortcuts.current_actor(request))
                    moved = len(changes.moved)
                    messages.success(request, f"“{phase.name}”的时间已保存，{moved} 项任务的时限随之调整。")
                    return redirect("phases", campaign.pk)
                context["changes"] = phase_dates.preview_dates(phase, starts, ends)
        except Stale as stale:
            fresh = Phase.objects.get(pk=pk)
            mine, theirs = phase_dates.dates_text(starts, ends), phase_dates.dates_text(fresh.starts, fresh.ends)
            return conflict(request, stale, "阶段时间已被他人修改", mine, theirs)
    return render(request, "creation/campaigns/setup/phase.html", context, status=422 if form.errors else 200)
