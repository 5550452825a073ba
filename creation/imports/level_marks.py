"""Marks of levels before titles, such as 一、 （一） 1. ①, and codes written with dots."""

import re

MARK = re.compile(
    r"(?:第?[一二三四五六七八九十百]+(?:[、.．,，:：]|部分|章)|[(（][一二三四五六七八九十]+[)）][、.．]?|[(（]\d+[)）]|\d+(?:[、．)）]|\.(?!\d))|[①-⑳])\s*"
)


def without_level_mark(title: str) -> str:
    """Return the title without the mark of its level; a title that is only a mark stays."""
    plain = title.strip()
    mark = MARK.match(plain)
    return (plain[mark.end() :] if mark else "") or plain


def with_hyphens(code: str) -> str:
    """Return a code written as 4.3.3 in the form 4-3-3."""
    return code.replace(".", "-")
