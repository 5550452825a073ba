"""The main pages as they look on three screens, against the kept pictures in ``tests/pictures``.

`bin/test tests/web/test_pictures.py --long --renew-pictures` keeps those that look different now. Of those that differ, kept, new
and different blocks are side by side in `tests/pictures/failed/index.html`. A normal run opens a third of the pages:
``tests/support/sampling.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support import fixed_day, kept_pictures
from tests.support.browser import DistrictSite, filled_folder, filled_server
from tests.support.kept_pictures import SCREENS, Screen

pytestmark = [pytest.mark.needs_chromium, pytest.mark.needs_fonts]
PAGES = [
    ("", "login"),
    *[("returned liaison", name) for name in ("todo", "returned task", "notices")],
    *[("open liaison", name) for name in ("task_list", "open task", "ledger")],
    *[("submitted liaison", name) for name in ("submitted task", "library", "announcements")],
    ("leader", "todo"),
    *[("reviewer", name) for name in ("todo", "review_queue", "review", "question")],
    *[("office", name) for name in ("todo", "task_list", "progress", "assignments", "campaign_setup", "liaisons", "requests", "reports")],
    *[("office", name) for name in ("assessment", "board", "appraisal", "survey", "commendation")],
    ("inspector", "findings"),
    ("city leader", "districts"),
    *[("chief", name) for name in ("todo", "unit_progress")],
    ("assessor", "todo"),
    *[("administrator", name) for name in ("todo", "accounts")],
    ("auditor", "audit"),
]  # fmt: skip
# A bar that moves whatever animations are told; a code that is another in each folder; what others did meanwhile, and how much of it.
MASKED = "progress:not([value]), .chain code, .page-head:has(~ .chain) h1 .sub, .chain ~ .panel table"
FIXED = "tests.support.fixed_day"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[DistrictSite]:
    """Yield the demonstration as of a fixed day, behind a server whose clock stands there too."""
    with filled_server(filled_folder(tmp_path_factory, FIXED), FIXED) as (port, found):
        yield DistrictSite(f"http://127.0.0.1:{port}", browser, **found["shown"])


@contextmanager
def opened(site: DistrictSite, who: str, where: str, **options: Any) -> Iterator[Any]:
    with site.context(who, **options) as context:
        context.clock.set_fixed_time(fixed_day.DAY)
        page = context.new_page()
        page.goto(site.urls[where], wait_until="networkidle")
        if page.locator("[data-tour]").is_visible():
            page.get_by_role("button", name="跳过").click()
        yield page


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("who", "where"), PAGES, ids=[f"{who or 'anonymous'}-{where}" for who, where in PAGES])
def test_a_page_looks_as_it_did(who: str, where: str, site: DistrictSite, pytestconfig: pytest.Config) -> None:
    renew = pytestconfig.getoption("--renew-pictures")
    with opened(site, who, where) as page:
        other = [
            screen.name for screen in SCREENS if not is_as_kept(page, kept_picture(who, where, screen), screen, renew)
        ]
    assert other == [], f"see {kept_pictures.FAILED / 'index.html'}; if it is meant so: --renew-pictures"


def is_as_kept(page: Any, kept: kept_pictures.Kept, screen: Screen, renew: bool) -> bool:
    """Return whether the page looks as kept. What differs is taken once more: now and then Chromium leaves a part unpainted."""
    is_same = kept.looks_like(kept_pictures.take(page, screen, MASKED))
    return is_same or kept.looks_like(kept_pictures.take(page, screen, MASKED), renew)


def kept_picture(who: str, where: str, screen: Screen) -> kept_pictures.Kept:
    return kept_pictures.Kept(f"{who or 'anonymous'}-{where}-{screen.name}".replace(" ", "-"))


def test_every_kept_picture_has_its_page_and_all_are_small() -> None:
    kept = {path.name: path.stat().st_size for path in kept_pictures.KEPT.glob("*")}
    kept.pop(kept_pictures.FAILED.name, None)
    assert set(kept) == {kept_picture(*page, screen).path.name for page in PAGES for screen in SCREENS}
    assert sum(kept.values()) <= 3 * 2**20


# What is noticed, and what is not: the first screen of a page, and the same after it was changed in the browser

FIRST = Screen("first", 1366, 768, 0)
TODO, TASK, LIST, PROGRESS = (
    ("returned liaison", "todo"),
    ("open liaison", "open task"),
    ("office", "task_list"),
    ("office", "progress"),
)
BREAKAGES = {
    "a part is lost": (TODO, "document.querySelector('.todo-bucket').remove()"),
    "a word is hidden": (TODO, "document.querySelector('.todo-bucket h2').style.visibility = 'hidden'"),
    "a button is hidden": (TASK, "document.querySelector('.hand-in').style.visibility = 'hidden'"),
    "a column is dropped": (LIST, "document.querySelectorAll('main table tr').forEach(row => row.children[3].remove())"),
    "a bar covers text": (
        PROGRESS,
        "main = document.querySelector('main'); bar = main.appendChild(document.createElement('div'));"
        "bar.style.cssText = 'position:fixed;left:0;right:0;bottom:0;height:56px;background:white'",
    ),
    "text is cut": (
        TODO,
        "document.querySelectorAll('.todo-link').forEach(link => link.style.cssText ="
        " 'display:block;max-width:9em;overflow:hidden;white-space:nowrap')",
    ),
    "one light has another colour": (LIST, "document.querySelector('td .light').style.color = '#b3121d'"),
    "a style sheet is missing": (PROGRESS, "document.querySelector('link[href*=\"creation/app\"]').remove()"),
    "one row is higher": (TODO, "document.querySelector('.todo-row').style.paddingBottom = '24px'"),
}  # fmt: skip
RENDERINGS = {
    "letters are wider": (1, "letter-spacing: 0.03px"),
    "letters are drawn darker": (1, "-webkit-text-stroke: 0.2px"),
    "letters are drawn by another method": (1, "text-rendering: geometricPrecision"),
    "the screen has more pixels": (1.01, ""),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("breakage", BREAKAGES)
def test_what_breaks_a_page_is_noticed(breakage: str, site: DistrictSite) -> None:
    place, change = BREAKAGES[breakage]
    with opened(site, *place) as page:
        before = kept_pictures.take(page, FIRST)
        page.evaluate(change)
        after = kept_pictures.take(page, FIRST)
    assert kept_pictures.is_another(kept_pictures.differences(before, after))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("rendering", RENDERINGS)
def test_letters_that_are_drawn_a_little_differently_are_not_noticed(rendering: str, site: DistrictSite) -> None:
    scale, style = RENDERINGS[rendering]
    with opened(site, *LIST) as page:
        before = kept_pictures.take(page, FIRST)
    with opened(site, *LIST, device_scale_factor=scale) as page:
        page.evaluate("style => document.body.style.cssText = style", style)
        after = kept_pictures.take(page, FIRST)
    assert not kept_pictures.is_another(kept_pictures.differences(before, after))
