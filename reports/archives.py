"""归档包: start the job that makes it. Its result is shown and downloaded like a package of one volume (``packages``)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from creation.background.views import jobs
from creation.campaigns import closing
from creation.models import Campaign, Job
from creation.web.refusals import message_refusals
from creation.web.shortcuts import managed_campaign_or_404
from reports.archive.items import restricted_pieces


def has_stopped_piece(job: Job) -> bool:
    """Return whether a piece in the package was hidden or blocked since it was made."""
    campaign = Campaign.objects.get(pk=job.params["campaign"])
    return not restricted_pieces(campaign).isdisjoint(job.evidence)


@require_POST
def archive(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = managed_campaign_or_404(request, campaign_id)
    with message_refusals(request):
        closing.require_closed(campaign)
        return jobs.start_job(request, "archive", {"campaign": campaign.pk})
    return redirect("campaign_closing", campaign_id)
