"""Answers a request that failed because the database is locked or away, or the disk is full: with a sentence, and nothing typed is lost.

Rendered without database and session.
"""

import errno
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.template.loader import render_to_string

from creation.lib.refusals import Refusal
from creation.lib.storage.errors import DISK_FULL_ERRNOS
from creation.web.fragments import wants_fragment

BUSY, FULL = 503, 507
NOT_SAVED = "系统正忙，本次没有保存，已有内容没有变化。请稍后再试。"
NOT_SHOWN = "系统正忙，页面暂时打不开。请稍后再试。"
DISK_IS_FULL = "服务器磁盘空间不足，本次没有保存，已有内容没有变化。请稍后再试，并通知系统管理员清理磁盘。"
RETRY_SECONDS = 15
SQLITE_BUSY = ("locked", "busy")
SQLITE_FULL = ("is full", "disk i/o error")
# PostgreSQL: lock not available, statement cancelled, serialization failure, deadlock.
BUSY_SQLSTATES = frozenset({"55P03", "57014", "40001", "40P01"})
# PostgreSQL, by class: no connection, too many connections or too little memory, shutting down.
AWAY_SQLSTATES = ("08", "53", "57P")
FULL_SQLSTATE = "53100"


def answer(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """Return the response for such an exception, or None for any other."""
    status = outage_status(exception)
    if not status:
        return None
    changes = request.method not in {"GET", "HEAD"}
    sentence = DISK_IS_FULL if status == FULL else NOT_SAVED if changes else NOT_SHOWN
    response = _response(request, status, sentence)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def outage_status(exception: BaseException | None) -> int:
    """Return 503 or 507 if the database or the disk is the cause, otherwise 0."""
    if isinstance(exception, OSError) and exception.errno in DISK_FULL_ERRNOS - {errno.EFBIG}:
        return FULL
    if not isinstance(exception, OperationalError | InterfaceError):
        return 0
    sqlstate, text = getattr(exception.__cause__, "sqlstate", None), str(exception).lower()
    if sqlstate == FULL_SQLSTATE or any(word in text for word in SQLITE_FULL):
        return FULL
    if sqlstate:
        return BUSY if sqlstate in BUSY_SQLSTATES or sqlstate.startswith(AWAY_SQLSTATES) else 0
    return BUSY if any(word in text for word in SQLITE_BUSY) or _is_psycopg(exception.__cause__) else 0


def _is_psycopg(error: BaseException | None) -> bool:
    """Return whether the error is PostgreSQL's driver's; without an SQLSTATE it did not get a connection."""
    return type(error).__module__.partition(".")[0] in {"psycopg", "psycopg_pool"}


def _response(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json") or request.content_type == "application/json":
        return JsonResponse({"error": sentence}, status=status)
    if hasattr(request, "htmx") and wants_fragment(request):  # not yet there when an early middleware fails
        refusal = Refusal(sentence, status)
        return HttpResponse(render_to_string("creation/web/_refusal.html", {"refusal": refusal}), status=status)
    typed = typed_fields(request)
    context = {
        "title": "磁盘空间不足" if status == FULL else "系统正忙",
        "sentence": sentence,
        "typed": typed,
        "files": bool(typed and request.FILES),
        "action": request.get_full_path(),
    }
    return HttpResponse(render_to_string("unavailable.html", context), status=status)


def typed_fields(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return the fields of a submitted form, to be submitted again; none of a form that has a password."""
    if request.method != "POST" or hasattr(request, "sensitive_post_parameters"):
        return []
    try:
        sent = request.POST
    except (UnreadablePostError, RawPostDataException, MultiPartParserError, RequestDataTooBig, OSError):
        return []
    if any("password" in name for name in sent):
        return []
    return [(name, value) for name, values in sent.lists() for value in values]
