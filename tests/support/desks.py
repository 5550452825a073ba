"""Browsers of several people at once, on desks and on phones, and what they do on several pages."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from creation import background
from tests.support.browser import PHONE
from tests.support.world import World

ENOUGH = 15_000  # milliseconds in which something appears
DESK = {"width": 1366, "height": 768}
Browsers = Callable[..., Any]


@pytest.fixture
def browsers(browser: Any, live_server: Any, world: World) -> Iterator[Browsers]:
    """Return a function: a page in the browser of this person, on a desk or a phone; "" is somebody without a login."""
    contexts = []

    def page_of(who: str, on_phone: bool = False) -> Any:
        size = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if on_phone else {"viewport": DESK}
        context = browser.new_context(base_url=live_server.url, **size)
        context.set_default_timeout(ENOUGH)
        if who:
            cookie = world.client(who).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


def done(page: Any, words: str) -> None:
    page.locator("main > .alert-success", has_text=words).wait_for()


def file_of_job(page: Any) -> Any:
    """Return the download that the page's job makes."""
    page.wait_for_url("**/jobs/**")
    background.run_queued(timezone.now)
    page.reload()
    with page.expect_download() as found:
        page.locator("a[href$='/file/']").first.click()
    return found.value
