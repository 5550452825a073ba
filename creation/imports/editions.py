"""附件1 of a new edition, read to be compared with the edition in force. A checkpoint that it does not contain is removed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby

from creation.audit.actor import Actor
from creation.campaigns.editions import compared_checkpoints, comparison_draft
from creation.campaigns.editions.compared_checkpoints import ComparedCheckpoint
from creation.imports import level_marks, positions, row_reader, values
from creation.imports.headings import ImportColumn
from creation.imports.import_plan import CellError, FieldChange, ImportPlan, PlanLine
from creation.imports.indicator_columns import COLUMNS as ANNEX
from creation.imports.indicators import TEXTS, KnownTitles, code_and_title, known_titles
from creation.imports.kinds import ImportContext
from creation.imports.point_rows import point_position
from creation.imports.row_reader import RowReader
from creation.models import Campaign, EditionChange

OF_THE_CAMPAIGN = ("target", "lead", "units", "helpers", "role", "due")
COLUMNS = (
    *(column for column in ANNEX if column.key not in OF_THE_CAMPAIGN),
    ImportColumn("key", "标识", ("稳定标识",), own=True),
)
LEFT_TO_THE_CAMPAIGN = tuple(name for column in ANNEX if column.key in OF_THE_CAMPAIGN for name in column.names)
KEY, CODE = 60, 20
NOTE = (
    "只读取编号、名称、印证资料要求、指标原文和依据；除编号和名称外，空着的沿用原来的。"
    "分工、目标值、时限随原要点延续，这一步不读；换版后把同一份表在“任务分工”页再作附件1导入，就能补上。"
)
EMPTY = "表头下面没有一个要点。新版须列出全部要点，请核对是不是选错了文件。"
CLEARS = "换版时不能清空，空着的格子沿用原来的。要清空的，请把“清空”删去，换版后在“任务分工”页导入附件1时再写"
ANOTHER = "已有一份新版正在对照（{name}）。继续导入会用这份表格代替它。"


@dataclass
class _EditionLookup:
    """The edition in force, and the titles of the rows read so far."""

    by_code: dict[str, ComparedCheckpoint]
    by_key: dict[str, ComparedCheckpoint]
    titles: dict[str, str]  # code → title of a section or item
    above: dict[str, str] = field(default_factory=dict)  # the same, as the imported table has them
    rows: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    known: KnownTitles = field(default_factory=dict)
    positions: dict[tuple[str, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, current: list[ComparedCheckpoint]) -> "_EditionLookup":
        titles = {point.section_code: point.section for point in current}
        titles |= {point.item_code: point.item for point in current}
        known = known_titles([*titles.items(), *((point.code, point.title) for point in current)])
        by_code, by_key = {point.code: point for point in current}, {point.key: point for point in current}
        return cls(by_code, by_key, titles, known=known)


def plan(context: ImportContext) -> ImportPlan:
    current = compared_checkpoints.checkpoints_of(context.campaign.system)
    lookup = _EditionLookup.of(current)
    grouped = groupby(row_reader.readers(context, COLUMNS), key=point_position)
    readers = [next(rows) for _, rows in grouped]
    lookup.positions = positions.codes_by_position(readers)
    lines = [_line(reader, lookup) for reader in readers]
    if not lines:
        lines = [
            PlanLine(
                context.layout.row,
                "",
                errors=[CellError(context.layout.row, 0, "整行", EMPTY, context.layout.sheet.name)],
            )
        ]
    named = {line.data["code"] for line in lines if "code" in line.data}
    if not any(line.errors for line in lines):
        lines += [_removed_line(point) for point in current if point.code not in named]
    notes = [NOTE, *([positions.NOTE] if lookup.positions else []), *_others(context.campaign)]
    return ImportPlan(context.layout, lines, notes=notes)


def _others(campaign: Campaign) -> list[str]:
    return [ANOTHER.format(name=each.file_name) for each in EditionChange.objects.under_way().filter(campaign=campaign)]


def _line(reader: RowReader, lookup: _EditionLookup) -> PlanLine:
    code, title = code_and_title(reader, lookup.known)
    code = level_marks.with_hyphens(reader.code("code")) or code
    code = lookup.positions.get((reader.sheet, reader.row), code)
    key = reader.text("key", KEY)
    texts = {name: reader.text(name, limit) for name, _, limit in TEXTS}
    old = lookup.by_code.get(code)
    for name, text in texts.items():
        if reader.clears(name) and not (old and getattr(old, name) == text):
            reader.add_error(name, CLEARS)
    line = reader.line(f"{code} {title}".strip())
    if not reader.errors:
        _require(reader, code, title, key, lookup)
    if reader.errors:
        return line
    section_code, item_code = code.split("-")[0], code.rpartition("-")[0]
    section, item = (
        _level_title(reader, "section", section_code, lookup),
        _level_title(reader, "item", item_code, lookup),
    )
    found = ComparedCheckpoint(
        code,
        title,
        texts["proof"],
        item,
        section,
        key,
        official_wording=texts["official_wording"],
        clause=texts["clause"],
    )
    line.data = {name: value for name, value in asdict(found).items() if name != "pk"}
    _compare(line, found, old)
    return line


def _require(reader: RowReader, code: str, title: str, key: str, lookup: _EditionLookup) -> None:
    parts = code.split("-")
    if not code:
        reader.add_error("point", f"“{title[:20]}”没有编号。请在名称前写上编号，如“4-3-3 {title[:10]}”")
    elif len(code) > CODE:
        reader.add_error("point", f"编号“{code[:CODE]}…”太长，最多 {CODE} 个字")
    elif len(parts) != 3 or not all(parts):
        reader.add_error("point", f"编号“{code}”应形如 4-3-3，由一级、二级、三级的序号组成")
    elif code in lookup.rows:
        reader.add_error("point", f"编号 {code} 重复，{lookup.rows[code]}已经有了")
    elif not title:
        reader.add_error("point", f"{code} 没有名称，请写上")
    elif key and key not in lookup.by_key:
        reader.add_error("key", f"现行版本中没有标识“{key}”。新要点请把这一格留空")
    elif key and key in lookup.keys:
        reader.add_error("key", f"标识“{key}”重复，{lookup.keys[key]}已经有了")
    lookup.rows.setdefault(code, reader.place)
    lookup.keys.setdefault(key, reader.place)


def _level_title(reader: RowReader, column: str, code: str, lookup: _EditionLookup) -> str:
    given, title = code_and_title(reader, lookup.known, column)
    if given and given != code and not (title and given.isdecimal() and "-" in code):
        reader.add_error(column, f"编号是 {given}，按要点的编号应是 {code}")
        return ""
    known = lookup.above.get(code) or lookup.titles.get(code, "")
    if not title and not known:
        reader.add_error(column, f"没有 {code} 的名称，请写上它的编号和名称")
    elif title and code in lookup.above and title != known:
        reader.add_error(column, f"{code} 在前面的行里写的是“{known}”，请统一")
    elif title:
        lookup.above[code] = title
    return title or known


def _compare(line: PlanLine, new: ComparedCheckpoint, old: ComparedCheckpoint | None) -> None:
    """Compare with the checkpoint of the same code, to find out whether the edition changes anything."""
    line.created = old is None
    before = old or ComparedCheckpoint("", "", "", "", "")
    fields = (
        ("一级指标", "section"),
        ("二级指标（项目）", "item"),
        ("三级指标（要点）", "title"),
        *((heading, name) for name, heading, _ in TEXTS),
    )
    for heading, name in fields:
        was, now = getattr(before, name), getattr(new, name)
        if now and now != was and now != values.plain(was):
            line.changes.append(FieldChange(heading, was, now))
    if old and new.key and new.key != old.key:
        line.changes.append(FieldChange("标识", old.key, new.key))


def _removed_line(point: ComparedCheckpoint) -> PlanLine:
    """Return the line for a checkpoint that the table does not contain; it has no row."""
    return PlanLine(0, str(point), [FieldChange("表中没有", str(point), "")])


def apply(context: ImportContext, plan: ImportPlan) -> str:
    rows = [line.data for line in plan.lines if line.data]
    comparison_draft.start_comparison(context.campaign, context.name, rows, context.actor)
    return f"读入 {len(rows)} 个要点，请核对与现行版本的对应"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the edition in force, to be edited into the next one. The key says which checkpoint a row continues."""
    for point in compared_checkpoints.checkpoints_of(campaign.system):
        item = f"{point.item_code} {point.item}"
        texts = point.proof, point.official_wording, point.clause
        yield point.code, f"{point.section_code} {point.section}", item, str(point), *texts, point.key
