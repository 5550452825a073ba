"""The menu as data, and the context processor that shows each person the permitted entries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from creation.access import may, may_somewhere
from creation.models import Campaign, Notice, Question, User


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry. ``route`` takes the campaign if ``needs_campaign``; ``permission`` is required to see it ("" for every logged-in
    person).

    ``badge`` counts the items waiting for the person in the current campaign. ``active_routes`` are routes on which the entry
    is highlighted.
    """

    label: str
    icon: str
    route: str
    permission: str
    needs_campaign: bool = True
    badge: Callable[[User, Campaign], int] | None = None
    active_routes: tuple[str, ...] = ()


def waiting_questions(user: User, campaign: Campaign) -> int:
    """Return the number of waiting questions for a person who may answer them, otherwise 0."""
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
    MenuEntry("待办", "check2-square", "todo", "", needs_campaign=False),
    MenuEntry("任务", "list-task", "task_list", "task.read"),
    MenuEntry("资料库", "archive", "library", "evidence.read"),
    MenuEntry("公告", "megaphone", "announcements", "announcement.read"),
    MenuEntry("提问", "question-circle", "questions", "question.read", badge=waiting_questions),
    MenuEntry("审核", "clipboard-check", "review_queue", "review.queue"),
    MenuEntry("进度", "grid-3x3-gap", "progress", "progress.read"),
    MenuEntry("报表", "journal-text", "reports", "ledger.export", active_routes=REPORTS),
    MenuEntry("联络员", "person-lines-fill", "liaisons", "liaisons.read"),
    MenuEntry("活动设置", "gear", "campaign_setup", "campaign.manage"),
    MenuEntry("送达记录", "send-check", "proof", "proof.read", needs_campaign=False),
    MenuEntry("账号", "people", "accounts", "accounts.manage", needs_campaign=False),
    MenuEntry("单位", "building", "units", "units.manage", needs_campaign=False),
    MenuEntry("系统状态", "heart-pulse", "health", "health.read", needs_campaign=False),
    MenuEntry("审计", "shield-check", "audit", "audit.read", needs_campaign=False),
)


def menu(request: HttpRequest) -> dict[str, Any]:
    """Add ``nav``, evaluated lazily: entries (label, icon, url, active), campaigns to switch to, the current one, unread notices."""
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
                "active": route == entry.route or route in entry.active_routes,
                "badge": entry.badge(user, campaign) if entry.badge and campaign else 0,
                "url": reverse(entry.route, args=[campaign.pk] if entry.needs_campaign and campaign else []),
            }
            for entry in ENTRIES
            if (not entry.permission or may_somewhere(user, entry.permission))
            and (campaign or not entry.needs_campaign)
        ],
    }
