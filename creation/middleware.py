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

from creation.audit.trail import Actor
from creation.lib.refusals import Refusal
from creation.models import User
from creation.people import passwords, sessions
from creation.web import refusals

Answer = Callable[[HttpRequest], HttpResponseBase]
LARGEST_KEY = 2**63 - 1
TAKEN_BACK = frozenset({"40001", "40P01"})  # no order could be found; each waited for the other
TRIES = 3
POLLING = "X-Polling"  # a request that a page makes by itself says so; it does not count as something the person did
WITH_AN_OLD_PASSWORD = frozenset({"password_change", "logout", "login", "one_time_link"})
ENDINGS = {
    sessions.ENDED: "session.end",
    sessions.IDLE: "session.idle",
    sessions.EXPIRED: "session.expired",
}


class SaneRequests:
    """What no row can hold stays outside, the same on every database: NUL in text is left out, a key beyond 64 bits is nobody's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        request.GET, request.POST = without_nul(request.GET), without_nul(request.POST)  # type: ignore[assignment]
        if any(isinstance(value, int) and value > LARGEST_KEY for value in kwargs.values()):
            raise Http404


class SecondTry:
    """PostgreSQL takes back one of two transactions that wait for each other. Nothing of it stands, so the page is asked once more.

    Last in the list: what stands before the view has been asked already. The body of an upload is gone once read; its sender tries again.
    """

    def __init__(self, get_response: Answer) -> None:
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
        for _ in range(TRIES - 1):
            try:
                return cast(HttpResponseBase, view(request, *args, **kwargs))
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in TAKEN_BACK:
                    raise
        return cast(HttpResponseBase, view(request, *args, **kwargs))


class Refusals:
    """A refusal that the view has no place for becomes an answer of its own, never an error of the server."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusals.answer(request, exception) if isinstance(exception, Refusal) else None


def without_nul(sent: QueryDict) -> QueryDict:
    if not any("\x00" in value for _, values in sent.lists() for value in values):
        return sent
    clean = QueryDict(mutable=True)
    for name, values in sent.lists():
        clean.setlist(name, [value.replace("\x00", "") for value in values])
    return clean


class SessionRules:
    """Each request of a logged-in person is held against the row of their login: ended, idle for too long, or too old."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User):
            hold(request, request.user)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """An old password must be changed before anything else."""
        match, user = request.resolver_match, request.user
        if not isinstance(user, User) or match is None or match.url_name in WITH_AN_OLD_PASSWORD:
            return None
        return redirect("password_change") if passwords.is_due(user, timezone.now()) else None


def hold(request: HttpRequest, user: User) -> None:
    actor = Actor(user, timezone.now(), request.META.get("REMOTE_ADDR", ""))
    session = sessions.begin(user, request.session.session_key or "", actor, request.headers.get("User-Agent", ""))
    why = sessions.why_over(session, actor.at)
    if not why:
        if POLLING not in request.headers:
            sessions.touch(session, actor.at)
        return
    sessions.end(session, actor, ENDINGS[why])
    auth.logout(request)
    request.session_ended = why  # type: ignore[attr-defined]


class LoginRequired(LoginRequiredMiddleware):
    """Strangers are sent to the login page and brought back; scripts are told by a 401, since they cannot log in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:  # type: ignore[override]
        query = {"next": way_back(request)}
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
    return not by_hand or any(name in request.headers for name in ("HX-Request", "X-CSRFToken", POLLING))


def way_back(request: HttpRequest) -> str:
    """Where to go after login: the page asked for; after a form was sent, the page that the form stood on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return "/"
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
