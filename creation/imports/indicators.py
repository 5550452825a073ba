"""附件1, 任务分解表: the indicator system of a campaign and the units that lead and assist each checkpoint.

Each row is a checkpoint; rows whose checkpoint cell is merged are one checkpoint with one unit each. Checkpoints that the table does not
contain are left unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from creation.audit.actor import Actor
from creation.campaigns import task_assignment
from creation.campaigns.editions import edition_copy
from creation.campaigns.editions.edition_tree import order_by_code
from creation.imports import (
    clearing,
    due_days,
    level_marks,
    point_rows,
    positions,
    row_reader,
    targets,
    values,
)
from creation.imports.due_days import DueDays
from creation.imports.import_plan import FieldChange, ImportPlan, ImportQuestion, PlanLine
from creation.imports.indicator_columns import COLUMNS
from creation.imports.kinds import ImportContext
from creation.imports.point_rows import PointRows
from creation.imports.point_units import PointUnits
from creation.imports.row_reader import RowReader
from creation.imports.targets import Targets
from creation.models import Assignment, Campaign, Indicator, IndicatorLevel, Measure
from creation.models.indicator import CLAUSE_LENGTH, WORDING_LENGTH

IGNORED = ("序号", "备注", "责任领导", "分管领导", "牵头领导", "责任人", "联络员", "标识")
NOTE = "责任领导、联络员、备注只供阅读，不从本表导入：人员用附件3导入。空格不改动已有内容；要清空责任单位，请在格中写“清空”。"
LEVELS = {"section": IndicatorLevel.SECTION, "item": IndicatorLevel.ITEM, "point": IndicatorLevel.CHECKPOINT}
TITLE, PROOF = 200, 5000
# The question whether sheets that repeat another one are imported, and its answers.
SHEETS, ONE, ALL = "sheets", "one", "all"
LEFT_OUT = "按您的答复只导入“{}”"
BELOW_TITLE = "名称下面另写的内容没有导入，需要的请写在“指标原文”一栏"
LISTED = 8  # sheets that a question names
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
    units: PointUnits
    targets: Targets
    due_days: DueDays
    keeps: bool
    codes_by_title: Mapping[str, list[str]]
    known: KnownTitles
    titles: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    positions: dict[tuple[str, int], str] = field(default_factory=dict)
    numbering: str | None = None  # the answer about a table without codes; None when there is nothing to ask

    @classmethod
    def of(cls, context: ImportContext) -> "_Tree":
        by_pk = {node.pk: node for node in context.campaign.system.indicators.all()}
        nodes = {node.code: node for node in by_pk.values()}
        keeps = clearing.is_kept(context.answers)
        known = known_titles((node.code, node.title) for node in by_pk.values())
        titles: dict[str, list[str]] = {}
        for node in by_pk.values():
            if node.level == IndicatorLevel.CHECKPOINT:
                titles.setdefault(level_marks.title_key(node.title), []).append(node.code)
        aims, days = Targets.of(context), DueDays.of(context)
        return cls(nodes, by_pk, PointUnits(context), aims, days, keeps, titles, known)


def plan(context: ImportContext) -> ImportPlan:
    tree = _Tree.of(context)
    readers = row_reader.readers(context, COLUMNS)
    by_unit = tree.units.read_roles(readers)
    whole = "" if by_unit else point_rows.sheet_of_all(readers)
    if whole and context.answers.get(SHEETS) == ONE:
        for reader in readers:
            if reader.sheet != whole:
                reader.leave_row(LEFT_OUT.format(whole))
        readers = [reader for reader in readers if reader.sheet == whole]
    points = PointRows(readers, everywhere=by_unit)
    tree.units.read_covered(readers, points.is_scattered)
    questions = _number(context, [readers[0] for readers in points.groups], tree)
    lines = [_line(readers, tree) for readers in points.groups]
    _pass_on_titles(lines)
    notes = [NOTE, *edition_copy.sharing_notes(context.campaign), *([positions.NOTE] if tree.positions else [])]
    notes += [*points.notes, *tree.units.notes]
    questions += [*tree.units.questions, *tree.units.names.questions.values()]
    if whole and context.answers.get(SHEETS) not in (ONE, ALL):
        questions.append(_sheets_question(whole, {reader.sheet for reader in readers} - {whole}))
    return ImportPlan(context.layout, lines, questions, notes)


def _sheets_question(whole: str, others: set[str]) -> ImportQuestion:
    names = "、".join(f"“{name}”" for name in sorted(others)[:LISTED])
    text = f"工作表{names}{' 等' if len(others) > LISTED else ''} {len(others)} 张里的要点，“{whole}”里都有。导入哪些？"
    options = ((ONE, f"只导入“{whole}”，其余的重复，不导入"), (ALL, "都导入，重复的要点列为有误"))
    return ImportQuestion(SHEETS, text, options)


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
    for row in readers[1:]:
        row.errors = reader.errors
    code, title = code_and_title(reader, tree.known)
    code = _own_code(reader, code if "-" in code else _code_of(title, tree)) or code
    if not code or (code.isdecimal() and title):  # a single number is a running number
        code = tree.positions.get((reader.sheet, reader.row)) or _code_of(title, tree)
    title = _kept_title(code, title, tree)
    if (
        (below := title.partition("\n"))
        and code in tree.nodes
        and _is_title_of(below[0], tree.nodes[code])
        and below[2]
    ):
        reader.leave("point", BELOW_TITLE)
        title = tree.nodes[code].title
    line = reader.line(f"{code} {title}".strip())
    if not code and tree.numbering is not None and not reader.errors:
        reader.leave("point", "没有编号，体系中也没有这个名称，没有导入")
        return line
    if not reader.errors:
        _require_code(reader, code, title, tree)
    if not reader.errors:
        for row in readers[1:]:
            row.use("code", "point")
        _node(readers, line, code, title, tree)
        tree.units.plan(readers, line, tree.nodes.get(code))
        tree.targets.plan(readers, line, tree.nodes.get(code))
        tree.due_days.plan(readers, line, tree.nodes.get(code))
    return line


def _own_code(reader: RowReader, known: str) -> str:
    """Return the code in the column of codes. ``known``: what the row says otherwise, which counts if Excel has destroyed the code."""
    if known and reader.has_lost_code("code"):
        reader.leave("code", f"编号被 Excel 变成了日期或小数，已按名称认出是 {known}")
        return known
    return level_marks.with_hyphens(reader.code("code"))


def _code_of(title: str, tree: _Tree) -> str:
    same = tree.codes_by_title.get(level_marks.title_key(title), [])
    return same[0] if len(same) == 1 else ""


def _is_title_of(text: str, node: Indicator) -> bool:
    return level_marks.title_key(text) == level_marks.title_key(node.title)


def _kept_title(code: str, title: str, tree: _Tree) -> str:
    """Return the stored title of a checkpoint that was known by its title, which may be written with other marks."""
    is_known = code and _code_of(title, tree) == code and code in tree.nodes
    return tree.nodes[code].title if is_known else title


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


def _node(rows: list[RowReader], line: PlanLine, code: str, title: str, tree: _Tree) -> None:
    reader = rows[0]
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
        _text(rows, line, name, FieldChange(heading, getattr(node, name, ""), ""), limit, tree)


def _text(rows: list[RowReader], line: PlanLine, name: str, was: FieldChange, limit: int, tree: _Tree) -> None:
    """Plan a text of the checkpoint. An empty cell leaves what is there; only the word 清空 clears it."""
    if len(rows) == 1 and rows[0].says_stored(name, was.before):
        return
    clears = rows[0].clears(name)
    text = "" if clears else point_rows.text_of(rows, name, limit)
    if text:
        line.data["texts"][name] = text
        if text not in (was.before, values.plain(was.before)) and not line.created:
            line.changes.append(replace(was, after=text))
    elif clears and was.before not in ("", rows[0].shown(name)) and not tree.keeps:
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
