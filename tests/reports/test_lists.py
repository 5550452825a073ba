"""The lists of a campaign leave as workbooks: as narrowed on screen, and no more than the person may see."""

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.appraisal import organizing
from creation.models import FindingSource, ReplyCycle, Score, Visit
from creation.supervision import meetings
from creation.supervision.meetings import MeetingText
from creation.survey import surveys
from reports.lists import LISTS
from tests.appraisal.test_appraisal import new as new_appraisal
from tests.papers.test_application import approve, tick
from tests.supervision.conftest import make_round
from tests.supervision.test_findings import record
from tests.supervision.test_orders import issue
from tests.support import last_phases
from tests.support.commended import decided_commendation
from tests.support.job_files import download_result
from tests.support.visited import visited_round
from tests.support.world import NOW, TODAY, World
from tests.tasks.test_measures import ratio, read

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")


def address(world: World, kind: str) -> str:
    return reverse("list_export", args=[world.campaign.pk, kind])


def rows(world: World, kind: str, who: str = "coordinator", query: str = "") -> list[list[str]]:
    content, name = download_result(world.client(who), address(world, kind) + query, {})
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
    listed = reverse("rounds", args=[world.campaign.pk])
    for query in ("?state=running", "?state=unrecorded", f"?unit={world.units['城管局'].pk}"):
        assert [row[0] for row in rows(world, "rounds", query=query)][-1:] == ["1"], query
    (own,) = rows(world, "rounds", "liaison")
    assert "老街街道" not in " ".join(own)
    assert "案卷评查" not in " ".join(own)
    assert "第一轮集中督导" in world.client("liaison").get(listed, {"q": "案卷"}).content.decode()
    assert "没有符合条件" in world.client("liaison").get(listed, {"state": "over"}).content.decode()


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


def test_a_visit_whose_day_has_passed_is_not_still_to_come(world: World) -> None:
    visited_round(world)
    listed = reverse("visits", args=[world.campaign.pk])
    today = world.client("inspector").get(listed).content.decode()
    assert (">待走访</span>" in today, ">没有记录</span>" in today) == (True, False)
    with time_machine.travel(NOW.replace(day=3, month=8), tick=False):
        later = world.client("inspector").get(listed).content.decode()
        content, _ = download_result(world.client("inspector"), address(world, "visits"), {})
        missed = Visit.objects.get(unit__short_name="老街街道")
        for each in (missed, missed.round):
            page = world.client("inspector").get(each.get_absolute_url()).content.decode()
            assert ("没有记录" in page, "待走访" in page) == (True, False)
    assert (">待走访</span>" in later, ">没有记录</span>" in later) == (False, True)
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {row[4]: row[7] for row in sheet.values if row[0] in (1, 2)} == {"城管局": "已签收", "老街街道": "没有记录"}


def test_orders_with_what_was_missed(world: World) -> None:
    issue(world, "老街街道", cycle=ReplyCycle.WEEKLY, instruction="请抓紧。")
    issue(world, lead=world.units["老街街道"], title="别单位的事项")
    with time_machine.travel(NOW.replace(day=1, month=8), tick=False):
        content, _ = download_result(world.client("inspector"), address(world, "orders") + "?state=missed", {})
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
    assert world.client("liaison").post(address(world, "meetings")).status_code == 403
    assert world.client("coordinator").post(address(world, "novels")).status_code == 404
    assert (
        address(world, "meetings")
        in world.client("coordinator").get(reverse("meetings", args=[world.campaign.pk])).content.decode()
    )


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
    assert (
        address(world, "readings")
        in world.client("liaison").get(reverse("measures", args=[world.campaign.pk])).content.decode()
    )


def test_mock_assessments_without_their_scores(world: World) -> None:
    for name, kind in (("9月模拟考核", "paper"), ("秋季验收", "on_site")):
        made = organizing.create_appraisal(
            world.campaign, new_appraisal(world, name=name, kind=kind), world.actor("coordinator")
        )
        seat, point = made.seats.first(), made.points.get(indicator__code="4-3-3")
        Score.objects.create(seat=seat, point=point, unit=world.units["城管局"], value=Decimal("7.77"), scored_at=NOW)
    organizing.close_appraisal(made, world.actor("coordinator"))
    every = rows(world, "appraisals")
    assert [row[:3] + row[7:] for row in every] == [
        ["秋季验收", "实地验收", "2026-07-31 至 2026-07-31", "已结束，有结果"],
        ["9月模拟考核", "材料评审", "2026-07-31 至 2026-07-31", "正在评分"],
    ]
    assert every[0][4] == "老街街道、城管局"
    assert "7.77" not in str(every)
    assert [row[0] for row in rows(world, "appraisals", query="?state=open")] == ["9月模拟考核"]
    assert [row[0] for row in rows(world, "appraisals", "assessor", "?q=验收")] == ["秋季验收"]
    assert world.client("liaison").post(address(world, "appraisals")).status_code == 403


def test_surveys_without_their_answers(world: World) -> None:
    made = last_phases.survey(world, "群众满意度测评", answers=9)
    last_phases.survey(world, "企业满意度测评", answers=0, ends=9)
    surveys.add_codes(made, [world.units["城管局"], world.units["老街街道"]], 10, world.actor("coordinator"))
    surveys.add_links(made, [world.units["城管局"]], 30, world.actor("coordinator"))
    found = {row[0]: row[2:] for row in rows(world, "surveys")}
    assert found["群众满意度测评"][:4] == ["您对执法满意吗", "城管局、老街街道", "20", "30"]
    assert found["群众满意度测评"][5] == "已结束"
    assert "原话" not in str(found)
    assert [row[0] for row in rows(world, "surveys", "chief", "?state=running")] == ["企业满意度测评"]
    assert world.client("liaison").post(address(world, "surveys")).status_code == 403


def test_commendations_without_those_nominated(world: World) -> None:
    decided_commendation(world)
    (row,) = rows(world, "commendations", "liaison")
    assert row == [
        *("年度表彰", "1", "1", "成绩突出。", "2026-07-01", "2026-07-13 至 2026-07-20", "2026-07-21"),
        *("源政〔2026〕12号", "已决定", ""),
    ]
    assert rows(world, "commendations", query="?stage=voting") == []
    assert [each[0] for each in rows(world, "commendations", query="?q=源政〔2026〕12号")] == ["年度表彰"]


def test_sources_with_how_many_findings_each_has(world: World) -> None:
    used = FindingSource.objects.create(district=world.district, name="集中督导", order=1)
    FindingSource.objects.create(district=world.district, name="审计", order=2, active=False)
    record(world, used)
    assert rows(world, "sources", "inspector") == [["集中督导", "在用", "1"], ["审计", "不再用", ""]]
    assert world.client("chief").post(address(world, "sources")).status_code == 403
    assert address(world, "sources") in world.client("inspector").get(
        reverse("finding_sources", args=[world.campaign.pk])
    ).content.decode()  # fmt: skip


def test_entries_on_the_national_site_with_their_receipts(world: World) -> None:
    approve(world)
    tick(world, note="回执 001")
    entered = next(row for row in rows(world, "application", "reviewer") if row[1].startswith("4-3-3"))
    assert entered[2:8] == ["城管局", "已通过", "已上传", world.people["reviewer"].name, "2026-07-31", "回执 001"]
    assert {row[4] for row in rows(world, "application", query="?show=todo")} == {"不能上传"}
    for query in ("?q=案卷+城管", "?show=done", "?show=done&q=001"):
        assert [row[1] for row in rows(world, "application", query=query)] == [entered[1]], query
    shown = world.client("reviewer").get(reverse("application", args=[world.campaign.pk]) + "?show=done&q=案卷")
    assert "?show=done&amp;q=" in shown.content.decode().split(address(world, "application"))[1][:40]


def test_they_cost_the_same_for_one_row_and_for_many(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            for each in LISTS.values():
                list(each.read(world.campaign, world.people["coordinator"], {}, NOW).contents)
        return len(found)

    visited_round(world)
    issue(world)
    last_phases.survey(world, "测评", answers=0)
    organizing.create_appraisal(world.campaign, new_appraisal(world), world.actor("coordinator"))
    queries()
    before = queries()
    for number in range(12):
        issue(world, "老街街道", title=f"事项{number}")
        last_phases.survey(world, f"测评{number}", answers=0)
        organizing.create_appraisal(
            world.campaign, new_appraisal(world, name=f"考核{number}"), world.actor("coordinator")
        )
    assert queries() == before
