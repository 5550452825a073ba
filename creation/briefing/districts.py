"""Districts side by side, for those who read a parent district (city). Sums only: what is below is read by one's right in the district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from creation import access
from creation.briefing.board import elapsed_share, facts
from creation.models import Campaign, CampaignState, District, Task, User
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission
from creation.tasks import progress
from creation.tasks.progress import ProgressCell
from creation.tasks.rectification_figures import RectificationCounts

SHOWN = {CampaignState.OPEN: 1, CampaignState.CLOSED: 0}  # what counts more; a draft is its district's own business


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """A district with its running campaign, or its last one. ``leads_on``: this person may read the district's board."""

    district: District
    campaign: Campaign | None
    whole: ProgressCell
    rectifications: RectificationCounts
    elapsed: float | None
    leads_on: bool


def cities_of(user: User) -> Sequence[District]:
    """Return the parent districts whose districts this person may compare."""
    return list(District.objects.with_children().visible_to(user).order_by("pk"))


def rows_of(city: District, user: User, today: date, calendar: Workdays) -> list[DistrictRow]:
    """Return every district of the city, in the order in which they joined: nobody is ranked. Three queries, however many districts."""
    campaigns = Campaign.objects.filter(district__parent=city, state__in=SHOWN).annotate(**facts(today))
    chosen: dict[int, Campaign] = {}
    for each in sorted(campaigns, key=lambda row: (SHOWN[CampaignState(row.state)], row.year, row.pk)):
        chosen[each.district_id] = each
    tasks = Task.objects.active().filter(campaign__in=chosen.values())
    figures = progress.totals(tasks, today, calendar)
    return [_row(each, chosen.get(each.pk), figures, user, today) for each in city.children.order_by("pk")]


def _row(
    district: District,
    campaign: Campaign | None,
    figures: dict[int, tuple[ProgressCell, RectificationCounts]],
    user: User,
    today: date,
) -> DistrictRow:
    whole, counts = figures.get(campaign.pk if campaign else 0, (ProgressCell(), RectificationCounts()))
    elapsed = elapsed_share(campaign.first_day, campaign.last_day, today) if campaign else None  # type: ignore[attr-defined]
    leads_on = campaign is not None and access.may(user, Permission.PROGRESS_READ, campaign)
    return DistrictRow(district, campaign, whole, counts, elapsed, leads_on)
