"""8 + 6 + 5 problems with 57 rectifications of 20 units (figures of 阳泉市城区): from Excel, worked off, each sheet counted in SQL."""

import io
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from creation.models import District, Finding, FindingSource, Task, Unit
from creation.rules.percent import percent_text
from creation.supervision import findings
from creation.tasks import rectification_figures, rectification_plans, workflow
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.job_files import download_result
from tests.support.repeated_rows import RepeatedRows
from tests.support.world import NOW, World, make_world

HEAD = ("序号", "问题来源", "问题", "对应要点", "责任单位", "整改措施", "完成时限")
PROBLEMS = [("上级督察", 8), ("集中督导", 6), ("自查", 5)]
POINTS = ("4-3-3", "1-1-1", "")
SOON, LATE = date(2026, 8, 10), date(2026, 8, 31)
END = NOW + timedelta(days=20)  # 2026-08-20


def add_units(world: World) -> list[Unit]:
    for order in range(len(world.units) + 1, 21):
        name = f"第{order}局"
        Unit.objects.create(district=world.district, name=f"源汇区{name}", short_name=name, order=order)
    for name, _ in PROBLEMS:
        FindingSource.objects.create(district=world.district, name=name)
    return list(Unit.objects.filter(district=world.district).order_by("order"))


def table(units: list[Unit]) -> bytes:
    """Return 19 problems: every second one with its three units in one cell, the others with a row and a due day for each unit."""
    rows: list[tuple[Any, ...]] = []
    names = (units[number % 20].short_name for number in range(57))
    for number, source in enumerate((name for name, count in PROBLEMS for _ in range(count)), 1):
        three, problem = list(islice(names, 3)), (number, source, f"问题{number}", POINTS[number % 3])
        if number % 2:
            rows.append((*problem, "、".join(three), "建立清单", SOON))
        else:
            rows += [
                (*problem, name, f"{name}的措施", day) for name, day in zip(three, (SOON, LATE, None), strict=True)
            ]
    return make.book([HEAD, *rows])


def move(world: World, task: Task, name: str, by: str, at: datetime, **data: Any) -> None:
    now = Task.objects.for_table().get(pk=task.pk)
    workflow.perform(workflow.MOVES[name], now, world.actor(by, at), now.version, data, on_behalf=by == "coordinator")


def work_off(world: World) -> None:
    """Take each rectification another way: closed in time, closed late, reported, returned, come back, not touched."""
    early, late = NOW + timedelta(days=5), NOW + timedelta(days=15)
    for number, task in enumerate(Task.objects.rectifications().order_by("pk")):
        way = number % 6
        if way == 5:
            continue
        at = late if way == 1 else early
        move(
            world, task, "submit", "coordinator", at, mode="statement", statement="已整改", results=f"补齐 {number} 件"
        )
        if way in (0, 1, 4):
            move(world, task, "close", "inspector", at + timedelta(hours=1), how="现场", comment="")
        if way == 3:
            move(
                world,
                task,
                "return_rectification",
                "inspector",
                at,
                reason="missing",
                comment="缺附件",
                new_due_on=LATE,
            )
        if way == 4:
            move(world, task, "relapse", "inspector", late, comment="又出现", new_due_on=LATE)


def sql(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


COUNTS = """
select {key}, count(distinct t.finding_id), count(*), count(*) filter (where t.status = 'approved'),
  count(*) filter (where t.status <> 'approved'), count(*) filter (where t.status = 'submitted'),
  count(*) filter (where t.status in ('open', 'signing', 'returned', 'partial') and t.due_on < %s),
  count(*) filter (where t.status = 'long_term'),
  count(*) filter (where exists (select 1 from creation_taskevent e where e.task_id = t.id and e.move = 'relapse')),
  count(*) filter (where t.due_on <= %s), count(*) filter (where t.status = 'approved' and t.due_on <= %s and not exists (
    select 1 from creation_submission s where s.task_id = t.id and s.handed_on > s.due_on))
from creation_task t join creation_finding f on f.id = t.finding_id join creation_findingsource q on q.id = f.source_id
  join creation_unit u on u.id = t.unit_id left join creation_indicator p on p.id = f.indicator_id
  left join creation_indicator i on i.id = p.parent_id left join creation_indicator s on s.id = i.parent_id
group by {key}"""


CLOSED_DAYS = """
select s.handed_on, count(*) from creation_submission s join creation_task t on t.id = s.task_id
where t.finding_id is not null and t.status = 'approved' group by 1"""  # each was closed within the hour
CLOSED_BY = """
select count(*) from creation_task t where t.finding_id is not null and 'approved' = (
  select e.target from creation_taskevent e where e.task_id = t.id and e.created_at < %s order by e.created_at desc, e.id desc limit 1)"""


def counted(key: str, today: date) -> dict[Any, tuple[int, ...]]:
    return {row[0]: row[1:] for row in sql(COUNTS.format(key=key), today, today, today)}


def sheet_rows(content: bytes, name: str) -> list[tuple[Any, ...]]:
    """Return the numbered rows of a sheet, without their number; merged cells filled down."""
    sheet = load_workbook(io.BytesIO(content))[name]
    above: dict[tuple[int, int], Any] = {}
    for merge in sheet.merged_cells.ranges:
        for row, column in merge.cells:
            above[row, column] = sheet.cell(merge.min_row, merge.min_col).value
    return [
        tuple(above.get((row, column), sheet.cell(row, column).value) for column in range(2, sheet.max_column + 1))
        for row in range(1, sheet.max_row + 1)
        if isinstance(sheet.cell(row, 1).value, int)
    ]


def make_worked_off() -> World:
    world = make_world("源汇区")
    with time_machine.travel(NOW, tick=False):
        said = import_steps.apply_workbook(world, "coordinator", "findings", table(add_units(world)))
    assert said == "登记 19 个问题、下发 57 项整改"
    work_off(world)
    return world


_repeated = RepeatedRows(make_worked_off)


@pytest.fixture
def worked_off(db: Any, fresh_data_dir: Path) -> World:
    return _repeated()


def book(world: World, who: str = "inspector", **chosen: str) -> bytes:
    client = world.client(who)
    address = reverse("rectification_book_export", args=[world.campaign.pk])
    return download_result(client, address, chosen)[0]


def test_every_count_of_the_workbook_is_that_of_sql(worked_off: World) -> None:
    with time_machine.travel(END, tick=False):
        content = book(worked_off)
    found = sheet_rows(content, "统计")
    keys = [("1", "合计"), ("q.name", "按来源"), ("u.short_name", "按单位"), ("s.code", "按一级指标")]
    names = {"1": "1 依法全面履行政府职能", "4": "4 行政执法严格规范公正文明", None: "不对应要点", 1: None}
    for key, group in keys:
        expected = {
            names.get(name, name): (
                *row[:8],
                percent_text(row[2] / row[1]),
                percent_text(row[9] / row[8] if row[8] else None),
            )
            for name, row in counted(key, END.date()).items()
        }
        assert {row[1]: row[2:] for row in found if row[0] == group} == expected, group
    ledger = sheet_rows(content, "整改台账")
    status = dict(sql("select status, count(*) from creation_task where finding_id is not null group by status"))
    assert len(ledger) == 57
    assert Counter(row[8] for row in ledger) == {"是": status["approved"], "否": 57 - status["approved"]}
    assert Counter(row[9] for row in ledger if row[9]) == {str(day): count for day, count in sql(CLOSED_DAYS)}
    duties = sheet_rows(content, "责任清单")
    units = {name: row[1] for name, row in counted("u.name", END.date()).items()}
    assert Counter(row[0] for row in duties) == units
    problems = sheet_rows(content, "问题清单")
    assert len(problems) == 19
    assert Counter(row[1] for row in problems) == dict(PROBLEMS)
    assert sum(int(row[11].split("/")[0]) for row in problems) == status["approved"]
    assert sum(int(row[11].split("/")[1]) for row in problems) == 57


def test_what_is_not_closed_is_on_top(worked_off: World) -> None:
    with time_machine.travel(END, tick=False):
        content = book(worked_off)
    said = [row[8] for row in sheet_rows(content, "整改台账")]
    assert said == ["否"] * said.count("否") + ["是"] * said.count("是")
    whole = [row[12] for row in sheet_rows(content, "问题清单")]
    assert whole == ["否"] * whole.count("否") + ["是"] * whole.count("是")


def test_a_past_day_and_the_week_before_are_read_back(worked_off: World) -> None:
    """On 2026-08-06 everything but the late ones had happened; on 2026-07-30 nothing had been recorded."""
    with time_machine.travel(END, tick=False):
        content, week = book(worked_off, as_of="2026-08-06"), book(worked_off)
    ((closed,),) = sql(CLOSED_BY, "2026-08-06 16:00:00")
    said = Counter(row[8] for row in sheet_rows(content, "整改台账"))
    assert (said["是"], said["否"]) == (closed, 57 - closed)
    assert closed > 0
    assert Counter(row[0] for row in sheet_rows(content, "本期变化"))["新增、销号"] == closed
    since = Counter(kind for row in sheet_rows(week, "本期变化") for kind in row[0].split("、"))
    moved = dict(
        sql("select move, count(*) from creation_taskevent where created_at >= '2026-08-13 16:00:00' group by move")
    )
    assert (since["销号"], since["反弹"], since["新增"]) == (moved["close"], moved["relapse"], 0)
    lines = [str(row[0].value) for row in load_workbook(io.BytesIO(week))["整改台账"].iter_rows()]
    assert any(f"较 2026-08-13：销号 {moved['close']}，反弹 {moved['relapse']}" in line for line in lines)


def cells_of(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Return the numbered rows of each sheet."""
    names = load_workbook(io.BytesIO(content)).sheetnames
    return {name: sheet_rows(content, name) for name in names}


def test_what_changes_today_does_not_change_the_sheets_of_a_past_day(worked_off: World) -> None:
    world, day = worked_off, "2026-08-06"
    with time_machine.travel(END, tick=False):
        before = cells_of(book(world, as_of=day))
    later, sources = END + timedelta(hours=2), {row.name: row for row in FindingSource.objects.all()}
    with time_machine.travel(later, tick=False):
        first, second, third = Finding.objects.order_by("serial").select_related("campaign", "source")[:3]
        point = world.indicators["1-1-1"]
        text = replace(findings.text_of(first), source=sources["自查"], indicator=point, title="改过", text="改过")
        findings.edit_finding(first, text, world.actor("inspector", later), first.version)
        findings.withdraw_finding(second, "重复", world.actor("inspector", later))
        findings.add_units(
            third, dict.fromkeys(Unit.objects.filter(order__gt=15), LATE), world.actor("inspector", later)
        )
        for task in Task.objects.active().rectifications().for_table():
            plan = rectification_plans.plan_of(task)
            said = ("改过的措施", "改过的领导", "改过的人")
            if task.status != "approved":
                rectification_plans.set_plan(task, *said, plan.version if plan else 0, world.actor("inspector", later))
        for task in Task.objects.active().rectifications().filter(status="submitted"):
            move(world, task, "close", "inspector", later, how="书面", comment="", why_alone="只有一人")
        after, now = cells_of(book(world, as_of=day)), cells_of(book(world))
    assert after == before
    assert now["责任清单"] != before["责任清单"]
    assert {row[4] for row in now["责任清单"]} > {"改过的措施"}


CONDITIONS = {
    "source": lambda world: str(FindingSource.objects.get(name="集中督导").pk),
    "section": lambda world: "4",
    "severity": lambda world: "grave",
    "is_common": lambda world: "on",
    "q": lambda world: "重点",
    "unit": lambda world: str(world.units["城管局"].pk),
    "status": lambda world: "unclosed",
    "state": lambda world: "closed",
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_goes_by_what_was_on_the_past_day(worked_off: World, name: str) -> None:
    """What was so on that day is found, and not what became so afterwards; the ledger's sheet as well."""
    world, day, chosen = worked_off, "2026-08-06", CONDITIONS[name](worked_off)
    marked = list(Finding.objects.order_by("serial").select_related("campaign", "source"))[8:14]
    for finding in marked:
        mark(world, finding, NOW + timedelta(hours=1), severity="grave", is_common=True, title="重点问题", text="")
    alone = findings.FindingText("只有一个单位的问题", FindingSource.objects.get(name="集中督导"))
    made = findings.record_finding(world.campaign, alone, {world.units["老街街道"]: LATE}, world.actor("coordinator"))
    task, at = made.rectifications.get(), NOW + timedelta(hours=2)
    move(world, task, "submit", "rival", at, mode="statement", statement="已整改", results="补齐")
    move(world, task, "close", "inspector", at, how="现场", comment="")
    with time_machine.travel(END, tick=False):
        before = cells_of(book(world, as_of=day, **{name: chosen}))
        sheet = cells_of(ledger(world, as_of=day, section="4"))["问题整改"]
    assert len(before["整改台账"]) < 57
    assert before["整改台账"]
    other = FindingSource.objects.get(name="自查")
    for finding in Finding.objects.order_by("serial").select_related("campaign", "source"):
        grave = finding.serial > 15
        now = {"severity": "grave" if grave else "general", "is_common": grave, "source": other}
        said = {"title": "重点" if grave else "改过", "text": "", "indicator": world.indicators["1-1-1"]}
        mark(world, finding, END + timedelta(hours=1), **now, **said)
    for task in Task.objects.active().rectifications().filter(status="approved"):
        move(world, task, "relapse", "inspector", END + timedelta(hours=1), comment="又出现", new_due_on=END.date())
    with time_machine.travel(END + timedelta(hours=2), tick=False):
        assert cells_of(book(world, as_of=day, **{name: chosen})) == before
        assert cells_of(ledger(world, as_of=day, section="4"))["问题整改"] == sheet


def mark(world: World, finding: Finding, at: datetime, **said: Any) -> None:
    now = Finding.objects.select_related("campaign", "source", "indicator").get(pk=finding.pk)
    findings.edit_finding(now, replace(findings.text_of(now), **said), world.actor("coordinator", at), now.version)


def ledger(world: World, **chosen: str) -> bytes:
    address = reverse("ledger_export", args=[world.campaign.pk])
    return download_result(world.client("coordinator"), address, chosen)[0]


def test_the_state_of_a_finding_counts_its_other_units_too(worked_off: World) -> None:
    """As in the list of findings: a finding is closed when all its units have closed it."""
    unit = worked_off.units["城管局"]
    with time_machine.travel(END, tick=False):
        shown = sheet_rows(book(worked_off, unit=str(unit.pk), state="open"), "整改台账")
        client = worked_off.client("inspector")
        listed = client.get(reverse("findings", args=[worked_off.campaign.pk]), {"unit": unit.pk, "state": "open"})
    assert {row[3] for row in shown} == {"城管局"}
    assert {row[1].split()[0] for row in shown} == {row.record.code for row in listed.context["table"].rows}


def test_the_page_and_the_filter_count_the_same(worked_off: World) -> None:
    campaign = worked_off.campaign.pk
    with time_machine.travel(END, tick=False):
        page = worked_off.client("inspector").get(reverse("rectification_figures", args=[campaign]))
        source = FindingSource.objects.get(name="自查")
        part = book(worked_off, source=str(source.pk), status="unclosed")
    whole = page.context["whole"]
    (expected,) = counted("1", END.date()).values()
    shown = (whole.total, whole.closed, whole.open, whole.waiting, whole.overdue, whole.long_term, whole.relapsed)
    assert (page.context["findings"], *shown, whole.due, whole.in_time) == expected
    assert "按期销号率" in page.content.decode()
    rows = sheet_rows(part, "整改台账")
    assert {(row[0], row[8]) for row in rows} == {("自查", "否")}
    assert len(rows) == counted("q.name", END.date())["自查"][3]


def test_a_unit_gets_only_its_own(worked_off: World) -> None:
    own = worked_off.units["城管局"]
    with time_machine.travel(END, tick=False):
        content = book(worked_off, "liaison")
        other = book(worked_off, "liaison", unit=str(worked_off.units["老街街道"].pk))
        page = worked_off.client("liaison").get(reverse("rectification_figures", args=[worked_off.campaign.pk]))
    assert {row[0] for row in sheet_rows(content, "责任清单")} == {own.name}
    text = " ".join(
        str(cell.value) for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row
    )
    for unit in Unit.objects.filter(district=worked_off.district).exclude(pk=own.pk):
        assert unit.short_name not in text
        assert f">{unit.short_name}<" not in page.content.decode()
    assert {row[0] for row in sheet_rows(other, "责任清单")} <= {own.name}, (
        "a unit that is not one's own is no condition"
    )


def test_the_number_of_queries_does_not_grow(worked_off: World, django_assert_max_num_queries: Any) -> None:
    tasks = Task.objects.active().rectifications()
    with django_assert_max_num_queries(1):
        rectification_figures.break_down(tasks, END.date())
    assert District.objects.exists()
