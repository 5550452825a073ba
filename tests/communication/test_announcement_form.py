"""The form of an announcement in a browser: all units with one tick; what is missing is said at its place, and chosen files stay chosen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creation.models import Announcement
from tests.support.browser import DESKTOP
from tests.support.evidence_files import pdf
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, live_server: Any, world: World) -> Iterator[Any]:
    with browser.new_context(viewport=DESKTOP, base_url=live_server.url) as context:
        cookie = world.client("coordinator").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"/c/{world.campaign.pk}/announcements/new/")
        yield page


@pytest.mark.usefixtures("fresh_data_dir")
def test_without_units_it_is_said_there_and_the_files_stay(page: Any, world: World, tmp_path: Path) -> None:
    file = tmp_path / "通知.txt"
    file.write_text("会议通知")
    page.get_by_label("标题").fill("关于开会的通知")
    page.get_by_label("正文").fill("请参加。")
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="发布并通知").click()
    page.locator("[data-lacking]", has_text="请至少选择一个单位").wait_for()
    assert page.locator("#files").evaluate("input => input.files.length") == 1
    page.get_by_label("全部单位").check()
    assert "已选" in page.inner_text("[data-count]")
    assert page.locator("[data-lacking]").count() == 0
    page.locator("#files").set_input_files([])
    page.get_by_role("button", name="发布并通知").click()
    page.wait_for_selector("main > .alert-success")
    active = page.locator("main").inner_text()
    assert "关于开会的通知" in active
    assert Announcement.objects.get().units.count() == len(world.units)


@pytest.mark.usefixtures("fresh_data_dir")
def test_what_the_server_refuses_is_shown_at_its_field_and_the_files_stay(
    page: Any, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "安排.pdf"
    file.write_bytes(pdf())
    page.get_by_label("标题").fill("关于开会的通知")
    page.get_by_label("正文").fill("请参加。\n" * 40)
    page.locator("#files").set_input_files(file)
    page.get_by_label("全部单位").check()
    page.get_by_label("签收期限").fill("2020-01-01")
    page.get_by_role("button", name="发布并通知").click()
    page.get_by_text("已经过去，请改填今天或以后的日期").wait_for()
    assert page.get_by_label("签收期限").evaluate("field => field === document.activeElement")
    assert page.locator("#files").evaluate("input => input.files.length") == 1
    assert "请重新选择附件" not in page.inner_text("main")
    page.get_by_label("签收期限").fill("")
    page.get_by_role("button", name="预览").click()
    preview = page.locator("[data-preview]")
    preview.wait_for()
    assert ["关于开会的通知" in preview.inner_text(), "安排.pdf" in preview.inner_text()] == [True, True]
    assert f"发给 {len(world.units)} 个单位" in preview.inner_text()
    assert Announcement.objects.count() == 0
    assert "已经改动" not in preview.inner_text()
    page.get_by_label("正文").fill("请参加，带上台账。")
    preview.get_by_text("内容已经改动，这是改动以前的样子").wait_for()
    page.get_by_role("button", name="预览").click()
    preview.get_by_text("带上台账").wait_for()
    assert "已经改动" not in preview.inner_text()
    assert page.locator("#files").evaluate("input => input.files.length") == 1
    page.get_by_role("button", name="发布并通知").click()
    page.wait_for_selector("main > .alert-success")
    assert Announcement.objects.get().files.get().name == "安排.pdf"
