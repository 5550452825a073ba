"""Go through the review queue with the keyboard alone, in a real browser, as reviewers do for hundreds of tasks a day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Review, Task
from creation.tasks import workflow
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
COUNT = 5


@pytest.fixture
def waiting(world: World) -> World:
    """Five tasks, submitted one after another, each with a text as evidence."""
    lead, now = world.task("lead"), timezone.now()
    for number in range(COUNT):
        task = Task.objects.create(
            campaign=lead.campaign,
            unit=lead.unit,
            indicator=lead.indicator,
            phase=lead.phase,
            owner=lead.owner,
            period=f"p{number}",
        )
        world.tasks[f"p{number}"] = task
        world.cite(f"p{number}", f"评查通报{number}")
        actor = Actor(world.people["liaison"], now - timedelta(hours=COUNT - number))
        workflow.perform(workflow.MOVES["submit"], world.task(f"p{number}"), actor, 1, {"mode": "upload"})
    return world


@pytest.fixture
def page(waiting: World, live_server: Any, browser: Any) -> Iterator[Any]:
    client = Client()
    client.force_login(waiting.people["reviewer"])
    context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("review_queue", args=[waiting.campaign.pk]))
    yield page
    context.close()


def press_and_go(page: Any, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def preview_shown(page: Any) -> None:
    page.get_by_text("正文", exact=True).wait_for()
    page.wait_for_timeout(600)  # a key pressed for the previous page must not decide on this one


def test_five_items_are_judged_by_one_key_each_with_their_preview_open(waiting: World, page: Any) -> None:
    press_and_go(page, "j")
    for _ in range(COUNT - 1):
        preview_shown(page)
        press_and_go(page, "a")
    preview_shown(page)
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("again: a j k")
    press_and_go(page, "Control+Enter")
    assert "全部审完了" in page.inner_text("main")
    assert sorted(Review.objects.values_list("verdict", "comment")) == [("approve", "")] * 4 + [
        ("return", "again: a j k")
    ]


def test_keys_go_on_look_through_and_can_be_switched_off(waiting: World, page: Any) -> None:
    press_and_go(page, "j")
    preview_shown(page)
    first = page.url
    press_and_go(page, "j")
    press_and_go(page, "k")
    assert page.url == first
    page.keyboard.press("?")
    assert page.is_visible("dialog#keys")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(800)
    assert not Review.objects.exists()


TYPED = """([key, code, shiftKey]) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", {key, code, shiftKey, bubbles: true, cancelable: true}))"""


def test_a_key_that_follows_at_once_is_not_for_the_task_that_is_left(waiting: World, page: Any) -> None:
    press_and_go(page, "j")
    preview_shown(page)
    with page.expect_navigation():
        page.evaluate(f"['j', 'a'].forEach(key => ({TYPED})([key, '', false]))")
    page.wait_for_timeout(800)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("key", "code"),
    [("J", "KeyJ"), ("ｊ", "KeyJ"), ("Process", "KeyJ")],
    ids=["caps lock", "full width", "input method"],
)
def test_the_next_task_comes_however_the_key_is_typed(waiting: World, page: Any, key: str, code: str) -> None:
    with page.expect_navigation():
        page.evaluate(TYPED, [key, code, False])
    preview_shown(page)
    first = page.url
    with page.expect_navigation():
        page.evaluate(TYPED, [key, code, False])
    assert page.url != first
    with page.expect_navigation():
        page.evaluate(TYPED, [key.replace("J", "K").replace("ｊ", "ｋ"), "KeyK", False])
    assert page.url == first
    preview_shown(page)
    with page.expect_navigation():
        page.evaluate(TYPED, [key.replace("J", "A").replace("ｊ", "ａ"), "KeyA", False])
    assert Review.objects.get().verdict == "approve"


@pytest.mark.parametrize(("key", "code"), [("？", "Slash"), ("Process", "Slash")], ids=["full width", "input method"])
def test_a_full_width_question_mark_opens_the_list_of_keys(waiting: World, page: Any, key: str, code: str) -> None:
    press_and_go(page, "j")
    page.evaluate(TYPED, [key, code, True])
    assert page.is_visible("dialog#keys")
