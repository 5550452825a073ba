"""The forms in which districts write their tables are read as a person reads them."""

import io
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from creation.imports import import_uploads
from creation.imports.import_plan import ImportPlan, LineState
from creation.imports.unit_names import UnitNames
from creation.models import Draft, ImportUpload, Indicator, Task, User
from creation.rules import phones, spoken_days
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

POINT = "4-3-3 每年组织案卷评查"
LIAISONS = ("单位", "姓名", "职务", "办公电话", "手机")


def plan(world: World, kind: str, rows: list[Any], merges: tuple[str, ...] = (), **answers: str) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "coordinator", kind, make.book(rows, merges=merges), **answers)


def changes(found: ImportPlan) -> list[tuple[str, str, str]]:
    return [(change.heading, change.before, change.after) for line in found.lines for change in line.changes]


# Codes and levels


@pytest.mark.parametrize(
    "code", ["4.3.3", "4．3．3", "4—3—3", "4－3－3", "４－３－３", "4‐3‑3", "4-3-\u200b3", "4 - 3 - 3"]
)
def test_a_code_is_read_however_it_is_written(world: World, code: str) -> None:
    for rows in ([("三级指标", "牵头单位"), (f"{code} 每年组织案卷评查", "城管局")],
                 [("编号", "三级指标", "牵头单位"), (code, "每年组织案卷评查", "城管局")]):  # fmt: skip
        found = plan(world, "indicators", rows)
        assert [(line.data["code"], line.state) for line in found.lines] == [("4-3-3", LineState.UNCHANGED)]


def test_marks_of_levels_are_no_part_of_titles(world: World) -> None:
    rows = [
        ("一级指标", "二级指标", "三级指标", "牵头单位"),
        ("四、行政执法严格规范公正文明", "（三）落实行政执法责任制", POINT, "城管局"),
        ("一、依法全面履行政府职能", "1.深化行政审批制度改革", "1.行政审批事项清单公布", "老街街道"),
    ]
    found = plan(world, "indicators", rows)
    assert (found.errors, found.questions, found.pending_lines) == ([], [], [])
    assert [line.data["code"] for line in found.lines] == ["4-3-3", "1-1-1"]


NATIONAL = [
    ("一级指标", "二级指标", "三级指标", None),
    ("一、甲方面", "1.甲项目", 1, "甲要点"),
    (None, None, 2, "乙要点"),
    (None, "2.乙项目", 3, "丙要点"),
    ("二、乙方面", "3.丙项目", 4, "丁要点"),
]
MERGES = ("C1:D1", "A2:A4", "B2:B3")


def test_a_table_without_codes_is_numbered_by_position_when_asked(world: World) -> None:
    found = plan(world, "indicators", NATIONAL, MERGES)
    assert [question.key for question in found.questions] == ["numbering"]
    assert found.pending_lines == []
    numbered = plan(world, "indicators", NATIONAL, MERGES, numbering="position")
    assert [line.data["code"] for line in numbered.lines] == ["1-1-1", "1-1-2", "1-2-1", "2-1-1"]
    kept = plan(world, "indicators", NATIONAL, MERGES, numbering="title")
    assert (kept.questions, kept.errors, kept.pending_lines) == ([], [], [])
    assert {cell.cell_name for cell in kept.left} >= {"D2", "D3", "D4", "D5"}


def test_an_edition_without_codes_is_numbered_by_position(world: World) -> None:
    found = plan(world, "editions", NATIONAL, MERGES)
    assert [line.data["code"] for line in found.lines if line.row] == ["1-1-1", "1-1-2", "1-2-1", "2-1-1"]
    assert any("按位置编号" in note for note in found.notes)


def test_section_lines_and_repeated_headings_are_no_rows(world: World) -> None:
    rows = [
        ("序号", "三级指标", "牵头单位"),
        ("一、依法全面履行政府职能", None, None),
        (1, "1-1-1 行政审批事项清单公布", "老街街道"),
        ("序号", "三级指标", "牵头单位"),
        (None, "四、行政执法严格规范公正文明", None),
        (2, POINT, "城管局"),
        ("合计", "2 项", None),
    ]
    found = plan(world, "indicators", rows, ("A2:C2", "B5:C5"))
    assert [line.row for line in found.lines] == [3, 6]
    assert (found.errors, found.pending_lines) == ([], [])
    assert {cell.row for cell in found.left if cell.column != 1} == {4, 5, 7}


def plan_of_old_workbook(world: World, folder: Path, content: bytes, name: str = "表.xls") -> ImportPlan:
    """Return the plan for the workbook as LibreOffice saves it for Excel 97."""
    (folder / "new.xlsx").write_bytes(content)
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "xls"]
    subprocess.run([*command, "--outdir", folder, folder / "new.xlsx"], check=True, capture_output=True, timeout=180)
    old = (folder / "new.xls").read_bytes()
    return import_uploads.plan_of(
        import_steps.receive(world, "coordinator", "indicators", old, name), world.actor("coordinator")
    )


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("name", ["表.xls", "表.et"])
def test_an_old_workbook_is_read(world: World, tmp_path: Path, name: str) -> None:
    rows = [("三级指标", "印证资料要求", "牵头单位"), (POINT, "新的要求", "城管局"), ("1-1-1", None, "老街街道")]
    found = plan_of_old_workbook(world, tmp_path, make.book(rows, merges=["B2:B3"]), name)
    assert [change[2] for change in changes(found)] == ["新的要求", "新的要求"]


@pytest.mark.needs_libreoffice
def test_an_old_workbook_loses_no_error_formula_or_hidden_row(world: World, tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[4].hidden = True

    rows = [
        ("三级指标", "印证资料要求", "牵头单位", "责任单位"),
        (POINT, '="新的"&"要求"', "城管局", "=1/0"),
        ("1-1-1", "#REF!", "老街街道", None),
        ("1-1-1", "甲", "老街街道", None),
    ]
    found = plan_of_old_workbook(world, tmp_path, make.book(rows, change=hide))
    assert [error.cell_name for error in found.errors][:2] == ["D2", "B3"]
    assert any("B2" in note and "是公式" in note for note in found.notes)
    assert [question.key for question in found.questions] == ["hidden"]
    upload = ImportUpload.objects.latest("pk")
    assert (
        "下载标出错误的原表"
        not in world.client("coordinator").get(import_steps.address(world, upload)).content.decode()
    )


@pytest.mark.needs_libreoffice
def test_an_old_workbook_keeps_its_percentages(world: World, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for cell in (sheet["C2"], sheet["C3"]):
            cell.number_format = "0.0%"

    rows = [("三级指标", "牵头单位", "目标值"), ("1-1-1", "老街街道", 0.95), ("4-3-3", "城管局", 0.125)]
    found = plan_of_old_workbook(world, tmp_path, make.book(rows, change=change))
    assert [after for heading, _, after in changes(found) if heading == "目标值"] == [
        "行政审批事项清单公布≥ 95%",
        "行政执法案卷评查≥ 12.5%",
    ]


# Days and targets

DAYS = [
    ("2026年12月底前", date(2026, 12, 31)),
    ("12月底前", date(2026, 12, 31)),
    ("2月末", date(2026, 2, 28)),
    ("年底前完成", date(2026, 12, 31)),
    ("2027年底", date(2027, 12, 31)),
    ("6月30日前", date(2026, 6, 30)),
    ("上半年", date(2026, 6, 30)),
    ("下半年", date(2026, 12, 31)),
    ("三季度末", date(2026, 9, 30)),
    ("第四季度", date(2026, 12, 31)),
    ("9月上旬", date(2026, 9, 10)),
    ("2026.11.25前", date(2026, 11, 25)),
    ("20260630", date(2026, 6, 30)),
    ("202606", date(2026, 6, 30)),
    ("2026-06", date(2026, 6, 30)),
    ("2026.6", date(2026, 6, 30)),
    ("2026年6月", date(2026, 6, 30)),
    ("46203", date(2026, 6, 30)),
    ("2026/6/30 18:00", date(2026, 6, 30)),
    ("2026年6月30日24时前", date(2026, 6, 30)),
    ("2026年6月30日上午", date(2026, 6, 30)),
    ("6月30日前全面完成", date(2026, 6, 30)),
    ("3月至6月", date(2026, 6, 30)),
    ("1-6月", date(2026, 6, 30)),
    ("2026年3月1日—6月30日", date(2026, 6, 30)),
    ("10月8日-12日", date(2026, 10, 12)),
    ("二〇二六年六月底", date(2026, 6, 30)),
    ("十二月三十一日", date(2026, 12, 31)),
    ("9月至3月", None),
    ("20261340", None),
    ("12345", None),
    ("下周", None),
    ("尽快", None),
]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_a_spoken_day_is_the_last_day_of_it(text: str, day: date | None) -> None:
    assert spoken_days.last_day(text, 2026) == day


@pytest.mark.parametrize("text", ["长期坚持", "持续推进", "每季度", "每年12月底前", "按要求", "常态化开展", "及时"])
def test_what_names_no_day_leaves_the_day_and_is_said(world: World, text: str) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "完成时限"), (POINT, "城管局", text)])
    assert (found.errors, found.pending_lines) == ([], [])
    assert [(cell.cell_name, cell.text) for cell in found.left] == [("C2", text)]


def test_a_spoken_day_moves_the_task(world: World) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "完成时限"), (POINT, "城管局", "三季度末")])
    assert changes(found) == [("完成时限", "2026-08-10", "2026-09-30")]
    wrong = plan(world, "indicators", [("三级指标", "牵头单位", "完成时限"), (POINT, "城管局", "6月31日前")])
    assert ["这一天" in error.sentence for error in wrong.errors] == [True]


@pytest.mark.parametrize("text", ["全覆盖", "应公开尽公开", "零发生", "行政执法案卷评查≥ 1次；全覆盖"])
def test_a_target_without_a_figure_blocks_nothing_and_is_said(world: World, text: str) -> None:
    found = plan(world, "indicators", [("三级指标", "目标值", "牵头单位"), (POINT, text, "城管局")])
    assert (found.errors, found.pending_lines) == ([], [])
    assert [cell.cell_name for cell in found.left] == ["B2"]


# Units


@pytest.mark.parametrize("cell", ["各乡镇（街道）", "各乡镇、街道", "各镇街", "各乡镇办", "全区各乡镇街道"])
def test_a_word_for_all_townships_becomes_a_list_that_is_shown(world: World, cell: str) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert (found.errors, found.questions, found.pending_lines) == ([], [], [])
    assert any("按 1 个单位：老街街道" in note for note in found.notes)


@pytest.mark.parametrize("cell", ["区直各单位", "各执法部门", "各成员单位", "区直有关部门", "各相关单位"])
def test_an_uncertain_word_for_units_is_asked_about_once(world: World, cell: str) -> None:
    rows = [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell), ("1-1-1", "老街街道", cell)]
    found = plan(world, "indicators", rows)
    assert [question.key for question in found.questions] == [f"group:{cell}"]
    answered = plan(world, "indicators", rows, **{f"group__{cell}": "departments"})
    assert answered.is_ready
    assert "司法局" in changes(answered)[0][2]
    none = plan(world, "indicators", rows, **{f"group__{cell}": "nobody"})
    assert (none.questions, none.pending_lines) == ([], [])


@pytest.mark.parametrize(
    "cell",
    ["老街街道办事处", "源汇区老街街道", "配合单位：老街街道", "老街街道（配合）", "老街街道。", "老街\u200b街道"],
)
def test_a_unit_is_known_by_its_usual_names(world: World, cell: str) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", cell)])
    assert (found.errors, found.questions, found.pending_lines) == ([], [], [])


def test_units_with_blanks_between_them_are_several(world: World) -> None:
    found = plan(world, "indicators", [("三级指标", "牵头单位", "责任单位"), (POINT, "城管局", "老街街道 司法局")])
    assert changes(found) == [("责任单位", "老街街道", "司法局、老街街道")]


# People

NUMBERS = [
    ("138 0395 0004", ["13803950004"]),
    ("138-0395-0006", ["13803950006"]),
    ("１３８０３９５０００９", ["13803950009"]),
    ("13803950010（微信同号）", ["13803950010"]),
    ("13803950007\n13803950008", ["13803950007", "13803950008"]),
    ("+86 13803950007", ["13803950007"]),
    ("手机：13803950007", ["13803950007"]),
    ("0395－3123460", ["0395-3123460"]),
    ("3123458/3123459", ["3123458", "3123459"]),
    ("无", []),
    ("138****0007", ["138****0007"]),
    ("13803950007 13803950008", ["13803950007", "13803950008"]),
    ("1380395000713803950008", ["13803950007", "13803950008"]),
    ("3123458 3123459", ["3123458", "3123459"]),
    ("0395 3123458", ["0395 3123458"]),
    ("办：3123458 手机：13803950007", ["3123458", "13803950007"]),
]


@pytest.mark.parametrize(("text", "numbers"), NUMBERS)
def test_telephone_numbers_are_read_as_people_write_them(text: str, numbers: list[str]) -> None:
    assert phones.split_numbers(text) == numbers


def test_a_mobile_is_one_in_whichever_column(world: World) -> None:
    found = plan(world, "liaisons", [("单位", "姓名", "联系电话"), ("司法局", "孙新人", "13803950004"), ])  # fmt: skip
    assert changes(found) == [("姓名", "", "孙新人"), ("手机", "", "13803950004")]
    found = plan(world, "liaisons", [("单位", "姓名", "手机"), ("司法局", "孙新人", "0395-3123456")])
    assert changes(found) == [("姓名", "", "孙新人"), ("办公电话", "", "0395-3123456")]


@pytest.mark.parametrize("text", ["孙晓明 法制股股长", "孙晓明（法制股股长）", "孙晓明\n法制股股长"])
def test_name_and_post_in_one_cell_are_split(world: World, text: str) -> None:
    rows = [("责任单位", "联络员姓名及职务", "联系电话"), ("司法局", text, "13803950002")]
    found = plan(world, "liaisons", rows)
    assert changes(found) == [("姓名", "", "孙晓明"), ("职务", "", "法制股股长"), ("手机", "", "13803950002")]


@pytest.mark.parametrize(
    "names", ["孙磊（主）\n周涛", "孙磊、周涛", "孙磊 周涛", "A岗：孙磊\nB岗：周涛", "孙磊（A岗）/周涛（B岗）"]
)
def test_of_two_people_in_a_cell_the_second_is_asked_about(world: World, names: str) -> None:
    rows = [LIAISONS, ("司法局", names, "科长", "", "13803950007\n13803950008")]
    key = f"second:{world.units['司法局'].pk}:周涛"
    found = plan(world, "liaisons", rows)
    assert [question.key for question in found.questions] == [key]
    content = make.book(rows)
    taken = import_steps.plan_of_workbook(
        world, "coordinator", "liaisons", content, **{key.replace(":", "__", 1): "clerk"}
    )
    assert taken.is_ready
    assert sorted(line.data["facts"]["mobile"] for line in taken.lines) == ["13803950007", "13803950008"]
    upload = import_steps.receive(world, "coordinator", "liaisons", content)
    upload.answers = {key: "clerk"}
    upload.save()
    import_uploads.apply(upload, taken.digest, world.actor("coordinator"))
    people = User.objects.filter(unit=world.units["司法局"], name__in=["孙磊", "周涛"]).order_by("name")
    assert [(each.name, each.memberships.get().role) for each in people] == [("周涛", "clerk"), ("孙磊", "liaison")]
    again = import_steps.plan_of_workbook(
        world, "coordinator", "liaisons", content, **{key.replace(":", "__", 1): "clerk"}
    )
    assert again.pending_lines == []


def test_names_in_a_list_are_not_joined(world: World) -> None:
    found = plan(world, "liaisons", [LIAISONS, ("司法局", "孙磊、周", "", "", "")])
    assert ["“周”不像姓名" in error.sentence for error in found.errors] == [True]


@pytest.mark.parametrize("name", ["欧阳　明德", "买买提·艾力", "张 伟", "秦\n壬戌"])
def test_one_name_with_a_blank_is_one_person(world: World, name: str) -> None:
    found = plan(world, "liaisons", [LIAISONS, ("司法局", name, "", "", "")])
    assert [line.data["name"] for line in found.lines] == ["".join(name.split())]


# Out again


def test_a_control_character_in_one_text_fails_no_workbook(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="open")
    Draft.objects.create(
        task=world.tasks["lead"],
        person=world.people["liaison"],
        content={"results": "第一段\x0b第二段\x01"},
        saved_at=NOW,
    )
    answer = world.client("liaison").get(reverse("import_blank", args=[world.campaign.pk, "answers"]))
    assert answer.status_code == 200
    texts = [cell.value for row in make.read(answer.content).active.iter_rows() for cell in row]
    assert "第一段\n第二段" in texts


def test_a_control_character_in_a_cell_is_read_as_a_line_break_and_said(world: World) -> None:
    rows = [("三级指标", "印证资料要求"), (POINT, "甲_x000B_乙")]
    found = plan(world, "indicators", rows)
    assert changes(found)[0][2] == "甲\n乙"
    assert [cell.cell_name for cell in found.left] == ["B2"]


# Which column is which


def test_the_page_shows_the_first_rows_under_each_heading(world: World) -> None:
    rows = [("单位", "人员甲", "手机"), ("司法局", "孙磊", "13803950007"), ("政府办", "周涛", "13803950008")]
    answer = import_steps.post_workbook(world, "coordinator", "liaisons", make.book(rows))
    found = world.client("coordinator").get(answer.url)
    assert found.context["plan"].layout.preview()[1] == ("B", "人员甲", ["孙磊", "周涛"])
    assert "<div>13803950008</div>" in found.content.decode()


# A form of one unit

FORM = [
    ("联络员信息表", None, None, None),
    ("单位名称", "司法局", "填报时间", "7月"),
    ("分管领导", "姓名", "王建国", None),
    ("联络员", "姓名", "孙　磊", None),
    (None, "职务", "法制股股长", None),
    (None, "手机号码", "138 0395 0007", None),
    ("注：请于周五前报送", None, None, None),
]


def test_a_form_of_one_unit_is_read(world: World) -> None:
    found = plan(world, "liaisons", FORM, merges=["A1:D1", "A4:A6", "C4:D4"])
    [line] = found.lines
    assert (found.errors, found.questions) == ([], [])
    assert (line.data["unit"], line.data["name"], line.data["leader"]) == (world.units["司法局"], "孙磊", "王建国")
    assert line.data["facts"] == {"post": "法制股股长", "mobile": "13803950007"}
    assert {cell.cell_name for cell in found.left} == {"A1", "C2", "D2", "A3", "A4", "A7"}


def test_a_form_with_pairs_beside_each_other_is_read(world: World) -> None:
    rows = [
        ("单位", "司法局", "联络员", "孙磊"),
        ("职务", "股长", "手机", "1380395"),
        ("分管领导", "王建国", None, None),
    ]
    found = plan(world, "liaisons", rows)
    assert [(line.data["name"], line.data["leader"]) for line in found.lines] == [("孙磊", "王建国")]
    assert [error.cell_name for error in found.errors] == ["D2"]


def test_forms_of_several_units_are_read_from_several_sheets(world: World) -> None:
    content = make.sheets(
        {
            unit: [("单位", unit), ("姓名", name), ("手机", "13803950007")]
            for unit, name in (("司法局", "孙磊"), ("政府办", "周涛"))
        }
    )
    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", content)
    assert [(str(line.data["unit"]), line.data["name"]) for line in found.lines] == [
        ("司法局", "孙磊"),
        ("政府办", "周涛"),
    ]


# Who leads, who is second, and what cannot be seen


@pytest.mark.parametrize(
    "cell", ["司法局（牵头）、老街街道", "牵头单位：司法局\n责任单位：老街街道", "老街街道、司法局(牵头单位)"]
)
def test_a_responsible_unit_that_is_marked_as_lead_leads(world: World, cell: str) -> None:
    found = plan(world, "indicators", [("三级指标", "责任单位"), (POINT, cell)])
    assert found.questions == []
    assert changes(found) == [("牵头单位", "城管局", "司法局")]


def test_whether_the_first_responsible_unit_leads_is_asked_once(world: World) -> None:
    rows = [("三级指标", "责任单位"), (POINT, "司法局、老街街道"), ("1-1-1 行政审批事项清单公布", "政府办")]
    assert [question.key for question in plan(world, "indicators", rows).questions] == ["leads"]
    first = plan(world, "indicators", rows, leads="first")
    assert changes(first)[0] == ("牵头单位", "城管局", "司法局")
    kept = plan(world, "indicators", rows, leads="keep")
    assert changes(kept)[0] == ("责任单位", "老街街道", "司法局、老街街道")
    same = [("三级指标", "责任单位"), (POINT, "城管局、老街街道")]
    assert (plan(world, "indicators", same).questions, changes(plan(world, "indicators", same))) == ([], [])


@pytest.mark.parametrize(
    ("rows", "merges"),
    [
        ([("单位", "姓名", "手机"), ("司法局", "孙磊", ""), (None, "周涛", "13803950002")], ("A2:A3",)),
        ([("单位", "A岗", "B岗"), ("司法局", "孙磊", "周涛")], ()),
    ],
)
def test_a_second_person_of_a_unit_is_asked_about(world: World, rows: list[Any], merges: tuple[str, ...]) -> None:
    key = f"second:{world.units['司法局'].pk}:周涛"
    assert [question.key for question in plan(world, "liaisons", rows, merges).questions] == [key]
    found = plan(world, "liaisons", rows, merges, **{key.replace(":", "__"): "clerk"})
    assert {line.data["name"]: str(line.data.get("role", "liaison")) for line in found.lines} == {
        "孙磊": "liaison",
        "周涛": "clerk",
    }


def test_a_heading_of_three_rows_is_read_by_its_blocks(world: World) -> None:
    rows = [
        ("单位", "分管领导", None, "联络员", None),
        (None, "基本信息", "联系方式", "基本信息", "联系方式"),
        (None, "姓名", "手机", "姓名", "手机"),
        ("司法局", "王建国", "13803950001", "孙磊", "13803950002"),
    ]
    [line] = plan(world, "liaisons", rows, ("A1:A3", "B1:C1", "D1:E1")).lines
    assert (line.data["name"], line.data["facts"]["mobile"], line.data["leader"]) == ("孙磊", "13803950002", "王建国")


def test_invisible_characters_are_no_change_and_are_named(world: World) -> None:
    proof = Indicator.objects.get(system=world.campaign.system, code="4-3-3").proof
    found = plan(world, "indicators", [("三级指标", "印证资料"), (f"{POINT}\u200b", f"{proof[:2]}\ufeff{proof[2:]}")])
    assert changes(found) == []
    assert [(cell.cell_name, cell.reason) for cell in found.left] == [("B2", "含有看不见的字符，已按换行读入或去掉")]


def test_a_target_that_cannot_be_read_blocks_nothing(world: World) -> None:
    rows = [("三级指标", "印证资料", "目标值"), (POINT, "新的要求", "≥95%，整改率100%")]
    found = plan(world, "indicators", rows)
    assert (found.errors, changes(found)[0][2]) == ([], "新的要求")
    assert [cell.cell_name for cell in found.left] == ["C2"]


def test_a_hidden_column_is_read_and_said(world: World) -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["B"].hidden = True

    content = make.book([("三级指标", "印证资料"), (POINT, "新的要求")], change=hide)
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", content)
    assert changes(found)[0][2] == "新的要求"
    assert [note for note in found.notes if "B 列“印证资料”在表中是隐藏的" in note]


def test_hidden_columns_of_every_sheet_are_said(world: World) -> None:
    rows = [("三级指标", "印证资料"), (POINT, "新的要求")]
    other = [("三级指标", "印证资料"), ("1-1-1 行政审批事项清单公布", "另外的要求")]
    book = load_workbook(io.BytesIO(make.sheets({"甲": rows, "乙": other})))
    book["乙"].column_dimensions["B"].hidden = True
    out = io.BytesIO()
    book.save(out)
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", out.getvalue())
    assert [note for note in found.notes if "工作表“乙”B 列“印证资料”在表中是隐藏的" in note]


def test_a_form_names_the_rows_of_the_file_and_no_hidden_column_that_it_does_not_use(world: World) -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["C"].hidden = True
        sheet.row_dimensions[3].hidden = True

    rows = [("单位", "司法局"), ("姓名", "孙磊"), ("手机", "13803950007")]
    found = import_steps.plan_of_workbook(world, "coordinator", "liaisons", make.book(rows, change=hide))
    assert not [note for note in found.notes if "隐藏" in note]
    [question] = [each for each in found.questions if each.key == "hidden"]
    assert "第 3 行" in question.text


def test_the_cell_of_a_person_who_is_not_imported_is_the_one_that_names_the_person(world: World) -> None:
    key = f"second__{world.units['司法局'].pk}:周涛"
    rows = [("单位", "A岗", "B岗"), ("司法局", "孙磊", "周涛")]
    found = plan(world, "liaisons", rows, **{key.replace(":", "__"): "none"})
    assert [cell.cell_name for cell in found.left if "周涛" in cell.reason] == ["C2"]


def test_an_edition_is_not_told_to_clear_a_text(world: World) -> None:
    rows = [("三级指标", "印证资料"), (POINT, "清空")]
    [error] = plan(world, "editions", rows).errors
    assert (error.cell_name, "换版时不能清空" in error.sentence) == ("B2", True)


@pytest.mark.parametrize(
    "cell", ["老街街道 司法局（牵头）", "牵头单位：司法局 老街街道", "司法局（牵头） 老街街道（配合）"]
)
def test_a_mark_of_the_lead_belongs_to_one_of_the_units_between_blanks(world: World, cell: str) -> None:
    names = UnitNames(world.units.values(), world.district.name, {})
    assert names.marked_as_lead(cell) == ["司法局"]
    assert set(names.split(cell)) == {"司法局", "老街街道"}


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("姓名及职务", "股长 刘晓明"),
        ("姓名及职务", "法制股股长　刘晓明"),
        ("姓名", "股长 刘晓明"),
        ("姓名", "副局长：刘晓明"),
    ],
)
def test_a_post_before_the_name_is_a_post(world: World, heading: str, text: str) -> None:
    [line] = plan(world, "liaisons", [("单位", heading), ("司法局", text)]).lines
    assert (line.data["name"], line.data["facts"]["post"]) == ("刘晓明", re.split(r"[\s：]", text)[0])


def test_a_post_before_the_name_of_a_leader_is_left(world: World) -> None:
    found = plan(world, "liaisons", [("单位", "姓名", "分管领导"), ("司法局", "孙磊", "副局长 王强")])
    assert [line.data["leader"] for line in found.lines] == ["王强"]
