"""Take the pictures of README and of the user guides from the demonstration: docs/pictures/*.png.

    .venv/bin/python docs/make_pictures.py [name …]

Needs Chromium. The demonstration is loaded as of today, so the dates in the pictures depend on the day. Without names, all pictures
are taken.
"""

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo_site import DOCS, ROOT, demonstration

PICTURES = DOCS / "pictures"
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
TALL = 2600  # pixels: so high that no fixed element covers a part of the page
COLOURS = (96, 64, 40, 24)  # the first that makes the file small enough
LARGEST = 150 * 1024  # bytes
PORT = "28765"
PATIENCE = 300  # seconds until the server must answer
SITE = "https://fzjs.example.gov.cn"  # host in one-time links
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


# Readers have a Chinese browser; the one here writes dates in its own language.
CHINESE_DATES = """() => document.querySelectorAll("input[type=date]").forEach(field => {
    const day = field.value.replaceAll("-", "/");
    field.style.width = field.getBoundingClientRect().width + "px";
    field.type = "text";
    field.value = day;
    field.placeholder = "年/月/日";
})"""


@dataclass(frozen=True)
class Picture:
    """``who`` and the placeholders in ``path`` are names of ``PictureSubjects``; ``box`` selects a part of the page."""

    name: str
    who: str
    path: str
    act: Callable[[Any], None] | None = None
    box: str = ""
    phone: bool = False


def press(*selectors: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        for selector in selectors:
            page.locator(selector).first.click(force=True)  # a label may cover its checkbox
            page.wait_for_timeout(500)

    return act


def upload(page: Any) -> None:
    """Upload one file that is accepted and one that is refused."""
    from PIL import Image

    with TemporaryDirectory() as folder:
        paper, archive = Path(folder) / "2026年度案卷评查通报.pdf", Path(folder) / "现场照片.zip"
        Image.new("RGB", (900, 1270), "white").save(paper)
        archive.write_bytes(b"PK\x05\x06" + bytes(18))
        page.set_input_files("input[data-pick][multiple]", [paper, archive])
        page.wait_for_timeout(2500)


def type_question(page: Any) -> None:
    page.locator("#questions summary:has-text('向创建办提问')").click()
    page.fill("#id_ask_text", "单位自己组织的案卷评查可以报吗？")
    page.wait_for_timeout(1500)


def statement(page: Any) -> None:
    """Choose the mode, fill in the sample text, save, and show the print view."""
    page.locator("label[for=mode-statement]").click()
    page.locator("summary:has-text('参考范文')").click()
    page.click("button:has-text('填入范文')")
    page.wait_for_timeout(2500)
    page.goto(page.url + "statement/")


def paste(page: Any) -> None:
    days = "元旦：1月1日（周五）至3日（周日）放假，共3天。\n春节：2月5日（周五）至11日（周四）放假调休，共7天。"
    page.fill("#id_text", days + "2月14日（周日）上班。")
    page.click("button:has-text('看会怎样改')")
    page.wait_for_load_state()


def bulk(page: Any) -> None:
    page.check("[data-everything]")
    page.click("button[name=change][value=due]")
    page.wait_for_load_state()


def fill_return(page: Any) -> None:
    page.click("[data-open-return]")
    page.locator("#return textarea").fill("缺少评查结果通报，请补充盖章扫描件，并指明有关内容所在页码。")
    page.locator("#return select").first.select_option(index=1)


def add_person(page: Any) -> None:
    """Fill in a new person, without submitting. The user name is suggested once the name is typed."""
    page.fill("#new_name", "赵新任")
    page.locator("[name=post]").first.fill("办公室主任")
    page.locator("[name=office_phone]").first.fill("0395-0000199")
    page.wait_for_timeout(1200)


def issue_link(page: Any) -> None:
    add_person(page)
    page.click("button:has-text('建立账号并签发链接')")
    page.wait_for_load_state()


def upload_workbook(page: Any) -> None:
    """Upload 附件3 with a new person, a new unit and a typing error, and show the plan."""
    from openpyxl import Workbook

    rows = [
        ("附件3",),
        ("单位", "姓名", "职务", "办公电话", "手机"),
        ("区信访局", "赵新任", "办公室主任", "0395-0000199", "13800000199"),
        ("城西物业公司", "钱新任", "经理", "0395-0000200", "13800000200"),
        ("区财政局", "孙新任", "科员", "0395-0000201", "1380000020"),
    ]
    with TemporaryDirectory() as folder:
        book, path = Workbook(), Path(folder) / "联络员信息表.xlsx"
        for row in rows:
            book.active.append(row)
        book.save(path)
        page.set_input_files("input[type=file]", path)
        page.click("button:has-text('上传并检查')")
        page.wait_for_load_state()


TASK, CAMPAIGN = "/c/{campaign}/tasks/{returned}/", "/c/{campaign}"
PLAN = (
    # everybody
    Picture("link", "", "{link}", box=".narrow"),
    Picture("login", "", "/login/", box=".narrow"),
    Picture("notices", "liaison", "/notices/"),
    Picture("profile", "liaison", "/profile/"),
    # the liaison
    Picture("todo", "liaison", "/"),
    Picture("todo-phone", "liaison", "/", phone=True),
    Picture("task", "liaison", TASK),
    Picture("task-phone", "liaison", TASK, phone=True),
    Picture("evidence", "liaison", TASK, box="#evidence-area"),
    Picture("evidence-edit", "liaison", TASK, press(".piece-more summary"), ".evidence-row:has(.piece-more[open])"),
    Picture("cite", "liaison", TASK, press("summary:has-text('引用已有资料')"), ".evidence-more"),
    Picture("upload", "liaison", "/c/{campaign}/tasks/{begun}/", upload, "#evidence-area"),
    Picture("readings", "measured", "/c/{campaign}/tasks/{reading}/", box="#readings"),
    Picture("note", "liaison", TASK, press("#notes summary:has-text('记一条进展')"), "#notes"),
    Picture("ask", "liaison", TASK, press("#requests summary:has-text('延期申请')"), "#requests"),
    Picture("ask-question", "liaison", "/c/{campaign}/tasks/{answered}/", type_question, "#questions"),
    # It saves the mode, and comes after the pictures of material.
    Picture("modes", "liaison", TASK, press("#mode-on_site"), "#step-material"),
    Picture("statement", "liaison", TASK, statement),
    Picture("ledger", "liaison", CAMPAIGN + "/ledger/"),
    Picture("library", "liaison", CAMPAIGN + "/library/"),
    Picture("library-cite", "liaison", CAMPAIGN + "/library/{piece}/cite/"),
    Picture("library-stop", "marked", "/evidence/{marked}/", box="#stop"),
    Picture("library-office", "office", CAMPAIGN + "/library/?q=执法"),
    # the office
    Picture("office-todo", "office", "/"),
    Picture("setup", "office", CAMPAIGN + "/setup/"),
    Picture("phases", "office", CAMPAIGN + "/phases/"),
    Picture("assignments", "office", CAMPAIGN + "/assignments/?section=4"),
    Picture("distribute", "office", "/c/{changed}/setup/distribute/"),
    Picture("action-new", "office", CAMPAIGN + "/actions/new/"),
    Picture("liaisons", "office", CAMPAIGN + "/liaisons/"),
    Picture("appoint", "office", "/c/{campaign}/liaisons/{bare}/", add_person),
    Picture("slip", "office", "/c/{campaign}/liaisons/{bare}/", issue_link, ".slip"),
    Picture("import", "office", CAMPAIGN + "/imports/new/liaisons/", upload_workbook),
    Picture("tasks", "office", CAMPAIGN + "/tasks/?section=4&light=blue"),
    Picture("bulk", "office", CAMPAIGN + "/tasks/?section=4&status=open", bulk),
    Picture("request", "office", "/c/{campaign}/requests/"),
    Picture("question", "reviewer", "/c/{campaign}/questions/{question}/"),
    Picture("holidays", "office", "/holidays/2027/paste/", paste),
    Picture("calls", "office", CAMPAIGN + "/calls/"),
    Picture("on-site", "office", CAMPAIGN + "/on-site/"),
    Picture("queue", "reviewer", CAMPAIGN + "/reviews/"),
    Picture("review", "reviewer", "/c/{campaign}/reviews/{submitted}/"),
    Picture("review-return", "reviewer", "/c/{campaign}/reviews/{submitted}/", fill_return, "#return"),
    Picture("progress", "office", CAMPAIGN + "/progress/"),
    Picture("matrix", "office", CAMPAIGN + "/progress/", box="section:has(table)"),
    Picture("measures", "office", CAMPAIGN + "/measures/"),
    # supervision
    Picture("finding", "inspector", "/c/{campaign}/findings/{finding}/"),
    Picture("rectification", "inspector", "/c/{campaign}/tasks/{reported}/"),
    Picture("order", "inspector", "/c/{campaign}/orders/{order}/"),
    Picture("round", "inspector", "/c/{campaign}/rounds/{round}/"),
    Picture("visit-phone", "inspector", "/c/{campaign}/visits/{visit}/", phone=True),
    # leaders and assessors
    Picture("board", "leader", CAMPAIGN + "/board/"),
    Picture("progress-phone", "leader", CAMPAIGN + "/progress/", phone=True),
    Picture("unit-progress", "leader", "/c/{campaign}/progress/{unit}/"),
    Picture("approved", "assessor", "/c/{campaign}/tasks/{approved}/"),
    Picture("sign", "unit_leader", "/c/{campaign}/tasks/{signing}/"),
    # accounts and the trail
    Picture("accounts", "administrator", "/accounts/"),
    Picture("account-new", "administrator", "/accounts/new/"),
    Picture("account", "administrator", "/accounts/{person}/"),
    Picture("link-issued", "administrator", "/accounts/{person}/", press("button:has-text('签发一次性链接')")),
    Picture("unit", "administrator", "/units/{unit}/"),
    Picture("audit", "auditor", "/audit/"),
    Picture("health", "administrator", "/health/"),
    Picture("health-phone", "administrator", "/health/", phone=True),
)


def main() -> None:
    wanted = set(sys.argv[1:]) or {picture.name for picture in PLAN}
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not chromium:
        sys.exit("Chromium 未安装 (chromium is not installed): no pictures can be taken.")
    with demonstration(PORT=PORT, SITE_URL=SITE, LOG_LEVEL="ERROR"), served():
        take([picture for picture in PLAN if picture.name in wanted], chromium)


@contextmanager
def served() -> Iterator[None]:
    with started("config.embedded") as broker, started("config.serve") as server:
        try:
            wait_for_answer(server)
            yield
        finally:
            server.terminate()
            broker.terminate()


def wait_for_answer(server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; the check of the database at its start takes long on a busy machine."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/login/", timeout=30)
            return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The web server does not answer at port {PORT}.") from error
            time.sleep(0.2)


def started(module: str) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", module], cwd=ROOT, **quiet)


def take(pictures: list[Picture], chromium: str) -> None:
    from picture_subjects import PictureSubjects
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    subjects = PictureSubjects()
    subjects.run_clock_jobs()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for picture in pictures:
            if picture.who in ("administrator", "auditor"):
                subjects.run_clock_jobs()  # their pages warn when it has stood still for minutes
            take_one(picture, subjects, browser)
        browser.close()


def take_one(picture: Picture, subjects: Any, browser: Any) -> None:
    size = PHONE if picture.phone else DESKTOP
    window = size | {"height": TALL} if picture.box else size
    base = f"http://127.0.0.1:{PORT}"
    context = browser.new_context(viewport=window, base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai")
    if picture.who:
        context.add_cookies([{"name": "sessionid", "value": subjects.login(picture.who), "url": base}])
    page = context.new_page()
    answer = page.goto(picture.path.format(**subjects.address_values(picture.path)), wait_until="networkidle")
    if answer.status != 200:
        raise RuntimeError(f"{page.url} answers {answer.status}")
    page.wait_for_timeout(500)
    if subjects.render_previews():  # the page has requested previews
        page.reload(wait_until="networkidle")
    if picture.act:
        picture.act(page)
    page.evaluate(CHINESE_DATES)
    target = page.locator(picture.box).first if picture.box else page
    content = target.screenshot(animations="disabled")
    save(content, PICTURES / f"{picture.name}.png")
    context.close()


def save(content: bytes, path: Path) -> None:
    from PIL import Image

    picture = Image.open(BytesIO(content)).convert("RGB")
    for colours in COLOURS:
        picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path.name} {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
