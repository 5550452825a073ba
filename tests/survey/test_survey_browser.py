"""A satisfaction survey: set up at the desk, answered without a login on a phone, once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from creation.models import Survey, SurveyBatch
from creation.survey import codes
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_from_the_form_to_an_answer_on_a_phone_without_a_login(browsers: Browsers, world: World) -> None:
    office, today = browsers("coordinator"), timezone.localdate()
    office.goto(f"/c/{world.campaign.pk}/surveys/new/")
    office.get_by_label("名称").fill("群众满意度测评")
    office.get_by_label("题目（一行一题）").fill("对执法的总体评价\n对办事的总体评价")
    office.get_by_label("开始").fill(today.isoformat())
    office.get_by_label("结束").fill((today + timedelta(days=9)).isoformat())
    office.get_by_role("button", name="建立").click()
    done(office, "下一步：给各单位生成测评码")
    office.get_by_label("怎样发给群众").select_option("link")
    office.get_by_label("每个单位的份数").fill("20")
    office.locator("label", has=office.locator("input[name=units]"), has_text="老街街道").first.click()
    office.get_by_role("button", name="生成", exact=True).click()
    office.get_by_text("已收 0 / 20 份").wait_for()
    assert axe(office) == []

    phone = browsers("", on_phone=True)
    phone.goto(reverse("survey_answer", args=[codes.link_of(SurveyBatch.objects.get())]))
    phone.get_by_text("老街街道").first.wait_for()
    assert phone.evaluate(OVERFLOW) == ""
    assert axe(phone) == []
    for name in ("q0", "q1"):
        phone.locator(f"input[name={name}][value='5']").check(force=True)
    phone.get_by_role("button", name="提交").click()
    phone.get_by_text("已收到您的评价").wait_for()
    phone.goto(reverse("survey_answer", args=[codes.link_of(SurveyBatch.objects.get())]))
    phone.get_by_text("已经用过").wait_for()
    assert Survey.objects.get().answers.count() == 1
