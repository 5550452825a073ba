"""What office, leading group and assessors see of all open campaigns, and what awaits them. Reads only."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from creation import access
from creation.lib.counting import CountedPart, count_by
from creation.lib.prepared import prepared
from creation.models import (
    UNANSWERED,
    Campaign,
    CampaignState,
    Instruction,
    Membership,
    Opinion,
    Question,
    Submission,
    Task,
    TaskRequest,
    TaskStatus,
    Unit,
    User,
)
from creation.people import signers
from creation.rules.policy import Permission, Role
from creation.tasks.figures import aggregates

CountBy = Callable[[Mapping[str, CountedPart]], Counter[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """Counts of a campaign's tasks, for those who may see all of it."""

    campaign: Campaign
    total: int
    approved: int
    waiting: int
    oldest_on: datetime | None
    overdue: int
    near: int
    late_units: int
    questions: int
    opinions: int
    unsignable: int


def draft_campaigns(user: User, campaigns: Iterable[Campaign]) -> list[Campaign]:
    """Return the drafts of campaigns that this person prepares. ``campaigns``, here and below: those that the person may see."""
    drafts = (each for each in campaigns if each.state == CampaignState.DRAFT)
    return [each for each in drafts if access.may(user, Permission.CAMPAIGN_MANAGE, each)]


@dataclass(frozen=True, slots=True)
class MissingSigners:
    """An open campaign, the units in which nobody can sign while it asks for signatures, and the number of answers that nobody can sign."""

    campaign: Campaign
    units: list[Unit]
    waiting: int


def missing_signers(
    user: User, counts: Iterable[CampaignCounts], units: Iterable[Unit], today: date
) -> list[MissingSigners]:
    """Return the campaigns of this person, who manages them, in which units have nobody to sign, or answers wait for nobody.

    Answers that wait since before sign-off was switched off still need a signature. ``units``: all of the districts, in order.
    """
    managed = [each for each in counts if access.may(user, Permission.CAMPAIGN_MANAGE, each.campaign)]
    asking = [each.campaign for each in managed if each.campaign.sign_off]
    bare = signers.units_without_signer_by_campaign(asking, units, today) if asking else {}
    rows = [MissingSigners(each.campaign, bare.get(each.campaign.pk, []), each.unsignable) for each in managed]
    return [row for row in rows if row.units or row.waiting]


def lacks_coordinator(user: User, today: date) -> bool:
    """Return whether nobody can prepare a campaign yet, as after installation; only for an administrator."""
    districts = [grant.district for grant, _ in user.grants_for(Permission.ACCOUNTS_MANAGE)]
    held = Membership.objects.recipients(today, Role.COORDINATOR)
    return bool(districts) and not held.filter(district__in=districts).exists()


def campaign_counts(
    user: User, campaigns: Iterable[Campaign], today: date, soon: date, count: CountBy = count_by
) -> list[CampaignCounts]:
    """Return the counts of the open campaigns that the person may see as a whole (office, leading group, assessors).

    ``count`` may count something else with the same query.
    """
    if not user.has_permission_beyond_unit(Permission.CAMPAIGN_READ):
        return []
    seen = [each for each in campaigns if each.is_open and access.may(user, Permission.PROGRESS_READ, each)]
    if not seen:
        return []
    figures = {row["campaign_id"]: row for row in _figures([each.pk for each in seen], today, soon)}
    waiting = count(_waiting_by_campaign(user, seen, today))
    return [_campaign_counts_of(each, figures.get(each.pk, {}), waiting) for each in seen]


@prepared
def _figures(campaigns: list[int], today: date, soon: date) -> QuerySet[Task, dict[str, Any]]:
    """Return a row for each campaign that has tasks. ``oldest``: when what waits longest for review was handed in."""
    live = Task.objects.active().of_plan().filter(campaign__pk__in=campaigns).order_by("campaign").values("campaign_id")
    late = Count("unit", Q(status__in=UNANSWERED, due_on__lt=today), distinct=True)
    answers = Submission.objects.filter(task=OuterRef("pk")).order_by("-number").values("created_at")[:1]
    oldest = Min(Subquery(answers), filter=Q(status=TaskStatus.SUBMITTED))
    rows: QuerySet[Task, Any] = live.annotate(**aggregates(today, soon), late=late, oldest=oldest)
    return rows


def _waiting_by_campaign(user: User, campaigns: Collection[Campaign], today: date) -> dict[str, CountedPart]:
    """Return what waits beside the answers, as far as it concerns this person: opinions, and answers that nobody can sign."""
    asked = Question.objects.waiting().in_campaigns(campaigns)
    parts: dict[str, CountedPart] = {"questions": (asked, Coalesce("task__campaign", "campaign"))}
    if access.may_somewhere(user, Permission.OPINION_SETTLE):
        reach = user.permission_filter(
            Permission.OPINION_SETTLE, district="task__campaign__district", campaign="task__campaign", unit="task__unit"
        )
        opinions = Opinion.objects.waiting().filter(reach, task__campaign__in=campaigns)
        parts["opinions"] = (opinions, F("task__campaign"))
    if access.may_somewhere(user, Permission.CAMPAIGN_MANAGE):
        parts["unsignable"] = (signers.unsignable(campaigns, today), F("campaign"))
    return parts


def _campaign_counts_of(campaign: Campaign, row: dict[str, Any], waiting: Counter[tuple[str, Any]]) -> CampaignCounts:
    return CampaignCounts(
        campaign,
        row.get("total", 0),
        row.get("approved", 0),
        row.get("submitted", 0),
        row.get("oldest"),
        row.get("overdue", 0),
        row.get("near", 0),
        row.get("late", 0),
        waiting["questions", campaign.pk],
        waiting["opinions", campaign.pk],
        waiting["unsignable", campaign.pk],
    )


def open_requests(user: User) -> list[TaskRequest]:
    """Return the requests that await this person's decision, oldest first."""
    return _open_requests(user) if access.may_somewhere(user, Permission.TASK_DECIDE) else []


@prepared
def _open_requests(user: User) -> QuerySet[TaskRequest, TaskRequest]:
    reach = user.permission_filter(
        Permission.TASK_DECIDE, district="task__campaign__district", campaign="task__campaign", unit="task__unit"
    )
    rows = TaskRequest.objects.filter(
        reach, granted=None, task__dropped_on=None, task__campaign__state=CampaignState.OPEN
    )
    return rows.select_related(
        "task__campaign", "task__indicator", "task__action", "task__finding", "task__unit", "created_by"
    ).order_by("created_at")


# Leaders and assessors

RECENT = 5  # instructions and opinions on the first page of those who wrote them; their own pages have the rest


def instructions_to_settle(user: User) -> list[Instruction]:
    """Return the instructions that await this coordinator, oldest first."""
    return _instructions_to_settle(user) if access.may_somewhere(user, Permission.INSTRUCTION_SETTLE) else []


@prepared
def _instructions_to_settle(user: User) -> QuerySet[Instruction, Instruction]:
    reach = user.permission_filter(
        Permission.INSTRUCTION_SETTLE, district="campaign__district", campaign="campaign", unit=None
    )
    waiting = Instruction.objects.waiting().filter(reach, campaign__state=CampaignState.OPEN).for_table()
    return waiting.order_by("created_at", "pk")


def recent_instructions(user: User) -> list[Instruction]:
    """Return the latest instructions of open campaigns, for those who write them."""
    return _recent_instructions(user) if access.may_somewhere(user, Permission.INSTRUCTION_WRITE) else []


@prepared
def _recent_instructions(user: User) -> QuerySet[Instruction, Instruction]:
    return Instruction.objects.visible_to(user).filter(campaign__state=CampaignState.OPEN).for_table()[:RECENT]


def own_opinions(user: User) -> list[Opinion]:
    """Return the assessor's own latest opinions."""
    return _own_opinions(user, user.pk) if access.may_somewhere(user, Permission.OPINION_WRITE) else []


@prepared
def _own_opinions(user: User, author: int) -> QuerySet[Opinion, Opinion]:
    own = Opinion.objects.visible_to(user).filter(created_by=author, task__campaign__state=CampaignState.OPEN)
    return own.for_table()[: 4 * RECENT]
