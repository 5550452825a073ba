"""任务分工 in a browser: a lead changes only by an act that names the old one, and the row shows what the server has."""

from collections.abc import Iterator
from typing import Any

import pytest

from creation.models import Assignment
from tests.support.browser import DESKTOP
from tests.support.world import World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, live_server: Any, world: World) -> Iterator[Any]:
    with browser.new_context(viewport=DESKTOP, base_url=live_server.url) as context:
        cookie = world.client("coordinator").cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"/c/{world.campaign.pk}/assignments/?section=4")
        yield page


def roles(world: World) -> dict[str, str]:
    rows = Assignment.objects.filter(campaign=world.campaign, indicator__code="4-3-3")
    return dict(rows.values_list("unit__short_name", "role"))


def row(page: Any, world: World) -> Any:
    return page.locator(f"#p{world.indicators['4-3-3'].pk}")


def saved(page: Any, world: World) -> None:
    row(page, world).locator("[data-note]", has_text="已保存").wait_for()


def test_typing_adds_an_assisting_unit_and_it_can_be_undone(page: Any, world: World) -> None:
    row(page, world).locator("[data-add]").click()
    page.keyboard.type("zfb")  # initials of 政府办
    page.keyboard.press("Enter")
    saved(page, world)
    assert roles(world) == {"城管局": "lead", "老街街道": "assist", "政府办": "assist"}
    row(page, world).locator("[data-undo]").click()
    saved(page, world)  # the button is gone before the server has answered
    assert roles(world) == {"城管局": "lead", "老街街道": "assist"}
    assert row(page, world).locator("[data-undo]").count() == 0


def test_the_lead_changes_only_after_the_old_one_was_named(page: Any, world: World) -> None:
    row(page, world).locator("[data-change-lead]").click()
    page.keyboard.type("政府办")
    page.keyboard.press("Enter")
    row(page, world).locator("[data-note]", has_text="牵头由城管局改为政府办").wait_for()
    assert roles(world)["城管局"] == "lead"
    page.get_by_role("button", name="改为配合").click()
    saved(page, world)
    assert roles(world) == {"政府办": "lead", "城管局": "assist", "老街街道": "assist"}


def test_no_click_on_units_makes_a_lead(page: Any, world: World) -> None:
    row(page, world).locator("[data-drop]").click()
    saved(page, world)
    assert roles(world) == {"城管局": "lead"}
    assert row(page, world).locator(".unit-chip-lead").inner_text() == "城管局"


def test_a_refused_change_shows_the_row_that_stands(page: Any, world: World) -> None:
    Assignment.objects.create(
        campaign=world.campaign, indicator=world.indicators["4-3-3"], unit=world.units["政府办"], role="assist"
    )
    row(page, world).locator("[data-drop]").click()
    row(page, world).locator("[data-note] .light-red", has_text="刚刚被他人改过").wait_for()
    names = [chip.inner_text().split()[0] for chip in row(page, world).locator("[data-unit]").all()]
    assert names == ["老街街道", "政府办"]


def test_without_a_connection_nothing_looks_changed(page: Any, world: World) -> None:
    page.context.set_offline(True)
    row(page, world).locator("[data-drop]").click()
    row(page, world).locator("[data-note]", has_text="没有保存：连接中断").wait_for()
    assert row(page, world).locator("[data-unit]").count() == 1
    page.context.set_offline(False)
    row(page, world).locator("[data-drop]").click()
    saved(page, world)
    assert roles(world) == {"城管局": "lead"}


def test_a_pasted_list_is_taken_and_unknown_names_are_said(page: Any, world: World) -> None:
    row(page, world).locator("[data-add]").click()
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.setData("text", "政府办、城管局、火星局");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    row(page, world).locator(
        "[data-note]", has_text="已在其中，不用再加：城管局；没有这些单位，没有加：火星局"
    ).wait_for()
    assert roles(world)["政府办"] == "assist"
