"""Error pages. Each page says what happened and links back."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from creation.access import AccessRefused
from creation.audit import audit_log
from creation.lib import secret_addresses
from creation.web import outages, shortcuts

NO_RIGHT = "您的角色不能进行此操作。如有需要，请与创建办联系。"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a bad request with a link to the home page. The referer is not used, as the host of the request cannot be trusted.

    Django calls it a bad request, too, when the session could not be saved because the database is locked.
    """
    if isinstance(exception, SessionInterrupted):
        update_error = exception.__context__
        if update_error and (answer := outages.answer(request, update_error.__context__)):
            return answer
    return render(request, "400.html", {"back": "/"}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Record the refusal in the audit trail and show the reason."""
    path = secret_addresses.mask(request.path)
    permission, obj, sentence = "page.refused", path, NO_RIGHT
    if isinstance(exception, AccessRefused):
        permission, sentence = exception.permission, str(exception)
        obj = audit_log.display_name(exception.obj) if isinstance(exception.obj, models.Model) else path
    elif isinstance(exception, PermissionDenied) and str(exception):
        sentence = str(exception)
    audit_log.record(
        shortcuts.current_actor(request), permission, obj, result="refused", detail=f"{request.method} {path}"
    )
    return render(request, "403.html", {"sentence": sentence, "back": back_url(request)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", {"back": back_url(request)}, status=404)


def only_for_forms(request: HttpRequest) -> HttpResponse:
    """Answer a person who opens an address to which only forms are sent, as after a login that ended while a form was on its way."""
    return render(request, "405.html", {"back": page_above(request.path)}, status=405)


def page_above(path: str) -> str:
    """Return the nearest address above this one that exists: of ``/c/1/orders/3/close/`` that is the order's."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return "/"


def server_error(request: HttpRequest) -> HttpResponse:
    """Render without database and session, because they may be the cause."""
    if answer := outages.answer(request, sys.exc_info()[1]):
        return answer
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the page is too old. A login form sent after a login in another window leads on, as nothing is left to do."""
    match = request.resolver_match
    if match is not None and match.url_name == "login" and request.user.is_authenticated:
        return redirect(safe_target(request))
    return render(request, "403_csrf.html", {"back": back_url(request)}, status=403)


def safe_target(request: HttpRequest) -> str:
    """Return where to go after login: a page of this site, or the home page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours and target.startswith("/") else "/"  # ``redirect`` would take other words as names of views


def back_url(request: HttpRequest) -> str:
    """Return the previous page if it is on this site, otherwise the home page. A form's own page is one; a page that failed is not."""
    referer = request.headers.get("Referer", "")
    is_loop = request.method != "POST" and referer == request.build_absolute_uri()
    return referer if url_has_allowed_host_and_scheme(referer, {request.get_host()}) and not is_loop else "/"
