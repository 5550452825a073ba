"""Who hears about a task: its unit's liaisons and leaders, the office's coordinators; and telling them."""

from collections.abc import Collection

from creation.audit import trail
from creation.audit.trail import Actor
from creation.models import Membership, NoticeKind, Task, Urgency, User
from creation.models.membership import MembershipQuerySet
from creation.rules.policy import Role


def liaisons(task: Task, actor: Actor) -> list[User]:
    """The owner and the unit's liaisons."""
    return _people(task, actor, Role.LIAISON, also=task.owner)


def leaders(task: Task, actor: Actor) -> list[User]:
    return _people(task, actor, Role.UNIT_LEADER)


def coordinators(task: Task, actor: Actor) -> list[User]:
    held = _in_force(actor, Role.COORDINATOR).filter(district=task.campaign.district_id)
    return _of_campaign(held, task)


def administrators(district_id: int, actor: Actor) -> list[User]:
    return [held.user for held in _in_force(actor, Role.ADMINISTRATOR).filter(district=district_id)]


def _people(task: Task, actor: Actor, role: Role, also: User | None = None) -> list[User]:
    people = _of_campaign(_in_force(actor, role).filter(unit=task.unit), task)
    if also and also.is_active and also not in people:
        people.append(also)
    return people


def _in_force(actor: Actor, role: Role) -> MembershipQuerySet:
    held = Membership.objects.in_force(actor.today).of_role(role)
    return held.filter(user__is_active=True).select_related("user").order_by("pk")


def _of_campaign(held: MembershipQuerySet, task: Task) -> list[User]:
    return list({m.user_id: m.user for m in held if m.campaign_id in (None, task.campaign_id)}.values())


def listeners(tasks: Collection[Task], actor: Actor) -> dict[int, tuple[User, list[Task]]]:
    """Each person who hears of it, with the tasks that concern this person: the owner and the unit's liaisons."""
    held = Membership.objects.in_force(actor.today).of_role(Role.LIAISON).filter(user__is_active=True)
    liaisons: dict[int | None, list[Membership]] = {}
    for membership in held.filter(unit__in={task.unit_id for task in tasks}).select_related("user"):
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
