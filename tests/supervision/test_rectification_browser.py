"""A rectification in the browser, beyond the straight way: more time, an objection, what lasts, what comes back; and a unit's readings."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Finding, FindingSource, Measure, Reading, Task, TaskStatus
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import workflow
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
STATEMENT = {"mode": "statement", "statement": "已补齐。", "results": "已补齐"}


def actor(world: World, who: str) -> Actor:
    return Actor(world.people[who], timezone.now())


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def task(browsers: Browsers, world: World) -> Task:
    """Return a rectification of 城管局, of a finding that the coordinator recorded."""
    text = FindingText("案卷没有评查记录", FindingSource.objects.get())
    due = timezone.localdate() + timedelta(days=9)
    made = findings.record_finding(world.campaign, text, {world.units["城管局"]: due}, actor(world, "coordinator"))
    return made.rectifications.for_table().get()


@pytest.fixture
def reported(world: World, task: Task) -> Task:
    return workflow.perform(workflow.MOVES["submit"], task, actor(world, "liaison"), task.version, STATEMENT)


def unfold(page: Any, words: str) -> Any:
    """Unfold what this summary hides, unless it is open; return it."""
    details = page.locator("details", has=page.locator("summary", has_text=words)).first
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return details


def test_a_unit_asks_for_more_time_and_objects_on_the_phone(browsers: Browsers, world: World, task: Task) -> None:
    phone, office = browsers("liaison", on_phone=True), browsers("coordinator")
    phone.goto(task.get_absolute_url())
    form = unfold(phone, "延期申请")
    form.get_by_label("希望延至").fill(in_days(2))
    form.get_by_label("理由").fill("档案在外地评审")
    form.get_by_role("button", name="提交延期申请").click()
    phone.locator("#requests .invalid-feedback, #requests .errorlist, #requests [role=alert]").first.wait_for()
    form = unfold(phone, "延期申请")
    assert form.get_by_label("理由").input_value() == "档案在外地评审"
    form.get_by_label("希望延至").fill(in_days(30))
    form.get_by_role("button", name="提交延期申请").click()
    phone.locator("#requests", has_text="等待答复").wait_for()
    form = unfold(phone, "分工异议")
    form.get_by_label("理由").fill("案卷评查已划给街道")
    form.get_by_role("button", name="提交分工异议").click()
    phone.locator("#requests .badge", has_text="等待答复").nth(1).wait_for()
    assert phone.evaluate(OVERFLOW) == ""

    office.goto(f"/c/{world.campaign.pk}/requests/")
    assert axe(office) == []
    row = office.locator("[data-request]", has_text="档案在外地评审")
    row.get_by_role("button", name="同意延期").click()
    done(office, "已同意延期至")
    row = office.locator("[data-request]", has_text="案卷评查已划给街道")
    row.get_by_label("改派给").select_option(label="老街街道")
    row.get_by_role("button", name="同意改派").click()
    done(office, "已改派给")
    (given,) = Task.objects.active().rectifications()
    assert (given.unit, str(given.due_on)) == (world.units["老街街道"], in_days(30))
    other = browsers("rival")
    other.goto("/")
    other.locator(f"a[href^='{given.get_absolute_url()}']").first.wait_for()


def test_what_lasts_needs_the_consent_and_is_looked_at_again(browsers: Browsers, world: World, reported: Task) -> None:
    page = browsers("inspector")
    page.goto(reported.get_absolute_url())
    form = unfold(page, "转为长期坚持")
    form.get_by_label("领导小组同意的会议或批示").fill(" ")
    form.get_by_label("复查日期").fill(in_days(360))
    form.get_by_role("button", name="确认转为长期坚持").click()
    page.get_by_text("请填写领导小组同意长期坚持的会议或批示").wait_for()
    form = unfold(page, "转为长期坚持")
    form.get_by_label("领导小组同意的会议或批示").fill("9月3日领导小组第5次会议")
    form.get_by_role("button", name="确认转为长期坚持").click()
    done(page, "长期坚持")
    form = unfold(page, "年度复查")
    form.get_by_label("复查情况").fill("抽查 5 卷，仍在坚持")
    form.get_by_label("下次复查日期").fill(in_days(720))
    form.get_by_role("button", name="确认年度复查").click()
    done(page, "年度复查成功")
    said = page.locator("main").inner_text()
    assert "领导小组同意：9月3日领导小组第5次会议" in said
    assert "仍在坚持" in said
    page.goto(f"/c/{world.campaign.pk}/rectifications/?status=long_term")
    page.get_by_role("link", name="案卷没有评查记录").first.wait_for()


def test_what_comes_back_is_rectified_again_and_counted(browsers: Browsers, world: World, reported: Task) -> None:
    page = browsers("inspector")
    page.goto(reported.get_absolute_url())
    form = unfold(page, "销号")
    form.get_by_label("核查方式").select_option(label="现场核查")
    form.get_by_role("button", name="确认销号").click()
    done(page, "已销号")
    form = unfold(page, "反弹，重新整改")
    form.get_by_label("反弹的情况").fill("抽查又缺 3 卷")
    form.get_by_label("重新整改的时限").fill(in_days(15))
    form.get_by_role("button", name="确认反弹，重新整改").click()
    done(page, "退回整改")
    page.goto(f"/c/{world.campaign.pk}/rectifications/")
    assert "1 次" in page.locator("main table").inner_text()
    page.goto(f"/c/{world.campaign.pk}/rectifications/figures/")
    assert "反弹" in page.locator("main").inner_text()
    phone = browsers("liaison", on_phone=True)
    phone.goto("/")
    phone.locator(f"a[href^='{reported.get_absolute_url()}']").first.click()
    phone.get_by_text("抽查又缺 3 卷").first.wait_for()
    assert phone.evaluate(OVERFLOW) == ""
    assert Task.objects.get(pk=reported.pk).status == TaskStatus.RETURNED


def test_who_recorded_it_alone_in_the_group_says_why(browsers: Browsers, world: World, reported: Task) -> None:
    Finding.objects.update(created_by=world.people["inspector"])
    page = browsers("inspector", on_phone=True)
    page.goto(reported.get_absolute_url())
    form = unfold(page, "销号")
    form.get_by_label("核查方式").select_option(label="书面核查")
    form.get_by_label("为什么由您本人核查").fill("另一名同志在驻村")
    form.get_by_role("button", name="确认销号").click()
    done(page, "已销号")
    assert "督导检查组没有其他人可以核查：另一名同志在驻村" in page.locator("main").inner_text()
    assert page.evaluate(OVERFLOW) == ""


def test_a_reading_that_swings_asks_why_and_keeps_its_history(browsers: Browsers, world: World) -> None:
    measure, task, unit = (
        Measure.objects.get(indicator=world.indicators["4-3-3"]),
        world.tasks["lead"],
        world.units["城管局"],
    )
    Reading.objects.create(
        measure=measure,
        unit=unit,
        period="2025",
        count=10,
        updated_by=world.people["liaison"],
        updated_at=timezone.now(),
    )
    page = browsers("liaison")
    page.goto(task.get_absolute_url())
    reading = page.locator("form.reading")
    reading.get_by_label("数量").fill("4")
    reading.get_by_text("与上期（数量 10）相差超过一半").wait_for()
    assert not Reading.objects.filter(period="2026").exists()
    reading.get_by_label("说明").fill("今年改为按案件类型评查")
    reading.get_by_text("已保存").wait_for()
    reading.get_by_label("数量").fill("8")
    reading.locator("[name=seen][value='2']").wait_for(state="attached")
    assert Reading.objects.get(period="2026").count == 8

    office = browsers("coordinator")
    office.goto(f"/c/{world.campaign.pk}/measures/")
    office.get_by_role("link", name="行政执法案卷评查").click()
    history = office.locator("section", has_text="修改记录").inner_text()
    assert "城管局 2026：原为 4次（今年改为按案件类型评查）" in history
    assert "刘联络" in history
    assert axe(office) == []
