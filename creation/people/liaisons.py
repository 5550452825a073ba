"""Who speaks for each unit: the list the office keeps, the change of a liaison, and the look at a phone number."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, Membership, NoticeKind, Task, TaskStatus, Unit, Urgency, User
from creation.models.membership import MembershipQuerySet
from creation.people import accounts
from creation.rules.policy import UNIT_ROLES, Role


@dataclass
class Post:
    """A unit with its liaisons (the first owns new tasks) and the number of its unfinished tasks in the campaign."""

    unit: Unit
    unfinished: int
    people: list[User] = field(default_factory=list)


def roster(campaign: Campaign, today: date) -> list[Post]:
    """Every unit of the district, those without a liaison first, then in the district's order."""
    counts = dict(open_tasks(campaign).order_by().values_list("unit").annotate(Count("pk")))
    units = Unit.objects.active(today).filter(district=campaign.district_id)
    posts = {unit.pk: Post(unit, counts.get(unit.pk, 0)) for unit in units}
    for membership in in_force(campaign, today):
        if membership.unit_id in posts:
            posts[membership.unit_id].people.append(membership.user)
    return sorted(posts.values(), key=lambda post: bool(post.people))


def in_force(campaign: Campaign, today: date) -> list[Membership]:
    return list(unit_posts(campaign, today).of_role(Role.LIAISON))


def unit_posts(campaign: Campaign, today: date) -> MembershipQuerySet:
    """The unit roles held in the campaign's district, each with person and unit."""
    return Membership.objects.recipients(today, *UNIT_ROLES).for_campaign(campaign).select_related("user", "unit")


def open_tasks(campaign: Campaign) -> QuerySet[Task]:
    return Task.objects.live().filter(campaign=campaign).exclude(status=TaskStatus.APPROVED)


def appoint(unit: Unit, person: User, campaign: Campaign, actor: Actor) -> None:
    """Make ``person`` the unit's liaison in place of who it was: open tasks follow, history stays, both are told."""
    if person.unit_id != unit.pk or not person.is_active:
        raise Refusal(f"{person.name}不是{unit}的在用账号，请选择本单位人员。")
    with transaction.atomic():
        former = list(unit_posts(campaign, actor.today).of_role(Role.LIAISON).filter(unit=unit))
        if any(held.user_id == person.pk for held in former) and len(former) == 1:
            raise Refusal(f"{person.name}已经是{unit}的联络员。")
        for held in former:
            accounts.take(held, actor)
        accounts.give(person, Role.LIAISON, actor, unit=unit)
        _tell([held.user for held in former], person, unit, campaign, actor)


def _tell(former: list[User], person: User, unit: Unit, campaign: Campaign, actor: Actor) -> None:
    count = open_tasks(campaign).filter(unit=unit).count()
    texts = dict.fromkeys(former, f"{unit}的联络员已改为{person.name}，未办结任务一并移交。")
    texts[person] = f"您已被指定为{unit}的联络员，现有 {count} 项未办结任务，请在“待办”中查看。"
    for each, text in texts.items():
        subject, slot = f"unit/{unit.pk}", f"liaison {actor.at:%Y-%m-%dT%H:%M:%S}"
        trail.notify(each, NoticeKind.CHANGED, text, actor, subject=subject, slot=slot, urgency=Urgency.AT_ONCE)


def reveal(person: User, actor: Actor) -> str:
    """The full mobile number; every look is written down."""
    trail.audit(actor, "phone.reveal", person)
    return person.mobile
