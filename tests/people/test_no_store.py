"""Pages of a login are never stored: after a logout the Back key shows none of them."""

from typing import Any

import pytest

from tests.support.browser import BrowserSite
from tests.support.world import World

PAGES = ["/", "/notices/", "/accounts/", "/audit/", "/profile/", "/jobs/", "/units/"]


@pytest.mark.parametrize("who", ["liaison", "coordinator", "administrator", "auditor"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_login_says_no_store(world: World, who: str, page: str) -> None:
    answer = world.client(who).get(page)
    assert "no-store" in answer.get("Cache-Control", ""), page


@pytest.mark.parametrize("name", ["tasks", "ledger", "library", "questions", "liaisons", "progress"])
def test_every_page_of_a_campaign_says_no_store(world: World, name: str) -> None:
    answer = world.client("coordinator").get(f"/c/{world.campaign.pk}/{name}/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_refusals_and_missing_pages_say_it_too(world: World) -> None:
    assert "no-store" in world.client("liaison").get("/accounts/")["Cache-Control"]
    assert "no-store" in world.client("liaison").get("/c/999999/ledger/")["Cache-Control"]


@pytest.mark.needs_chromium
def test_the_back_key_shows_nothing_after_a_logout(browser_site: BrowserSite, caching_browser: Any) -> None:
    page = caching_browser.new_page(base_url=browser_site.acting.address)
    page.goto("/")
    browser_site.acting.log_in(page, "liaison")
    page.goto("/notices/")
    page.goto("/profile/")
    with page.expect_navigation():
        page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    for _ in range(3):
        page.go_back(wait_until="commit")
        assert page.get_by_role("textbox", name="登录名").count() == 1, page.url
