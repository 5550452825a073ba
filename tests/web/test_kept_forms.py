"""Every form with room for text keeps what is typed in the browser, until the server has taken it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from creation.audit.actor import Actor
from creation.models import Announcement, AssessmentText, TaskRequest
from creation.papers import self_assessment
from tests.support.browser import DESKTOP
from tests.support.world import NOW, World
from tests.tasks.test_moves import make

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('form:')).length"


@pytest.fixture
def page(browser: Any, live_server: Any, world: World) -> Iterator[Any]:
    with browser.new_context(viewport=DESKTOP, base_url=live_server.url) as context:
        log_in(context, live_server, world)
        yield context.new_page()


def log_in(context: Any, live_server: Any, world: World) -> None:
    cookie = world.client("coordinator").cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


@pytest.fixture
def introduction(page: Any, world: World) -> Callable[[], Any]:
    """Return a function that opens the introduction of the self-assessment report and returns its field."""

    def open_it() -> Any:
        page.goto(reverse("assessment_passage", args=[world.campaign.pk, "introduction"]))
        return page.locator("textarea[name=text]")

    return open_it


def saved(world: World) -> list[str]:
    return [each.text for each in AssessmentText.objects.filter(campaign=world.campaign)]


def submit(page: Any) -> None:
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_load_state()


def test_text_boxes_and_lists_are_there_again_and_gone_once_they_are_published(page: Any, world: World) -> None:
    address = f"/c/{world.campaign.pk}/announcements/new/"
    page.goto(address)
    page.get_by_label("标题").fill("关于开会的通知")
    page.get_by_label("正文").fill("请参加。")
    boxes = page.locator("input[name=units]")
    for number in (0, 2):
        boxes.nth(number).check()
    page.goto("/notices/")
    page.goto(address)
    page.locator(".kept-note", has_text="还没有提交的内容，文件请重新选择").wait_for()
    assert page.get_by_label("标题").input_value() == "关于开会的通知"
    assert [boxes.nth(number).is_checked() for number in range(3)] == [True, False, True]
    assert page.inner_text("[data-count]").startswith("已选 2 /")
    page.get_by_role("button", name="发布并通知").click()
    page.wait_for_selector("main > .alert-success")
    assert Announcement.objects.get().units.count() == 2
    assert page.evaluate(KEPT) == 0


def test_a_login_that_ends_takes_nothing_away(introduction: Any, page: Any, live_server: Any, world: World) -> None:
    introduction().fill("第一段。\n第二段。")
    page.context.clear_cookies(name="sessionid")
    submit(page)
    assert "/login/" in page.url
    log_in(page.context, live_server, world)
    page.goto(page.url)  # leads back to the form
    assert page.locator("textarea[name=text]").input_value() == "第一段。\n第二段。"
    submit(page)
    assert saved(world) == ["第一段。\n第二段。"]
    assert page.evaluate(KEPT) == 0


def test_a_login_in_another_window_does_not_refuse_the_form(introduction: Any, page: Any, live_server: Any) -> None:
    introduction().fill("这一段")
    page.context.add_cookies([{"name": "csrftoken", "value": "x" * 32, "url": live_server.url}])
    submit(page)
    page.wait_for_selector("main > .alert-success")


def test_what_was_refused_is_still_there_after_another_page(page: Any, world: World) -> None:
    address = reverse("meeting_new", args=[world.campaign.pk])
    page.goto(address)
    form = page.locator("main form.panel")
    form.evaluate("form => { form.noValidate = true; }")
    form.locator("textarea").first.fill("逐项核对")
    form.get_by_role("button").last.click()
    page.wait_for_load_state()
    assert form.locator("textarea").first.input_value() == "逐项核对"
    page.goto("/notices/")
    page.goto(address)
    assert form.locator("textarea").first.input_value() == "逐项核对"


def test_text_typed_on_an_older_version_is_shown_before_it_is_put_in(
    introduction: Any, page: Any, world: World
) -> None:
    introduction().fill("我写的")
    actor = Actor(world.people["coordinator"], NOW, "")
    self_assessment.save_passage(world.campaign, "introduction", "同事写的", 0, actor)
    field = introduction()
    assert field.input_value() == "同事写的"
    page.locator(".kept-note .text-box", has_text="我写的").wait_for()
    page.get_by_role("button", name="填入").click()
    assert field.input_value() == "我写的"


def test_a_letter_about_one_unit_is_not_put_into_a_letter_about_another(page: Any, world: World) -> None:
    address = reverse("order_new", args=[world.campaign.pk])
    one, other = (task.pk for task in list(world.tasks.values())[:2])
    page.goto(f"{address}?task={one}")
    page.locator("textarea").first.fill("请在三日内报送")
    page.goto(f"{address}?task={other}")
    assert page.locator("textarea").first.input_value() != "请在三日内报送"
    page.goto(f"{address}?task={one}")
    assert page.locator("textarea").first.input_value() == "请在三日内报送"


def test_secrets_of_a_channel_are_not_kept(page: Any) -> None:
    page.goto(reverse("channel_new", args=["sms"]))
    page.locator("textarea").fill("key=秘密")
    assert page.evaluate(KEPT) == 0


def test_a_comment_that_stands_beside_its_form_is_kept(page: Any, world: World) -> None:
    make(world, "submit")
    address = reverse("review", args=[world.campaign.pk, world.tasks["lead"].pk])
    page.goto(address)
    page.get_by_text("通过时附意见").click()
    page.locator("#approve_comment").fill("数据与年报一致")
    page.goto("/notices/")
    page.goto(address)
    assert page.locator("#approve_comment").input_value() == "数据与年报一致"
    page.locator(".kept-note", has_text="还没有提交的内容").get_by_role("button", name="清除").click()
    assert page.locator("#approve_comment").input_value() == ""
    assert page.locator(".kept-note").count() == 0


def test_a_fold_in_the_form_opens_with_the_text(page: Any, world: World) -> None:
    task = world.task("lead")
    day = NOW.date() + timedelta(days=400)
    TaskRequest.objects.create(
        task=task, kind="extension", reason="汛期", wanted_on=day, created_by=task.owner, created_at=NOW
    )
    address = reverse("requests", args=[world.campaign.pk])
    page.goto(address)
    page.locator(".request-answer summary").click()
    page.locator(".request-answer textarea").fill("请按期完成")
    page.goto(address)
    page.locator(".request-answer textarea").wait_for()
    assert page.locator(".request-answer textarea").input_value() == "请按期完成"


def test_a_reason_of_one_line_is_kept_and_a_name_typed_to_confirm_is_not(page: Any, world: World) -> None:
    action = reverse("action", args=[world.campaign.pk, world.task("action").action_id])
    page.goto(action)
    page.locator("#reason").fill("会议已取消")
    page.goto(action)
    assert page.locator("#reason").input_value() == "会议已取消"
    closing = reverse("campaign_closing", args=[world.campaign.pk])
    page.goto(closing)
    page.locator("#close-name").fill(world.campaign.name)
    page.goto(closing)
    assert page.locator("#close-name").input_value() == ""
