"""The table of holidays: filled from the library, not overwritten where the office entered it, no crash for unknown years."""

from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from creation.audit.actor import Actor
from creation.models import AuditEntry, Holiday, Notice, RequestKind, Task
from creation.notices import holidays
from creation.rules import holiday_notice_parser
from creation.tasks import bulk_changes, unit_requests
from reports.ledger import COLUMNS
from reports.ledger.rows import ledger_rows
from tests.support.world import NOW, TODAY, ZONE, World

pytestmark = pytest.mark.django_db


def actor(year: int = 2026, month: int = 7) -> Actor:
    return Actor(None, datetime(year, month, 31 if month in (7, 12) else 30, 10, tzinfo=ZONE))


def test_a_published_year_is_filled_with_days_off_and_days_to_make_up() -> None:
    assert holidays.fill_year(2026, actor()) == Holiday.objects.count() == 25
    calendar = Holiday.objects.calendar()
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))
    assert Holiday.objects.get(day=date(2026, 10, 1)).name == "国庆节"
    assert AuditEntry.objects.get().detail == "录入 25 天"


def test_only_days_that_differ_from_their_weekday_are_entered() -> None:
    holidays.fill_year(2026, actor())
    assert all((row.kind == "off") == (row.day.weekday() < 5) for row in Holiday.objects.all())


def test_filling_again_changes_nothing() -> None:
    holidays.fill_year(2026, actor())
    assert holidays.fill_year(2026, actor()) == 0
    assert (Holiday.objects.count(), AuditEntry.objects.count()) == (25, 1)


def test_the_offices_entries_are_not_overwritten() -> None:
    Holiday.objects.create(day=date(2026, 9, 9), kind="off", name="区庆")
    Holiday.objects.create(day=date(2026, 10, 1), kind="work", name="加班")
    assert holidays.fill_year(2026, actor()) == 24
    assert Holiday.objects.count() == 26
    assert Holiday.objects.get(day=date(2026, 10, 1)).name == "加班"


@pytest.mark.parametrize("entered", [{"春节"}, {"国庆节"}, {"元旦"}])
def test_a_year_is_known_when_spring_festival_and_national_day_are_in_it(entered: set[str]) -> None:
    for number, name in enumerate(sorted(entered), 1):
        Holiday.objects.create(day=date(2027, 2, number), kind="off", name=name)
    assert holidays.missing_years(date(2027, 1, 4)) == [2027]
    assert holidays.missing_years_warning(date(2027, 1, 4)).startswith("2027 年")
    for number, name in enumerate(sorted({"春节", "国庆节"} - entered), 11):
        Holiday.objects.create(day=date(2027, 10, number), kind="off", name=name)
    assert holidays.missing_years(date(2027, 1, 4)) == []


def test_a_day_that_is_worked_does_not_make_its_year_known() -> None:
    for month, name in ((2, "春节"), (10, "国庆节")):
        Holiday.objects.create(day=date(2027, month, 7), kind="work", name=name)
    assert holidays.missing_years(date(2027, 1, 4)) == [2027]


def test_one_day_entered_does_not_block_the_fill() -> None:
    Holiday.objects.create(day=date(2026, 3, 3), kind="off", name="区庆")
    holidays.fill_ahead(actor())
    assert not Holiday.objects.calendar().is_workday(date(2026, 10, 1))


def test_an_unpublished_year_is_counted_by_weekends_with_a_warning() -> None:
    assert holidays.fill_ahead(actor(2027)) == 0
    calendar = Holiday.objects.calendar()
    assert calendar.is_workday(date(2027, 10, 1))
    assert not calendar.is_workday(date(2027, 10, 2))
    assert holidays.missing_years_warning(date(2027, 1, 4)).startswith("2027 年的节假日和调休安排尚未录入")


def test_the_next_year_is_asked_for_in_december() -> None:
    holidays.fill_ahead(actor())
    assert holidays.missing_years_warning(date(2026, 11, 30)) == ""
    assert holidays.missing_years_warning(date(2026, 12, 1)).startswith("2027 年")


def test_the_command_reports_each_year() -> None:
    out = StringIO()
    for year in ("2026", "2026", "2027"):
        call_command("holidays", "--year", year, stdout=out)
    assert out.getvalue().splitlines() == [
        "2026 年：录入 25 天。",
        "2026 年：已有记录，未改动。",
        "2027 年：安排尚未收录，工作日暂按周一至周五计算。",
    ]


def test_an_invalid_year_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="不是可用的年份"):
        call_command("holidays", "--year", "26")


@pytest.mark.parametrize(("day", "banner"), [(date(2027, 3, 1), True), (date(2026, 3, 2), False)])
def test_the_office_sees_the_banner_and_a_liaison_does_not(world: World, day: date, banner: bool) -> None:

    holidays.fill_year(2026, actor())
    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=ZONE), tick=False):
        office, unit = (world.client(who).get("/notices/").content.decode() for who in ("coordinator", "liaison"))
    assert ("节假日和调休安排尚未录入" in office) is banner
    assert "节假日和调休安排尚未录入" not in unit


# The office pastes the notice

NOTICE = "元旦：1月1日（周五）至3日（周日）放假，共3天。\n春节：2月5日（周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。"


def paste(world: World, text: str, **more: str) -> Any:
    return world.client("coordinator").post(reverse("holiday_paste", args=[2027]), {"text": text} | more)


def confirm(world: World, text: str = NOTICE) -> Any:
    return paste(world, text, confirmed="1", seen=holidays.year_fingerprint(2027))


def test_the_office_sees_what_will_be_set_before_it_is_saved(world: World) -> None:
    Holiday.objects.create(day=date(2027, 3, 3), kind="off", name="误录")
    page = paste(world, NOTICE).content.decode()
    assert "2027-02-14" in page
    assert "恢复平常" in page
    assert Holiday.objects.count() == 1
    assert confirm(world).status_code == 302
    found = {f"{row.day:%m-%d}": (row.kind, row.name) for row in Holiday.objects.all()}
    assert found["01-01"] == ("off", "元旦")
    assert found["02-14"] == ("work", "春节")
    assert len(found) == 7
    assert "删除 2027-03-03" in AuditEntry.objects.latest("pk").detail


def test_a_table_says_in_its_heading_which_days_are_off(world: World) -> None:
    table = (
        "序号\t节日\t放假时间\t调休上班日期\t放假天数\n1\t元旦\t1月1日（周五）至1月3日（周日）\t无\t3天\n"
        "2\t国庆节\t10月1日至10月7日\t9月26日（周日）、10月9日（周六）\t7"
    )
    found = holiday_notice_parser.parse(table, 2027)
    arranged = {(f"{day:%m-%d}", each.off, each.name) for day, each in found.days.items()}
    assert found.faults == []
    assert {("01-01", True, "元旦"), ("10-07", True, "国庆节"), ("09-26", False, "国庆节")} <= arranged
    assert ("10-09", False, "国庆节") in arranged
    (fault,) = holiday_notice_parser.parse(table.replace("3天", "4天"), 2027).faults
    assert "写的是共 4 天，按日期数是 3 天" in fault.reason


def test_pasting_the_same_again_changes_nothing(world: World) -> None:
    confirm(world)
    entries = AuditEntry.objects.filter(act="holidays.fill").count()
    client = world.client("coordinator")
    data = {"text": NOTICE, "confirmed": "1", "seen": holidays.year_fingerprint(2027)}
    page = client.post(reverse("holiday_paste", args=[2027]), data, follow=True)
    assert "没有改动" in page.content.decode()
    assert AuditEntry.objects.filter(act="holidays.fill").count() == entries


def test_one_wrong_line_refuses_all_and_is_named(world: World) -> None:
    page = paste(world, NOTICE + "\n端午节：6月9日（周五）放假。", confirmed="1", seen=holidays.year_fingerprint(2027))
    assert page.status_code == 422
    assert "第 3 行" in page.content.decode()
    assert "2027年6月9日是周三，写的是周五" in page.content.decode()
    assert not Holiday.objects.exists()
    assert "没有读出任何放假" in paste(world, "各单位：").content.decode()


def test_the_second_to_save_sees_the_current_table(world: World) -> None:
    seen = holidays.year_fingerprint(2027)
    holidays.set_day(date(2027, 3, 3), off=True, name="", actor=world.actor("coordinator"))
    page = paste(world, NOTICE, confirmed="1", seen=seen)
    assert page.status_code == 422
    assert "刚刚被他人改过" in page.content.decode()
    assert Holiday.objects.count() == 1


def test_a_single_day_is_set_and_set_back(world: World) -> None:
    address = reverse("holiday_day", args=[2027, 3, 3])
    client = world.client("coordinator")
    client.post(address, {"kind": "off", "name": "区庆"})
    assert Holiday.objects.get().name == "区庆"
    assert "3月3日 休息（区庆）" in client.get(reverse("holidays"), {"year": 2027}).content.decode()
    client.post(address, {"kind": "work"})
    assert not Holiday.objects.exists()
    client.post(address, {"kind": "work"})
    assert AuditEntry.objects.filter(act="holidays.day").count() == 2
    assert client.get("/holidays/2027/2/30/").status_code == 404
    assert client.get("/holidays/9/paste/").status_code == 404
    assert world.client("liaison").get(reverse("holidays"), {"year": "x"}).status_code == 200


def test_a_year_into_which_deadlines_reach_is_asked_for(world: World) -> None:
    holidays.fill_year(2026, actor())
    assert holidays.missing_years_warning(TODAY) == ""
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=date(2027, 1, 8))
    assert holidays.missing_years_warning(TODAY).startswith("2027 年")
    confirm(world)
    assert holidays.missing_years_warning(TODAY).startswith("2027 年"), "the notice lacks 国庆"
    confirm(world, f"{NOTICE}\n国庆节：10月1日（周五）至7日（周四）放假调休，共7天。")
    assert holidays.missing_years_warning(TODAY) == ""


# A due day on a day off

SUNDAY, FRIDAY = date(2026, 8, 9), date(2026, 8, 7)


@pytest.fixture
def due_on_sunday(world: World) -> World:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=SUNDAY)
    return world


@pytest.mark.parametrize(
    ("who", "route", "words"),
    [
        ("liaison", "task", "休息日，请在8月7日前办结"),
        ("liaison", "todo", "休息日，8月7日前办结"),
        ("coordinator", "task_list", "休息日，08-07前办结"),
    ],
)
def test_pages_show_the_workday_before(due_on_sunday: World, who: str, route: str, words: str) -> None:
    world = due_on_sunday
    args = {"task": [world.campaign.pk, world.tasks["lead"].pk], "todo": [], "task_list": [world.campaign.pk]}[route]
    with time_machine.travel(NOW, tick=False):
        assert words in world.client(who).get(reverse(route, args=args)).content.decode()
        holidays.set_day(SUNDAY, off=False, name="调休", actor=world.actor("coordinator"))
        assert "休息日，" not in world.client(who).get(reverse(route, args=args)).content.decode()


def test_notices_and_the_ledger_name_the_workday_before(due_on_sunday: World) -> None:
    world, office = due_on_sunday, due_on_sunday.actor("coordinator")
    due_column = next(column for column in COLUMNS if column.heading == "完成时限")
    rows = ledger_rows(
        Task.objects.filter(campaign=world.campaign).with_light(TODAY, TODAY).with_late(), world.campaign
    )
    assert {"（休息日，08-07前）" in due_column.value(row) for row in rows if row.due_on == SUNDAY} == {True}
    seen = {world.tasks["other"].pk: world.task("other").version}
    bulk_changes.change_due_day(world.campaign, seen, SUNDAY, "汛期", office)
    asked = unit_requests.submit_request(
        world.task("assist"), world.actor("rival"), RequestKind.EXTENSION, "汛期", SUNDAY
    )
    unit_requests.grant_extension(asked, office, SUNDAY, "同意")
    said = Notice.objects.filter(person=world.people["rival"]).values_list("text", flat=True)
    assert len([text for text in said if "2026-08-09（休息日，请在 2026-08-07 前办结）" in text]) == 2
