"""The lists of visits, orders and meetings leave as workbooks: as narrowed on screen, and no more than the person may see."""

import io
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.models import ReplyCycle
from creation.supervision import meetings
from creation.supervision.meetings import MeetingText
from reports import supervision_lists
from tests.supervision.conftest import make_round
from tests.supervision.test_orders import issue
from tests.support.job_files import download_result
from tests.support.visited import visited_round
from tests.support.world import NOW, TODAY, World
from tests.tasks.test_measures import ratio, read

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def rows(world: World, kind: str, who: str = "coordinator", query: str = "") -> list[list[str]]:
    address = reverse("supervision_list_export", args=[world.campaign.pk, kind]) + query
    content, name = download_result(world.client(who), address, {})
    assert name.endswith("_20260731.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    found = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    head = next(number for number, row in enumerate(found) if row[0] == "序号")
    return [row[1:] for row in found[head + 1 :] if row[0].isdigit()]


def test_rounds_as_the_office_and_as_a_unit_see_them(world: World) -> None:
    visited_round(world)
    make_round(world, "第二轮集中督导")
    first, second = sorted(rows(world, "rounds"))
    assert first[:4] == ["1", "第一轮集中督导", "2026-07-31", "2026-07-31"]
    assert [second[0], second[9]] == ["2", "0 / 0"]
    assert "城管局（07-31）" in first[5]
    assert "老街街道" in first[5]
    assert first[9] == "1 / 2"
    assert [row[0] for row in rows(world, "rounds", query="?q=第二轮")] == ["2"]
    address = reverse("rounds", args=[world.campaign.pk])
    for query in ("?state=running", "?state=unrecorded", f"?unit={world.units['城管局'].pk}"):
        assert [row[0] for row in rows(world, "rounds", query=query)][-1:] == ["1"], query
    (own,) = rows(world, "rounds", "liaison")
    assert "老街街道" not in " ".join(own)
    assert "案卷评查" not in " ".join(own)
    assert "第一轮集中督导" in world.client("liaison").get(address, {"q": "案卷"}).content.decode()
    assert "没有符合条件" in world.client("liaison").get(address, {"state": "over"}).content.decode()


def test_visits_with_what_was_seen_found_and_signed(world: World) -> None:
    visited_round(world)
    every = rows(world, "visits")
    signed = next(row for row in every if row[3] == "城管局")
    assert signed[:9] == [
        *("第一轮集中督导", "2026-07-31", "上午", "城管局", "第一组", world.people["inspector"].name, "已签收"),
        *("1", "请整改。"),
    ]
    assert signed[9].startswith("刘联络 2026-07-31")
    assert {(row[3], row[7]) for row in every} == {("城管局", "1"), ("老街街道", "")}
    assert [row[3] for row in rows(world, "visits", query="?state=ahead&page=2")] == ["老街街道"]
    assert [row[3] for row in rows(world, "visits", "liaison")] == ["城管局"]


def test_orders_with_what_was_missed(world: World) -> None:
    issue(world, "老街街道", cycle=ReplyCycle.WEEKLY, instruction="请抓紧。")
    issue(world, lead=world.units["老街街道"], title="别单位的事项")
    with time_machine.travel(NOW.replace(day=1, month=8), tick=False):
        address = reverse("supervision_list_export", args=[world.campaign.pk, "orders"]) + "?state=missed"
        content, _ = download_result(world.client("inspector"), address, {})
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    (row,) = [list(row) for row in sheet.iter_rows(values_only=True) if str(row[0]) == "1"]
    assert row[1:8] == ["法督办〔2026〕第 001 号", "限期补齐案卷", None, "请抓紧。", "城管局", "老街街道", "每周"]
    assert row[10:] == ["0 / 2", "2", "1", "办理中"]
    assert [each[1] for each in rows(world, "orders", "liaison")] == ["限期补齐案卷"]
    assert len(rows(world, "orders")) == 2


def test_meetings_with_minutes_for_the_office_only(world: World) -> None:
    for kind, title in (("weekly", "第 3 次周例会"), ("joint", "联席会议")):
        text = MeetingText(kind, title, TODAY, chair="张副区长", minutes="各单位报告进度。")
        meetings.record_meeting(world.campaign, text, world.actor("coordinator"))
    (row,) = rows(world, "meetings", query="?q=周例会")
    assert row[:3] == ["2026-07-31", "周例会", "第 3 次周例会"]
    assert row[7] == "各单位报告进度。"
    address = reverse("supervision_list_export", args=[world.campaign.pk, "meetings"])
    assert world.client("liaison").post(address).status_code == 403
    unknown = reverse("supervision_list_export", args=[world.campaign.pk, "novels"])
    assert world.client("coordinator").post(unknown).status_code == 404
    assert address in world.client("coordinator").get(reverse("meetings", args=[world.campaign.pk])).content.decode()


def test_readings_with_the_sum_and_what_each_unit_counted(world: World) -> None:
    measure = ratio(world)
    read(world, measure, "城管局", numerator=1727, denominator=1790)
    read(world, measure, "老街街道", numerator=43, denominator=61)
    every = rows(world, "readings")
    assert every[-3][0] == "4-3-3 调解成功率"
    assert [row[2:6] for row in every[-3:]] == [
        ["合计", "2026 年", "1770 / 1851 = 95.62%", "达标"],
        ["老街街道", "2026 年", "43 / 61 = 70.49%", "目前未达标"],
        ["城管局", "2026 年", "1727 / 1790 = 96.48%", "达标"],
    ]
    assert [row[2] for row in rows(world, "readings", "liaison")][-2:] == ["合计", "城管局"]
    address = reverse("supervision_list_export", args=[world.campaign.pk, "readings"])
    assert address in world.client("liaison").get(reverse("measures", args=[world.campaign.pk])).content.decode()


def test_they_cost_the_same_for_one_row_and_for_many(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            for read in supervision_lists.LISTS.values():
                list(read(world.campaign, world.people["coordinator"], {}, NOW).contents)
        return len(found)

    visited_round(world)
    issue(world)
    queries()
    before = queries()
    for number in range(12):
        issue(world, "老街街道", title=f"事项{number}")
    assert queries() == before
