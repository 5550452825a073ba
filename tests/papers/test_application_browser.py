"""申报 from the list of points to receipts and the frozen report with its digest, and what differs afterwards; at desk and on phone."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from creation import background
from creation.models import ApplicationEntry, FinalAssessment, Paper
from creation.tasks import workflow
from tests.papers.test_application import approve
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done
from tests.support.evidence_files import png
from tests.support.world import World

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_data_dir"),
]


def make_final(page: Any) -> None:
    """Freeze the report from the page on which it is offered."""
    page.get_by_role("button", name="定稿并编号").click()
    page.wait_for_url("**/jobs/**")
    background.run_queued(timezone.now)
    page.reload()


def test_a_point_is_entered_its_receipt_kept_and_the_frozen_report_shows_what_differs(
    browsers: Browsers, world: World
) -> None:
    approve(world)
    point = world.indicators["4-3-3"]
    address = reverse("application", args=[world.campaign.pk])
    desk = browsers("reviewer")
    desk.goto("/")
    desk.get_by_role("link", name="报表").first.click()
    desk.get_by_role("link", name="申报登记").first.click()
    desk.get_by_role("link", name="可以上传").click()
    item = desk.locator(f"#item-{point.pk}")
    item.get_by_role("button", name="复制全部文字").click()
    item.get_by_text("已复制").or_(item.get_by_text("请按 Ctrl+C")).wait_for()
    item.get_by_placeholder("备注，如平台回执号").fill("回执 2026-001")
    item.get_by_role("button", name="已上传").click()
    desk.get_by_text("已上传 1 / ").wait_for()
    item.get_by_text("回执 2026-001").wait_for()
    assert axe(desk) == []

    item.locator("summary").click()
    receipt = {"name": "回执截图.png", "mimeType": "image/png", "buffer": png()}
    item.get_by_label("4-3-3 的平台回执截图").set_input_files(receipt)
    item.get_by_role("button", name="上传回执").click()
    done(desk, "平台回执已保存")
    assert ApplicationEntry.objects.get().receipts.get().name == "回执截图.png"
    desk.get_by_label("查找要点、单位或备注").fill("2026-001")
    desk.get_by_role("button", name="查找", exact=True).click()
    desk.get_by_text("符合条件 1 项").wait_for()
    with desk.expect_download() as found:
        desk.get_by_role("button", name="导出 Excel").click()
    assert found.value.suggested_filename.startswith("申报登记表_")

    office = browsers("coordinator")
    office.goto(address)
    office.get_by_role("link", name="自评报告定稿").click()
    make_final(office)
    final, paper = FinalAssessment.objects.get(), Paper.objects.get()
    office.goto(address)
    office.get_by_role("link", name="看定稿之后有没有变化").click()
    shown = office.locator("main").inner_text()
    assert {final.digest, paper.sha256} <= set(shown.split())
    assert "没有变化：现在生成的报告与定稿一致" in shown

    task = world.task("lead")
    workflow.perform(workflow.MOVES["reopen"], task, world.actor("reviewer"), task.version, {"comment": "数字有误"})
    phone = browsers("coordinator", on_phone=True)
    phone.goto(reverse("final_assessment", args=[world.campaign.pk]))
    assert "组织案卷评查两次" in phone.locator("del").first.inner_text()
    assert phone.locator("tr", has_text="汇总的答复").inner_text().split() == ["汇总的答复", "1", "0"]
    assert phone.evaluate(OVERFLOW) == ""
    assert axe(phone) == []
    phone.goto(f"{address}?show=changed")
    phone.locator(f"#item-{point.pk}").get_by_text("上传后，这项答复被撤销通过或退回").wait_for()
    assert phone.evaluate(OVERFLOW) == ""
    assert axe(phone) == []
