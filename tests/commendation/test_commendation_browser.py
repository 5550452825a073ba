"""A commendation in the browser: a nomination on the phone, opinions, the secret vote, the public notice with an objection, the list."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from creation.models import Commendation, Nomination
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done, file_of_job
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def day(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def nominate(page: Any, world: World, kind: str, name: str) -> None:
    page.goto("/")
    page.goto(Commendation.objects.get().get_absolute_url())
    page.get_by_role("link", name="提名", exact=True).click()
    page.get_by_label("类别").select_option({"个人": "person", "集体": "collective"}[kind])
    page.get_by_label("集体名称或个人姓名").fill(name)
    if kind == "个人":
        page.get_by_label("职务").fill("科长")
    page.get_by_label("主要事迹").fill("主办案卷评查，补齐 120 卷。")
    page.get_by_label("推荐理由").fill("工作扎实")
    page.get_by_role("button", name="提名").click()
    page.locator("main > .alert-success").wait_for()
    assert page.evaluate(OVERFLOW) == ""


def test_from_the_call_to_the_list(browsers: Browsers, world: World) -> None:
    office = browsers("coordinator")
    office.goto(f"/c/{world.campaign.pk}/commendations/")
    office.get_by_role("link", name="发起评选").click()
    office.get_by_label("名称").fill("年度总结表彰")
    office.get_by_label("集体名额").fill("1")
    office.get_by_label("个人名额").fill("2")
    office.get_by_label("评选条件").fill("成绩突出。")
    office.get_by_label("提名截止").fill(day(3))
    for name in ("凌领导", "申审核", "杜督导"):
        office.get_by_label(name).check()
    office.get_by_label("投票有效人数").fill("2")
    office.get_by_role("button", name="发起").first.click()
    done(office, "已发起")
    nominate(browsers("liaison", on_phone=True), world, "个人", "刘某某")
    nominate(browsers("rival", on_phone=True), world, "个人", "马某某")

    office.goto(Commendation.objects.get().get_absolute_url())
    office.locator("main a[href$='/consult/']").click()
    office.locator("input[name=organ]").fill("公安机关")
    office.get_by_role("button", name="登记", exact=True).click()
    done(office, "征求意见")
    office.get_by_role("button", name="登记无不同意见").click()
    done(office, "无不同意见")
    assert axe(office) == []

    Commendation.objects.update(nominate_until=timezone.localdate() - timedelta(days=1))
    office.goto(Commendation.objects.get().get_absolute_url())
    office.get_by_role("button", name="开始表决，通知委员").click()
    done(office, "已开始表决")
    for who in ("chief", "reviewer", "inspector"):
        page = browsers(who)
        page.goto(Commendation.objects.get().get_absolute_url())
        page.get_by_role("link", name="我要投票").click()
        for field in page.locator("fieldset").all():
            field.get_by_label("同意", exact=True).check()
        page.get_by_role("button", name="投票").click()
        done(page, "已投票")
    office.reload()
    office.get_by_role("button", name="结束表决，看结果").click()
    office.get_by_text("同意 3，不同意 0，弃权 0").first.wait_for()
    office.get_by_role("link", name="选定并公示").click()
    for box in office.locator("input[name=nominations]").all():
        box.check()
    office.get_by_role("button", name="今天起公示").click()
    done(office, "已公示到")

    first, second = Nomination.objects.order_by("serial")
    office.goto(first.get_absolute_url())
    office.get_by_role("link", name="登记异议").click()
    office.get_by_label("异议内容").fill("情况不实")
    office.get_by_role("button", name="登记").click()
    done(office, "异议已登记")
    office.get_by_role("link", name="登记处理情况").click()
    office.get_by_label("结论").select_option(label="异议成立，不予表彰")
    office.get_by_label("核查和处理情况").fill("经核查属实")
    office.get_by_role("button", name="登记处理情况").click()
    done(office, "处理情况已登记")

    Commendation.objects.update(
        public_from=timezone.localdate() - timedelta(days=12), public_until=timezone.localdate() - timedelta(days=1)
    )
    office.goto(Commendation.objects.get().get_absolute_url())
    office.get_by_role("link", name="作出决定").click()
    office.get_by_label("决定文号").fill("源政〔2026〕12号")
    office.get_by_role("button", name="登记决定，通知各单位").click()
    done(office, "决定已登记")
    office.get_by_role("button", name="表彰名册").click()
    with open(file_of_job(office).path(), "rb") as file:
        book = load_workbook(io.BytesIO(file.read()))
    words = " ".join(str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell)
    assert (second.name in words, first.name in words) == (True, False)


def test_one_of_which_nobody_is_left_is_ended(browsers: Browsers, world: World) -> None:
    today = timezone.localdate()
    made = Commendation.objects.create(
        campaign=world.campaign,
        name="年度总结表彰",
        collectives=1,
        people=0,
        conditions="成绩突出。",
        nominate_until=today - timedelta(days=3),
        quorum=1,
        created_by=world.people["coordinator"],
        created_at=timezone.now(),
    )
    office = browsers("coordinator", on_phone=True)
    office.goto(made.get_absolute_url())
    office.get_by_role("link", name="终止评选").click()
    office.get_by_label("终止的原因").fill("没有单位提名")
    assert axe(office) == []
    office.get_by_role("button", name="终止评选，通知各单位").click()
    done(office, "已终止")
    office.get_by_text("终止，不作表彰：没有单位提名").wait_for()
    assert office.evaluate(OVERFLOW) == ""
