"""Does htmx ask for the part of a page that changes, or a browser for the whole page?"""

from typing import cast

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """What django-htmx's middleware makes of a request."""

    htmx: HtmxDetails


def sent_by_htmx(request: HttpRequest) -> bool:
    return bool(cast(HtmxRequest, request).htmx)


def wants_fragment(request: HttpRequest) -> bool:
    """True for a request of htmx; False when htmx restores a page from the history, which needs the whole of it."""
    return sent_by_htmx(request) and not cast(HtmxRequest, request).htmx.history_restore_request


def wants_data(request: HttpRequest) -> bool:
    """Return whether a script asks, which reads the answer as JSON."""
    return (
        request.headers.get("Accept", "").startswith("application/json") or request.content_type == "application/json"
    )
