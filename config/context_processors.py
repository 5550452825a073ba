"""Template context about the installation, for every page."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


def site(request: HttpRequest) -> dict[str, object]:
    """`office_contact` for the footer; `unencrypted` when the page is sent over a network without HTTPS."""
    return {
        "office_contact": settings.OFFICE_CONTACT,
        "unencrypted": not request.is_secure() and host(request) not in LOOPBACK,
    }


def host(request: HttpRequest) -> str:
    """Return the host name in the request; "" on the page that refuses an invalid one."""
    try:
        return split_domain_port(request.get_host())[0]
    except DisallowedHost:
        return ""
