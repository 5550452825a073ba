"""Answer requests with the keyboard alone, in a real browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation.models import TaskRequest
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


def test_one_key_grants_another_opens_the_words_of_a_refusal(world: World, live_server: Any, browser: Any) -> None:
    now = timezone.now()
    wanted = timezone.localdate() + timedelta(days=400)
    for name in ("assist", "other", "lead"):
        task = world.tasks[name]
        TaskRequest.objects.create(
            task=task, kind="extension", reason="汛期", wanted_on=wanted, created_by=task.owner, created_at=now
        )
    client = Client()
    client.force_login(world.people["coordinator"])
    context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("requests", args=[world.campaign.pk]))
    page.wait_for_timeout(600)  # a key pressed for the previous page must not answer on this one
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("a")
    assert world.task("other").due_on == wanted
    page.keyboard.press("r")  # the page goes on with the request after the one that was granted
    page.keyboard.type("请按期完成")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [each.granted for each in TaskRequest.objects.order_by("pk")] == [None, True, False]
    page.keyboard.press("x")
    assert page.get_by_text("已选 1 份").is_visible()
    context.close()
