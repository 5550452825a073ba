"""Nothing is lost without a word: a cell that cannot be read is an error, an empty cell changes nothing, what is not used is named."""

from typing import Any

import pytest

from creation.imports import import_uploads, unread
from creation.imports.import_plan import ImportPlan, LineState
from creation.models import Assignment, ImportUpload, Indicator, Membership, Unit, User
from creation.people import accounts
from creation.units import lifecycle
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("三级指标", "印证资料要求", "牵头单位", "责任单位")
POINT, LIAISONS = "4-3-3 每年组织案卷评查", ("单位", "姓名", "手机")


def plan(world: World, kind: str, content: bytes, **answers: str) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "coordinator", kind, content, **answers)


def units(world: World, cell: Any, **answers: str) -> ImportPlan:
    """Return the plan for a table with this cell under 责任单位."""
    return plan(world, "indicators", make.book([HEAD, (POINT, "", "城管局", cell)]), **answers)


def parts(world: World, code: str = "4-3-3") -> dict[str, str]:
    rows = Assignment.objects.filter(campaign=world.campaign, indicator__code=code)
    return dict(rows.values_list("unit__short_name", "role"))


def changes(found: ImportPlan) -> list[tuple[str, str, str]]:
    return [(change.heading, change.before, change.after) for line in found.lines for change in line.changes]


def cells(found: ImportPlan) -> list[str]:
    return [error.cell_name for error in found.errors]


# A cell that cannot be read never means “empty”


@pytest.mark.parametrize("cell", ["火星某某", '="老街街道"', "#REF!", "#N/A", "#SPILL!", "#GETTING_DATA"])
def test_responsible_units_that_cannot_be_read_are_an_error(world: World, cell: str) -> None:
    found = units(world, cell)
    assert cells(found) == ["D2"]
    assert not found.is_ready


def test_the_fault_of_each_row_of_a_merged_checkpoint_counts(world: World) -> None:
    rows = [HEAD, (POINT, "", "城管局", "老街街道"), (None, None, None, "火星某某")]
    assert cells(plan(world, "indicators", make.book(rows, merges=["A2:A3", "C2:C3"]))) == ["D3"]


def test_units_merged_over_several_checkpoints_belong_to_each(world: World) -> None:
    rows = [HEAD, ("1-1-1 行政审批事项清单公布", "", "老街街道", "司法局"), (POINT, "", "城管局", None)]
    found = plan(world, "indicators", make.book(rows, merges=["D2:D3"]))
    assert changes(found) == [("责任单位", "", "司法局"), ("责任单位", "老街街道", "司法局")]


def test_an_empty_cell_or_column_leaves_the_units_that_are_there(world: World) -> None:
    for cell in (None, "", " ", "　", "\u200b", "—", "待定"):
        found = units(world, cell)
        assert (found.errors, found.questions, found.pending_lines) == ([], [], []), repr(cell)
    assert [(cell.cell_name, cell.text) for cell in units(world, "待定").left] == [("D2", "待定")]
    assert parts(world) == {"城管局": "lead", "老街街道": "assist"}


def test_clearing_is_an_explicit_word_and_confirmed_apart(world: World) -> None:
    content = make.book([HEAD, (POINT, "", "城管局", "清空")])
    answer = import_steps.post_workbook(world, "coordinator", "indicators", content)
    client, upload = world.client("coordinator"), ImportUpload.objects.get()
    page = client.get(answer.url).content.decode()
    assert "将清空 1 个责任单位" in page
    assert "确认导入" not in page
    digest = import_uploads.plan_of(upload, world.actor("coordinator")).digest
    assert import_steps.confirm(world, "coordinator", upload, digest).status_code == 409
    assert parts(world) == {"城管局": "lead", "老街街道": "assist"}
    client.post(answer.url, {"q0": "1 个责任单位"})
    assert "确认导入" in client.get(answer.url).content.decode()
    assert import_steps.confirm(world, "coordinator", upload, digest).status_code == 302
    assert parts(world) == {"城管局": "lead"}


def test_clearing_may_be_declined(world: World) -> None:
    found = units(world, "清空", clear="keep")
    assert (found.questions, found.pending_lines) == ([], [])


@pytest.mark.parametrize("cell", ["=A1", "#REF!"])
def test_a_formula_alone_in_a_row_or_under_a_day_is_not_empty(world: World, cell: str) -> None:
    found = plan(world, "liaisons", make.book([LIAISONS, ("城管局", cell, "")]))
    assert cells(found) == ["B2"]
    found = plan(world, "indicators", make.book([("三级指标", "牵头单位", "完成时限"), (POINT, "城管局", cell)]))
    assert cells(found) == ["C2"]
    found = plan(world, "liaisons", make.book([LIAISONS, ("=A1", "=A1", "=A1")]))
    assert "A2" in cells(found)


def test_an_empty_cell_leaves_the_note_and_the_figures_of_a_reading(world: World) -> None:
    head = ("编号", "单位", "测量项", "数量", "说明")
    first = make.book([head, ("4-3-3", "城管局", "行政执法案卷评查", 2, "两次评查")])
    import_steps.apply_workbook(world, "liaison", "readings", first)
    again = make.book([head, ("4-3-3", "城管局", "行政执法案卷评查", 3, "")])
    found = import_steps.plan_of_workbook(world, "liaison", "readings", again)
    assert [change.heading for change in found.lines[0].changes] == ["读数"]
    noted = make.book([head, ("4-3-3", "城管局", "行政执法案卷评查", "", "三次评查")])
    found = import_steps.plan_of_workbook(world, "liaison", "readings", noted)
    assert changes(found) == [("说明", "两次评查", "三次评查")]


# Names without blanks and invisible characters


@pytest.mark.parametrize("blank", ["\u3000", "\u00a0", "\u2003", "\u200b", "\n", " ", "\ufeff"])
def test_a_blank_in_a_name_makes_no_other_person(world: World, blank: str) -> None:
    found = plan(world, "liaisons", make.book([LIAISONS, ("城管局", f"刘{blank}联络", "13800001234")]))
    assert [(line.state, line.data.get("person")) for line in found.lines] == [
        (LineState.UNCHANGED, world.people["liaison"])
    ]


def test_a_name_that_was_stored_with_a_blank_is_still_found(world: World) -> None:
    User.objects.filter(pk=world.people["liaison"].pk).update(name="刘　联络")
    found = plan(world, "liaisons", make.book([LIAISONS, ("城管局", "刘联络", "13800001234")]))
    assert [line.state for line in found.lines] == [LineState.UNCHANGED]


def test_names_are_kept_without_blanks_by_every_form(world: World) -> None:
    unit = world.units["城管局"]
    data = {
        "name": "秦　壬戌\u200b",
        "username": "qinrenxu",
        "unit": unit,
        "post": "",
        "office_phone": "",
        "mobile": "",
    }
    person = accounts.create_account({**data, "email": "", "roles": []}, world.actor("administrator"))
    assert person.name == "秦壬戌"
    accounts.edit_account(
        person, {"name": " 秦\u00a0壬戍 ", "unit": unit}, person.version, world.actor("administrator")
    )
    assert User.objects.get(pk=person.pk).name == "秦壬戍"
    values = {name: getattr(unit, name) for name in lifecycle.EDITABLE} | {"leader": "张　三"}
    lifecycle.edit(unit, values, unit.version, world.actor("coordinator"))
    assert Unit.objects.get(pk=unit.pk).leader == "张三"


@pytest.mark.parametrize(("name", "mobile"), [("赵新名", "13800001234"), ("刘连络", ""), ("刘联洛", "13899998888")])
def test_the_same_mobile_or_a_like_name_in_the_unit_is_asked_about(world: World, name: str, mobile: str) -> None:
    content = make.book([LIAISONS, ("城管局", name, mobile)])
    liaison, unit = world.people["liaison"], world.units["城管局"]
    found = plan(world, "liaisons", content)
    assert [question.key for question in found.questions] == [f"person:{unit.pk}:{name}"]
    assert not found.is_ready
    key = f"person__{unit.pk}:{name}"
    same = plan(world, "liaisons", content, **{key: f"rename:{liaison.pk}"})
    assert ("姓名", "刘联络", name) in changes(same)
    assert same.lines[0].data["person"] == liaison
    new = plan(world, "liaisons", content, **{key: "new"})
    assert (new.lines[0].state, new.is_ready) == (LineState.CREATED, True)
    assert ("联络员", "刘联络", name) in changes(new)


# The right person under two rows of headings

TWO_ROWS = [
    ("单位", "分管领导", None, None, "联络员", None, None),
    (None, "姓名", "职务", "手机", "姓名", "职务", "手机"),
    ("司法局", "王建国", "副局长", "13803950001", "孙晓明", "股长", "13803950002"),
]


@pytest.mark.parametrize("merges", [["A1:A2", "B1:D1", "E1:G1"], []])
def test_the_columns_under_the_liaison_are_the_liaisons(world: World, merges: list[str]) -> None:
    found = plan(world, "liaisons", make.book(TWO_ROWS, merges=merges))
    assert (found.layout.columns["name"], found.layout.columns["mobile"], found.layout.columns["leader"]) == (5, 7, 2)
    assert changes(found) == [
        ("姓名", "", "孙晓明"),
        ("职务", "", "股长"),
        ("手机", "", "13803950002"),
        ("分管领导", "", "王建国"),
    ]
    assert [label for _, label in found.layout.choices()][1].startswith("B 列 分管领导 姓名")
    assert {(cell.column, cell.text) for cell in found.left} >= {(3, "副局长"), (4, "13803950001")}
    import_steps.apply_workbook(world, "coordinator", "liaisons", make.book(TWO_ROWS, merges=merges))
    assert Membership.objects.get(unit=world.units["司法局"], role="liaison").user.name == "孙晓明"
    assert Unit.objects.get(pk=world.units["司法局"].pk).leader == "王建国"


def test_where_two_columns_fit_none_is_chosen_beforehand(world: World) -> None:
    content = make.book([("单位", "姓名", "姓名", "手机"), ("司法局", "甲某", "乙某", "")])
    found = plan(world, "liaisons", content)
    assert found.layout.ambiguous == {"name"}
    assert "name" not in found.layout.columns
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", content)
    page = world.client("coordinator").get(answer.url).content.decode()
    assert "B 列 姓名（如：甲某）" in page
    assert '<option value="2" selected>' not in page


# Foot lines are no rows


@pytest.mark.parametrize(
    "foot",
    [
        ("填表人：", "张三", ""),
        ("合计", "2", ""),
        ("小计", "", ""),
        ("备注", "请于月底前报送", ""),
        ("注：手机须填写", "", ""),
        ("说明：一式两份", "", ""),
        ("审核人：李四", "", "填表日期：2026年7月1日"),
        ("单位负责人：", "王五", ""),
        ("单位", "姓名", "手机"),
        (None, "填表人：张三", ""),
    ],
)
def test_a_foot_line_is_no_row_and_is_named(world: World, foot: tuple[Any, ...]) -> None:
    found = plan(world, "liaisons", make.book([LIAISONS, ("城管局", "刘联络", "13800001234"), foot]))
    assert [line.row for line in found.lines] == [2]
    assert (found.questions, found.errors) == ([], [])
    assert {cell.row for cell in found.left} == {3}


def test_a_new_unit_is_always_asked_about(world: World) -> None:
    content = make.book([LIAISONS, ("火星某某", "李新来", "")])
    found = plan(world, "liaisons", content)
    assert [question.text for question in found.questions] == ["“火星某某”是哪个单位？"]
    assert {"new", "skip", str(world.units["城管局"].pk)} <= {value for value, _ in found.questions[0].options}
    assert plan(world, "liaisons", content, unit__火星某某="new").is_ready
    skipped = plan(world, "liaisons", content, unit__火星某某="skip")
    assert skipped.pending_lines == []
    assert [cell.cell_name for cell in skipped.left] == ["A2", "B2"]


# Headings and sheets that are not read are named


def test_an_unknown_heading_is_asked_about_with_a_guess(world: World) -> None:
    content = make.book([("三级指标", "所需印证的资料", "牵头单位", "颜色"), (POINT, "新的要求", "城管局", "红")])
    found = plan(world, "indicators", content)
    assert [(question.key, question.options[0][0]) for question in found.questions] == [
        ("column:所需印证的资料", "proof")
    ]
    assert [(cell.cell_name, cell.text) for cell in found.left if cell.column == 4] == [("D2", "红")]
    taken = plan(world, "indicators", content, column__所需印证的资料="proof")
    assert changes(taken)[0][2] == "新的要求"
    left = plan(world, "indicators", content, column__所需印证的资料="none")
    assert (left.questions, left.pending_lines) == ([], [])
    assert {cell.cell_name for cell in left.left} == {"B2", "D2"}


def test_common_names_of_the_proof_are_known(world: World) -> None:
    found = plan(world, "indicators", make.book([("三级指标", "印证材料"), (POINT, "新的要求")]))
    assert changes(found)[0][2] == "新的要求"


def test_every_sheet_with_the_heading_is_read_and_the_others_are_named(world: World) -> None:
    tables = {
        "一": [HEAD, ("1-1-1 行政审批事项清单公布", "甲", "老街街道", "")],
        "四": [HEAD, (POINT, "乙", "城管局", "火星某某")],
        "说明": [["填表说明"], ["一式两份"]],
    }
    content = make.sheets(tables)
    found = plan(world, "indicators", content)
    assert found.sheets == ("一", "四")
    assert [(line.sheet, line.row) for line in found.lines] == [("一", 2), ("四", 2)]
    assert [(error.sheet, error.cell_name) for error in found.errors] == [("四", "D2")]
    assert [cell.sheet for cell in found.left if not cell.row] == ["说明"]
    answer = import_steps.post_workbook(world, "coordinator", "indicators", content)
    page = world.client("coordinator").get(answer.url).content.decode()
    assert "工作表“说明”：没有同样的表头" in page
    upload = ImportUpload.objects.latest("pk")
    marked = make.read(world.client("coordinator").get(import_steps.address(world, upload, "import_marked")).content)
    assert "没有“火星某某”这个单位" in marked["四"]["D2"].comment.text
    assert marked["一"]["E1"].value is None


def test_a_code_may_not_be_on_two_sheets(world: World) -> None:
    rows = [HEAD, (POINT, "乙", "城管局", "")]
    found = plan(world, "indicators", make.sheets({"一": rows, "二": rows}))
    assert [error.sentence for error in found.errors] == ["编号 4-3-3 重复，工作表“一”第 2 行已经有了。"]


def test_hidden_sheets_and_rows_are_named(world: World) -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        other = sheet.parent.create_sheet("旧表")
        other.append(HEAD)
        other.sheet_state = "hidden"

    rows = [HEAD, ("1-1-1 行政审批事项清单公布", "甲", "", ""), (POINT, "乙", "", "")]
    content = make.book(rows, change=hide)
    found = plan(world, "indicators", content)
    assert [cell.sheet for cell in found.left if not cell.row] == ["旧表"]
    assert [question.key for question in found.questions] == ["hidden"]
    assert len(plan(world, "indicators", content, hidden="read").pending_lines) == 2
    skipped = plan(world, "indicators", content, hidden="skip")
    assert [line.row for line in skipped.pending_lines] == [2]
    assert {cell.row for cell in skipped.left if cell.row} == {3}


def test_every_filled_cell_is_used_or_named(world: World) -> None:
    rows = [
        ("附件1", None, None, None, None),
        ("序号", *HEAD),
        (1, POINT, "乙", "城管局", "老街街道"),
        ("注：以上", None, None, None, None),
    ]
    found = plan(world, "indicators", make.book(rows))
    assert {cell.cell_name for cell in found.left} == {"A1", "A3", "A4"}
    assert Indicator.objects.get(system=world.campaign.system, code="4-3-3").proof != "乙"


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#FIELD!", "#REF!"])
def test_the_error_of_a_formula_is_no_text(world: World, error: str) -> None:
    assert cells(plan(world, "indicators", make.book([HEAD, (POINT, error, "", "")]))) == ["B2"]


def test_a_column_answered_twice_is_asked_about_again(world: World) -> None:
    content = make.book([("三级指标", "所需印证的资料", "印证资料的清单", "牵头单位"), (POINT, "甲", "乙", "")])
    found = plan(world, "indicators", content, column__所需印证的资料="proof", column__印证资料的清单="proof")
    assert len(found.questions) == 1
    assert not found.is_ready


def test_an_answer_that_is_no_option_is_asked_for_again(world: World) -> None:
    content = make.book([("三级指标", "所需印证的资料", "牵头单位"), (POINT, "新的要求", "")])
    found = plan(world, "indicators", content, column__所需印证的资料="prof")
    assert [question.key for question in found.questions] == ["column:所需印证的资料"]


def test_a_sheet_without_the_columns_pointed_out_on_the_first_is_named(world: World) -> None:
    tables = {
        "甲": [("单位", "人选", "手机"), ("司法局", "孙磊", "13803950007")],
        "乙": [("单位", "手机", "名单"), ("城管局", "13803950008", "周涛")],
    }
    found = plan(world, "liaisons", make.sheets(tables), heading__name="2")
    assert found.layout.sheet.name == "甲"
    assert [line.data["name"] for line in found.lines] == ["孙磊"]
    assert [cell.sheet for cell in found.left if not cell.row] == ["乙"]


def test_two_columns_with_one_unknown_heading_are_named_once_each(world: World) -> None:
    rows = [(POINT, "", "红", "甲"), ("1-1-1 行政审批事项清单公布", "", "蓝", "乙")]
    found = plan(world, "indicators", make.book([("三级指标", "牵头单位", "颜色", "颜色"), *rows]))
    assert len(unread.summary(found.left, many_sheets=False)) == 2


def test_a_person_on_two_rows_is_found_under_any_name_of_the_unit(world: World) -> None:
    rows = [("城管局", "刘联络", "13800001234"), ("源汇区城管局", "刘联络", "13900001234")]
    found = plan(world, "liaisons", make.book([LIAISONS, *rows]))
    assert [error.cell_name for error in found.errors] == ["B3"]
    assert "出现了两次" in found.errors[0].sentence


def test_an_address_that_is_none_is_an_error_at_the_cell(world: World) -> None:
    rows = [("单位", "姓名", "邮箱"), ("城管局", "刘联络", "liu@@example.cn")]
    assert cells(plan(world, "liaisons", make.book(rows))) == ["C2"]


def test_a_page_without_changes_claims_nothing_about_cells_that_were_left(world: World) -> None:
    content = make.book([("三级指标", "颜色", "牵头单位"), (POINT, "红", "城管局")])
    page = world.client("coordinator").get(import_steps.post_workbook(world, "coordinator", "indicators", content).url)
    assert "没有用到的内容以外，表格与现有内容一致" in page.content.decode()


# What is left is named with its column and text; nothing of a row is dropped


def test_what_was_left_is_named_with_column_and_text(world: World) -> None:
    rows = [
        ("三级指标", "牵头单位", "完成时限"),
        (POINT, "", "长期坚持"),
        ("1-1-1 行政审批事项清单公布", "", "每季度"),
        ("填表人：张三", "", ""),
    ]
    found = plan(world, "indicators", make.book(rows))
    assert unread.summary(found.left, many_sheets=False) == [
        "C 列“完成时限”第 2 行“长期坚持”、第 3 行“每季度”：不是一个日期，完成时限不改动。",
        "第 4 行“填表人：张三”：表尾（填表人、审核人等），不导入。",
    ]


def test_lists_that_are_cut_on_the_page_say_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creation.imports.views.imports.MAX_LINES", 2)
    points = [(f"9-9-{number} 新的", "火星", "长期坚持") for number in range(5)]
    content = make.book([("三级指标", "牵头单位", "完成时限"), *points, *[(None, None, None, "甲")] * 4])
    page = world.client("coordinator").get(import_steps.post_workbook(world, "coordinator", "indicators", content).url)
    said, upload = page.content.decode(), ImportUpload.objects.latest("pk")
    rest = len(import_uploads.plan_of(upload, world.actor("coordinator")).errors) - 2
    assert f"另有 {rest} 处错误没有列出，标出错误的原表里全都有" in said
    marked = world.client("coordinator").get(import_steps.address(world, upload, "import_marked"))
    sheet = make.read(marked.content).active
    assert [row for row in range(2, 7) if sheet.cell(row, 2).comment] == [2, 3, 4, 5, 6]
    assert sheet.cell(7, 4).comment.text.startswith("这一行没有要导入的内容")


def test_a_row_that_is_skipped_is_listed_as_a_whole(world: World) -> None:
    content = make.book([LIAISONS, ("火星某某", "孙磊", "13800001111")])
    found = plan(world, "liaisons", content, unit__火星某某="skip")
    assert [cell.cell_name for cell in found.left] == ["A2", "B2", "C2"]
    second = make.book([LIAISONS, ("司法局", "孙磊、周涛", "")])
    pk = world.units["司法局"].pk
    found = plan(world, "liaisons", second, **{f"second__{pk}__周涛": "none"})
    assert [(cell.cell_name, cell.reason) for cell in found.left] == [("B2", "按您的答复没有导入周涛")]


def test_posts_and_addresses_of_two_people_are_divided(world: World) -> None:
    rows = [("单位", "姓名", "职务", "邮箱"), ("司法局", "孙磊、周涛", "股长、科员", "a@example.cn；b@example.cn")]
    answers = {f"second__{world.units['司法局'].pk}__周涛": "clerk"}
    lines = {
        line.data["name"]: line.data["facts"] for line in plan(world, "liaisons", make.book(rows), **answers).lines
    }
    assert (lines["孙磊"]["post"], lines["孙磊"]["email"]) == ("股长", "a@example.cn")
    assert (lines["周涛"]["post"], lines["周涛"]["email"]) == ("科员", "b@example.cn")


@pytest.mark.parametrize("cell", ["孙磊 法制股股长", "孙磊（法制股股长）", "孙磊\n法制股股长"])
def test_a_post_in_the_column_of_the_name_is_no_part_of_it(world: World, cell: str) -> None:
    [line] = plan(world, "liaisons", make.book([LIAISONS, ("司法局", cell, "")])).lines
    assert (line.data["name"], line.data["facts"]["post"]) == ("孙磊", "法制股股长")
    assert cells(plan(world, "liaisons", make.book([LIAISONS, ("司法局", "孙磊股长", "")]))) == ["B2"]


def test_the_post_of_a_leader_is_no_part_of_the_name(world: World) -> None:
    content = make.book([("单位", "联络员", "分管领导"), ("司法局", "孙磊", "王建国 副局长")])
    found = plan(world, "liaisons", content)
    assert found.lines[0].data["leader"] == "王建国"
    assert [(cell.cell_name, cell.text) for cell in found.left] == [("C2", "王建国 副局长")]


def test_a_post_beside_a_name_that_the_column_of_posts_contradicts_is_named(world: World) -> None:
    rows = [("单位", "姓名", "职务"), ("司法局", "股长 孙磊", "科员"), ("政府办", "股长 周涛", "股长")]
    found = plan(world, "liaisons", make.book(rows))
    assert [line.data["facts"]["post"] for line in found.lines] == ["科员", "股长"]
    assert [(cell.cell_name, cell.reason) for cell in found.left] == [("B2", "职务按“职务”一栏，没有导入“股长”")]


def test_an_unknown_unit_without_anybody_is_named(world: World) -> None:
    rows = [
        ("单位", "姓名", "分管领导"),
        ("火星某某", None, None),
        ("司法局", None, None),
        ("金星某某", None, "王建国"),
    ]
    found = plan(world, "liaisons", make.book(rows))
    assert [(cell.cell_name, cell.text) for cell in found.left] == [("A2", "火星某某")]
    assert [question.text for question in found.questions] == ["“金星某某”是哪个单位？"]


def test_a_due_day_of_a_checkpoint_without_tasks_is_named(world: World) -> None:
    rows = [
        ("三级指标", "牵头单位", "完成时限"),
        ("1-1-2 新的要点", "司法局", "三季度末"),
        (POINT, "城管局", "三季度末"),
    ]
    found = plan(world, "indicators", make.book(rows))
    assert [(cell.cell_name, cell.text) for cell in found.left] == [("C2", "三季度末")]
    assert "下发后再导入一次" in found.left[0].reason
