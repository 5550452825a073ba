"""Tables of checkpoints by unit: marks under the names of units, a row for each unit and its role, the codes of each unit."""

from collections.abc import Sequence
from typing import Any

import pytest

from creation.imports import unread
from creation.imports.import_plan import ImportPlan, LineState
from tests.support.planned_tables import changes, plan_of, sentences
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

POINT, OTHER = "4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布"
UNITS = ("司法局", "城管局", "老街街道", "政府办")
MATRIX_HEAD = ("序号", "三级指标", *UNITS, "备注")
LED = [("4-3-3", "牵头单位", "司法局"), ("4-3-3", "责任单位", "政府办、老街街道")]


def nothing_unused(found: ImportPlan) -> bool:
    return not [cell for cell in found.left if cell.reason == unread.UNUSED]


# Marks under the names of units


@pytest.mark.parametrize(
    "legend", ["▲为牵头单位，√为配合单位", "说明：▲表示牵头，√表示责任", "注：“▲”代表主责单位；“√”代表参与单位"]
)
def test_marks_mean_what_their_legend_says(world: World, legend: str) -> None:
    rows = [("责任矩阵",), (legend,), MATRIX_HEAD, (1, POINT, "▲", None, "√", "√", "省定")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == LED
    assert (found.questions, found.errors) == ([], [])
    assert nothing_unused(found)


def test_words_are_marks_too(world: World) -> None:
    rows = [MATRIX_HEAD, (1, POINT, "牵头", "×", "配合", "协办", None), (2, OTHER, None, None, "主责", None, None)]
    assert changes(plan_of(world, "indicators", rows)) == LED


def test_beside_a_column_of_leads_a_mark_is_a_responsible_unit(world: World) -> None:
    rows = [
        ("序号", "三级指标", "牵头单位", "责任单位", None, None),
        (None, None, None, "司法局", "老街街道", "政府办"),
        (1, POINT, "城管局", "√", None, "√"),
    ]
    found = plan_of(world, "indicators", rows, merges=[(1, 4, 1, 6), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3)])
    assert changes(found) == [("4-3-3", "责任单位", "司法局、政府办")]
    assert found.questions == []


def test_marks_without_a_legend_are_asked_about_once(world: World) -> None:
    rows = [("任务", *UNITS), (POINT, None, None, "√", "√"), (OTHER, "√", None, None, None)]
    found = plan_of(world, "indicators", rows)
    assert [(question.key, question.options[0][0]) for question in found.questions] == [("mark:√", "units")]
    found = plan_of(world, "indicators", rows, answers={"mark:√": "units"})
    assert changes(found) == [("4-3-3", "责任单位", "政府办、老街街道"), ("1-1-1", "责任单位", "司法局")]
    assert found.questions == []  # the order of the columns does not say who leads
    rows = [("任务", *UNITS), (POINT, "★", None, "√", "√")]
    assert [question.key for question in plan_of(world, "indicators", rows).questions] == ["mark:★", "mark:√"]
    assert changes(plan_of(world, "indicators", rows, answers={"mark:★": "lead", "mark:√": "units"})) == LED


@pytest.mark.parametrize("heads", [("第1周", "第2周"), ("司法局", "城管局")])
def test_other_columns_are_no_marks(world: World, heads: tuple[str, str]) -> None:
    filled = ("■", "■") if heads[0] == "第1周" else ("3 份", "已报")
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", *heads), (POINT, "城管局", *filled)])
    assert changes(found) == []
    assert [cell.text for cell in found.left if cell.reason == unread.UNKNOWN] == list(filled)


# A row for each unit and its role

LONG = [("任务编号", "任务名称", "责任单位", "角色"), *(("4-3-3", "每年组织案卷评查", unit, "牵头" if unit == "司法局" else "配合")
        for unit in ("司法局", "老街街道", "政府办"))]  # fmt: skip


def test_rows_of_a_checkpoint_below_each_other_name_all_its_units(world: World) -> None:
    found = plan_of(world, "indicators", LONG)
    assert changes(found) == LED
    assert (found.questions, found.errors) == ([], [])
    assert nothing_unused(found)


BY_UNIT: list[tuple[Any, ...]] = [
    ("单位", "工作任务", "职责"),
    ("司法局", POINT, "牵头"),
    (None, OTHER, "配合"),
    ("城管局", POINT, "配合"),
    (None, OTHER, "配合"),
]


def test_a_table_by_unit_leaves_the_units_that_it_is_not_about(world: World) -> None:
    answers = {"column:单位": "units"}
    found = plan_of(world, "indicators", BY_UNIT, merges=[(2, 1, 3, 1), (4, 1, 5, 1)], answers=answers)
    assert changes(found) == [
        ("4-3-3", "牵头单位", "司法局"),
        ("4-3-3", "责任单位", "城管局、老街街道"),
        ("1-1-1", "责任单位", "司法局、城管局"),
    ]
    assert "表是按单位写的：表中没有写到的单位（老街街道）在这些要点中的分工不变。" in found.notes


def test_each_unit_may_have_a_sheet(world: World) -> None:
    head = ("序号", "三级指标", "承担角色", "完成时限")
    more = {"老街街道": [head, (1, POINT, "配合", None)], "政府办": [head, (1, POINT, "配合", None)]}
    rows = [("任务清单",), head, (1, POINT, "牵头", None)]
    assert changes(plan_of(world, "indicators", rows, more=more, name="司法局")) == LED


@pytest.mark.parametrize("title", ["政府办法治政府建设示范创建任务清单", "填报单位：政府办"])
def test_a_line_above_may_name_the_unit(world: World, title: str) -> None:
    found = plan_of(world, "indicators", [(title,), ("序号", "三级指标", "职责", "完成时限"), (1, POINT, "配合", None)])
    assert changes(found) == [("4-3-3", "责任单位", "政府办、老街街道")]


def test_a_table_with_roles_of_nobody_is_named(world: World) -> None:
    found = plan_of(world, "indicators", [("序号", "三级指标", "职责", "完成时限"), (1, POINT, "牵头", None)])
    assert changes(found) == []
    assert [cell.reason for cell in found.left if cell.text == "牵头"] == ["表中没有写是哪个单位，分工没有导入"]


def test_lines_of_sections_may_name_the_role(world: World) -> None:
    rows: Sequence[Sequence[Any]] = [
        ("司法局法治政府建设示范创建任务清单",),
        ("序号", "三级指标", "完成时限"),
        ("一、牵头任务",),
        (1, POINT, "持续推进"),
        ("二、配合任务",),
        (1, OTHER, "持续推进"),
    ]
    found = plan_of(world, "indicators", rows, merges=[(1, 1, 1, 3), (3, 1, 3, 3), (5, 1, 5, 3)])
    assert changes(found) == [("4-3-3", "牵头单位", "司法局"), ("1-1-1", "责任单位", "司法局")]


def test_a_role_that_is_none_is_an_error_at_its_cell(world: World) -> None:
    found = plan_of(world, "indicators", [*LONG[:3], ("4-3-3", "每年组织案卷评查", "政府办", "督办")])
    assert sentences(found) == ["看不出是牵头还是配合，请写“牵头”或“配合”。"]
    assert [line.state for line in found.lines] == [LineState.INVALID]


# The codes of each unit in a cell


def test_codes_of_each_unit_are_parts_in_each_checkpoint(world: World) -> None:
    rows = [
        ("各单位承担任务一览表",),
        ("序号", "单位", "牵头任务", "配合任务"),
        (1, "司法局", "4-3-3", None),
        (2, "老街街道", "1.1.1 行政审批事项清单公布", "4-3-3"),
        (3, "政府办", None, "4-3-3、1-1-1"),
        (4, "城管局", None, "1-1-1"),
    ]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [*LED, ("1-1-1", "责任单位", "城管局、政府办")]
    assert nothing_unused(found)


def test_a_code_that_is_not_known_is_an_error_at_its_cell(world: World) -> None:
    found = plan_of(world, "indicators", [("单位", "牵头任务", "配合任务"), ("司法局", "9-9-9", None)])
    assert [(error.cell_name, error.sentence) for error in found.errors] == [("B2", "9-9-9 是新的要点，请写上名称。")]
