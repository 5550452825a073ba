"""What stands before every page: requests that make no sense, and the rules of a login."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.contrib import auth
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal
from creation.models import User
from creation.people import passwords, sessions
from creation.web import refusals
from creation.web.fragments import sent_by_htmx

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MAX_KEY = 2**63 - 1
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})  # no order could be found; each waited for the other
MAX_TRIES = 3
POLLING_HEADER = (
    "X-Polling"  # a request that a page makes by itself says so; it does not count as something the person did
)
ALLOWED_WITH_EXPIRED_PASSWORD = frozenset({"password_change", "logout", "login", "one_time_link"})
SESSION_END_ACTIONS = {
    sessions.ENDED: "session.end",
    sessions.IDLE: "session.idle",
    sessions.EXPIRED: "session.expired",
}


class InputSanitizingMiddleware:
    """What no row can hold stays outside, the same on every database: NUL in text is left out, a key beyond 64 bits is nobody's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        request.GET, request.POST = strip_nul(request.GET), strip_nul(request.POST)  # type: ignore[assignment]
        if any(isinstance(value, int) and value > MAX_KEY for value in kwargs.values()):
            raise Http404


class DeadlockRetryMiddleware:
    """PostgreSQL takes back one of two transactions that wait for each other. Nothing of it stands, so the page is asked once more.

    Last in the list: what stands before the view has been asked already. The body of an upload is gone once read; its sender tries again.
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
        except Refusal as refusal:  # Django asks ``process_exception`` only about views that it calls itself
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
    """A refusal that the view has no place for becomes an answer of its own, never an error of the server."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusals.answer(request, exception) if isinstance(exception, Refusal) else None


def strip_nul(sent: QueryDict) -> QueryDict:
    if not any("\x00" in value for _, values in sent.lists() for value in values):
        return sent
    clean = QueryDict(mutable=True)
    for name, values in sent.lists():
        clean.setlist(name, [value.replace("\x00", "") for value in values])
    return clean


class SessionPolicyMiddleware:
    """Each request of a logged-in person is held against the row of their login: ended, idle for too long, or too old."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User):
            enforce_session(request, request.user)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """An old password must be changed before anything else."""
        match, user = request.resolver_match, request.user
        if not isinstance(user, User) or match is None or match.url_name in ALLOWED_WITH_EXPIRED_PASSWORD:
            return None
        return redirect("password_change") if passwords.is_expired(user, timezone.now()) else None


def enforce_session(request: HttpRequest, user: User) -> None:
    actor = Actor(user, timezone.now(), request.META.get("REMOTE_ADDR", ""))
    session = sessions.get_or_create_session(
        user, request.session.session_key or "", actor, request.headers.get("User-Agent", "")
    )
    reason = sessions.end_reason(session, actor.at)
    if not reason:
        if POLLING_HEADER not in request.headers:
            sessions.touch_session(session, actor.at)
        return
    sessions.end_session(session, actor, SESSION_END_ACTIONS[reason])
    auth.logout(request)
    request.session_ended = reason  # type: ignore[attr-defined]


class PageLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Strangers are sent to the login page and brought back; scripts are told by a 401, since they cannot log in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:  # type: ignore[override]
        query = {"next": return_path(request)}
        why = getattr(request, "session_ended", "")
        if why:
            query["ended"] = why
        address = f"{reverse('login')}?{urlencode(query, safe='/')}"
        if not is_script(request):
            return redirect(address)
        return HttpResponse("登录已过期，请重新登录。", status=401, content_type="text/plain; charset=utf-8")


def is_script(request: HttpRequest) -> bool:
    """htmx, an upload or a fetch with the CSRF header: no page that could be replaced by the login page."""
    by_hand = request.method in {"GET", "HEAD", "POST"}
    return (
        not by_hand or sent_by_htmx(request) or any(name in request.headers for name in ("X-CSRFToken", POLLING_HEADER))
    )


def return_path(request: HttpRequest) -> str:
    """Where to go after login: the page asked for; after a form was sent, the page that the form stood on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
