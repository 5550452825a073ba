"""附件3, 联络员信息表: units and their liaisons. Creates units and accounts, replaces liaisons, and updates telephone numbers."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from creation.audit.actor import Actor
from creation.imports import clearing, people_cells, row_reader, values
from creation.imports.headings import normalized
from creation.imports.import_plan import FieldChange, ImportPlan, ImportQuestion, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.liaison_changes import UNIT_KINDS, unit_kind
from creation.imports.liaison_columns import COLUMNS, LIAISON, PART, SECOND
from creation.imports.liaison_roster import LiaisonRoster
from creation.imports.people_cells import NOBODY, SECOND_PREFIX, WrittenName
from creation.imports.row_reader import RowReader
from creation.imports.unit_names import NEW, UnitNames
from creation.models import Campaign, Unit, User
from creation.people import accounts
from creation.people import liaisons as posts
from creation.rules.names import person_name
from creation.rules.policy import Role

IGNORED = ("序号", "备注")
HEADINGS = {column.key: column.heading for column in COLUMNS}
FACTS = ("post", "office_phone", "mobile", "email")
ONLY_NAME = "分管领导只记姓名，这一格没有导入"
OTHERS_POST = "是“姓名”一栏的人的职务，没有导入"
NOBODY_NAMED = "没有这个单位，也没有写联络员和分管领导，没有导入"
SAME, RENAME, CLERK, NOT_IMPORTED = "same", "rename", "clerk", "none"
SECONDS, EACH, MANY = "seconds", "each", 3  # more second people than that are asked about together
BESIDE_KIND = ("post", "name", "name_and_post")  # columns in which 副局长（分管领导） says who is who
KIND_IN_BRACKETS = re.compile(rf"[(（]\s*({PART})\s*[)）]")
LISTED = 8  # people that a question names


@dataclass
class _LiaisonLookup:
    """What the rows are read against."""

    names: UnitNames
    roster: LiaisonRoster
    context: ImportContext
    questions: dict[str, ImportQuestion]
    keeps: bool
    has_kinds: bool = False  # a column says who is the liaison or who is the leader
    names_liaisons: bool = False  # it says who is the liaison; otherwise these are those who are no leaders
    # Sheet and first row of each unit that has one so far.
    with_liaison: set[tuple[str, int]] = field(default_factory=set)
    units: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)  # unit of each row, and its first row
    carried: list[int] = field(default_factory=list)  # rows that have the unit of the row above

    def ask(self, key: str, text: str, options: list[tuple[str, str]]) -> str:
        """Return the answer, or "" after adding the question."""
        answer = self.context.answers.get(key, "")
        if answer in dict(options):
            return answer
        self.questions[key] = ImportQuestion(key, text, tuple(options))
        return ""


def plan(context: ImportContext) -> ImportPlan:
    units = Unit.objects.active(context.actor.today).filter(district=context.campaign.district_id)
    names = UnitNames(units, context.campaign.district.name, context.answers, context.unit_aliases)
    lookup = _LiaisonLookup(names, LiaisonRoster(context), context, {}, clearing.is_kept(context.answers))
    readers = row_reader.readers(context, COLUMNS)
    kinds = {_kind(reader) for reader in readers}
    lookup.has_kinds, lookup.names_liaisons = bool(kinds & {Role.LIAISON, Role.UNIT_LEADER}), Role.LIAISON in kinds
    pairs = [(line, reader) for reader in readers for line in _lines(reader, lookup)]
    _refuse_second_liaisons(pairs)
    lines = [line for line, _ in pairs]
    created_units = {line.data["unit_name"] for line in lines if line.data.get("unit_name")}
    notes = [
        f"将新建单位“{name}”（{UNIT_KINDS[unit_kind(name)]}），可在“单位”中修改。" for name in sorted(created_units)
    ]
    notes += names.notes
    notes += row_reader.carried_notes(lookup.carried)
    return ImportPlan(context.layout, lines, [*names.questions.values(), *_asked_together(lookup)], notes)


def _asked_together(lookup: _LiaisonLookup) -> list[ImportQuestion]:
    """Return the questions; about many second people there is one, unless each is to be decided."""
    people = [question for key, question in lookup.questions.items() if key.startswith("second:")]
    if len(people) <= MANY or lookup.context.answers.get(SECONDS) == EACH:
        return list(lookup.questions.values())
    names = "、".join(question.text.partition("写在")[0] for question in people[:LISTED])
    text = f"有 {len(people)} 人写在联络员之后（{names}{' 等' if len(people) > LISTED else ''}），怎么安排？"
    options = ((CLERK, "都建为承办人"), (NOT_IMPORTED, "都不导入"), (EACH, "逐个决定"))
    others = [question for key, question in lookup.questions.items() if not key.startswith("second:")]
    return [*others, ImportQuestion(SECONDS, text, options)]


def _kind(reader: RowReader) -> Role | str:
    """Return the role that the row is about, CLERK for a B岗, or "" if the row does not say."""
    beside = (found[1] for key in BESIDE_KIND if (found := KIND_IN_BRACKETS.search(reader.shown(key))))
    text = normalized(reader.shown("kind") or next(beside, ""))
    if re.search(SECOND, text):
        return CLERK
    if re.search(LIAISON, text):
        return Role.LIAISON
    return Role.UNIT_LEADER if re.search("分管|主管|责任领导|^领导$", text) else ""


def _unit_of(reader: RowReader, lookup: _LiaisonLookup) -> tuple[str, int]:
    """Return the unit that the row names and the first row of it; a row of a person without a unit has that of the row above."""
    above = lookup.units.get((reader.sheet, reader.row - 1))
    is_person = not reader.is_blank("name", "name_and_post", nothing=NOBODY)
    columns, key = reader.layout.columns, _unit_key(reader)
    name = columns.get("name", columns.get("name_and_post", 0))
    if above and is_person and reader.is_blank(key) and columns[key] < name:
        lookup.carried.append(reader.layout.sheet.place(reader.row, name)[0])
        found = above
    else:
        found = _unit_and_post(reader, lookup)[0], reader.first_row(key)
    if not found[0] and not reader.has("unit"):
        reader.add_error("unit_and_post", "没有填写")
    if found[0]:
        lookup.units[reader.sheet, reader.row] = found
    return found


def _unit_key(reader: RowReader) -> str:
    return "unit" if reader.has("unit") else "unit_and_post"


def _unit_and_post(reader: RowReader, lookup: _LiaisonLookup) -> tuple[str, str]:
    """Return unit and post; both from 区司法局法制股股长, where the longest beginning that is a known unit is the unit."""
    if reader.has("unit"):
        return reader.text("unit", 80), ""
    text = reader.text("unit_and_post", 120)
    ends = (end for end in range(len(text), 1, -1) if lookup.names.knows(text[:end].strip()))
    end = next(ends, 0)
    unit, post = (text[:end], text[end:]) if end else text.partition(" ")[::2]
    return unit.strip(), post.strip(" 、，,/\n")


def _lines(reader: RowReader, lookup: _LiaisonLookup) -> Iterator[PlanLine]:
    """Yield the line of a row; a second person of the row has a line of their own."""
    (unit_name, first_row), people = _unit_of(reader, lookup), people_cells.read_people(reader)
    if (
        people
        and not reader.has("unit")
        and not _is_beside_another(reader, people[0])
        and (post := _unit_and_post(reader, lookup)[1])
    ):
        people[0] = replace(people[0], post=people[0].post or post)
    line = reader.line(" ".join(filter(None, [unit_name, people[0].name if people else ""])))
    leader, kind = people_cells.read_leader(reader), ""
    if lookup.has_kinds:
        reader.text("kind", 40)
        kind = _kind(reader)
        if kind == Role.UNIT_LEADER and people:
            leader, people = people[0].name, []
            _leave_facts(reader)
        elif not kind and people and (lookup.names_liaisons or reader.shown("kind")):
            reader.leave_row(row_reader.OTHER_PERSON)
            yield line
            return
    if not people and not (kind == Role.UNIT_LEADER and leader) and not reader.is_blank(*FACTS, nothing=NOBODY):
        reader.add_error(_name_key(reader), "没有填写")
    unit = lookup.names.find(unit_name, may_be_new=True) if unit_name and (people or leader) else ""
    if unit_name and not (people or leader) and not lookup.names.knows(unit_name):
        reader.leave(_unit_key(reader), NOBODY_NAMED)
    if unit and unit != NEW and not isinstance(unit, Unit):
        reader.leave_row(row_reader.SKIPPED)
    group = (reader.sheet, first_row)
    follows = kind == CLERK or group in lookup.with_liaison  # of several people of a unit the first is the liaison
    if people and kind != CLERK:
        lookup.with_liaison.add(group)
    details = people_cells.read_details(reader, people) if people else []
    if isinstance(unit, Unit) or unit == NEW:
        line.data["unit" if isinstance(unit, Unit) else "unit_name"] = unit if isinstance(unit, Unit) else unit_name
        for order, (person, texts) in enumerate(zip(people, details, strict=True)):
            each = line if order == 0 else reader.line(f"{unit_name} {person.name}")
            each.data |= {key: line.data[key] for key in ("unit", "unit_name") if key in line.data}
            _person(reader, each, person, _given(reader, texts, person), lookup, is_second=order > 0 or follows)
            if order:
                yield each
        _leader(line, leader)
    yield line


def _is_beside_another(reader: RowReader, person: WrittenName) -> bool:
    """Return whether the row has somebody else under 姓名, whose post is not this person's."""
    return person.key == "name_and_post" and reader.has("name") and not reader.is_blank("name")


def _leave_facts(reader: RowReader) -> None:
    for key in FACTS:
        if reader.has(key) and not reader.is_blank(key):
            reader.leave(key, ONLY_NAME)


def _name_key(reader: RowReader) -> str:
    return "name" if reader.has("name") else "name_and_post"


def _given(reader: RowReader, texts: dict[str, str], person: WrittenName) -> dict[str, str]:
    plain = {key: KIND_IN_BRACKETS.sub("", value).strip() for key, value in texts.items()}
    found = {key: value for key, value in plain.items() if value not in NOBODY and value not in clearing.WORDS}
    if _is_beside_another(reader, person) and found.pop("post", ""):
        reader.leave("post", OTHERS_POST)  # of the person under 姓名
    post = "" if re.fullmatch(PART, person.post) else person.post
    if post and found.get("post", post) != post:
        reader.leave(person.key, f"职务按“{HEADINGS['post']}”一栏，没有导入“{post}”")
    return {"post": post} | found if post else found


def _person(
    reader: RowReader,
    line: PlanLine,
    written: WrittenName,
    facts: dict[str, str],
    lookup: _LiaisonLookup,
    is_second: bool,
) -> None:
    unit = line.data.get("unit")
    where = unit.pk if unit else line.data["unit_name"]
    if (
        is_second
        and unit
        and (known := lookup.roster.find(unit, written.name, ""))
        and lookup.roster.holds(Role.LIAISON, unit, known)
    ):
        is_second = False
    if is_second:
        options = [(CLERK, "建为承办人"), (NOT_IMPORTED, "不导入")]
        key = f"second:{where}:{written.name}"
        together = lookup.context.answers.get(SECONDS, "")
        is_decided = together in (CLERK, NOT_IMPORTED) and key not in lookup.context.answers
        answer = together if is_decided else lookup.ask(key, f"{line.title}写在联络员之后，怎么安排？", options)
        if answer == NOT_IMPORTED:
            reader.leave(written.key, f"按您的答复没有导入{written.name}")
        if answer != CLERK:
            return
        line.data["role"] = Role.CLERK
    person = _person_meant(unit, written.name, facts, lookup) if unit else None
    if person == "":
        return
    if isinstance(person, User):
        _known(reader, line, person, written, facts, lookup)
    else:
        _check(reader, facts, written)
        _new(line, written.name, facts, lookup)


def _person_meant(unit: Unit, name: str, facts: dict[str, str], lookup: _LiaisonLookup) -> User | str | None:
    """Return the account that is meant; None for a new person; "" while it is asked about."""
    mobile = facts.get("mobile", "")
    if found := lookup.roster.find(unit, name, mobile):
        return found
    similar = lookup.roster.similar(unit, name, mobile)
    if not similar:
        return None
    options = [
        option
        for each in similar
        for option in (
            (f"{RENAME}:{each.pk}", f"就是已有的{each.name}，姓名改为{name}"),
            (f"{SAME}:{each.pk}", f"就是已有的{each.name}，姓名不改"),
        )
    ]
    text = f"{unit}的“{name}”与已有的{'、'.join(each.name for each in similar)}是不是同一人（手机相同或姓名相近）？"
    answer = lookup.ask(f"person:{unit.pk}:{name}", text, [*options, (NEW, f"不是，为{name}新建账号")])
    if answer in ("", NEW):
        return None if answer else ""
    return next(each for each in similar if answer.endswith(f":{each.pk}"))


def _known(
    reader: RowReader, line: PlanLine, person: User, written: WrittenName, facts: dict[str, str], lookup: _LiaisonLookup
) -> None:
    unit, name = line.data["unit"], written.name
    facts = {key: value for key, value in facts.items() if not _is_masked(value, getattr(person, key))}
    _check(reader, facts, written)
    answer = lookup.context.answers.get(f"person:{unit.pk}:{name}", "")
    if person_name(person.name) != name and answer.startswith(RENAME):
        line.changes.append(FieldChange("姓名", person.name, name))
        facts["name"] = name
    line.changes += [
        FieldChange(HEADINGS[key], getattr(person, key), facts[key])
        for key in FACTS
        if key in facts and facts[key] not in (getattr(person, key), values.plain(getattr(person, key)))
    ]
    for key in FACTS if not lookup.keeps else ():
        if reader.clears(_column(reader, written, key)) and getattr(person, key) not in ("", reader.shown(key)):
            line.changes.append(FieldChange(HEADINGS[key], getattr(person, key), "", cleared=True))
            facts[key] = ""
    line.data |= {"person": person, "facts": facts}
    if line.data.get("role") is Role.CLERK:
        if not lookup.roster.holds(Role.CLERK, unit, person):
            line.changes.append(FieldChange("承办人", "不是", "是"))
            line.data["appoint"] = True
    elif not lookup.roster.holds(Role.LIAISON, unit, person):
        line.changes.append(FieldChange("联络员", lookup.roster.liaison_names(unit), name))
        line.data["appoint"] = True


def _new(line: PlanLine, name: str, facts: dict[str, str], lookup: _LiaisonLookup) -> None:
    line.created = True
    line.changes += [FieldChange("姓名", "", name)]
    line.changes += [FieldChange(HEADINGS[key], "", facts[key]) for key in FACTS if facts.get(key)]
    unit = line.data.get("unit")
    if line.data.get("role") is Role.CLERK:
        line.changes.append(FieldChange("担任", "", "承办人"))
    elif unit and (former := lookup.roster.liaison_names(unit)):
        line.changes.append(FieldChange("联络员", former, name))
    line.data |= {"name": name, "facts": facts, "appoint": True}


def _leader(line: PlanLine, leader: str) -> None:
    unit = line.data.get("unit")
    if leader and (unit is None or person_name(unit.leader) != leader):
        line.changes.append(FieldChange("分管领导", unit.leader if unit else "", leader))
        line.data["leader"] = leader


def _is_masked(value: str, stored: str) -> bool:
    """Return whether the number is masked, such as 138****1234 from an export, and matches the stored one, so that it changes nothing."""
    pattern = re.escape(value).replace(r"\*", ".")
    return "*" in value and re.fullmatch(pattern, stored) is not None


def _column(reader: RowReader, written: WrittenName, key: str) -> str:
    """Return the column of this fact about a person."""
    own = f"{SECOND_PREFIX}{key}"
    return own if written.key == "second" and reader.has(own) else key


def _check(reader: RowReader, facts: dict[str, str], written: WrittenName) -> None:
    if (mobile := facts.get("mobile")) and not accounts.MOBILE.fullmatch(mobile):
        column = _column(reader, written, "mobile")
        reader.add_error(
            column if reader.has(column) else _column(reader, written, "office_phone"),
            f"“{mobile}”不是手机号，应为 11 位数字，以 1 开头",
        )
    if (phone := facts.get("office_phone")) and not accounts.PHONE.fullmatch(phone):
        reader.add_error(
            _column(reader, written, "office_phone"), f"“{phone}”不是电话号码，只能含数字、空格、括号、横线和“转”"
        )
    if (email := facts.get("email")) and not accounts.is_email(email):
        reader.add_error(_column(reader, written, "email"), f"“{email}”不是电子邮箱，应形如 name@example.cn，只填一个")


def _refuse_second_liaisons(pairs: list[tuple[PlanLine, RowReader]]) -> None:
    """Refuse a second new liaison of a unit; a row that only repeats the current one does not count."""
    lines = [line for line, _ in pairs if line.data.get("role") is not Role.CLERK]
    key = {id(line): line.data.get("unit") or line.data.get("unit_name") for line in lines}
    wanted = Counter(key[id(line)] for line in lines if line.data.get("appoint"))
    kept = {key[id(line)] for line in lines if line.data.get("person") and not line.data.get("appoint")}
    seen: Counter[Any] = Counter()
    for line, reader in pairs:
        if id(line) not in key or not (line.data.get("person") or line.data.get("appoint")):
            continue
        unit_key = key[id(line)]
        person = line.data.get("person") or line.data["name"]
        seen[unit_key, person] += 1
        name_key = _name_key(reader)
        if unit_key and seen[unit_key, person] > 1:
            reader.add_error(name_key, "这个人在表中出现了两次，请只留一行")
        elif line.data.get("appoint") and (wanted[unit_key] > 1 or unit_key in kept):
            reader.add_error(
                name_key,
                "这个单位在表中有几名联络员。每个单位只指定一名，请只留一行；其他人可在“联络员”页指定为承办人",
            )


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Yield every unit with its liaisons, a unit without one with blanks to be filled in.

    Telephone numbers are included, as everybody who may import the table may see them.
    """
    for post in sorted(posts.roster(campaign, actor.today), key=lambda post: (post.unit.order, post.unit.pk)):
        if not post.people:
            yield post.unit.short_name, "", "", "", "", "", post.unit.leader
        for person in post.people:
            numbers = person.office_phone, person.mobile, person.email
            yield post.unit.short_name, person.name, person.post, *numbers, post.unit.leader
