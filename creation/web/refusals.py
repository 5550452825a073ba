"""How a refusal is answered: in the form, as a message, as a page with both texts; and where no view does it, by ``answer``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from creation.lib.refusals import Refusal, Stale
from creation.web import errors
from creation.web.fragments import wants_fragment

NOT_DONE = "没有办理成功"


@contextmanager
def form_refusals(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Adds a refusal of the block to the form, at its own field, else at ``field``, else to the form as a whole.

    The block returns the answer of a success; after it the page is shown with the form as it was typed. Stale passes: see ``conflict``.
    """
    try:
        yield
    except Stale:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field or field, refusal.sentence)


@contextmanager
def message_refusals(request: HttpRequest) -> Iterator[None]:
    """Shows a refusal of the block at the head of the next page."""
    try:
        yield
    except Refusal as refusal:
        messages.error(request, refusal.sentence)


def conflict(
    request: HttpRequest,
    refusal: Refusal,
    title: str,
    mine: str,
    theirs: str | None = None,
    *,
    back: str = "",
    again: dict[str, Any] | None = None,
) -> HttpResponse:
    """What the person wrote beside what the system holds (409): nothing is overwritten, nothing typed is lost.

    ``theirs``: in the words of the page, where the verb did not say it. ``back_url``: where to go to without saving, this address if not
    given. ``again``: ``{"url", "fields", "label"}`` of a form that saves ``mine`` all the same.
    """
    context = {
        "title": title,
        "sentence": refusal.sentence,
        "mine": mine,
        "theirs": refusal.theirs if theirs is None else theirs,
        "back_url": back or request.path,
        "again": again,
    }
    return render(request, "creation/web/conflict.html", context, status=refusal.status)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as JSON, as a fragment or as a page, whichever was asked for."""
    if wants_data(request):
        return JsonResponse({"error": refusal.sentence}, status=refusal.status)
    if wants_fragment(request):
        return render(request, "creation/web/_refusal.html", {"refusal": refusal}, status=refusal.status)
    context = {"title": NOT_DONE, "refusal": refusal, "back": errors.back_url(request)}
    return render(request, "creation/web/refusal.html", context, status=refusal.status)


def wants_data(request: HttpRequest) -> bool:
    return (
        request.headers.get("Accept", "").startswith("application/json") or request.content_type == "application/json"
    )
