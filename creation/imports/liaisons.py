"""附件3, 联络员信息表: units and who speaks for them. New units and accounts are made, a liaison is replaced, phones follow."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from creation.audit.trail import Actor
from creation.imports.headings import Column
from creation.imports.kinds import Case
from creation.imports.plans import Change, Line, Plan, Reader, rows_of
from creation.imports.unitnames import NEW, NONE, UnitNames
from creation.lib.refusals import Refusal
from creation.models import Campaign, Unit, User
from creation.people import accounts, enlisting
from creation.people import liaisons as posts
from creation.rules.policy import Role
from creation.units import restructuring

COLUMNS = (
    Column(
        "unit", "单位", ("单位名称", "责任单位", "填报单位", "部门", "单位全称", "工作单位"), required=True, level=True
    ),
    Column("name", "姓名", ("联络员", "联络员姓名", "联系人"), required=True),
    Column("post", "职务", ("职务职称", "职务/职称", "岗位")),
    Column("office_phone", "办公电话", ("座机", "固定电话", "电话", "联系电话", "办公室电话")),
    Column("mobile", "手机", ("手机号", "手机号码", "移动电话", "联系手机", "联系方式")),
)
FACTS = {"post": 40, "office_phone": 30, "mobile": 20}
NOBODY = ("", "—", "待定", "（尚未确定）", "尚未确定", "无")  # a unit that has no liaison yet
TOWNSHIP, PARTY = re.compile(r"街道|[镇乡]"), re.compile(r"^区委|党委|党校|纪委")


class _Roll:
    """What the district has now: people by unit and name, liaisons by unit."""

    def __init__(self, case: Case) -> None:
        people = User.objects.filter(unit__district=case.campaign.district_id, is_active=True).order_by("pk")
        self.people: dict[tuple[int, str], list[User]] = {}
        for person in people.select_related("unit"):
            self.people.setdefault((person.unit_id or 0, person.name), []).append(person)
        self.liaisons: dict[int, list[int]] = {}
        for held in posts.in_force(case.campaign, case.actor.today):
            self.liaisons.setdefault(held.unit_id or 0, []).append(held.user_id)

    def find(self, unit: Unit, name: str, mobile: str) -> User | None:
        found = self.people.get((unit.pk, name), [])
        return next((person for person in found if person.mobile == mobile), found[0] if found else None)


def plan(case: Case) -> Plan:
    units = Unit.objects.active(case.actor.today).filter(district=case.campaign.district_id)
    names = UnitNames(units, case.campaign.district.name, case.answers)
    roll = _Roll(case)
    lines = [_line(Reader(case.layout, COLUMNS, row), names, roll) for row in rows_of(case.layout)]
    _refuse_rivals(lines, roll, case)
    made = {line.data["unit_name"] for line in lines if line.data.get("unit_name")}
    notes = [f"将新建单位“{name}”（{UNIT_KINDS[_kind(name)]}），可在“单位”中修改。" for name in sorted(made)]
    return Plan(case.layout, lines, list(names.questions.values()), notes)


def _line(reader: Reader, names: UnitNames, roll: _Roll) -> Line:
    if reader.is_blank("name", *FACTS, nothing=NOBODY):
        return Line(reader.row, reader.text("unit", 80))
    unit_name, name = reader.text("unit", 80), reader.text("name", 30).replace(" ", "")
    facts = {key: reader.text(key, limit) for key, limit in FACTS.items() if reader.has(key)}
    line = Line(reader.row, f"{unit_name} {name}".strip(), errors=reader.errors)
    unit = names.find(unit_name, may_be_new=True) if unit_name else NONE
    if isinstance(unit, Unit):
        _known(reader, line, unit, name, facts, roll)
    elif unit == NEW:
        line.data["unit_name"] = unit_name
        _new(reader, line, name, facts)
    return line


def _known(reader: Reader, line: Line, unit: Unit, name: str, facts: dict[str, str], roll: _Roll) -> None:
    person = roll.find(unit, name, facts.get("mobile", ""))
    line.data["unit"] = unit
    if person is None:
        _new(reader, line, name, facts)
        return
    facts = {key: value for key, value in facts.items() if value and not _is_masked(value, getattr(person, key))}
    _check(reader, facts)
    labels = {column.key: column.heading for column in COLUMNS}
    line.changes = [
        Change(labels[key], getattr(person, key), value)
        for key, value in facts.items()
        if getattr(person, key) != value
    ]
    line.data |= {"person": person, "facts": facts}
    if person.pk not in roll.liaisons.get(unit.pk, []):
        line.changes.append(Change("联络员", "不是", "是"))
        line.data["appoint"] = True


def _new(reader: Reader, line: Line, name: str, facts: dict[str, str]) -> None:
    _check(reader, facts)
    line.created = True
    line.changes = [Change("姓名", "", name)] + [
        Change(column.heading, "", facts[column.key]) for column in COLUMNS if facts.get(column.key)
    ]
    line.data |= {"name": name, "facts": facts, "appoint": True}


def _is_masked(value: str, stored: str) -> bool:
    """138****1234 from an export that hides the middle says nothing new about the number it hides."""
    pattern = re.escape(value).replace(r"\*", ".")
    return "*" in value and re.fullmatch(pattern, stored) is not None


def _check(reader: Reader, facts: dict[str, str]) -> None:
    if (mobile := facts.get("mobile")) and not accounts.MOBILE.fullmatch(mobile):
        reader.wrong("mobile", f"“{mobile}”不是手机号，应为 11 位数字，以 1 开头")
    if (phone := facts.get("office_phone")) and not accounts.PHONE.fullmatch(phone):
        reader.wrong("office_phone", f"“{phone}”不是电话号码，只能含数字、空格、括号、横线和“转”")


def _refuse_rivals(lines: list[Line], roll: _Roll, case: Case) -> None:
    """A unit gets one new liaison at most; a row that only repeats who it is takes nobody's place."""
    key = {id(line): line.data.get("unit") or line.data.get("unit_name") for line in lines}
    wanted = Counter(key[id(line)] for line in lines if line.data.get("appoint"))
    kept = {key[id(line)] for line in lines if line.data.get("person") and not line.data.get("appoint")}
    seen: Counter[Any] = Counter()
    for line in lines:
        place = key[id(line)]
        seen[place, line.title] += 1
        reader = Reader(case.layout, COLUMNS, line.row)
        if place and seen[place, line.title] > 1:
            reader.wrong("name", "这个人在表中出现了两次，请只留一行")
        elif line.data.get("appoint") and (wanted[place] > 1 or place in kept):
            reader.wrong(
                "name", "这个单位在表中有几名联络员。每个单位只指定一名，请只留一行；其他人可在“联络员”页指定为承办人"
            )
        line.errors += reader.errors


# Carrying it out

UNIT_KINDS = {"township": "乡镇（街道）", "party": "党委部门", "department": "区直部门"}


def _kind(name: str) -> str:
    if TOWNSHIP.search(name):
        return "township"
    return "party" if PARTY.search(name) else "department"


def apply(case: Case, plan: Plan) -> str:
    made: dict[str, Unit] = {}
    try:
        for line in plan.to_do:
            unit = line.data.get("unit") or made.get(line.data["unit_name"]) or _add_unit(case, line.data["unit_name"])
            made[unit.name] = unit
            _carry_out(case, line, unit)
    except Refusal as refused:
        raise Refusal(f"第 {line.row} 行没有导入：{refused}全部改动已撤销。") from refused
    return f"新增 {plan.counts['created']} 人、修改 {plan.counts['changed']} 人"


def _add_unit(case: Case, name: str) -> Unit:
    last = Unit.objects.filter(district=case.campaign.district_id).order_by("-order").first()
    short = name.removeprefix(case.campaign.district.name) or name
    data = {"kind": _kind(name), "name": name, "short_name": short[:20], "leader": "", "active_from": None}
    return restructuring.add(case.campaign.district, data | {"order": last.order + 1 if last else 1}, case.actor)


def _carry_out(case: Case, line: Line, unit: Unit) -> None:
    person, facts = line.data.get("person"), line.data["facts"]
    if person is None:
        _enlist(case, unit, line.data["name"], facts)
        return
    if any(getattr(person, key) != value for key, value in facts.items()):
        accounts.edit_person(person, facts | {"unit": unit}, person.version, case.actor)
    if line.data.get("appoint"):
        posts.appoint(unit, person, case.campaign, case.actor)


def _enlist(case: Case, unit: Unit, name: str, facts: dict[str, str]) -> None:
    username = enlisting.offer_login(name, unit)
    if not username:
        raise Refusal(f"“{name}”拼不出登录名，请在“联络员”页单独建立账号。")
    blank = {"post": "", "office_phone": "", "mobile": "", "email": ""}
    enlisting.enlist(
        unit, Role.LIAISON, blank | facts | {"name": name, "username": username}, case.campaign, case.actor
    )


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Units and liaisons as they stand; whoever may import the table may see the telephones."""
    for post in sorted(posts.roster(campaign, actor.today), key=lambda post: (post.unit.order, post.unit.pk)):
        for person in post.people:
            yield post.unit.short_name, person.name, person.post, person.office_phone, person.mobile
