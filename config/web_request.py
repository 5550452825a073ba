"""Requests to the web server: a body above 64 KiB is read only for a logged-in person, up to what its address may receive.

A body that does not say its length is not read: browsers always say it, and without it no room can be promised.
"""

import html
import json
import logging
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections
from django.http.cookie import parse_cookie
from django.template.loader import render_to_string
from django.utils import timezone
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge

from config import body_buffer
from config.body_buffer import Refused
from creation.people import sessions
from creation.web import request_sizes

if TYPE_CHECKING:
    from config.web_channel import LimitedChannel

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
        self.promised = 0
        self.address = ""
        self.is_waiting = False  # for the answer about its body
        self.wants_continue = False

    def received(self, data: bytes) -> int:
        in_head = not self.headers_finished
        consumed = int(super().received(data))
        if self.chunked and not self.completed:
            self.refuse(body_buffer.UNKNOWN_LENGTH)
            return len(data)  # what follows is no other request
        if in_head and self.headers_finished and not self.completed:
            self._body_begins()
        if isinstance(self.error, RequestEntityTooLarge):
            self.refuse(body_buffer.too_large(self.adj.max_request_body_size))
        return consumed

    def _body_begins(self) -> None:
        self.began_at = time.time()
        if self.is_small:
            return
        self.is_waiting = True
        self.wants_continue, self.expect_continue = self.expect_continue, False
        self.channel.server.add_task(BodyQuestion(self.channel, self))

    @property
    def is_small(self) -> bool:
        """Return whether the body is read without asking who sends it."""
        return bool(self.content_length <= request_sizes.MAX_STRANGERS_BODY)

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
        except Exception:  # without an answer from this thread the browser would wait forever
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
