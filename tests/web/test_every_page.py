"""Every page on a desktop and a phone.

WCAG 2.1 A and AA as checked by axe-core, no requests to other hosts, and the headers that forbid them. A district office's
network may have no Internet access. All checks are in one file, so that one process opens each page once. A normal run opens a third of the
pages: ``tests/support/sampling.py``.
"""

from urllib.parse import urlsplit

import pytest

from creation.lib import secret_addresses
from tests.support.browser import PAGES, REFUSALS, BrowserSite, PageVisitor

pytestmark = [pytest.mark.needs_chromium, pytest.mark.one_in(3)]
EVERY = [(who, where, 404 if where.startswith("/link/") else 200) for who, where in PAGES] + REFUSALS
NAMES = [f"{who or 'anonymous'}-{where}" for who, where, _ in EVERY]
OURS = {"data", "blob"}  # created in the page itself


@pytest.mark.parametrize(("who", "where", "status"), EVERY, ids=NAMES)
def test_a_page_is_accessible_fits_a_phone_and_logs_no_errors(
    who: str, where: str, status: int, visit: PageVisitor
) -> None:
    seen = visit(who, where)
    assert seen.status == status
    assert seen.wide == []
    assert seen.narrow == []
    assert seen.overflow == ""
    assert seen.small_fields == []
    assert [said for said in seen.complaints if str(status) not in said or status == 200] == []


@pytest.mark.parametrize(("who", "where"), [each[:2] for each in EVERY], ids=NAMES)
def test_a_page_sends_no_request_to_other_hosts(
    who: str, where: str, visit: PageVisitor, browser_site: BrowserSite
) -> None:
    asked = [urlsplit(url) for url in visit(who, where).requests]
    assert {each.netloc for each in asked if each.scheme not in OURS} == {f"127.0.0.1:{browser_site.port}"}


@pytest.mark.parametrize(("who", "where"), [each[:2] for each in EVERY], ids=NAMES)
def test_every_response_forbids_other_hosts_and_inline_scripts_and_styles(
    who: str, where: str, visit: PageVisitor
) -> None:
    answers = visit(who, where).answers
    assert answers
    for url, headers in answers:
        policy = headers.get("content-security-policy", "")
        rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
        assert "unsafe" not in policy, url
        assert rules.get("object-src", rules["default-src"]) == "'none'", url
        assert rules.get("frame-ancestors") in {"'none'", "'self'"}, url
        assert all("http" not in sources and "*" not in sources for sources in rules.values()), url
        assert rules["default-src"] in {"'self'", "'none'"}, url
        assert headers["x-content-type-options"] == "nosniff", url
        referrer = "strict-origin" if secret_addresses.is_secret(urlsplit(url).path) else "same-origin"
        assert headers["referrer-policy"] == referrer, url
