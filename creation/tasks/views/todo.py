"""待办: the first page of everybody, over all open campaigns."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.models import Announcement, Campaign, Phase, Task, User
from creation.tasks import agenda, progress
from creation.tasks.agenda import CampaignCount
from creation.tasks.progress import Cell, Figures
from creation.web import doors


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign stands, for who reads and does not review: the figures of its phases and sections."""

    phases: list[tuple[Phase, Figures]]
    sections: list[tuple[str, str, Cell]]


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    """Every part shows itself where the person holds the role it is for; one person may hold several."""
    user, today = doors.person(request), timezone.localdate()
    soon, show = doors.soon(today), request.GET.get("show", "")
    campaigns = agenda.campaign_counts(user, today, soon)
    context = {
        "today": today,
        "show": show if show in agenda.SHOWN else "",
        "desk": agenda.unit_desk(user, today, soon, show) if agenda.holds_unit_role(user) else None,
        "campaigns": [(each, _standing(user, each, today)) for each in campaigns],
        "drafts": agenda.drafts(user),
        "lacks_coordinator": agenda.lacks_coordinator(user, today),
        "asked_again": agenda.ASKED_AGAIN,
        "requests": agenda.open_requests(user),
        "announcements": list(Announcement.objects.all().awaiting(user)),
    }
    return render(request, "creation/tasks/todo/page.html", context)


def _standing(user: User, count: CampaignCount, today: date) -> Standing | None:
    campaign: Campaign = count.campaign
    if not count.total or access.may(user, "review.queue", campaign):
        return None
    tasks = Task.objects.visible_to(user).filter(campaign=campaign)
    found = progress.matrix(tasks, today)
    return Standing(progress.by_phase(tasks, campaign, today), progress.by_section(found, campaign))
