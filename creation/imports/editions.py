"""附件1 of a new edition: read as a whole, row by row, to be compared with the edition in force. What it does not name is no more."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby

from creation.audit.trail import Actor
from creation.campaigns.editions import drafting, points
from creation.campaigns.editions.points import Point
from creation.imports.headings import Column
from creation.imports.indicators import COLUMNS as ANNEX
from creation.imports.indicators import PROOF, TITLE, first_row
from creation.imports.kinds import Case
from creation.imports.plans import Change, Error, Line, Plan, Reader, rows_of
from creation.models import Campaign, EditionChange

OF_THE_CAMPAIGN = ("target", "lead", "units", "due")
COLUMNS = (*(column for column in ANNEX if column.key not in OF_THE_CAMPAIGN), Column("key", "标识", ("稳定标识",)))
KEY, CODE = 60, 20
ASIDE = (
    "只读取编号、名称和印证资料要求，要求空着的沿用原来的。"
    "分工、目标值、时限随原要点延续，这一步不读；换版后把同一份表在“任务分工”页再作附件1导入，就能补上。"
)
EMPTY = "表头下面没有一个要点。新版须列出全部要点，请核对是不是选错了文件。"
ANOTHER = "已有一份新版正在对照（{name}）。继续导入会用这份表格代替它。"


@dataclass
class _Table:
    """The edition in force, and what the rows before have said."""

    by_code: dict[str, Point]
    by_key: dict[str, Point]
    titles: dict[str, str]  # code → title of a section or item
    above: dict[str, str] = field(default_factory=dict)  # the same, as the table gives them
    rows: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, there: list[Point]) -> "_Table":
        titles = {point.section_code: point.section for point in there}
        titles |= {point.item_code: point.item for point in there}
        return cls({point.code: point for point in there}, {point.key: point for point in there}, titles)


def plan(case: Case) -> Plan:
    there = points.of_system(case.campaign.system)
    table = _Table.of(there)
    grouped = groupby(rows_of(case.layout), key=lambda row: first_row(case, row))
    lines = [_line(Reader(case.layout, COLUMNS, next(rows)), table) for _, rows in grouped]
    if not lines:
        lines = [Line(case.layout.row, "", errors=[Error(case.layout.row, 0, "整行", EMPTY)])]
    named = {line.data["code"] for line in lines if "code" in line.data}
    if not any(line.errors for line in lines):
        lines += [_gone(point) for point in there if point.code not in named]
    return Plan(case.layout, lines, notes=[ASIDE, *_others(case.campaign)])


def _others(campaign: Campaign) -> list[str]:
    return [ANOTHER.format(name=each.file_name) for each in EditionChange.objects.under_way().filter(campaign=campaign)]


def _line(reader: Reader, table: _Table) -> Line:
    code, title = reader.titled("point", TITLE)
    code = reader.code("code") or code
    key, proof = reader.text("key", KEY), reader.text("proof", PROOF)
    line = Line(reader.row, f"{code} {title}".strip(), errors=reader.errors)
    if not reader.errors:
        _require(reader, code, title, key, table)
    if reader.errors:
        return line
    section_code, item_code = code.split("-")[0], code.rpartition("-")[0]
    section, item = _above(reader, "section", section_code, table), _above(reader, "item", item_code, table)
    found = Point(code, title, proof, item, section, key)
    line.data = {name: value for name, value in asdict(found).items() if name != "pk"}
    _compare(line, found, table.by_code.get(code))
    return line


def _require(reader: Reader, code: str, title: str, key: str, table: _Table) -> None:
    parts = code.split("-")
    if not code:
        reader.wrong("point", f"“{title[:20]}”没有编号。请在名称前写上编号，如“4-3-3 {title[:10]}”")
    elif len(code) > CODE:
        reader.wrong("point", f"编号“{code[:CODE]}…”太长，最多 {CODE} 个字")
    elif len(parts) != 3 or not all(parts):
        reader.wrong("point", f"编号“{code}”应形如 4-3-3，由一级、二级、三级的序号组成")
    elif code in table.rows:
        reader.wrong("point", f"编号 {code} 重复，第 {table.rows[code]} 行已经有了")
    elif not title:
        reader.wrong("point", f"{code} 没有名称，请写上")
    elif key and key not in table.by_key:
        reader.wrong("key", f"现行版本中没有标识“{key}”。新要点请把这一格留空")
    elif key and key in table.keys:
        reader.wrong("key", f"标识“{key}”重复，第 {table.keys[key]} 行已经有了")
    table.rows.setdefault(code, reader.row)
    table.keys.setdefault(key, reader.row)


def _above(reader: Reader, column: str, code: str, table: _Table) -> str:
    given, title = reader.titled(column, TITLE)
    if given and given != code:
        reader.wrong(column, f"编号是 {given}，按要点的编号应是 {code}")
        return ""
    known = table.above.get(code) or table.titles.get(code, "")
    if not title and not known:
        reader.wrong(column, f"没有 {code} 的名称，请写上它的编号和名称")
    elif title and code in table.above and title != known:
        reader.wrong(column, f"{code} 在前面的行里写的是“{known}”，请统一")
    elif title:
        table.above[code] = title
    return title or known


def _compare(line: Line, new: Point, old: Point | None) -> None:
    """Against the checkpoint of the same code, to say whether there is anything to compare at all."""
    line.created = old is None
    before = old or Point("", "", "", "", "")
    told = (
        ("一级指标", "section"),
        ("二级指标（项目）", "item"),
        ("三级指标（要点）", "title"),
        ("印证资料要求", "proof"),
    )
    for heading, name in told:
        was, now = getattr(before, name), getattr(new, name)
        if now and now != was:
            line.changes.append(Change(heading, was, now))
    if old and new.key and new.key != old.key:
        line.changes.append(Change("标识", old.key, new.key))


def _gone(point: Point) -> Line:
    """A checkpoint that the table does not name; it stands in no row."""
    return Line(0, str(point), [Change("表中没有", str(point), "")])


def apply(case: Case, plan: Plan) -> str:
    rows = [line.data for line in plan.lines if line.data]
    drafting.begin(case.campaign, case.name, rows, case.actor)
    return f"读入 {len(rows)} 个要点，请核对与现行版本的对应"


def rows(campaign: Campaign, actor: Actor) -> Iterator[tuple[str, ...]]:
    """The edition in force, to be made into the next one; the key says of a row which checkpoint it continues."""
    for point in points.of_system(campaign.system):
        item = f"{point.item_code} {point.item}"
        yield point.code, f"{point.section_code} {point.section}", item, str(point), point.proof, point.key
