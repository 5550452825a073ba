"""The whole application for browser tests: the web server on a filled data folder, and people who log in with the form.

One server and one browser are used for the whole session. ``conftest`` imports the fixtures, so that they are created once.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.sampling import Chosen
from tests.support.server_process import ROOT, environment, web_server
from tests.support.shared_folders import prepare, shared_copy

DESCRIPTION_FILE = "filled.json"
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


@dataclass
class DistrictSite:
    """One of the two districts of ``tests/support/populated_site.py``: its people by name, with login and password, and its URLs."""

    address: str
    browser: Any
    people: dict[str, tuple[str, str]]
    urls: dict[str, str]
    known: dict[str, Any] = field(default_factory=dict)

    def context(self, who: str = "", **options: Any) -> Any:
        """Return a browser context in which this person is logged in; without a name, that of an anonymous visitor."""
        if who and who not in self.known:
            self.known[who] = self._let_in(who)
        options = {"viewport": DESKTOP, "base_url": self.address, "reduced_motion": "reduce"} | options
        context = self.browser.new_context(storage_state=self.known.get(who), **options)
        context.set_default_timeout(60_000)
        return context

    def _let_in(self, who: str) -> Any:
        with self.context() as stranger:
            page = stranger.new_page()
            page.goto("/")
            self.log_in(page, who)
            return stranger.storage_state()

    def log_in(self, page: Any, who: str) -> None:
        """Fill in the login form on the page and wait for the next page."""
        login, password = self.people[who]
        page.get_by_role("textbox", name="登录名").fill(login)
        page.get_by_role("textbox", name="密码").fill(password)
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()
        assert "/login/" not in page.url, page.inner_text("main")


@dataclass
class BrowserSite:
    """``shown`` is only read; ``acting`` is where tests change data. ``port`` is the server's."""

    port: int
    shown: DistrictSite
    acting: DistrictSite


@contextmanager
def filled_server(data: Path, *before: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Start the web server on a folder filled by ``fill``; yield its port and the output of ``tests/support/populated_site.py``."""
    with web_server(data, *before) as port:
        yield port, json.loads((data / DESCRIPTION_FILE).read_text())


def fill(data: Path, *before: str) -> None:
    """Fill the folder. ``before`` names a module that runs the program, such as `tests.support.fixed_day`."""
    command = [sys.executable, "-m", *before, "tests.support.populated_site"]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (data / DESCRIPTION_FILE).write_text(done.stdout.splitlines()[-1])
    prepare(data, *before)


def filled_folder(factory: pytest.TempPathFactory, *before: str) -> Path:
    """Return a data folder filled by ``fill``, a copy of one that is filled once a run."""
    return shared_copy(factory, "-".join(["filled", *before]), lambda data: fill(data, *before))


@pytest.fixture(scope="session")
def filled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, Any]]]:
    with filled_server(filled_folder(tmp_path_factory)) as found:
        yield found


@pytest.fixture(scope="session")
def browser_site(filled_site: tuple[int, dict[str, Any]], browser: Any) -> BrowserSite:
    port, found = filled_site
    address = f"http://127.0.0.1:{port}"
    return BrowserSite(
        port, DistrictSite(address, browser, **found["shown"]), DistrictSite(address, browser, **found["acting"])
    )


# Pages that are only read: each opened once in a session for all checks


@dataclass
class PageVisit:
    """The findings while a page was open, on a desktop and on a phone."""

    status: int = 0
    wide: list[str] = field(default_factory=list)  # axe's findings at 1366×768, on some days
    narrow: list[str] = field(default_factory=list)  # at 390×844, with everything unfolded, on all other days
    overflow: str = ""
    small_fields: list[str] = field(default_factory=list)  # at 390×844: Safari zooms into what is under 16 px
    complaints: list[str] = field(default_factory=list)  # messages of the console
    requests: list[str] = field(default_factory=list)
    answers: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class PageVisitor:
    """Opens pages. axe checks each in the desktop view or in the phone view, another day in the other; with ``--long`` in both."""

    def __init__(self, side: DistrictSite, views: Callable[..., set[str]]) -> None:
        self.side, self.views = side, views
        self.seen: dict[tuple[str, str], PageVisit] = {}
        self.contexts: dict[str, Any] = {}

    def __call__(self, who: str, where: str) -> PageVisit:
        if (who, where) not in self.seen:
            self.seen[who, where] = self._go(who, self.side.urls.get(where, where))
        return self.seen[who, where]

    def _go(self, who: str, url: str) -> PageVisit:
        if who not in self.contexts:
            self.contexts[who] = self.side.context(who)
        visit, page, views = PageVisit(), self.contexts[who].new_page(), self.views(who, url)
        listen(page, visit)
        visit.status = page.goto(url).status
        if "wide" in views:
            visit.wide = axe(page)
        page.set_viewport_size(PHONE)
        visit.overflow = page.evaluate(OVERFLOW)
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        page.evaluate(SETTLED)
        visit.small_fields = page.evaluate(SMALL_FIELDS)
        if "narrow" in views:
            visit.narrow = axe(page)
        page.close()
        return visit


def views_of(chosen: Chosen, everything: bool, *names: object) -> set[str]:
    """Return the views in which axe checks the page of these names: one of them at the least."""
    if everything:
        return {"wide", "narrow"}
    return {"wide" if chosen("wide", *names) else "narrow"}


SETTLED = """() => new Promise(done => {
    const look = () => document.querySelector(".htmx-request") ? setTimeout(look, 20) : done();
    setTimeout(look, 20);
})"""
OVERFLOW = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return "";
    const over = [...document.querySelectorAll("main *, header *, footer *")].filter(e => e.getBoundingClientRect().right > wide + 1);
    return document.documentElement.scrollWidth + " px: " + over.slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(" | ");
}"""


SMALL_FIELDS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter(field => parseFloat(getComputedStyle(field).fontSize) < 16)
    .map(field => getComputedStyle(field).fontSize + " " + field.outerHTML.slice(0, 120))"""


def listen(page: Any, visit: PageVisit) -> None:
    page.on("console", lambda said: visit.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("response", lambda answer: visit.answers.append((answer.url, answer.headers)))


RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}


def axe(page: Any) -> list[str]:
    """Return axe-core's findings against WCAG 2.1 A and AA, one line for each element. Evaluated outside the CSP, which stays in force."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))} {node['html'][:160]} {why(node)}"
        for each in found
        for node in each["nodes"]
    ]


def why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])


@pytest.fixture(scope="session")
def visit(
    browser_site: BrowserSite, one_in: Callable[[int], Chosen], pytestconfig: pytest.Config
) -> Iterator[PageVisitor]:
    views = partial(views_of, one_in(2), pytestconfig.getoption("--long"))
    visitor = PageVisitor(browser_site.shown, views)
    yield visitor
    for context in visitor.contexts.values():
        context.close()


PAGES = [
    ("", "login"),
    ("", "/link/nobody-has-it/"),
    ("", "survey_answer"),
    ("office", "/find/?q=执法"),
    ("open liaison", "/guide/liaison/"),
    *[(f"{status} liaison", f"{status} task") for status in ("open", "returned", "submitted", "approved")],
    ("returned liaison", "todo"),
    *[("open liaison", name) for name in ("task_list", "ledger", "notices", "profile", "password_change")],
    *[(who, "todo") for who in ("clerk", "leader", "office", "inspector", "assessor", "administrator", "auditor")],
    *[("reviewer", name) for name in ("todo", "review_queue", "review", "submitted task", "evidence", "questions", "question", "reply")],
    *[("inspector", name) for name in ("progress", "calls", "on_site")],
    *[
        ("inspector", name)
        for name in ("findings", "finding", "finding_new", "rectifications", "rectification task", "rectification_figures",
                     "rectification_book", "import_findings", "paper of supervision")
    ],
    *[
        ("inspector", name)
        for name in ("rounds", "round", "round_new", "round_edit", "team_new", "visits", "visit", "recorded visit", "visit_feedback",
                     "visit_print")
    ],
    ("office", "rectification_report"),
    *[
        ("office", name)
        for name in ("board", "measures", "measure_new", "appraisals", "appraisal_new", "publicity", "publicity_new", "cases", "case_new",
                     "surveys", "survey_new", "survey", "survey_slips", "appraisal", "publicity_wall", "publicity_item", "case",
                     "commendations", "commendation", "commendation_new", "nomination", "consultations")
    ],
    ("assessor", "score_unit"),
    ("asked liaison", "appraisal_request"),
    ("open liaison", "nomination_new"),
    *[("chief", name) for name in ("ballot", "unit_year")],
    ("city leader", "districts"),
    ("", "survey_answer"),
    ("visited liaison", "recorded visit"),
    *[
        ("submitted liaison", name)
        for name in ("questions", "library", "library_bin", "evidence_versions", "links", "announcements", "announcement",
                     "preferences", "papers", "jobs")
    ],
    ("uploader", "unfinished"),
    ("reviewer", "statement"),
    ("assessor", "exhibit"),
    *[
        ("inspector", name)
        for name in ("finding_edit", "reported rectification", "orders", "order", "order_new", "order_edit", "finding_sources",
                     "paper of a round")
    ],
    *[("office", name) for name in ("meetings", "meeting", "meeting_new", "meeting_edit", "personal_acts")],
    *[("relapsed unit", name) for name in ("findings", "rectifications", "relapsed rectification")],
    *[("chief", name) for name in ("todo", "progress", "unit_progress", "editions", "instructions")],
    *[
        ("office", name)
        for name in (
            "task_list", "open task", "requests", "instructions", "opinions", "liaisons",
            "liaison_appoint", "campaign_setup", "campaign_edit", "campaign_new",
            "campaign_roll", "campaign_distribute", "phases", "phase", "assignments", "assignment", "assignment_item", "actions",
            "action", "action_new", "units", "unit", "unit_new", "unit_merge", "holidays", "holiday_paste", "edition_compare",
            "announcement_new", "papers", "paper_check", "assessment", "application", "rules", "reports", "documents", "bulletin",
            "bulletin_preview", "package", "final_assessment", "campaign_closing",
            "channels", "channel_new", "proof", "import_new", "storage_use", "announcement", "announcement_print", "rule",
        )
    ],
    *[("administrator", name) for name in ("accounts", "account", "account_new", "health")],
    ("auditor", "audit"),
]  # fmt: skip
REFUSALS = [("open liaison", "/nowhere/", 404), ("open liaison", "review_queue", 403)]
