"""An inspector's and a liaison's day at their desks: from a finding to 销号, with an order in between, to the numbered papers."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from creation import background
from creation.models import Finding, FindingSource, Paper, SupervisionOrder, Task
from tests.support.browser import OVERFLOW, axe
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
ENOUGH = 15_000  # milliseconds in which something appears
LATER = (timezone.localdate() + timedelta(days=20)).isoformat()


@pytest.fixture
def desk(browser: Any, live_server: Any, world: World) -> Iterator[Callable[[str], Any]]:
    """Return a function: a page on the desk of this person."""
    FindingSource.objects.create(district=world.district, name="集中督导")
    contexts = []

    def page_of(who: str) -> Any:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=live_server.url)
        context.set_default_timeout(ENOUGH)
        cookie = world.client(who).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


def done(page: Any, words: str) -> None:
    page.locator("main > .alert-success", has_text=words).wait_for()


def tick(page: Any, unit: str) -> None:
    page.locator("label", has=page.locator("input[name=units], input[name=assists]"), has_text=unit).first.click()


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
    inspector.wait_for_url("**/jobs/**")
    background.run_queued(timezone.now)
    inspector.reload()
    with inspector.expect_download() as found:
        inspector.locator("a[href$='/file/']").first.click()
    assert found.value.suggested_filename.startswith("反馈意见书")
    paper = Paper.objects.get()
    coordinator = desk("coordinator")
    coordinator.goto(f"{base}/papers/")
    assert paper.number in coordinator.locator("main").inner_text()
