"""Lead and assists of the checkpoints of a table: in columns of their own, marked in one column, or one row for each unit and its role."""

import re
from collections.abc import Iterator, Mapping, Sequence

from creation.imports import clearing, reshaped, table_rows, unit_tables, values
from creation.imports.headings import normalized
from creation.imports.import_plan import FieldChange, ImportQuestion, PlanLine
from creation.imports.kinds import ImportContext
from creation.imports.point_rows import is_own
from creation.imports.reshaped import Line
from creation.imports.row_reader import RowReader
from creation.imports.unit_names import NONE, UnitNames
from creation.models import Assignment, AssignmentRole, Indicator, Unit

LEADS, FIRST, KEPT = "leads", "first", "keep"  # the question whether the first responsible unit leads, and its answers
SEVERAL_LEADS = "several_leads"  # the question whether the first of several leads is the lead
ROLE = re.compile(
    r"(?:(?P<lead>牵头|主责|主办|总牵头|牵头负责|主要责任)|责任|配合|协办|协同|参与|参加|协助|承办|协作)(?:单位|部门|落实)?"
)
PLAIN_ROLE = re.compile("牵头|主责|主办|配合|协办|协同|参与")  # 责任单位 may lead or assist
SECTION_ROLE = re.compile("(牵头|主责|主办|责任|配合|协办|协同|参与)(?:的)?(?:任务|事项|指标|工作|项目|要点)")
BESIDE, EACH_LEADS, EACH_ASSISTS = (
    "part_of_units",
    "lead",
    "assist",
)  # the question what a table that only names units means
BESIDE_PEOPLE = re.compile("责任人|责任领导|负责人|联系人")  # in a heading of units
FIRST_LEADS = re.compile("(?:第一|首|最前)[个位名家]?[^,;。]{0,8}(?:为|是|系)[^,;。]{0,4}牵头")
NO_ROLE = "看不出是牵头还是配合，请写“牵头”或“配合”"
NO_UNIT = "表中没有写是哪个单位，分工没有导入"
OTHERS_STAY = "表是按单位写的：表中没有写到的单位（{names}）在这些要点中的分工不变。"

Units = list[Unit]
Parts = dict[int, str]  # unit → role


def _roles_of(
    readers: Sequence[RowReader], lines: Mapping[tuple[str, int], Line]
) -> dict[tuple[str, int], AssignmentRole]:
    """Return the role that each row says its unit has, or that a line above it says: 一、牵头任务, 牵头单位：区司法局."""
    found = {}
    sections: dict[str, dict[int, AssignmentRole]] = {}
    for reader in readers:
        if reader.has("role"):
            role = _role(normalized(reader.shown("role")))
        elif reader.has("lead") or reader.has("units") or reader.has("helpers"):
            continue
        else:
            role = sections.setdefault(reader.sheet, _section_roles(reader)).get(reader.row)
            line = lines.get((reader.sheet, reader.row))
            role = role or (_role(normalized(line.word)) if line and PLAIN_ROLE.match(line.word) else None)
        if role:
            found[reader.sheet, reader.row] = role
    return found


def _role(text: str) -> AssignmentRole | None:
    found = ROLE.fullmatch(text)
    if not found:
        return None
    return AssignmentRole.LEAD if found["lead"] else AssignmentRole.ASSIST


def _section_roles(reader: RowReader) -> dict[int, AssignmentRole]:
    """Return the role of each row of the sheet that stands below a line which names one."""
    found: dict[int, AssignmentRole] = {}
    current: AssignmentRole | None = None
    sheet = reader.layout.sheet
    for row, reason in table_rows.rows_below(reader.layout):
        if reason == table_rows.SECTION_LINE:
            texts = "".join(values.shown(sheet.at(row, number)) for number in sheet.filled_columns(row))
            section = SECTION_ROLE.search(texts)
            current = _role(section[1]) if section else None
        elif current:
            found[row] = current
    return found


class PointUnits:
    """The units of the district and their parts in the campaign, read with two queries; and what is asked about them."""

    def __init__(self, context: ImportContext) -> None:
        units = list(Unit.objects.filter(district=context.campaign.district_id).order_by("order", "pk"))
        active = [unit for unit in units if unit.is_active(context.actor.today)]
        self.names = UnitNames(active, context.campaign.district.name, context.answers, context.unit_aliases)
        self.names.signs_of_lead = unit_tables.signs_of_lead(context.texts)
        self.short = {unit.pk: unit.short_name for unit in units}
        self.parts: dict[int, Parts] = {}
        rows = Assignment.objects.filter(campaign=context.campaign).values_list("indicator", "unit", "role")
        for indicator, unit, role in rows:
            self.parts.setdefault(indicator, {})[unit] = role
        self.keeps = clearing.is_kept(context.answers)
        self.first_leads = context.answers.get(LEADS, "")
        self.first_of_several = context.answers.get(SEVERAL_LEADS, "")
        self.unled = 0  # checkpoints for which it is not answered whether the first of the responsible units leads
        self.led_by_several = (
            0  # checkpoints for which it is not answered whether the first of several leads is the lead
        )
        self.waits = False  # for an answer about one of the names of this checkpoint
        self.roles: dict[tuple[str, int], AssignmentRole] = {}  # by sheet and row, in a table with a row for each unit
        self.covered: set[int] | None = None  # units that a table by unit is about; None for other tables
        self.uncovered: dict[int, None] = {}  # units with a part in its checkpoints that it is not about
        self.beside: dict[str, str] = {}  # unit of each sheet that is about one unit
        self.lines: dict[tuple[str, int], Line] = {}  # line that names the unit of each row
        self.context = context
        self.part, self.asks_part = context.answers.get(BESIDE, ""), False

    def read_roles(self, readers: Sequence[RowReader]) -> bool:
        """Prepare for a table with a row for each unit and its role; return whether it is one."""
        layouts = {reader.sheet: reader.layout for reader in readers}
        self.lines = {
            (name, row): line
            for name, layout in layouts.items()
            for line, last in _with_ends(reshaped.lines_between(layout, self.names.knows), layout.sheet.height)
            for row in range(line.first, last + 1)
        }
        self.roles = _roles_of(readers, self.lines) or self._roles_by_answer(readers)
        if self.roles or self.asks_part:
            used = {(name, *line.at) for (name, _), line in self.lines.items() if line.at}
            self.context.left[:] = [
                cell for cell in self.context.left if (cell.sheet, cell.row, cell.column) not in used
            ]
            self.context.used.update(used)
        for reader in readers if self.roles else ():
            if not reader.has("units") and reader.sheet not in self.beside:
                self.beside[reader.sheet] = self._unit_beside(reader)
        return bool(self.roles)

    def read_covered(self, readers: Sequence[RowReader], is_by_unit: bool) -> None:
        """Note which units a table by unit is about. ``is_by_unit``: other units may have parts that it does not name."""
        if self.roles and (is_by_unit or self.lines or any(self.beside.values())):
            named = (unit for reader in readers for name in self._names_of_role(reader) for unit in self._found(name))
            self.covered = {unit.pk for unit in named}

    def _roles_by_answer(self, readers: Sequence[RowReader]) -> dict[tuple[str, int], AssignmentRole]:
        """Return the role of all rows, by the answer, of a table whose rows stand below units without a word about their role."""
        has_parts = any(reader.has(key) for reader in readers for key in ("lead", "units", "helpers", "role"))
        named = [(reader.sheet, reader.row) in self.lines or self.names.knows(reader.sheet) for reader in readers]
        if has_parts or not named or not all(named):
            return {}
        self.asks_part = self.part not in (EACH_LEADS, EACH_ASSISTS)
        return {} if self.asks_part else {(reader.sheet, reader.row): AssignmentRole(self.part) for reader in readers}

    @property
    def questions(self) -> list[ImportQuestion]:
        found = [_lead_question(self.unled)] if self.unled else []
        found += [_part_question()] if self.asks_part else []
        return found + ([_several_leads_question(self.led_by_several)] if self.led_by_several else [])

    @property
    def notes(self) -> list[str]:
        names = "、".join(self.short[unit] for unit in sorted(self.uncovered, key=list(self.short).index))
        return [*([OTHERS_STAY.format(names=names)] if names else []), *self.names.notes]

    def plan(self, rows: Sequence[RowReader], line: PlanLine, node: Indicator | None) -> None:
        """Plan the parts of one checkpoint. Empty cells change nothing."""
        reader = rows[0]
        current = self.parts.get(node.pk, {}) if node else {}
        self.waits = False
        leads, named, is_cleared = self._by_role(rows) if self.roles else self._by_column(rows, current)
        if reader.errors or self.waits or not (leads or named or is_cleared or node is None):
            return
        if not self.roles and not leads:
            leads = self._first_as_lead(reader, named, current)
        if len(leads) > 1:
            if self.first_of_several == KEPT:
                reader.leave("lead" if reader.has("lead") else "units", "写了几个牵头单位，按您的答复没有导入分工")
                return
            self.led_by_several += self.first_of_several != FIRST
            leads, named = leads[:1], [*leads[1:], *named]
        self._set(reader, line, current, leads, named if named or is_cleared else None)

    def _set(self, reader: RowReader, line: PlanLine, current: Parts, leads: Units, named: Units | None) -> None:
        """Plan these parts; ``named`` None leaves the assists as they are."""
        lead = leads[0].pk if leads else next((unit for unit, role in current.items() if self._stays(unit, role)), 0)
        if not lead and not named and not any(map(reader.has, ("lead", "units", "helpers"))):
            return
        if not lead:
            reader.add_error("lead", "没有牵头单位，每个要点须有一个")
            return
        assists = (
            [unit.pk for unit in named] if named is not None else [u for u, role in current.items() if role == "assist"]
        )
        wanted = dict.fromkeys(assists, AssignmentRole.ASSIST.value) | {lead: AssignmentRole.LEAD.value}
        if self.covered is not None:
            others = {unit: has for unit, has in current.items() if has == "assist" and unit not in self.covered}
            self.uncovered |= dict.fromkeys(others.keys() | ({lead} - self.covered))
            wanted = others | wanted
        line.data["parts"] = wanted
        for heading, role in (("牵头单位", "lead"), ("责任单位", "assist")):
            before, after = self._listed(current, role), self._listed(wanted, role)
            if before != after:
                lost = sum(has == role for has in current.values()) if not after else 1
                line.changes.append(FieldChange(heading, before, after, cleared=not after, count=lost))

    def _stays(self, unit: int, role: str) -> bool:
        return role == "lead" and (self.covered is None or unit not in self.covered)

    def _listed(self, parts: Mapping[int, str], role: str) -> str:
        return "、".join(sorted(self.short[unit] for unit, has in parts.items() if has == role))

    # One row for each unit and its role

    def _by_role(self, rows: Sequence[RowReader]) -> tuple[Units, Units, bool]:
        found: dict[AssignmentRole, Units] = {AssignmentRole.LEAD: [], AssignmentRole.ASSIST: []}
        for row in rows:
            row.text("role", 40)
            role = self.roles.get((row.sheet, row.row))
            key = "role" if row.has("role") else "point"
            if row.has("units"):
                units = self._units(row, "units", row.text("units", 2000)) if not row.is_blank("units") else []
            else:
                units = self._units(row, key, self._beside(row))
                if not units and not self.waits:
                    row.leave(key, NO_UNIT)
            if units and role is None:
                row.add_error(key, NO_ROLE)
            elif role:
                found[role] += units
        return _once(found[AssignmentRole.LEAD]), _once(found[AssignmentRole.ASSIST]), False

    def _names_of_role(self, reader: RowReader) -> list[str]:
        return self.names.split(reader.shown("units") if reader.has("units") else self._beside(reader))

    def _beside(self, reader: RowReader) -> str:
        """Return the unit of the row that stands in a line above it, or beside its table."""
        line = self.lines.get((reader.sheet, reader.row))
        return line.value if line else self.beside.get(reader.sheet, "")

    def _found(self, name: str) -> Units:
        found = self.names.find_all(name)
        return found if isinstance(found, list) else []

    def _unit_beside(self, reader: RowReader) -> str:
        """Return the unit that the sheet is named after, or that a line above or below the table names."""
        if self.names.knows(reader.sheet):
            return reader.sheet
        line = reshaped.line_beside(reader.layout, reshaped.UNIT_LINE)
        return line[2] if line else ""

    # Columns for lead and assists

    def _by_column(self, rows: Sequence[RowReader], current: Parts) -> tuple[Units, Units, bool]:
        pairs = [self._leads(row) for row in rows if row is rows[0] or is_own(row, "lead")]
        leads, more = _once([u for each, _ in pairs for u in each]), [u for _, each in pairs for u in each]
        marked = [] if leads else [unit for row in rows for unit in self._marked_leads(row, "units")]
        is_cleared = not self.keeps and any(row.clears("units") for row in rows)
        named = more + [unit for key in ("units", "helpers") for unit in self._units_of_rows(rows, key)]
        return leads or _once(marked), named, is_cleared

    def _leads(self, reader: RowReader) -> tuple[Units, Units]:
        """Return the units of the lead's cell, and those that it only lists beside a unit that is marked as the lead."""
        named, marked = self._units_of_rows([reader], "lead"), self._marked_leads(reader, "lead")
        return (marked, [unit for unit in named if unit not in marked]) if marked else (named, [])

    def _marked_leads(self, reader: RowReader, key: str) -> Units:
        found = (self.names.find(name) for name in self.names.marked_as_lead(reader.shown(key)))
        return [unit for unit in found if isinstance(unit, Unit)]

    def _first_as_lead(self, reader: RowReader, named: Units, current: Parts) -> Units:
        """Return the first of the responsible units if it leads; it is asked about in a table without leads."""
        if reader.layout.sheet.is_matrix or reader.has("lead") or not named or current.get(named[0].pk) == "lead":
            return []
        if self.first_leads not in (FIRST, KEPT) and self._says_first_leads(reader):
            self.first_leads = FIRST
        if self.first_leads not in (FIRST, KEPT):
            self.unled += 1
        return named[:1] if self.first_leads == FIRST else []

    def _says_first_leads(self, reader: RowReader) -> bool:
        """Return whether the heading or a note says so, such as 注：排在第一位的为牵头单位."""
        texts = (reader.layout.label(reader.layout.columns.get("units", 0)), *self.context.texts)
        return any(FIRST_LEADS.search(normalized(text)) for text in texts)

    def _units_of_rows(self, rows: Sequence[RowReader], key: str) -> Units:
        """Return the units of the cells; none for an empty cell, which changes nothing, and for an explicit clearing."""
        found: Units = []
        texts = [(row, self._text(row, key)) for row in rows]
        for number, (row, text) in enumerate(texts[1:], 1):
            above, before = texts[number - 1]
            if text and before and self._is_divided(before, text):
                texts[number - 1], texts[number] = (above, ""), (row, before + text)
        for row, text in texts:
            found += self._units(row, key, text)
        return found

    def _text(self, reader: RowReader, key: str) -> str:
        if reader.clears(key) and key == "units":
            return ""
        if reader.is_nothing(key):
            reader.leave(key, "没有写单位，保留原有分工")
            return ""
        return reader.text(key, 2000)

    def _is_divided(self, above: str, below: str) -> bool:
        """Return whether a page break divides the name of a unit, such as 区市场监 and 管局."""
        last, first = self.names.split(above)[-1:], self.names.split(below)[:1]
        if not last or not first or self.names.knows(last[0]) or self.names.knows(first[0]):
            return False
        return self.names.knows(last[0] + first[0])

    def _units(self, reader: RowReader, key: str, text: str) -> Units:
        found: Units = []
        self.names.has_people = bool(BESIDE_PEOPLE.search(reader.layout.label(reader.layout.columns.get(key, 0))))
        for name in self.names.split(text):
            units = self.names.find_all(name)
            if units == NONE:
                reader.add_error(key, f"没有“{name}”这个单位。请核对写法，或先在“单位”中新建")
            found += units if isinstance(units, list) else []
            self.waits |= units == ""
        return found


def _once(units: Units) -> Units:
    return list(dict.fromkeys(units))


def _with_ends(lines: Sequence[Line], height: int) -> Iterator[tuple[Line, int]]:
    """Yield each line with the last row of which it says something."""
    return zip(lines, [*(line.first - 1 for line in lines[1:]), height], strict=False)


def _part_question() -> ImportQuestion:
    text = "表按单位写，没有写各单位是牵头还是配合。是哪一种？"
    return ImportQuestion(BESIDE, text, ((EACH_LEADS, "各单位是牵头单位"), (EACH_ASSISTS, "各单位是责任单位（配合）")))


def _lead_question(count: int) -> ImportQuestion:
    text = f"表中没有“牵头单位”一列，有 {count} 个要点的责任单位中第一个不是现在的牵头单位。第一个是牵头单位吗？"
    return ImportQuestion(LEADS, text, ((FIRST, "是，第一个是牵头单位"), (KEPT, "不是，牵头单位不变")))


def _several_leads_question(count: int) -> ImportQuestion:
    text = f"有 {count} 个要点写了几个牵头单位，每个要点只能有一个。怎么办？"
    return ImportQuestion(
        SEVERAL_LEADS, text, ((FIRST, "第一个牵头，其余列入责任单位"), (KEPT, "这些要点的分工不导入"))
    )
