"""The menu as data, and the context processor that shows each person the entries their roles open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from creation.access import may, may_somewhere
from creation.models import Campaign, Notice, Question, User


@dataclass(frozen=True, slots=True)
class Entry:
    """``route`` takes the campaign when ``of_campaign``; ``act`` is the right that opens it ("" = everyone who is logged in).

    ``badge`` counts what waits there for the person, in the campaign at hand. ``also``: routes that keep the entry lit.
    """

    label: str
    icon: str
    route: str
    act: str
    of_campaign: bool = True
    badge: Callable[[User, Campaign], int] | None = None
    also: tuple[str, ...] = ()


def waiting_questions(user: User, campaign: Campaign) -> int:
    """For those who answer; 0 for everybody else."""
    if not may(user, "question.answer", campaign):
        return 0
    return Question.objects.waiting().filter(task__campaign=campaign).count()


REPORTS = (
    "ledger",
    "package",
    "assessment",
    "assessment_passage",
    "documents",
    "document",
    "application",
    "papers",
    "paper",
    "paper_check",
)
ENTRIES = (
    Entry("待办", "check2-square", "todo", "", of_campaign=False),
    Entry("任务", "list-task", "task_list", "task.read"),
    Entry("资料库", "archive", "library", "evidence.read"),
    Entry("公告", "megaphone", "announcements", "announcement.read"),
    Entry("提问", "question-circle", "questions", "question.read", badge=waiting_questions),
    Entry("审核", "clipboard-check", "review_queue", "review.queue"),
    Entry("进度", "grid-3x3-gap", "progress", "progress.read"),
    Entry("报表", "journal-text", "reports", "ledger.export", also=REPORTS),
    Entry("联络员", "person-lines-fill", "liaisons", "liaisons.read"),
    Entry("活动设置", "gear", "campaign_setup", "campaign.manage"),
    Entry("送达记录", "send-check", "proof", "proof.read", of_campaign=False),
    Entry("账号", "people", "accounts", "accounts.manage", of_campaign=False),
    Entry("单位", "building", "units", "units.manage", of_campaign=False),
    Entry("系统状态", "heart-pulse", "health", "health.read", of_campaign=False),
    Entry("审计", "shield-check", "audit", "audit.read", of_campaign=False),
)


def menu(request: HttpRequest) -> dict[str, Any]:
    """``nav``: entries (label, icon, url, active), campaigns to switch between, the current one, unread notices. Lazy."""
    return {"nav": SimpleLazyObject(lambda: _nav(request))}


def _nav(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    campaigns = list(Campaign.objects.visible_to(user).order_by("-year", "pk"))
    match = request.resolver_match
    chosen = match.kwargs.get("campaign_id") if match else None
    campaign = next((each for each in campaigns if each.pk == chosen), campaigns[0] if campaigns else None)
    route = match.url_name if match else ""
    return {
        "campaigns": campaigns,
        "campaign": campaign,
        "unread": Notice.objects.visible_to(user).unread().count(),
        "entries": [
            {
                "label": entry.label,
                "icon": entry.icon,
                "active": route == entry.route or route in entry.also,
                "badge": entry.badge(user, campaign) if entry.badge and campaign else 0,
                "url": reverse(entry.route, args=[campaign.pk] if entry.of_campaign and campaign else []),
            }
            for entry in ENTRIES
            if (not entry.act or may_somewhere(user, entry.act)) and (campaign or not entry.of_campaign)
        ],
    }
