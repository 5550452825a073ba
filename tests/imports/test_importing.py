"""What a workbook may contain: each kind of invalid file has a message of its own, and nothing of it is stored."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from creation.imports import headings, import_uploads, values
from creation.imports.import_plan import LineState
from creation.imports.refusals import InvalidCell
from creation.imports.worksheet import Value
from creation.models import AuditEntry, ImportUpload, Unit, User
from tests.support import evidence_files, import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

GOOD = make.liaisons()
EXTERNAL = (
    b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook/></externalLink>'
)
DOCTYPE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FAR = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
BAD: list[tuple[str, str, bytes, str]] = [
    ("a broken old workbook", "表.xls", evidence_files.xls(), "没有找到“附件3"),
    ("an old workbook under a new name", "表.xlsx", evidence_files.xls(), "没有找到“附件3"),
    ("a table of a web page", "表.xlsx", b"<html><table><tr><td>x</td></tr></table></html>", "网页"),
    ("comma separated values", "表.xlsx", "单位,姓名\n城管局,刘联络\n".encode(), "纯文本"),
    ("a spreadsheet of LibreOffice", "表.ods", b"a,b", "另存为 .xlsx"),
    ("a text document", "表.docx", evidence_files.docx(), "文件里没有表格"),
    ("a picture", "表.png", evidence_files.png(), "不是表格"),
    ("an old text document", "表.doc", b"x", "另存为 .docx"),
    ("no web page", "表.html", b"x", "不是网页"),
    ("a text document under a new name", "表.xlsx", evidence_files.docx(), "docx 文档"),
    ("a password", "表.xlsx", evidence_files.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "密码"),
    ("nothing", "表.xlsx", b"", "空文件"),
    ("half a file", "表.xlsx", GOOD[:-200], "不完整"),
    ("macros", "表.xlsx", make.with_parts(GOOD, {"xl/vbaProject.bin": b"x"}), "宏"),
    ("macros by name", "表.xlsm", GOOD, "另存为 .xlsx"),
    ("no workbook in it", "表.xlsx", make.with_parts(GOOD, {"xl/workbook.xml": None}), "缺少正文"),
    ("no sheet in it", "表.xlsx", make.with_parts(GOOD, {make.SHEET: None}), "缺少工作表“Sheet”"),
    ("a broken sheet", "表.xlsx", make.with_parts(GOOD, {make.SHEET: b"<worksheet>"}), "读不出来"),
    ("a declaration", "表.xlsx", make.with_parts(GOOD, {make.SHEET: lambda xml: DOCTYPE + xml}), "DOCTYPE"),
    ("a cell at the end of the world", "表.xlsx", make.in_sheet(GOOD, b"</sheetData>", FAR), "XFD1048576"),
    ("too many columns", "表.xlsx", make.book([["单位", "姓名", *["x"] * 300]]), "IW1"),
    ("too many rows", "表.xlsx", make.book([["单位", "姓名"], *[["城管局", "x"]] * 5050]), "5000 行"),
    ("a bomb", "表.xlsx", make.with_parts(GOOD, {"xl/media/a.bmp": bytes(11 << 20)}), "压缩比"),
    ("no heading that we know", "表.xlsx", make.book([["甲", "乙"], ["丙", "丁"]]), "没有找到“附件3"),
]


@pytest.mark.parametrize(("name", "content", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_no_workbook_of_ours_has_its_own_answer(world: World, name: str, content: bytes, said: str) -> None:
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", content, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ImportUpload.objects.exists()


def test_every_answer_is_another() -> None:
    assert len({case[3] for case in BAD}) >= len(BAD) - 3  # three of them ask for another format with the same words


def test_links_and_columns_beyond_the_sixtieth_are_left_and_said(world: World) -> None:
    wide = make.book([[*["单位", "姓名"], *["x"] * 60], ["城管局", "刘联络", *["y"] * 60]])
    linked = make.with_parts(make.liaisons(), {"xl/externalLinks/e1.xml": EXTERNAL})
    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", wide)
    assert [line.title for line in found.lines] == ["城管局 刘联络"]
    assert "工作表“Sheet”只读前 60 列，后面的列没有读取。" in found.notes
    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", linked)
    assert len(found.lines) == 2
    assert "工作簿里有指向其他文件的链接，没有去读那些文件。" in found.notes


def test_the_stored_value_of_a_formula_is_read_and_said(world: World) -> None:
    content = make.in_sheet(
        make.liaisons([("城管局", "刘联络", "=1+1", "", "")]), b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"
    )
    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content)
    assert [(change.heading, change.after) for change in found.lines[0].changes] == [("职务", "2")]
    assert any("C2是公式" in note for note in found.notes)


def test_a_false_dimension_is_not_believed(world: World) -> None:
    rows = [("城管局", "刘联络", "", "", ""), *[("老街街道", "马联络", "", "", "")]]
    content = make.in_sheet(make.liaisons(rows), b'<dimension ref="A1:E3"/>', b'<dimension ref="A1:A1"/>')
    assert len(import_steps.plan_of_workbook(world, "coordinator", "liaisons", content).lines) == 2


def test_the_heading_is_found_further_down_in_any_order_under_other_names(world: World) -> None:
    rows = [
        ["附件3"],
        ["创建工作联络员信息表"],
        ["手机号码", "联络员\n姓名", "序号", "责任单位（盖章）", "座机"],
        ["13800001234", "刘联络", 1, "源汇区城管局", "0395-2"],
        ["", "", "", "", ""],
        ["注：请于 6 月 30 日前报创建办。", None, None, None, None],
    ]
    plan = import_steps.plan_of_workbook(
        world, "coordinator", "liaisons", make.book(rows, merges=["A1:E1", "A2:E2", "A6:E6"])
    )
    assert (plan.layout.row, plan.layout.columns) == (3, {"unit": 4, "name": 2, "office_phone": 5, "mobile": 1})
    assert [(line.row, line.state) for line in plan.lines] == [(4, LineState.CHANGED)]


def test_merged_units_are_understood_and_merged_names_are_not(world: World) -> None:
    rows = [("城管局", "刘联络", "科长", "", ""), ("", "", "", "", "")]
    content = make.liaisons([("城管局", "刘联络", "科长", "", ""), ("", "钱某", "", "", "")], merges=["A2:A3"])
    plan = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content)
    assert [line.title for line in plan.lines] == ["城管局 刘联络", "城管局 钱某"]
    content = make.liaisons([*rows[:1], ("老街街道", None, "", "", "1")], merges=["B2:B3"])
    errors = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content).errors
    assert [(error.cell_name, error.heading) for error in errors][:1] == [("B3", "姓名")]
    assert "合并" in errors[0].sentence


def test_a_formula_is_named_by_its_cell(world: World) -> None:
    content = make.liaisons([("城管局", "刘联络", "=1+1", "", "")])
    errors = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content).errors
    assert [(error.cell_name, error.heading) for error in errors] == [("C2", "职务")]
    assert "选择性粘贴" in errors[0].sentence


def test_where_a_column_is_in_doubt_a_person_points_it_out(world: World) -> None:
    content = make.book([["单位", "责任人", "手机"], ["城管局", "刘联络", "13800009999"]])
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", content)
    upload, client = ImportUpload.objects.get(), world.client("coordinator")
    page = client.get(answer.url).content.decode()
    assert "请指出各列" in page
    assert "B 列 责任人" in page
    twice = client.post(answer.url, {"unit": "1", "name": "1", "post": "0", "office_phone": "0", "mobile": "3"})
    assert "这一列被选了两次" in twice.content.decode()
    neither = client.post(answer.url, {"unit": "1", "name": "0", "name_and_post": "0", "mobile": "3"})
    assert "“姓名”和“姓名及职务”至少要指出一列" in neither.content.decode()
    client.post(answer.url, {"unit": "1", "name": "2", "post": "0", "office_phone": "0", "mobile": "3"})
    plan = import_uploads.plan_of(ImportUpload.objects.get(pk=upload.pk), world.actor("coordinator"))
    assert [change.after for change in plan.lines[0].changes] == ["13800009999"]


def test_two_columns_of_one_name_are_asked_about(world: World) -> None:
    content = make.book([["单位", "姓名", "手机", "手机"], ["城管局", "刘联络", "1", "2"]])
    assert import_steps.plan_of_workbook(world, "coordinator", "liaisons", content).layout.ambiguous == {"mobile"}


# Values


@pytest.mark.parametrize(
    "given", ["2025年6月30日", "2025.6.30", "2025-06-30", "2025/6/30", " 2025年06月30日 ", date(2025, 6, 30)]
)
def test_a_date_is_read_as_people_write_it(given: Value) -> None:
    assert values.day(given) == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2025年6月31日", "没有“2025年6月31日”这一天"),
        ("6月30日", "不是日期"),
        (Decimal(45838), "不是日期"),
        ("待定", "不是日期"),
    ],
)
def test_what_is_no_date_is_said_so(given: Value, said: str) -> None:
    with pytest.raises(InvalidCell, match=said):
        values.day(given)


@pytest.mark.parametrize(
    ("given", "code"), [("4-3-3", "4-3-3"), ("1.10", "1.10"), (Decimal(4), "4"), ("４－３－３", "4-3-3")]
)
def test_a_code_is_text(given: Value, code: str) -> None:
    assert values.code(given) == code


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Decimal("1.1"), "分不清 1.1 和 1.10"),
        (date(2004, 3, 3), "变成了日期"),
        ("四之三", "不是编号"),
        ("#REF!", "公式出错"),
    ],
)
def test_a_code_that_excel_has_changed_is_no_code(given: Value, said: str) -> None:
    with pytest.raises(InvalidCell, match=said):
        values.code(given)


def test_numbers_and_texts_have_their_limits() -> None:
    assert values.number("1,790.5") == Decimal("1790.5")
    assert values.number(Decimal("0.1")) == Decimal("0.1")
    for given in ("约 30", "-1", "1.234", Decimal(10) ** 13, True, date(2025, 1, 1), "NaN"):
        with pytest.raises(InvalidCell):
            values.number(given)
    assert values.text("a\r\nb ", 10) == "a\nb"
    assert values.text(Decimal(13800001234), 20) == "13800001234"
    assert values.text("a\x0bb", 10) == values.text("a_x000B_b", 10) == "a\nb"
    assert values.text("a\x01b", 10) == "ab"
    for given in ("x" * 11, "#N/A"):
        with pytest.raises(InvalidCell):
            values.text(given, 10)


def test_real_dates_and_numbers_come_through_as_they_are(world: World) -> None:
    content = make.book(
        [
            ["单位", "姓名", "手机"],
            [
                "城管局",
                datetime(2025, 6, 30),  # noqa: DTZ001
                13800001234,
            ],
        ]
    )
    sheet = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content).layout.sheet
    assert sheet.rows[1] == ["城管局", date(2025, 6, 30), Decimal(13800001234)]


def test_headings_are_compared_without_what_is_around_them() -> None:
    assert headings.without_brackets("二级指标\n（项目）") == headings.without_brackets("二级指标") == "二级指标"
    assert headings.normalized("责任 单位：") == "责任单位"


# The list of liaisons, 附件3


def people(world: World) -> list[tuple[str, str, str]]:
    return list(
        User.objects.filter(unit__district=world.district)
        .order_by("pk")
        .values_list("unit__short_name", "name", "mobile")
    )


def test_the_list_of_liaisons_comes_in_as_a_whole(world: World) -> None:
    rows = [
        ("城管局", "刘联络", "法制科长", "0395-2123456", 13800001234),
        ("源汇区司法局", "孙新人", "科员", "", "13911112222"),
        ("城西物业公司", "李新来", "经理", "0395-1", ""),
    ]
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", make.liaisons(rows))
    client = world.client("coordinator")
    assert "“城西物业公司”是哪个单位" in client.get(answer.url).content.decode()
    client.post(answer.url, {"q0": "new"})
    upload = ImportUpload.objects.get()
    before = people(world)
    page = client.get(answer.url).content.decode()
    assert "新增 2" in page
    assert "修改 1" in page
    assert "将新建单位“城西物业公司”（区直部门）" in page
    assert people(world) == before
    plan = import_uploads.plan_of(upload, world.actor("coordinator"))
    done = import_steps.confirm(world, "coordinator", upload, plan.digest, follow=True)
    assert "新增 2 人、修改 1 人" in done.content.decode()
    assert ("司法局", "孙新人", "13911112222") in people(world)
    liaison = User.objects.get(username="liaison")
    assert (liaison.post, liaison.office_phone) == ("法制科长", "0395-2123456")
    assert Unit.objects.get(short_name="城西物业公司").people.get().memberships.get().role == "liaison"
    assert "新增 2 人" in AuditEntry.objects.get(act="import.apply").detail
    assert ImportUpload.objects.get().content == b""
    again = import_steps.confirm(world, "coordinator", upload, plan.digest, follow=True)
    assert "已导入“表.xlsx”：新增 2 人、修改 1 人" in again.content.decode()
    same = import_steps.plan_of_workbook(world, "coordinator", "liaisons", make.liaisons(rows))
    assert [line.state for line in same.lines] == [LineState.UNCHANGED] * 3, "the same file again changes nothing"
    assert not same.is_ready


def test_one_error_keeps_all_of_it_out_and_is_marked_in_the_workbook(world: World) -> None:
    rows = [("司法局", "孙新人", "", "", "1391111"), ("城管局", "刘联络", "科长", "打电话", "13800001234")]
    import_steps.post_workbook(world, "coordinator", "liaisons", make.liaisons(rows))
    upload, client = ImportUpload.objects.get(), world.client("coordinator")
    plan = import_uploads.plan_of(upload, world.actor("coordinator"))
    assert [(error.cell_name, error.heading) for error in plan.errors] == [("E2", "手机"), ("D3", "办公电话")]
    page = client.get(import_steps.address(world, upload)).content.decode()
    assert "不是手机号" in page
    assert "确认导入" not in page
    before = people(world)
    assert import_steps.confirm(world, "coordinator", upload, plan.digest).status_code == 409
    assert people(world) == before
    assert ImportUpload.objects.get().applied_at is None
    sheet = make.read(client.get(import_steps.address(world, upload, "import_marked")).content).active
    assert sheet["E2"].fill.start_color.rgb == "00FFC7CE"
    assert "不是手机号" in sheet["E2"].comment.text
    assert (sheet["F1"].value, "不是电话号码" in sheet["F3"].value, sheet["A2"].value) == ("导入检查", True, "司法局")


def test_a_unit_that_is_not_certain_is_asked_for(world: World) -> None:
    content = make.liaisons(
        [("程管局", "赵某", "", "", ""), ("sfj", "钱某", "", "", ""), ("老街社区街道", "孙某", "", "", "")]
    )
    plan = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content)
    assert [question.text for question in plan.questions] == ["“程管局”是哪个单位？", "“老街社区街道”是哪个单位？"]
    assert not plan.is_ready
    unit = world.units["城管局"]
    plan = import_steps.plan_of_workbook(
        world, "coordinator", "liaisons", content, unit__程管局=str(unit.pk), unit__老街社区街道="new"
    )
    assert plan.is_ready
    assert [line.data.get("unit") for line in plan.lines] == [unit, world.units["司法局"], None]
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", content)
    world.client("coordinator").post(answer.url, {"q0": str(unit.pk), "q1": ""})
    page = world.client("coordinator").get(answer.url).content.decode()
    assert "“程管局”" not in page.split("将要做的改动")[0]
    assert "“老街社区街道”是哪个单位" in page


def test_a_masked_number_says_nothing_new_and_two_liaisons_of_a_unit_are_refused(world: World) -> None:
    content = make.liaisons([("城管局", "刘联络", "", "", "138****1234"), ("司法局", "甲某", "", "", "139****1234")])
    plan = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content)
    assert [line.state for line in plan.lines] == [LineState.UNCHANGED, LineState.INVALID]
    twice = make.liaisons(
        [("司法局", "甲某", "", "", ""), ("司法局", "乙某", "", "", ""), ("城管局", "刘联络", "", "", "")] * 2
    )
    said = "".join(
        error.sentence for error in import_steps.plan_of_workbook(world, "coordinator", "liaisons", twice).errors
    )
    assert "有几名联络员" in said
    assert "出现了两次" in said


def test_a_plan_that_changed_since_it_was_shown_is_shown_again(world: World) -> None:
    import_steps.post_workbook(world, "coordinator", "liaisons", GOOD)
    upload = ImportUpload.objects.get()
    seen = import_uploads.plan_of(upload, world.actor("coordinator")).digest
    User.objects.filter(username="liaison").update(post="法制科长")
    answer = import_steps.confirm(world, "coordinator", upload, seen)
    assert answer.status_code == 409
    assert "刚刚有变化" in answer.content.decode()
    assert not User.objects.filter(name="孙新人").exists()


def test_a_workbook_under_way_is_its_senders_alone_and_goes_after_three_days(world: World) -> None:
    upload = import_steps.receive(world, "coordinator", "liaisons", GOOD)
    for who, code in (("coordinator", 200), ("administrator", 404), ("liaison", 404), ("reviewer", 404)):
        assert world.client(who).get(import_steps.address(world, upload)).status_code == code
    assert import_uploads.delete_expired(NOW) == 0
    assert import_uploads.delete_expired(NOW + import_uploads.RETENTION * 2) == 1


def test_two_thousand_rows_are_read(world: World) -> None:
    content = make.book(
        [["单位", "姓名", *[f"列{n}" for n in range(14)]], *[["城管局", f"人{n}", *["文字"] * 14] for n in range(2000)]]
    )
    upload = import_steps.receive(world, "coordinator", "liaisons", content)
    assert len(import_uploads.read_sheets(upload)[0].rows) == 2001
