"""Fetches a page from the Internet. Every address, also of redirects, is checked before connecting; time and size are limited.

The connection uses the address that was checked, so that a second DNS answer does not matter. No cookies, no proxies, and only
text bodies are read.
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

TOTAL_TIMEOUT = 20.0  # for a page with all its redirects
MAX_BYTES, MAX_UNPACKED_BYTES = 1_000_000, 3_000_000
MAX_REDIRECTS = 5
TEXT_TYPES = {"text/html", "application/xhtml+xml", "text/plain"}
REDIRECTS = {301, 302, 303, 307, 308}


class FailureReason(StrEnum):
    """Why there is no response."""

    INTERNAL = "internal"  # not allowed
    NAME_NOT_FOUND = "no_name"  # the name does not exist
    UNREACHABLE = "no_line"  # no connection: perhaps this site has no Internet access
    INVALID_ANSWER = "broken"  # connected, but the response is invalid


class FetchError(Exception):
    def __init__(self, reason: FailureReason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class FetchedPage:
    """A fetched page. ``endpoint`` is the host and port that responded. ``body`` is empty if it is not text, and may be truncated."""

    status: int
    endpoint: str
    media: str
    charset: str
    body: bytes


@dataclass(frozen=True)
class Endpoint:
    host: str  # in ASCII, as in a request
    port: int
    is_secure: bool
    path: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def fetch(url: str) -> FetchedPage:
    """Fetch a page. Raises FetchError with a sentence."""
    with guarded_sockets.time_limit(TOTAL_TIMEOUT) as limit:
        try:
            return _follow_redirects(url, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _as_fetch_error(error, limit.is_aborted) from error


def _follow_redirects(url: str, limit: AbortableSocket) -> FetchedPage:
    for _ in range(MAX_REDIRECTS + 1):
        response = _request(parse_endpoint(url), limit)
        if limit.is_aborted:
            raise TimeoutError
        if isinstance(response, FetchedPage):
            return response
        url = urljoin(url, response)
    raise FetchError(FailureReason.INVALID_ANSWER, f"网址连续跳转超过 {MAX_REDIRECTS} 次，打不开内容。")


def _request(endpoint: Endpoint, limit: AbortableSocket) -> FetchedPage | str:
    """Return the response, or the URL of a redirect."""
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=guarded_sockets.STEP_SECONDS)
    try:
        connection.sock = limit.hold(connect_checked(endpoint))
        if endpoint.is_secure:
            connection.sock = guarded_sockets.secure(connection.sock, endpoint.host)
        with _send_request(connection, endpoint) as answer:
            target = answer.getheader("Location") if answer.status in REDIRECTS else None
            return target or FetchedPage(answer.status, str(endpoint), *_media_and_charset(answer), _body(answer))
    finally:
        connection.close()


def parse_endpoint(url: str) -> Endpoint:
    """Parse a URL. Raises FetchError if pages with this URL are not fetched, ValueError if it is invalid."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise FetchError(FailureReason.INTERNAL, "网址跳转到 http、https 以外的地方，不核查。")
    if parts.username is not None or not parts.hostname:
        raise FetchError(FailureReason.INTERNAL, "网址中带有用户名或没有主机名，不核查。")
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    if port < 1024 and port not in (80, 443):
        raise FetchError(FailureReason.INTERNAL, f"{port} 端口不是网页的端口，不核查。")
    return Endpoint(parts.hostname.encode("idna").decode(), port, is_secure, _path(parts))


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return path + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?')}" if parts.query else "")


def is_allowed_by_operator(endpoint: str) -> bool:
    return not {endpoint, endpoint.rpartition(":")[0]}.isdisjoint(settings.LINK_HOSTS)


def connect_checked(endpoint: Endpoint) -> socket.socket:
    """Connect to an address of the host. Every address of it must be allowed, not only the first."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)]
    if not is_allowed_by_operator(str(endpoint)) and not all(map(is_public, found)):
        raise FetchError(
            FailureReason.INTERNAL,
            f"{endpoint.host} 指向内部网络地址，系统不核查；请人工核查，或请运维人员加入 LINK_HOSTS。",
        )
    return _connect(list(dict.fromkeys(found)), endpoint.port)


def _connect(addresses: list[str], port: int) -> socket.socket:
    """Connect to the first address that works: an IPv6 address may be unreachable from here."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), timeout=guarded_sockets.STEP_SECONDS / 2)
    return socket.create_connection((addresses[-1], port), timeout=guarded_sockets.STEP_SECONDS)


def _send_request(connection: http.client.HTTPConnection, endpoint: Endpoint) -> http.client.HTTPResponse:
    connection.request(
        "GET",
        endpoint.path,
        headers={
            "User-Agent": f"CreationTracker-LinkCheck/1.0 (+{settings.SITE_URL})",
            "Accept": "text/html, text/plain;q=0.8, */*;q=0.1",
            "Accept-Encoding": "identity",
            "Connection": "close",
        },
    )
    return connection.getresponse()


def _media_and_charset(answer: http.client.HTTPResponse) -> tuple[str, str]:
    charset = answer.headers.get_param("charset")
    return answer.headers.get_content_type(), charset if isinstance(charset, str) else ""


def _body(answer: http.client.HTTPResponse) -> bytes:
    """Return the text up to a size limit, also after decompression."""
    if answer.headers.get_content_type() not in TEXT_TYPES or not 200 <= answer.status < 300:
        return b""
    raw = bytearray()
    with contextlib.suppress(http.client.IncompleteRead):
        while len(raw) < MAX_BYTES and (chunk := answer.read1(64 * 1024)):
            raw += chunk
    packing = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if packing == "identity":
        return bytes(raw[:MAX_BYTES])
    return _decompress(bytes(raw)) if packing in ("gzip", "deflate") else b""


def _decompress(raw: bytes) -> bytes:
    for bits in (47, -15):  # gzip and zlib, then raw deflate, which some servers send
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(bits).decompress(raw, MAX_UNPACKED_BYTES)
    return b""


def _as_fetch_error(error: Exception, expired: bool) -> FetchError:
    if expired:
        return FetchError(FailureReason.INVALID_ANSWER, f"网页在 {TOTAL_TIMEOUT:.0f} 秒内没有传完。")
    if isinstance(error, socket.gaierror):
        missing = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return FetchError(
            FailureReason.NAME_NOT_FOUND if missing else FailureReason.UNREACHABLE,
            "域名解析不到：网站可能已停用，或本机不能解析外网域名。",
        )
    if isinstance(error, guarded_sockets.UntrustedPeer):
        return FetchError(FailureReason.INVALID_ANSWER, f"网站的安全证书无效：{error}")
    if isinstance(error, ssl.SSLError):
        return FetchError(FailureReason.INVALID_ANSWER, f"与网站建立安全连接失败（{error.reason or '握手中断'}）。")
    if isinstance(error, TimeoutError):
        return FetchError(FailureReason.UNREACHABLE, "网站长时间没有应答。")
    if isinstance(error, http.client.HTTPException | UnicodeError | ValueError):
        return FetchError(FailureReason.INVALID_ANSWER, "网址或网站的应答不合规范，打不开。")
    return FetchError(
        FailureReason.UNREACHABLE,
        f"连不上网站（{error.strerror if isinstance(error, OSError) and error.strerror else error}）。",
    )
