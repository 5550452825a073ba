"""Marks of levels before titles, such as 一、 （一） 1. ①, and codes written with dots."""

import re

from creation.imports.headings import normalized

MARK = re.compile(
    r"(?:(?:[Ⅰ-Ⅻⅰ-ⅻ]+|[IVX]+(?=[、.．]))[、.．]?|第?[一二三四五六七八九十百]+(?:[、.．,，:：]|部分|章)|[(（][一二三四五六七八九十]+[)）][、.．]?|[(（]\d+[)）]|\d+(?:[、．)）]|\.(?!\d))|[①-⒛㈠-㈩㊀-㊉❶-❿])\s*"
)


QUOTES = re.compile("[“”\"‘’'「」『』]")
POINTS = re.compile(r"\s*[(（]\s*\d+(?:\.\d+)?\s*分\s*[)）]$")


def without_level_mark(title: str) -> str:
    """Return the title without the mark of its level and the points behind it, such as （3分）; a title that is only a mark stays."""
    plain = POINTS.sub("", title.strip())
    mark = MARK.match(plain)
    return (plain[mark.end() :] if mark else "") or plain


def with_hyphens(code: str) -> str:
    """Return a code written as 4.3.3 in the form 4-3-3."""
    return code.replace(".", "-")


def title_key(title: str) -> str:
    """Return the title for comparing, without quotation marks and the full stop behind it."""
    return QUOTES.sub("", normalized(title)).rstrip("。.；;")
