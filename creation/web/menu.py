"""The menu as data, and the context processor that shows each person the permitted entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from creation.access import may, may_somewhere
from creation.models import Campaign, Notice, Question, User
from creation.rules.policy import Permission
from creation.web import shortcuts


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry.

    ``route`` takes the campaign if ``needs_campaign``; ``permission`` is required to see it ("" for every logged-in person).
    ``badge`` counts the items waiting for the person in the current campaign. ``active_routes`` are routes on which the entry
    is highlighted.
    """

    label: str
    icon: str
    route: str
    permission: Permission | None  # None: everybody
    needs_campaign: bool = True
    badge: Callable[[User, Campaign], int] | None = None
    active_routes: tuple[str, ...] = ()


def waiting_questions(user: User, campaign: Campaign) -> int:
    """Return the number of waiting questions for a person who may answer them, otherwise 0."""
    if not may(user, Permission.QUESTION_ANSWER, campaign):
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
    MenuEntry("待办", "check2-square", "todo", None, needs_campaign=False),
    MenuEntry("任务", "list-task", "task_list", Permission.TASK_READ),
    MenuEntry("资料库", "archive", "library", Permission.EVIDENCE_READ),
    MenuEntry("公告", "megaphone", "announcements", Permission.ANNOUNCEMENT_READ),
    MenuEntry("提问", "question-circle", "questions", Permission.QUESTION_READ, badge=waiting_questions),
    MenuEntry("审核", "clipboard-check", "review_queue", Permission.REVIEW_QUEUE),
    MenuEntry("进度", "grid-3x3-gap", "progress", Permission.PROGRESS_READ),
    MenuEntry("报表", "journal-text", "reports", Permission.LEDGER_EXPORT, active_routes=REPORTS),
    MenuEntry("联络员", "person-lines-fill", "liaisons", Permission.LIAISONS_READ),
    MenuEntry("活动设置", "gear", "campaign_setup", Permission.CAMPAIGN_MANAGE),
    MenuEntry("送达记录", "send-check", "proof", Permission.PROOF_READ, needs_campaign=False),
    MenuEntry("账号", "people", "accounts", Permission.ACCOUNTS_MANAGE, needs_campaign=False),
    MenuEntry("单位", "building", "units", Permission.UNITS_MANAGE, needs_campaign=False),
    MenuEntry("系统状态", "heart-pulse", "health", Permission.HEALTH_READ, needs_campaign=False),
    MenuEntry("审计", "shield-check", "audit", Permission.AUDIT_READ, needs_campaign=False),
)


def default_campaign(campaigns: Sequence[Campaign]) -> Campaign | None:
    """Return the campaign that pages outside of a campaign lead to: a running one, before next year's draft or a closed one."""
    return running_campaign(campaigns) or next(iter(campaigns), None)


def running_campaign(campaigns: Sequence[Campaign]) -> Campaign | None:
    return next((campaign for campaign in campaigns if campaign.is_open), None)


def menu(request: HttpRequest) -> dict[str, Any]:
    """Add ``nav``, evaluated lazily: entries (label, icon, url, active), campaigns to switch to, the current and the
    running one, unread notices.
    """
    return {"nav": SimpleLazyObject(lambda: _nav(request))}


def _nav(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    campaigns = shortcuts.visible_campaigns(request)
    match = request.resolver_match
    chosen = match.kwargs.get("campaign_id") if match else None
    campaign = next((each for each in campaigns if each.pk == chosen), default_campaign(campaigns))
    route = match.url_name if match else ""
    return {
        "campaigns": campaigns,
        "campaign": campaign,
        "running": running_campaign(campaigns),
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
            if (entry.permission is None or may_somewhere(user, entry.permission))
            and (campaign or not entry.needs_campaign)
        ],
    }
