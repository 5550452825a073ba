"""Turns a Refusal into a response: an error in the form, a message, or a page with both texts. ``answer`` handles the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from creation.lib.refusals import Refusal, Stale
from creation.web import errors
from creation.web.fragments import wants_data, wants_fragment

NOT_DONE = "没有办理成功"


@contextmanager
def form_refusals(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Add a refusal in the block to the form: to its own field, else to ``field``, else to the form as a whole.

    The block returns the response on success. Otherwise the view shows the form again as it was typed. Stale is not caught: see
    ``conflict``.
    """
    try:
        yield
    except Stale:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field or field, refusal.sentence)


@contextmanager
def message_refusals(request: HttpRequest) -> Iterator[None]:
    """Show a refusal in the block as a message on the next page."""
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
    """Show what the person wrote beside the current value (409), so that nothing is overwritten and no input is lost.

    ``theirs`` is the current value if the exception does not carry it. ``back`` is where to continue without saving
    (default: this address). ``again`` is ``{"url", "fields", "label"}`` of a form that saves ``mine`` anyway.
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
    """Return the refusal as JSON, as a fragment or as a page, depending on the request."""
    if wants_data(request):
        return JsonResponse({"error": refusal.sentence}, status=refusal.status)
    if wants_fragment(request):
        return render(request, "creation/web/_refusal.html", {"refusal": refusal}, status=refusal.status)
    context = {"title": NOT_DONE, "refusal": refusal, "back": errors.back_url(request)}
    return render(request, "creation/web/refusal.html", context, status=refusal.status)


def redirect_of_form(request: HttpRequest, url: str) -> HttpResponse:
    """Return where to go after a form, as JSON if a script (file-forms.js) has sent it: a script cannot read where a redirect leads."""
    return JsonResponse({"url": url}) if wants_data(request) else redirect(url)
