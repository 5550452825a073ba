"""Run the acts and print what each costs."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="creation-burden-") as folder:
        # playwright's event loop runs in the thread that asks the database
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": "", "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        os.chdir(ROOT)
        from config import prepare
        from tests.support.server_process import RunningServer

        prepare.main([])
        with RunningServer(Path(folder)) as server:
            run(f"http://127.0.0.1:{server.port}", names)


def run(address: str, names: list[str]) -> None:
    import shutil

    from playwright.sync_api import Error, sync_playwright

    from benchmarks.burden.acts import ACTS
    from benchmarks.burden.setting import Setting

    setting, failed = Setting(), list[str]()
    print("| 办一件事 | 点击 | 按键 | 页面 | 秒 |\n|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in names or ACTS:
            title, who, act = ACTS[name]
            try:
                found = one(browser, address, setting, name, who, act)
            except Error as error:
                failed.append(f"{name}: {error}")
                print(f"| {title} | 没有办成 | | | |", flush=True)
                continue
            print(f"| {title} | {found.clicks} | {found.keys} | {found.loads} | {found.seconds:.1f} |", flush=True)
        browser.close()
    if failed:
        sys.exit("\n".join(failed))


def one(browser: Any, address: str, setting: Any, name: str, who: str, act: Any) -> Any:
    from benchmarks.burden.counting import counted, watch
    from benchmarks.burden.setting import PASSWORD
    from tests.support.browser import DESKTOP, PHONE

    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with browser.new_context(base_url=address, **(phone if name == "phone" else {"viewport": DESKTOP})) as context:
        context.set_default_timeout(30_000)
        watch(context)
        page = context.new_page()
        if who:
            page.goto("/")
            page.get_by_role("textbox", name="登录名").fill(who)
            page.get_by_role("textbox", name="密码").fill(PASSWORD)
            with page.expect_navigation():
                page.get_by_role("button", name="登录").click()
        else:
            page.goto(setting.link)
        with counted(page) as burden:
            act(page, setting)
    return burden


if __name__ == "__main__":
    main(sys.argv[1:])
