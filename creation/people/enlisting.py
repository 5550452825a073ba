"""The office names a unit's people itself, a colleague or somebody new, as liaison, clerk or unit leader, and hands out links."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import Campaign, Membership, NoticeKind, Unit, Urgency, User
from creation.people import accounts, credentials, liaisons
from creation.rules.policy import ROLE_NAMES, UNIT_ROLES, Role

LONGEST = 36  # letters of an offered login name; a number still fits behind


@dataclass(frozen=True, slots=True)
class Slip:
    """What a person is handed, once: login name and link. Kept nowhere."""

    person: User
    role: str
    address: str
    until: datetime


def offer_login(name: str, unit: Unit) -> str:
    """A free login name: the person's name in letters, the unit's initials, a number where that is taken. "" when no letter is left."""
    person, place = _letters(name, Style.NORMAL), _letters(unit.short_name, Style.FIRST_LETTER)
    if not person:
        return ""
    offered = f"{person}-{place}"[:LONGEST].rstrip("-")
    taken = set(User.objects.filter(username__startswith=offered).values_list("username", flat=True))
    return offered if offered not in taken else next(f"{offered}{n}" for n in count(2) if f"{offered}{n}" not in taken)


def _letters(text: str, style: Style) -> str:
    return re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(text, style=style)).lower())


def enlist(unit: Unit, role: Role, data: Mapping[str, Any], campaign: Campaign, actor: Actor) -> User:
    """A new account of this unit with one unit role. Raises Refusal when the login name is taken or the role cannot be given."""
    with transaction.atomic():
        person = accounts.create_person({**data, "unit": unit, "roles": []}, actor)
        appoint(unit, role, person, campaign, actor)
    return person


def appoint(unit: Unit, role: Role, person: User, campaign: Campaign, actor: Actor) -> None:
    """A person of the unit takes a unit role: as liaison in place of the former one, as clerk or leader beside whoever holds it."""
    if role not in UNIT_ROLES:
        raise Refusal("这里只能指定联络员、承办人和分管领导，其他角色请系统管理员指定。")
    if role is Role.LIAISON:
        liaisons.appoint(unit, person, campaign, actor)
        return
    if person.unit_id != unit.pk or not person.is_active:
        raise Refusal(f"{person.name}不是{unit}的在用账号，请选择本单位人员。")
    with transaction.atomic():
        accounts.give(person, role, actor, unit=unit)
        text = f"您已被指定为{unit}的{ROLE_NAMES[role]}，本单位的任务请在“待办”中查看。"
        subject, slot = f"unit/{unit.pk}", f"{role} {actor.at:%Y-%m-%dT%H:%M:%S}"
        trail.notify(person, NoticeKind.CHANGED, text, actor, subject=subject, slot=slot, urgency=Urgency.AT_ONCE)


def dismiss(held: Membership, actor: Actor) -> None:
    """A clerk's or leader's role ends; a liaison is replaced instead, so that the unit's tasks always have an owner."""
    if held.role == Role.LIAISON:
        raise Refusal("联络员不能直接结束，请指定新的联络员来接替。")
    accounts.take(held, actor)


def hand_out(held: Iterable[Membership], actor: Actor) -> list[Slip]:
    """A one-time link for each; their earlier links stop working. All or none."""
    with transaction.atomic():
        return [_slip(each, actor) for each in held]


def _slip(held: Membership, actor: Actor) -> Slip:
    """The office opens accounts of units only: with the link of a colleague or an administrator one could step into their rights."""
    person = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=held.user_id)
    roles = {Role(each.role) for each in person.memberships.in_force(actor.today)}
    if not roles or roles - UNIT_ROLES:
        raise Refusal(f"{person.name}还担任单位以外的角色，登录链接请系统管理员签发。")
    token = credentials.issue(person, actor)
    return Slip(person, ROLE_NAMES[Role(held.role)], credentials.address(token), actor.at + credentials.VALID_FOR)


def staff(unit: Unit, campaign: Campaign, actor: Actor) -> list[Membership]:
    """Who holds a unit role here, liaisons first."""
    held = liaisons.unit_posts(campaign, actor.today).filter(unit=unit)
    order = [Role.LIAISON, Role.CLERK, Role.UNIT_LEADER]
    return sorted(held, key=lambda each: order.index(Role(each.role)))


def without_password(campaign: Campaign, actor: Actor) -> list[Membership]:
    """The unit roles whose holders never logged in, each person once, in the district's order."""
    held = liaisons.unit_posts(campaign, actor.today).order_by("unit__order", "unit", "pk")
    return list({each.user_id: each for each in reversed(held) if not each.user.has_usable_password()}.values())[::-1]
