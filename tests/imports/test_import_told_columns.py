"""Columns that are told by their values, whatever their heading: who is who, lead or assist, checkpoints, the only units."""

import io
from typing import Any

import pytest
from docx import Document

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.imports.registry import KINDS
from tests.support.planned_tables import changes, plan_of
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

POINT, OTHER = "4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布"
LED = [("4-3-3", "牵头单位", "司法局"), ("4-3-3", "责任单位", "政府办")]


def people(found: ImportPlan) -> list[tuple[str, str]]:
    """Return each person with what they become."""
    liaisons = [(line.data["name"], "liaison") for line in found.lines if "name" in line.data]
    return [*liaisons, *((line.data["leader"], "leader") for line in found.lines if "leader" in line.data)]


@pytest.mark.parametrize("heading", ["备注", "说明", "类型"])
def test_who_is_liaison_and_leader_may_stand_in_any_column(world: World, heading: str) -> None:
    head = ("单位", "姓名", "职务", "手机", heading)
    rows = [
        head,
        ("司法局", "王建国", "副局长", "13803950001", "分管领导"),
        (None, "孙晓", "股长", "13803950002", "联络员"),
    ]
    found = plan_of(world, "liaisons", rows, merges=[(2, 1, 3, 1)])
    assert people(found) == [("孙晓", "liaison"), ("王建国", "leader")]
    assert (found.questions, found.errors) == ([], [])


def test_the_post_may_be_the_part_in_the_campaign(world: World) -> None:
    rows = [
        ("单位", "姓名", "职务", "手机"),
        ("司法局", "王建国", "分管领导", "13803950001"),
        ("司法局", "孙晓", "联络员", "13803950002"),
    ]
    assert people(plan_of(world, "liaisons", rows)) == [("孙晓", "liaison"), ("王建国", "leader")]


def test_where_only_leaders_are_named_the_others_are_liaisons(world: World) -> None:
    rows = [
        ("单位", "姓名", "手机", "备注"),
        ("司法局", "王建国", "13803950001", "分管领导"),
        ("司法局", "孙晓", "13803950002", None),
    ]
    assert people(plan_of(world, "liaisons", rows)) == [("孙晓", "liaison"), ("王建国", "leader")]


def test_a_column_with_other_words_too_is_asked_about(world: World) -> None:
    rows = [
        ("单位", "姓名", "手机", "备注"),
        ("司法局", "王建国", "13803950001", "分管领导"),
        ("司法局", "孙晓", "13803950002", "新任"),
    ]
    found = plan_of(world, "liaisons", rows)
    assert "column:备注" in [question.key for question in found.questions]


@pytest.mark.parametrize("heading", ["任务性质", "类别", "备注"])
def test_lead_or_assist_may_stand_in_any_column(world: World, heading: str) -> None:
    rows = [("序号", "单位", "承担的工作", "印证资料", "完成时限", heading)]
    rows += [(1, "司法局", POINT, "", "", "牵头"), (2, "政府办", POINT, "", "", "配合")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == LED
    assert (found.questions, found.errors) == ([], [])


def test_sheets_of_units_may_name_the_part_in_any_column(world: World) -> None:
    head = ("序号", "任务", "任务性质", "完成时限")
    rows: dict[str, list[Any]] = {"政府办": [head, (1, POINT, "配合", "长期")]}
    found = plan_of(world, "indicators", [head, (1, POINT, "牵头", "长期")], more=rows, name="司法局")
    assert changes(found) == [LED[0], ("4-3-3", "责任单位", "政府办、老街街道")]
    assert found.questions == []


@pytest.mark.parametrize("cell", [POINT, "4.3.3每年组织案卷评查", "1.每年组织案卷评查", "每年组织案卷评查。"])
def test_checkpoints_are_told_by_code_or_title(world: World, cell: str) -> None:
    rows = [("序号", "目标及做法", "牵头单位", "责任单位"), (1, cell, "司法局", "政府办")]
    assert changes(plan_of(world, "indicators", rows)) == LED


def test_a_column_of_units_beside_others_is_none_of_ours(world: World) -> None:
    rows = [("三级指标", "牵头单位", "责任单位", "材料提供单位"), (POINT, "司法局", "政府办", "城管局")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == LED
    assert "城管局" in [cell.text for cell in found.left]


@pytest.mark.parametrize(
    "code",
    [
        "指标4-3-3：每年组织案卷评查",
        "第4-3-3项 每年组织案卷评查",
        "每年组织案卷评查（4-3-3）",
        "任务4.3.3 每年组织案卷评查",
    ],
)
def test_a_code_may_be_named_or_stand_behind_its_title(world: World, code: str) -> None:
    [line] = plan_of(
        world, "indicators", [("三级指标", "牵头单位", "责任单位"), (code, "城管局", "司法局、老街街道")]
    ).lines
    assert (line.title, line.errors) == (POINT, [])


def test_group_headings_and_the_heading_below_are_read_together(world: World) -> None:
    rows = [
        ("三级指标", "责任分工", None, None), (None, "牵头", None, "配合单位"), (None, "责任领导", "单位", None),
        (POINT, "李某", "司法局", "政府办"),
    ]  # fmt: skip
    merges = [(1, 1, 3, 1), (1, 2, 1, 4), (2, 2, 2, 3), (2, 4, 3, 4)]
    assert changes(plan_of(world, "indicators", rows, merges)) == LED


def test_whole_cells_beside_a_merged_checkpoint_stay_apart(world: World) -> None:
    rows = [("三级指标", "印证资料", "牵头单位"), (POINT, "评查方案", "城管局"), (None, "评查通报", None)]
    found = plan_of(world, "indicators", rows, merges=[(2, 1, 3, 1), (2, 3, 3, 3)])
    assert ("4-3-3", "印证资料要求", "评查方案\n评查通报") in changes(found)


def test_what_is_written_below_a_known_title_is_no_new_title(world: World) -> None:
    rows = [("三级指标", "牵头单位"), (f"{POINT}\n要求：覆盖全部执法单位。", "城管局")]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == []
    assert [cell.text.partition("\n")[2] for cell in found.left] == ["要求：覆盖全部执法单位。"]


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("司法局（普法办）", "司法局"),
        ("司法局(依法治区办)、老街街道", "司法局、老街街道"),
        ("司法局会同老街街道", "司法局、老街街道"),
        ("区司法局机关", "司法局"),
    ],
)
def test_units_are_known_in_the_words_of_papers(world: World, cell: str, units: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert (found.questions, found.errors) == ([], [])
    assert changes(found) == [("4-3-3", "责任单位", units)]


@pytest.mark.parametrize(
    "cell", ["区政府各组成部门", "各派出机构", "全体成员单位", "涉及部门", "区直各单位（含驻区单位）"]
)
def test_every_word_for_several_units_is_asked_about_as_such(world: World, cell: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert [question.key[:6] for question in found.questions] == ["group:"]
    assert found.errors == []


@pytest.mark.parametrize("cell", ["各镇（乡、街道）", "各乡（镇、街道）人民政府（办事处）"])
def test_a_list_inside_brackets_is_one_word(world: World, cell: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert (found.questions, found.errors) == ([], [])
    assert (found.lines[0].data["parts"], changes(found)) == (
        {world.units["城管局"].pk: "lead", world.units["老街街道"].pk: "assist"},
        [],
    )


def test_the_part_in_the_campaign_may_stand_in_brackets_behind_post_or_name(world: World) -> None:
    rows = [("单位", "姓名", "职务"), ("司法局", "王建国", "副局长（分管领导）"), (None, "孙晓", "股长（联络员）")]
    found = plan_of(world, "liaisons", rows, merges=[(2, 1, 3, 1)])
    assert people(found) == [("孙晓", "liaison"), ("王建国", "leader")]
    assert [line.data["facts"] for line in found.lines if "facts" in line.data] == [{"post": "股长"}]
    rows = [("单位", "姓名"), ("司法局", "王建国（分管领导）"), ("司法局", "孙晓（联络员）")]
    found = plan_of(world, "liaisons", rows)
    assert people(found) == [("孙晓", "liaison"), ("王建国", "leader")]
    assert [line.data["facts"] for line in found.lines if "facts" in line.data] == [{}]


def test_units_of_people_are_told_under_any_heading(world: World) -> None:
    found = plan_of(world, "liaisons", [("镇办", "联络员", "联系电话"), ("老街", "孙晓", "13803950002")])
    assert [(line.data["unit"].short_name, line.data["name"]) for line in found.lines] == [("老街街道", "孙晓")]


@pytest.mark.parametrize(("number", "read"), [("3953123457", "03953123457"), ("395-3123457", "0395-3123457")])
def test_an_area_code_without_its_zero_gets_it_back_and_it_is_said(world: World, number: str, read: str) -> None:
    found = plan_of(world, "liaisons", [("单位", "联络员", "办公电话"), ("司法局", "孙晓", number)])
    assert [line.data["facts"]["office_phone"] for line in found.lines] == [read]
    assert [cell.reason for cell in found.left] == [f"区号前面缺的 0 已补上，按 {read} 读入"]


@pytest.mark.parametrize(
    ("head", "merges"),
    [
        (("三级指标", "牵头单位", "责任单位1", "责任单位2", "责任单位3"), []),
        (("三级指标", "牵头单位", "配合单位（一）", "配合单位（二）", "配合单位（三）"), []),
        (("三级指标", "牵头单位", "责任单位", None, None), [(1, 3, 1, 5)]),
    ],
)
def test_units_may_have_several_columns(world: World, head: Any, merges: Any) -> None:
    found = plan_of(world, "indicators", [head, (POINT, "城管局", "司法局", None, "政府办")], merges)
    assert changes(found) == [("4-3-3", "责任单位", "司法局、政府办")]
    assert (found.questions, found.errors) == ([], [])
    assert [cell.text for cell in found.left] == []
    found = plan_of(world, "indicators", [head, (POINT, "城管局", "司法局", None, "火星某某")], merges)
    assert [error.sentence for error in found.errors] == ["没有“火星某某”这个单位。请核对写法，或先在“单位”中新建。"]


@pytest.mark.parametrize("mark", ["1", "是", "有"])
def test_a_figure_or_a_word_may_be_a_mark(world: World, mark: str) -> None:
    rows = [("三级指标", "牵头单位", "司法局", "老街街道", "政府办"), (POINT, "城管局", mark, "", mark)]
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [("4-3-3", "责任单位", "司法局、政府办")]
    assert found.questions == []


@pytest.mark.parametrize(
    "cell",
    [
        "司法\n局\n政府办",
        "1.司法局\n2.政府办",
        "（1）司法局；（2）政府办",
        "司法局\n（法制股）\n政府办",
        "1）司法局 2）政府办",
    ],
)
def test_units_on_lines_of_their_own_and_divided_ones_are_told_apart(world: World, cell: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert changes(found) == [("4-3-3", "责任单位", "司法局、政府办")]
    assert (found.questions, found.errors) == ([], [])


def test_two_offices_in_one_name_are_not_taken_for_one(world: World) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", "区委区政府办")])
    assert changes(found) == []
    assert found.questions or found.errors


def test_a_row_that_a_page_break_divides_goes_on_in_the_table_below(world: World) -> None:
    rows = [("序号", "三级指标", "印证资料", "牵头单位", "责任单位"), (1, POINT, "评查通报和整", "城管局", "司法局")]
    more = {"表2": [(None, None, "改材料。", None, "政府办"), (2, OTHER, "", "老街街道", "司法局")]}
    found = plan_of(world, "indicators", rows, more=more, name="表1")
    assert [question.key for question in found.questions] == ["continued:表2"]
    found = plan_of(world, "indicators", rows, more=more, name="表1", answers={"continued:表2": "yes"})
    assert changes(found)[:2] == [
        ("4-3-3", "印证资料要求", "评查通报和整改材料。"),
        ("4-3-3", "责任单位", "司法局、政府办"),
    ]
    assert found.errors == []


def test_a_line_above_the_table_of_a_document_names_its_unit(world: World) -> None:
    document, out = Document(), io.BytesIO()
    for unit, names in (("司法局", ("王建国", "孙晓")), ("政府办", ("周涛", "吴敏"))):
        document.add_paragraph("法治政府建设联络员名单")
        document.add_paragraph(f"填报单位：{unit}")
        rows = [("类别", "姓名", "职务"), ("分管领导", names[0], "副局长"), ("联络员", names[1], "股长")]
        table = document.add_table(len(rows), 3)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                table.cell(number, column).text = text
    document.save(out)
    upload = import_uploads.receive(
        KINDS["liaisons"], world.campaign, "名单.docx", out.getvalue(), world.actor("coordinator")
    )
    found = import_uploads.plan_of(upload, world.actor("coordinator"))
    named = [(line.data["unit"].short_name, line.data.get("name", line.data.get("leader"))) for line in found.lines]
    assert named == [("司法局", "王建国"), ("司法局", "孙晓"), ("政府办", "周涛"), ("政府办", "吴敏")]
    assert [line.row for line in found.lines] == [2, 3, 2, 3]


def test_a_line_outside_the_table_of_a_page_says_what_its_marks_mean(world: World) -> None:
    page = "<p>任务分工表</p><p>注：★为牵头单位，○为配合单位</p><table><tr><td>三级指标</td><td>司法局</td><td>政府办</td></tr>"
    page += f"<tr><td>{POINT}</td><td>★</td><td>○</td></tr></table><div>第 1 页</div>"
    upload = import_uploads.receive(
        KINDS["indicators"], world.campaign, "表.html", page.encode(), world.actor("coordinator")
    )
    found = import_uploads.plan_of(upload, world.actor("coordinator"))
    assert (changes(found), found.questions) == (LED, [])


@pytest.mark.parametrize(
    ("heading", "note"), [("责任单位（第一个为牵头单位）", ""), ("责任单位", "注：排在首位的为牵头单位。")]
)
def test_whether_the_first_unit_leads_may_be_said_in_the_table(world: World, heading: str, note: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", heading), (POINT, "司法局、政府办"), (note,)])
    assert (changes(found), found.questions) == (LED, [])


@pytest.mark.parametrize("cell", ["司法局\n李某某", "司法局（李某某）", "司法局 李某"])
def test_a_person_beside_the_lead_is_left_where_the_heading_says_so(world: World, cell: str) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位及责任领导", "责任单位"), (POINT, cell, "政府办")])
    assert (changes(found), found.errors) == (LED, [])
    assert any("人名没有导入" in note for note in found.notes)


@pytest.mark.parametrize(
    ("cell", "leader"),
    [("王建国、副局长、13803950003", "王建国"), ("王建国同志", "王建国"), ("王建国、李卫东", "王建国、李卫东")],
)
def test_of_a_leader_only_the_name_is_kept(world: World, cell: str, leader: str) -> None:
    found = plan_of(world, "liaisons", [("单位", "联络员", "分管领导"), ("司法局", "孙晓", cell)])
    assert [line.data["leader"] for line in found.lines] == [leader]


@pytest.mark.parametrize(("cell", "name"), [("孙晓同志", "孙晓"), ("孙晓 同志", "孙晓"), ("孙同志", "孙同志")])
def test_a_title_of_address_is_no_part_of_a_name(world: World, cell: str, name: str) -> None:
    found = plan_of(world, "liaisons", [("单位", "联络员"), ("司法局", cell)])
    assert [line.data["name"] for line in found.lines] == [name]


def test_a_number_in_brackets_behind_a_mobile_is_a_short_one(world: World) -> None:
    found = plan_of(world, "liaisons", [("单位", "联络员", "手机"), ("司法局", "孙晓", "13803950002（662002）")])
    assert [line.data["facts"]["mobile"] for line in found.lines] == ["13803950002"]
    assert [cell.reason for cell in found.left] == ["短号没有导入"]


def test_a_row_of_an_example_is_none_of_the_table(world: World) -> None:
    rows = [
        ("编号", "三级指标", "牵头单位"),
        ("示例：1-1-1", "示例：清单公布", "示例：司法局"),
        ("4-3-3", "案卷评查", "司法局"),
    ]
    found = plan_of(world, "indicators", rows)
    assert ([line.row for line in found.lines], found.errors) == ([3], [])


def test_units_without_their_ending_are_known(world: World) -> None:
    found = plan_of(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "司法", "政府办")])
    assert (changes(found), found.questions) == (LED, [])


def test_a_day_behind_a_title_or_in_a_column_is_no_code(world: World) -> None:
    rows = [("序号", "目标及做法", "进度", "牵头单位", "责任单位"), (1, POINT, "2026-12-31 前完成", "司法局", "政府办")]
    assert changes(plan_of(world, "indicators", rows)) == LED
    rows = [("三级指标", "牵头单位"), ("按时办结（2026-12-31）", "司法局")]
    assert [line.title for line in plan_of(world, "indicators", rows).lines] == ["按时办结（2026-12-31）"]


def test_a_post_that_says_nothing_about_the_campaign_stays_a_post(world: World) -> None:
    found = plan_of(world, "liaisons", [("单位", "姓名", "职务"), ("司法局", "孙晓", "负责人")])
    assert [line.data["facts"] for line in found.lines] == [{"post": "负责人"}]
    assert found.left == []


def test_what_belongs_to_a_leader_is_left_with_the_reason(world: World) -> None:
    rows = [
        ("单位", "姓名", "手机", "类别"),
        ("司法局", "王建国", "13803950001", "分管领导"),
        ("司法局", "孙晓", "13803950002", "联络员"),
    ]
    found = plan_of(world, "liaisons", rows)
    assert [(cell.text, cell.reason) for cell in found.left] == [("13803950001", "分管领导只记姓名，这一格没有导入")]


def test_a_post_in_brackets_is_no_part_in_the_campaign(world: World) -> None:
    rows = [("单位", "姓名", "职务"), ("司法局", "孙晓（负责人）", ""), ("政府办", "吴敏", "主任（负责人）")]
    found = plan_of(world, "liaisons", rows)
    assert [line.data["facts"] for line in found.lines] == [{"post": "负责人"}, {"post": "主任（负责人）"}]


def test_a_second_heading_in_another_order_has_its_own_columns(world: World) -> None:
    rows = [
        ("序号", "三级指标", "牵头单位", "责任单位"), (1, OTHER, "老街街道", "司法局"), (None,),
        ("序号", "三级指标", "责任单位", "牵头单位", "评分"), (1, POINT, "政府办", "司法局", 5),
    ]  # fmt: skip
    found = plan_of(world, "indicators", rows)
    assert changes(found) == [("1-1-1", "责任单位", "司法局"), *LED]
    assert (found.questions, found.errors) == ([], [])
    rows[-1] = (1, POINT, "火星某某", "司法局", 5)
    assert [error.cell_name for error in plan_of(world, "indicators", rows).errors] == ["C5"]


def test_a_liaison_beside_a_member_has_not_the_members_post(world: World) -> None:
    rows = [("职务", "姓名", "单位及职务", "联络员", "手机"), ("成员", "王建国", "司法局局长", "孙晓", "13803950002")]
    [line] = plan_of(world, "liaisons", rows).lines
    assert (line.data["name"], line.data["unit"].short_name, line.data["facts"]) == (
        "孙晓",
        "司法局",
        {"mobile": "13803950002"},
    )
