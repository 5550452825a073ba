"""Shortens text to fit a column, and tells text that can be stored."""


def shorten(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_encodable(text: str) -> bool:
    """Return whether the text has no lone surrogate, which JSON may contain and no database or file stores."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
