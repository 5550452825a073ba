"""The ledger of a past day, the changes since an earlier one, its other sheets, and the plan's annexes 1 and 3."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from creation.campaigns import campaign_actions, phase_dates
from creation.models import Action, AuditEntry, Evidence, Phase, Progress, RequestKind, ReturnReason, Task, TaskRequest
from creation.tasks import bulk_changes, unit_requests, workflow
from tests.support import job_files
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ANSWER = {"mode": "upload", "measures": "组织案卷评查两次", "results": "评查案卷 60 份", "highlights": ""}
RETURN = {"reason": ReturnReason.MISSING, "comment": "缺整改材料", "new_due_on": date(2026, 8, 20)}


@pytest.fixture
def reviewed_world(world: World) -> World:
    """31 July: submitted. 1 August: returned with a new due day. 3 August: submitted again. 4 August: approved."""
    with time_machine.travel(NOW, tick=False):
        world.cite("lead")
    move(world, "submit", "liaison", NOW, ANSWER)
    move(world, "return", "reviewer", NOW + DAY, RETURN)
    with time_machine.travel(NOW + 3 * DAY, tick=False):
        later = world.cite("lead", "整改通报")
        later.created_at = NOW + 3 * DAY
        later.save()
    move(world, "submit", "liaison", NOW + 3 * DAY, ANSWER | {"measures": "补充整改材料"})
    move(world, "approve", "reviewer", NOW + 4 * DAY, {"comment": ""})
    return world


def move(world: World, name: str, who: str, at: datetime, data: dict[str, Any]) -> None:
    task = world.task("lead")
    workflow.perform(workflow.MOVES[name], task, world.actor(who, at), task.version, data)


def book(world: World, who: str = "coordinator", at: datetime = NOW + 5 * DAY, **chosen: Any) -> Any:
    with time_machine.travel(at, tick=False):
        content, _ = job_files.download_result(world.client(who), f"/c/{world.campaign.pk}/ledger/export/", chosen)
    return load_workbook(BytesIO(content))


def data(found: Any) -> dict[str, dict[str, Any]]:
    """Return the rows of 数据: code and unit → heading → value."""
    head, *rows = found["数据"].iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    return {f"{line['编号']} {line['责任单位']}": line for line in lines}


def sheet(found: Any, name: str) -> list[dict[str, Any]]:
    rows = list(found[name].iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if row[0] == "序号")
    head = [str(each or "").replace("\n", "") for each in rows[at]]
    return [dict(zip(head, row, strict=True)) for row in rows[at + 1 :] if isinstance(row[0], int)]


@pytest.mark.parametrize(
    ("day", "status", "light", "due", "measures", "pieces", "review"),
    [
        ("2026-07-30", "待办", "正常", date(2026, 8, 10), None, 0, "未报送"),
        ("2026-07-31", "已报送", "待审核", date(2026, 8, 10), "组织案卷评查两次", 1, "待审核"),
        ("2026-08-02", "退回", "正常", date(2026, 8, 20), "组织案卷评查两次", 1, "退回：材料不全。缺整改材料"),
        ("2026-08-03", "已报送", "待审核", date(2026, 8, 20), "补充整改材料", 2, "待审核"),
        ("2026-08-04", "已通过", "已通过", date(2026, 8, 20), "补充整改材料", 2, "通过 2026-08-04"),
    ],
)
def test_a_past_day_is_read_back(
    reviewed_world: World, day: str, status: str, light: str, due: date, measures: str | None, pieces: int, review: str
) -> None:
    found = book(reviewed_world, as_of=day)
    row = data(found)["4-3-3 城管局"]
    assert (row["状态"], row["灯"], row["完成时限"].date(), row["工作措施"]) == (status, light, due, measures)
    assert (row["份数"], row["审核结果"]) == (pieces, review)
    assert f"数据截至 {day} 24:00" in str(found["汇总"]["A2"].value)


def test_every_way_to_move_a_due_day_can_be_read_back(world: World) -> None:
    """By the office and by an extension: each former due day can be found."""
    task = world.task("lead")
    bulk_changes.change_due_day(
        world.campaign, {task.pk: task.version}, date(2026, 8, 12), "培训", world.actor("coordinator", NOW + DAY)
    )
    unit_requests.submit_request(
        world.task("lead"), world.actor("liaison", NOW + DAY), RequestKind.EXTENSION, "人手", date(2026, 8, 15)
    )
    unit_requests.grant_extension(
        TaskRequest.objects.get(), world.actor("coordinator", NOW + 2 * DAY), date(2026, 8, 15), "同意"
    )
    dues = [data(book(world, as_of=f"2026-0{day}"))["4-3-3 城管局"]["完成时限"].day for day in ("7-31", "8-01", "8-02")]
    assert dues == [10, 12, 15]


def test_what_people_write_does_not_rewrite_the_past(world: World) -> None:
    """A reason, an answer or a comment that mentions a former due day is only text."""
    words = "（原时限 2026-01-01）"
    world.cite("lead")
    unit_requests.submit_request(
        world.task("lead"), world.actor("liaison", NOW + DAY), RequestKind.EXTENSION, f"人手{words}", date(2026, 8, 15)
    )
    request = TaskRequest.objects.get()
    unit_requests.grant_extension(
        request, world.actor("coordinator", NOW + 2 * DAY), date(2026, 8, 15), f"原时限 2026-01-02，同意{words}"
    )
    move(world, "submit", "liaison", NOW + 3 * DAY, ANSWER)
    move(world, "return", "reviewer", NOW + 4 * DAY, RETURN | {"comment": f"缺材料{words}", "new_due_on": None})
    move(world, "submit", "liaison", NOW + 5 * DAY, ANSWER)
    move(world, "return", "reviewer", NOW + 6 * DAY, RETURN | {"comment": f"缺材料{words}"})
    days = ("7-31", "8-01", "8-02", "8-03", "8-04", "8-05", "8-06")
    rows = [data(book(world, at=NOW + 9 * DAY, as_of=f"2026-0{day}"))["4-3-3 城管局"] for day in days]
    assert [row["完成时限"].day for row in rows] == [10, 10, 15, 15, 15, 15, 20]


def test_a_moved_phase_and_a_bulk_change_can_be_read_back(world: World) -> None:
    phase = Phase.objects.get(pk=world.phases["evidence"].pk)
    phase_dates.set_dates(phase, phase.starts, date(2026, 8, 20), phase.version, world.actor("coordinator", NOW + DAY))
    task = world.task("lead")
    bulk_changes.change_due_day(
        world.campaign, {task.pk: task.version}, date(2026, 8, 25), "培训", world.actor("coordinator", NOW + 2 * DAY)
    )
    found = [data(book(world, as_of=f"2026-0{day}")) for day in ("7-31", "8-01", "8-02")]
    assert [rows["4-3-3 城管局"]["完成时限"].day for rows in found] == [10, 20, 25]
    assert [rows["4-3-3 老街街道"]["完成时限"].day for rows in found] == [5, 17, 17]


def test_a_past_day_has_the_words_and_the_day_that_an_action_had_then(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    world.cite("action", "工作方案")
    Progress.objects.create(
        task=world.tasks["action"],
        day=NOW.date(),
        text="已起草",
        problem="人手不足",
        created_by=world.people["liaison"],
        created_at=NOW,
    )
    for days, title in ((1, "制定实施方案"), (3, "制定总方案")):
        actor = world.actor("coordinator", NOW + days * DAY)
        campaign_actions.edit_action(action, title, f"{title}，报区委。", date(2026, 8, 10 + days), actor)
    told = []
    for day in ("7-31", "8-01", "8-03"):
        found = book(world, as_of=f"2026-0{day}")
        row = data(found)["D-3 城管局"]
        piece = next(each for each in sheet(found, "印证资料目录") if each["题名"] == "工作方案")
        problem = sheet(found, "问题整改")[0]["问题表述"]
        told.append((row["三级指标（要点）"], row["完成时限"].day, piece["三级指标（要点）"], problem))
    assert told == [
        ("D-3 制定工作方案", 10, "D-3 制定工作方案", "D-3 制定工作方案：人手不足"),
        ("D-3 制定实施方案", 11, "D-3 制定实施方案", "D-3 制定实施方案：人手不足"),
        ("D-3 制定总方案", 13, "D-3 制定总方案", "D-3 制定总方案：人手不足"),
    ]


def test_a_late_answer_stays_late_after_a_new_due_day(world: World) -> None:
    """Lateness is measured against the due day of its time, on a past day as today."""
    world.cite("lead")
    late = datetime(2026, 8, 11, 10, tzinfo=NOW.tzinfo)
    move(world, "submit", "liaison", late, ANSWER)
    move(world, "return", "reviewer", late + DAY, RETURN)
    for day in ("2026-08-11", "2026-08-12", ""):
        assert "逾期报送" in str(data(book(world, at=late + 3 * DAY, as_of=day))["4-3-3 城管局"]["备注"]), day


def test_a_task_dropped_later_is_there_and_one_given_later_is_not(world: World) -> None:
    Task.objects.filter(pk=world.tasks["assist"].pk).update(dropped_on=date(2026, 8, 3))
    Task.objects.filter(pk=world.tasks["other"].pk).update(given_on=date(2026, 8, 2))
    before, after = data(book(world, as_of="2026-08-01")), data(book(world))
    assert {"4-3-3 老街街道"} == set(before) - set(after)
    assert {"1-1-1 老街街道"} == set(after) - set(before)


def test_the_status_asked_for_is_that_of_the_day(reviewed_world: World) -> None:
    assert "4-3-3 城管局" in data(book(reviewed_world, as_of="2026-08-02", status="returned"))
    assert "4-3-3 城管局" not in data(book(reviewed_world, as_of="2026-08-02", status="approved"))
    assert set(data(book(reviewed_world, as_of="2026-08-02", status="answered"))) == set()


def test_week_on_week_says_what_became_of_each_task(reviewed_world: World) -> None:
    found = book(reviewed_world, at=NOW + 12 * DAY, since="2026-07-30")
    changed = {row["责任单位"]: row for row in sheet(found, "本期变化")}
    assert (changed["城管局（牵头）"]["变化"], changed["城管局（牵头）"]["上期状态"]) == ("新通过", "待办")
    assert changed["老街街道"]["变化"] == "新逾期"
    assert "新通过 1" in str(found["汇总"]["A4"].value)
    assert "本期变化" not in book(reviewed_world).sheetnames


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"as_of": "2026-08-30"}, "还没有到"),
        ({"as_of": "2026-07-30", "since": "2026-07-30"}, "须早于"),
        ({"since": "去年"}, "日期不正确"),
    ],
)
def test_a_day_that_cannot_be_is_a_sentence(world: World, chosen: dict[str, str], sentence: str) -> None:
    with time_machine.travel(NOW, tick=False):
        client = world.client("coordinator")
        page = client.post(f"/c/{world.campaign.pk}/ledger/export/", chosen, follow=True)
        assert sentence in page.content.decode()
        assert sentence in client.get(f"/c/{world.campaign.pk}/ledger/", chosen).content.decode()


@pytest.mark.parametrize("chosen", [{}, {"as_of": "2026-08-04"}, {"as_of": "2026-07-31"}])
def test_who_corrects_a_title_later_does_not_change_what_was_handed_in(
    reviewed_world: World, chosen: dict[str, str]
) -> None:
    def said() -> list[object]:
        found = book(reviewed_world, **chosen)
        names = ("题名", "类型", "页数")
        pieces = [tuple(map(row.get, names)) for row in sheet(found, "印证资料目录")]
        return pieces + [row["印证资料（编号、名称、份数）"] for row in sheet(found, "总台账")]

    before = said()
    assert any("评查" in str(each) or "整改" in str(each) for each in before), before
    Evidence.objects.update(title="后来改的题名", kind="image", pages=99)
    assert said() == before


def test_the_further_sheets(reviewed_world: World) -> None:
    Progress.objects.create(
        task=reviewed_world.tasks["other"], day=NOW.date(), text="已公布", problem="系统未对接", next_step="联系市局",
        created_by=reviewed_world.people["rival"], created_at=NOW,
    )  # fmt: skip
    found = book(reviewed_world)
    assert [row["编号"] for row in sheet(found, "印证资料目录")] == ["4-3-3-01", "4-3-3-02"]
    returned, reported = sorted(sheet(found, "问题整改"), key=lambda row: row["责任单位"])
    assert (returned["整改措施"], returned["是否销号"], returned["销号日期"]) == ("补充整改材料", "是", "2026-08-04")
    assert returned["佐证"] == "4-3-3-01、4-3-3-02"
    assert (reported["整改措施"], reported["是否销号"]) == ("联系市局", "否")
    assert len(found["汇总"]._charts) == 3


def test_units_have_pages_of_their_own_to_stamp(reviewed_world: World) -> None:
    found = book(reviewed_world)["分单位"]
    column = [str(row[0].value or "") for row in found.iter_rows()]
    stamps = [text for text in column if text.startswith("填报单位（盖章）")]
    assert stamps == ["填报单位（盖章）：源汇区老街街道", "填报单位（盖章）：源汇区城管局"]
    assert len(found.row_breaks.brk) >= 1
    assert "分单位" not in book(reviewed_world, "liaison").sheetnames


def test_a_ledger_is_passed_on_and_so_masks_phones(world: World) -> None:
    everybody, own = book(world), book(world, "rival")
    assert {row["手机"] for row in sheet(everybody, "联络员")} == {"138****1234"}
    assert [row["姓名"] for row in sheet(own, "联络员")] == ["马联络"]
    assert "联络员" not in book(world, "assessor").sheetnames


def test_annex_1_has_a_row_a_checkpoint(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        content, name = job_files.download_result(
            world.client("coordinator"), f"/c/{world.campaign.pk}/annexes/annex1/", {}
        )
    rows = sheet(load_workbook(BytesIO(content)), "任务分解表")
    last = rows[-1]
    assert (last["牵头单位"], last["责任单位"], last["完成时限"]) == ("城管局", "老街街道", "2026-08-10")
    assert last["目标值"] == "行政执法案卷评查≥ 1次"
    assert name == "附件1任务分解表_源汇区_20260731.xlsx"


@pytest.mark.parametrize(("who", "mobile", "looks"), [("coordinator", "13800001234", 1), ("chief", "138****1234", 0)])
def test_annex_3_shows_phones_to_whom_they_concern_and_says_so(world: World, who: str, mobile: str, looks: int) -> None:
    with time_machine.travel(NOW, tick=False):
        content, _ = job_files.download_result(world.client(who), f"/c/{world.campaign.pk}/annexes/annex3/", {})
    rows = sheet(load_workbook(BytesIO(content)), "联络员信息表")
    assert {row["手机"] for row in rows if row["姓名"] != "（尚未确定）"} == {mobile}
    assert AuditEntry.objects.filter(act="phone.reveal").count() == looks
