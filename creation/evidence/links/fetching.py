"""One page from the open network: addresses are looked at before they are connected to, every redirect anew; bounded in time and size.

The address that was looked at is the one connected to, so that a name cannot answer twice. No cookies, no proxies, no body but text.
"""

import contextlib
import http.client
import socket
import ssl
import zlib
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

from creation.lib import guarded_sockets
from creation.lib.addresses import is_public
from creation.lib.guarded_sockets import AbortableSocket

WHOLE = 20.0  # seconds for a page with all its redirects
MOST_BYTES, MOST_UNPACKED = 1_000_000, 3_000_000
MOST_REDIRECTS = 5
READABLE = {"text/html", "application/xhtml+xml", "text/plain"}
REDIRECTS = {301, 302, 303, 307, 308}


class Why(StrEnum):
    """Why there is no answer."""

    INTERNAL = "internal"  # we do not go there
    NO_NAME = "no_name"  # the name does not exist
    NO_LINE = "no_line"  # nobody reached: perhaps there is no way out at all
    BROKEN = "broken"  # somebody was reached and what came is no page


class NotFetched(Exception):
    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class Answer:
    """``place``: host and port that answered. ``body``: empty where it is no text; perhaps cut."""

    status: int
    place: str
    media: str
    charset: str
    body: bytes


@dataclass(frozen=True)
class Place:
    host: str  # as names are written in a request: ASCII
    port: int
    is_secure: bool
    path: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def fetch(url: str) -> Answer:
    """Raises NotFetched with a sentence."""
    with guarded_sockets.time_limit(WHOLE) as limit:
        try:
            return _follow(url, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _worded(error, limit.is_aborted) from error


def _follow(url: str, limit: AbortableSocket) -> Answer:
    for _ in range(MOST_REDIRECTS + 1):
        came = _exchange(place_of(url), limit)
        if limit.is_aborted:
            raise TimeoutError
        if isinstance(came, Answer):
            return came
        url = urljoin(url, came)
    raise NotFetched(Why.BROKEN, f"网址连续跳转超过 {MOST_REDIRECTS} 次，打不开内容。")


def _exchange(place: Place, limit: AbortableSocket) -> Answer | str:
    """What the place answers, or where it sends us on to."""
    connection = http.client.HTTPConnection(place.host, place.port, timeout=guarded_sockets.STEP)
    try:
        connection.sock = limit.hold(dial(place))
        if place.is_secure:
            connection.sock = guarded_sockets.secure(connection.sock, place.host)
        with _ask(connection, place) as answer:
            target = answer.getheader("Location") if answer.status in REDIRECTS else None
            return target or Answer(answer.status, str(place), *_kind(answer), _body(answer))
    finally:
        connection.close()


def place_of(url: str) -> Place:
    """Raises NotFetched for what is no address of a page, ValueError for nonsense."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise NotFetched(Why.INTERNAL, "网址跳转到 http、https 以外的地方，不核查。")
    if parts.username is not None or not parts.hostname:
        raise NotFetched(Why.INTERNAL, "网址中带有用户名或没有主机名，不核查。")
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    if port < 1024 and port not in (80, 443):
        raise NotFetched(Why.INTERNAL, f"{port} 端口不是网页的端口，不核查。")
    return Place(parts.hostname.encode("idna").decode(), port, is_secure, _path(parts))


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return path + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else "")


def is_allowed_by_operator(place: str) -> bool:
    return not {place, place.rpartition(":")[0]}.isdisjoint(settings.LINK_HOSTS)


def dial(place: Place) -> socket.socket:
    """Connect to an address of the host that was looked at. Every address must be allowed, not only the first."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(str(place)) and not all(map(is_public, found)):
        raise NotFetched(
            Why.INTERNAL, f"{place.host} 指向内部网络地址，系统不核查；请人工核查，或请运维人员加入 LINK_HOSTS。"
        )
    return _connect(list(dict.fromkeys(found)), place.port)


def _connect(addresses: list[str], port: int) -> socket.socket:
    """The first that takes us: a name may have an IPv6 address that cannot be reached from here."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), timeout=guarded_sockets.STEP / 2)
    return socket.create_connection((addresses[-1], port), timeout=guarded_sockets.STEP)


def _ask(connection: http.client.HTTPConnection, place: Place) -> http.client.HTTPResponse:
    connection.request(
        "GET",
        place.path,
        headers={
            "User-Agent": f"CreationTracker-LinkCheck/1.0 (+{settings.SITE_URL})",
            "Accept": "text/html, text/plain;q=0.8, */*;q=0.1",
            "Accept-Encoding": "identity",
            "Connection": "close",
        },
    )
    return connection.getresponse()


def _kind(answer: http.client.HTTPResponse) -> tuple[str, str]:
    charset = answer.headers.get_param("charset")
    return answer.headers.get_content_type(), charset if isinstance(charset, str) else ""


def _body(answer: http.client.HTTPResponse) -> bytes:
    """The text as far as we read it; whoever goes on for ever, packed or not, is left behind."""
    if answer.headers.get_content_type() not in READABLE or not 200 <= answer.status < 300:
        return b""
    raw = bytearray()
    with contextlib.suppress(http.client.IncompleteRead):
        while len(raw) < MOST_BYTES and (piece := answer.read1(64 * 1024)):
            raw += piece
    packing = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if packing == "identity":
        return bytes(raw[:MOST_BYTES])
    return _unpacked(bytes(raw)) if packing in ("gzip", "deflate") else b""


def _unpacked(raw: bytes) -> bytes:
    for bits in (47, -15):  # gzip and zlib; deflate as some servers mean it
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(bits).decompress(raw, MOST_UNPACKED)
    return b""


def _worded(error: Exception, late: bool) -> NotFetched:
    if late:
        return NotFetched(Why.BROKEN, f"网页在 {WHOLE:.0f} 秒内没有传完。")
    if isinstance(error, socket.gaierror):
        missing = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return NotFetched(
            Why.NO_NAME if missing else Why.NO_LINE, "域名解析不到：网站可能已停用，或本机不能解析外网域名。"
        )
    if isinstance(error, guarded_sockets.Untrusted):
        return NotFetched(Why.BROKEN, f"网站的安全证书无效：{error}")
    if isinstance(error, ssl.SSLError):
        return NotFetched(Why.BROKEN, f"与网站建立安全连接失败（{error.reason or '握手中断'}）。")
    if isinstance(error, TimeoutError):
        return NotFetched(Why.NO_LINE, "网站长时间没有应答。")
    if isinstance(error, http.client.HTTPException | UnicodeError | ValueError):
        return NotFetched(Why.BROKEN, "网址或网站的应答不合规范，打不开。")
    return NotFetched(
        Why.NO_LINE, f"连不上网站（{error.strerror if isinstance(error, OSError) and error.strerror else error}）。"
    )
