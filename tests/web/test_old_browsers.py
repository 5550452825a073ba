"""Browsers with two cores are asked for the modern one; a browser without modules says so at the top of the page."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

SCRIPT = Path(__file__).resolve().parents[2] / "creation/static/creation/old-browser.js"
NEWER = re.compile(
    r"=>|`|\?\.|\?\?|\b(?:const|let|class|import|export|async|await)\s|\.append\(|addEventListener|classList|querySelector"
)


@pytest.mark.django_db
def test_every_page_asks_for_the_modern_core_before_anything_else(client: Client) -> None:
    page = client.get(reverse("login")).content.decode()
    head = page[: page.index("<link")]
    assert '<meta name="renderer" content="webkit">' in head
    assert '<meta http-equiv="X-UA-Compatible" content="IE=edge">' in head
    assert re.search(r'<script nomodule defer src="[^"]*old-browser[^"]*\.js"></script>', page)


def test_the_script_for_old_browsers_is_written_for_them() -> None:
    assert NEWER.findall(SCRIPT.read_text("utf-8")) == []


@pytest.mark.needs_chromium
@pytest.mark.django_db(transaction=True)
def test_only_a_browser_without_modules_shows_the_sentence(live_server: Any, browser: Any) -> None:
    page = browser.new_page(base_url=live_server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reverse("login"))
    assert not page.get_by_text("兼容模式").is_visible()
    assert not [url for url in asked if "old-browser" in url]
    page.add_script_tag(url=page.get_attribute("script[nomodule]", "src"))
    assert page.get_by_role("alert").inner_text().startswith("当前浏览器是 IE 内核或版本太旧")
    page.close()
