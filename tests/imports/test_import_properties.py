"""Any table of each kind: each filled cell is used, asked about, wrong or listed as left, and what would be stored is what the cells say.

The tables are made from cells whose meaning is known: a text, and what a person would read in it, or that it cannot be read.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation.imports import import_uploads, offline_workbooks
from creation.imports.import_plan import ImportPlan, LineState, PlanLine
from creation.imports.registry import KINDS
from creation.imports.worksheet import Sheet
from creation.models import Assignment, ImportUpload, Indicator, User
from creation.tasks import drafts
from tests.support import import_accounts
from tests.support.import_accounts import EMPTY, NOTHING_WRITTEN, Cell
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

TABLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROUND_TRIPS = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


BLANKS = st.sampled_from(["", " ", "　", "\u200b", "\u00a0", "\n"])
WORDS = st.text(st.sampled_from("评查方案通报整改照片甲乙丙1A（）()、，。%"), min_size=1, max_size=12).map(str.strip)


def sheet_of(head: list[str], rows: list[list[Cell]], above: list[str], foot: list[str]) -> Sheet:
    table = [list(head), *([cell.shown for cell in row] for row in rows)]
    return import_accounts.sheet_of([*([text] for text in above), *table, *([text] for text in foot)])


def planned(
    world: World, kind: str, sheet: Sheet, who: str = "coordinator", answers: dict[str, str] | None = None
) -> ImportPlan:
    upload = ImportUpload(campaign=world.campaign, kind=kind, name="表.xlsx", content=b"", created_at=NOW)
    upload.answers = answers or {}
    return import_uploads.plan_of_sheets(upload, [sheet], world.actor(who))


def assert_all_accounted_for(
    world: World, kind: str, sheet: Sheet, rows: list[list[Cell]], who: str = "coordinator"
) -> None:
    """Once all questions are answered, no filled cell is left without a word."""
    found = import_accounts.answered(lambda answers: planned(world, kind, sheet, who, answers))
    first = found.layout.row + 1
    known = {(first + number, column): cell for number, row in enumerate(rows) for column, cell in enumerate(row, 1)}
    others = {place: cell for place, cell in known.items() if place[1] in found.layout.columns.values()}
    assert import_accounts.unaccounted(found, sheet, others, assigned_before) == []


def assigned_before(line: PlanLine) -> list[str]:
    units = Assignment.objects.filter(indicator__code=line.data.get("code", ""))
    return list(units.values_list("unit__short_name", flat=True))


def is_asked(found: ImportPlan, text: str) -> bool:
    plain = "".join(text.split()).replace("\u200b", "")
    return any(part and part in question.text for question in found.questions for part in (plain, text.strip()))


# 附件1

UNITS = {
    "老街街道": "老街街道",
    "源汇区老街街道": "老街街道",
    "区城管局": "城管局",
    "城管局": "城管局",
    "政府办": "政府办",
}
UNIT = st.builds(
    lambda name, blank: Cell(name[:2] + blank.strip("\n ") + name[2:], UNITS[name]),
    st.sampled_from(list(UNITS)),
    BLANKS,
)
BAD_UNIT = st.sampled_from([Cell("火星某某", None, False), Cell("#REF!", None, False), Cell("#N/A", None, False)])
NO_UNIT = st.sampled_from([EMPTY, Cell("—"), Cell("待定"), Cell(" "), Cell("\u200b")])


def several(cells: list[Cell], separator: str) -> Cell:
    return Cell(separator.join(cell.shown for cell in cells), frozenset(cell.meaning for cell in cells))


UNIT_LIST = st.builds(several, st.lists(UNIT, min_size=1, max_size=3), st.sampled_from(["、", "，", "\n", ";", "；"]))
PROOF = st.one_of(
    st.just(EMPTY),
    WORDS.filter(lambda text: text not in ("", "清空")).map(lambda text: Cell(text, text)),
    st.just(Cell("#REF!", None, False)),
    WORDS.filter(bool).map(lambda text: Cell(f"甲\x0b{text}", f"甲\n{text}")),
)
DAYS = st.sampled_from(
    [
        EMPTY, Cell(date(2026, 9, 30), date(2026, 9, 30)), Cell("9月底前", date(2026, 9, 30)), Cell("三季度末", date(2026, 9, 30)),
        Cell("2026.9.30", date(2026, 9, 30)), Cell("长期坚持"), Cell("6月31日", None, False), Cell("尽快", None, False),
        Cell("2026年年底", date(2026, 12, 31)),
    ]
)  # fmt: skip
POINTS = st.sampled_from(
    [
        Cell("4-3-3 每年组织案卷评查", ("4-3-3", "每年组织案卷评查")),
        Cell("4．3．3 每年组织案卷评查", ("4-3-3", "每年组织案卷评查")),
        Cell("1—1—1 清单公布", ("1-1-1", "清单公布")),
        Cell("1-1-1\u200b 行政审批事项清单公布", ("1-1-1", "行政审批事项清单公布")),
        Cell("每年组织案卷评查", ("4-3-3", "每年组织案卷评查")),
        Cell("1-1-2 新的要点", ("1-1-2", "新的要点")),
        Cell("没有见过的要点", None, False),
        Cell("#VALUE!", None, False),
    ]
)
POINT_ROWS = st.tuples(
    POINTS, PROOF, st.one_of(UNIT, BAD_UNIT, NO_UNIT), st.one_of(UNIT_LIST, BAD_UNIT, NO_UNIT), DAYS, PROOF
)
POINT_HEAD = ["三级指标", "印证材料", "牵头单位", "责任单位", "完成时限", "颜色"]
FOOTS = st.lists(st.sampled_from(["注：以上内容供参考", "填表人：张三", "合计", "审核人："]), max_size=2)


@TABLES
@given(rows=st.lists(POINT_ROWS.map(list), min_size=1, max_size=4), foot=FOOTS)
def test_a_table_of_checkpoints_stores_what_its_cells_say(
    world: World, rows: list[list[Cell]], foot: list[str]
) -> None:
    sheet = sheet_of(POINT_HEAD, rows, ["附件1", "任务分解表"], foot)
    found = planned(world, "indicators", sheet)
    assert_all_accounted_for(world, "indicators", sheet, rows)
    lines = {line.row: line for line in found.lines}
    groups: list[tuple[int, list[list[Cell]]]] = []
    for number, row in enumerate(rows, 4):
        if number in lines:
            groups.append((number, [row]))
        else:
            groups[-1][1].append(row)
    for number, group in groups:
        if len(group) == 1:
            check_point(world, found, lines[number], number, group[0])
        else:
            check_repeated_point(world, lines[number], group)


def check_repeated_point(world: World, line: PlanLine, group: list[list[Cell]]) -> None:
    """Check a checkpoint that has a row for each unit: point and lead are the same in all of them, the units are those of all."""
    assert len({tuple(str(cell.shown or "").strip() for cell in (row[0], row[2])) for row in group}) == 1
    if line.errors:
        return
    assert all(cell.is_clear for row in group for cell in row[:5])
    meanings = [row[3].meaning for row in group if row[3].meaning is not NOTHING_WRITTEN]
    named = {name for each in meanings for name in (each if isinstance(each, frozenset) else {each})}
    names = {unit.pk: name for name, unit in world.units.items()}
    parts = {names[unit]: role for unit, role in line.data.get("parts", {}).items()}
    assert {name for name, role in parts.items() if role == "assist"} == named - {
        name for name, role in parts.items() if role == "lead"
    }


def check_point(world: World, found: ImportPlan, line: PlanLine, number: int, row: list[Cell]) -> None:
    if line.errors:
        assert all(error.column for error in line.errors)
        return
    point, proof, lead, units, due, _ = row
    assert all(cell.is_clear for cell in row[:5]), [cell.shown for cell in row]
    code, title = point.meaning
    node = Indicator.objects.filter(system=world.campaign.system, code=code).first()
    changed = {change.heading: change.after for change in line.changes}
    assert line.data["code"] == code
    assert line.data["title"] == title
    if proof.meaning is not NOTHING_WRITTEN and (node is None or node.proof != proof.meaning):
        assert changed["印证资料要求" if node else "三级指标"] in (proof.meaning, title)
        assert line.data["texts"]["proof"] == proof.meaning
    else:
        assert "印证资料要求" not in changed
    names = {unit.pk: name for name, unit in world.units.items()}
    before = {names[unit]: role for unit, role in node.assignments.values_list("unit", "role")} if node else {}
    wanted = {names[unit]: role for unit, role in line.data.get("parts", {}).items()} or before
    lead_name = (
        lead.meaning
        if lead.meaning is not NOTHING_WRITTEN
        else next((u for u, r in before.items() if r == "lead"), None)
    )
    if units.meaning is NOTHING_WRITTEN:
        assists = {unit for unit, role in before.items() if role == "assist"}
    else:
        assists = units.meaning if isinstance(units.meaning, frozenset) else {units.meaning}
    assert wanted == dict.fromkeys(assists, "assist") | ({lead_name: "lead"} if lead_name else {})
    if due.meaning is not NOTHING_WRITTEN and node:
        assert changed.get("完成时限") == f"{due.meaning}"
    else:
        assert "完成时限" not in changed


# 附件3

NAMES = st.builds(
    lambda name, blank, at: Cell(name[:at] + ("\u200b" if "·" in name else blank) + name[at:], name),
    st.sampled_from(["秦壬戌", "孙磊", "欧阳明德", "买买提·艾力"]),
    BLANKS.filter(lambda blank: blank != "\n"),
    st.sampled_from([1, 2]),
)
NAME = st.one_of(
    NAMES,
    st.sampled_from(
        [Cell("张3", None, False), Cell("#N/A", None, False), EMPTY, Cell("待定"), Cell("刘晓明股长", None, False)]
    ),
)
PHONE = st.sampled_from(
    [
        EMPTY, Cell("138 0395 0002", "13803950002"), Cell("138-0395-0002（微信同号）", "13803950002"),
        Cell("１３８０３９５０００２", "13803950002"),
        Cell("无"), Cell("1380395000", None, False), Cell("#REF!", None, False),
    ]
)  # fmt: skip
POST = st.sampled_from(
    [EMPTY, Cell("股长", "股长"), Cell("办公室 主任", "办公室 主任"), Cell("#REF!", None, False), Cell("—")]
)
LEADER = st.sampled_from(
    [
        EMPTY,
        Cell("王建国", "王建国"),
        Cell("王 建 国", "王建国"),
        Cell("王建国 副局长", "王建国"),
        Cell("王建国（副局长）", "王建国"),
        Cell("#REF!", None, False),
    ]
)
PERSON_ROWS = st.tuples(st.one_of(UNIT, BAD_UNIT), NAME, POST, PHONE, LEADER, PROOF)


@TABLES
@given(rows=st.lists(PERSON_ROWS.map(list), min_size=1, max_size=3), foot=FOOTS)
def test_a_table_of_liaisons_stores_what_its_cells_say(world: World, rows: list[list[Cell]], foot: list[str]) -> None:
    sheet = sheet_of(["单位", "联络员", "职务", "手机", "分管领导", "车牌"], rows, ["附件3"], foot)
    found = planned(world, "liaisons", sheet)
    named = [[replace(unit, is_key=True), *others] for unit, *others in rows]  # a unit alone is a line without a change
    assert_all_accounted_for(world, "liaisons", sheet, named)
    lines = {line.row: line for line in found.lines}
    for number, row in enumerate(rows, 3):
        if number in lines:
            check_person(world, found, lines[number], row)


def check_person(world: World, found: ImportPlan, line: PlanLine, row: list[Cell]) -> None:
    if line.errors:
        return
    unit, name, post, mobile, leader, _ = row
    if not unit.is_clear:
        assert is_asked(found, unit.shown) or (name.meaning is NOTHING_WRITTEN and leader.meaning is NOTHING_WRITTEN)
        return
    assert all(cell.is_clear for cell in row[:5]), [cell.shown for cell in row]
    facts = line.data.get("facts", {})
    if name.meaning is not NOTHING_WRITTEN:
        assert line.data["unit"] == world.units[unit.meaning]
        assert (line.data["person"].name if "person" in line.data else line.data["name"]) == name.meaning
        assert facts.get("post", "") == ("" if post.meaning is NOTHING_WRITTEN else post.meaning)
        assert facts.get("mobile", "") == ("" if mobile.meaning is NOTHING_WRITTEN else mobile.meaning)
    assert line.data.get("leader", "") == ("" if leader.meaning is NOTHING_WRITTEN else leader.meaning)


# 读数, 答复

FIGURE = st.sampled_from(
    [
        EMPTY,
        Cell("３", "3"),
        Cell("1,200", "1200"),
        Cell("两次", None, False),
        Cell("#REF!", None, False),
        Cell("-1", None, False),
    ]
)
NOTE = st.one_of(st.just(EMPTY), WORDS.filter(bool).map(lambda text: Cell(text, text)))
KEYS = st.sampled_from(
    [
        Cell("4-3-3", "4-3-3", is_key=True),
        Cell("4.3.3", "4-3-3", is_key=True),
        Cell("9-9-9", None, False),
        Cell("#REF!", None, False),
    ]
)


@TABLES
@given(row=st.tuples(KEYS, FIGURE, NOTE, PROOF).map(list))
def test_a_reading_is_what_its_cells_say(world: World, row: list[Cell]) -> None:
    key, figure, note, _ = row
    rows = [[key, Cell("行政执法案卷评查", "行政执法案卷评查", is_key=True), figure, note, row[3]]]
    sheet = sheet_of(["编号", "测量项", "数量", "说明", "颜色"], rows, [], [])
    found = planned(world, "readings", sheet, "liaison")
    assert_all_accounted_for(world, "readings", sheet, rows, "liaison")
    [line] = found.lines
    if line.errors:
        return
    assert key.is_clear
    assert figure.is_clear
    if figure.meaning is NOTHING_WRITTEN:
        assert line.changes == []
        assert note.meaning is NOTHING_WRITTEN or any(cell.text == note.shown for cell in found.left)
    else:
        assert str(line.data["figures"].count) == figure.meaning
        assert line.data["note"] == ("" if note.meaning is NOTHING_WRITTEN else note.meaning)


@TABLES
@given(
    row=st.tuples(
        KEYS, PROOF, st.sampled_from([EMPTY, Cell("情况说明", "statement"), Cell("邮寄", None, False)]), PROOF
    ).map(list)
)
def test_an_answer_is_what_its_cells_say(world: World, row: list[Cell]) -> None:
    _key, measures, mode, _ = row
    sheet = sheet_of(["编号", "工作措施", "提供方式", "颜色"], [row], ["数据截至 2026-07-31 09:00"], [])
    found = planned(world, "answers", sheet, "liaison")
    assert_all_accounted_for(world, "answers", sheet, [row], "liaison")
    [line] = found.lines
    if line.errors:
        return
    assert all(cell.is_clear for cell in row[:3])
    content = line.data["content"]
    assert content.get("measures", "") == ("" if measures.meaning is NOTHING_WRITTEN else measures.meaning)
    if mode.meaning is not NOTHING_WRITTEN:
        assert content["mode"] == mode.meaning


# Out and in again

TEXTS = st.sampled_from([
    "清空", "—", "待定", "无", "=1+1", "@甲",
    "1. 甲", "（一）乙", "一、丙", "4-3 丁", "甲\n乙", "甲\x0b乙", " 前后 ", "甲　乙", "注：甲", "合计", "95%", "12月底前",
    "a\u200bb", "２０２６", "负责人：甲", "2026-06-30",
])  # fmt: skip


@ROUND_TRIPS
@given(texts=st.lists(TEXTS, min_size=8, max_size=8))
def test_what_was_exported_comes_back_unchanged_whatever_is_stored(world: World, texts: list[str]) -> None:
    store(world, texts)
    for kind in KINDS:
        upload = ImportUpload(campaign=world.campaign, kind=kind, name="表.xlsx", created_at=NOW)
        upload.content = offline_workbooks.workbook(KINDS[kind], world.campaign, world.actor("coordinator"))
        found = import_uploads.plan_of(upload, world.actor("coordinator"))
        assert (found.errors, found.questions, list(said(found.pending_lines))) == ([], [], []), (kind, texts)


def said(lines: Iterable[PlanLine]) -> Iterable[tuple[Any, ...]]:
    for line in lines:
        if line.state != LineState.UNCHANGED:
            yield line.row, [(change.heading, change.before, change.after) for change in line.changes]


def store(world: World, texts: list[str]) -> None:
    """Store the texts as older versions of the application did, without cleaning them."""
    section, item, point = (world.indicators[code] for code in ("4", "4-3", "4-3-3"))
    for node, title in zip((section, item, point), texts, strict=False):
        Indicator.objects.filter(pk=node.pk).update(title=f"{title}", proof=texts[3] if node == point else "")
    User.objects.filter(pk=world.people["liaison"].pk).update(post=texts[4])
    drafts.replace(
        world.task("lead"), world.actor("coordinator"), {"mode": "upload", "measures": texts[5], "results": texts[6]}
    )
