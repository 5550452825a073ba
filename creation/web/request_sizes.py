"""How large the body of a request may be, by address. The web server asks before it reads the body.

A view that receives files says so by ``accepts_files``; every other view receives forms.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])
KIB, MIB = 2**10, 2**20
MAX_STRANGERS_BODY = 64 * KIB  # login, one-time link; these bodies are kept in memory, not on the disk
MAX_FORM_BODY = 4 * MIB  # Django itself takes forms without files up to 2.5 MiB
# Of an address: a list repeats it in each of its links, and databases compare no pattern of more than 50,000 bytes.
MAX_QUERY = 8 * KIB
FORM_AROUND_FILES = 4 * MIB  # the other fields of a form with files


def accepts_files(largest: Callable[[], int]) -> Callable[[View], View]:
    """Mark a view that receives files. ``largest`` returns the bytes of all files of a request together."""

    def mark(view: View) -> View:
        view.max_file_bytes = largest  # type: ignore[attr-defined]
        return view

    return mark


def max_body(path: str) -> int:
    """Return the bytes that a logged-in person may send to this path."""
    try:
        view = resolve(path).func
    except Resolver404:
        return MAX_STRANGERS_BODY
    largest: Callable[[], int] | None = getattr(view, "max_file_bytes", None)
    return largest() + FORM_AROUND_FILES if largest else MAX_FORM_BODY


def largest_image() -> int:
    return int(settings.LIMIT_IMAGE)


def largest_document() -> int:
    return int(settings.LIMIT_DOCUMENT)


def largest_file() -> int:
    return int(max(settings.LIMIT_IMAGE, settings.LIMIT_DOCUMENT, settings.LIMIT_VIDEO))
