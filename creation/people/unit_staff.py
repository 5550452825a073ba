"""The office appoints a unit's people as liaison, clerk or unit leader, creates accounts for them, and issues login links."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from creation.audit.actor import Actor
from creation.lib.pinyin import in_pinyin, initials
from creation.lib.refusals import Refusal
from creation.models import Campaign, Membership, NoticeKind, Unit, Urgency, User
from creation.people import accounts, campaign_reach, credentials, liaisons, notifications
from creation.rules.policy import ROLE_NAMES, UNIT_ROLES, Role

MAX_LENGTH = 36  # characters of a suggested username; leaves room for a number


@dataclass(frozen=True, slots=True)
class LoginSlip:
    """Username and link for a person, shown once and never stored."""

    person: User
    role: str
    address: str
    until: datetime


def suggest_username(name: str, unit: Unit) -> str:
    """Return an unused username: the name in pinyin, the unit's initials, and a number if needed. "" if the name yields no letters."""
    person, place = _letters(in_pinyin(name)), _letters(initials(unit.short_name))
    if not person:
        return ""
    username = f"{person}-{place}"[:MAX_LENGTH].rstrip("-")
    taken = set(User.objects.filter(username__startswith=username).values_list("username", flat=True))
    return (
        username if username not in taken else next(f"{username}{n}" for n in count(2) if f"{username}{n}" not in taken)
    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


def create_staff(unit: Unit, role: Role, data: Mapping[str, Any], campaign: Campaign, actor: Actor) -> User:
    """Create an account of this unit with one unit role. Raises Refusal if the username is taken or the role is not allowed."""
    with transaction.atomic():
        person = accounts.create_account({**data, "unit": unit, "roles": []}, actor)
        appoint_to_unit(unit, role, person, campaign, actor)
    return person


def appoint_to_unit(unit: Unit, role: Role, person: User, campaign: Campaign, actor: Actor) -> None:
    """Give a person of the unit a unit role.

    A liaison replaces the former one; clerks and leaders are added to the existing ones. Raises Refusal.
    """
    if role not in UNIT_ROLES:
        raise Refusal("这里只能指定联络员、承办人和分管领导，其他角色请系统管理员指定。")
    if role is Role.LIAISON:
        liaisons.appoint_liaison(unit, person, campaign, actor)
        return
    if person.unit_id != unit.pk or not person.is_active:
        raise Refusal(f"{person.name}不是{unit}的在用账号，请选择本单位人员。")
    with transaction.atomic():
        limit = campaign_reach.limiting_campaign(campaign, actor)
        accounts.add_membership(person, role, actor, unit=unit, campaign=limit)
        text = f"您已被指定为{unit}的{ROLE_NAMES[role]}，本单位的任务请在“待办”中查看。"
        subject, dedup_key = f"unit/{unit.pk}", f"{role} {actor.at:%Y-%m-%dT%H:%M:%S}"
        notifications.notify(
            person, NoticeKind.CHANGED, text, actor, subject=subject, dedup_key=dedup_key, urgency=Urgency.AT_ONCE
        )


def end_unit_role(membership: Membership, actor: Actor) -> None:
    """End a clerk's or leader's role. A liaison can only be replaced, so that the unit's tasks always have an owner. Raises Refusal."""
    if membership.role == Role.LIAISON:
        raise Refusal("联络员不能直接结束，请指定新的联络员来接替。")
    campaign_reach.require_reach(membership, actor)
    accounts.close_membership(membership, actor)


def issue_slips(memberships: Iterable[Membership], actor: Actor, days: int = 1) -> list[LoginSlip]:
    """Issue a one-time link for each, all or none; invitations are valid for ``days``. Earlier links stop working. Raises Refusal."""
    with transaction.atomic():
        return [_issue_slip(each, actor, days) for each in memberships]


def _issue_slip(membership: Membership, actor: Actor, days: int) -> LoginSlip:
    """Issue a link, only for people who hold unit roles alone.

    With the link of an administrator, the office could take over those rights.
    """
    person = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=membership.user_id)
    roles = {Role(each.role) for each in person.memberships.active(actor.today)}
    if not roles or roles - UNIT_ROLES:
        raise Refusal(f"{person.name}还担任单位以外的角色，登录链接请系统管理员签发。")
    for held in person.memberships.active(actor.today).select_related("user"):
        campaign_reach.require_reach(held, actor)
    until = actor.at + credentials.link_lifetime(person, days)
    token = credentials.issue_link(person, actor, days)
    return LoginSlip(person, ROLE_NAMES[Role(membership.role)], credentials.link_url(token), until)


def unit_staff(unit: Unit, campaign: Campaign, actor: Actor) -> list[Membership]:
    """Return the memberships with a unit role in this unit, liaisons first."""
    memberships = liaisons.unit_memberships(campaign, actor.today).filter(unit=unit)
    order = [Role.LIAISON, Role.CLERK, Role.UNIT_LEADER]
    return sorted(memberships, key=lambda each: order.index(Role(each.role)))


def staff_without_password(campaign: Campaign, actor: Actor) -> list[Membership]:
    """Return the unit roles whose holders have no password yet, one per person, in the district's order."""
    memberships = liaisons.unit_memberships(campaign, actor.today).order_by("unit__order", "unit", "pk")
    return list({each.user_id: each for each in reversed(memberships) if not each.user.has_usable_password()}.values())[
        ::-1
    ]
