"""The recipients of a notice about a task: the unit's liaisons and leaders, and the office's coordinators."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from creation.audit.actor import Actor
from creation.lib.prepared import prepared
from creation.models import Campaign, Membership, Task, Unit, User
from creation.rules.policy import Role


def liaisons(task: Task, actor: Actor) -> list[User]:
    """Return the owner and the unit's liaisons."""
    people = _of_unit(task, actor, Role.LIAISON)
    if task.owner and task.owner.is_active and task.owner not in people:
        people.append(task.owner)
    return people


def leaders(task: Task, actor: Actor) -> list[User]:
    return _of_unit(task, actor, Role.UNIT_LEADER)


def coordinators(task: Task, actor: Actor) -> list[User]:
    return coordinators_of(task.campaign, actor)


def coordinators_of(campaign: Campaign, actor: Actor) -> list[User]:
    return Membership.objects.recipients(actor.today, Role.COORDINATOR).for_campaign(campaign).people()


def liaisons_of(campaign: Campaign, actor: Actor, unit: Unit | None = None) -> list[User]:
    """Return the liaisons of the unit, or of all units of the campaign."""
    held = Membership.objects.recipients(actor.today, Role.LIAISON).for_campaign(campaign)
    return (held.filter(unit=unit) if unit else held).people()


def administrators(district_id: int, actor: Actor) -> list[User]:
    return Membership.objects.recipients(actor.today, Role.ADMINISTRATOR).filter(district=district_id).people()


def _of_unit(task: Task, actor: Actor, role: Role) -> list[User]:
    held = _held_in_unit(actor.today, role, task.campaign, task.campaign.district_id, task.unit)
    return list({each.user_id: each.user for each in held}.values())


@prepared
def _held_in_unit(
    today: date, role: Role, campaign: Campaign, district: int, unit: Unit
) -> QuerySet[Membership, Membership]:
    return Membership.objects.recipients(today, role).applying_to(campaign, district).filter(unit=unit)


def tasks_by_recipient(tasks: Collection[Task], actor: Actor) -> dict[int, tuple[User, list[Task]]]:
    """Return the tasks by recipient: the owner of each task and the liaisons of its unit."""
    memberships = Membership.objects.recipients(actor.today, Role.LIAISON).filter(
        unit__in={task.unit_id for task in tasks}
    )
    liaisons: dict[int | None, list[Membership]] = {}
    for membership in memberships:
        liaisons.setdefault(membership.unit_id, []).append(membership)
    found: dict[int, tuple[User, list[Task]]] = {}
    for task in tasks:
        people = {m.user for m in liaisons.get(task.unit_id, []) if m.campaign_id in (None, task.campaign_id)}
        if task.owner and task.owner.is_active:
            people.add(task.owner)
        for person in people:
            found.setdefault(person.pk, (person, []))[1].append(task)
    return found
