"""Adding a measure to a checkpoint of the campaign."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from creation.campaigns import measure_settings
from creation.campaigns.forms.measures import MeasureForm
from creation.web import shortcuts
from creation.web.refusals import form_refusals
from creation.web.shortcuts import managed_campaign_or_404


@require_http_methods(["GET", "POST"])
def measure_new(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    form = MeasureForm(request.POST or None, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            checkpoint, actor = form.cleaned_data["checkpoint"], shortcuts.current_actor(request)
            made = measure_settings.add_measure(campaign, checkpoint, form.new_measure, actor)
            messages.success(request, f"已增加测量项“{made}”，承担 {made.indicator.code} 的单位在任务页填报。")
            return redirect("measures", campaign.pk)
    context = {"campaign": campaign, "form": form}
    return render(request, "creation/campaigns/setup/measure_new.html", context, status=422 if form.errors else 200)
