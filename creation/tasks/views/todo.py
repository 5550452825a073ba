"""待办: everybody's first page, over all open campaigns."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.models import Announcement, Phase, Task
from creation.rules.policy import Permission
from creation.tasks import dashboard, progress
from creation.tasks.dashboard import CampaignCounts
from creation.tasks.figures import TaskFigures
from creation.tasks.progress import ProgressCell
from creation.web import first_page, shortcuts


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """Figures of a campaign's phases and sections, for those who read and do not review."""

    phases: list[tuple[Phase, TaskFigures]]
    sections: list[tuple[str, str, ProgressCell]]


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    """Show one part for each role the person has; one person may have several roles."""
    user, today = shortcuts.current_user(request), timezone.localdate()
    soon, show = shortcuts.last_yellow_day(request, today), request.GET.get("show", "")
    campaigns = dashboard.campaign_counts(user, today, soon)
    context = {
        "today": today,
        "show": show if show in dashboard.TILE_FILTERS else "",
        "dashboard": dashboard.unit_dashboard(user, today, soon, show) if dashboard.holds_unit_role(user) else None,
        "campaigns": [(each, _summary(request, each, today)) for each in campaigns],
        "missing_signers": dashboard.missing_signers(user, today),
        "drafts": dashboard.draft_campaigns(user),
        "lacks_coordinator": dashboard.lacks_coordinator(user, today),
        "returning_moves": dashboard.RETURNING_MOVES,
        "requests": dashboard.open_requests(user),
        "parts": first_page.parts_for(request),
        "announcements": list(Announcement.objects.all().awaiting(user)),
    }
    return render(request, "creation/tasks/todo/page.html", context)


def _summary(request: HttpRequest, count: CampaignCounts, today: date) -> CampaignSummary | None:
    user, campaign = shortcuts.current_user(request), count.campaign
    if not count.total or access.may(user, Permission.REVIEW_QUEUE, campaign):
        return None
    tasks = Task.objects.visible_to(user).filter(campaign=campaign)
    found = progress.matrix(tasks, today, shortcuts.workdays(request))
    return CampaignSummary(progress.figures_by_phase(found, campaign), progress.figures_by_section(found, campaign))
