"""问题清单: one row or several for a finding, units in one cell or below each other; what cannot be read is said at its cell."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation.imports import import_uploads, offline_workbooks
from creation.imports.import_plan import ImportPlan, LineState
from creation.imports.registry import KINDS
from creation.models import Finding, FindingSource, Notice, RectificationPlan, Task, UnitAlias
from creation.supervision import findings
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = (
    *("序号", "问题来源", "问题", "问题表述", "对应要点", "程度", "共性/个性"),
    *("责任单位", "整改措施", "责任领导", "责任人", "完成时限"),
)
DUE, LATER = date(2026, 8, 20), date(2026, 9, 10)


@pytest.fixture(autouse=True)
def source(world: World) -> FindingSource:
    return FindingSource.objects.create(district=world.district, name="集中督导", order=1)


def row(
    number: Any = 1, title: Any = "案卷没有评查记录", units: Any = "城管局", due: Any = DUE, **more: Any
) -> tuple[Any, ...]:
    given = {"source": "集中督导", "text": "", "point": "", "severity": "", "common": "", "plan": ("", "", "")} | more
    wording = (number, given["source"], title, given["text"], given["point"], given["severity"], given["common"])
    return (*wording, units, *given["plan"], due)


def book(*rows: tuple[Any, ...], merges: Iterable[str] = ()) -> bytes:
    return make.book([HEAD, *rows], merges=merges)


def plan(world: World, *rows: tuple[Any, ...], merges: Iterable[str] = (), **answers: str) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "inspector", "findings", book(*rows, merges=merges), **answers)


def apply(world: World, *rows: tuple[Any, ...], merges: Iterable[str] = ()) -> str:
    return import_steps.apply_workbook(world, "inspector", "findings", book(*rows, merges=merges))


def due_days() -> dict[str, dict[str, date | None]]:
    found: dict[str, dict[str, date | None]] = {}
    for task in Task.objects.active().rectifications().for_table():
        found.setdefault(task.title, {})[task.unit.short_name] = task.due_on
    return found


def test_units_in_one_cell_have_one_due_day(world: World) -> None:
    by = {"created_by": world.people["coordinator"], "created_at": NOW}
    UnitAlias.objects.create(district=world.district, name="执法局", unit=world.units["城管局"], **by)
    wording = {"point": "4-3-3 每年组织案卷评查", "severity": "较重", "common": "共性"}
    given = row(units="执法局、源汇区老街街道", plan=("逐卷补齐", "方分管", "刘联络"), **wording)
    assert apply(world, given) == "登记 1 个问题、下发 2 项整改"
    made = Finding.objects.get()
    assert (made.code, made.severity, made.is_common, made.indicator) == (
        "W001",
        "serious",
        True,
        world.indicators["4-3-3"],
    )
    assert due_days() == {made.title: {"城管局": DUE, "老街街道": DUE}}
    assert set(RectificationPlan.objects.values_list("measures", "leader", "person")) == {
        ("逐卷补齐", "方分管", "刘联络")
    }
    assert Notice.objects.filter(person=world.people["liaison"], text__contains="W001").exists()


@pytest.mark.parametrize(
    ("second", "merges"),
    [
        (row(units="老街街道", due=LATER), ()),
        (row(title="", source="", units="老街街道", due=LATER), ()),
        (row("", "", "老街街道", LATER, source=""), ()),
        (row("", "", "老街街道", LATER, source=""), ("A2:A3", "B2:B3", "C2:C3")),
    ],
    ids=["repeated", "number only", "blank above", "merged"],
)
def test_rows_below_each_other_are_one_finding_with_due_days_of_their_own(
    world: World, second: tuple[Any, ...], merges: tuple[str, ...]
) -> None:
    assert apply(world, row(), second, merges=merges) == "登记 1 个问题、下发 2 项整改"
    assert due_days() == {"案卷没有评查记录": {"城管局": DUE, "老街街道": LATER}}


def test_another_number_is_another_finding(world: World) -> None:
    assert apply(world, row(), row(2, "公示超过七日")) == "登记 2 个问题、下发 2 项整改"


def test_a_long_text_gives_its_first_sentence_as_the_finding(world: World) -> None:
    text = "执法案卷没有评查记录。" + "抽查 12 件，其中 9 件没有评查表。" * 8
    made = make.book([("问题来源", "存在的问题", "责任单位", "整改时限"), ("集中督导", text, "城管局", "9月底前")])
    import_steps.apply_workbook(world, "inspector", "findings", made)
    found = Finding.objects.get()
    assert (found.title, found.text) == ("执法案卷没有评查记录", text)
    assert due_days() == {found.title: {"城管局": date(2026, 9, 30)}}


def test_the_same_table_again_and_the_export_change_nothing(world: World) -> None:
    rows = row(units="城管局、老街街道", plan=("逐卷补齐", "", "")), row(2, "公示超过七日", due="长期坚持")
    apply(world, *rows)
    assert {line.state for line in plan(world, *rows).lines} == {LineState.UNCHANGED}
    exported = offline_workbooks.workbook(KINDS["findings"], world.campaign, world.actor("inspector"))
    found = import_steps.plan_of_workbook(world, "inspector", "findings", exported)
    assert [line.state for line in found.lines] == [LineState.UNCHANGED] * 3
    assert not found.questions
    assert {cell.reason for cell in found.left} == {"表头以上的标题和说明，不导入"}


def test_what_differs_is_corrected_and_empty_cells_keep_what_is_there(world: World) -> None:
    apply(world, row(text="抽查 12 件", plan=("逐卷补齐", "方分管", "")))
    head = ("问题编号", "问题", "责任单位", "责任人", "完成时限")
    changed = make.book([head, ("W001", "案卷评查记录不全", "城管局、老街街道", "刘联络", LATER)])
    refused = import_steps.plan_of_workbook(world, "inspector", "findings", changed)
    assert [error.cell_name for error in refused.errors] == ["E2", "D2"]
    assert "由综合协调组调整时限" in refused.errors[0].sentence
    assert "由单位自己修改" in refused.errors[1].sentence
    found = import_steps.plan_of_workbook(world, "coordinator", "findings", changed)
    assert [(change.heading, change.before, change.after) for change in found.lines[0].changes] == [
        ("问题", "案卷没有评查记录", "案卷评查记录不全"),
        ("城管局 完成时限", "2026-08-20", "2026-09-10"),
        ("城管局 责任人", "", "刘联络"),
        ("整改单位", "", "老街街道，2026-09-10 前"),
        ("老街街道 责任人", "", "刘联络"),
    ]
    said = import_steps.apply_workbook(world, "coordinator", "findings", changed)
    assert said == "修改 1 个问题、下发 1 项整改"
    made = Finding.objects.get()
    assert (made.title, made.text) == ("案卷评查记录不全", "抽查 12 件")
    assert due_days()[made.title] == {"城管局": LATER, "老街街道": LATER}
    own = RectificationPlan.objects.get(task__unit=world.units["城管局"])
    assert (own.measures, own.leader, own.person) == ("逐卷补齐", "方分管", "刘联络")


def test_each_fault_is_named_at_its_cell(world: World) -> None:
    faults: list[tuple[dict[str, Any], str, str]] = [
        ({"units": "城管局、水利局"}, "H2", "“水利局”不是本区的单位"),
        ({"units": ""}, "H3", "没有填写"),
        ({"title": ""}, "C4", "没有填写"),
        ({"due": date(2026, 7, 1)}, "L5", "已经过去"),
        ({"due": "下个月"}, "L6", "不是日期"),
        ({"point": "9-9-9"}, "E7", "没有要点“9-9-9”"),
        ({"severity": "很重"}, "F8", "可填：一般、较重、严重"),
        ({"common": "多数"}, "G9", "可填：共性、个性"),
        ({"plan": ("措" * 4001, "", "")}, "I10", "最多 4000 个"),
    ]
    rows = (row(number, **{"title": f"问题{number}"} | given) for number, (given, _, _) in enumerate(faults))
    found = plan(world, *rows)
    assert [error.cell_name for error in found.errors] == [place for _, place, _ in faults]
    for error, (_, _, sentence) in zip(found.errors, faults, strict=True):
        assert sentence in error.sentence
    assert not found.is_ready


def test_rows_that_contradict_each_other_are_named(world: World) -> None:
    apply(world, row(7, "公示超过七日"))
    found = plan(
        world,
        *(row(1), row(1, "另一个问题", "老街街道")),
        *(row(2, "甲"), row(2, "甲", due=LATER)),
        *(row(3, "公示超过七日"), row(4, "公示超过七日", "老街街道")),
    )
    said = [(error.cell_name, error.sentence) for error in found.errors]
    assert [place for place, _ in said] == ["C3", "H5", "C7"]
    assert "和第 2 行是同一个问题" in said[0][1]
    assert "“城管局”在第 4 行已经写过" in said[1][1]
    assert "和第 6 行是同一个问题（W001）" in said[2][1]


def test_a_row_with_a_fault_keeps_its_whole_finding_out(world: World) -> None:
    found = plan(world, row(), row(units="水利局"), row(2, "公示超过七日"), errors="skip")
    assert [line.state for line in found.lines] == [LineState.INVALID, LineState.INVALID, LineState.CREATED]


def test_an_unknown_source_is_asked_about_and_may_be_added(world: World) -> None:
    given = row(source="省法治督察")
    (question,) = plan(world, given).questions
    assert [label for _, label in question.options] == ["集中督导", "增加问题来源“省法治督察”"]
    upload = import_steps.receive(world, "inspector", "findings", book(given))
    import_uploads.save_answers(upload, {question.key: "new"})
    upload.refresh_from_db()
    seen = import_uploads.plan_of(upload, world.actor("inspector"))
    assert seen.is_ready
    import_steps.confirm(world, "inspector", upload, seen.digest)
    assert Finding.objects.get().source.name == "省法治督察"
    assert plan(world, row(2, "别的问题", source="省法治督察")).is_ready


def test_a_table_without_a_source_asks_once(world: World) -> None:
    head = ("序号", "问题", "责任单位")
    bare = make.book([head, (1, "甲问题", "城管局"), (2, "乙问题", "老街街道")])
    found = import_steps.plan_of_workbook(world, "inspector", "findings", bare)
    assert len(found.questions) == 1
    key = str(FindingSource.objects.get().pk)
    assert import_steps.plan_of_workbook(world, "inspector", "findings", bare, source__=key).is_ready


def test_a_closed_rectification_is_left_alone(world: World) -> None:
    apply(world, row(plan=("逐卷补齐", "", "")))
    Task.objects.rectifications().update(status="approved", first_submitted_at=NOW)
    sentences = [error.sentence for error in plan(world, row(due=LATER, plan=("改了", "", ""))).errors]
    assert sentences == ["城管局已销号，时限不能再改，请改回 2026-08-20。", "城管局已销号，整改方案不能再改动。"]
    assert {line.state for line in plan(world, row(plan=("逐卷补齐", "", ""))).lines} == {LineState.UNCHANGED}


def test_a_unit_whose_rectification_ended_does_not_get_it_again(world: World) -> None:
    apply(world, row(units="城管局、老街街道"))
    Task.objects.filter(finding__isnull=False, unit=world.units["城管局"]).update(dropped_on=NOW.date(), ended="已终止")
    (error,) = plan(world, row(units="城管局、老街街道")).errors
    assert (error.cell_name, "已经终止" in error.sentence) == ("H2", True)
    assert {line.state for line in plan(world, row(units="老街街道")).lines} == {LineState.UNCHANGED}


def test_the_page_of_findings_leads_to_it_for_those_who_record(world: World) -> None:
    address, page = (
        reverse("import_new", args=[world.campaign.pk, "findings"]),
        reverse("findings", args=[world.campaign.pk]),
    )
    assert address in world.client("inspector").get(page).content.decode()
    assert address not in world.client("liaison").get(page).content.decode()
    assert findings.LABELS["title"] in world.client("inspector").get(address).content.decode()


def test_a_mark_of_secrecy_in_a_cell_is_said_at_the_cell(world: World) -> None:
    marked = plan(world, row(text="见附件。\n机密★1年"))
    assert [(error.cell_name, error.sentence) for error in marked.errors] == [
        ("D2", "带有密级标志（机密），涉密内容不能写进本系统，确不涉密的请删去标志。")
    ]
    assert not plan(world, row(text="机密文件登记不全，内部监督不到位。")).errors
