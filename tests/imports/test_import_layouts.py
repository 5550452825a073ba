"""Layouts in which the words of a table stand elsewhere: lines between its rows, levels in rows, entries in columns, words beside names."""

from typing import Any

import pytest

from creation.imports import unread
from creation.imports.import_plan import ImportPlan
from tests.support.planned_tables import changes, plan_of, sentences
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

POINT, OTHER = "4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布"
LED = [("4-3-3", "牵头单位", "司法局"), ("4-3-3", "责任单位", "政府办、老街街道")]
NEW_LEAD = [("4-3-3", "牵头单位", "司法局"), ("4-3-3", "责任单位", "政府办")]


def unused(found: ImportPlan) -> list[str]:
    return [cell.text for cell in found.left if cell.reason in (unread.UNUSED, unread.UNKNOWN)]


def people(found: ImportPlan) -> list[tuple[str, str, str, str]]:
    """Return name, unit, role and mobile of each person, the liaisons first."""
    found_people = (
        (line.data["name"], str(line.data["unit"]), str(line.data.get("role", "liaison")), line.data["facts"].get("mobile", ""))
        for line in found.lines
        if "name" in line.data
    )  # fmt: skip
    return sorted(found_people, key=lambda person: person[2] != "liaison")


# A unit in a line between the rows


@pytest.mark.parametrize("form", ["责任单位：{}", "{}", "一、{}", "（一）{}"])
def test_a_line_names_the_unit_of_the_rows_below_it(world: World, form: str) -> None:
    rows: list[tuple[Any, ...]] = [("序号", "任务", "角色", "完成时限")]
    for unit, role in (("司法局", "牵头"), ("老街街道", "配合"), ("政府办", "配合")):
        rows += [(form.format(unit), None, None, None), (1, POINT, role, None)]
    found = plan_of(world, "indicators", rows, merges=[(row, 1, row, 4) for row in (2, 4, 6)])
    assert changes(found) == LED
    assert (found.questions, found.errors, unused(found)) == ([], [], [])
    assert not [cell for cell in found.left if "司法局" in cell.text]  # the line was read


def test_a_line_may_name_unit_and_role(world: World) -> None:
    rows = [
        ("序号", "任务", "完成时限"),
        ("牵头单位：司法局",),
        (1, POINT, None),
        ("配合单位：政府办",),
        (1, POINT, None),
    ]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [("4-3-3", "牵头单位", "司法局"), ("4-3-3", "责任单位", "政府办、老街街道")]


def test_units_without_a_role_are_asked_about_once(world: World) -> None:
    rows = [("序号", "任务", "完成时限"), ("司法局",), (1, POINT, None), ("政府办",), (1, OTHER, None)]
    found = plan_of(world, "indicators", rows)
    assert [question.key for question in found.questions] == ["part_of_units"]
    assert changes(found) == []
    answered = plan_of(world, "indicators", rows, answers={"part_of_units": "lead"})
    assert changes(answered) == [("4-3-3", "牵头单位", "司法局"), ("1-1-1", "牵头单位", "政府办")]


def test_findings_may_stand_below_their_units(world: World) -> None:
    rows = [
        ("序号", "存在问题", "整改时限"),
        ("责任单位：城管局",),
        (1, "公示超过七日", "2026-09-30"),
        ("责任单位：老街街道",),
        (1, "没有记录", "2026-10-30"),
    ]
    answers = {"source:": str(world.district.finding_sources.get_or_create(name="省级督察")[0].pk)}
    found = plan_of(world, "findings", rows, answers=answers)
    units = [
        (line.title, change.after) for line in found.lines for change in line.changes if change.heading == "整改单位"
    ]
    assert units == [("公示超过七日", "城管局，2026-09-30 前"), ("没有记录", "老街街道，2026-10-30 前")]
    assert (found.questions, found.errors, unused(found)) == ([], [], [])


def test_a_row_with_only_a_unit_has_the_rest_of_the_row_above(world: World) -> None:
    rows = [
        ("序号", "存在问题", "责任单位", "整改措施", "整改时限"),
        (1, "公示超过七日", "城管局", "补公示", "2026-09-30"),
        (None, None, "老街街道", None, None),
    ]
    answers = {"source:": str(world.district.finding_sources.get_or_create(name="省级督察")[0].pk)}
    found = plan_of(world, "findings", rows, answers=answers)
    after = [change.after for line in found.lines for change in line.changes if change.heading == "整改单位"]
    assert after == ["城管局，2026-09-30 前", "老街街道，2026-09-30 前"]
    assert "第 3 行只写了单位，整改措施和时限按上面一行的读入，请核对。" in found.notes


# Levels in rows of their own


@pytest.mark.parametrize("in_one_cell", [True, False])
def test_levels_may_have_rows_of_their_own(world: World, in_one_cell: bool) -> None:
    table = [
        ("9", "新的一级", None),
        ("9-1", "新的二级", None),
        ("9-1-1", "新的要点", "司法局"),
        ("9-1-2", "又一个要点", "城管局"),
    ]
    rows: list[tuple[Any, ...]] = [("编号", "指标名称", "牵头单位"), *table]
    if in_one_cell:
        rows = [("指标", "牵头单位"), *((f"{code} {title}", lead) for code, title, lead in table)]
    found = plan_of(world, "indicators", rows)
    assert (found.questions, sentences(found), unused(found)) == ([], [], [])
    assert changes(found) == [
        ("9-1-1", "三级指标", "新的要点"), ("9-1-1", "一级指标", "新的一级"), ("9-1-1", "二级指标（项目）", "新的二级"),
        ("9-1-1", "牵头单位", "司法局"), ("9-1-2", "三级指标", "又一个要点"), ("9-1-2", "牵头单位", "城管局"),
    ]  # fmt: skip


def test_the_finer_of_two_columns_has_the_checkpoints(world: World) -> None:
    rows = [
        ("工作任务", "序号", "具体要求", "牵头单位"),
        ("加强执法监督", 1, "每年组织案卷评查", "司法局"),
        (None, 2, "行政审批事项清单公布", "司法局"),
    ]
    found = plan_of(world, "indicators", rows, merges=[(2, 1, 3, 1)])
    leads = [change for change in changes(found) if change[1] == "牵头单位"]
    assert leads == [("4-3-3", "牵头单位", "司法局"), ("1-1-1", "牵头单位", "司法局")]
    assert sentences(found) == []


def test_the_lines_of_a_new_edition_are_its_levels(world: World) -> None:
    rows = [
        ("序号", "三级指标", "印证资料要求"),
        ("一、新的一级",),
        ("（一）新的二级",),
        (1, "新的要点", "文件"),
        ("（二）再一个二级",),
        (2, "又一个要点", "文件"),
    ]
    found = plan_of(world, "editions", rows, merges=[(row, 1, row, 3) for row in (2, 3, 5)])
    assert sentences(found) == []
    made = [
        (line.data["code"], line.data["section"], line.data["item"]) for line in found.lines if line.data.get("title")
    ]
    assert made == [("1-1-1", "新的一级", "新的二级"), ("1-2-1", "新的一级", "再一个二级")]


# Entries in columns


def test_a_table_may_lie_on_its_side(world: World) -> None:
    rows = [("三级指标", POINT, OTHER), ("牵头单位", "司法局", "城管局"), ("责任单位", "政府办", "司法局")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [*NEW_LEAD, ("1-1-1", "牵头单位", "城管局"), ("1-1-1", "责任单位", "司法局")]
    wrong = plan_of(world, "indicators", [*rows[:2], ("责任单位", "政府办", "火星人")])
    assert [error.cell_name for error in wrong.errors] == ["C3"]
    assert unused(found) == []


def test_all_people_of_columns_are_read(world: World) -> None:
    rows = [("单位", "司法局", "城管局"), ("姓名", "孙磊", "刘洋"), ("手机", "13803950002", "13803950003")]
    found = plan_of(world, "liaisons", rows)
    assert people(found) == [("孙磊", "司法局", "liaison", "13803950002"), ("刘洋", "城管局", "liaison", "13803950003")]


@pytest.mark.parametrize("rows", [[("存在问题", "公示超过七日"), ("责任单位", "城管局"), ("整改时限", "2026-09-30")]])
def test_a_finding_may_be_a_form(world: World, rows: Any) -> None:
    answers = {"source:": str(world.district.finding_sources.get_or_create(name="省级督察")[0].pk)}
    found = plan_of(world, "findings", rows, answers=answers)
    assert [line.title for line in found.lines] == ["公示超过七日"]
    assert (found.questions, found.errors, unused(found)) == ([], [], [])


# Words beside names, codes and days


@pytest.mark.parametrize(
    "cell",
    [
        "（司法局牵头，政府办配合）",
        "政府办（司法局牵头）",
        "★司法局、政府办",
        "司法局（牵头）·政府办",
        "司法局牵头+政府办配合",
    ],
)
def test_one_cell_names_lead_and_others(world: World, cell: str) -> None:
    rows = [("三级指标", "责任单位"), (POINT, cell), ("注：标★的为牵头单位", None)]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == NEW_LEAD
    assert (found.questions, found.errors) == ([], [])


def test_a_sign_that_no_note_explains_is_said(world: World) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "司法局", "★政府办")])
    assert changes(found) == NEW_LEAD
    assert "“★政府办”只读入单位，表中没有写“★”的意思。" in found.notes


@pytest.mark.parametrize(
    "form",
    ["（4-3-3）每年组织案卷评查", "【4-3-3】每年组织案卷评查", "4 - 3 - 3  每年组织案卷评查", "“每年组织案卷评查”"],
)
def test_a_code_may_stand_in_brackets_and_a_title_in_quotation_marks(world: World, form: str) -> None:
    rows = [("一级指标", "二级指标", "三级指标", "牵头单位"), (None, None, form, "司法局")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [("4-3-3", "牵头单位", "司法局"), *changes(found)[1:]]
    assert not [change for change in changes(found) if change[1] == "三级指标"]
    assert (found.questions, found.errors) == ([], [])


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("联络员及电话", "孙磊 13803950002"),
        ("联络员姓名及联系电话", "孙磊\n138-0395-0002"),
        ("联络员", "孙磊（13803950002）"),
        ("联系人", "孙磊 电话：138 0395 0002"),
    ],
)
def test_a_number_may_stand_beside_the_name(world: World, heading: str, cell: str) -> None:
    found = plan_of(world, "liaisons", [("单位", heading), ("司法局", cell)])
    assert sentences(found) == []
    assert people(found) == [("孙磊", "司法局", "liaison", "13803950002")]


def test_brackets_without_an_end_are_no_name(world: World) -> None:
    found = plan_of(world, "liaisons", [("单位", "姓名"), ("司法局", "孙磊（")])
    assert sentences(found) == ["“孙磊（”不像姓名，请只填姓名。"]


SECONDS: list[list[tuple[Any, ...]]] = [
    [
        ("单位", "姓名", "手机", "AB角"),
        ("司法局", "孙磊", "13803950002", "A角"),
        ("司法局", "周涛", "13803950012", "B角"),
    ],
    [
        ("单位", "联络员（主）", "手机", "联络员（副）", "手机"),
        ("司法局", "孙磊", "13803950002", "周涛", "13803950012"),
    ],
]


@pytest.mark.parametrize("rows", SECONDS)
def test_a_second_person_is_known_by_the_word_beside(world: World, rows: list[tuple[Any, ...]]) -> None:
    key = f"second:{world.units['司法局'].pk}:周涛"
    found = plan_of(world, "liaisons", rows, answers={key: "clerk"})
    assert sentences(found) == []
    assert people(found) == [
        ("孙磊", "司法局", "liaison", "13803950002"),
        ("周涛", "司法局", "clerk", "13803950012"),
    ]


def test_a_person_beside_the_unit_that_is_responsible_is_said(world: World) -> None:
    rows = [("存在问题", "责任单位及责任人"), ("公示超过七日", "城管局 刘洋\n司法局：孙磊")]
    answers = {"source:": str(world.district.finding_sources.get_or_create(name="省级督察")[0].pk)}
    found = plan_of(world, "findings", rows, answers=answers)
    after = [change.after for line in found.lines for change in line.changes if change.heading == "整改单位"]
    assert after == ["城管局，时限待定", "司法局，时限待定"]
    assert "“城管局 刘洋”只读入单位，人名没有导入。" in found.notes


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("9月底前，长期坚持", "2026-09-30"),
        ("立行立改，9月底前完成", "2026-09-30"),
        ("9月底前（长期坚持）", "2026-09-30"),
        ("二O二六年九月三十日", "2026-09-30"),
    ],
)
def test_a_day_beside_other_words_is_read(world: World, text: str, day: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "完成时限"), (POINT, text)])
    assert changes(found) == [("4-3-3", "完成时限", day)]


@pytest.mark.parametrize("text", ["6月30日前，9月30日前", "按要求，长期坚持"])
def test_two_days_or_none_are_no_day(world: World, text: str) -> None:
    assert changes(plan_of(world, "indicators", [("三级指标", "完成时限"), (POINT, text)])) == []
