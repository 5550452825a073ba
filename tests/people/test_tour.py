"""The tour of the first login: three steps, once for each person, at a desk or on a phone."""

from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from creation.models import AuditEntry, User
from tests.support.browser import DESKTOP, PHONE, axe
from tests.support.world import World

TITLE = "第一次使用，看三处就够"


def page(world: World, who: str) -> str:
    return str(world.client(who).get("/").content.decode())


def toured(world: World, who: str = "liaison") -> bool:
    return User.objects.get(pk=world.people[who].pk).toured_at is not None


def test_each_person_sees_it_until_it_was_seen(world: World) -> None:
    assert "要求、材料、填报" in page(world, "liaison")
    assert TITLE in page(world, "coordinator")
    assert "要求、材料、填报" not in page(world, "coordinator")
    assert world.client("liaison").post("/profile/tour/")["Location"] == "/"
    assert TITLE not in page(world, "liaison")
    assert TITLE in page(world, "coordinator")


def test_it_is_remembered_once_and_changes_nothing_else(world: World) -> None:
    before = User.objects.get(pk=world.people["liaison"].pk)
    sent = world.client("liaison").post("/profile/tour/", headers={"accept": "application/json"})
    assert sent.status_code == 204
    first = User.objects.get(pk=before.pk)
    world.client("liaison").post("/profile/tour/")
    assert User.objects.get(pk=before.pk).toured_at == first.toured_at
    assert (first.version, AuditEntry.objects.count()) == (before.version, 0)


def test_an_update_spares_those_who_have_logged_in_before(world: World) -> None:
    Client().post("/login/", {"username": "liaison", "password": "correct horse battery"})
    migration: Any = import_module("creation.migrations.0019_data_of_supervision")
    migration.spare_those_who_know_the_site(apps, SimpleNamespace(connection=connection))
    assert (toured(world, "liaison"), toured(world, "coordinator")) == (True, False)


@pytest.mark.needs_chromium
@pytest.mark.django_db(transaction=True)
class TestBrowser:
    @pytest.fixture
    def open_page(self, browser: Any, live_server: Any, world: World) -> Iterator[Any]:
        contexts: list[Any] = []

        def opened(size: dict[str, int] = DESKTOP) -> Any:
            contexts.append(browser.new_context(viewport=size, reduced_motion="reduce"))
            cookie = world.client("liaison").cookies["sessionid"].value
            contexts[-1].add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
            window = contexts[-1].new_page()
            window.goto(live_server.url, wait_until="networkidle")
            return window

        yield opened
        for context in contexts:
            context.close()

    def test_three_steps_by_keyboard_and_it_does_not_come_again(self, open_page: Any, world: World) -> None:
        window = open_page()
        assert axe(window) == []
        places = []
        for _ in range(3):
            assert window.locator(".tour li:visible").count() == 1
            places.append(window.locator(".is-toured").first.evaluate("place => place.className || place.localName"))
            window.locator(".tour-keys button").first.focus()
            window.keyboard.press("Enter")
        assert ["todo-bucket" in places[0], "find-box" in places[1], "nav-link" in places[2]] == [True, True, True]
        assert window.locator(".tour, .is-toured").count() == 0
        window.reload()
        assert window.locator(".tour").count() == 0

    def test_shown_once_it_does_not_come_again_even_if_nobody_pressed_a_button(
        self, open_page: Any, world: World
    ) -> None:
        window = open_page()
        assert window.is_visible(".tour")
        assert toured(world)
        window.reload()
        assert window.locator(".tour").count() == 0

    def test_it_can_be_skipped(self, open_page: Any) -> None:
        window = open_page()
        window.get_by_role("button", name="跳过").click()
        assert window.locator(".tour, .is-toured").count() == 0

    def test_a_phone_shows_it_too_and_outlines_the_menu_where_the_finder_is_folded(self, open_page: Any) -> None:
        window = open_page(PHONE)
        assert axe(window) == []
        assert window.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        window.get_by_role("button", name="下一步").click()
        assert window.locator(".navbar-toggler.is-toured").count() == 1
        assert "菜单里的“查找”" in window.locator(".tour li:visible").inner_text()
        window.get_by_role("button", name="跳过").click()
        assert window.locator(".tour, .is-toured").count() == 0
