"""Rows that are divided: by a page break, into a row for each paper or unit; and tables that go on or are repeated on another sheet."""

from typing import Any

import pytest

from creation.imports.import_plan import LineState
from creation.models import Indicator
from tests.support.planned_tables import changes, plan_of, sentences
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("序号", "三级指标", "印证资料要求", "牵头单位", "责任单位")
POINT, OTHER = "4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布"


@pytest.mark.parametrize("repeated", [[], [HEAD]])
def test_a_row_that_goes_on_on_the_next_page_is_one(world: World, repeated: list[Any]) -> None:
    rows = [HEAD, (1, POINT, "评查方案、评查通报和整", "城管局", "老街"), *repeated]
    rows.append((None, None, "改材料的目录。", None, "街道、司法局"))
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [
        ("4-3-3", "印证资料要求", "评查方案、评查通报和整改材料的目录。"),
        ("4-3-3", "责任单位", "司法局、老街街道"),
    ]
    assert f"第 {len(rows)} 行没有写要点，按上面一行的要点接着读入，请核对。" in found.notes
    assert (found.questions, found.errors) == ([], [])


@pytest.mark.parametrize(
    "row",
    [(2, None, "改材料。", None, "司法局"), (None, None, None, "司法局", None), (None, None, None, "—", "司法局")],
)
def test_a_row_of_its_own_without_a_title_is_an_error(world: World, row: tuple[Any, ...]) -> None:
    found = plan_of(world, "indicators", [HEAD, (1, POINT, "", "城管局", "老街街道"), row])
    assert sentences(found) == ["没有填写。"]


def test_the_papers_of_a_checkpoint_may_have_a_row_each(world: World) -> None:
    rows = [HEAD, (1, POINT, "1.评查方案", "城管局", "老街街道"), (None, None, "2.评查通报；", None, "司法局")]
    rows += [(None, None, "整改材料", None, None), (None, None, "整改材料", None, None)]
    found = plan_of(world, "indicators", rows, merges=[(2, 2, 5, 2), (2, 4, 5, 4)])
    assert changes(found) == [
        ("4-3-3", "印证资料要求", "1.评查方案\n2.评查通报；\n整改材料"),
        ("4-3-3", "责任单位", "司法局、老街街道"),
    ]


def test_texts_of_several_rows_keep_the_limit_together(world: World) -> None:
    rows = [HEAD, (1, POINT, "甲" * 3000, "城管局", ""), (None, None, "乙" * 2500, None, "")]
    found = plan_of(world, "indicators", rows, merges=[(2, 2, 3, 2)])
    assert sentences(found) == ["连同下面几行有 5501 个字，最多 5000 个，请缩短。"]


def test_several_days_of_a_checkpoint_leave_its_day(world: World) -> None:
    rows = [("三级指标", "完成时限"), (POINT, "9月底前"), (None, "10月底前")]
    found = plan_of(world, "indicators", rows, merges=[(2, 1, 3, 1)])
    assert changes(found) == []
    assert [cell.cell_name for cell in found.left] == ["B2", "B3"]
    found = plan_of(world, "indicators", [rows[0], (POINT, None), (None, "9月底前")], merges=[(2, 1, 3, 1)])
    assert changes(found) == [("4-3-3", "完成时限", "2026-09-30")]


def test_a_checkpoint_may_be_repeated_for_each_unit(world: World) -> None:
    head = ("编号", "三级指标", "牵头单位", "责任单位")
    rows = [head, *(("4-3-3", "每年组织案卷评查", "城管局", unit) for unit in ("司法局", "政府办"))]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [("4-3-3", "责任单位", "司法局、政府办")]
    twice = [*rows, rows[-1]]
    assert "重复" in sentences(plan_of(world, "indicators", twice))[0]


# Other sheets


def test_a_table_without_a_heading_may_continue_the_one_before(world: World) -> None:
    rows = [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", "老街街道")]
    more = {"表2": [(OTHER, "老街街道", "司法局")], "表3": [("说明", None, None)]}
    found = plan_of(world, "indicators", rows, more=more, name="表1")
    assert [question.key for question in found.questions] == ["continued:表2"]
    assert "没有表头，列数和“表1”一样，是接着它的吗？" in found.questions[0].text
    found = plan_of(world, "indicators", rows, more=more, name="表1", answers={"continued:表2": "yes"})
    assert changes(found) == [("1-1-1", "责任单位", "司法局")]
    assert [(line.sheet, line.row) for line in found.lines] == [("表1", 2), ("表2", 1)]
    found = plan_of(world, "indicators", rows, more=more, name="表1", answers={"continued:表2": "no"})
    assert (changes(found), found.questions) == ([], [])
    assert [cell.sheet for cell in found.left if not cell.row] == ["表2", "表3"]


def test_sheets_of_units_that_repeat_a_total_sheet_are_asked_about(world: World) -> None:
    head = ("三级指标", "牵头单位", "责任单位")
    total = [head, (POINT, "城管局", "司法局"), (OTHER, "老街街道", "")]
    more = {"城管局": [head, (POINT, "城管局", "司法局")]}
    found = plan_of(world, "indicators", total, more=more, name="汇总")
    assert [question.key for question in found.questions] == ["sheets"]
    found = plan_of(world, "indicators", total, more=more, name="汇总", answers={"sheets": "one"})
    assert changes(found) == [("4-3-3", "责任单位", "司法局")]
    assert [line.state for line in found.lines] == [LineState.CHANGED, LineState.UNCHANGED]
    assert {cell.reason for cell in found.left if cell.sheet == "城管局"} == {"按您的答复只导入“汇总”"}
    found = plan_of(world, "indicators", total, more=more, name="汇总", answers={"sheets": "all"})
    assert "重复" in sentences(found)[0]


def test_what_is_stored_comes_back_even_if_it_reads_like_a_mark(world: World) -> None:
    Indicator.objects.filter(code="4-3-3", system=world.campaign.system).update(proof="同上")
    rows = [("三级指标", "印证资料要求"), (OTHER, "评查方案、评查通报和整改材料。"), (POINT, "同上")]
    assert changes(plan_of(world, "indicators", rows)) == []
    Indicator.objects.filter(code="4-3-3", system=world.campaign.system).update(proof="别的")
    assert changes(plan_of(world, "indicators", rows)) == [("4-3-3", "印证资料要求", "评查方案、评查通报和整改材料。")]
    assert sentences(plan_of(world, "indicators", [rows[0], rows[2]])) == ["写的是“同上”，上面却没有内容，请写明。"]
