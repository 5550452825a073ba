"""附件1 also imports targets and due days; unchanged values change nothing."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creation.imports import targets
from creation.imports.import_plan import ImportPlan, LineState
from creation.imports.refusals import InvalidCell
from creation.models import Measure, Notice, Task, TaskEvent
from reports import annexes
from tests.papers.test_assessment import approve
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("三级指标（要点）", "指标值", "牵头单位", "责任单位", "时限")


def book(target: Any = "", due: Any = "", point: str = "4-3-3 每年组织案卷评查", units: str = "老街街道") -> bytes:
    return make.book([HEAD, (point, target, "城管局" if point.startswith("4") else "老街街道", units, due)])


def plan(world: World, *given: Any, **more: Any) -> ImportPlan:
    return import_steps.plan_of_workbook(world, "coordinator", "indicators", book(*given, **more))


def changes(found: ImportPlan) -> list[tuple[str, str, str]]:
    return [(change.heading, change.before, change.after) for line in found.lines for change in line.changes]


def sentences(found: ImportPlan) -> str:
    return "".join(error.sentence for error in found.errors)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("≥ 95%", [("", "ratio", "ge", "95", "", "")]),
        ("１００％", [("", "ratio", "eq", "100", "", "")]),
        ("95.5%以上", [("", "ratio", "ge", "95.5", "", "")]),
        ("合法性审核率= 100%", [("合法性审核率", "ratio", "eq", "100", "", "")]),
        ("每年不少于 40 学时", [("每年", "count", "ge", "40", "学时", "")]),
        ("不超过3件", [("", "count", "le", "3", "件", "")]),
        ("报告公开03-31 前", [("报告公开", "date", "le", None, "", "03-31")]),
        ("3月31日之前", [("", "date", "le", None, "", "03-31")]),
        (
            "满意度≥ 95%；整改率= 100%",
            [("满意度", "ratio", "ge", "95", "", ""), ("整改率", "ratio", "eq", "100", "", "")],
        ),
        (
            "覆盖率100%、公开率95%以上",
            [("覆盖率", "ratio", "eq", "100", "", ""), ("公开率", "ratio", "ge", "95", "", "")],
        ),
        ("提高到95%以上", [("", "ratio", "ge", "95", "", "")]),
        ("1,200件", [("", "count", "ge", "1200", "件", "")]),
        ("无", []),
        ("", []),
    ],
)
def test_a_target_is_read_as_papers_write_it(text: str, read: list[Any]) -> None:
    found = [(t.name, t.kind, t.comparator, t.figure, t.unit, t.month_day) for t in targets.parse(text)]
    assert found == [(n, k, c, f and Decimal(f), u, d) for n, k, c, f, u, d in read]


@pytest.mark.parametrize(
    "text",
    [
        "全覆盖",
        "120%",
        "2月30日前",
        "=A1",
        "95.123%",
        "= 98%以上",
        "95%-100%",
        "2—3次",
        "比上年提高5个百分点",
        "同比下降10%",
        "每月1次",
    ],
)
def test_what_cannot_be_measured_is_said(text: str) -> None:
    with pytest.raises(InvalidCell):
        targets.parse(text)


@pytest.mark.parametrize("text", ["", "≥ 1次", "行政执法案卷评查≥ 1次", "至少1次", "不少于 1 次"])
def test_an_unchanged_target_changes_nothing(world: World, text: str) -> None:
    assert {line.state for line in plan(world, text, date(2026, 8, 10)).lines} == {LineState.UNCHANGED}


def test_a_changed_and_a_new_target_are_written_and_come_back_unchanged(world: World, tmp_path: Path) -> None:
    assert changes(plan(world, "≥ 2次")) == [("目标值", "行政执法案卷评查≥ 1次", "行政执法案卷评查≥ 2次")]
    import_steps.apply_workbook(world, "coordinator", "indicators", book("≥ 2次"))
    assert Measure.objects.get(indicator=world.indicators["4-3-3"]).target == 2
    content = book("清单公布率 = 100%；公布03-31前", point="1-1-1 行政审批事项清单公布", units="")
    import_steps.apply_workbook(world, "coordinator", "indicators", content)
    made = Measure.objects.filter(indicator=world.indicators["1-1-1"]).order_by("pk")
    assert [(each.name, each.kind, each.target_text) for each in made] == [
        ("清单公布率", "ratio", "= 100%"),
        ("公布", "date", "03-31 前"),
    ]
    assert import_steps.plan_of_workbook(world, "coordinator", "indicators", content).pending_lines == []
    path = annexes.assignments(world.campaign, NOW).write(tmp_path / "1.xlsx")
    assert import_steps.plan_of_workbook(world, "coordinator", "indicators", path.read_bytes()).pending_lines == []


def test_a_target_that_is_not_clear_is_asked_for(world: World) -> None:
    assert "没有计量单位" in sentences(plan(world, "5", point="1-1-1 行政审批事项清单公布", units=""))
    assert "写上名称" in sentences(plan(world, "≥ 2次；100%"))


def percentage(target: float, number_format: str) -> bytes:
    def change(sheet: Any) -> None:
        sheet["B2"].number_format = number_format

    return make.book([HEAD, ("1-1-1 行政审批事项清单公布", target, "老街街道", "", "")], change=change)


@pytest.mark.parametrize("number_format", ["0%", "0.0%"])
def test_a_percentage_that_excel_keeps_as_a_fraction_is_one(world: World, number_format: str) -> None:
    def percent(target: float) -> ImportPlan:
        content = percentage(target, number_format)
        return import_steps.plan_of_workbook(world, "coordinator", "indicators", content)

    title = "行政审批事项清单公布"
    assert [after for _, _, after in changes(percent(0.95))] == [f"{title}≥ 95%"]
    import_steps.apply_workbook(world, "coordinator", "indicators", book("100%", point=f"1-1-1 {title}", units=""))
    assert changes(percent(1)) == []
    assert [after for _, _, after in changes(percent(0.955))] == [f"{title}≥ 95.5%"]


@pytest.mark.parametrize("number_format", ['0.0"%"', "0\\%"])
def test_a_sign_that_only_stands_behind_a_number_multiplies_nothing(world: World, number_format: str) -> None:
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", percentage(0.9, number_format))
    assert "没有计量单位" in sentences(found)


def test_a_fraction_without_the_format_of_a_percentage_is_asked_for(world: World) -> None:
    assert "没有计量单位" in sentences(plan(world, 0.95, point="1-1-1 行政审批事项清单公布", units=""))


def test_a_figure_without_a_sign_is_no_ratio(world: World) -> None:
    import_steps.apply_workbook(
        world, "coordinator", "indicators", book("100%", point="1-1-1 行政审批事项清单公布", units="")
    )
    assert "后面没有 %" in sentences(plan(world, "1", point="1-1-1 行政审批事项清单公布", units=""))


def test_a_target_of_each_quarter_is_one_and_no_name(world: World) -> None:
    content = book("每季度不少于2次", point="1-1-1 行政审批事项清单公布", units="")
    import_steps.apply_workbook(world, "coordinator", "indicators", content)
    made = Measure.objects.get(indicator=world.indicators["1-1-1"])
    assert (made.name, made.period, made.target) == ("行政审批事项清单公布", "quarter", 2)
    assert changes(import_steps.plan_of_workbook(world, "coordinator", "indicators", content)) == []


def test_a_month_as_a_number_may_be_another_and_is_asked_for(world: World) -> None:
    assert "1 月还是 10 月" in sentences(plan(world, "", 2026.1))


def test_a_due_day_moves_the_lead_and_the_assists_that_followed_it(world: World) -> None:
    content = book("", "2026年8月14日")
    assert changes(import_steps.plan_of_workbook(world, "coordinator", "indicators", content)) == [
        ("完成时限", "2026-08-10", "2026-08-14")
    ]
    import_steps.apply_workbook(world, "coordinator", "indicators", content)
    days = dict(Task.objects.filter(campaign=world.campaign).values_list("pk", "due_on"))
    assert days[world.tasks["lead"].pk] == date(2026, 8, 14)
    assert days[world.tasks["assist"].pk] == date(2026, 8, 11), "three workdays before"
    assert days[world.tasks["other"].pk] == date(2026, 8, 10)
    assert "按导入的任务分解表调整" in TaskEvent.objects.filter(task=world.tasks["lead"].pk).latest("pk").note
    assert Notice.objects.filter(person=world.people["liaison"]).exists()
    assert import_steps.plan_of_workbook(world, "coordinator", "indicators", content).pending_lines == []


def test_an_assist_with_a_day_of_its_own_keeps_it(world: World) -> None:
    Task.objects.filter(pk=world.tasks["assist"].pk).update(due_on=date(2026, 8, 20))
    import_steps.apply_workbook(world, "coordinator", "indicators", book("", date(2026, 8, 14)))
    assert Task.objects.get(pk=world.tasks["assist"].pk).due_on == date(2026, 8, 20)


def test_a_due_day_that_cannot_be_is_said_and_nothing_changes(world: World) -> None:
    assert "已经过去" in sentences(plan(world, "", "2026-07-01"))
    assert "这一天" in sentences(plan(world, "", "2026年6月31日"))
    approve(world)
    found = plan(world, "", "2026-08-20")
    assert (found.errors, found.pending_lines) == ([], [])
    assert [cell.reason for cell in found.left if cell.text == "2026-08-20"] == [
        "牵头单位的任务已通过审核，完成时限不再改动"
    ]
    assert plan(world, "", "待定").errors == []


def test_before_the_distribution_days_wait_and_the_page_says_so(world: World) -> None:
    Task.objects.filter(campaign=world.campaign).delete()
    found = plan(world, "", "2026-08-20")
    assert (found.errors, found.pending_lines) == ([], [])
    assert all("下发后再导入一次" in cell.reason for cell in found.left if cell.heading == "完成时限")
    assert [cell.text for cell in found.left if cell.heading == "完成时限"] == ["2026-08-20"]
