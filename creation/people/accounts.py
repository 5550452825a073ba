"""Creates, changes and disables accounts and their roles. Account managers and auditors hold no other roles."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import Campaign, District, Membership, Unit, User
from creation.people import credentials, ownership, sessions
from creation.rules.names import person_name
from creation.rules.policy import ROLE_NAMES, SEPARATE_ROLES, UNIT_ROLES, Role

AccountData = Mapping[str, Any]
EDITABLE = ("name", "unit", "post", "office_phone", "mobile", "email")
OWN_EDITABLE = ("office_phone", "mobile", "email")


MOBILE, NO_MOBILE = re.compile(r"1\d{10}", re.ASCII), "手机号应为 11 位数字，以 1 开头。"
PHONE = re.compile(r"[0-9+()（）\- 转]{3,30}")
NO_PHONE = "电话只能含数字、空格、括号、横线和“转”，如 0395-2123456 转 8。"
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
NO_USERNAME = "登录名为 2 至 40 个小写字母、数字、点、横线或下划线，以字母或数字开头。"
TAKEN = "该登录名已被使用，请换一个。"


def create_account(data: AccountData, actor: Actor) -> User:
    """Create an account without a password and with the chosen roles.

    ``data`` includes ``roles``, and ``expires`` for an assessor. Raises Refusal.
    """
    if not USERNAME.fullmatch(data["username"]):
        raise Refusal(NO_USERNAME)
    if User.objects.filter(username=data["username"]).exists():
        raise Refusal(TAKEN)
    data = _with_plain_name(data)
    _refuse_wrong(data)
    with transaction.atomic():
        person = User(username=data["username"], created_at=actor.at, **{name: data[name] for name in EDITABLE})
        person.set_unusable_password()
        person.save()
        audit_log.record(actor, "account.create", person, detail=f"登录名 {person.username}")
        for role in map(Role, data["roles"]):
            grant_role(
                person,
                role,
                actor,
                unit=person.unit if role in UNIT_ROLES else None,
                expires=data.get("expires") if role is Role.ASSESSOR else None,
            )
    return person


def edit_account(person: User, data: AccountData, seen: int, actor: Actor) -> None:
    """Change a person's data. A move to another unit ends the roles held in the old one, the sessions and the links.

    Raises Refusal.
    """
    data = _with_plain_name(data)
    _refuse_wrong(data)
    with transaction.atomic():
        before = User.objects.select_related("unit").get(pk=person.pk)
        _save(person, {name: data[name] for name in EDITABLE if name in data}, seen)
        audit_log.record(actor, "account.edit", person, detail=_changes(before, data))
        if before.unit_id != data["unit"].pk:
            _leave_unit(person, before.unit, actor)


def edit_own_account(person: User, data: AccountData, seen: int, actor: Actor) -> None:
    """Change one's own phone numbers and e-mail address. Raises Refusal."""
    _refuse_wrong(data)
    with transaction.atomic():
        before = User.objects.get(pk=person.pk)
        _save(person, {name: data[name] for name in OWN_EDITABLE}, seen)
        audit_log.record(actor, "profile.edit", person, detail=_changes(before, data))


def _with_plain_name(data: AccountData) -> AccountData:
    """Return the data with the name as it is kept, so that 秦　壬戌 and 秦壬戌 stay one person."""
    return {**data, "name": person_name(data["name"])} if "name" in data else data


def _refuse_wrong(data: AccountData) -> None:
    """Raise Refusal for invalid data. Fields that are not in ``data`` are not checked."""
    if "name" in data and not data["name"]:
        raise Refusal("请填写姓名。")
    if data.get("mobile") and not MOBILE.fullmatch(data["mobile"]):
        raise Refusal(NO_MOBILE)
    if data.get("office_phone") and not PHONE.fullmatch(data["office_phone"]):
        raise Refusal(NO_PHONE)
    if data.get("email") and not is_email(data["email"]):
        raise Refusal("电子邮箱的格式不正确，请改正。")


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _save(person: User, values: dict[str, Any], seen: int) -> None:
    if not User.objects.change(person.pk, seen, **values):
        raise Stale("该账号的资料刚刚被他人修改，您的修改没有保存。请核对最新内容后再填。")


def _changes(before: User, data: AccountData) -> str:
    """Return the names of the changed fields, never the phone numbers themselves."""
    fields = [User._meta.get_field(name) for name in EDITABLE if name in data and getattr(before, name) != data[name]]
    names = "、".join(str(getattr(field, "verbose_name", field.name)) for field in fields)
    return f"修改：{names}" if names else "内容未变"


def _leave_unit(person: User, unit: Unit | None, actor: Actor) -> None:
    for membership in person.memberships.active(actor.today).filter(unit=unit, unit__isnull=False):
        close_membership(membership, actor)
    credentials.revoke_links(person, actor)
    sessions.end_all_sessions(person, actor)


def grant_role(
    person: User,
    role: Role,
    actor: Actor,
    *,
    unit: Unit | None = None,
    campaign: Campaign | None = None,
    expires: date | None = None,
) -> Membership:
    """Give another person a role. Raises Refusal for one's own account."""
    _require_other_person(person, actor)
    return add_membership(person, role, actor, unit=unit, campaign=campaign, expires=expires)


def add_membership(
    person: User,
    role: Role,
    actor: Actor,
    *,
    unit: Unit | None = None,
    campaign: Campaign | None = None,
    expires: date | None = None,
    district: District | None = None,
) -> Membership:
    """Create the membership. Raises Refusal if the role is already held or may not be combined with the others.

    ``district``: where a role without a unit applies, if not in the person's own district.
    """
    with transaction.atomic():
        person = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
        _require_allowed_role(person, role, actor, unit, expires)
        home = unit or person.unit
        place = district.pk if district and not unit else home.district_id if home else 0
        same = Membership.objects.filter(
            user=person, role=role, district=place, unit=unit, campaign=campaign, ended_on=None
        )
        same.filter(expires__lt=actor.today).update(ended_on=actor.today)
        if same.exists():
            raise Refusal(f"{person.name}已经是{ROLE_NAMES[role]}，无需重复指定。")
        membership = Membership.objects.create(
            user=person, role=role, district_id=place, unit=unit, campaign=campaign, expires=expires
        )
        audit_log.record(actor, "membership.grant", person, detail=describe_membership(membership))
        _reassign_tasks(membership, actor)
    return membership


def _require_allowed_role(person: User, role: Role, actor: Actor, unit: Unit | None, expires: date | None) -> None:
    if not person.is_active:
        raise Refusal(f"{person.name}的账号已停用，请先启用再指定角色。")
    if (role in UNIT_ROLES) != (unit is not None):
        raise Refusal("联络员、承办人、分管领导须选择单位，其他角色不选单位。")
    if unit and person.unit and unit.district_id != person.unit.district_id:
        raise Refusal("只能在本行政区的单位任职。")
    if role is Role.ASSESSOR and not expires:
        raise Refusal("第三方专家须填写有效期。")
    if expires and expires < actor.today:
        raise Refusal("有效期已过，请填写今天或以后的日期。")
    current_roles = {Role(each.role) for each in person.memberships.active(actor.today)}
    if (role in SEPARATE_ROLES and current_roles - {role}) or current_roles & SEPARATE_ROLES - {role}:
        raise Refusal(
            "系统管理员、安全审计员与业务工作须由不同的人担任："
            f"{person.name}现任{'、'.join(ROLE_NAMES[each] for each in sorted(current_roles))}，不能再任{ROLE_NAMES[role]}。"
        )


def _require_other_person(person: User, actor: Actor) -> None:
    if actor.person and actor.person.pk == person.pk:
        raise Refusal("不能调整本人的角色和账号状态，请由另一位系统管理员办理。")


def revoke_role(membership: Membership, actor: Actor) -> None:
    """End another person's role. Raises Refusal for one's own."""
    _require_other_person(membership.user, actor)
    close_membership(membership, actor)


def close_membership(membership: Membership, actor: Actor) -> None:
    """End the membership; its row remains as history. A liaison's open tasks go to the unit's next liaison."""
    with transaction.atomic():
        if not Membership.objects.filter(pk=membership.pk, ended_on=None).update(ended_on=actor.today):
            raise Refusal("该任职已经结束。")
        audit_log.record(actor, "membership.end", membership.user, detail=describe_membership(membership))
        _reassign_tasks(membership, actor)


def _reassign_tasks(membership: Membership, actor: Actor) -> None:
    if membership.role == Role.LIAISON and membership.unit:
        ownership.reassign_tasks(membership.unit, actor)


def describe_membership(membership: Membership) -> str:
    where = f"（{membership.unit}）" if membership.unit else f"（{membership.campaign}）" if membership.campaign else ""
    home = membership.user.unit.district_id if membership.user.unit else None
    if not where and home != membership.district_id:
        where = f"（{membership.district}）"
    until = f"，有效期至 {membership.expires}" if membership.expires else ""
    return f"{ROLE_NAMES[Role(membership.role)]}{where}{until}"


def disable_account(person: User, actor: Actor) -> None:
    """Disable the account: its sessions and links end now, its roles end today."""
    with transaction.atomic():
        _require_other_person(person, actor)
        if not User.objects.get_queryset().filter(pk=person.pk, is_active=True).bump(is_active=False):
            raise Refusal("该账号已经停用。")
        audit_log.record(actor, "account.disable", person)
        for membership in person.memberships.filter(ended_on=None).select_related("unit", "campaign", "user"):
            close_membership(membership, actor)
        credentials.revoke_links(person, actor)
        sessions.end_all_sessions(person, actor)


def enable_account(person: User, actor: Actor) -> None:
    """Enable the account again, without roles."""
    with transaction.atomic():
        _require_other_person(person, actor)
        if not User.objects.get_queryset().filter(pk=person.pk, is_active=False).bump(is_active=True):
            raise Refusal("该账号已经是启用状态。")
        audit_log.record(actor, "account.enable", person)
