"""Middleware: invalid requests, refusals and the session policy."""

import logging
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.contrib import auth
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from creation.audit.actor import Actor
from creation.lib import secret_addresses
from creation.lib.refusals import Refusal
from creation.models import User
from creation.people import passwords, sessions
from creation.web import errors, multipart, outages, reference, refusals, request_sizes
from creation.web.fragments import sent_by_htmx
from creation.web.request_facts import RequestFact

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]
MAX_KEY = 2**63 - 1
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # serialization failure and deadlock
MAX_TRIES = 3
LONG_QUERY = "网址里的查询条件太长，没有查找。请缩短查找的文字，或减少条件后再试。"
POLLING_HEADER = "X-Polling"  # marks a request that a page sends by itself; it does not count as the person's activity
ALLOWED_WITH_EXPIRED_PASSWORD = frozenset({"password_change", "logout", "login", "one_time_link"})
SESSION_END_ACTIONS = {
    sessions.ENDED: "session.end",
    sessions.IDLE: "session.idle",
    sessions.EXPIRED: "session.expired",
}
_SESSION_ENDED = RequestFact[str]("session_ended")


class HeadMiddleware:
    """Answer HEAD as GET, without the body, so that every page does. Views that would read a file ask ``REQUEST_METHOD``."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        return without_body(response)


def without_body(response: HttpResponseBase) -> HttpResponseBase:
    """Remove the body, which the web server would send. What the headers say of it stays."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter(())
        response.file_to_stream = None  # type: ignore[attr-defined]  # of FileResponse, for the web server's own reading
    elif isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response


class SecretAddressMiddleware:
    """Keep the address of a page that is opened by its key alone out of the Referer of what it loads.

    Not ``no-referrer``: with it browsers send ``Origin: null`` with the form, which is refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if secret_addresses.is_secret(request.path):
            response["Referrer-Policy"] = "strict-origin"
        return response


class InputSanitizingMiddleware:
    """Remove what no database can store: NUL characters from text; a key of more than 64 bits is a 404. Read file names in GBK.

    An address with thousands of words to search for is refused.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        multipart.install()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        if len(request.META.get("QUERY_STRING", "")) > request_sizes.MAX_QUERY:
            request.GET = QueryDict()
            return refusals.answer(request, Refusal(LONG_QUERY, 414))
        request.GET, request.POST = strip_nul(request.GET), strip_nul(request.POST)  # type: ignore[assignment]
        if any(isinstance(value, int) and value > MAX_KEY for value in kwargs.values()):
            raise Http404
        return None


class DeadlockRetryMiddleware:
    """Repeat a request that PostgreSQL aborted because of a deadlock or a serialization failure. Its transaction was rolled back.

    Must be the last in the list, because earlier middleware has run already. An upload's body cannot be read twice; its sender
    retries.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if connection.vendor != "postgresql" or request.method not in {"GET", "POST"}:
            return None
        try:
            return self._asked(request, view, args, kwargs)
        except Refusal as refusal:  # Django calls ``process_exception`` only for views that it calls itself
            return refusals.answer(request, refusal)

    def _asked(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
        for _ in range(MAX_TRIES - 1):
            try:
                return cast(HttpResponseBase, view(request, *args, **kwargs))
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in RETRYABLE_SQLSTATES:
                    raise
        return cast(HttpResponseBase, view(request, *args, **kwargs))


class Refusals:
    """Turn a Refusal that a view did not handle, and a locked database or full disk, into a response instead of a server error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return refusals.answer(request, exception)
        answer = outages.answer(request, exception)
        if answer:
            logger.warning("%s %s answered with %s: %s", request.method, request.path, answer.status_code, exception)
        return answer


def strip_nul(sent: QueryDict) -> QueryDict:
    if not any("\x00" in value for _, values in sent.lists() for value in values):
        return sent
    clean = QueryDict(mutable=True)
    for name, values in sent.lists():
        clean.setlist(name, [value.replace("\x00", "") for value in values])
    return clean


class SessionPolicyMiddleware:
    """Check each request of a logged-in person against the row of their login: ended, idle for too long, or too old."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return self.get_response(request)
        enforce_session(request, request.user)
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not is_script(request):
            response = errors.only_for_forms(request)
        forbid_storing(response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Redirect to the password form if the password has expired."""
        match, user = request.resolver_match, request.user
        if not isinstance(user, User) or match is None or match.url_name in ALLOWED_WITH_EXPIRED_PASSWORD:
            return None
        return redirect("password_change") if passwords.is_expired(user, timezone.now()) else None


def forbid_storing(response: HttpResponseBase) -> None:
    """Keep a page of a login out of every cache, so that nothing can be called up with the Back key after a logout.

    Files that say themselves how long they may be kept are left as they are.
    """
    is_page = response.get("Content-Type", "").startswith("text/html")
    if is_page or not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-store, private"


def enforce_session(request: HttpRequest, user: User) -> None:
    actor = Actor(user, timezone.now(), request.META.get("REMOTE_ADDR", ""))
    session = sessions.get_or_create_session(
        user, request.session.session_key or "", actor, request.headers.get("User-Agent", "")
    )
    reference.VERSION.keep(request, getattr(session, "reference_version", ""))
    reason = sessions.end_reason(session, actor.at)
    if not reason:
        if POLLING_HEADER not in request.headers:
            sessions.touch_session(session, actor.at)
        return
    sessions.end_session(session, actor, SESSION_END_ACTIONS[reason])
    auth.logout(request)
    _SESSION_ENDED.keep(request, reason)


class PageLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Redirect anonymous users to the login page and back afterwards. Scripts get a 401, as they cannot log in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:  # type: ignore[override]
        query = {"next": return_path(request)}
        why = _SESSION_ENDED.find(request)
        if why:
            query["ended"] = why
        address = f"{reverse('login')}?{urlencode(query, safe='/')}"
        if not is_script(request):
            return redirect(address)
        return HttpResponse("登录已过期，请重新登录。", status=401, content_type="text/plain; charset=utf-8")


def is_script(request: HttpRequest) -> bool:
    """Return whether the request comes from a script (htmx, an upload, a fetch with the CSRF header), not from a page."""
    by_hand = request.method in {"GET", "HEAD", "POST"}
    return (
        not by_hand or sent_by_htmx(request) or any(name in request.headers for name in ("X-CSRFToken", POLLING_HEADER))
    )


def return_path(request: HttpRequest) -> str:
    """Return where to go after login: the requested page, or for a submitted form the page that contained it."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
