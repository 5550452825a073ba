"""What a person understands at a glance in the tables that districts send is read, or asked about once."""

from typing import Any

import pytest

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan
from creation.lib.refusals import Refusal
from creation.models import FindingSource
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

POINT, OTHER = "4-3-3 每年组织案卷评查", "1-1-1 行政审批事项清单公布"
Rows = list[tuple[Any, ...]]


def plan(world: World, kind: str, rows: Rows, merges: tuple[str, ...] = (), **answers: str) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "coordinator", kind, make.book(rows, merges=merges), **answers)


def plan_of_file(world: World, kind: str, content: bytes, name: str) -> ImportPlan:
    upload = import_steps.receive(world, "coordinator", kind, content, name)
    return import_uploads.plan_of(upload, world.actor("coordinator"))


def changes(found: ImportPlan) -> list[tuple[str, str, str]]:
    return [(change.heading, change.before, change.after) for line in found.lines for change in line.changes]


def people(found: ImportPlan) -> dict[str, tuple[str, ...]]:
    """Return unit, role, mobile and office phone of each person that the plan makes a liaison or clerk."""
    return {
        line.data["name"]: (
            str(line.data["unit"]),
            str(line.data.get("role", "liaison")),
            line.data["facts"].get("mobile", ""),
            line.data["facts"].get("office_phone", ""),
        )
        for line in found.lines
        if "name" in line.data
    }


def keys(found: ImportPlan) -> list[str]:
    return [question.key for question in found.questions]


# People


UNIT_ABOVE: list[tuple[Rows, tuple[str, ...]]] = [
    ([("填报单位：司法局（盖章）", None, "填报日期：2026年7月1日"), ("姓名", "职务", "手机"), ("孙磊", "股长", "13803950002")], ()),
    ([("填报单位", "司法局", None), ("姓名", "职务", "手机"), ("孙磊", "股长", "13803950002")], ()),
    ([("司法局联络员信息表",), ("姓名", "职务", "手机"), ("孙磊", "股长", "13803950002")], ("A1:C1",)),
    ([("姓名", "职务", "手机"), ("孙磊", "股长", "13803950002"), ("单位：司法局    填表人：孙磊",)], ()),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "merges"), UNIT_ABOVE)
def test_a_unit_beside_the_table_is_that_of_every_row(world: World, rows: Rows, merges: tuple[str, ...]) -> None:
    found = plan(world, "liaisons", rows, merges)
    assert (found.questions, found.errors) == ([], [])
    assert people(found) == {"孙磊": ("司法局", "liaison", "13803950002", "")}
    others = [tuple(cell and str(cell).replace("司法局", "火星局") for cell in row) for row in rows]
    unknown = plan(world, "liaisons", others, merges)
    assert keys(unknown) == ["unit:火星局"]


def test_an_error_below_a_unit_beside_the_table_is_named_at_its_cell(world: World) -> None:
    rows = [("填报单位：司法局",), ("姓名", "手机"), ("孙磊", "138"), ("周涛", "")]
    found = plan(world, "liaisons", rows)
    assert [error.cell_name for error in found.errors] == ["B3"]
    assert [line.row for line in found.lines] == [3, 4]
    assert keys(found) == [f"second:{world.units['司法局'].pk}:周涛"]


TWO_PEOPLE: list[tuple[Rows, tuple[str, ...]]] = [
    (
        [
            ("序号", "单位", "A岗", None, None, "B岗", None, None),
            (None, None, "姓名", "职务", "手机", "姓名", "职务", "手机"),
            (1, "司法局", "孙磊", "股长", "13803950002", "周涛", "科员", "13803950012"),
        ],
        ("A1:A2", "B1:B2", "C1:E1", "F1:H1"),
    ),
    ([("单位", "A岗", "职务", "A岗电话", "B岗", "B岗职务", "B岗电话"),
      ("司法局", "孙磊", "股长", "13803950002", "周涛", "科员", "13803950012")], ()),
    ([("单位", "姓名（A岗）", "职务", "手机（A岗）", "姓名（B岗）", "B岗职务", "手机（B岗）"),
      ("司法局", "孙磊", "股长", "13803950002", "周涛", "科员", "13803950012")], ()),
    ([("单位", "联络员（A/B角）", "职务", "手机"), ("司法局", "孙磊/周涛", "股长/科员", "13803950002 13803950012")], ()),
    ([("单位", "联络员", "职务", "联系电话"), ("司法局", "孙磊\n周涛", "股长\n科员", "A岗：13803950002\nB岗：13803950012")], ()),
    ([("单位", "人员类别", "姓名", "职务", "手机"),
      ("司法局", "A岗", "孙磊", "股长", "13803950002"), (None, "B岗", "周涛", "科员", "13803950012")], ("A2:A3",)),
    ([("单位", "姓名", "职务", "手机"), ("司法局", "孙磊", "股长", "13803950002"), (None, "周涛", "科员", "13803950012")], ()),
    (
        [
            ("单位名称", "司法局", None), ("A岗", "姓名", "孙磊"), (None, "职务", "股长"), (None, "手机", "13803950002"),
            ("B岗", "姓名", "周涛"), (None, "职务", "科员"), (None, "手机", "13803950012"),
        ],
        ("A2:A4", "A5:A7"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "merges"), TWO_PEOPLE)
def test_of_two_people_each_has_the_own_post_and_number(world: World, rows: Rows, merges: tuple[str, ...]) -> None:
    key = f"second:{world.units['司法局'].pk}:周涛"
    assert keys(plan(world, "liaisons", rows, merges)) == [key]
    found = plan(world, "liaisons", rows, merges, **{key.replace(":", "__"): "clerk"})
    assert (found.errors, found.questions) == ([], [])
    assert people(found) == {
        "孙磊": ("司法局", "liaison", "13803950002", ""),
        "周涛": ("司法局", "clerk", "13803950012", ""),
    }
    assert {line.data["name"]: line.data["facts"]["post"] for line in found.lines} == {"孙磊": "股长", "周涛": "科员"}


def test_office_phones_of_two_people_are_divided_and_one_is_shared(world: World) -> None:
    head, pk = ("单位", "联络员", "办公电话"), world.units["司法局"].pk
    for phones, divided in (("3123456、3123457", ["3123456", "3123457"]), ("3123458", ["3123458", "3123458"])):
        found = plan(world, "liaisons", [head, ("司法局", "孙磊、周涛", phones)], **{f"second__{pk}:周涛": "clerk"})
        assert sorted(facts[3] for facts in people(found).values()) == divided


def test_a_unit_in_the_first_of_its_rows_only_is_carried_down_and_said(world: World) -> None:
    rows = [("单位", "姓名", "手机"), ("司法局", "孙磊", ""), (None, "周涛", "")]
    rows += [("政府办", "秦宏", ""), (None, None, "13803950002")]
    found = plan(world, "liaisons", rows)
    assert any("第 3 行没有写单位" in note for note in found.notes)
    assert [error.cell_name for error in found.errors] == ["A5", "B5"]


def test_many_second_people_are_asked_about_together(world: World) -> None:
    rows: Rows = [("单位", "A岗", "B岗")]
    rows += [(unit, f"{name}磊", f"{name}涛") for unit, name in zip(world.units, "孙周秦贾", strict=True)]
    assert keys(plan(world, "liaisons", rows)) == ["seconds"]
    taken = plan(world, "liaisons", rows, seconds="clerk")
    assert (taken.questions, [line.data.get("role") for line in taken.lines].count("clerk")) == ([], 4)
    assert len(keys(plan(world, "liaisons", rows, seconds="each"))) == 4


def test_a_column_that_says_who_is_who_makes_no_leader_a_liaison(world: World) -> None:
    rows = [
        ("单位", "类别", "姓名", "职务", "手机"),
        ("司法局", "主要领导", "周正", "局长", "13803950091"),
        (None, "分管领导", "王建国", "副局长", "13803950001"),
        (None, "联络员", "孙磊", "股长", "13803950002"),
    ]
    found = plan(world, "liaisons", rows, ("A2:A4",))
    assert (found.questions, found.errors) == ([], [])
    assert people(found) == {"孙磊": ("司法局", "liaison", "13803950002", "")}
    assert [line.data["leader"] for line in found.lines if "leader" in line.data] == ["王建国"]
    assert {(cell.row, cell.text) for cell in found.left} >= {(2, "周正"), (3, "13803950001")}


def test_a_column_of_kinds_of_units_leaves_everybody(world: World) -> None:
    rows = [("单位", "类别", "姓名"), ("司法局", "区直部门", "孙磊")]
    found = plan(world, "liaisons", rows)
    assert people(found) == {"孙磊": ("司法局", "liaison", "", "")}
    assert [(cell.cell_name, cell.text) for cell in found.left] == [("B2", "区直部门")]


def test_a_vertical_form_of_leader_and_liaison_gives_each_the_own_lines(world: World) -> None:
    rows = [("单位", "司法局"), ("分管领导", "王建国"), ("职务", "副局长"), ("电话", "13803950001"),
            ("联络员", "孙磊"), ("职务", "股长"), ("电话", "13803950002")]  # fmt: skip
    found = plan(world, "liaisons", [("联络员信息表",), *rows], ("A1:B1",))
    assert changes(found) == [
        ("姓名", "", "孙磊"),
        ("职务", "", "股长"),
        ("手机", "", "13803950002"),
        ("分管领导", "", "王建国"),
    ]
    assert {cell.text for cell in found.left} >= {"副局长", "13803950001"}


@pytest.mark.parametrize("text", ["孙磊，法制股股长，13803950002", "孙磊 法制股股长 13803950002"])
def test_name_post_and_number_in_one_cell_are_three_things(world: World, text: str) -> None:
    found = plan(world, "liaisons", [("单位", "联络员信息"), ("司法局", text)])
    assert changes(found) == [("姓名", "", "孙磊"), ("职务", "", "法制股股长"), ("手机", "", "13803950002")]
    unclear = plan(world, "liaisons", [("单位", "联络员信息"), ("司法局", f"{text}、13803950003")])
    assert [error.cell_name for error in unclear.errors] == ["B2"]


# Units


@pytest.mark.parametrize(
    "cell",
    [
        "牵头：司法局；配合：老街街道、政府办", "牵头单位：司法局\n配合单位：老街街道、政府办",
        "司法局牵头，老街街道、政府办配合", "由司法局牵头，老街街道、政府办按职责分工负责", "老街街道、司法局（牵头）、政府办",
    ],
)  # fmt: skip
@pytest.mark.parametrize("heading", ["责任分工", "牵头单位", "牵头单位/责任单位"])
def test_lead_and_helpers_in_one_cell_are_told_apart(world: World, heading: str, cell: str) -> None:
    found = plan(world, "indicators", [("三级指标", heading), (POINT, cell)])
    assert (found.questions, found.errors) == ([], [])
    assert changes(found) == [("牵头单位", "城管局", "司法局"), ("责任单位", "老街街道", "政府办、老街街道")]


def test_helpers_in_a_column_of_their_own_are_added_to_the_responsible_units(world: World) -> None:
    rows = [("三级指标", "牵头单位", "责任单位", "配合单位"), (POINT, "城管局", "老街街道", "司法局、政府办")]
    assert changes(plan(world, "indicators", rows)) == [("责任单位", "老街街道", "司法局、政府办、老街街道")]
    wrong = plan(world, "indicators", [*rows[:1], (POINT, "城管局", "老街街道", "火星局")])
    assert [error.cell_name for error in wrong.errors] == ["D2"]


def test_whether_the_first_of_several_leads_leads_is_asked_once(world: World) -> None:
    rows = [
        ("三级指标", "牵头单位", "责任单位"),
        (POINT, "司法局、城管局", "政府办"),
        (OTHER, "老街街道、司法局", "政府办"),
    ]
    assert keys(plan(world, "indicators", rows)) == ["several_leads"]
    first = plan(world, "indicators", rows, several_leads="first")
    assert first.questions == []
    assert changes(first)[:2] == [("牵头单位", "城管局", "司法局"), ("责任单位", "老街街道", "城管局、政府办")]
    kept = plan(world, "indicators", rows, several_leads="keep")
    assert (kept.questions, changes(kept), kept.errors) == ([], [], [])
    assert {cell.cell_name for cell in kept.left} >= {"B2", "B3"}


def test_streets_and_towns_are_told_apart(world: World) -> None:
    town = world.units["政府办"]
    type(town).objects.filter(pk=town.pk).update(kind="township", name="源汇区大刘镇人民政府", short_name="大刘镇")
    street = world.units["老街街道"]
    type(street).objects.filter(pk=street.pk).update(kind="township", name="源汇区老街街道办事处")

    def units(cell: str) -> str:
        found = plan(world, "indicators", [("三级指标", "责任单位"), (POINT, f"城管局、{cell}")])
        assert (found.questions, found.errors) == ([], []), cell
        return next((after for heading, _, after in changes(found) if heading == "责任单位"), "老街街道")

    assert units("各街道办事处") == units("各街道") == "老街街道"
    assert units("各乡镇") == units("各乡镇人民政府") == "大刘镇"
    for cell in ("各乡镇（街道）", "各乡镇人民政府（街道办事处）", "各乡镇人民政府、街道办事处", "各镇街"):
        assert units(cell) == "大刘镇、老街街道"
    assert units("司法局及各乡镇") == "司法局、大刘镇"


@pytest.mark.parametrize(("cell", "after"), [("司法局等部门", "司法局"), ("司法局等按职责分工负责", "司法局")])
def test_what_is_open_behind_a_list_of_units_is_said(world: World, cell: str, after: str) -> None:
    found = plan(world, "indicators", [("三级指标", "责任单位"), (POINT, f"城管局、{cell}")])
    assert changes(found) == [("责任单位", "老街街道", after)]
    assert any("只按写明的单位读入" in note for note in found.notes)


@pytest.mark.parametrize(
    "cell", ["市、区两级有关部门", "市县两级司法行政部门", "市直有关单位", "区有关部门按职责分工负责"]
)
def test_a_word_for_units_of_several_levels_is_asked_about(world: World, cell: str) -> None:
    found = plan(world, "indicators", [("三级指标", "责任单位"), (POINT, f"城管局、{cell}")])
    assert ([key.partition(":")[0] for key in keys(found)], found.errors) == (["group"], [])


def test_an_office_inside_a_unit_is_asked_about_as_one_name(world: World) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", "司法局 法制股")])
    assert (keys(found), found.errors) == (["unit:司法局法制股"], [])


@pytest.mark.parametrize("ditto", ["同上", "〃"])
def test_the_same_as_above_is_what_is_above(world: World, ditto: str) -> None:
    rows = [
        ("三级指标", "牵头单位", "责任单位", "完成时限"),
        (POINT, "司法局", "政府办", "2026年9月"),
        (OTHER, ditto, ditto, ditto),
    ]
    found = plan(world, "indicators", rows)
    assert (found.errors, found.questions) == ([], [])
    [first, second] = [line.data for line in found.lines]
    assert first["parts"] == second["parts"] == {world.units["司法局"].pk: "lead", world.units["政府办"].pk: "assist"}


# Structure


def test_two_halves_side_by_side_are_one_table(world: World) -> None:
    rows = [
        ("任务分解表",),
        ("序号", "三级指标", "责任单位", None, "序号", "三级指标", "责任单位"),
        (1, POINT, "城管局、司法局", None, 2, OTHER, "老街街道、火星局"),
        (None, None, None, "甲", None, None, None),
    ]
    found = plan(world, "indicators", rows, ("A1:G1",))
    assert changes(found) == [("责任单位", "老街街道", "司法局")]
    assert [error.cell_name for error in found.errors] == ["G3"]
    assert [(cell.cell_name, cell.text) for cell in found.left if cell.text in ("甲", "三级指标")] == [("D4", "甲")]
    assert [line.row for line in found.lines] == [3, 3]


def test_a_heading_of_groups_is_not_two_halves(world: World) -> None:
    rows = [("单位", "分管领导", None, "联络员", None), (None, "姓名", "手机", "姓名", "手机"),
            ("司法局", "王建国", "13803950001", "孙磊", "13803950002")]  # fmt: skip
    assert people(plan(world, "liaisons", rows)) == {"孙磊": ("司法局", "liaison", "13803950002", "")}


def test_headings_that_are_not_known_lead_to_the_question_which_column_is_which(world: World) -> None:
    rows = [("序号", "工作目标及任务", "牵头部门和人"), (1, "没有见过的要点", "城管局")]
    found = plan(world, "indicators", rows)
    assert keys(found)[0] == "heading:point"
    with pytest.raises(Refusal, match="没有找到"):
        plan(world, "indicators", [("日期", "天气", "气温"), ("7月1日", "晴", "30")])


def test_codes_in_the_column_of_running_numbers_are_codes(world: World) -> None:
    rows = [("序号", "三级指标", "责任单位"), ("4.3.3", "案卷评查", "城管局、司法局")]
    assert [line.data["code"] for line in plan(world, "indicators", rows).lines] == ["4-3-3"]
    rows = [("序号", "三级指标", "责任单位"), (1, POINT, "城管局、司法局")]
    assert [line.data["code"] for line in plan(world, "indicators", rows).lines] == ["4-3-3"]


@pytest.mark.parametrize("mark", ["3）", "Ⅳ. ", "⑺", "IX、", "㈠", "3、", "（3）", "❸"])
def test_every_mark_of_a_level_is_stripped(world: World, mark: str) -> None:
    rows = [("三级指标", "责任单位"), (f"{mark}每年组织案卷评查（3分）", "城管局、司法局")]
    assert changes(plan(world, "indicators", rows)) == [("责任单位", "老街街道", "司法局")]


@pytest.fixture
def source(world: World) -> FindingSource:
    return FindingSource.objects.create(district=world.district, name="集中督导", order=1)


FINDINGS: list[Rows] = [
    [("责任单位：司法局",),
     ("序号", "问题来源", "问题", "时限"),
     (1, "集中督导", "（一）公示不及时", "9月底前"), (2, "集中督导", "（二）案卷缺页", "2026年9月")],
    [("问题来源", "责任单位", "问题", "时限"),
     ("集中督导", "司法局", "1.公示不及时", 46295),
     ("集中督导", None, "2.案卷缺页", "20260930")],
    [("问题来源", "问题", "责任单位", "时限"),
     ("集中督导", "一、公示不及时", "司法局", "九月三十日前"),
     ("集中督导", "二、案卷缺页", "同上", "同上")],
]  # fmt: skip


@pytest.mark.parametrize("rows", FINDINGS)
def test_a_unit_that_is_written_once_has_all_its_findings(world: World, source: FindingSource, rows: Rows) -> None:
    found = plan(world, "findings", rows)
    assert (found.errors, found.questions) == ([], [])
    assert [change for change in changes(found) if change[0] in ("问题", "整改单位")] == [
        ("问题", "", "公示不及时"), ("整改单位", "", "司法局，2026-09-30 前"),
        ("问题", "", "案卷缺页"), ("整改单位", "", "司法局，2026-09-30 前"),
    ]  # fmt: skip


def test_helpers_of_a_finding_rectify_it_too(world: World, source: FindingSource) -> None:
    rows = [("问题来源", "问题", "牵头单位", "配合单位"), ("集中督导", "公示不及时", "司法局", "城管局、政府办")]
    units = [after for heading, _, after in changes(plan(world, "findings", rows)) if heading == "整改单位"]
    assert units == ["司法局，时限待定", "城管局，时限待定", "政府办，时限待定"]


# Files

XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="s1"><NumberFormat ss:Format="0%"/></Style></Styles>
<Worksheet ss:Name="任务"><Table><Row><Cell ss:MergeAcross="3"><Data ss:Type="String">任务分解表</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">三级指标</Data></Cell><Cell><Data ss:Type="String">目标值</Data></Cell>
 <Cell><Data ss:Type="String">责任单位</Data></Cell><Cell><Data ss:Type="String">完成时限</Data></Cell></Row>
<Row ss:Index="4"><Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>4-3-3</B> 每年组织案卷评查</ss:Data>
 <Comment><ss:Data ss:Type="String">批注</ss:Data></Comment></Cell><Cell><Data ss:Type="String">≥ 1次</Data></Cell>
 <Cell ss:MergeDown="1"><Data ss:Type="String">老街街道&#10;司法局</Data></Cell>
 <Cell><Data ss:Type="DateTime">2026-09-30T00:00:00.000</Data></Cell></Row>
<Row{hidden}><Cell><Data ss:Type="String">1-1-1 行政审批事项清单公布</Data></Cell>
 <Cell ss:StyleID="s1"><Data ss:Type="Number">0.95</Data></Cell>
 <Cell ss:Formula="=RC[-1]"><Data ss:Type="Error">#REF!</Data></Cell></Row></Table></Worksheet>
<Worksheet ss:Name="藏"><Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>
<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["表.xls", "表.xml", "表.et"])
def test_a_workbook_of_excel_2003_xml_is_read(world: World, name: str) -> None:
    found = plan_of_file(world, "indicators", XML.format(hidden="").encode(), name)
    assert [(error.cell_name, "#REF!" in error.sentence) for error in found.errors] == [("D5", True)]
    assert [line.row for line in found.lines] == [4, 5]
    assert {(heading, after) for heading, _, after in changes(found)} == {
        ("责任单位", "司法局、老街街道"), ("完成时限", "2026-09-30"),
        ("责任单位", "司法局"), ("目标值", "行政审批事项清单公布≥ 95%"),
    }  # fmt: skip
    assert any(cell.sheet == "藏" for cell in found.left)
    assert keys(plan_of_file(world, "indicators", XML.format(hidden=' ss:Hidden="1"').encode(), name))[0] == "hidden"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<?xml version='1.0'?><a/>", "不是 Excel 的 XML 表格"),
        (XML.encode()[:900], "读不出来"),
        (XML.replace('ss:Index="4"', 'ss:Index="9999"').encode(), "超出"),
        (XML.replace('ss:MergeAcross="3"', 'ss:MergeAcross="9999"').encode(), "超出"),
    ],
)
def test_what_an_xml_file_cannot_be_is_said(world: World, content: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        plan_of_file(world, "indicators", content, "表.xml")


def test_a_workbook_under_the_name_of_another_version_is_read(world: World) -> None:
    page = "<html><table><tr><td>单位<td>姓名<td>手机<tr><td>司法局<td>孙磊<td x:num='13803950002'>1.38E+10</table>"
    book = make.book([("单位", "姓名", "手机"), ("司法局", "孙磊", "13803950002")])
    for content, name in ((book, "表.xls"), (book, "表.et"), (page.encode(), "表.xls"), (page.encode(), "表.xlsx")):
        found = plan_of_file(world, "liaisons", content, name)
        assert people(found) == {"孙磊": ("司法局", "liaison", "13803950002", "")}, name
