"""Uploads in a browser over an unreliable connection: complete, in folder order, paused, reloaded, changed, with clear messages."""

import hashlib
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import evidence_files
from tests.support.browser import PHONE, BrowserSite, DistrictSite
from tests.support.faulty_proxy import FaultyProxy, ProxyFault, faulty_proxy

pytestmark = pytest.mark.needs_chromium
SEED = 20260601
MEGABYTE = 2**20


@pytest.fixture
def proxy(browser_site: BrowserSite) -> Iterator[FaultyProxy]:
    with faulty_proxy(browser_site.port) as proxy:
        yield proxy


@pytest.fixture
def page(browser_site: BrowserSite, proxy: FaultyProxy) -> Iterator[Any]:
    """The task page of a liaison, through the proxy. Unfinished uploads of earlier tests are given up."""
    with opened(browser_site.acting, proxy) as page:
        yield page


@contextmanager
def opened(side: DistrictSite, proxy: FaultyProxy, **options: Any) -> Iterator[Any]:
    with side.context("rival", base_url=f"http://127.0.0.1:{proxy.port}", **options) as context:
        page = context.new_page()
        page.goto(side.urls["other"])
        yield page


def film(path: Path, size: int, mark: bytes = b"") -> Path:
    """Return an MP4 of this size; large ones are sparse."""
    head = evidence_files.box(b"ftyp", b"isom" + bytes(4) + b"isommp41") + evidence_files.box(
        b"moov", evidence_files.box(b"mvhd", bytes(100))
    )
    with path.open("wb") as file:
        file.write(head + (size - len(head)).to_bytes(4, "big") + b"mdat" + mark)
        file.truncate(size)
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def choose(page: Any, *paths: Path) -> None:
    page.locator("input[data-pick][multiple]").first.set_input_files(paths)


# Of 60 MB the first 8 are acknowledged. The next piece is larger than all buffers on the way, which would swallow a small one.
SECOND_PIECE = re.compile(r"^(1[4-9]|[2-9]\d)%")


def wait_for_message(page: Any, text: str | re.Pattern[str], timeout: float = 30_000) -> None:
    page.locator("#upload-queue .upload-said", has_text=text).first.wait_for(timeout=timeout)


def arrived(page: Any, title: str, timeout: float = 60_000) -> str:
    """Return the SHA-256 of the stored file, from its URL."""
    row = page.locator(".evidence-row", has_text=title).first
    row.wait_for(timeout=timeout)
    answer = page.request.head(row.locator("a[download]").first.get_attribute("href"))
    return str(answer.headers["etag"].strip('"'))


def press(page: Any, name: str, label: str) -> None:
    """Press a button in the row of this file."""
    page.locator("#upload-queue li", has_text=name).locator("button", has_text=re.compile(f"^{label}")).click()


def breaking(page: Any, proxy: FaultyProxy, path: Path, cuts: list[int], timeout: float) -> None:
    proxy.arm(*(ProxyFault("cut", after=after) for after in cuts))
    choose(page, path)
    assert arrived(page, path.stem, timeout) == sha256(path)
    assert proxy.happened == ["cut"] * len(cuts), "a cut that never came proves nothing"


def test_an_upload_over_a_connection_that_breaks_five_times_is_complete(
    page: Any, proxy: FaultyProxy, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    path = film(tmp_path / "断线五次.mp4", 24 * MEGABYTE, b"five")
    breaking(page, proxy, path, [chance.randrange(MEGABYTE, 4 * MEGABYTE) for _ in range(5)], 90_000)


@pytest.mark.long
def test_two_gigabytes_over_a_connection_that_breaks_five_times(page: Any, proxy: FaultyProxy, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    path = film(tmp_path / "两个吉字节.mp4", 2000 * MEGABYTE, b"two")
    breaking(page, proxy, path, [chance.randrange(100 * MEGABYTE, 500 * MEGABYTE) for _ in range(5)], 1_200_000)


def test_files_chosen_before_the_script_was_there_are_sent(page: Any, tmp_path: Path) -> None:
    path = film(tmp_path / "脚本未到.mp4", 1 * MEGABYTE, b"early")
    held: list[Any] = []
    page.route("**/creation/upload.*js", lambda route: held.append(route))
    with page.expect_request("**/creation/upload.*js"):
        page.goto(page.url, wait_until="commit")
    choose(page, path)
    held[0].continue_()
    assert arrived(page, path.stem) == sha256(path)


def test_after_a_reload_the_same_file_continues_and_another_is_refused(
    page: Any, proxy: FaultyProxy, tmp_path: Path
) -> None:
    path = film(tmp_path / "隔天再传.mp4", 60 * MEGABYTE, b"reload")
    proxy.arm(ProxyFault("hang", after=11 * MEGABYTE))
    choose(page, path)
    wait_for_message(page, SECOND_PIECE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    wait_for_message(page, "没有传完：13%")
    lost = page.locator("#upload-queue li", has_text="隔天再传")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    lost.locator("input[type=file]").set_input_files(path)
    wait_for_message(page, "文件在上次选择后修改过")
    other = film(tmp_path / "别的.mp4", 1 * MEGABYTE)
    lost.locator("input[type=file]").set_input_files(other)
    wait_for_message(page, "所选文件是“别的.mp4”")
    proxy.faults.clear()
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        press(page, "隔天再传", "放弃")
        page.locator("#upload-queue li").wait_for(state="detached")
    page.goto("/uploads/")
    assert "没有未完成的上传" in page.inner_text("main")


def test_pause_go_on_reload_and_go_on_from_the_offset(page: Any, proxy: FaultyProxy, tmp_path: Path) -> None:
    path = film(tmp_path / "暂停再传.mp4", 60 * MEGABYTE, b"pause")
    proxy.arm(ProxyFault("hang", after=11 * MEGABYTE))
    choose(page, path)
    wait_for_message(page, SECOND_PIECE)
    press(page, "暂停再传", "暂停")
    wait_for_message(page, "已暂停：13%，8.0 MB / 60.0 MB")
    page.reload()
    wait_for_message(page, "没有传完：13%")
    passed: list[str] = []
    page.on("request", lambda request: passed.append(request.url) if request.method == "PUT" else None)
    page.locator("#upload-queue li", has_text="暂停再传").locator("input[type=file]").set_input_files(path)
    assert arrived(page, "暂停再传") == sha256(path)
    assert passed[0].endswith("offset=8388608"), "from where it was, without the declaration again"


def test_a_file_that_changes_during_the_upload_is_reported(page: Any, proxy: FaultyProxy, tmp_path: Path) -> None:
    path = film(tmp_path / "正在修改.mp4", 60 * MEGABYTE, b"change")
    proxy.arm(ProxyFault("hang", after=11 * MEGABYTE))
    choose(page, path)
    wait_for_message(page, SECOND_PIECE)
    press(page, "正在修改", "暂停")
    with path.open("ab") as file:
        file.write(b"more")
    press(page, "正在修改", "继续")
    wait_for_message(page, "文件在上传中被修改、移动或删除")
    press(page, "正在修改", "放弃")
    page.locator("#upload-queue li", has_text="正在修改").wait_for(state="detached")


def test_a_folder_is_walked_and_what_cannot_go_is_named(page: Any, tmp_path: Path) -> None:
    inner = tmp_path / "案卷" / "六月" / "照片"
    inner.mkdir(parents=True)
    (tmp_path / "案卷" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "案卷" / "六月" / "安装.exe").write_bytes(b"MZ")
    (tmp_path / "案卷" / "通报甲.pdf").write_bytes(evidence_files.pdf(pages=3))
    (inner / "照片乙.jpg").write_bytes(evidence_files.jpg() + b"folder")
    page.locator("#pick-folder input").set_input_files(tmp_path / "案卷")
    wait_for_message(page, "有 1 个文件不能上传，已跳过：案卷/六月/安装.exe")
    assert arrived(page, "通报甲") == sha256(tmp_path / "案卷" / "通报甲.pdf")
    assert arrived(page, "照片乙") == sha256(inner / "照片乙.jpg")


def test_a_dropped_folder_is_walked_too(page: Any) -> None:
    """Browsers list dropped folders a hundred entries at a time; these entries simulate the system's."""
    found = page.evaluate(DROP)
    assert found == [["一.pdf", "案卷/子"], ["二.pdf", "案卷/子"], ["三.pdf", "案卷"], ["单.pdf", ""]]


DROP = """async () => {
    const script = performance.getEntriesByType("resource").find(each => each.name.includes("/upload-pick."));
    const {dropped} = await import(script.name);
    const file = (name, path) => ({isFile: true, fullPath: path, file: give => give(new File(["x"], name))});
    const folder = (path, ...batches) => ({isFile: false, fullPath: path, createReader: () => ({
        readEntries: give => setTimeout(() => give(batches.length ? batches.shift() : []), 5),
    })});
    const sub = folder("/案卷/子", [file("一.pdf", "/案卷/子/一.pdf")],
        [file("二.pdf", "/案卷/子/二.pdf"), file(".DS_Store", "/案卷/子/.DS_Store")]);
    const all = [folder("/案卷", [sub], [file("三.pdf", "/案卷/三.pdf")]), file("单.pdf", "/单.pdf")];
    const found = await new Promise(done => dropped({items: all.map(entry => ({webkitGetAsEntry: () => entry}))}, done));
    return found.map(each => [each.file.name, each.folder]).sort((a, b) => "一二三单".indexOf(a[0][0]) - "一二三单".indexOf(b[0][0]));
}"""


def test_chosen_twice_is_sent_once_also_on_a_phone(
    browser_site: BrowserSite, proxy: FaultyProxy, tmp_path: Path
) -> None:
    path = tmp_path / "手机照片.jpg"
    path.write_bytes(evidence_files.jpg() + b"twice")
    with opened(browser_site.acting, proxy, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        assert not page.locator("#pick-folder").is_visible()
        begun: list[str] = []
        page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
        for _ in range(2):
            page.locator("input[data-pick][multiple]").first.set_input_files(path)
        assert arrived(page, "手机照片") == sha256(path)
        assert len([url for url in begun if url.endswith("/uploads/")]) == 1
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0


def test_the_bar_tells_of_uploads_and_the_kinds_change_without_a_reload(
    browser_site: BrowserSite, page: Any, proxy: FaultyProxy, tmp_path: Path
) -> None:
    chip = '<span data-kind="video" class="lacking"><i></i><span class="visually-hidden">（还没有）</span></span>'
    page.evaluate(
        "chip => document.getElementById('evidence-area').insertAdjacentHTML('beforeend', `<p class=expected>${chip}</p>`)",
        chip,
    )
    bad = tmp_path / "空的.pdf"
    bad.write_bytes(b"")
    choose(page, film(tmp_path / "甲.mp4", 2 * MEGABYTE), film(tmp_path / "乙.mp4", 2 * MEGABYTE, b"2"), bad)
    page.locator("#uploads-state", has_text="正在上传").wait_for()
    arrived(page, "甲")
    arrived(page, "乙")
    page.locator("#uploads-state", has_text="1 个文件没有传上").wait_for()
    failed = page.locator("#upload-queue .failed").bounding_box()
    bar = page.locator(".save-bar").bounding_box()
    assert failed["y"] >= 0
    assert failed["y"] + failed["height"] <= bar["y"] or page.viewport_size["height"] < bar["y"]
    page.locator("#upload-queue").get_by_role("button", name="关闭").click()
    page.wait_for_function("() => document.getElementById('uploads-state').textContent === ''")
    assert page.locator(".expected [data-kind=video]").get_attribute("class") == "there"
