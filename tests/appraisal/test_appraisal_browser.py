"""A mock assessment in the browser: scored by keys, a request that a unit answers on its phone, an account that ends, the results."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from creation.appraisal import organizing
from creation.appraisal.organizing import NewAppraisal
from creation.audit.actor import Actor
from creation.models import Appraisal, Membership, Score
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def appraisal(world: World) -> Appraisal:
    today = timezone.localdate()
    new = NewAppraisal(
        name="年底模拟考核",
        kind="on_site",
        starts=today,
        ends=today + timedelta(days=9),
        units=[world.units["城管局"], world.units["老街街道"]],
        sections=["1", "4"],
        default_points=Decimal(10),
        assessors={world.people["assessor"]: [], world.people["reviewer"]: []},
        everyone=True,
    )
    return organizing.create_appraisal(world.campaign, new, Actor(world.people["coordinator"], timezone.now()))


def test_from_the_score_by_keys_to_the_results(browsers: Browsers, world: World, appraisal: Appraisal) -> None:
    assessor = browsers("assessor")
    assessor.goto(f"/c/{world.campaign.pk}/appraisals/")
    assessor.get_by_role("link", name="年底模拟考核").first.click()
    assessor.locator("#mine").locator("xpath=..").get_by_role("link", name="城管局").click()
    scores = assessor.locator(".score-value input")
    scores.first.focus()
    assessor.keyboard.type("8")
    assessor.keyboard.press("Enter")
    assessor.locator(".score-state", has_text="已保存").first.wait_for()
    assessor.keyboard.type("6.5")
    assessor.keyboard.press("Shift+Enter")
    assessor.locator(".score-state", has_text="已保存").nth(1).wait_for()
    assert assessor.evaluate("document.activeElement === document.querySelector('.score-value input')")
    assessor.locator("#score-done", has_text="已评 2 / 2").wait_for()
    assert axe(assessor) == []

    assessor.keyboard.press("q")
    assessor.keyboard.type("请提供评查的原始记录")
    assessor.locator(".score-ask[open]").get_by_role("button", name="发给单位").click()
    assessor.get_by_text("等待答复").wait_for()
    unit = browsers("liaison", on_phone=True)
    unit.goto("/")
    unit.get_by_role("link", name="请提供评查的原始记录").first.click()
    unit.locator("textarea").first.fill("原始记录在三楼档案室，已附扫描件。")
    unit.get_by_role("button", name="答复").click()
    done(unit, "答复")
    assert unit.evaluate(OVERFLOW) == ""
    assessor.reload()
    assessor.get_by_text("原始记录在三楼档案室").wait_for()
    assessor.keyboard.press("[")
    assessor.get_by_role("heading", name="老街街道").wait_for()

    other = browsers("reviewer")
    other.goto(f"/c/{world.campaign.pk}/appraisals/{appraisal.pk}/units/{world.units['城管局'].pk}/")
    assert "6.5" not in other.content()
    other.goto(f"/c/{world.campaign.pk}/appraisals/{appraisal.pk}/")
    assert "6.5" not in other.content()

    office = browsers("coordinator")
    office.goto(f"/c/{world.campaign.pk}/appraisals/{appraisal.pk}/")
    office.get_by_role("button", name="结束评分，看结果").click()
    office.get_by_role("heading", name="各单位得分").wait_for()
    row = office.locator("section", has_text="各单位得分").locator("tbody tr", has_text="城管局")
    assert "14.5 / 20" in row.inner_text()
    assert axe(office) == []
    assert Score.objects.filter(value__isnull=False).count() == 2


def test_an_assessor_whose_account_ended_is_out_at_once(browsers: Browsers, world: World, appraisal: Appraisal) -> None:
    page = browsers("assessor")
    page.goto(f"/c/{world.campaign.pk}/appraisals/{appraisal.pk}/units/{world.units['城管局'].pk}/")
    page.locator(".score-value input").first.wait_for()
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=world.people["assessor"]).update(expires=yesterday)
    page.locator(".score-value input").first.fill("9")
    page.locator("form.score-form").first.get_by_role("button", name="保存").click()
    page.locator("#main [role=alert]", has_text="您不再能查看它").first.wait_for()
    assert not Score.objects.exists()
    answer = page.goto(f"/c/{world.campaign.pk}/appraisals/{appraisal.pk}/")
    assert answer.status in (403, 404)


def test_a_score_that_was_typed_without_a_network_says_so_and_is_saved_later(
    browsers: Browsers, world: World, appraisal: Appraisal
) -> None:
    sheet = reverse("score_unit", args=[world.campaign.pk, appraisal.pk, world.units["城管局"].pk])

    def type_score(number: int, value: str, says: str) -> None:
        page.locator(".score-value input").nth(number).fill(value)
        page.locator(".score-value input").nth(number).blur()
        page.locator(".score-state").nth(number).get_by_text(says).wait_for()

    page = browsers("assessor")
    context = page.context
    page.goto(sheet)
    context.set_offline(True)
    type_score(0, "7", "没有保存：连接中断")
    context.set_offline(False)
    page.locator(".score-state").nth(0).get_by_text("已保存").wait_for()
    context.set_offline(True)
    type_score(1, "6.5", "没有保存：连接中断")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(sheet)
    page.locator(".score-state").nth(1).get_by_text("已保存").wait_for()
    assert sorted(Score.objects.values_list("value", flat=True)) == [Decimal("6.5"), Decimal(7)]
    context.clear_cookies(name="sessionid")
    type_score(0, "8", "没有保存：登录已过期")
