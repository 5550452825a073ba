"""附件1, 任务分解表: the indicator system of a campaign and the units that lead and assist each checkpoint.

Each row is a checkpoint; rows whose checkpoint cell is merged are one checkpoint with one unit each. Checkpoints that the table does not
contain are left unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from creation.audit.actor import Actor
from creation.campaigns import task_assignment
from creation.campaigns.editions import edition_copy
from creation.campaigns.editions.edition_tree import order_by_code
from creation.imports import clearing, due_days, level_marks, positions, row_reader, targets, values
from creation.imports.due_days import DueDays
from creation.imports.headings import normalized
from creation.imports.import_plan import FieldChange, ImportPlan, ImportQuestion, PlanLine
from creation.imports.indicator_columns import COLUMNS
from creation.imports.kinds import ImportContext
from creation.imports.row_reader import RowReader
from creation.imports.targets import Targets
from creation.imports.unit_names import NONE, UnitNames
from creation.models import Assignment, AssignmentRole, Campaign, Indicator, IndicatorLevel, Measure, Unit
from creation.models.indicator import CLAUSE_LENGTH, WORDING_LENGTH

IGNORED = ("序号", "备注", "责任领导", "分管领导", "牵头领导", "责任人", "联络员", "标识")
NOTE = "责任领导、联络员、备注只供阅读，不从本表导入：人员用附件3导入。空格不改动已有内容；要清空责任单位，请在格中写“清空”。"
LEVELS = {"section": IndicatorLevel.SECTION, "item": IndicatorLevel.ITEM, "point": IndicatorLevel.CHECKPOINT}
TITLE, PROOF = 200, 5000
LEADS, FIRST, KEPT = "leads", "first", "keep"  # the question whether the first responsible unit leads, and its answers
SEVERAL_LEADS = "several_leads"  # the question whether the first of several leads is the lead
KnownTitles = Mapping[str, tuple[str, str]]
TEXTS = (  # column, which is also the field, its name and its limit
    ("proof", "印证资料要求", PROOF),
    ("official_wording", "指标原文", WORDING_LENGTH),
    ("clause", "依据", CLAUSE_LENGTH),
)


@dataclass
class _Tree:
    """The current system with the additions of the rows read so far: nodes by code, and the table's titles of higher levels."""

    nodes: dict[str, Indicator]
    by_pk: dict[int, Indicator]
    parts: dict[int, dict[int, str]]
    names: UnitNames
    short: dict[int, str]
    targets: Targets
    due_days: DueDays
    keeps: bool
    codes_by_title: Mapping[str, list[str]]
    known: KnownTitles
    titles: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    positions: dict[tuple[str, int], str] = field(default_factory=dict)
    first_leads: str = ""  # the answer whether the first of the responsible units is the lead, in a table without leads
    unled: int = 0  # checkpoints for which this is not answered
    first_of_several: str = ""  # the answer whether the first of several leads is the lead
    led_by_several: int = 0  # checkpoints for which this is not answered
    waits: bool = False  # for an answer about one of the names of this row
    numbering: str | None = None  # the answer about a table without codes; None when there is nothing to ask

    @classmethod
    def of(cls, context: ImportContext) -> "_Tree":
        """Read the campaign's indicators, assignments and units, with a constant number of queries."""
        units = list(Unit.objects.filter(district=context.campaign.district_id))
        active = [unit for unit in units if unit.is_active(context.actor.today)]
        parts: dict[int, dict[int, str]] = {}
        rows = Assignment.objects.filter(campaign=context.campaign).values_list("indicator", "unit", "role")
        for indicator, unit, role in rows:
            parts.setdefault(indicator, {})[unit] = role
        by_pk = {node.pk: node for node in context.campaign.system.indicators.all()}
        nodes = {node.code: node for node in by_pk.values()}
        names = UnitNames(active, context.campaign.district.name, context.answers, context.unit_aliases)
        short = {unit.pk: unit.short_name for unit in units}
        keeps = clearing.is_kept(context.answers)
        known = known_titles((node.code, node.title) for node in by_pk.values())
        titles: dict[str, list[str]] = {}
        for node in by_pk.values():
            if node.level == IndicatorLevel.CHECKPOINT:
                titles.setdefault(normalized(node.title), []).append(node.code)
        first = context.answers.get(LEADS, "")
        aims, days = Targets.of(context), DueDays.of(context)
        several = context.answers.get(SEVERAL_LEADS, "")
        return cls(
            nodes,
            by_pk,
            parts,
            names,
            short,
            aims,
            days,
            keeps,
            titles,
            known,
            first_leads=first,
            first_of_several=several,
        )


def plan(context: ImportContext) -> ImportPlan:
    tree = _Tree.of(context)
    points = [list(readers) for _, readers in groupby(row_reader.readers(context, COLUMNS), key=point_position)]
    questions = _number(context, [readers[0] for readers in points], tree)
    lines = [_line(readers, tree) for readers in points]
    _pass_on_titles(lines)
    notes = [NOTE, *edition_copy.sharing_notes(context.campaign), *([positions.NOTE] if tree.positions else [])]
    notes += tree.names.notes
    questions += [_lead_question(tree.unled)] if tree.unled else []
    questions += [_several_leads_question(tree.led_by_several)] if tree.led_by_several else []
    return ImportPlan(context.layout, lines, [*questions, *tree.names.questions.values()], notes)


def _pass_on_titles(lines: list[PlanLine]) -> None:
    """Let the first row without errors below a section or item write its title, if the row that names it first is wrong."""
    for wrong in (line for line in lines if line.errors):
        for above in wrong.data.get("above", ()):
            code, title, _ = above
            below = (line for line in lines if not line.errors and line.data.get("code", "").startswith(f"{code}-"))
            if heir := next(below, None):
                heir.data["above"].append(above)
                heir.changes += [change for change in wrong.changes if change.after == title]


def _number(context: ImportContext, readers: list[RowReader], tree: _Tree) -> list[ImportQuestion]:
    """Number the checkpoints of a table without codes, if that was the answer; ask when there are unknown titles."""
    codes = positions.codes_by_position(readers)
    if not codes:
        return []
    missing = [
        reader for reader in readers if not _code_of(level_marks.without_level_mark(reader.shown("point")), tree)
    ]
    if not missing:
        return []
    tree.numbering = context.answers.get(positions.QUESTION, "")
    if tree.numbering == positions.BY_POSITION:
        tree.positions = codes
    return [] if tree.numbering in (positions.BY_POSITION, positions.BY_TITLE) else [positions.question(len(missing))]


def point_position(reader: RowReader) -> tuple[str, int]:
    """Return the sheet and the first row of the merged cell that contains the checkpoint."""
    return reader.sheet, reader.first_row("point")


def known_titles(nodes: Iterable[tuple[str, str]]) -> KnownTitles:
    """Return code and title by the text that is exported for them, as titles may begin with figures or marks themselves."""
    return {values.plain(f"{code} {title}"): (code, title) for code, title in nodes}


def code_and_title(reader: RowReader, known: KnownTitles, key: str = "point") -> tuple[str, str]:
    """Return code and title of a cell; the code with hyphens, the title without the mark of its level."""
    code, title = reader.code_and_title(key, TITLE)
    if found := known.get(values.plain(reader.shown(key))):
        return found
    return level_marks.with_hyphens(code), level_marks.without_level_mark(title)


def _line(readers: list[RowReader], tree: _Tree) -> PlanLine:
    reader = readers[0]
    code, title = code_and_title(reader, tree.known)
    code = level_marks.with_hyphens(reader.code("code")) or code
    if not code or (code.isdecimal() and title):  # a single number is a running number
        code = tree.positions.get((reader.sheet, reader.row)) or _code_of(title, tree)
    line = reader.line(f"{code} {title}".strip())
    if not code and tree.numbering is not None and not reader.errors:
        reader.leave("point", "没有编号，体系中也没有这个名称，没有导入")
        return line
    if not reader.errors:
        _require_code(reader, code, title, tree)
    if not reader.errors:
        _node(reader, line, code, title, tree)
        _parts(reader, readers, line, code, tree)
        tree.targets.plan(reader, line, tree.nodes.get(code))
        tree.due_days.plan(reader, line, tree.nodes.get(code))
    return line


def _code_of(title: str, tree: _Tree) -> str:
    same = tree.codes_by_title.get(normalized(title), [])
    return same[0] if len(same) == 1 else ""


def _require_code(reader: RowReader, code: str, title: str, tree: _Tree) -> None:
    if not code:
        reader.add_error(
            "point", f"“{title[:20]}”没有编号，体系中也没有这个要点。请在名称前写上编号，如“4-3-3 {title[:10]}”"
        )
    elif code in tree.rows:
        reader.add_error("point", f"编号 {code} 重复，{tree.rows[code]}已经有了")
    elif code in tree.nodes and tree.nodes[code].level != IndicatorLevel.CHECKPOINT:
        reader.add_error("point", f"{code} 是{tree.nodes[code].get_level_display()}，不是要点，请核对编号")
    elif not title and code not in tree.nodes:
        reader.add_error("point", f"{code} 是新的要点，请写上名称")
    tree.rows.setdefault(code, reader.place)


# The node and the levels above it


def _node(reader: RowReader, line: PlanLine, code: str, title: str, tree: _Tree) -> None:
    node = tree.nodes.get(code)
    line.data |= {"code": code, "title": title or (node.title if node else ""), "texts": {}, "above": []}
    for key, above in _levels_above(reader, code, tree):
        _level(reader, line, key, above, tree)
    if node is None:
        line.created = True
        line.changes = [FieldChange("三级指标", "", title), *line.changes]
    elif title and title != node.title:
        line.changes.append(FieldChange("三级指标", node.title, title))
    for name, heading, limit in TEXTS:
        _text(reader, line, name, FieldChange(heading, getattr(node, name, ""), ""), limit, tree)


def _text(reader: RowReader, line: PlanLine, name: str, was: FieldChange, limit: int, tree: _Tree) -> None:
    """Plan a text of the checkpoint. An empty cell leaves what is there; only the word 清空 clears it."""
    clears = reader.clears(name)
    text = "" if clears else reader.text(name, limit)
    if text:
        line.data["texts"][name] = text
        if text not in (was.before, values.plain(was.before)) and not line.created:
            line.changes.append(replace(was, after=text))
    elif clears and was.before not in ("", reader.shown(name)) and not tree.keeps:
        line.data["texts"][name] = ""
        line.changes.append(replace(was, cleared=True))


def _levels_above(reader: RowReader, code: str, tree: _Tree) -> list[tuple[str, str]]:
    """Return column and code of section and item: those of the known checkpoint, else derived from its code (4-3 and 4 for 4-3-3)."""
    node = tree.nodes.get(code)
    if node and node.parent_id:
        item = tree.by_pk[node.parent_id]
        return [("section", tree.by_pk[item.parent_id or 0].code), ("item", item.code)]
    parts = code.split("-")
    if len(parts) != 3:
        reader.add_error("point", f"新要点的编号“{code}”应形如 4-3-3，由一级、二级、三级的序号组成")
        return []
    return [("section", parts[0]), ("item", "-".join(parts[:2]))]


def _level(reader: RowReader, line: PlanLine, key: str, code: str, tree: _Tree) -> None:
    given, title = code_and_title(reader, tree.known, key)
    if (
        given and given != code and not (title and given.isdecimal() and "-" in code)
    ):  # 1. before a title is a running number
        reader.add_error(key, f"编号是 {given}，要点 {line.data['code']} 的上级应是 {code}")
        return
    known = tree.titles.get(code) or (tree.nodes[code].title if code in tree.nodes else "")
    if not known and not title:
        reader.add_error(key, f"体系中没有 {code}，请在这一列写上它的编号和名称")
    elif title and title != known:
        if code in tree.titles:
            reader.add_error(key, f"{code} 在前面的行里写的是“{known}”，请统一")
            return
        line.changes.append(FieldChange(reader.columns[key].heading, known, title))
        tree.titles[code] = title
        line.data["above"].append((code, title, LEVELS[key]))


# Lead and assists


def _parts(reader: RowReader, rows: list[RowReader], line: PlanLine, code: str, tree: _Tree) -> None:
    node = tree.nodes.get(code)
    current = tree.parts.get(node.pk, {}) if node else {}
    tree.waits = False
    leads, more = _leads(reader, tree)
    marked = [] if leads else [unit for row in rows for unit in _marked_leads(row, "units", tree)]
    is_cleared = not tree.keeps and any(row.clears("units") for row in rows)
    named = more + [unit for row in rows for key in ("units", "helpers") for unit in _units(row, key, tree)]
    for row in rows[1:]:
        reader.errors += row.errors
    if reader.errors or tree.waits or not (leads or named or is_cleared or node is None):
        return
    leads = leads or marked or _first_as_lead(reader, named, current, tree)
    if len(leads) > 1:
        if tree.first_of_several == KEPT:
            reader.leave("lead" if reader.has("lead") else "units", "写了几个牵头单位，按您的答复没有导入分工")
            return
        tree.led_by_several += tree.first_of_several != FIRST
        leads, named = leads[:1], [*leads[1:], *named]
    lead = leads[0].pk if leads else next((unit for unit, role in current.items() if role == "lead"), 0)
    if not lead and not named and not any(map(reader.has, ("lead", "units", "helpers"))):
        return
    if not lead:
        reader.add_error("lead", "没有牵头单位，每个要点须有一个")
        return
    assists = (
        [unit.pk for unit in named] if named or is_cleared else [u for u, role in current.items() if role == "assist"]
    )
    wanted = dict.fromkeys(assists, AssignmentRole.ASSIST.value) | {lead: AssignmentRole.LEAD.value}
    line.data["parts"] = wanted
    for heading, role in (("牵头单位", "lead"), ("责任单位", "assist")):
        before, after = _names(current, role, tree), _names(wanted, role, tree)
        if before != after:
            lost = sum(has == role for has in current.values()) if not after else 1
            line.changes.append(FieldChange(heading, before, after, cleared=not after, count=lost))


def _leads(reader: RowReader, tree: _Tree) -> tuple[list[Unit], list[Unit]]:
    """Return the units of the lead's cell, and those that it only lists beside a unit that is marked as the lead."""
    named, marked = _units(reader, "lead", tree), _marked_leads(reader, "lead", tree)
    return (marked, [unit for unit in named if unit not in marked]) if marked else (named, [])


def _marked_leads(reader: RowReader, key: str, tree: _Tree) -> list[Unit]:
    found = (tree.names.find(name) for name in tree.names.marked_as_lead(reader.shown(key)))
    return [unit for unit in found if isinstance(unit, Unit)]


def _first_as_lead(reader: RowReader, named: list[Unit], current: Mapping[int, str], tree: _Tree) -> list[Unit]:
    """Return the first of the responsible units if it leads; it is asked about in a table without leads."""
    if reader.has("lead") or not named or current.get(named[0].pk) == "lead":
        return []
    if tree.first_leads not in (FIRST, KEPT):
        tree.unled += 1
    return named[:1] if tree.first_leads == FIRST else []


def _lead_question(count: int) -> ImportQuestion:
    text = f"表中没有“牵头单位”一列，有 {count} 个要点的责任单位中第一个不是现在的牵头单位。第一个是牵头单位吗？"
    return ImportQuestion(LEADS, text, ((FIRST, "是，第一个是牵头单位"), (KEPT, "不是，牵头单位不变")))


def _several_leads_question(count: int) -> ImportQuestion:
    text = f"有 {count} 个要点写了几个牵头单位，每个要点只能有一个。怎么办？"
    return ImportQuestion(
        SEVERAL_LEADS, text, ((FIRST, "第一个牵头，其余列入责任单位"), (KEPT, "这些要点的分工不导入"))
    )


def _units(reader: RowReader, key: str, tree: _Tree) -> list[Unit]:
    """Return the units of a cell; none for an empty cell, which changes nothing, and for an explicit clearing."""
    if reader.clears(key) and key == "units":
        return []
    if reader.is_nothing(key):
        reader.leave(key, "没有写单位，保留原有分工")
        return []
    found: list[Unit] = []
    for name in tree.names.split(reader.text(key, 2000)):
        units = tree.names.find_all(name)
        if units == NONE:
            reader.add_error(key, f"没有“{name}”这个单位。请核对写法，或先在“单位”中新建")
        found += units if isinstance(units, list) else []
        tree.waits |= units == ""
    return found


def _names(parts: dict[int, str], role: str, tree: _Tree) -> str:
    return "、".join(sorted(tree.short[unit] for unit, has in parts.items() if has == role))


# Carry out the plan


def apply(context: ImportContext, shown: ImportPlan) -> str:
    copied = edition_copy.make_editable(context.campaign, context.actor)
    plan_of_edition = plan(context) if copied else shown  # the copy has rows of its own
    return _carry_out(context, plan_of_edition)


def _carry_out(context: ImportContext, plan: ImportPlan) -> str:
    system = context.campaign.system
    nodes = {node.code: node for node in system.indicators.all()}
    for level in IndicatorLevel:
        _write(context, nodes, level, list(_wanted(plan, level)))
    if plan.counts["created"] or any(line.data["above"] for line in plan.pending_lines):
        order_by_code(nodes.values())
    wanted = {nodes[line.data["code"]].pk: line.data["parts"] for line in plan.pending_lines if "parts" in line.data}
    task_assignment.assign_many(context.campaign, wanted, context.actor)
    targets.apply(plan, nodes)
    due_days.apply(context, plan)
    return f"新增 {plan.counts['created']} 个要点、修改 {plan.counts['changed']} 个要点"


def _wanted(plan: ImportPlan, level: IndicatorLevel) -> Iterable[tuple[str, dict[str, str]]]:
    """Yield code and fields of the nodes of a level that the table creates or changes."""
    for line in plan.pending_lines:
        if level == IndicatorLevel.CHECKPOINT:
            yield line.data["code"], {"title": line.data["title"], **line.data["texts"]}
        for code, title, of in line.data["above"]:
            if of == level:
                yield code, {"title": title}


def _write(
    context: ImportContext, nodes: dict[str, Indicator], level: IndicatorLevel, wanted: list[tuple[str, dict[str, str]]]
) -> None:
    fresh, changed, keys = [], [], {node.key for node in nodes.values()}
    for code, fields in wanted:
        if node := nodes.get(code):
            for name, value in fields.items():
                setattr(node, name, value)
            changed.append(node)
            continue
        key = code if code not in keys else f"{code}-{context.actor.today:%Y%m%d}"
        parent = nodes[code.rpartition("-")[0]] if level > IndicatorLevel.SECTION else None
        fresh.append(
            Indicator(system=context.campaign.system, level=level, code=code, key=key, parent=parent, order=0, **fields)
        )
    Indicator.objects.bulk_update(changed, ["title", *(name for name, _, _ in TEXTS)], batch_size=500)
    nodes |= {node.code: node for node in Indicator.objects.bulk_create(fresh, batch_size=500)}


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the current tree with its assignments."""
    parts: dict[int, dict[str, list[str]]] = {}
    assignments = Assignment.objects.filter(campaign=campaign).order_by("unit__order", "unit")
    for indicator, role, unit in assignments.values_list("indicator", "role", "unit__short_name"):
        parts.setdefault(indicator, {}).setdefault(role, []).append(unit)
    aims = targets.target_texts_of(Measure.objects.filter(indicator__system=campaign.system_id))
    due_by_checkpoint = due_days.due_days_of(campaign)
    points = campaign.system.indicators.checkpoints().select_related("parent__parent").order_by("order")
    for point in points:
        item = point.parent
        section = item.parent if item else None
        of = parts.get(point.pk, {})
        units = ("、".join(of.get(role, [])) for role in ("lead", "assist"))
        aim, day = aims.get(point.pk, ""), due_by_checkpoint.get(point.pk)
        levels = (point.code, str(section), str(item), str(point))
        due = f"{day:%Y-%m-%d}" if day else ""
        yield *levels, aim, point.proof, *units, due, point.official_wording, point.clause
