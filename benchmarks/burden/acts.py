"""The ten acts, each from 待办 until the page says that it is done. Things are found by the words that people see."""

import re
from collections.abc import Callable
from typing import Any

from benchmarks.burden.setting import PASSWORD, Setting
from tests.support import evidence_files

PAPER = "双河区城市管理局文件\n双城管〔{year}〕{number}号\n关于印发第{number}份案卷评查通报的通知\n{day.year}年{day.month}月{day.day}日"
Act = Callable[[Any, Setting], None]
NEW_PASSWORD = "Shuanghe-2026-pingcha"


def prepared_answer(page: Any, setting: Setting) -> None:
    open_task(page, setting.codes["prepared"])
    hand_in(page)


def one_file(page: Any, setting: Setting) -> None:
    open_task(page, setting.codes["file"])
    upload(page, setting, [1])
    complete(page, setting, [1])
    write_text(page)
    hand_in(page)


def three_files(page: Any, setting: Setting) -> None:
    open_task(page, setting.codes["files"])
    upload(page, setting, [2, 3, 4])
    complete(page, setting, [2, 3, 4])
    write_text(page)
    hand_in(page)


def citing(page: Any, setting: Setting) -> None:
    """Cite a piece of the unit that another task has."""
    open_task(page, setting.codes["citing"])
    page.get_by_text("引用已有资料").click()
    row = page.locator("#citable li", has_text="案卷评查简报prepared")
    row.get_by_role("button", name=re.compile("^引用")).click()
    page.locator("#evidence-rows .evidence-row").first.wait_for()
    write_text(page)
    hand_in(page)


def statement(page: Any, setting: Setting) -> None:
    open_task(page, setting.codes["statement"])
    write_statement(page)
    hand_in(page)


def returned_task(page: Any, setting: Setting) -> None:
    open_task(page, setting.codes["returned"])
    unfold(page, "填报")
    page.get_by_label("完成情况").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("评查在六月和十月。")
    saved(page)
    hand_in(page)


def phone_answer(page: Any, setting: Setting) -> None:
    """A photo and two sentences, on a phone."""
    open_task(page, setting.codes["phone"])
    declare(page)
    picture = {"name": "评查现场.jpg", "mimeType": "image/jpeg", "buffer": evidence_files.jpg()}
    choose_files(page, [picture], "拍照")
    complete(page, setting, [1])  # the day of the photo
    write_text(page)
    hand_in(page)


def first_login(page: Any, setting: Setting) -> None:
    """From the printed link to the first answer, a statement."""
    for label in ("新密码", "再输入一次"):
        page.get_by_label(label, exact=False).first.click()
        page.keyboard.type(NEW_PASSWORD)
    page.get_by_role("button", name=re.compile("设置密码")).click()
    skip_tour(page)
    open_task(page, setting.codes["first"])
    write_statement(page)
    hand_in(page)


def one_review(page: Any, setting: Setting) -> None:
    page.get_by_role("link", name=re.compile("开始审核|审核队列|待审核")).first.click()
    begin = page.get_by_role("link", name="开始审核")
    if begin.count():
        begin.first.click()
    code = page.locator("h1").inner_text()
    page.wait_for_timeout(700)  # what is pressed earlier was meant for the page before, and does nothing
    page.get_by_role("button", name=re.compile("^通过")).first.click()
    page.locator("h1").filter(has_not_text=code).wait_for()


def ledger(page: Any, setting: Setting) -> None:
    """The ledger as a workbook, for a meeting."""
    page.get_by_role("link", name="报表", exact=True).first.click()
    page.get_by_role("link", name="创建工作台账").first.click()
    with page.expect_download():
        page.get_by_role("button", name="下载 Excel 台账").click()


ACTS: dict[str, tuple[str, str, Act]] = {  # name → what it is, who does it, how
    "prepared": ("备好的答复", "liaison", prepared_answer),
    "file": ("传一个文件", "liaison", one_file),
    "files": ("传三个文件，写全题名、文号、日期", "liaison", three_files),
    "citing": ("引用已有资料", "liaison", citing),
    "statement": ("情况说明", "liaison", statement),
    "returned": ("改退回的任务", "liaison", returned_task),
    "phone": ("手机上拍照报送", "liaison", phone_answer),
    "first": ("从登录链接到第一次报送", "", first_login),
    "review": ("审核一项", "reviewer", one_review),
    "ledger": ("出一份台账", "coordinator", ledger),
}


# Steps


def open_task(page: Any, code: str) -> None:
    page.locator(".todo-row a", has_text=code).first.click()
    page.locator("h1", has_text=code).wait_for()


def unfold(page: Any, name: str) -> None:
    """Open the step of this name where the page has steps and it is folded."""
    step = page.locator("details.step:not([open]) > summary", has_text=name)
    if step.count():
        step.first.click()


def declare(page: Any) -> None:
    box = page.get_by_label("我声明")
    if box.count() and box.first.is_visible():
        box.first.click()


def choose_files(page: Any, files: list[dict[str, Any]], key: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("label", has_text=key).first.click()
    chooser.value.set_files(files)
    page.locator("#evidence-rows .evidence-row").nth(len(files) - 1).wait_for()


def upload(page: Any, setting: Setting, numbers: list[int]) -> None:
    declare(page)
    files = [
        {
            "name": f"扫描件{number}.pdf",
            "mimeType": "application/pdf",
            "buffer": evidence_files.text_pdf(
                PAPER.format(year=setting.today.year, number=number, day=setting.paper_day)
            ),
        }
        for number in numbers
    ]
    choose_files(page, files, "选择文件")


def complete(page: Any, setting: Setting, numbers: list[int]) -> None:
    """Give each piece its title, number and date: by one press where the page offers what the papers say, else typed in each row."""
    offered = page.locator("[data-confirm-all]")
    if offered.count():
        page.locator("#evidence-rows .evidence-row", has=page.locator(".is-offered")).nth(len(numbers) - 1).wait_for(
            timeout=90_000  # each paper is read in the background
        )
        offered.click()
        offered.wait_for(state="hidden")
        return
    rows = page.locator("#evidence-rows .evidence-row")
    for place, number in enumerate(numbers):
        row = rows.nth(place)
        edit = row.locator("[data-edit]")
        if edit.count():
            edit.click()
        row.get_by_label("题名").click()
        page.keyboard.press("Control+A")
        page.keyboard.type(f"关于印发第{number}份案卷评查通报的通知")
        row.get_by_label("文号").click()
        page.keyboard.type(f"双城管〔{setting.today.year}〕{number}号")
        row.get_by_label("成文日期").click(position={"x": 20, "y": 18})  # on the month
        page.keyboard.type(f"{setting.paper_day:%m%d%Y}")  # as an English Chromium asks for it
        for _ in range(2):  # over the calendar, to the next field: a row saves itself
            page.keyboard.press("Tab")
        row.locator("[data-state]", has_text="已保存").wait_for()


def write_text(page: Any) -> None:
    unfold(page, "填报")
    page.get_by_label("工作措施").click()
    page.keyboard.type("组织案卷评查两次。")
    page.get_by_label("完成情况").click()
    page.keyboard.type("评查案卷60份。")
    saved(page)


def write_statement(page: Any) -> None:
    unfold(page, "材料")
    page.locator("label[for=mode-statement]").click()
    page.get_by_text("参考范文").click()
    page.get_by_role("button", name="填入范文").click()
    saved(page)


def saved(page: Any) -> None:
    page.locator("#save-state", has_text="已保存").wait_for()


def hand_in(page: Any) -> None:
    page.locator(".save-bar").get_by_role("button", name=re.compile("报送")).click()
    page.locator("main .alert-success").first.wait_for()


def skip_tour(page: Any) -> None:
    """Leave the tour of the first login where there is one."""
    page.locator("h1").first.wait_for()
    skip = page.get_by_role("button", name=re.compile("^跳过"))
    if skip.count() and skip.first.is_visible():
        skip.first.click()


__all__ = ["ACTS", "PASSWORD"]
