"""Who can sign a unit's answers before the office sees them (审签), and the units that have nobody."""

from datetime import date

from django.db.models import Exists, OuterRef

from creation.models import Campaign, Membership, Task, TaskStatus, Unit
from creation.models.membership import MembershipQuerySet
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
    of_unit = signers(campaign, today).filter(unit=OuterRef("pk"))
    units = Unit.objects.active(today).filter(~Exists(of_unit), district=campaign.district_id)
    return list(units.order_by("order", "pk"))


def unsignable_answers(campaign: Campaign, today: date) -> int:
    """Return how many answers wait for a signature that nobody can give."""
    waiting = Task.objects.active().filter(campaign=campaign, status=TaskStatus.SIGNING)
    return waiting.exclude(Exists(signers(campaign, today).filter(unit=OuterRef("unit")))).count()
