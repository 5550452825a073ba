"""The end of a year in the browser: the campaign is closed, its archive downloaded and verified, and opened again; then the next year."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from creation import background
from creation.models import Campaign
from tests.support.browser import axe
from tests.support.desks import Browsers
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_from_the_open_points_to_the_verified_archive_and_the_next_year(
    browsers: Browsers, world: World, fresh_data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, campaign = browsers("coordinator"), world.campaign
    page.goto(f"/c/{campaign.pk}/setup/closing/")
    page.get_by_text("没有报送").first.wait_for()
    page.get_by_label("请照抄活动名称").fill("别的活动")
    page.get_by_role("button", name="结束活动").click()
    page.locator("main > .alert-danger, main [role=alert]").first.wait_for()
    assert Campaign.objects.get(pk=campaign.pk).state == "open"
    page.get_by_label("请照抄活动名称").fill(campaign.name)
    page.get_by_role("button", name="结束活动").click()
    page.get_by_role("button", name="生成归档包").click()
    page.wait_for_url("**/jobs/**")
    background.run_queued(timezone.now)
    page.reload()
    page.get_by_role("heading", name="归档包已生成").wait_for()
    with page.expect_download() as found:
        page.locator("a[download]").first.click()
    file = tmp_path / found.value.suggested_filename
    found.value.save_as(file)
    call_command("verify", archive=str(file))
    assert "件" in capsys.readouterr().out

    page.goto(f"/c/{campaign.pk}/setup/closing/")
    page.get_by_role("link", name="筹备下一年度的活动").wait_for()
    assert axe(page) == []
    page.get_by_label("原因").fill("有遗留事项要办")
    page.get_by_role("button", name="重新启动活动").click()
    page.locator("main > .alert-success", has_text="已重新启动").wait_for()
    assert Campaign.objects.get(pk=campaign.pk).state == "open"
    page.goto(f"/c/{campaign.pk}/setup/closing/")
    page.get_by_label("请照抄活动名称").fill(campaign.name)
    page.get_by_role("button", name="结束活动").click()
    page.get_by_role("link", name="筹备下一年度的活动").click()
    page.get_by_role("button", name="下一步：看看沿用什么").click()
    page.get_by_role("button", name="确认，建立").click()
    page.locator("main > .alert-success").wait_for()
    assert Campaign.objects.filter(district=world.district, year=campaign.year + 1, state="draft").exists()
