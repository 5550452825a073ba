"""The menu as data, and the context processor that shows each person the permitted entries."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from creation.access import may, may_somewhere
from creation.lib.counting import CountedPart, CountedRow, count_by, counted, rows_to_count
from creation.lib.prepared import prepared
from creation.models import Campaign, Notice, Question, User
from creation.rules.policy import OFFICE_ROLES, UNIT_ROLES, Permission, Role
from creation.web import guides, shortcuts
from creation.web.request_facts import RequestFact

_COUNTS = RequestFact[Mapping[str, int]]("menu_counts")


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry.

    ``route`` takes the campaign if ``needs_campaign``; ``permission`` is required to see it ("" for every logged-in person).
    ``badge`` returns what waits in the current campaign, given its key, to be counted for those with ``badge_permission``.
    ``active_routes`` are routes on which the entry is highlighted. ``only_if`` says whether the campaign has such a thing for
    this person, without a query. Entries of the same ``group`` are folded into one when the menu would be too long.
    """

    label: str
    icon: str
    route: str
    permission: Permission | None  # None: everybody
    needs_campaign: bool = True
    badge: Callable[[Any], QuerySet[Any]] | None = None
    badge_permission: Permission | None = None
    only_if: Callable[[User, Campaign], bool] | None = None
    active_routes: tuple[str, ...] = ()
    group: str = ""


def waiting_questions(campaign: Any) -> QuerySet[Question]:
    return Question.objects.waiting().in_campaign(campaign)


def has_commendations(user: User, campaign: Campaign) -> bool:
    """Return whether there is a commendation to read, or the person may open one: most of the year units have nothing there."""
    return getattr(campaign, "has_commendations", False) or may(user, Permission.COMMENDATION_MANAGE, campaign)


TASK_PAGES = ("task", "ended_task", "task_bulk", "urge", "requests", "measures", "measure", "rectification_plan")
LIBRARY = ("library_bin", "library_cite", "evidence", "evidence_edit", "evidence_versions", "links")
SETUP = (
    "campaign_closing", "campaign_edit", "campaign_distribute", "campaign_roll", "campaign_delete", "phases", "phase",
    "assignments", "assignment", "assignment_item", "actions", "action_new", "action", "editions", "edition_compare", "edition",
    "rules", "rule_new", "rule", "holidays", "holiday_paste", "holiday_day", "measure_new",
)  # fmt: skip
REPORTS = (
    "ledger", "package", "assessment", "assessment_passage", "documents", "document", "bulletin_preview", "application",
    "final_assessment", "papers", "paper", "paper_check",
)  # fmt: skip
SUPERVISION = (
    "finding", "finding_new", "finding_edit", "finding_of_task", "finding_sources", "rectifications", "orders", "order",
    "order_new", "order_edit", "rectification_figures", "rectification_book", "rectification_report", "rounds", "round",
    "round_new", "round_edit", "team_new", "team_edit", "visits", "visit", "visit_feedback", "meetings", "meeting",
    "meeting_new", "meeting_edit", "personal_acts",
)  # fmt: skip
COMMENDATION = (
    "commendation", "commendation_new", "commendation_edit", "commendation_committee", "commendation_publish",
    "commendation_decide", "commendation_end", "nomination", "nomination_new", "nomination_edit", "consultations", "consultation", "ballot",
    "objection", "objection_new",
)  # fmt: skip
APPRAISAL = ("appraisal", "appraisal_new", "appraisal_edit", "score_unit", "appraisal_request")
PUBLICITY = ("publicity_wall", "publicity_new", "publicity_item", "cases", "case", "case_new", "case_edit")
SURVEYS = ("survey", "survey_new", "survey_edit", "survey_slips")
QUESTIONS = ("question", "question_new", "question_point", "reply")
ANNOUNCEMENTS = ("announcement", "announcement_new", "announcement_correct")
UNITS = ("unit", "unit_new", "unit_merge", "unit_aliases", "storage_use")
HOME, UNREAD = "todo", "unread notices"
MAX_ENTRIES = 7  # in one line at 1366 pixels
TASKS, REVIEW, MESSAGES, MANAGE = "任务", "审核督导", "公告宣传", "管理"
REVIEW_OF_UNITS = "提问督导"  # units neither review nor assess
GROUP_ICONS = {TASKS: "list-task", REVIEW: "clipboard-check", MESSAGES: "megaphone", MANAGE: "gear"}
ENTRIES = (
    MenuEntry("待办", "check2-square", HOME, None, needs_campaign=False),
    MenuEntry("任务", "list-task", "task_list", Permission.TASK_READ, active_routes=TASK_PAGES, group=TASKS),
    MenuEntry("资料库", "archive", "library", Permission.EVIDENCE_READ, active_routes=LIBRARY, group=TASKS),
    MenuEntry(
        "审核", "clipboard-check", "review_queue", Permission.REVIEW_QUEUE, active_routes=("review",), group=REVIEW
    ),
    MenuEntry(
        "提问",
        "question-circle",
        "questions",
        Permission.QUESTION_READ,
        badge=waiting_questions,
        badge_permission=Permission.QUESTION_ANSWER,
        active_routes=QUESTIONS,
        group=REVIEW,
    ),
    MenuEntry("督导", "binoculars", "findings", Permission.FINDING_READ, active_routes=SUPERVISION, group=REVIEW),
    MenuEntry(
        "模拟考核", "clipboard-data", "appraisals", Permission.APPRAISAL_READ, active_routes=APPRAISAL, group=REVIEW
    ),
    MenuEntry(
        "表彰",
        "award",
        "commendations",
        Permission.COMMENDATION_READ,
        only_if=has_commendations,
        active_routes=COMMENDATION,
        group=REVIEW,
    ),
    MenuEntry(
        "进度",
        "grid-3x3-gap",
        "progress",
        Permission.PROGRESS_READ,
        active_routes=("board", "unit_progress", "unit_year", "calls", "on_site"),
    ),
    MenuEntry("报表", "journal-text", "reports", Permission.LEDGER_EXPORT, active_routes=REPORTS),
    MenuEntry(
        "公告", "megaphone", "announcements", Permission.ANNOUNCEMENT_READ, active_routes=ANNOUNCEMENTS, group=MESSAGES
    ),
    MenuEntry("满意度", "emoji-smile", "surveys", Permission.SURVEY_READ, active_routes=SURVEYS, group=MESSAGES),
    MenuEntry("宣传", "newspaper", "publicity", Permission.PUBLICITY_READ, active_routes=PUBLICITY, group=MESSAGES),
    MenuEntry(
        "送达记录",
        "send-check",
        "proof",
        Permission.PROOF_READ,
        needs_campaign=False,
        active_routes=("channels", "channel_new", "channel"),
        group=MESSAGES,
    ),
    MenuEntry(
        "联络员",
        "person-lines-fill",
        "liaisons",
        Permission.LIAISONS_READ,
        active_routes=("liaison_appoint", "liaison_links"),
        group=MANAGE,
    ),
    MenuEntry(
        "活动设置",
        "gear",
        "campaign_setup",
        Permission.CAMPAIGN_MANAGE,
        active_routes=SETUP,
        group=MANAGE,
    ),
    MenuEntry(
        "单位", "building", "units", Permission.UNITS_MANAGE, needs_campaign=False, active_routes=UNITS, group=MANAGE
    ),
    MenuEntry(
        "账号",
        "people",
        "accounts",
        Permission.ACCOUNTS_MANAGE,
        needs_campaign=False,
        active_routes=("account", "account_new"),
        group=MANAGE,
    ),
    MenuEntry("系统状态", "heart-pulse", "health", Permission.HEALTH_READ, needs_campaign=False, group=MANAGE),
    MenuEntry("审计", "shield-check", "audit", Permission.AUDIT_READ, needs_campaign=False, group=MANAGE),
)


def default_campaign(campaigns: Sequence[Campaign], today: date) -> Campaign | None:
    """Return the campaign that pages outside of a campaign lead to: a running one, before next year's draft or a closed one."""
    return running_campaign(campaigns, today) or next(iter(campaigns), None)


def running_campaign(campaigns: Sequence[Campaign], today: date) -> Campaign | None:
    """Return the newest open campaign that has begun, before next year's that was opened early."""
    opened = [campaign for campaign in campaigns if campaign.is_open]
    return next(iter(shortcuts.begun_first(opened, today)), None)


def menu(request: HttpRequest) -> dict[str, Any]:
    """Add ``nav``, evaluated lazily: entries (label, icon, url, active), campaigns to switch to, the current and the
    running one, unread notices, and the watermark.
    """
    return {"nav": SimpleLazyObject(lambda: _nav(request))}


def _nav(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    campaigns, today = shortcuts.visible_campaigns(request), timezone.localdate()
    match = request.resolver_match
    chosen = match.kwargs.get("campaign_id") if match else None
    campaign = next((each for each in campaigns if each.pk == chosen), default_campaign(campaigns, today))
    counts = _COUNTS.read_once(request, lambda: _counts(user, campaign))
    entries = _entries(user, campaign, match.url_name if match else "", counts)
    return {
        "campaigns": campaigns,
        "campaign": campaign,
        "running": running_campaign(campaigns, today),
        "unread": counts[UNREAD],
        "entries": entries,
        "groups": _groups(entries),
        "home": _home_name(user),
        "help": guides.help_url(user, match.url_name or "" if match else ""),
        "watermark": _watermark(user),
    }


def _watermark(user: User) -> str:
    """Return what stands over every page of an outside assessor, so that a photo of the screen says whose it was; "" for others."""
    return f"{user.name} {user.username} {timezone.localdate()}" if user.has_role(Role.ASSESSOR) else ""


def count_beside(request: HttpRequest, parts: Mapping[str, CountedPart]) -> Counter[tuple[str, Any]]:
    """Count what a page has to count (``count_by``), and with the same query what the menu of this page says."""
    user, campaigns = shortcuts.current_user(request), shortcuts.visible_campaigns(request)
    campaign = default_campaign(campaigns, timezone.localdate())
    of_menu = _counted(user, campaign, _routes_with_badge(user, campaign))
    together: dict[str, CountedPart] = {f"menu {name}": (rows, Value(0)) for name, rows in of_menu.items()}
    found = count_by({**parts, **together})
    _COUNTS.keep(request, Counter({name: found[f"menu {name}", 0] for name in of_menu}))
    return found


def _counts(user: User, campaign: Campaign | None) -> Mapping[str, int]:
    """Return the numbers of unread notices and of what waits behind each entry of the menu, from one query."""
    found = counted(_count_rows(user, campaign, routes=_routes_with_badge(user, campaign)))
    return Counter({name: number for (name, _), number in found.items()})


@prepared
def _count_rows(user: User, campaign: Any, *, routes: tuple[str, ...]) -> QuerySet[Any, CountedRow]:
    return rows_to_count({name: (rows, Value(0)) for name, rows in _counted(user, campaign, routes).items()})


def _routes_with_badge(user: User, campaign: Campaign | None) -> tuple[str, ...]:
    """Return the entries that say to this person how much waits."""
    return tuple(
        entry.route
        for entry in ENTRIES
        if entry.badge_permission and campaign and may(user, entry.badge_permission, campaign)
    )


def _counted(user: User, campaign: Any, routes: tuple[str, ...]) -> dict[str, QuerySet[Any]]:
    rows: dict[str, QuerySet[Any]] = {UNREAD: Notice.objects.visible_to(user).unread()}
    return rows | {entry.route: entry.badge(campaign) for entry in ENTRIES if entry.badge and entry.route in routes}


def _is_permitted(user: User, entry: MenuEntry) -> bool:
    return entry.permission is None or may_somewhere(user, entry.permission)


def _home_name(user: User) -> str:
    """Return the name of the first page: those who have nothing to work off find an overview there."""
    return "待办" if user.has_role(*UNIT_ROLES, *OFFICE_ROLES) else "总览"


def _entries(
    user: User, campaign: Campaign | None, route: str | None, counts: Mapping[str, int]
) -> list[dict[str, Any]]:
    return [
        {
            "label": _home_name(user) if entry.route == HOME else entry.label,
            "icon": entry.icon,
            "group": entry.group,
            "active": route == entry.route or route in entry.active_routes,
            "badge": counts[entry.route],
            "url": reverse(entry.route, args=[campaign.pk] if entry.needs_campaign and campaign else []),
        }
        for entry in ENTRIES
        if _is_permitted(user, entry)
        and (campaign or not entry.needs_campaign)
        and (entry.only_if is None or (campaign is not None and entry.only_if(user, campaign)))
    ]


def _groups(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the menu shows in one line: the entries themselves or, if there are too many, one for each group."""
    shown: dict[str, dict[str, Any]] = {}
    for entry in entries:
        name = entry["group"] if len(entries) > MAX_ENTRIES else ""
        alone = not name or sum(each["group"] == name for each in entries) == 1
        group = shown.setdefault(
            entry["label"] if alone else f"{name}…",
            {
                "label": entry["label"] if alone else name,
                "icon": entry["icon"] if alone else GROUP_ICONS[name],
                "entries": [],
            },
        )
        group["entries"].append(entry)
    for group in shown.values():
        group["label"] = _group_label(group["label"], [entry["label"] for entry in group["entries"]])
        group["active"] = any(entry["active"] for entry in group["entries"])
        group["badge"] = sum(entry["badge"] for entry in group["entries"])
    return list(shown.values())


def _group_label(name: str, labels: list[str]) -> str:
    """Return what a folded group is called: two names tell more than the group's, and units have no 审核."""
    if len(labels) == 2:
        return "、".join(labels)
    if name == REVIEW and not {"审核", "模拟考核"} & {*labels}:
        return REVIEW_OF_UNITS
    return name
