"""waitress with limits that apply before a body is read and while a connection is idle.

- A body above 64 KiB is read only for a logged-in person, up to what its address may receive, while there is room for it.
- One address holds a limited number of connections: one more closes the one that was idle longest.
- A connection is closed when the head of a request, its body or the reading of the answer takes too long.
"""

import html
import json
import logging
import socket
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http.cookie import parse_cookie
from django.template.loader import render_to_string
from django.utils import timezone
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import RequestEntityTooLarge

from config import body_buffer
from config.body_buffer import BodyBuffer, Refused
from creation.people import sessions
from creation.web import request_sizes

HEAD_SECONDS = 20  # from the first byte of a request, or from the connection, to the end of the headers
KEEP_ALIVE_SECONDS = 75  # between two requests; longer than nginx keeps its connections
BODY_SECONDS = 60  # without a byte of the body
BODY_GRACE_SECONDS = 30  # after which a body must have arrived at the least rate on average
LEAST_RATE = 256  # bytes per second
READ_SECONDS = 120  # without the browser reading on
LINGER_SECONDS = 10  # in which the rest of a refused body is thrown away, so that the browser reads the answer
LINGER_BYTES = 64 * 2**20
QUIET_SECONDS = 2  # without a byte: nothing is under way on the connection
DRAIN_SECONDS = 120  # after which a process that is replaced ends, whatever it is still sending

logger = logging.getLogger(__name__)


class RefusalError:
    """The answer in the shape that waitress asks of its own errors."""

    def __init__(self, refused: Refused, request: "LimitedRequest") -> None:
        self.refused, self.request = refused, request

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        media_type, text = self._text()
        headers = [("Content-Type", f"{media_type}; charset=utf-8"), ("Cache-Control", "no-store")]
        headers += [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY")]
        headers += [("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")]
        headers += [("Referrer-Policy", "same-origin")]
        if self.refused.retry_after:
            headers.append(("Retry-After", str(self.refused.retry_after)))
        return self.refused.status, headers, text.encode()

    def _text(self) -> tuple[str, str]:
        sent = self.request.headers
        sentence = self.refused.sentence
        if sent.get("ACCEPT", "").startswith("application/json"):
            return "application/json", json.dumps({"error": sentence}, ensure_ascii=False)
        if "HX_REQUEST" in sent:
            return (
                "text/html",
                f'<div class="alert alert-danger" role="alert" data-refusal>{html.escape(sentence)}</div>',
            )
        if "text/html" in sent.get("ACCEPT", ""):
            page = {"title": "没有接收", "sentence": sentence, "typed": [], "files": False, "action": ""}
            return "text/html", render_to_string("unavailable.html", page)
        return "text/plain", sentence


class LimitedRequest(HTTPRequestParser):
    """A request that asks its channel about its body as soon as the headers are read."""

    expect_continue: bool

    def __init__(self, adjustments: Adjustments, channel: "LimitedChannel") -> None:
        super().__init__(adjustments)
        self.channel = channel
        self.began_at = time.time()
        self.limit = request_sizes.MAX_STRANGERS_BODY
        self.promised = 0
        self.address = ""
        self.is_waiting = False  # for the answer about its body
        self.wants_continue = False

    def received(self, data: bytes) -> int:
        in_head = not self.headers_finished
        consumed = int(super().received(data))
        if in_head and self.headers_finished and not self.completed:
            self._body_begins()
        elif self.chunked and not self.completed and self.body_bytes_received > request_sizes.MAX_STRANGERS_BODY:
            self.refuse(body_buffer.UNKNOWN_LENGTH)
        if isinstance(self.error, RequestEntityTooLarge):
            self.refuse(body_buffer.too_large(self.adj.max_request_body_size))
        return consumed

    def _body_begins(self) -> None:
        self.began_at = time.time()
        if self.content_length <= request_sizes.MAX_STRANGERS_BODY:
            return
        self.is_waiting = True
        self.wants_continue, self.expect_continue = self.expect_continue, False
        self.channel.server.add_task(BodyQuestion(self.channel, self))

    def refuse(self, refused: Refused) -> None:
        self.error = RefusalError(refused, self)
        self.completed = True
        self.channel.must_linger = True

    def close(self) -> None:
        super().close()
        if self.promised:
            self.channel.server.buffer.release(self.address, self.promised)
            self.promised = 0


class BodyQuestion:
    """Decides in a thread whether a large body is read, because the session is looked up in the database."""

    def __init__(self, channel: "LimitedChannel", request: LimitedRequest) -> None:
        self.channel, self.request = channel, request

    def service(self) -> None:
        try:
            refused = self._refused()
        except Exception:
            logger.exception("Whether to read the body of %s could not be decided", self.request.path)
            refused = body_buffer.DATABASE_BUSY
        with self.channel.requests_lock:
            self.channel.continue_body(self.request, refused)
        self.channel.server.pull_trigger()

    def cancel(self) -> None:
        """The server is stopping."""
        self.channel.will_close = True

    def _refused(self) -> Refused | None:
        request, size = self.request, self.request.content_length
        limit = request_sizes.max_body(request.path)
        if size > limit:
            return body_buffer.too_large(limit)
        try:
            if not self._is_logged_in():
                return body_buffer.NOT_LOGGED_IN
        finally:
            close_old_connections()
        request.address = self.channel.client_address(request)
        refused = self.channel.server.buffer.promise(request.address, size)
        if refused is None:
            request.promised = size
        return refused

    def _is_logged_in(self) -> bool:
        cookies = parse_cookie(self.request.headers.get("COOKIE", ""))
        return sessions.is_live(cookies.get(settings.SESSION_COOKIE_NAME, ""), timezone.now())


class LimitedChannel(HTTPChannel):
    """A connection with timeouts, whose large bodies wait for permission."""

    server: "LimitedServer"
    request: LimitedRequest | None

    def __init__(
        self, server: "LimitedServer", sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None
    ) -> None:
        self.peer = str(addr[0])
        self.must_linger = False
        self.lingers_since = 0.0
        self.thrown_away = 0
        self.parser_class = partial(LimitedRequest, channel=self)
        super().__init__(server, sock, addr, adj, map=map)

    def client_address(self, request: LimitedRequest) -> str:
        """Return the browser's address: for the trusted proxy, the one that it names."""
        if self.server.is_proxy(self.peer):
            return request.headers.get("X_FORWARDED_FOR", "").rpartition(",")[2].strip() or self.peer
        return self.peer

    def readable(self) -> bool:
        if self.lingers_since:
            return True
        waiting = self.request is not None and self.request.is_waiting
        return bool(super().readable()) and not waiting

    def continue_body(self, request: LimitedRequest, refused: Refused | None) -> None:
        """Take the answer about the body of ``request``. Called with the lock on the requests."""
        request.is_waiting = False
        if self.request is not request or not self.connected:
            request.close()
            return
        if refused is None:
            request.began_at = self.last_activity = time.time()
            if request.wants_continue and not self.requests:
                self.send_continue()
            return
        request.refuse(refused)
        self.request = None
        self.requests.append(request)
        if len(self.requests) == 1:
            self.server.add_task(self)

    def handle_read(self) -> None:
        if not self.lingers_since:
            super().handle_read()
            return
        try:
            self.thrown_away += len(self.recv(self.adj.recv_bytes))
        except OSError:
            super().handle_close()
        if self.thrown_away > LINGER_BYTES:
            super().handle_close()

    def handle_close(self) -> None:
        """Close; after a refusal first let the browser read it, because closing with unread bytes would discard it."""
        if self.must_linger and not self.lingers_since and self.connected and self.socket is not None:
            self.lingers_since = time.time()
            self.will_close = self.close_when_flushed = False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
            return
        super().handle_close()

    def del_channel(self, map: Any = None) -> None:
        super().del_channel(map)
        if self.request is not None and not self.request.is_waiting:
            self.request.close()

    def is_idle(self) -> bool:
        """Return whether nothing of a person's is lost with this connection: no request was read, none is answered."""
        if self.lingers_since:
            return True
        if self.requests or self.total_outbufs_len:
            return False
        return self.request is None or not self.request.headers_finished

    def is_body_of_stranger(self) -> bool:
        request = self.request
        return not self.requests and request is not None and not request.is_waiting and not request.promised

    def is_overdue(self, now: float) -> bool:
        if self.lingers_since:
            return now - self.lingers_since > LINGER_SECONDS
        if self.total_outbufs_len and (not self.requests or self.total_outbufs_len > self.adj.outbuf_high_watermark):
            return now - self.last_activity > READ_SECONDS
        if self.requests:
            return False
        if self.request is None:
            was_used = self.last_activity > self.creation_time
            return now - self.last_activity > (KEEP_ALIVE_SECONDS if was_used else HEAD_SECONDS)
        if not self.request.headers_finished:
            return now - self.request.began_at > HEAD_SECONDS
        return not self.request.is_waiting and self._is_body_overdue(self.request, now)

    def _is_body_overdue(self, request: LimitedRequest, now: float) -> bool:
        if now - self.last_activity > BODY_SECONDS:
            return True
        took = now - request.began_at
        return took > BODY_GRACE_SECONDS and request.body_bytes_received < took * LEAST_RATE


class LimitedServer(TcpWSGIServer):
    """Counts its connections by address."""

    channel_class = LimitedChannel
    active_channels: dict[int, LimitedChannel]

    def __init__(self, *arguments: Any, buffer: BodyBuffer, connections_by_address: int, **options: Any) -> None:
        self.buffer = buffer
        self.connections_by_address = connections_by_address
        super().__init__(*arguments, **options)

    def is_proxy(self, address: str) -> bool:
        return settings.TRUSTED_PROXY in ("*", address)

    def readable(self) -> bool:
        return bool(self.accepting)  # there is always room, see ``make_room``

    def handle_accept(self) -> None:
        super().handle_accept()
        self.make_room()

    def make_room(self) -> None:
        """Close connections above the limits: of the address that has too many, or in all of the one that has most."""
        by_address: dict[str, list[LimitedChannel]] = {}
        for channel in self.active_channels.values():
            by_address.setdefault(channel.peer, []).append(channel)
        for address, channels in by_address.items():
            if len(channels) > self.connections_by_address and not self.is_proxy(address):
                close_one(channels)
        if len(self.active_channels) > self.adj.connection_limit:
            close_one(max(by_address.values(), key=len))

    def close_overdue(self) -> None:
        now = time.time()
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                channel.must_linger = False
                channel.handle_close()


def close_one(channels: list[LimitedChannel]) -> None:
    """Close the connection that has been idle longest; else a stranger's body; else the newest."""
    idle = [channel for channel in channels if channel.is_idle()]
    strangers = idle or [channel for channel in channels if channel.is_body_of_stranger()]
    chosen = min(strangers, key=lambda channel: channel.last_activity) if strangers else channels[-1]
    chosen.must_linger = False
    chosen.handle_close()


def bind(address: tuple[int, int, int, Any]) -> socket.socket:
    """Return a socket that is bound to an address of ``Adjustments.listen``."""
    family, kind, protocol, place = address
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.bind(place)
    return bound


class WebServer:
    """All addresses that the server listens on, with one set of threads."""

    def __init__(
        self,
        application: Any,
        buffer: BodyBuffer,
        connections_by_address: int,
        sockets: Sequence[socket.socket] = (),
        **options: Any,
    ) -> None:
        """``sockets`` listen already, for several processes; without any the server binds its own."""
        adjustments = Adjustments(**options)
        self.map: dict[int, Any] = {}
        self.dispatcher = ThreadedTaskDispatcher()
        self.dispatcher.set_thread_count(adjustments.threads)
        self.drains_since = 0.0
        bound = sockets or [bind(address) for address in adjustments.listen]
        self.listeners = [
            LimitedServer(
                application,
                self.map,
                _sock=listening,
                dispatcher=self.dispatcher,
                adj=adjustments,
                sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
                bind_socket=False,
                buffer=buffer,
                connections_by_address=connections_by_address,
            )
            for listening in bound
        ]

    @property
    def port(self) -> int:
        return int(self.listeners[0].effective_port)

    def run(self) -> None:
        try:
            while self.map and not self._is_drained():
                wasyncore.loop(timeout=1, use_poll=True, map=self.map, count=1)
                for listener in self.listeners:
                    listener.close_overdue()
            self.close()
        except (SystemExit, KeyboardInterrupt):
            self.dispatcher.shutdown()

    def drain(self) -> None:
        """Accept no more connections, and end once the requests that have begun are answered. May be called by a signal."""
        self.drains_since = time.time()
        for listener in self.listeners:
            listener.accepting = False

    def _is_drained(self) -> bool:
        if not self.drains_since:
            return False
        now = time.time()
        channels = [channel for listener in self.listeners for channel in listener.active_channels.values()]
        is_quiet = all(channel.is_idle() and now - channel.last_activity > QUIET_SECONDS for channel in channels)
        return is_quiet or now - self.drains_since > DRAIN_SECONDS

    def close(self) -> None:
        self.dispatcher.shutdown()
        wasyncore.close_all(self.map)
