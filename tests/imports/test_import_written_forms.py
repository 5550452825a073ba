"""Further ways in which districts write tables: lost zeros and codes, 同上, people beside units, levels in lines of their own."""

from typing import Any

import pytest
from openpyxl.comments import Comment

from creation.imports import import_uploads, unread
from creation.imports.import_plan import ImportPlan
from creation.lib.refusals import Refusal
from creation.rules import phones, spoken_days
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.planned_tables import changes, plan_of, sentences
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("序号", "三级指标", "牵头单位", "责任单位")
TITLE, OTHER_TITLE = "每年组织案卷评查", "行政审批事项清单公布"
POINT = f"4-3-3 {TITLE}"
PEOPLE = ("单位", "姓名", "职务", "手机")


def points(world: World, *rows: Any, **more: Any) -> ImportPlan:
    return plan_of(world, "indicators", rows, **more)


def people(world: World, *rows: Any, **more: Any) -> ImportPlan:
    return plan_of(world, "liaisons", rows, **more)


def facts(found: ImportPlan) -> dict[str, dict[str, str]]:
    """Return the new values of each person by heading."""
    return {
        line.title: {change.heading: change.after for change in line.changes} for line in found.lines if line.changes
    }


# What Excel destroys


@pytest.mark.parametrize("number", ["12.2", "9.1", "10.3", "2026.1"])
def test_a_number_that_may_have_lost_a_zero_is_no_day(world: World, number: str) -> None:
    content = make.book([("三级指标", "完成时限"), (POINT, float(number))])
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert "分不清是" in sentences(found)[0]


def test_a_number_whose_zero_could_be_no_day_is_one(world: World) -> None:
    content = make.book([("三级指标", "完成时限"), (POINT, 9.25)])
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert changes(found) == [("4-3-3", "完成时限", "2026-09-25")]


def test_a_code_that_became_a_day_is_known_by_its_title(world: World) -> None:
    made = [("编号", "三级指标", "牵头单位"), (NOW.date(), TITLE, "司法局"), (1.1, OTHER_TITLE, "司法局")]
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", make.book(made))
    assert [change[0] for change in changes(found)] == ["4-3-3", "1-1-1"]
    assert [cell.reason[-9:] for cell in found.left] == ["认出是 4-3-3", "认出是 1-1-1"]
    unknown = make.book([made[0], (NOW.date(), "1. 没有的要点", "司法局")])
    assert "变成了日期" in sentences(import_steps.plan_of_workbook(world, "coordinator", "indicators", unknown))[0]


def test_a_running_number_that_became_a_day_is_no_code(world: World) -> None:
    found = points(world, HEAD, (NOW.date(), POINT, "司法局", ""))
    assert (changes(found), found.errors) == ([("4-3-3", "牵头单位", "司法局")], [])


# Signs and words


@pytest.mark.parametrize("ditto", ["同上", "〃", "同前"])
def test_the_same_as_above_is_read_in_every_column_that_can_say_so(world: World, ditto: str) -> None:
    head = ("单位", "分管领导", "联络员", "职务", "办公电话")
    rows = [("司法局", "王建国", "孙磊", "股长", "3123456"), ("政府办", ditto, "周涛", ditto, ditto)]
    found = facts(people(world, head, *rows))
    assert found["政府办 周涛"] == {"姓名": "周涛", "职务": "股长", "办公电话": "3123456", "分管领导": "王建国"}
    assert "不像姓名" in sentences(people(world, PEOPLE, ("司法局", ditto, "", "")))[0]


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("①司法局②政府办", "司法局、政府办"),
        ("1.司法局\n2.政府办", "司法局、政府办"),
        ("司法局和政府办等8个单位", "司法局、政府办"),
        ("司法局（张三）、政府办（李四）", "司法局、政府办"),
        ("参与：司法局；政府办（按职责分工负责）", "司法局、政府办"),
        ("司法局（参与）、政府办（协同单位）", "司法局、政府办"),
        ("司法局（盖章）", "司法局"),
    ],
)
def test_what_stands_beside_units_is_no_part_of_their_names(world: World, cell: str, units: str) -> None:
    found = points(world, HEAD, (1, POINT, "城管局", cell))
    assert (changes(found), found.questions) == ([("4-3-3", "责任单位", units)], [])
    assert any("人名没有导入" in note for note in found.notes) == ("张三" in cell)


def test_an_office_in_brackets_is_no_person(world: World) -> None:
    found = points(world, HEAD, (1, POINT, "城管局", "司法局（法制股）"))
    assert "“司法局（法制股）”按括号前的单位读入。" in found.notes
    assert found.questions == []


@pytest.mark.parametrize(
    "text", ["2026年12月底前完成并公布", "12月31日前全面完成", "年底前建成", "12月31日前印发并落实"]
)
def test_what_is_done_by_a_day_is_no_part_of_it(text: str) -> None:
    assert str(spoken_days.last_day(text, 2026)) == "2026-12-31"


def test_a_short_number_is_left_and_said(world: World) -> None:
    assert phones.split_numbers("13800001111（短号661234）") == ["13800001111"]
    found = people(world, ("单位", "姓名", "联系电话"), ("司法局", "孙磊", "13800001111 短号：661234"))
    assert facts(found)["司法局 孙磊"]["手机"] == "13800001111"
    assert [cell.reason for cell in found.left] == ["短号没有导入"]


# Levels, headings and columns


def test_levels_in_lines_of_their_own_are_no_checkpoints(world: World) -> None:
    levels = [("四", "行政执法严格规范公正文明"), ("（三）", "落实行政执法责任制")]
    found = points(world, HEAD, *levels, (1, TITLE, "司法局", "老街街道"))
    assert (changes(found), found.errors) == ([("4-3-3", "牵头单位", "司法局")], [])
    assert {cell.row for cell in found.left if "分段" in cell.reason} == {2, 3}


def test_a_row_below_is_no_part_of_the_heading(world: World) -> None:
    found = points(world, ("序号", "三级指标", "责任类别", "完成时限"), (1, POINT, "配合", None))
    assert (found.layout.row, found.questions) == (1, [])


def test_code_and_title_may_be_under_one_heading(world: World) -> None:
    rows = [("二级指标", None, "三级指标", None, "牵头单位"), ("4-3", "落实行政执法责任制", "4-3-3", TITLE, "司法局")]
    found = points(world, *rows, merges=[(1, 1, 1, 2), (1, 3, 1, 4)])
    assert (changes(found), found.questions, found.errors) == ([("4-3-3", "牵头单位", "司法局")], [], [])
    assert (found.layout.columns["code"], found.layout.columns["point"], found.layout.columns["item"]) == (3, 4, 2)


def test_a_heading_below_a_long_introduction_is_found(world: World) -> None:
    found = points(
        world, *[(f"{number}.各单位要高度重视。",) for number in range(1, 25)], HEAD, (1, POINT, "司法局", "")
    )
    assert changes(found) == [("4-3-3", "牵头单位", "司法局")]


def test_columns_behind_a_person_are_that_persons(world: World) -> None:
    head = ("单位", "分管领导", "职务", "手机", "联络员", "职务", "手机")
    found = people(world, head, ("司法局", "王建国", "副局长", "13900000001", "孙磊", "股长", "13900000002"))
    assert facts(found) == {
        "司法局 孙磊": {"姓名": "孙磊", "职务": "股长", "手机": "13900000002", "分管领导": "王建国"}
    }
    assert found.questions == []
    second = ("单位", "联络员1", "手机", "联络员2", "手机")
    found = people(world, second, ("司法局", "孙磊", "13900000002", "周涛", "13900000003"))
    assert [question.text for question in found.questions] == ["司法局 周涛写在联络员之后，怎么安排？"]


def test_unit_and_post_may_be_in_one_column(world: World) -> None:
    head = ("序号", "姓名", "单位及职务", "联系电话")
    rows = [(1, "孙磊", "司法局法制股股长", "13900000002"), (2, "周涛", "政府办 科员", "13900000003")]
    found = people(world, head, *rows)
    assert {title: each["职务"] for title, each in facts(found).items()} == {
        "司法局 孙磊": "法制股股长",
        "政府办 周涛": "科员",
    }
    assert sentences(people(world, head, (1, "孙磊", None, "13900000002"))) == ["没有填写。"]


@pytest.mark.parametrize("heading", ["职责", "分工", "人员分类"])
def test_a_column_of_duties_says_who_is_the_liaison(world: World, heading: str) -> None:
    rows = [("司法局", "分管领导", "王建国", ""), (None, "联络员", "孙磊", "13900000002")]
    found = people(world, ("单位", heading, "姓名", "手机"), *rows, merges=[(2, 1, 3, 1)])
    assert facts(found) == {
        "司法局 王建国": {"分管领导": "王建国"},
        "司法局 孙磊": {"姓名": "孙磊", "手机": "13900000002"},
    }


def test_forms_of_several_units_may_be_below_each_other(world: World) -> None:
    def form(unit: str, name: str, mobile: str) -> list[tuple[str, ...]]:
        return [("单位", unit), ("联络员姓名", name), ("手机", mobile), ()]

    found = people(world, ("联络员信息表",), *form("司法局", "孙磊", "13900000002"), *form("政府办", "周涛", "1390000"))
    assert facts(found)["司法局 孙磊"] == {"姓名": "孙磊", "手机": "13900000002"}
    assert [(error.cell_name, "不是手机号" in error.sentence) for error in found.errors] == [("B8", True)]
    assert not [cell for cell in found.left if cell.reason == unread.UNUSED]


def test_the_name_of_a_sheet_may_be_the_unit(world: World) -> None:
    head = ("类别", "姓名", "手机")
    rows = {"城管局": [head, ("联络员", "周涛", "13900000003")]}
    found = people(world, head, ("联络员", "孙磊", "13900000002"), name="司法局", more=rows)
    assert list(facts(found)) == ["司法局 孙磊", "城管局 周涛"]
    assert found.questions == []


@pytest.mark.parametrize("heading", ["身份证号", "性别", "政治面貌", "微信号"])
def test_what_is_not_kept_about_people_is_not_taken_for_something_else(world: World, heading: str) -> None:
    found = people(world, (*PEOPLE, heading), ("城管局", "刘联络", "", "", "甲"))
    assert found.questions == []
    assert [(cell.text, cell.reason) for cell in found.left] == [("甲", unread.UNKNOWN)]


def test_the_page_of_columns_asks_for_what_was_not_found_and_nothing_is_asked_again(world: World) -> None:
    content = make.book([("编号", "待办", "佐证<i>目录</i>", "牵头单位"), ("4-3-3", "评查", "新的要求", "城管局")])
    page = import_steps.post_workbook(world, "coordinator", "indicators", content)
    client = world.client("coordinator")
    found = client.get(page.url).content.decode()
    asked, _, others = found.partition("<details")
    assert 'name="point"' in asked
    assert "表头“佐证&lt;i&gt;目录&lt;/i&gt;”与它相近，先选了这一列，请核对。" in asked
    assert 'name="lead"' in others
    assert "<details open" not in found
    mapping = {"code": "1", "point": "2", "proof": "0", "lead": "4"}
    client.post(page.url, mapping)
    assert "不认得，是不是" not in client.get(page.url).content.decode()
    client.post(f"{page.url}?columns", mapping | {"proof": "3"})
    assert "新的要求" in client.get(page.url).content.decode()


# Files


@pytest.mark.parametrize(
    ("name", "encoding", "mark"),
    [("表.csv", "gb18030", ","), ("表.csv", "utf-8-sig", ","), ("表.tsv", "utf-16", "\t"), ("表.csv", "utf-8", ";")],
)
def test_text_that_is_separated_by_marks_is_read(world: World, name: str, encoding: str, mark: str) -> None:
    rows = [PEOPLE, ("司法局", '"孙磊"', '"股长\n""兼"""', "13900000002")]
    content = "\r\n".join(mark.join(row) for row in rows).encode(encoding)
    upload = import_steps.receive(world, "coordinator", "liaisons", content, name)
    found = import_uploads.plan_of(upload, world.actor("coordinator"))
    assert facts(found) == {"司法局 孙磊": {"姓名": "孙磊", "职务": '股长\n"兼"', "手机": "13900000002"}}


@pytest.mark.parametrize(
    ("content", "said"), [(b" , \n", "文件里没有表格"), (b"\xff\xfa\x81", "读不出来"), (b"", "文件里没有表格")]
)
def test_what_a_text_file_cannot_be_is_said(world: World, content: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        import_steps.receive(world, "coordinator", "liaisons", content, "表.csv")


def test_comments_are_not_read_and_it_is_said(world: World) -> None:
    def comment(sheet: Any) -> None:
        sheet["B2"].comment = Comment("拟换人", "张三")

    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", make.liaisons(change=comment))
    assert "表中有批注，批注里写的没有读取。要导入的请写进格子里。" in found.notes


def test_codes_with_dots_ask_only_what_can_be_answered(world: World) -> None:
    """A column that the table must have is asked about without the choice that there is none."""
    found = points(world, ("编号", "一级", "内容一", "内容二"), ("4.3.3", "四", "甲" * 30, "乙" * 30))
    offered = {question.key: [value for value, _ in question.options] for question in found.questions}
    assert "0" not in offered["heading:point"]
    codes = points(
        world, ("编号", *HEAD[1:]), ("4.3.3", TITLE, "司法局", "老街街道"), ("1.1.1", OTHER_TITLE, "老街街道", "")
    )
    assert (changes(codes), codes.questions, codes.errors) == ([("4-3-3", "牵头单位", "司法局")], [], [])
    neither = people(world, ("单位", "甲乙", "手机"), ("司法局", "孙磊", "13900000002"))
    assert "0" not in [value for value, _ in neither.questions[0].options]
    again = people(
        world, ("单位", "甲乙", "手机"), ("司法局", "孙磊", "13900000002"), answers={neither.questions[0].key: "2"}
    )
    assert (list(facts(again)), again.questions) == (["司法局 孙磊"], [])
