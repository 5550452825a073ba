"""Shortens text to fit a column, tells text that can be stored, reads numbers that a browser sent."""


def shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_encodable(text: str) -> bool:
    """Return whether the text has no lone surrogate, which JSON may contain and no database or file stores."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def to_number(text: str) -> int:
    """Return the whole number that the text is, 0 for anything else and for one that no database stores."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
