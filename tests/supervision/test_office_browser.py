"""Days from the list to the paper: a round with its numbered notice, a meeting and what it decided, the acts of a unit's head, sources."""

import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from creation.models import Action, Finding, Meeting, Notice, Paper, PersonalAct, SupervisionRound, Task
from tests.supervision.browsing import LATER, tick
from tests.support.browser import OVERFLOW, axe
from tests.support.desks import Browsers, done, file_of_job
from tests.support.evidence_files import png
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def words_of(download: Any) -> str:
    """Return all that is written in a workbook."""
    with open(download.path(), "rb") as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    return " ".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value)


def test_a_round_from_the_list_to_the_numbered_notice_and_the_next_one(browsers: Browsers, world: World) -> None:
    inspector, today = browsers("inspector"), timezone.localdate().isoformat()
    inspector.goto(f"/c/{world.campaign.pk}/rounds/")
    inspector.get_by_role("link", name="新建一轮").first.click()
    inspector.get_by_label("名称").fill("第一轮集中督导")
    inspector.get_by_label("开始").fill(today)
    inspector.get_by_label("结束").fill(LATER)
    inspector.get_by_label("请单位准备（可不填）").fill("案卷评查记录原件")
    inspector.get_by_role("button", name="保存").click()
    done(inspector, "已新建")
    inspector.get_by_role("link", name="增加督导组").click()
    inspector.get_by_label("组名").fill("第一组")
    inspector.get_by_label("组长").select_option(label=world.people["inspector"].name)
    tick(inspector, "城管局")
    tick(inspector, "老街街道")
    inspector.get_by_role("button", name="保存").click()
    done(inspector, "增加走访 2 个单位")
    for unit in ("城管局", "老街街道"):
        inspector.get_by_label(f"{unit}的日期").fill(today)
        inspector.get_by_label(f"{unit}的时段").select_option(label="上午")
    inspector.get_by_role("button", name="保存日期").click()
    done(inspector, "改动 2 次走访")
    assert "第一组同时去老街街道" in inspector.locator("main").inner_text()
    inspector.get_by_label("老街街道的时段").select_option(label="下午")
    inspector.get_by_role("button", name="保存日期").click()
    done(inspector, "改动 1 次走访")
    assert "同时去" not in inspector.locator("main").inner_text()
    inspector.get_by_role("button", name="通知单位（2 次走访）").click()
    done(inspector, "已通知 2 次走访的单位")
    assert axe(inspector) == []
    assert inspector.evaluate(OVERFLOW) == ""

    phone = browsers("liaison", on_phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="城管局").first.click()
    assert "案卷评查记录原件" in phone.locator("main").inner_text()
    assert not Notice.objects.filter(
        person=world.people["liaison"], subject__startswith="visit/", read_at=None
    ).exists()

    inspector.get_by_role("link", name="督导通知").click()
    inspector.get_by_label("用于盖章").check()
    inspector.get_by_role("button", name="生成 Word").click()
    assert file_of_job(inspector).suggested_filename.startswith("督导通知")
    coordinator = browsers("coordinator")
    coordinator.goto(f"/c/{world.campaign.pk}/papers/")
    assert Paper.objects.get().number in coordinator.locator("main").inner_text()

    inspector.goto(f"/c/{world.campaign.pk}/rounds/")
    inspector.get_by_role("button", name="导出 Excel").click()
    assert "第一轮集中督导" in words_of(file_of_job(inspector))
    inspector.goto(f"/c/{world.campaign.pk}/rounds/")
    inspector.get_by_role("button", name="照上一轮新建").click()
    done(inspector, "分组、单位和重点相同")
    assert SupervisionRound.objects.count() == 2
    inspector.set_viewport_size({"width": 320, "height": 640})  # the smallest phone
    inspector.goto(f"/c/{world.campaign.pk}/rounds/")
    assert inspector.evaluate(OVERFLOW) == ""


def test_a_meeting_from_the_list_to_what_units_do_and_the_register(browsers: Browsers, world: World) -> None:
    coordinator = browsers("coordinator")
    coordinator.goto(f"/c/{world.campaign.pk}/meetings/")
    coordinator.get_by_role("link", name="登记会议").first.click()
    coordinator.get_by_label("会议类型").select_option(label="周例会")
    coordinator.get_by_label("会议名称").fill("第五次周例会")
    coordinator.get_by_label("会议纪要（可会后补）").fill("议定补报学时。")
    sheet = {"name": "签到册.png", "mimeType": "image/png", "buffer": png()}
    coordinator.locator("input[name=files]").set_input_files(sheet)
    coordinator.get_by_role("button", name="保存").click()
    done(coordinator, "会议已登记")
    coordinator.locator("summary", has_text="下发一项议定事项").click()
    coordinator.get_by_role("textbox", name="议定事项").fill("补报学时")
    coordinator.get_by_label("完成时限（可不填）").fill(LATER)
    tick(coordinator, "城管局")
    coordinator.get_by_role("button", name="下发并通知").click()
    done(coordinator, "已下发")
    assert axe(coordinator) == []
    with coordinator.expect_download() as kept:
        coordinator.get_by_role("link", name="签到册.png").click()
    assert kept.value.suggested_filename == "签到册.png"

    liaison = browsers("liaison")
    liaison.goto("/")
    liaison.locator(f"a[href^='{Task.objects.get(action__title='补报学时').get_absolute_url()}']").first.click()
    liaison.locator("label", has_text="情况说明").first.click()
    liaison.locator("textarea[name=statement]").fill("已补报 40 学时。")
    liaison.get_by_role("button", name="报送").first.click()
    done(liaison, "报送成功")

    coordinator.goto(Meeting.objects.get().get_absolute_url())
    assert "1 个单位，已报 1" in coordinator.locator("main").inner_text()
    coordinator.goto(f"/c/{world.campaign.pk}/meetings/?q=周例会")
    coordinator.get_by_role("button", name="导出 Excel").click()
    assert "议定补报学时。" in words_of(file_of_job(coordinator))


def test_an_act_of_the_head_from_the_phone_to_the_register(browsers: Browsers, world: World) -> None:
    Action.objects.filter(pk=world.tasks["action"].action_id).update(personal_act="deploy")
    phone, task = browsers("liaison", on_phone=True), world.task("action")
    phone.goto("/")
    phone.locator(f"a[href^='{task.get_absolute_url()}']").first.click()
    acts = phone.locator("#personal-acts")
    acts.get_by_label("日期").fill(timezone.localdate().isoformat())
    acts.get_by_label("做了什么").fill("主持召开党组会，部署创建任务")
    acts.get_by_label("证明存放处（没有上传的填写）").fill("办公室三号柜")
    acts.get_by_role("button", name="登记").click()
    done(phone, "已写进答复")
    assert phone.evaluate(OVERFLOW) == ""
    assert axe(phone) == []
    assert PersonalAct.objects.get().where == "办公室三号柜"

    coordinator = browsers("coordinator")
    coordinator.goto(f"/c/{world.campaign.pk}/findings/")
    coordinator.get_by_role("link", name="四个亲自").click()
    assert "主持召开党组会" in coordinator.locator("#results").inner_text()
    coordinator.get_by_role("button", name="导出 Excel").click()
    assert "办公室三号柜" in words_of(file_of_job(coordinator))


def test_a_source_from_the_list_to_a_finding(browsers: Browsers, world: World) -> None:
    inspector = browsers("inspector")
    inspector.goto(f"/c/{world.campaign.pk}/findings/")
    inspector.get_by_role("link", name="问题来源").click()
    inspector.get_by_label("新的来源").fill("信访转办")
    inspector.get_by_role("button", name="增加").click()
    done(inspector, "“信访转办”在用")
    inspector.get_by_label("集中督导的来源").fill("集中督导（区级）")
    inspector.get_by_role("button", name="保存").click()
    done(inspector, "改动 1 个来源")
    assert axe(inspector) == []
    inspector.get_by_role("link", name="督导问题").first.click()
    inspector.get_by_role("link", name="登记问题").first.click()
    inspector.get_by_label("问题（一句话）").fill("信访件逾期未答复")
    inspector.get_by_label("问题来源").select_option(label="信访转办")
    tick(inspector, "城管局")
    inspector.get_by_role("button", name="登记并下发整改").click()
    done(inspector, "第 001 号")
    assert Finding.objects.get().source.name == "信访转办"
