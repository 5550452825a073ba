"""Names of people and text from other programs, without the blanks and invisible characters that make equal names differ."""

import unicodedata
from difflib import SequenceMatcher

MIDDLE_DOTS = dict.fromkeys(map(ord, "•・‧∙⋅●．"), "·")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣─"), "-")
LIKE = 0.6  # two names of three characters that share two


def without_blanks(text: str) -> str:
    """Return the text without blanks, line breaks, controls and invisible characters."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in "ZC")


def folded(text: str) -> str:
    """Return the text without blanks and in half-width forms, for comparing."""
    return without_blanks(unicodedata.normalize("NFKC", text))


def person_name(text: str) -> str:
    """Return a person's name as it is kept and compared: “秦　壬戌” and “秦壬戌” are one."""
    return without_blanks(text.translate(MIDDLE_DOTS))


def with_plain_dashes(text: str) -> str:
    """Return the text with one kind of dash, so that 4—3—3 equals 4-3-3."""
    return text.translate(DASHES)


def are_like_names(one: str, other: str) -> bool:
    """Return whether two names may be one person's, written differently once."""
    return SequenceMatcher(None, person_name(one), person_name(other)).ratio() >= LIKE
