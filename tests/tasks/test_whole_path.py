"""The whole process in a browser on the real server: due task, evidence, submission, return, correction, approval, matrix, ledger."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests.support import evidence_files
from tests.support.browser import BrowserSite, DistrictSite
from tests.support.local_servers import wait_for

pytestmark = pytest.mark.needs_chromium
FILES = [
    {"name": "2026年案卷评查通报.pdf", "mimeType": "application/pdf", "buffer": evidence_files.pdf(pages=2)},
    {"name": "评查现场.jpg", "mimeType": "image/jpeg", "buffer": evidence_files.jpg()},
    {"name": "整改报告.docx", "mimeType": "application/octet-stream", "buffer": evidence_files.docx()},
]
NUMBERS = ["4-3-3-01", "4-3-3-02", "4-3-3-03"]
MEASURES = "组织两次案卷评查，抽查案卷四十卷。"
RESULTS = "发现问题九个，已全部整改。"
COMMENT = "方案没有写明责任分工，请补充。"


@pytest.fixture
def acting(browser_site: BrowserSite) -> DistrictSite:
    return browser_site.acting


@pytest.fixture
def open_as(acting: DistrictSite) -> Iterator[Any]:
    """Return a function: ``open_as(who)`` opens a page of that person's browser, logged in with the form."""
    contexts: dict[str, Any] = {}

    def page(who: str) -> Any:
        if who not in contexts:
            contexts[who] = acting.context(who)
        return contexts[who].new_page()

    yield page
    for context in contexts.values():
        context.close()


def test_from_what_is_due_to_the_ledger(acting: DistrictSite, open_as: Any) -> None:
    liaison, reviewer = open_as("liaison"), open_as("reviewer")
    answer_by_statement(liaison)
    answer_with_files(liaison)
    judge_by_keyboard(reviewer, acting)
    mend(liaison)
    see_the_matrix(open_as("chief"), acting)
    read_the_ledger(open_as("coordinator"), acting)


def choose(page: Any, code: str) -> None:
    page.goto("/")
    page.locator(".todo-row a", has_text=code).click()
    page.locator("h1", has_text=code).wait_for()


def saved(page: Any) -> None:
    page.locator("#save-state", has_text="已保存").wait_for()


def submit_task(page: Any) -> None:
    page.locator(".save-bar").get_by_role("button", name="报送").click()
    page.locator(".alert-success").wait_for()
    assert "已报送" in page.inner_text(".task-facts")


def answer_by_statement(page: Any) -> None:
    choose(page, "D-3")
    page.get_by_label("情况说明").first.check(force=True)
    page.locator("#id_statement").fill("方案已印发并报创建办备案。")
    saved(page)
    submit_task(page)


def answer_with_files(page: Any) -> None:
    choose(page, "4-3-3")
    send_files(page)
    page.get_by_label("数量（次）").fill("2")
    page.locator(".reading-verdict .verdict-met").wait_for()
    page.get_by_label("工作措施").fill(MEASURES)
    page.get_by_label("完成情况").fill(RESULTS)
    saved(page)
    submit_task(page)


WATCH = """() => {
    window.bars = {};
    new MutationObserver(changes => changes.forEach(change => {
        if (change.target.localName === "progress") bars[change.target.getAttribute("aria-label")] = change.target.position;
    })).observe(document.getElementById("upload-queue"), {subtree: true, attributes: true, attributeFilter: ["value"]});
}"""


def send_files(page: Any) -> None:
    page.evaluate(WATCH)
    page.locator("input[data-pick][multiple]").set_input_files(FILES)
    page.locator("#evidence-rows .evidence-row").nth(2).wait_for()
    assert page.locator("#upload-queue li").count() == 0
    assert page.evaluate("bars") == {f"上传进度：{file['name']}": 1 for file in FILES}
    assert page.locator("#evidence-rows .code").all_inner_texts() == NUMBERS
    titles = page.locator("#evidence-rows input[name=title]").evaluate_all("fields => fields.map(field => field.value)")
    assert sorted(titles) == ["2026年案卷评查通报", "整改报告", "评查现场"]


def key_and_go(page: Any, key: str) -> None:
    page.wait_for_timeout(600)  # a key pressed for the previous page must not decide on this one
    with page.expect_navigation():
        page.keyboard.press(key)


def judge_by_keyboard(page: Any, acting: DistrictSite) -> None:
    """As reviewer, send the first task back and approve the next."""
    page.goto(acting.urls["review_queue"])
    key_and_go(page, "j")
    assert "D-3" in page.inner_text("h1")
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(COMMENT)
    page.locator("#return [name=new_due_on]").fill(str(timezone.localdate() + timedelta(days=3)))
    key_and_go(page, "Control+Enter")
    assert "4-3-3" in page.inner_text("h1")
    assert all(text in page.inner_text(".review") for text in (*NUMBERS, MEASURES, RESULTS))
    key_and_go(page, "a")
    assert "全部审完了" in page.inner_text("main")


def mend(page: Any) -> None:
    """The returned task is first, with the reason; the form has the earlier answer."""
    page.goto("/")
    first = page.locator(".todo-row").first
    assert "D-3" in first.inner_text()
    assert COMMENT in first.inner_text()
    first.get_by_role("link").click()
    day = timezone.localdate() + timedelta(days=3)
    note = page.locator(".returned-note").inner_text()
    assert COMMENT in note
    assert f"请于 {day.month}月{day.day}日前重新报送" in note
    page.locator("#id_statement").fill("方案已印发并报创建办备案。责任分工见附件二。")
    saved(page)
    submit_task(page)


def see_the_matrix(page: Any, acting: DistrictSite) -> None:
    page.goto(acting.urls["progress"])
    row = page.locator(".matrix tbody tr", has_text="城管局")
    assert [text.split() for text in row.locator(".cell-green").all_inner_texts()] == [["1/1", "已通过"]]


def read_the_ledger(page: Any, acting: DistrictSite) -> None:
    page.goto(acting.urls["ledger"])
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载 Excel 台账").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
    book = openpyxl.load_workbook(BytesIO(taken.value.path().read_bytes()))
    rows = [[str(value or "") for value in row] for row in book["总台账"].iter_rows(values_only=True)]
    ours = "\n".join(next(row for row in rows if MEASURES in row))
    assert [text for text in (RESULTS, *NUMBERS, "评查现场", "通过") if text not in ours] == []


def test_what_was_typed_before_a_tab_was_closed_is_there_again(acting: DistrictSite, open_as: Any) -> None:
    page = open_as("rival")
    page.goto(acting.urls["assist"])
    page.locator("#id_measures").fill("写到一半就关了窗口")
    page.close()
    page = open_as("rival")

    def is_there() -> bool:  # what a closing tab sends arrives a moment later
        page.goto(acting.urls["assist"])
        return bool(page.locator("#id_measures").input_value() == "写到一半就关了窗口")

    wait_for(is_there)


def test_what_was_typed_after_the_login_had_ended_is_there_after_a_new_one(acting: DistrictSite) -> None:
    with acting.context() as context:
        page = context.new_page()
        page.goto(acting.urls["other"])
        acting.log_in(page, "rival")
        end_the_login(context)
        page.locator("#id_results").fill("登录过期以后写的")
        page.get_by_role("link", name="重新登录后继续").click()
        acting.log_in(page, "rival")
        assert page.url.endswith(acting.urls["other"])
        assert page.locator("#id_results").input_value() == "登录过期以后写的"
        saved(page)


def end_the_login(context: Any) -> None:
    """In another window of the same browser."""
    other = context.new_page()
    other.goto("/")
    other.locator(".header-tools .dropdown-toggle").click()
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/login/**")
    other.close()
