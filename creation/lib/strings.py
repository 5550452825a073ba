"""Shortens text to fit a column, tells text that can be stored or would be a formula, reads numbers that a browser sent."""

import re

FORMULA_LIKE = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
CONTROL = re.compile("[\x00-\x1f]+")


def shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_encodable(text: str) -> bool:
    """Return whether the text has no lone surrogate, which JSON may contain and no database or file stores."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_formula_like(text: str) -> bool:
    """Return whether a program for tables would take the typed text for a formula, also after characters that are removed on input."""
    if not text or text[0].isalnum():
        return False
    return text.startswith(FORMULA_LIKE) or (text[0] < " " and CONTROL.sub("", text).startswith(FORMULA_LIKE))


def to_number(text: str) -> int:
    """Return the whole number that the text is, 0 for anything else and for one that no database stores."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
