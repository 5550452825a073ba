"""Fetching pages of other sites: never from this network, and no site can block it."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creation.evidence.links import fetching, page_content, parse_page
from creation.evidence.links.fetching import FailureReason, FetchError
from creation.lib.addresses import is_public
from tests.support import link_server
from tests.support.link_server import Server


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with link_server.serving() as server:
        yield server


@pytest.fixture
def trap() -> Iterator[Server]:
    """A server that the operator does not allow."""
    with link_server.serving() as server:
        yield server
    assert server.reached == 0, "somebody knocked at a door inside the network"


@pytest.fixture(autouse=True)
def _allowed(site: Server, settings: Any) -> None:
    settings.LINK_HOSTS = [site.place]


def fetched(site: Server, path: str) -> fetching.FetchedPage:
    return fetching.fetch(f"http://{site.place}/{path}")


def refused(url: str) -> FetchError:
    with pytest.raises(FetchError) as found:
        fetching.fetch(url)
    return found.value


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "localhost", "0.0.0.0", "0", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    ],
)  # fmt: skip
def test_no_notation_of_an_internal_address_is_connected_to(trap: Server, host: str) -> None:
    assert refused(f"http://{host}:{trap.server_port}/").reason is FailureReason.INTERNAL


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/",
        "http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[fe80::1]/", "http://[fd00::1]/",
        "http://[ff02::1]/", "http://[::ffff:10.0.0.1]/", "http://user:pw@example.org/", "ftp://example.org/a",
        "file:///etc/passwd", "gopher://example.org/", "http://example.org:25/", "http:///nowhere",
    ],
)  # fmt: skip
def test_other_forbidden_urls_are_not_connected_to_either(url: str) -> None:
    assert refused(url).reason is FailureReason.INTERNAL


@pytest.mark.parametrize(
    "to", ["http://{trap}/", "//{trap}/", "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/"]
)
def test_a_redirect_leads_nowhere_that_the_address_could_not(site: Server, trap: Server, to: str) -> None:
    target = to.format(trap=trap.place, port=trap.server_port)
    assert refused(f"http://{site.place}/go?to={target}").reason is FailureReason.INTERNAL


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://169.254.169.254/latest/", FailureReason.INTERNAL),
        ("file:///etc/passwd", FailureReason.INTERNAL),
        ("/go?to=/go?to=/go?to=/go?to=/go?to=/go?to=/news", FailureReason.INVALID_ANSWER),
        ("http://[bad", FailureReason.INVALID_ANSWER),
    ],
)
def test_a_redirect_to_nonsense_is_a_sentence(site: Server, to: str, why: FailureReason) -> None:
    assert refused(f"http://{site.place}/go?to={to}").reason is why


def test_an_operators_host_is_allowed_by_name_or_with_its_port(site: Server, trap: Server, settings: Any) -> None:
    assert fetched(site, "news").status == 200
    settings.LINK_HOSTS = ["127.0.0.1"]
    assert fetching.fetch(f"http://{site.place}/").endpoint == site.place
    settings.LINK_HOSTS = ["127.0.0.2", "localhost"]
    assert refused(f"http://{site.place}/").reason is FailureReason.INTERNAL


def test_it_identifies_itself_and_sends_no_cookies(site: Server) -> None:
    site.asked.clear()
    fetched(site, "go?to=/news?a=中文&b=1")
    (_, first), (path, second) = site.asked
    assert path == "/news?a=%E4%B8%AD%E6%96%87&b=1"
    for headers in (first, second):
        assert headers["User-Agent"].startswith("CreationTracker-LinkCheck/")
        assert not {"Cookie", "Authorization", "Referer"} & set(headers)


@pytest.mark.parametrize(
    "path", ["news", "gbk", "gbk-called-utf8", "gbk-called-latin", "utf8-called-gbk", "nonsense-charset", "packed"]
)
def test_a_page_is_read_despite_a_wrong_charset(site: Server, path: str) -> None:
    answer = fetched(site, path)
    seen = parse_page.parse_page(answer.body, answer.charset)
    assert seen["title"] == "源汇区开展行政执法案卷评查"
    assert seen["day"] == "2026-03-05"
    assert seen["text"] == "源汇区开展行政执法案卷评查\n全区评查案卷<b>一百二十</b>宗。\n优秀率 95%。"


def test_a_page_is_read_in_a_program_of_its_own(site: Server) -> None:
    seen = page_content.read_page(fetched(site, "gbk"))
    assert (seen.title, str(seen.day)) == ("源汇区开展行政执法案卷评查", "2026-03-05")
    assert page_content.read_page(fetched(site, "picture")) == page_content.PageContent()


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("<p>发布时间：2026年3月5日 来源：本站</p>", "2026-03-05"),
        ("<p>2026-03-05 10:20 点击数 9</p>", "2026-03-05"),
        ("<p>今天是 2026年11月25日</p><p>会议 2026.3.5 召开</p>", ""),
        ("<p>发布时间：2026年13月45日</p>", ""),
    ],
)
def test_the_day_of_publication_is_read_or_left_open(body: str, day: str) -> None:
    assert parse_page.parse_page(body.encode(), "")["day"] == day


def test_a_page_made_to_hang_a_parser_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_content, "TIMEOUT_SECONDS", 1)
    hostile = fetching.FetchedPage(200, "x:80", "text/html", "x\0y", b"<!--" * 200_000)
    begun = time.monotonic()
    assert page_content.read_page(hostile) == page_content.PageContent()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "body", [b"<div>" * 20_000, b"&#" * 9_000, bytes(range(256)) * 90, b"<a b='" * 500, b"<title>" * 900]
)
def test_nonsense_reads_as_what_it_is(body: bytes) -> None:
    assert len(parse_page.parse_page(body, "no-such-thing")["text"]) <= parse_page.MAX_TEXT


def test_endless_packed_and_picture_bodies_cost_little(site: Server) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(fetched(site, "endless").body) == fetching.MAX_BYTES
    assert len(fetched(site, "bomb").body) <= fetching.MAX_UNPACKED_BYTES
    assert fetched(site, "picture").body == b""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


def test_a_site_that_dribbles_is_left(site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_TIMEOUT", 0.5)
    begun = time.monotonic()
    found = refused(f"http://{site.place}/dribble")
    assert found.reason is FailureReason.INVALID_ANSWER
    assert "没有传完" in str(found)
    assert time.monotonic() - begun < 10


def test_a_bad_certificate_an_invalid_response_and_a_closed_port_are_sentences(
    site: Server, settings: Any, tmp_path: Path
) -> None:
    with link_server.serving(link_server.self_signed(tmp_path)) as secure:
        settings.LINK_HOSTS += [secure.place]
        found = refused(f"https://{secure.place}/")
        assert (found.reason, "证书无效" in str(found)) == (FailureReason.INVALID_ANSWER, True)
        place = secure.place
    assert refused(f"https://{place}/").reason is FailureReason.UNREACHABLE
    assert refused(f"https://{site.place}/").reason is FailureReason.INVALID_ANSWER
    assert refused(f"http://{site.place}/nonsense").reason is FailureReason.INVALID_ANSWER


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700::1111"])
def test_internet_addresses_are_public(address: str) -> None:
    assert is_public(address)
