"""Marking with keyboard and mouse in a real browser, also on a rotated page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from creation import jobs
from creation.models import PageMark
from creation.tasks import workflow
from tests.support import evidence_files, upload_requests
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(world: World, fresh_data_dir: Path, live_server: Any, browser: Any) -> Iterator[Any]:
    """The review of a document of two pages."""
    assert (
        upload_requests.upload(
            world.client("liaison"), world.task("lead"), "通报.pdf", evidence_files.pdf(pages=2)
        ).status_code
        == 201
    )
    jobs.make_previews()
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, {"mode": "upload"})
    client = Client()
    client.force_login(world.people["reviewer"])
    context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("review", args=[world.campaign.pk, world.task("lead").pk]))
    page.locator(".face img").first.wait_for()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def drag(page: Any, part: tuple[float, float, float, float]) -> None:
    """Drag from one point of the first page to another, in fractions of its visible part."""
    box = page.locator(".face").first.bounding_box()
    points = [(box["x"] + part[at] * box["width"], box["y"] + part[at + 1] * box["height"]) for at in (0, 2)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=3)
    page.mouse.up()


def test_one_key_marks_the_page_and_a_drag_a_part_of_it(page: Any) -> None:
    page.keyboard.press("m")
    page.locator(".mark-flag").wait_for(state="attached")
    assert PageMark.objects.get().page == 1
    page.keyboard.press("f")
    drag(page, (0.2, 0.1, 0.6, 0.3))
    page.keyboard.type("a, r, m: letters are no keys here")
    page.keyboard.press("Enter")
    page.locator(".mark-box:not(.mark-draft)").wait_for()
    mark = PageMark.objects.latest("pk")
    assert mark.note == "a, r, m: letters are no keys here"
    assert [mark.left, mark.top, mark.width, mark.height] == pytest.approx([0.2, 0.1, 0.4, 0.2], abs=0.02)
    page.locator("h1").first.click()
    page.keyboard.press("t")
    page.keyboard.press("f")
    drag(page, (0.1, 0.1, 0.3, 0.2))
    page.keyboard.press("Enter")
    page.locator(".mark-box:not(.mark-draft)").nth(1).wait_for()
    mark = PageMark.objects.latest("pk")
    assert [mark.left, mark.top, mark.width, mark.height] == pytest.approx([0.1, 0.7, 0.1, 0.2], abs=0.02)


def test_a_page_is_made_larger_and_turned_and_fits_again(page: Any) -> None:
    def width() -> float:
        return float(page.locator(".face img").first.bounding_box()["width"])

    fits = width()
    page.keyboard.press("+")
    page.keyboard.press("+")
    larger = width()
    assert larger > fits * 1.2
    page.keyboard.press("-")
    assert fits < width() < larger
    page.keyboard.press("0")
    assert width() == pytest.approx(fits, abs=2)
    stands = page.locator(".face img").first.bounding_box()
    page.keyboard.press("t")
    lies = page.locator(".face img").first.bounding_box()
    assert lies["width"] == pytest.approx(stands["width"], abs=2), "it fills its column again"
    assert lies["height"] / lies["width"] == pytest.approx(stands["width"] / stands["height"], abs=0.05)
