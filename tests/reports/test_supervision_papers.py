"""督导通报, 反馈意见书 and 整改报告 in Word; a unit makes its own report and stamps it, and no other unit's."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from creation.models import FindingSource, Paper, Task
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import rectification_plans, workflow
from tests.reports.test_documents import WEEK, make, text_of
from tests.support.job_files import download_result
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

PERIOD = {
    "first": "2026-07-25",
    "last": "2026-07-31",
    "title": "关于第一轮督导情况的通报",
    "text": "请各单位抓紧整改。",
}


@pytest.fixture
def found(world: World) -> World:
    """W001 for 城管局 and 老街街道, closed by the first; W002 for 老街街道, recorded before the period and overdue."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    text = FindingText(title="案卷没有评查记录", source=source, demand="逐卷补齐评查表")
    units = {world.units[name]: TODAY + timedelta(days=9) for name in ("城管局", "老街街道")}
    made = findings.record_finding(world.campaign, text, units, world.actor("coordinator"))
    earlier = world.actor("inspector", NOW - timedelta(days=20))
    other = {world.units["老街街道"]: TODAY - timedelta(days=3)}
    findings.record_finding(world.campaign, FindingText(title="公示超过七日", source=source), other, earlier)
    task = made.rectifications.get(unit=world.units["城管局"])
    rectification_plans.set_plan(task, "明确专人评查", "方分管", "刘联络", 0, world.actor("liaison"))
    move(world, task, "submit", "liaison", mode="statement", statement="已整改", results="补齐 12 件")
    move(world, task, "close", "inspector", how="现场", comment="看了案卷")
    return world


def move(world: World, task: Task, name: str, who: str, **data: object) -> None:
    now = Task.objects.for_table().get(pk=task.pk)
    workflow.perform(workflow.MOVES[name], now, world.actor(who), now.version, data)


def tables(document: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in document.tables]


def test_a_circular_of_supervision_has_the_period_the_units_and_what_is_overdue(found: World, tmp_path: Path) -> None:
    document = make(found, "inspection", PERIOD, tmp_path)
    text = text_of(document)
    assert "2026年7月25日至2026年7月31日，督导登记问题1个，涉及整改2项；同期销号1项，反弹0项。" in text
    assert (
        "全区督导问题2个、整改3项，已销号1项，未销号2项，销号率33.3%，按期销号率0%；待核查0项，逾期未报整改1项。"
        in text
    )
    problems, units, late = tables(document)
    assert problems == [["1", "W001", "案卷没有评查记录", "老街街道、城管局", "2026-08-09", "已销号 1/2"]]
    assert [row[1:7] for row in units] == [
        ["老街街道", "2", "0", "2", "1", "0%"],
        ["城管局", "1", "1", "0", "0", "100%"],
    ]
    assert [row[1:4] for row in late] == [["W002", "公示超过七日", "老街街道"]]


def test_the_feedback_for_a_unit_names_its_own_problems(found: World, tmp_path: Path) -> None:
    asked = {"unit": found.units["老街街道"].pk, "text": "总体较好。"} | {key: PERIOD[key] for key in ("first", "last")}
    document = make(found, "feedback", asked, tmp_path)
    assert "请对照以下1个问题" in text_of(document)
    assert tables(document) == [[["1", "W001", "案卷没有评查记录", "逐卷补齐评查表", "2026-08-09"]]]
    assert "城管局" not in text_of(document)


def test_the_feedback_for_a_unit_without_problems_asks_for_nothing(found: World, tmp_path: Path) -> None:
    asked = {"unit": found.units["老街街道"].pk, "text": "总体较好。", "first": "2026-07-01", "last": "2026-07-02"}
    text = text_of(make(found, "feedback", asked, tmp_path))
    assert "这段时间没有登记由你单位整改的问题。" in text
    assert "请对照" not in text


def test_a_bulletin_says_how_many_are_closed_if_there_are_findings(found: World, tmp_path: Path) -> None:
    text = text_of(make(found, "bulletin", WEEK, tmp_path))
    assert "本期报送0项" in text, "a report on a rectification is no answer of the plan"
    assert "督导问题整改共3项，已销号1项，销号率33.3%，按期销号率0%；逾期未报整改1项。" in text
    Task.objects.rectifications().update(dropped_on=TODAY)
    assert "督导问题整改" not in text_of(make(found, "bulletin", WEEK, tmp_path))


def test_a_unit_makes_its_report_for_the_stamp(found: World, tmp_path: Path) -> None:
    address, client = reverse("rectification_report", args=[found.campaign.pk]), found.client("liaison")
    page = client.get(address).content.decode()
    assert "城管局" in page
    assert "老街街道" not in page
    content, name = download_result(
        client, address, {"unit": found.units["城管局"].pk, "text": "持续巩固。", "stamp": "1"}
    )
    assert name.startswith("整改报告_源汇区城管局")
    path = tmp_path / "report.docx"
    path.write_bytes(content)
    import docx

    document = docx.Document(str(path))
    (rows,) = tables(document)
    assert rows == [["1", "W001", "案卷没有评查记录", "明确专人评查", "07-31 报整改：补齐 12 件", "", "已销号"]]
    paper = Paper.objects.get()
    assert (paper.kind, paper.unit, paper.is_whole) == ("rectified", found.units["城管局"], False)
    text = text_of(document)
    assert paper.note in text
    assert "持续巩固。" in text
    assert "源汇区城管局\n2026年7月31日" in text


def test_a_unit_makes_no_report_of_another(found: World) -> None:
    address = reverse("rectification_report", args=[found.campaign.pk])
    answer = found.client("liaison").post(address, {"unit": found.units["老街街道"].pk})
    assert answer.status_code == 422
    assert not Paper.objects.exists()


def test_only_units_with_rectifications_are_offered(world: World) -> None:
    address, client = reverse("rectification_report", args=[world.campaign.pk]), world.client("coordinator")
    assert "不用写整改报告" in client.get(address).content.decode()
    text = FindingText(title="公示超过七日", source=FindingSource.objects.create(district=world.district, name="自查"))
    findings.record_finding(world.campaign, text, {world.units["城管局"]: None}, world.actor("inspector"))
    page = client.get(address).content.decode()
    assert ">城管局<" in page
    assert "老街街道" not in page


def test_the_lists_for_the_stamp_are_kept_with_their_number(found: World) -> None:
    address = reverse("rectification_book_export", args=[found.campaign.pk])
    download_result(found.client("liaison"), address, {"unit": found.units["城管局"].pk, "stamp": "1"})
    paper = Paper.objects.get()
    assert (paper.kind, paper.unit, paper.is_whole) == ("lists", found.units["城管局"], False)
