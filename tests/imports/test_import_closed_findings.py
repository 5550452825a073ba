"""Tables of problems as offices keep them: some are closed already, several are under one number."""

from typing import Any

import pytest

from creation.imports import row_reader
from creation.models import FindingSource
from tests.support.planned_tables import plan_of
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("序号", "问题表述", "整改措施", "责任单位", "完成时限", "是否销号")
ROWS: list[tuple[Any, ...]] = [
    (1, "权责清单没有调整", "梳理", "司法局", "12月底前", "已销号"),
    (2, "案卷不规范", "评查", "城管局", "12月底前", "未销号"),
]


@pytest.fixture(autouse=True)
def source(world: World) -> FindingSource:
    return FindingSource.objects.create(district=world.district, name="上级督察")


@pytest.mark.parametrize("word", ["已销号", "是", "已完成", "√", "整改到位"])
@pytest.mark.parametrize("heading", ["是否销号", "整改状态", "完成情况"])
def test_what_is_closed_in_the_table_is_asked_about_once(
    world: World, source: FindingSource, heading: str, word: str
) -> None:
    rows = [(*HEAD[:-1], heading), (*ROWS[0][:-1], word), ROWS[1]]
    chosen = {"source:": str(source.pk)}
    found = plan_of(world, "findings", rows, answers=chosen)
    assert [(question.key, question.text) for question in found.questions] == [
        ("closed", "有 1 个新问题写着已销号或已完成（第 2 行），也导入吗？")
    ]
    skipped = plan_of(world, "findings", rows, answers={**chosen, "closed": "skip"})
    assert [line.title for line in skipped.lines] == ["案卷不规范"]
    assert {cell.row for cell in skipped.left if cell.reason == row_reader.CLOSED} == {2}
    taken = plan_of(world, "findings", rows, answers={**chosen, "closed": "open"})
    assert [line.title for line in taken.lines] == ["权责清单没有调整", "案卷不规范"]
    assert taken.questions == []


def test_findings_under_one_merged_number_are_several(world: World, source: FindingSource) -> None:
    rows = [HEAD, ROWS[1], (None, "案卷没有归档", "建立台账", "政府办", "11月底前", None)]
    found = plan_of(world, "findings", rows, merges=[(2, 1, 3, 1)], answers={"source:": str(source.pk)})
    assert [(line.title, line.errors) for line in found.lines] == [("案卷不规范", []), ("案卷没有归档", [])]
    groups = [line.data["group"] for line in found.lines]
    assert [[unit.short_name for unit in group.new] for group in groups] == [["城管局"], ["政府办"]]
