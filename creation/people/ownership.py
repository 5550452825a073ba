"""Who owns a unit's tasks: its liaison; and the hand-over when the liaison changes."""

from datetime import date

from creation.audit.actor import Actor
from creation.models import Campaign, Membership, Task, TaskStatus, Unit, User
from creation.rules.policy import Role


def task_owners(campaign: Campaign, today: date) -> dict[int, User]:
    """Unit → its liaison, the owner of its tasks unless the office names another person."""
    memberships = Membership.objects.recipients(today, Role.LIAISON).for_campaign(campaign)
    return {m.unit_id: m.user for m in reversed(memberships) if m.unit_id}


def reassign_tasks(unit: Unit, actor: Actor, campaign: Campaign | None = None) -> int:
    """After a change of liaison: unfinished tasks go to the new one, what is approved keeps its name. Gives the number moved."""
    moved = 0
    campaigns = [campaign] if campaign else Campaign.objects.open().filter(district=unit.district_id)
    for each in campaigns:
        owner = task_owners(each, actor.today).get(unit.pk)
        tasks = (
            Task.objects.active()
            .filter(campaign=each, unit=unit)
            .exclude(status=TaskStatus.APPROVED)
            .exclude(owner=owner)
        )
        moved += tasks.bump(owner=owner)
    return moved
