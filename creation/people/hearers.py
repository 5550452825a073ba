"""Who hears about a task: its unit's liaisons and leaders, the office's coordinators; and telling them."""

from collections.abc import Collection

from creation.audit import trail
from creation.audit.trail import Actor
from creation.models import Membership, NoticeKind, Task, Urgency, User
from creation.models.membership import MembershipQuerySet
from creation.rules.policy import Role


def liaisons(task: Task, actor: Actor) -> list[User]:
    """The owner and the unit's liaisons."""
    people = _of_unit(task, actor, Role.LIAISON)
    if task.owner and task.owner.is_active and task.owner not in people:
        people.append(task.owner)
    return people


def leaders(task: Task, actor: Actor) -> list[User]:
    return _of_unit(task, actor, Role.UNIT_LEADER)


def coordinators(task: Task, actor: Actor) -> list[User]:
    return _of_campaign(task, actor, Role.COORDINATOR).people()


def administrators(district_id: int, actor: Actor) -> list[User]:
    return Membership.objects.recipients(actor.today, Role.ADMINISTRATOR).filter(district=district_id).people()


def _of_unit(task: Task, actor: Actor, role: Role) -> list[User]:
    return _of_campaign(task, actor, role).filter(unit=task.unit).people()


def _of_campaign(task: Task, actor: Actor, role: Role) -> MembershipQuerySet:
    return Membership.objects.recipients(actor.today, role).for_campaign(task.campaign)


def listeners(tasks: Collection[Task], actor: Actor) -> dict[int, tuple[User, list[Task]]]:
    """Each person who hears of it, with the tasks that concern this person: the owner and the unit's liaisons."""
    held = Membership.objects.recipients(actor.today, Role.LIAISON).filter(unit__in={task.unit_id for task in tasks})
    liaisons: dict[int | None, list[Membership]] = {}
    for membership in held:
        liaisons.setdefault(membership.unit_id, []).append(membership)
    heard: dict[int, tuple[User, list[Task]]] = {}
    for task in tasks:
        people = {m.user for m in liaisons.get(task.unit_id, []) if m.campaign_id in (None, task.campaign_id)}
        if task.owner and task.owner.is_active:
            people.add(task.owner)
        for person in people:
            heard.setdefault(person.pk, (person, []))[1].append(task)
    return heard


def tell(
    people: list[User],
    kind: NoticeKind,
    text: str,
    task: Task,
    actor: Actor,
    urgency: str = Urgency.DAILY,
    slot: str = "",
) -> None:
    """The slot is the task's version unless the caller names what makes this message a new one."""
    for person in people:
        trail.notify(
            person,
            kind,
            text,
            actor,
            subject=f"task/{task.pk}",
            slot=slot or f"v{task.version}",
            task=task,
            urgency=urgency,
        )
