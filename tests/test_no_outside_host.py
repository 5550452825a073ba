"""The network of a district office may have no way out: every page lives from its own server, and its headers hold it to that."""

from urllib.parse import urlsplit

import pytest

from tests.browser import PAGES, REFUSALS, Visitor, Whole

pytestmark = pytest.mark.needs_chromium
EVERY = [*PAGES, *((who, where) for who, where, _ in REFUSALS)]
OURS = {"data", "blob"}  # made in the page itself


@pytest.mark.parametrize(("who", "where"), EVERY)
def test_a_page_asks_no_other_host(who: str, where: str, visit: Visitor, whole: Whole) -> None:
    asked = [urlsplit(url) for url in visit(who, where).requests]
    assert {each.netloc for each in asked if each.scheme not in OURS} == {f"127.0.0.1:{whole.port}"}


@pytest.mark.parametrize(("who", "where"), EVERY)
def test_every_answer_forbids_other_hosts_and_inline_scripts_and_styles(who: str, where: str, visit: Visitor) -> None:
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
        assert headers["referrer-policy"] == "same-origin", url
