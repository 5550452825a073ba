"""The liaisons of the units: the office's list, appointments, and access to phone numbers."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Count, QuerySet

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, Membership, NoticeKind, Task, TaskStatus, Unit, Urgency, User
from creation.models.membership import MembershipQuerySet
from creation.people import accounts, campaign_reach, notifications
from creation.rules.policy import UNIT_ROLES, Role


@dataclass
class RosterRow:
    """A unit with its liaisons (the first owns new tasks) and its number of unfinished tasks in the campaign."""

    unit: Unit
    unfinished: int
    people: list[User] = field(default_factory=list)


def roster(campaign: Campaign, today: date) -> list[RosterRow]:
    """Return every unit of the district, those without a liaison first, then in the district's order."""
    counts = dict(unfinished_tasks(campaign).order_by().values_list("unit").annotate(Count("pk")))
    units = Unit.objects.active(today).filter(district=campaign.district_id)
    rows = {unit.pk: RosterRow(unit, counts.get(unit.pk, 0)) for unit in units}
    for membership in current_liaisons(campaign, today):
        if membership.unit_id in rows:
            rows[membership.unit_id].people.append(membership.user)
    return sorted(rows.values(), key=lambda row: bool(row.people))


def current_liaisons(campaign: Campaign, today: date) -> list[Membership]:
    return list(unit_memberships(campaign, today).of_role(Role.LIAISON))


def unit_memberships(campaign: Campaign, today: date) -> MembershipQuerySet:
    """Return the memberships with unit roles in the campaign's district, with person and unit."""
    return Membership.objects.recipients(today, *UNIT_ROLES).for_campaign(campaign).select_related("user", "unit")


def unfinished_tasks(campaign: Campaign) -> QuerySet[Task]:
    return Task.objects.active().filter(campaign=campaign).exclude(status=TaskStatus.APPROVED)


def appoint_liaison(unit: Unit, person: User, campaign: Campaign, actor: Actor) -> None:
    """Make ``person`` the unit's only liaison. Open tasks are reassigned, history remains, and both people are notified. Raises Refusal."""
    if person.unit_id != unit.pk or not person.is_active:
        raise Refusal(f"{person.name}不是{unit}的在用账号，请选择本单位人员。")
    with transaction.atomic():
        limit = campaign_reach.limiting_campaign(campaign, actor)
        former = list(unit_memberships(campaign, actor.today).of_role(Role.LIAISON).filter(unit=unit))
        if any(membership.user_id == person.pk for membership in former) and len(former) == 1:
            raise Refusal(f"{person.name}已经是{unit}的联络员。")
        for membership in former:
            campaign_reach.require_reach(membership, actor)
            accounts.close_membership(membership, actor)
        accounts.add_membership(person, Role.LIAISON, actor, unit=unit, campaign=limit)
        _notify_change([membership.user for membership in former], person, unit, campaign, actor)


def _notify_change(former: list[User], person: User, unit: Unit, campaign: Campaign, actor: Actor) -> None:
    count = unfinished_tasks(campaign).filter(unit=unit).count()
    texts = dict.fromkeys(former, f"{unit}的联络员已改为{person.name}，未办结任务一并移交。")
    texts[person] = f"您已被指定为{unit}的联络员，现有 {count} 项未办结任务，请在“待办”中查看。"
    for each, text in texts.items():
        subject, dedup_key = f"unit/{unit.pk}", f"liaison {actor.at:%Y-%m-%dT%H:%M:%S}"
        notifications.notify(
            each, NoticeKind.CHANGED, text, actor, subject=subject, dedup_key=dedup_key, urgency=Urgency.AT_ONCE
        )


def reveal_mobile(person: User, actor: Actor) -> str:
    """Return the full mobile number and record the access in the audit trail."""
    audit_log.record(actor, "phone.reveal", person)
    return person.mobile
