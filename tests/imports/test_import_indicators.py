"""Import 附件1: levels, checkpoints, leads and assists; completely or not at all; a second import changes nothing."""

from datetime import date
from typing import Any

import pytest

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan, LineState
from creation.models import Assignment, AuditEntry, Campaign, ImportUpload, Indicator
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = (
    "序号",
    "一级指标",
    "二级指标\n（项目）",
    "三级指标\n（要点）",
    "目标值",
    "印证资料要求",
    "牵头单位",
    "责任单位",
    "完成时限",
)
SECTION, ITEM = "4 行政执法严格规范公正文明", "4-3 落实行政执法责任制"
POINT, PROOF = "4-3-3 每年组织案卷评查", "评查方案、评查通报和整改材料。"
SAME = (
    (
        1,
        "1 依法全面履行政府职能",
        "1-1 深化行政审批制度改革",
        "1-1-1 行政审批事项清单公布",
        "",
        PROOF,
        "老街街道",
        "",
        "",
    ),
    (2, SECTION, ITEM, POINT, "≥ 1次", PROOF, "城管局", "老街街道", ""),
)


def plan(world: World, *rows: tuple[Any, ...], **more: Any) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "coordinator", "indicators", make.book([HEAD, *rows], **more))


def parts(world: World, code: str) -> dict[str, str]:
    rows = Assignment.objects.filter(campaign=world.campaign, indicator__code=code)
    return dict(rows.values_list("unit__short_name", "role"))


def said(found: ImportPlan) -> list[tuple[str, str]]:
    return [(error.cell_name, error.sentence) for error in found.errors]


def test_what_is_there_already_changes_nothing(world: World) -> None:
    found = plan(world, *SAME)
    assert [(line.state, line.changes) for line in found.lines] == [
        (LineState.UNCHANGED, []),
        (LineState.UNCHANGED, []),
    ]


def test_new_levels_points_and_assignments_come_in_as_a_whole(world: World) -> None:
    rows = [
        ["附件1"],
        ["任务分解表"],
        HEAD,
        [
            1,
            SECTION,
            ITEM,
            "4-3-3 每年组织行政执法案卷评查",
            "",
            "评查方案。",
            "老街街道（牵头）",
            "源汇区城管局、司法局",
            "2026年8月10日",
        ],
        [2, None, None, "4-3-10 执法全过程记录", "", "记录。", "城管局", "", ""],
        [3, None, "4-10 执法监督", "4-10-1 监督制度", "", "", "sfj", "城管局\n老街街道", ""],
        [4, "9 新的部分", "9-1 新的项目", "9-1-1 新的要点", "", "", "政府办", "", ""],
    ]
    content = make.book(rows, merges=["A1:I1", "A2:I2", "B4:B6", "C4:C5"])
    assert import_steps.apply_workbook(world, "coordinator", "indicators", content) == "新增 3 个要点、修改 1 个要点"
    assert parts(world, "4-3-3") == {"老街街道": "lead", "城管局": "assist", "司法局": "assist"}
    assert parts(world, "4-10-1") == {"司法局": "lead", "城管局": "assist", "老街街道": "assist"}
    codes = list(
        Indicator.objects.filter(system=world.campaign.system).order_by("order").values_list("code", flat=True)
    )
    assert codes == ["1", "1-1", "1-1-1", "4", "4-3", "4-3-3", "4-3-10", "4-10", "4-10-1", "9", "9-1", "9-1-1"]
    point = Indicator.objects.get(code="4-3-3", system=world.campaign.system)
    assert (point.title, point.proof) == ("每年组织行政执法案卷评查", "评查方案。")
    assert AuditEntry.objects.filter(act="import.apply").count() == 1
    again = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert {line.state for line in again.lines} == {LineState.UNCHANGED}


def test_rows_of_a_merged_checkpoint_are_one_with_a_unit_each(world: World) -> None:
    rows = [(1, SECTION, ITEM, POINT, "", PROOF, "城管局", "老街街道", ""), (2, *[None] * 6, "司法局", "")]
    found = plan(world, *rows, merges=["B2:B3", "C2:C3", "D2:D3", "F2:F3", "G2:G3"])
    assert [(change.heading, change.after) for line in found.lines for change in line.changes] == [
        ("责任单位", "司法局、老街街道")
    ]


def row(
    point: Any, lead: str = "城管局", units: str = "老街街道", section: str = SECTION, item: str = ITEM
) -> tuple[Any, ...]:
    return (1, section, item, point, "", "", lead, units, "")


@pytest.mark.parametrize(
    ("rows", "place", "sentence"),
    [
        ([row(4.3)], "D2", "分不清 4.3 和 4.30"),
        ([row(date(2004, 3, 3))], "D2", "变成了日期"),
        ([row(POINT), row(POINT)], "D3", "编号 4-3-3 重复，第 2 行已经有了"),
        ([row(POINT, lead="没有的局某某")], "G2", "没有“没有的局某某”这个单位"),
        ([row("4-3-4 新要点", lead="")], "G2", "没有牵头单位"),
        ([row(POINT), row("没有编号的新要点")], "D3", "没有编号"),
        ([row("4-3")], "D2", "是二级指标，不是要点"),
        ([row("4-3-9")], "D2", "请写上名称"),
        ([row("4-3-9-1 太深")], "D2", "应形如 4-3-3"),
        ([row("7-1-1 新要点", section="", item="7-1 项目")], "B2", "体系中没有 7"),
        ([row(POINT, item="4-4 别的项目")], "C2", "上级应是 4-3"),
        ([row(POINT, item="4-3 甲"), row("4-3-5 x", item="4-3 乙")], "C3", "在前面的行里写的是“甲”"),
        ([row("=A1")], "D2", "是公式"),
        ([row("4-3-3 " + "长" * 201)], "D2", "最多 200 个"),
        ([row(None)], "D2", "没有填写"),
    ],
)
def test_each_fault_is_named_by_its_cell(world: World, rows: list[Any], place: str, sentence: str) -> None:
    found = said(plan(world, *rows))
    assert [each[0] for each in found][-1] == place
    assert sentence in found[-1][1]


def test_a_unit_that_is_not_certain_is_asked_about_once(world: World) -> None:
    found = plan(world, row(POINT, lead="程管局"), row("4-3-5 x", lead="程管局"))
    assert [question.text for question in found.questions] == ["“程管局”是哪个单位？"]


def test_codes_may_be_in_a_column_of_their_own(world: World) -> None:
    content = make.book([["编号", "要点", "牵头单位"], ["4-3-3", "每年组织案卷评查", "城管局"], [1.1, "x", "城管局"]])
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert found.lines[0].state == LineState.UNCHANGED
    assert "分不清 1.1 和 1.10" in said(found)[0][1]
    merged = make.book(
        [["编号", "要点", "牵头单位"], ["4-3-3", "每年组织案卷评查", "城管局"], [None, "x", "城管局"]], merges=["A2:A3"]
    )
    assert "合并" in said(import_steps.plan_of_workbook(world, "coordinator", "indicators", merged))[0][1]


def test_titles_find_their_code(world: World) -> None:
    content = make.book([["三级指标", "牵头单位"], ["每年组织案卷评查", "司法局"]])
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert found.lines[0].data["code"] == "4-3-3"


def test_nothing_comes_into_a_closed_campaign(world: World) -> None:
    upload = import_steps.receive(world, "coordinator", "indicators", make.book([HEAD, row(POINT, units="司法局")]))
    seen = import_uploads.plan_of(upload, world.actor("coordinator")).digest
    Campaign.objects.update(state="closed")
    answer = import_steps.confirm(world, "coordinator", upload, seen)
    assert answer.status_code == 409
    assert "已结束" in answer.content.decode()
    assert parts(world, "4-3-3") == {"城管局": "lead", "老街街道": "assist"}
    assert ImportUpload.objects.get().applied_at is None
