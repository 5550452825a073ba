"""A refused form that stands far below the top of its page is what the reader sees next."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from tests.support.browser import PHONE
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_now")]


@pytest.fixture
def phone(browser: Any, live_server: Any, world: World) -> Iterator[Any]:
    with browser.new_context(viewport=PHONE, base_url=live_server.url) as context:
        cookie = world.client("liaison").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        yield context.new_page()


def test_the_error_of_a_refused_request_is_in_sight_with_its_field(phone: Any, world: World) -> None:
    phone.goto(reverse("task", args=[world.campaign.pk, world.task("lead").pk]))
    fold = phone.locator("details", has=phone.get_by_text("延期申请", exact=True)).last
    fold.locator("summary").click()
    fold.locator("textarea").fill("材料没有收齐。")
    fold.locator("form").evaluate("form => { form.noValidate = true; }")
    with phone.expect_navigation():
        fold.locator("button[type=submit]").click()
    wrong = phone.locator("main .errorlist").first
    box = wrong.bounding_box()
    assert 0 <= box["y"] <= PHONE["height"] - box["height"], "the error is not on the screen"
    assert phone.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


def test_a_page_without_an_error_opens_at_its_top(phone: Any, world: World) -> None:
    phone.goto(reverse("task", args=[world.campaign.pk, world.task("lead").pk]))
    assert phone.evaluate("window.scrollY") == 0
