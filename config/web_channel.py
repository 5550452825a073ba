"""Connections to the web server: how long one may be silent or slow, and when it is idle.

One is closed when the head of a request, its body or the reading of the answer takes too long.
"""

import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from config.body_buffer import Refused
from config.web_request import LimitedRequest

if TYPE_CHECKING:
    from config.web_server import LimitedServer

HEAD_SECONDS = 20  # from the first byte of a request, or from the connection, to the end of the headers
KEEP_ALIVE_SECONDS = 75  # between two requests; longer than nginx keeps its connections
BODY_SECONDS = 60  # without a byte of the body
BODY_GRACE_SECONDS = 30  # after which a body must have arrived at the least rate on average
LEAST_RATE = 256  # bytes per second
FORM_SECONDS = 20  # the same for a body that is read from strangers too
FORM_GRACE_SECONDS = 20
FORM_LEAST_RATE = 1024
READ_SECONDS = 120  # without the browser reading on
LINGER_SECONDS = 10  # in which the rest of a refused body is thrown away, so that the browser reads the answer
LINGER_BYTES = 64 * 2**20
QUIET_SECONDS = 1  # without a byte, after which a process that is replaced expects no request that is on its way


class LimitedTask(WSGITask):
    """The answer to a request. While the process is being replaced or behind, it is the last one on its connection."""

    channel: "LimitedChannel"

    def build_response_header(self) -> bytes:
        if self.channel.server.is_draining or self.channel.server.is_behind():
            self.request.headers["CONNECTION"] = "close"
        return bytes(super().build_response_header())


class LimitedChannel(HTTPChannel):
    """A connection with timeouts, whose large bodies wait for permission."""

    task_class = LimitedTask
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

    def add_channel(self, map: Any = None) -> None:
        super().add_channel(map)
        self.server.by_address[self.peer][self] = None

    def del_channel(self, map: Any = None) -> None:
        super().del_channel(map)
        self.server.leaves(self)
        if self.request is not None and not self.request.is_waiting:
            self.request.close()

    def is_idle(self) -> bool:
        """Return whether nothing of a person's is lost with this connection: no request was read, none is answered."""
        if self.lingers_since:
            return True
        if self.requests or self.total_outbufs_len:
            return False
        return self.request is None or not self.request.headers_finished

    def is_unused(self, now: float) -> bool:
        """Return whether nothing is under way or about to come, so that it may be closed when the process is replaced."""
        if self.lingers_since or self.requests or self.total_outbufs_len or self.request is not None:
            return False
        return now - self.last_activity > QUIET_SECONDS and not self._has_unread_bytes()

    def _has_unread_bytes(self) -> bool:
        """Return whether the kernel holds the beginning of a request."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

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
        silence, grace, rate = BODY_SECONDS, BODY_GRACE_SECONDS, LEAST_RATE
        if request.is_small:
            silence, grace, rate = FORM_SECONDS, FORM_GRACE_SECONDS, FORM_LEAST_RATE
        took = now - request.began_at
        return now - self.last_activity > silence or (took > grace and request.body_bytes_received < took * rate)
