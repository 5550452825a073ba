"""附件3, 联络员信息表: units and their liaisons. Creates units and accounts, replaces liaisons, and updates telephone numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from creation.audit.actor import Actor
from creation.imports.headings import ImportColumn
from creation.imports.import_plan import FieldChange, ImportPlan, PlanLine, RowReader, table_rows
from creation.imports.kinds import ImportContext
from creation.imports.unit_names import NEW, NONE, UnitNames
from creation.lib.refusals import Refusal
from creation.models import Campaign, Unit, User
from creation.people import accounts, unit_staff
from creation.people import liaisons as posts
from creation.rules.policy import Role
from creation.units import lifecycle

COLUMNS = (
    ImportColumn(
        "unit", "单位", ("单位名称", "责任单位", "填报单位", "部门", "单位全称", "工作单位"), required=True, level=True
    ),
    ImportColumn("name", "姓名", ("联络员", "联络员姓名", "联系人"), required=True),
    ImportColumn("post", "职务", ("职务职称", "职务/职称", "岗位")),
    ImportColumn("office_phone", "办公电话", ("座机", "固定电话", "电话", "联系电话", "办公室电话")),
    ImportColumn("mobile", "手机", ("手机号", "手机号码", "移动电话", "联系手机", "联系方式")),
)
FACTS = {"post": 40, "office_phone": 30, "mobile": 20}
NOBODY = ("", "—", "待定", "（尚未确定）", "尚未确定", "无")  # a unit that has no liaison yet
TOWNSHIP, PARTY = re.compile(r"街道|[镇乡]"), re.compile(r"^区委|党委|党校|纪委")


class _Roster:
    """The current state of the district: people by unit and name, liaisons by unit."""

    def __init__(self, context: ImportContext) -> None:
        people = User.objects.filter(unit__district=context.campaign.district_id, is_active=True).order_by("pk")
        self.people: dict[tuple[int, str], list[User]] = {}
        for person in people.select_related("unit"):
            self.people.setdefault((person.unit_id or 0, person.name), []).append(person)
        self.liaisons: dict[int, list[int]] = {}
        for membership in posts.current_liaisons(context.campaign, context.actor.today):
            self.liaisons.setdefault(membership.unit_id or 0, []).append(membership.user_id)

    def find(self, unit: Unit, name: str, mobile: str) -> User | None:
        found = self.people.get((unit.pk, name), [])
        return next((person for person in found if person.mobile == mobile), found[0] if found else None)


def plan(context: ImportContext) -> ImportPlan:
    units = Unit.objects.active(context.actor.today).filter(district=context.campaign.district_id)
    names = UnitNames(units, context.campaign.district.name, context.answers)
    roster = _Roster(context)
    lines = [_line(RowReader(context.layout, COLUMNS, row), names, roster) for row in table_rows(context.layout)]
    _refuse_second_liaisons(lines, roster, context)
    created_units = {line.data["unit_name"] for line in lines if line.data.get("unit_name")}
    notes = [f"将新建单位“{name}”（{UNIT_KINDS[_kind(name)]}），可在“单位”中修改。" for name in sorted(created_units)]
    return ImportPlan(context.layout, lines, list(names.questions.values()), notes)


def _line(reader: RowReader, names: UnitNames, roster: _Roster) -> PlanLine:
    if reader.is_blank("name", *FACTS, nothing=NOBODY):
        return PlanLine(reader.row, reader.text("unit", 80))
    unit_name, name = reader.text("unit", 80), reader.text("name", 30).replace(" ", "")
    facts = {key: reader.text(key, limit) for key, limit in FACTS.items() if reader.has(key)}
    line = PlanLine(reader.row, f"{unit_name} {name}".strip(), errors=reader.errors)
    unit = names.find(unit_name, may_be_new=True) if unit_name else NONE
    if isinstance(unit, Unit):
        _known(reader, line, unit, name, facts, roster)
    elif unit == NEW:
        line.data["unit_name"] = unit_name
        _new(reader, line, name, facts)
    return line


def _known(reader: RowReader, line: PlanLine, unit: Unit, name: str, facts: dict[str, str], roster: _Roster) -> None:
    person = roster.find(unit, name, facts.get("mobile", ""))
    line.data["unit"] = unit
    if person is None:
        _new(reader, line, name, facts)
        return
    facts = {key: value for key, value in facts.items() if value and not _is_masked(value, getattr(person, key))}
    _check(reader, facts)
    labels = {column.key: column.heading for column in COLUMNS}
    line.changes = [
        FieldChange(labels[key], getattr(person, key), value)
        for key, value in facts.items()
        if getattr(person, key) != value
    ]
    line.data |= {"person": person, "facts": facts}
    if person.pk not in roster.liaisons.get(unit.pk, []):
        line.changes.append(FieldChange("联络员", "不是", "是"))
        line.data["appoint"] = True


def _new(reader: RowReader, line: PlanLine, name: str, facts: dict[str, str]) -> None:
    _check(reader, facts)
    line.created = True
    line.changes = [FieldChange("姓名", "", name)] + [
        FieldChange(column.heading, "", facts[column.key]) for column in COLUMNS if facts.get(column.key)
    ]
    line.data |= {"name": name, "facts": facts, "appoint": True}


def _is_masked(value: str, stored: str) -> bool:
    """Return whether the number is masked, such as 138****1234 from an export, and matches the stored one, so that it changes nothing."""
    pattern = re.escape(value).replace(r"\*", ".")
    return "*" in value and re.fullmatch(pattern, stored) is not None


def _check(reader: RowReader, facts: dict[str, str]) -> None:
    if (mobile := facts.get("mobile")) and not accounts.MOBILE.fullmatch(mobile):
        reader.add_error("mobile", f"“{mobile}”不是手机号，应为 11 位数字，以 1 开头")
    if (phone := facts.get("office_phone")) and not accounts.PHONE.fullmatch(phone):
        reader.add_error("office_phone", f"“{phone}”不是电话号码，只能含数字、空格、括号、横线和“转”")


def _refuse_second_liaisons(lines: list[PlanLine], roster: _Roster, context: ImportContext) -> None:
    """Refuse a second new liaison of a unit; a row that only repeats the current one does not count."""
    key = {id(line): line.data.get("unit") or line.data.get("unit_name") for line in lines}
    wanted = Counter(key[id(line)] for line in lines if line.data.get("appoint"))
    kept = {key[id(line)] for line in lines if line.data.get("person") and not line.data.get("appoint")}
    seen: Counter[Any] = Counter()
    for line in lines:
        unit_key = key[id(line)]
        seen[unit_key, line.title] += 1
        reader = RowReader(context.layout, COLUMNS, line.row)
        if unit_key and seen[unit_key, line.title] > 1:
            reader.add_error("name", "这个人在表中出现了两次，请只留一行")
        elif line.data.get("appoint") and (wanted[unit_key] > 1 or unit_key in kept):
            reader.add_error(
                "name", "这个单位在表中有几名联络员。每个单位只指定一名，请只留一行；其他人可在“联络员”页指定为承办人"
            )
        line.errors += reader.errors


# Carry out the plan

UNIT_KINDS = {"township": "乡镇（街道）", "party": "党委部门", "department": "区直部门"}


def _kind(name: str) -> str:
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
    data = {"kind": _kind(name), "name": name, "short_name": short[:20], "leader": "", "active_from": None}
    return lifecycle.create(context.campaign.district, data | {"order": last.order + 1 if last else 1}, context.actor)


def _apply_line(context: ImportContext, line: PlanLine, unit: Unit) -> None:
    person, facts = line.data.get("person"), line.data["facts"]
    if person is None:
        _enlist(context, unit, line.data["name"], facts)
        return
    if any(getattr(person, key) != value for key, value in facts.items()):
        accounts.edit_account(person, facts | {"unit": unit}, person.version, context.actor)
    if line.data.get("appoint"):
        posts.appoint_liaison(unit, person, context.campaign, context.actor)


def _enlist(context: ImportContext, unit: Unit, name: str, facts: dict[str, str]) -> None:
    username = unit_staff.suggest_username(name, unit)
    if not username:
        raise Refusal(f"“{name}”拼不出登录名，请在“联络员”页单独建立账号。")
    blank = {"post": "", "office_phone": "", "mobile": "", "email": ""}
    unit_staff.create_staff(
        unit, Role.LIAISON, blank | facts | {"name": name, "username": username}, context.campaign, context.actor
    )


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Yield the units and liaisons. Telephone numbers are included, as everybody who may import the table may see them."""
    for post in sorted(posts.roster(campaign, actor.today), key=lambda post: (post.unit.order, post.unit.pk)):
        for person in post.people:
            yield post.unit.short_name, person.name, person.post, person.office_phone, person.mobile
