"""Keyboard use: everything can be reached, the focus is visible, menus open and close."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import PHONE, BrowserSite

pytestmark = pytest.mark.needs_chromium


@pytest.fixture
def page(browser_site: BrowserSite) -> Iterator[Any]:
    with browser_site.shown.context("open liaison") as context:
        page = context.new_page()
        page.goto(browser_site.shown.urls["open task"])
        yield page


# The focused element: its name, whether it is in view, and the styles that the focus changes.
FOCUSED = """() => {
    const it = document.activeElement;
    if (it === document.body) return null;
    const box = (it.type === "file" || it.type === "radio" || it.type === "checkbox") && it.labels.length ? it.labels[0] : it;
    const place = box.getBoundingClientRect();
    const looks = element => ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor"]
        .map(name => getComputedStyle(element)[name]).join();
    const parts = [it, box, it.parentElement];
    parts.forEach(part => { part.style.transition = "none"; });
    const focused = parts.map(looks).join();
    it.blur();
    const resting = parts.map(looks).join();
    it.focus();
    return {
        name: (it.getAttribute("aria-label") || box.innerText || it.name || it.id || it.tagName).trim().split("\\n")[0],
        marked: focused !== resting,
        stops: it.type === "date" ? 4 : 1,
        inView: place.width > 0 && place.height > 0 && place.top < innerHeight && place.bottom > 0,
    };
}"""


def walk(page: Any, steps: int = 250) -> list[dict[str, Any]]:
    """Tab through the page from its top until the focus leaves it."""
    found = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        found.append(at)
        for _ in range(at["stops"] - 1):
            page.keyboard.press("Tab")
    return found


def test_tab_reaches_everything_on_the_task_page_and_the_focus_is_seen(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details.step').forEach(step => { step.open = true; })")  # some are done
    reached = walk(page)
    names = "\n".join(at["name"] for at in reached)
    for action in ("跳到正文", "上传材料", "选择文件", "引用已有资料", "报送"):
        assert action in names
    assert [at["name"] for at in reached if not at["marked"]] == []
    assert [at["name"] for at in reached if not at["inView"]] == []


def test_the_skip_link_leads_past_the_menu(page: Any) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_the_menus_open_and_close_by_keyboard(page: Any, size: dict[str, int] | None) -> None:
    if size:
        page.set_viewport_size(size)
        toggler = page.get_by_role("button", name="展开菜单")
        toggler.focus()
        page.keyboard.press("Enter")
        page.locator("#menu.show").wait_for()
        assert toggler.get_attribute("aria-expanded") == "true"
        page.keyboard.press("Tab")
        assert "nav-link" in page.evaluate("document.activeElement.className")
    page.locator(".header-tools .dropdown-toggle").focus()
    page.keyboard.press("Enter")
    logout = page.get_by_role("button", name="退出登录")
    logout.wait_for()
    page.keyboard.press("Escape")
    logout.wait_for(state="hidden")


def test_a_score_is_typed_and_what_is_not_saved_is_said_beside_it(browser_site: BrowserSite) -> None:
    with browser_site.shown.context("assessor") as context:
        page = context.new_page()
        page.goto(browser_site.shown.urls["score_unit"])
        line = page.locator(".score-line").first
        for typed, said in (("99", "最高 10 分"), ("7.25", "已保存"), ("7e", "请填数字")):
            line.locator(".score-value input").focus()
            page.keyboard.press("Control+a")
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            line.locator(".score-state", has_text=said).wait_for(timeout=10_000)
        assert page.evaluate("document.activeElement.closest('.score-line') !== document.querySelector('.score-line')")
