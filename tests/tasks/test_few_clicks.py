"""An answer costs few clicks: what is prepared is two clicks away from 待办, three files with all their data are five."""

from typing import Any

import pytest

from creation import jobs
from creation.audit.actor import Actor
from creation.evidence import items
from creation.models import Draft, Evidence, Submission, Task, Upload
from tests.support import evidence_files
from tests.support.world import NOW, World

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
PAPER = "源汇区城市管理局文件\n源城管〔2026〕{0}号\n关于印发第{0}份方案的通知\n2026年7月{0}日"
FILES = [
    {
        "name": f"扫描件{number}.pdf",
        "mimeType": "application/pdf",
        "buffer": evidence_files.text_pdf(PAPER.format(number)),
    }
    for number in (1, 2, 3)
]
COUNT = """document.addEventListener("pointerdown", () => {
  sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") || 0) + 1);
}, true);"""  # presses of the mouse: the click on a label is followed by one on its field
BAR = "[...document.querySelectorAll('.bar-state > span:not([hidden])')].map(part => part.textContent).join(' · ')"


@pytest.fixture
def window(site: Any, live_server: Any) -> Any:
    """The liaison's 待办, where clicks are counted."""
    page = site()
    page.context.add_init_script(COUNT)
    page.goto(live_server.url)
    page.evaluate("sessionStorage.clear()")
    return page


def clicks(window: Any) -> int:
    return int(window.evaluate("sessionStorage.getItem('clicks')"))


def open_task(window: Any) -> None:
    window.click(".todo-row a:has-text('4-3-3')")
    window.wait_for_selector("#step-material")


def hand_in(window: Any) -> None:
    window.click(".hand-in")
    window.wait_for_selector("main > .alert-success")


def shows(window: Any, words: str) -> None:
    window.wait_for_function(f"words => ({BAR}).includes(words)", arg=words)


def amber(window: Any, count: int) -> None:
    window.wait_for_function("count => document.querySelectorAll('.is-offered').length === count", arg=count)


def send(window: Any, files: list[dict[str, Any]]) -> None:
    with window.expect_file_chooser() as chooser:
        window.locator("label", has_text="选择文件").first.click()
    chooser.value.set_files(files)
    window.locator("#evidence-rows .evidence-row").nth(len(files) - 1).wait_for()


def test_a_prepared_answer_takes_two_clicks(window: Any, world: World) -> None:
    data = {"title": "工作简报", "dated_on": NOW.date(), "declared": True}
    items.add(world.task("lead"), "brief", {"text": "正文"}, data, Actor(world.people["liaison"], NOW, ""))
    content = {"mode": "upload", "measures": "组织评查", "results": "已完成"}
    Draft.objects.create(task=world.task("lead"), person=world.people["liaison"], content=content, saved_at=NOW)
    open_task(window)
    shows(window, "材料 1 份 · 文字已写 · 已保存")
    assert not window.locator("#step-requirement, #step-material").evaluate_all("all => all.some(step => step.open)")
    hand_in(window)
    assert clicks(window) == 2
    assert Task.objects.get(pk=world.tasks["lead"].pk).status == "submitted"


def test_three_files_with_all_their_data_take_five_clicks(window: Any, world: World) -> None:
    open_task(window)
    shows(window, "还没有材料 · 文字未写")
    send(window, FILES)
    shows(window, "材料 3 份 · 3 份缺日期 · 文字未写")
    jobs.read_files()
    amber(window, 12)
    window.click("[data-confirm-all]")
    shows(window, "材料 3 份 · 文字未写")
    window.click("#id_measures")
    window.keyboard.type("印发三份方案。")
    window.keyboard.press("Tab")
    window.keyboard.type("已全部印发。")
    shows(window, "材料 3 份 · 文字已写 · 已保存")
    hand_in(window)
    assert clicks(window) == 5
    cited = Submission.objects.get().cited.order_by("dated_on")
    assert [(row.title, row.doc_number, row.issuer, str(row.dated_on)) for row in cited] == [
        (f"关于印发第{number}份方案的通知", f"源城管〔2026〕{number}号", "源汇区城市管理局", f"2026-07-0{number}")
        for number in (1, 2, 3)
    ]


def test_one_key_confirms_a_piece_and_nothing_is_stored_before(window: Any, world: World) -> None:
    open_task(window)
    send(window, FILES[:2])
    jobs.read_files()
    amber(window, 8)
    assert not Evidence.objects.exclude(dated_on=None).exists()
    window.locator("input[name=issuer]").first.press("Enter")
    amber(window, 4)
    shows(window, "材料 2 份 · 1 份缺日期")
    assert Evidence.objects.exclude(dated_on=None).count() == 1
    window.locator("input[name=title]").last.press("Control+Enter")
    shows(window, "材料 2 份 · 文字未写")
    assert Evidence.objects.exclude(doc_number="").count() == 2


def test_a_value_typed_over_an_offered_one_counts_and_the_others_wait(window: Any, world: World) -> None:
    open_task(window)
    send(window, FILES[:1])
    jobs.read_files()
    amber(window, 4)
    window.fill("input[name=dated_on]", "2026-06-30")
    amber(window, 3)
    window.focus("#id_measures")
    shows(window, "材料 1 份 · 文字未写")
    piece = Evidence.objects.get()
    assert (str(piece.dated_on), piece.doc_number) == ("2026-06-30", "")


def test_handing_in_asks_once_about_values_that_nobody_confirmed(window: Any, world: World) -> None:
    open_task(window)
    send(window, FILES[:1])
    jobs.read_files()
    amber(window, 4)
    window.click(".hand-in")
    window.locator("#pieces-state", has_text="还没有确认").wait_for()
    assert not Submission.objects.exists()
    hand_in(window)
    assert Submission.objects.get().cited.get().dated_on is None


@pytest.mark.parametrize("moved", [0, 90])
def test_a_press_counts_though_the_button_moves_before_it_is_released(window: Any, moved: int) -> None:
    """Leaving a field saves it, and what is said about that takes room: with the press on a button of the bar already begun."""
    open_task(window)
    send(window, FILES[:1])
    jobs.read_files()
    amber(window, 4)
    window.focus("input[name=title]")
    window.keyboard.type("（一）")
    spot = window.locator("[data-confirm-all]").bounding_box()
    window.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    window.mouse.down()
    window.evaluate(
        "moved => { document.querySelector('.save-bar').style.transform = `translateY(-${moved}px)`; }", moved
    )
    window.mouse.up()
    shows(window, "材料 1 份 · 文字未写")
    piece = Evidence.objects.get()
    assert (piece.title, str(piece.dated_on)) == ("关于印发第1份方案的通知（一）", "2026-07-01")


def test_a_removed_piece_leaves_the_bar_and_its_return_comes_back(window: Any, world: World) -> None:
    data = {"title": "工作简报", "dated_on": NOW.date(), "declared": True}
    items.add(world.task("lead"), "brief", {"text": "正文"}, data, Actor(world.people["liaison"], NOW, ""))
    open_task(window)
    shows(window, "材料 1 份")
    window.click("#step-material summary")
    window.click(".piece-more summary")
    window.get_by_role("button", name="移除").click()
    shows(window, "还没有材料")
    window.get_by_role("button", name="撤销移除").click()
    shows(window, "材料 1 份")


def test_only_what_the_mode_needs_is_on_the_page(window: Any, world: World) -> None:
    open_task(window)
    window.check("#mode-on_site", force=True)
    assert not window.is_visible("#drop-zone")
    shows(window, "保管人、存放地点未填 · 文字未写")
    window.check("#mode-statement", force=True)
    shows(window, "情况说明未写")
    assert not window.is_visible("#id_measures")
    assert window.is_visible("text=上传盖章扫描件")
    assert not window.is_visible("text=引用已有资料")
    assert not Upload.objects.exists()
