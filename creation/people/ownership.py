"""The owners of a unit's tasks: its liaison, and the handover when the liaison changes."""

from datetime import date

from creation.audit.actor import Actor
from creation.models import Campaign, Membership, Task, TaskStatus, Unit, User
from creation.rules.policy import Role


def task_owners(campaign: Campaign, today: date) -> dict[int, User]:
    """Return the liaison of each unit by unit id. The liaison owns the unit's tasks unless the office names another person."""
    memberships = Membership.objects.recipients(today, Role.LIAISON).for_campaign(campaign)
    return {m.unit_id: m.user for m in reversed(memberships) if m.unit_id}


def reassign_tasks(unit: Unit, actor: Actor) -> int:
    """Reassign unfinished tasks after a change of liaison, and return their number. Approved tasks keep their owner."""
    moved = 0
    for each in Campaign.objects.open().filter(district=unit.district_id):
        owner = task_owners(each, actor.today).get(unit.pk)
        tasks = (
            Task.objects.active()
            .filter(campaign=each, unit=unit)
            .exclude(status=TaskStatus.APPROVED)
            .exclude(owner=owner)
        )
        moved += tasks.bump(owner=owner)
    return moved
