"""Import a ledger and readings that were filled in offline: what was changed there, what changed in the system meanwhile."""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from creation.audit import audit_log
from creation.imports import import_uploads, offline_workbooks
from creation.imports.import_plan import ImportPlan, LineState
from creation.imports.readings import period_of
from creation.imports.registry import KINDS
from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Draft, FindingSource, Indicator, Measure, Reading, Task
from creation.rules.targets import Figures
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import drafts, measure_readings, workflow
from reports import annexes, ledger
from reports.scopes import ledger_request_of, scope_of
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

LATER = NOW + timedelta(hours=3)


def blank(world: World, who: str, kind: str = "answers") -> bytes:
    return offline_workbooks.workbook(KINDS[kind], world.campaign, world.actor(who))


def filled(content: bytes, changes: dict[tuple[str, str], Any], unit: str = "城管局", sheet: str = "") -> bytes:
    """Return the workbook with cells changed: (code, heading) → value."""
    book, out = load_workbook(io.BytesIO(content)), io.BytesIO()
    table = book[sheet] if sheet else book.active
    head = next(row for row in table.iter_rows() if any(cell.value == "编号" for cell in row))
    at = {str(cell.value).replace("\n", ""): cell.column for cell in head}
    unit_at = at.get("责任单位") or at["单位"]
    for (code, heading), value in changes.items():
        row = next(
            r
            for r in range(1, table.max_row + 1)
            if (table.cell(r, at["编号"]).value, table.cell(r, unit_at).value) == (code, unit)
        )
        table.cell(row, at[heading]).value = value
    book.save(out)
    return out.getvalue()


def states(plan: ImportPlan) -> dict[str, str]:
    return {line.title.split()[0]: str(line.state) for line in plan.lines}


def write(world: World, who: str, text: str, at: Any = NOW, key: str = "measures") -> Draft:
    return drafts.replace(world.task("lead"), world.actor(who, at), {"mode": "upload", key: text})


def submit_task(world: World, measures: str, at: Any = NOW) -> Task:
    task, data = world.task("lead"), {"mode": "statement", "measures": measures, "statement": "没有此项"}
    return workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison", at), task.version, data)


def test_what_comes_back_as_it_left_changes_nothing(world: World) -> None:
    world.campaign.name = "=cmd|'/c calc'!A1"
    assert load_workbook(io.BytesIO(blank(world, "liaison"))).active["A1"].data_type == "s"
    write(world, "liaison", "=SUM(A1)\n第二行")
    found = FindingText(
        title="=案卷没有评查记录", source=FindingSource.objects.create(district=world.district, name="自查")
    )
    findings.record_finding(world.campaign, found, {world.units["城管局"]: None}, world.actor("inspector"))
    for who in ("liaison", "clerk", "coordinator"):
        for kind in KINDS if who == "coordinator" else ("answers", "readings"):
            plan = import_steps.plan_of_workbook(world, who, kind, blank(world, who, kind))
            assert plan.lines, (who, kind)
            assert {line.state for line in plan.lines} == {LineState.UNCHANGED}, (who, kind)
            assert not plan.questions


def test_reports_of_several_weeks_are_told_apart_by_their_name(world: World) -> None:
    """They have one code. The table of the office, and one in which somebody has shortened the names."""
    weeks = ("2026-W30", "2026-W31")
    first = world.task("action")
    Task.objects.filter(pk=first.pk).update(period=weeks[0])
    other = Task.objects.create(
        **{
            name: getattr(first, name) for name in ("campaign", "unit", "action", "phase", "role", "due_on", "given_on")
        },
        period=weeks[1],
    )
    content = blank(world, "coordinator")
    plan = import_steps.plan_of_workbook(world, "coordinator", "answers", content)
    assert {line.state for line in plan.lines} == {LineState.UNCHANGED}

    book, out = load_workbook(io.BytesIO(content)), io.BytesIO()
    table = book.active
    head = {cell.value: cell.column for cell in table[3]}
    rows = {table.cell(row, head["名称"]).value: row for row in range(4, table.max_row + 1)}
    table.cell(rows[other.title], head["工作措施"]).value = "第二周的措施"
    book.save(out)
    import_steps.apply_workbook(world, "coordinator", "answers", out.getvalue())
    assert [(draft.task, draft.content["measures"]) for draft in Draft.objects.all()] == [(other, "第二周的措施")]

    for row in rows.values():
        table.cell(row, head["名称"]).value = first.action and first.action.title
    book.save(out := io.BytesIO())
    wrong = import_steps.plan_of_workbook(world, "coordinator", "answers", out.getvalue())
    assert "有 2 项任务，分不清是哪一项" in str([line.errors for line in wrong.lines])


def test_texts_go_into_the_own_draft_as_a_whole(world: World) -> None:
    content = filled(
        blank(world, "liaison"),
        {("4-3-3", "工作措施"): "组织两次评查", ("D-3", "情况说明"): "已备案", ("D-3", "提供方式"): "情况说明"},
    )
    answer = import_steps.post_workbook(world, "liaison", "answers", content)
    page = world.client("liaison").get(answer.url).content.decode()
    assert "组织两次评查" in page
    assert not Draft.objects.exists()
    assert import_steps.apply_workbook(world, "liaison", "answers", content).startswith("写入 2 项任务的草稿")
    drafts = {draft.task.code: draft for draft in Draft.objects.all()}
    assert drafts["4-3-3"].content["measures"] == "组织两次评查"
    assert (drafts["D-3"].content["mode"], drafts["D-3"].person) == ("statement", world.people["liaison"])
    again = import_steps.plan_of_workbook(world, "liaison", "answers", content)
    assert states(again) == {"4-3-3": "left", "D-3": "left"}, "the same file again changes nothing"


def test_what_was_written_there_stays_beside(world: World) -> None:
    write(world, "liaison", "网上写的")
    import_steps.apply_workbook(
        world, "liaison", "answers", filled(blank(world, "liaison"), {("4-3-3", "工作措施"): "表里写的"})
    )
    draft = Draft.objects.get()
    assert (draft.content["measures"], draft.content["earlier"]["measures"]) == ("表里写的", "网上写的")


def test_a_cell_changed_on_both_sides_is_asked_about_and_others_are_not(world: World) -> None:
    write(world, "liaison", "原来的措施")
    content = filled(blank(world, "liaison"), {("4-3-3", "工作措施"): "表里的措施", ("4-3-3", "亮点"): "表里的亮点"})
    drafts.replace(world.task("lead"), world.actor("liaison", LATER), {"mode": "upload", "measures": "网上新写的措施"})
    plan = import_steps.plan_of_workbook(world, "liaison", "answers", content)
    (question,) = plan.questions
    assert "“工作措施”两边都改过" in question.text
    assert [value for value, _ in question.options] == ["theirs", "mine"]
    assert not plan.is_ready
    for answer, measures in (("theirs", "网上新写的措施"), ("mine", "表里的措施")):
        plan = import_steps.plan_of_workbook(
            world, "liaison", "answers", content, **{question.key.replace(":", "__"): answer}
        )
        assert plan.is_ready
        (line,) = plan.pending_lines
        assert (line.data["content"]["measures"], line.data["content"]["highlights"]) == (measures, "表里的亮点")


def test_a_cell_nobody_touched_keeps_the_newer_answer(world: World) -> None:
    submit_task(world, "第一次的措施")
    content = blank(world, "liaison")
    task = world.task("lead")
    workflow.perform(workflow.MOVES["withdraw"], task, world.actor("liaison", LATER), task.version, {"comment": ""})
    submit_task(world, "第二次的措施", LATER)
    plan = import_steps.plan_of_workbook(world, "liaison", "answers", content)
    assert states(plan)["4-3-3"] == "left"
    assert not plan.questions


def exported(world: World, path: Path) -> bytes:
    part = scope_of(world.campaign, None, {}, NOW)
    ledger.write_ledger(ledger_request_of(world.campaign, part, None, NOW), path)
    return path.read_bytes()


def test_the_ledger_itself_may_be_filled_in(world: World, tmp_path: Path) -> None:
    slot = measure_readings.slots_of(world.task("lead"))[0]
    measure_readings.save_reading(world.task("lead"), world.actor("liaison"), slot, Figures(count=Decimal(2)), "", 0)
    submit_task(world, "已报送的措施")
    content = exported(world, tmp_path / "台账.xlsx")
    plan = import_steps.plan_of_workbook(world, "coordinator", "answers", content)
    assert plan.layout.sheet.name == "数据"
    assert {line.state for line in plan.lines} == {LineState.UNCHANGED}
    changed = filled(content, {("D-3", "工作措施"): "新写的", ("4-3-3", "完成情况"): "改不了"}, sheet="数据")
    found = {
        line.title.split()[0]: line
        for line in import_steps.plan_of_workbook(world, "liaison", "answers", changed).lines
        if line.changes
    }
    assert found["D-3"].state == LineState.CHANGED
    assert "不能再修改答复" in found["4-3-3"].errors[0].sentence


def test_the_annexes_come_back_as_they_left(world: World, tmp_path: Path) -> None:
    annexes.assignments(world.campaign, NOW).write(tmp_path / "1.xlsx")
    annexes.liaison_list(world.campaign, NOW, in_full=True).write(tmp_path / "3.xlsx")
    annexes.liaison_list(world.campaign, NOW, in_full=False).write(tmp_path / "masked.xlsx")
    for kind, name in (("indicators", "1"), ("liaisons", "3"), ("liaisons", "masked")):
        plan = import_steps.plan_of_workbook(world, "coordinator", kind, (tmp_path / f"{name}.xlsx").read_bytes())
        assert plan.lines, name
        assert {(line.state, tuple(line.changes)) for line in plan.lines} == {(LineState.UNCHANGED, ())}, name


def test_a_mode_is_known_by_its_first_word(world: World) -> None:
    spoken = filled(blank(world, "liaison"), {("4-3-3", "提供方式"): "现场"})
    plan = import_steps.plan_of_workbook(world, "liaison", "answers", spoken)
    assert not plan.errors
    assert any(line.data["content"]["mode"] == "on_site" for line in plan.pending_lines)


def test_what_is_not_ones_own_and_what_has_no_date_is_said_so(world: World) -> None:
    content = filled(blank(world, "coordinator"), {("1-1-1", "工作措施"): "x"}, unit="老街街道")
    said = [error.sentence for error in import_steps.plan_of_workbook(world, "liaison", "answers", content).errors]
    assert "“老街街道”不是您可以填报的单位。" in said
    bare = make.book([["编号", "责任单位", "工作措施"], ["4-3-3", "城管局", "x"]])
    assert "数据截至" in import_steps.post_workbook(world, "liaison", "answers", bare).content.decode()
    wrong = filled(blank(world, "liaison"), {("4-3-3", "提供方式"): "口头"})
    assert "不是提供方式" in import_steps.plan_of_workbook(world, "liaison", "answers", wrong).errors[0].sentence
    twice = blank(world, "liaison")
    book, out = load_workbook(io.BytesIO(twice)), io.BytesIO()
    book.active.append(["4-3-3", "城管局", "", "又写一遍"])
    book.save(out)
    assert "同一项任务" in import_steps.plan_of_workbook(world, "liaison", "answers", out.getvalue()).errors[0].sentence


# Readings

HEAD = ("编号", "单位", "测量项", "期间", "分子", "分母", "数量", "日期", "说明")


def readings(world: World, *rows: tuple[Any, ...], who: str = "liaison") -> ImportPlan:
    return import_steps.plan_of_workbook(world, who, "readings", make.book([HEAD, *rows]))


def reading(
    count: Any = 3,
    *,
    code: Any = "4-3-3",
    unit: str = "城管局",
    name: str = "行政执法案卷评查",
    period: Any = "2026 年",
) -> tuple[Any, ...]:
    return (code, unit, name, period, None, None, count, None, "")


def test_readings_come_in_and_are_judged(world: World) -> None:
    content = make.book([HEAD, reading(), reading(1, unit="老街街道")])
    assert "填报 2 项读数" in import_steps.apply_workbook(world, "coordinator", "readings", content)
    found = Reading.objects.get(unit=world.units["城管局"])
    assert (found.count, found.verdict.met, found.updated_by) == (Decimal(3), True, world.people["coordinator"])
    plan = import_steps.plan_of_workbook(world, "coordinator", "readings", content)
    assert {line.state for line in plan.lines} == {LineState.UNCHANGED}
    changed = readings(world, reading(4))
    assert [(change.before, change.after) for change in changed.lines[0].changes] == [("数量 3", "数量 4")]


@pytest.mark.parametrize(
    ("make_row", "place", "sentence"),
    [
        (lambda: reading("三次"), "G2", "不是数字"),
        (lambda: reading(-1), "G2", "不小于 0"),
        (lambda: reading(code=4.3), "A2", "分不清"),
        (lambda: reading(code="9-9-9"), "A2", "没有编号为 9-9-9 的任务"),
        (lambda: reading(unit="老街街道"), "B2", "不是您可以填报的单位"),
        (lambda: reading(name="别的"), "C2", "没有测量项“别的”"),
        (lambda: reading(period="第一季度"), "D2", "请写明期间：2026 年"),
        (lambda: ("4-3-3", "", "行政执法案卷评查", "", 1, 2, None, None, ""), "E2", "这一项只填数量"),
        (lambda: (*reading()[:8], "长" * 201), "I2", "最多 200 个"),
    ],
)
def test_each_fault_of_a_reading_is_named(world: World, make_row: Callable[[], Any], place: str, sentence: str) -> None:
    errors = readings(world, make_row()).errors
    assert errors[0].cell_name == place
    assert sentence in errors[0].sentence


@pytest.mark.parametrize(
    ("row", "count"),
    [
        (lambda: reading("3次"), 3),
        (lambda: reading("３"), 3),
        (lambda: reading("1.2万"), 12_000),
        (lambda: reading("1，234"), 1234),
        (lambda: reading(3, period="2026年度"), 3),
        (lambda: reading(3, period="全年"), 3),
        (lambda: reading(3, period="2026年1—12月"), 3),
        (lambda: reading(3, code="4-3-3 每年组织案卷评查"), 3),
        (lambda: reading(3, name="行政执法案卷评查（次）"), 3),
    ],
)
def test_figures_periods_and_codes_are_read_as_people_write_them(
    world: World, row: Callable[[], Any], count: int
) -> None:
    plan = readings(world, row())
    assert [change.after for line in plan.lines for change in line.changes] == [f"数量 {count}"]


@pytest.mark.parametrize(
    ("above", "heading", "count"),
    [
        ((), "数量（万次）", 30_000),
        ((), "数量（次）", 3),
        (("（单位：万次）",), "数量", 30_000),
        (("填报单位：万金镇",), "数量", 3),
    ],
)
def test_figures_in_ten_thousands_are_read_as_such(
    world: World, above: tuple[str, ...], heading: str, count: int
) -> None:
    table = [*([text] for text in above), (*HEAD[:6], heading), reading()[:7]]
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", make.book(table))
    assert plan.lines[0].changes[0].after == f"数量 {count}"


def test_figures_of_another_year_are_no_figures_of_this_one(world: World) -> None:
    last_year = make.book([(*HEAD[:6], "数量（2025年）"), reading()[:7]])
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", last_year)
    assert "表头写的是 2025 年" in plan.errors[0].sentence
    titled = make.book([("2025年度指标数据统计表",), (*HEAD[:3], "数量"), (*reading()[:3], 8)])
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", titled)
    assert "请写明期间：2026 年" in plan.errors[0].sentence
    assert "不是数字" in readings(world, reading("1,2")).errors[0].sentence


def test_a_mark_for_nothing_is_no_figure_and_is_listed(world: World) -> None:
    plan = readings(world, reading("—"))
    assert (plan.errors, plan.lines[0].changes) == ([], [])
    assert [(cell.heading, cell.text) for cell in plan.left] == [("数量", "—")]


def test_quarters_are_read_as_people_write_them() -> None:
    written = ("第一季度", "一季度", "2026年1季度", "Q1", "2026Q1", "1—3月", "1月-3月")
    assert [period_of(text, 2026) for text in written] == [*["2026Q1"] * 6, ""]
    assert [period_of(text, 2026) for text in ("1", "3", "三", "2026 3", "第3")] == [
        ""
    ] * 5  # a quarter, a month or a place in a list
    assert [period_of(text, 2026) for text in ("四季度", "10-12月份", "2025年", "上半年")] == [
        "2026Q4",
        "2026Q4",
        "2025",
        "",
    ]


@pytest.mark.parametrize("heading", ["分子/分母", "完成情况"])
def test_both_figures_may_stand_in_one_cell(world: World, heading: str) -> None:
    Measure.objects.update(kind="ratio", unit="")
    rows = [("编号", "单位", "测量项", heading), ("4-3-3", "城管局", "行政执法案卷评查", "43/61")]
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", make.book(rows))
    [line] = plan.lines
    assert (line.data["figures"].numerator, line.data["figures"].denominator) == (43, 61)
    assert (plan.questions, plan.errors) == ([], [])
    rows[1] = (*rows[1][:3], "四十三")
    plan = import_steps.plan_of_workbook(
        world, "liaison", "readings", make.book([(*rows[0][:3], "分子/分母"), rows[1]])
    )
    assert [error.sentence for error in plan.errors] == ["“四十三”不是两个数，请写成 43/61 这样。"]


def test_quarters_may_have_columns(world: World) -> None:
    Measure.objects.update(period="quarter")
    head = ("编号", "测量项", "单位", "一季度", "二季度", "三季度")
    rows = [("法治数据",), head, ("4-3-3", "行政执法案卷评查", "城管局", 1, None, 2), ("填表人：张三",)]
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", make.book(rows))
    assert [(line.data["slot"].period, line.data["figures"].count, line.row) for line in plan.lines] == [
        ("2026Q1", 1, 3),
        ("2026Q3", 2, 3),
    ]
    assert (plan.errors, plan.questions) == ([], [])
    assert {cell.text for cell in plan.left} == {"法治数据", "填表人：张三"}
    rows[2] = (*rows[2][:3], 1, "两次", 2)
    plan = import_steps.plan_of_workbook(world, "liaison", "readings", make.book(rows))
    assert [(error.cell_name, error.sentence[:4]) for error in plan.errors] == [("E3", "“两次”")]


def test_a_reading_cannot_change_what_was_handed_in(world: World) -> None:
    submit_task(world, "x")
    assert "不能再修改读数" in readings(world, reading()).errors[0].sentence


def test_somebody_elses_reading_meanwhile_keeps_all_of_it_out(world: World) -> None:
    upload = import_steps.receive(world, "liaison", "readings", make.book([HEAD, reading()]))
    seen = import_uploads.plan_of(upload, world.actor("liaison")).digest
    slot = measure_readings.slots_of(world.task("lead"))[0]
    measure_readings.save_reading(world.task("lead"), world.actor("clerk"), slot, Figures(count=Decimal(9)), "", 0)
    answer = import_steps.confirm(world, "liaison", upload, seen)
    assert answer.status_code == 409
    assert Reading.objects.get().count == Decimal(9)


def test_the_blank_is_offered_on_the_page(world: World) -> None:
    client = world.client("liaison")
    page = client.get(reverse("import_new", args=[world.campaign.pk, "answers"])).content.decode()
    address = reverse("import_blank", args=[world.campaign.pk, "answers"])
    assert address in page
    sheet = load_workbook(io.BytesIO(client.get(address).content)).active
    assert [cell.value for cell in sheet[3]][:7] == [
        "编号",
        "责任单位",
        "名称",
        "印证资料要求",
        "完成时限",
        "状态",
        "提供方式",
    ]
    assert "数据截至 2026-07-31 10:00:00" in sheet["A2"].value
    assert sheet["A4"].number_format == "@"
    assert client.get(reverse("import_new", args=[world.campaign.pk, "indicators"])).status_code == 403


def test_the_blank_of_liaisons_lists_every_unit(world: World) -> None:
    answer = world.client("coordinator").get(reverse("import_blank", args=[world.campaign.pk, "liaisons"]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    named = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=4) if row[0].value}
    assert named == {"老街街道": "马联络", "司法局": None, "城管局": "刘联络", "政府办": None}


# Many


def grow(world: World, item: str, count: int) -> None:
    """Create so many checkpoints, each with a measure and a task of 城管局."""
    named = [(f"{item}-{n}", world.indicators["4-3"]) for n in range(count)]
    points = Indicator.objects.bulk_create(
        Indicator(system=world.campaign.system, parent=parent, level=3, code=code, key=code, order=0, title="要点")
        for code, parent in named
    )
    given: dict[str, Any] = {
        "campaign": world.campaign,
        "unit": world.units["城管局"],
        "phase": world.phases["evidence"],
    }
    Task.objects.bulk_create(Task(indicator=point, **given) for point in points)
    measure = {"name": "数量", "kind": "count", "comparator": "ge", "target": 1, "unit": "次"}
    Measure.objects.bulk_create(Measure(indicator=point, **measure) for point in points)


def spent(world: World, item: str, count: int) -> dict[str, int]:
    """Return the numbers of queries for exporting the table, and for importing it with these checkpoints filled in."""
    found = {}
    for kind, heading, value in (("answers", "工作措施", "组织评查"), ("readings", "数量", 3)):
        with CaptureQueriesContext(connection) as making:
            table = blank(world, "liaison", kind)
        content = filled(table, {(f"{item}-{n}", heading): value for n in range(count)})
        upload = import_steps.receive(world, "liaison", kind, content)
        seen = import_uploads.plan_of(upload, world.actor("liaison")).digest
        importing = count_queries(import_uploads.apply, upload, seen, world.actor("liaison"))
        found |= {f"{kind} out": len(making), f"{kind} in": importing}
    return found


def test_many_rows_take_as_few_queries_as_some(world: World) -> None:
    grow(world, "9-8", 2)
    few = spent(world, "9-8", 2)
    grow(world, "9-9", 20)
    assert spent(world, "9-9", 20) == few
    assert (Draft.objects.count(), Reading.objects.count()) == (22, 22)
    assert AuditEntry.objects.filter(act="task.reading").count() == 22
    assert all(entry.mac == audit_log.entry_mac(entry) for entry in AuditEntry.objects.filter(act="task.reading"))


def test_a_task_that_takes_no_more_answers_keeps_all_of_it_out(world: World) -> None:
    """The task changes between the plan and the import, where the database allows both at once."""
    grow(world, "9-8", 2)
    tasks = list(Task.objects.for_table().filter(indicator__code__startswith="9-8").order_by("pk"))
    Task.objects.filter(pk=tasks[1].pk).update(status="approved", first_submitted_at=NOW)
    texts = {task.pk: {"mode": "upload", "measures": "组织评查"} for task in tasks}
    with pytest.raises(Refusal, match="城管局的 9-8-1：任务现为“已通过”"):
        drafts.replace_many(texts, world.actor("liaison"))
    slots = [measure_readings.slots_of(task)[0] for task in tasks]
    entries = [
        measure_readings.ReadingEntry(*pair, Figures(count=Decimal(3)), "") for pair in zip(tasks, slots, strict=True)
    ]
    with pytest.raises(Refusal, match="城管局的 9-8-1：任务现为“已通过”"):
        measure_readings.save_readings(entries, world.actor("liaison"))
    assert not Draft.objects.exists()
    assert not Reading.objects.exists()
