"""Pages printed from the browser: no menu, nothing cut, no empty page, every unit."""

import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.support.browser import BrowserSite

pytestmark = [pytest.mark.needs_chromium, pytest.mark.needs_fonts]
A4, A3_LANDSCAPE = [210, 297], [420, 297]  # millimetres
TWICE = """() => {
  const part = document.querySelector(".board-page-matrix");
  part.after(part.cloneNode(true));
  part.classList.add("board-more");
  document.getElementById("board").classList.add("board-tall");
}"""
CLOSED = """() => {
  const note = '<div class="alert alert-secondary" role="note">已结束：各页只供查阅。</div>';
  document.querySelector("main").insertAdjacentHTML("afterbegin", note);
}"""  # as above each page of a closed campaign
# by how much the part that is shown, or anything in it, is beyond the screen, in its heights and widths
SHOWN = """() => {
  const rows = [...document.querySelectorAll(".board-page.is-shown, .board-page.is-shown *")].map(each => each.getBoundingClientRect());
  return {bottom: Math.max(...rows.map(each => each.bottom)) / innerHeight, right: Math.max(...rows.map(each => each.right)) / innerWidth};
}"""
FOOT = re.compile(r"第(\d+)页共(\d+)页")


def printed(page: Any, path: Path, size: list[int] = A4) -> list[str]:
    """Print the page as its style sheets say; return the text of each sheet without its foot."""
    page.wait_for_load_state("networkidle")
    page.pdf(path=str(path), prefer_css_page_size=True)
    with pypdfium2.PdfDocument(path) as document:
        sizes = [[round(each / 72 * 25.4) for each in sheet.get_size()] for sheet in document]
        texts = ["".join(sheet.get_textpage().get_text_range().split()) for sheet in document]
    assert sizes == [size] * len(sizes)
    feet = [found.groups() if (found := FOOT.search(text)) else None for text in texts]
    assert feet == [(str(number), str(len(texts))) for number in range(1, len(texts) + 1)]
    return [FOOT.sub("", text) for text in texts]


def test_the_page_of_progress_prints_all_units_on_one_sheet_after_the_charts(
    browser_site: BrowserSite, tmp_path: Path
) -> None:
    with browser_site.shown.context("office") as context:
        page = context.new_page()
        page.goto(browser_site.shown.urls["progress"])
        units = page.locator(".matrix tbody th a").all_inner_texts()
        texts = printed(page, tmp_path / "progress.pdf")
    assert len(units) > 40
    assert len(texts) == 2
    assert "走势" in texts[0]
    assert [unit for unit in units if unit not in texts[1]] == []
    assert [word for word in ("上网信息不涉密", "催办…", "活动设置") if word in "".join(texts)] == []


@pytest.mark.parametrize("parts", [1, 2])
def test_the_board_is_one_sheet_and_fills_a_screen_without_scrolling(
    browser_site: BrowserSite, tmp_path: Path, parts: int
) -> None:
    """Two parts are those of a district with twice as many units: the second is a copy."""
    with browser_site.shown.context("chief", viewport={"width": 1920, "height": 1080}) as context:
        page = context.new_page()
        page.goto(browser_site.shown.urls["board"])
        if parts == 2:
            page.evaluate(TWICE)
        units = page.locator(".matrix tbody th").all_inner_texts()
        page.evaluate(CLOSED)
        texts = printed(page, tmp_path / "board.pdf", A3_LANDSCAPE)
        page.reload()
        if parts == 2:
            page.evaluate(TWICE)
        page.click("[data-board-show]")
        page.wait_for_function("document.fullscreenElement")
        for _ in range(5):
            shown = page.evaluate(SHOWN)
            assert max(shown["bottom"], shown["right"]) <= 1, shown
            page.keyboard.press("ArrowRight")
    assert len(units) > 40 * parts
    assert len(texts) == 1
    assert [unit for unit in units if unit not in texts[0]] == []


def test_a_task_prints_what_it_says_and_nothing_to_click(browser_site: BrowserSite, tmp_path: Path) -> None:
    with browser_site.shown.context("submitted liaison") as context:
        page = context.new_page()
        page.goto(browser_site.shown.urls["submitted task"])
        title = "".join(page.locator("h1").inner_text().split())
        texts = printed(page, tmp_path / "task.pdf")
    assert title in texts[0]
    assert min(map(len, texts)) > 20, "an empty sheet"
    assert [
        word for word in ("上网信息不涉密", "点开查看", "向创建办提问", "记一条进展") if word in "".join(texts)
    ] == []
