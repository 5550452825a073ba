"""A task in a browser, beside the test's own database."""

from typing import Any

import pytest
from django.urls import reverse

from creation.models import Task
from tests.support.world import World


@pytest.fixture
def site(browser: Any, live_server: Any, world: World) -> Any:
    """Return a function: ``open(who)`` opens the task in a window of that person's own browser."""
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=None)
    contexts: dict[str, Any] = {}

    def open_page(who: str = "liaison") -> Any:
        if who not in contexts:
            contexts[who] = browser.new_context(viewport={"width": 1366, "height": 768})
            cookie = world.client(who).cookies["sessionid"].value
            contexts[who].add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        window = contexts[who].new_page()
        window.goto(live_server.url + reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk]))
        return window

    yield open_page
    for context in contexts.values():
        context.close()
