"""The leaders' board: the figures of other pages on one screen, what needs a decision, and few queries."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from creation import background
from creation.briefing.board import board_of, campaign_with_facts, elapsed_share
from creation.briefing.decisions import DECISIONS
from creation.models import Campaign, FindingSource, Holiday, Measure, Question, Reading, Task, TaskRequest, Unit
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.survey import surveys
from creation.survey.surveys import NewSurvey
from creation.tasks import progress, workflow
from reports import board_picture, canvas
from tests.support.job_files import post_for_job
from tests.support.world import NOW, TODAY, World


def board(world: World, who: str = "chief", today: date = TODAY) -> Any:
    campaign = campaign_with_facts(world.campaign.pk, today)
    return board_of(campaign, world.people[who], today, Holiday.objects.calendar())


def test_its_figures_are_those_of_the_progress_page(world: World) -> None:
    found = progress.matrix(Task.objects.active().of_plan().filter(campaign=world.campaign), TODAY)
    shown = board(world)
    assert (shown.whole.total, shown.whole.overdue) == (found.whole.total, found.whole.overdue)
    assert [unit.pk for unit, _, _ in shown.rows] == list(
        Unit.objects.filter(pk__in=found.units).order_by("order").values_list("pk", flat=True)
    )


def test_a_rectification_is_counted_apart(world: World) -> None:
    before = board(world).whole.total
    source = FindingSource.objects.create(district=world.district, name="审计")
    days = {world.units["城管局"]: TODAY}
    findings.record_finding(world.campaign, FindingText("x", source), days, world.actor("inspector"))
    shown = board(world, today=TODAY + timedelta(days=1))
    assert shown.whole.total == before
    assert shown.rectifications.overdue == 1
    assert shown.decisions[0].text == "整改逾期 1 项：城管局“W001 x”"


def test_what_is_overdue_longest_is_named_with_unit_and_problem(world: World) -> None:
    source = FindingSource.objects.create(district=world.district, name="审计")
    for number in range(4):
        days = {world.units["城管局"]: TODAY + timedelta(days=9 - number)}
        findings.record_finding(world.campaign, FindingText(f"问题{number}", source), days, world.actor("inspector"))
    shown = board(world, "coordinator", today=TODAY + timedelta(days=20))
    decision = next(each for each in shown.decisions if "整改逾期" in each.text)
    assert decision.text == "整改逾期 4 项：城管局“W004 问题3”、城管局“W003 问题2”、城管局“W002 问题1”等"
    assert f"lead={world.units['城管局'].pk}&" in decision.buttons[0].url


def labels(world: World, who: str, day: date, words: str) -> list[str]:
    rows = board(world, who, day).decisions
    assert len(rows) <= DECISIONS
    return [button.label for button in next(each for each in rows if words in each.text).buttons]


def test_five_things_with_the_buttons_that_this_person_may_press(world: World) -> None:
    task, late = world.task("lead"), date(2026, 9, 30)
    asked = {"task": task, "reason": "x", "created_by": world.people["liaison"], "created_at": NOW}
    TaskRequest.objects.create(kind="objection", **asked)
    assert labels(world, "coordinator", late, "等待答复") == ["逐件答复"]
    TaskRequest.objects.create(
        kind="extension", wanted_on=date(2026, 10, 9), **asked | {"created_at": NOW - timedelta(1)}
    )
    assert labels(world, "coordinator", late, "等待答复") == [f"同意{task.unit.short_name}延期", "逐件答复"]
    assert labels(world, "chief", late, "等待答复") == ["作批示"]
    first = next(each for each in board(world, "chief", late).decisions if "等待答复" in each.text)
    assert first.text.startswith("延期申请 1 件、分工异议 1 件等待答复，最早的是城管局“")
    assert first.text.endswith("”申请延至 10月9日")
    unit = f"看{board(world, today=late).units[0].short_name}"
    assert labels(world, "coordinator", late, "逾期未报")[:2] == ["督办", "打电话"]
    assert labels(world, "chief", late, "逾期未报") == [unit, "作批示"]


@time_machine.travel(NOW, tick=False)
def test_each_button_leads_to_where_it_is_decided(world_at_work: World) -> None:
    world, task = world_at_work, world_at_work.task("lead")
    coordinator, chief = world.client("coordinator"), world.client("chief")
    unit = Unit.objects.get(pk=task.unit_id)
    Task.objects.filter(pk=task.pk).update(due_on=TODAY - timedelta(days=3))
    asked = {"task": task, "reason": "x", "created_by": world.people["liaison"], "created_at": NOW}
    TaskRequest.objects.create(kind="extension", wanted_on=TODAY + timedelta(days=9), **asked)
    buttons = {button.label: button for each in board(world, "coordinator").decisions for button in each.buttons}
    order = coordinator.get(buttons["督办"].url).content.decode()
    assert f'value="{unit.pk}" selected' in order
    assert f'value="{unit.short_name}逾期未报 ' in order
    calls = coordinator.get(buttons["打电话"].url.partition("#")[0]).content.decode()
    assert f'id="unit-{unit.pk}"' in calls
    assert "还没有催办过" in calls
    told = coordinator.post(buttons["同意延期"].url, buttons["同意延期"].fields, follow=True).content.decode()
    assert "已同意延期至" in told
    task.refresh_from_db()
    assert task.due_on == TODAY + timedelta(days=9)
    instruct = {
        button.label: button for each in board(world, "chief", date(2026, 9, 30)).decisions for button in each.buttons
    }
    assert "逾期未报" in chief.get(instruct["作批示"].url.partition("#")[0]).content.decode()


def test_the_week_names_the_points_that_passed(world: World) -> None:
    progress.take_snapshot(world.campaign, TODAY - timedelta(days=1))
    assert board(world).new_approved == []
    world.cite("lead")
    answer = {"mode": "upload", "measures": "已评查。", "results": "", "highlights": ""}
    for move, who, said in (("submit", "liaison", answer), ("approve", "reviewer", {"comment": ""})):
        task = world.task("lead")
        workflow.perform(workflow.MOVES[move], task, world.actor(who), task.version, said)
    assert [task.pk for task in board(world).new_approved] == [world.tasks["lead"].pk]


def test_nothing_is_decided_in_a_campaign_that_has_ended(world: World) -> None:
    type(world.campaign).objects.filter(pk=world.campaign.pk).update(state="closed")
    unit = board(world, today=date(2026, 9, 30)).units[0].short_name
    assert labels(world, "coordinator", date(2026, 9, 30), "逾期未报") == [f"看{unit}"]


@pytest.mark.parametrize(("day", "share"), [((2026, 6, 1), 0.0), ((2026, 7, 16), 0.5), ((2027, 1, 1), 1.0)])
def test_the_time_that_has_passed(world: World, day: tuple[int, int, int], share: float) -> None:
    found = campaign_with_facts(world.campaign.pk, TODAY)
    assert abs((elapsed_share(found.first_day, found.last_day, date(*day)) or 0) - share) < 0.01  # type: ignore[attr-defined]
    assert elapsed_share(None, None, TODAY) is None


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("who", ["chief", "coordinator", "assessor"])
def test_the_page_costs_twelve_queries_with_many_units_tasks_and_campaigns(world_at_work: World, who: str) -> None:
    world = world_at_work
    client, address = world.client(who), reverse("board", args=[world.campaign.pk])
    client.get(address)
    fill(world)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address).content.decode()
    assert "单位29" in page
    assert "需要拍板的事" in page
    assert "满意率" in page
    assert len(captured) <= 12


@pytest.mark.parametrize(("units", "parts"), [(45, [45]), (55, [55]), (60, [30, 30]), (111, [37, 37, 37])])
def test_more_units_than_a_screen_holds_are_shown_in_parts(world: World, units: int, parts: list[int]) -> None:
    found = board(world)
    whole = replace(found, units=[found.units[0]] * units)
    assert [len(part) for part in whole.parts] == parts
    assert [row for part in whole.parts for row in part] == whole.rows


def fill(world: World) -> None:
    """Add units with tasks and readings, requests, questions, findings, snapshots, answers to a survey, and a campaign of last year."""
    like, campaign = world.task("other"), world.campaign
    source = FindingSource.objects.create(district=world.district, name="审计")
    office = world.actor("coordinator")
    measure = Measure.objects.create(
        indicator=like.indicator, name="案卷评查", kind="count", unit="次", period="year", comparator="ge", target=1
    )
    take = {"district": world.district, "kind": "department"}
    for number in range(30):
        unit = Unit.objects.create(name=f"单位{number}", short_name=f"单位{number}", order=50 + number, **take)
        late = TODAY - timedelta(days=number % 5)
        task = Task.objects.create(
            campaign=campaign, unit=unit, indicator=like.indicator, phase=like.phase, due_on=late
        )
        asked = {"task": task, "created_by": world.people["liaison"], "created_at": NOW}
        TaskRequest.objects.create(kind="extension", wanted_on=TODAY + timedelta(days=30), reason="x", **asked)
        Question.objects.create(text="x", **asked)
        Reading.objects.create(
            measure=measure, unit=unit, period="2026", count=number, updated_by=world.people["liaison"], updated_at=NOW
        )
        days = {unit: TODAY}
        findings.record_finding(campaign, FindingText(f"问题{number}", source), days, world.actor("inspector"))
        progress.take_snapshot(campaign, TODAY - timedelta(days=number + 1))
    new = NewSurvey("满意度测评", "", ["总体评价"], TODAY, TODAY)
    survey = surveys.create_survey(campaign, new, office)
    surveys.enter_papers(survey, world.units["城管局"], ["5"] * 40, office)
    Campaign.objects.create(
        district=world.district, system=campaign.system, host=campaign.host, name="上年", year=2025, state="closed"
    )


@pytest.mark.needs_fonts
def test_the_picture_fits_a_slide_and_names_every_unit(world: World, tmp_path: Path) -> None:
    fill(world)
    found = board(world)
    path = board_picture.write(campaign_with_facts(world.campaign.pk, TODAY), found, NOW, tmp_path / "board.png")
    with Image.open(path) as picture:
        assert picture.size == (1920, 1080)
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50


def test_a_line_that_is_too_long_ends_with_dots() -> None:
    assert board_picture.wrapped("一二三四五六七", 3, 2) == ["一二三", "四五…"]
    assert board_picture.wrapped("一二三", 3, 1) == ["一二三"]


@time_machine.travel(NOW, tick=False)
def test_without_a_chinese_font_it_says_what_to_do(world_at_work: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "FONTS", ("No Such Font",))
    canvas.chinese_font.cache_clear()
    try:
        client = world_at_work.client("chief")
        page = post_for_job(client, reverse("board_picture", args=[world_at_work.campaign.pk]), {})
        background.run_queued(timezone.now)
        refused = client.get(page).content.decode()
    finally:
        canvas.chinese_font.cache_clear()
    assert "没有中文字体" in refused
    assert "fonts-noto-cjk" in refused
