"""Who can sign a unit's answers before the office sees them (审签), and the units that have nobody."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q

from creation.models import Campaign, Membership, Task, TaskStatus, Unit
from creation.models.membership import MembershipQuerySet
from creation.models.task import TaskQuerySet
from creation.rules.policy import Role


def signers(campaign: Campaign, today: date) -> MembershipQuerySet:
    """Return the memberships of people who can sign in this campaign."""
    return Membership.objects.recipients(today, Role.UNIT_LEADER).for_campaign(campaign)


def has_signer(task: Task, today: date) -> bool:
    return signers(task.campaign, today).filter(unit=task.unit_id).exists()


def lacks_signer(task: Task, today: date) -> bool:
    """Return whether the answer waits for a signature that nobody can give."""
    return task.status == TaskStatus.SIGNING and not has_signer(task, today)


def units_without_signer(campaign: Campaign, today: date) -> list[Unit]:
    """Return the active units of the district in which nobody can sign, in the order of the roster."""
    units = Unit.objects.filter(district=campaign.district_id).order_by("order", "pk")
    return units_without_signer_by_campaign([campaign], units, today)[campaign.pk]


def units_without_signer_by_campaign(
    campaigns: Iterable[Campaign], units: Iterable[Unit], today: date
) -> dict[int, list[Unit]]:
    """Return the same for several campaigns, from one query. ``units``: those of the districts, in the order of the roster."""
    held = Membership.objects.recipients(today, Role.UNIT_LEADER).select_related(None)
    signing = set(held.values_list("district", "campaign", "unit"))
    there = [unit for unit in units if unit.is_active(today)]
    return {
        campaign.pk: [
            unit
            for unit in there
            if unit.district_id == campaign.district_id
            and signing.isdisjoint({(unit.district_id, None, unit.pk), (unit.district_id, campaign.pk, unit.pk)})
        ]
        for campaign in campaigns
    }


def unsignable(campaigns: Iterable[Campaign], today: date) -> TaskQuerySet:
    """Return the answers in these campaigns that wait for a signature that nobody can give."""
    somebody = Membership.objects.recipients(today, Role.UNIT_LEADER).filter(
        Q(campaign=None) | Q(campaign=OuterRef("campaign")),
        district=OuterRef("campaign__district"),
        unit=OuterRef("unit"),
    )
    waiting = Task.objects.active().filter(campaign__in=campaigns, status=TaskStatus.SIGNING)
    return waiting.exclude(Exists(somebody))
