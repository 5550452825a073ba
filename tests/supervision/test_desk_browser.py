"""An inspector's and a liaison's day at their desks: from a finding to 销号, with an order in between, to the numbered papers."""

from collections.abc import Callable
from typing import Any

import pytest

from creation.models import Finding, Paper, SupervisionOrder, Task
from tests.supervision.browsing import LATER, tick
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import done, file_of_job
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_from_a_finding_to_the_numbered_paper(desk: Callable[[str], Any], world: World) -> None:
    inspector, base = desk("inspector"), f"/c/{world.campaign.pk}"
    inspector.goto(f"{base}/findings/")
    inspector.get_by_role("link", name="登记问题").click()
    inspector.get_by_label("问题（一句话）").fill("案卷没有评查记录")
    inspector.get_by_label("问题来源").select_option(label="集中督导")
    inspector.get_by_label("整改时限").fill(LATER)
    tick(inspector, "城管局")
    inspector.get_by_role("button", name="登记并下发整改").click()
    done(inspector, "第 001 号")

    inspector.get_by_role("link", name="为此问题下发督办单").click()
    assert inspector.get_by_label("督办事项（一句话）").input_value() == "案卷没有评查记录"
    inspector.get_by_label("办结时限").fill(LATER)
    inspector.get_by_label("牵头单位").select_option(label="城管局")
    inspector.get_by_role("button", name="下发并通知").click()
    done(inspector, "已下发")
    inspector.get_by_role("link", name="修改", exact=True).click()
    assert axe(inspector) == []
    inspector.get_by_label("领导批示").fill("请抓紧。——张副区长")
    tick(inspector, "老街街道")
    inspector.get_by_role("button", name="保存并通知").click()
    done(inspector, "已保存")
    assert "（空） 改为 请抓紧。——张副区长" in inspector.locator("section", has_text="修改记录").inner_text()
    assert inspector.evaluate(OVERFLOW) == ""

    liaison, finding, order = desk("liaison"), Finding.objects.get(), SupervisionOrder.objects.get()
    for task in (finding.rectifications.get(), Task.objects.get(action=order.action, unit=world.units["城管局"])):
        liaison.goto("/")
        liaison.locator(f"a[href^='{task.get_absolute_url()}']").first.click()
        liaison.locator("label", has_text="情况说明").first.click()
        liaison.locator("textarea[name=statement]").fill("已补齐 12 卷的评查记录。")
        liaison.get_by_role("button", name="报送").first.click()
        done(liaison, "报送成功")

    inspector.goto("/")
    inspector.get_by_role("link", name="W001 案卷没有评查记录").click()
    inspector.locator("summary", has_text="销号").first.click()
    inspector.get_by_label("核查方式").select_option(index=1)
    inspector.get_by_label("为什么由您本人核查").first.fill("另一名同志在驻村")
    inspector.get_by_role("button", name="确认销号").click()
    done(inspector, "已销号")

    inspector.goto(order.get_absolute_url())
    inspector.locator("summary", has_text="办结").click()
    inspector.get_by_label("办结情况").fill("已补齐。")
    inspector.get_by_role("button", name="办结此督办单").click()
    done(inspector, "不再要求的答复 1 份")

    inspector.goto(f"{base}/documents/feedback/")
    inspector.get_by_label("被督导单位").select_option(label="城管局")
    inspector.get_by_label("总体意见").fill("总体较好。")
    inspector.get_by_label("用于盖章").check()
    inspector.get_by_role("button", name="生成 Word").click()
    assert file_of_job(inspector).suggested_filename.startswith("反馈意见书")
    paper = Paper.objects.get()
    coordinator = desk("coordinator")
    coordinator.goto(f"{base}/papers/")
    assert paper.number in coordinator.locator("main").inner_text()
