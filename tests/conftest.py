"""Fixtures for all tests: markers for missing programs, servers of the tests' own, an empty data folder."""

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests.support import rendered_templates, sandbox_isolation
from tests.support.applied_migrations import migrated  # noqa: F401
from tests.support.blob_stores import blob_store, s3_port  # noqa: F401
from tests.support.browser import browser_site, filled_site, visit  # noqa: F401 - made once a session
from tests.support.daily_share import COSTS, ROOT, left_for_another_day, read_costs, today
from tests.support.desks import browsers  # noqa: F401
from tests.support.file_inspection import inspect_file, refuse_file  # noqa: F401
from tests.support.local_servers import free_port, listens, postgres, postgres_server, wait_for
from tests.support.sampling import SEED, left_out, one_in  # noqa: F401
from tests.support.sandbox_isolation import isolation, no_bubblewrap, no_filter  # noqa: F401
from tests.support.shared_folders import prepared  # noqa: F401
from tests.support.world import at_now, world, world_at_work  # noqa: F401 - the fixtures of the whole suite

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
LACKING = {
    "needs_redis": "redis-server 未安装 (redis-server is not installed)",
    "needs_postgres": "PostgreSQL 未安装 (initdb and postgres are not installed)",
    "needs_chromium": "Chromium 未安装 (chromium is not installed)",
    "needs_libreoffice": "LibreOffice 未安装 (soffice is not installed)",
    "needs_nginx": "nginx 未安装 (nginx is not installed)",
    "needs_clamd": "clamd 未安装 (clamav-daemon is not installed)",
    "needs_bubblewrap": "bubblewrap 未安装，或不能使用命名空间 (bwrap is not installed, or may not make namespaces)",
    "needs_fonts": "中文字体或 Arial 的替代字体未安装 (fc-list knows no Chinese font, or neither Arial nor Liberation Sans)",
}


LONGEST = (
    "config/test_launcher", "access/test_access", "web/test_every_page", "web/test_pictures", "operations/test_backup", "test_releases",
    "config/test_postgresql", "operations/test_upgrading", "operations/test_restore_checks", "evidence/test_marks_everywhere",
    "config/test_broker", "config/test_rush", "config/test_installation", "evidence/test_hostile_files", "config/test_clock",
    "config/test_web_processes",
    "config/test_web_server", "evidence/test_uploads_browser", "access/test_withheld_words", "web/test_strange_requests",
    "reports/test_ledger_days", "tasks/test_drafts", "tasks/test_moves", "demo/test_demo", "demo/test_demo_doors",
    "tasks/test_whole_path", "campaigns/test_editions",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--daily", action="store_true", help="leave a part of the expensive files for another day")
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")
    parser.addoption("--renew-pictures", action="store_true", help="keep the pictures of pages that look different now")
    parser.addoption(rendered_templates.OPTION, action="store_true", help="fail when a template was never rendered")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(rendered_templates.RenderedTemplates(config))
    # Playwright's event loop runs in the main thread, where the tests use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_report_header(config: pytest.Config) -> list[str]:
    said = [f"what is tried in part: TESTS_SEED={SEED}"]
    if config.getoption("--daily"):
        left = sorted(left_for_another_day(read_costs(COSTS.read_text("utf-8")), today()))
        said.append(f"{len(left)} files are left for another day: {' '.join(left)}")
    return said


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the slowest files first, so that no process is left alone with one of them at the end."""
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if left_out(item)])
        items[:] = [item for item in items if not left_out(item)]
    if config.getoption("--daily"):
        _leave_for_another_day(config, items)
    place = {Path(__file__).parent / f"{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(LONGEST)))


def _leave_for_another_day(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = left_for_another_day(read_costs(COSTS.read_text("utf-8")), today())
    paths = {str(ROOT / name) for name in left}
    later = [item for item in items if str(item.path) in paths and not item.get_closest_marker("every_day")]
    config.hook.pytest_deselected(items=later)
    kept = set(items) - set(later)
    items[:] = [item for item in items if item in kept]


def pytest_collection_finish() -> None:
    """Leave what is imported and collected out of every garbage collection: it stays until the end."""
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("long") and not item.config.getoption("--long"):
        pytest.skip("takes minutes: runs with --long")
    for marker, reason in LACKING.items():
        if item.get_closest_marker(marker) and not present(marker):
            give_up(reason)


def give_up(reason: str) -> None:
    """Skip the test on a machine without the program; fail it where everything must be installed."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def present(marker: str) -> bool:
    found = {
        "needs_redis": lambda: shutil.which("redis-server"),
        "needs_postgres": lambda: postgres("initdb") and postgres("postgres"),
        "needs_chromium": chromium,
        "needs_libreoffice": lambda: shutil.which("soffice"),
        "needs_nginx": nginx,
        "needs_fonts": has_fonts,
        "needs_clamd": clamd,
        "needs_bubblewrap": sandbox_isolation.works,
    }
    return bool(found[marker]())


def nginx() -> str | None:
    return shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


def clamd() -> str | None:
    return shutil.which("clamd", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def has_fonts() -> bool:
    """Return whether there is a Chinese font, and Arial or a replacement, in whose digits column widths are measured."""
    return _knows(":lang=zh-cn") and (_knows("Arial") or _knows("Liberation Sans"))


def _knows(font: str) -> bool:
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", font], capture_output=True, check=False).stdout.strip())


@pytest.fixture
def fresh_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Path:
    """Return an empty data folder for the settings of this process and, by DATA_DIR, of processes that a test starts."""
    root = tmp_path / "data"
    for name in ("files", "incoming", "logs", "broker"):
        (root / name).mkdir(parents=True)
        setattr(settings, f"{name.upper()}_ROOT", root / name)
    settings.DATA_DIR = root
    monkeypatch.setenv("DATA_DIR", str(root))
    return root


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a Redis server. Mark the test with `needs_redis`."""
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_for(lambda: listens(port))
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server. Mark the test with `needs_postgres`."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium. Mark the test with `needs_chromium`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def caching_browser(browser: Any) -> Iterator[Any]:
    """Yield a Chromium that keeps whole pages for the Back key, as at an office; Playwright's usual one does not."""
    usual = browser.browser_type.launch(
        executable_path=chromium(),
        args=["--no-sandbox", "--disable-gpu"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield usual
    usual.close()
