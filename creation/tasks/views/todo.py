"""待办: everybody's first page, over all open campaigns."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from creation import access
from creation.campaigns.forms.setup import unit_groups
from creation.communication.forms.instructions import InstructionAnswerForm, InstructionForm
from creation.communication.views.instructions import box_of
from creation.lib.prepared import prepared
from creation.models import Announcement, Campaign, Phase, Task
from creation.rules.policy import Permission
from creation.tasks import office_dashboard, progress, unit_dashboard
from creation.tasks.figures import TaskFigures
from creation.tasks.office_dashboard import CampaignCounts
from creation.tasks.progress import ProgressCell, WeekChange
from creation.web import first_page, reference, shortcuts


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """Figures of a campaign's phases and sections, for those who read and do not review."""

    phases: list[tuple[Phase, TaskFigures]]
    sections: list[tuple[str, str, ProgressCell]]
    change: WeekChange | None


@dataclass(frozen=True, slots=True)
class InstructionBox:
    campaign: Campaign
    form: InstructionForm
    groups: list[Any]


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    """Show one part for each role the person has; one person may have several roles."""
    user, today = shortcuts.current_user(request), timezone.localdate()
    soon, show = shortcuts.last_yellow_day(request, today), request.GET.get("show", "")
    seen = shortcuts.begun_first(shortcuts.visible_campaigns(request), today)
    campaigns = office_dashboard.campaign_counts(user, seen, today, soon, partial(first_page.count, request))
    summaries = _summaries(request, campaigns, today)
    in_unit = unit_dashboard.holds_unit_role(user)
    context = {
        "today": today,
        "show": show if show in unit_dashboard.TILE_FILTERS else "",
        "dashboard": unit_dashboard.unit_dashboard(user, today, soon, show) if in_unit else None,
        "own_requests": unit_dashboard.own_requests(user) if in_unit else [],
        "unread_days": unit_dashboard.unread_notices(user) if in_unit else [],
        "campaigns": [(each, summaries.get(each.campaign.pk)) for each in campaigns],
        "missing_signers": office_dashboard.missing_signers(
            user, campaigns, reference.units_of(request, (each.campaign for each in campaigns)), today
        ),
        "drafts": office_dashboard.draft_campaigns(user, seen),
        "lacks_coordinator": office_dashboard.lacks_coordinator(user, today),
        "returning_moves": unit_dashboard.RETURNING_MOVES,
        "requests": office_dashboard.open_requests(user),
        "instruction_boxes": _instruction_boxes(request, campaigns),
        "instructions": [
            (each, InstructionAnswerForm(key=each.pk)) for each in office_dashboard.instructions_to_settle(user)
        ],
        "recent_instructions": office_dashboard.recent_instructions(user),
        "opinions": [(each.campaign, each.opinions) for each in campaigns if each.opinions],
        "own_opinions": office_dashboard.own_opinions(user),
        "reads_health": access.may_somewhere(user, Permission.HEALTH_READ),
        "parts": first_page.parts_for(request),
        "announcements": _announcements(user),
    }
    return render(request, "creation/tasks/todo/page.html", context)


_announcements = prepared(Announcement.objects.awaiting)


def _summaries(request: HttpRequest, counts: list[CampaignCounts], today: date) -> dict[int, CampaignSummary]:
    """Return the figures of the campaigns that this person only reads, from two queries for all."""
    user = shortcuts.current_user(request)
    read = [
        each.campaign for each in counts if each.total and not access.may(user, Permission.REVIEW_QUEUE, each.campaign)
    ]
    if not read:
        return {}
    tasks = Task.objects.visible_to(user).of_plan().filter(campaign__in=read)
    matrices = progress.matrices(tasks, today, shortcuts.workdays(request))
    former = progress.snapshots_to_compare(read, today)
    return {
        campaign.pk: CampaignSummary(
            progress.figures_by_phase(found, reference.phases(request, campaign)),
            progress.figures_by_section(found, reference.sections(request, campaign)),
            progress.week_change(found, former.get(campaign.pk), reference.units(request, campaign)),
        )
        for campaign in read
        if (found := matrices.get(campaign.pk))
    }


def _instruction_boxes(request: HttpRequest, counts: list[CampaignCounts]) -> list[InstructionBox]:
    """Return the box in which a leader writes an instruction, for each campaign in which this person may."""
    boxes = [(each.campaign, box_of(request, each.campaign)) for each in counts]
    return [
        InstructionBox(campaign, form, unit_groups(form, "assists", form.offered)) for campaign, form in boxes if form
    ]
