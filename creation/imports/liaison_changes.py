"""Carry out the plan of a 联络员信息表: new units and accounts, changed accounts, appointments, leaders of units."""

import re

from creation.imports.import_plan import ImportPlan, PlanLine
from creation.imports.kinds import ImportContext
from creation.lib.refusals import Refusal
from creation.models import Unit
from creation.people import accounts, unit_staff
from creation.rules.policy import Role
from creation.units import lifecycle

UNIT_KINDS = {"township": "乡镇（街道）", "party": "党委部门", "department": "区直部门"}
TOWNSHIP, PARTY = re.compile(r"街道|[镇乡]"), re.compile(r"^区委|党委|党校|纪委")


def unit_kind(name: str) -> str:
    """Return the kind of a new unit, to judge by its name."""
    if TOWNSHIP.search(name):
        return "township"
    return "party" if PARTY.search(name) else "department"


def apply(context: ImportContext, plan: ImportPlan) -> str:
    created_units: dict[str, Unit] = {}
    try:
        for line in plan.pending_lines:
            unit = (
                line.data.get("unit")
                or created_units.get(line.data["unit_name"])
                or _add_unit(context, line.data["unit_name"])
            )
            created_units[unit.name] = unit
            _apply_line(context, line, unit)
    except Refusal as refused:
        raise Refusal(f"第 {line.row} 行没有导入：{refused}全部改动已撤销。") from refused
    return f"新增 {plan.counts['created']} 人、修改 {plan.counts['changed']} 人"


def _add_unit(context: ImportContext, name: str) -> Unit:
    last = Unit.objects.filter(district=context.campaign.district_id).order_by("-order").first()
    short = name.removeprefix(context.campaign.district.name) or name
    data = {"kind": unit_kind(name), "name": name, "short_name": short[:20], "leader": "", "active_from": None}
    return lifecycle.create(context.campaign.district, data | {"order": last.order + 1 if last else 1}, context.actor)


def _apply_line(context: ImportContext, line: PlanLine, unit: Unit) -> None:
    if "leader" in line.data:
        current = Unit.objects.select_related("district").get(pk=unit.pk)
        data = {name: getattr(current, name) for name in lifecycle.EDITABLE} | {"leader": line.data["leader"]}
        lifecycle.edit(current, data, current.version, context.actor)
    person, facts = line.data.get("person"), line.data.get("facts", {})
    role = line.data.get("role", Role.LIAISON)
    if person is None:
        if line.data.get("appoint"):
            _enlist(context, unit, line.data["name"], facts, role)
        return
    if any(getattr(person, key) != value for key, value in facts.items()):
        accounts.edit_account(person, facts | {"unit": unit}, person.version, context.actor)
    if line.data.get("appoint"):
        unit_staff.appoint_to_unit(unit, role, person, context.campaign, context.actor)


def _enlist(context: ImportContext, unit: Unit, name: str, facts: dict[str, str], role: Role) -> None:
    username = unit_staff.suggest_username(name, unit)
    if not username:
        raise Refusal(f"“{name}”拼不出登录名，请在“联络员”页单独建立账号。")
    blank = {"post": "", "office_phone": "", "mobile": "", "email": ""}
    data = blank | facts | {"name": name, "username": username}
    unit_staff.create_staff(unit, role, data, context.campaign, context.actor)
