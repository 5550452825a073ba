"""Telephone numbers as lists of people write them: with blanks, hyphens, notes in brackets, several in a cell."""

import re
import unicodedata

from creation.rules.names import with_plain_dashes

MOBILE = re.compile(r"(?:\+?86-?)?(1\d{10})", re.ASCII)
MASKED = re.compile(r"1\d{2}\*{4}\d{4}", re.ASCII)
LANDLINE = re.compile(r"(?:\(?0\d{2,3}\)?[- ]?)?[2-8]\d{6,7}(?:(?:转|-)\d{1,6})?", re.ASCII)
SEVERAL_MOBILES = re.compile(r"(?:1\d{10}){2,}", re.ASCII)
SEPARATORS = re.compile(r"[、,;/|\n]|或|\s+(?=[^\d\s()]{1,4}:)")
NOTE = re.compile(r"\([^()\d]*\)")
SHORT_NUMBER = re.compile(
    r"\(?(?:短号|虚拟号|集团短号|集团号|小号|V网)[:：]?\s*\d{3,6}\)?|(?<=\d{4})\(\d{3,6}\)"
)  # of a closed group of users
LOST_ZERO = re.compile(r"[2-9]\d{9,10}", re.ASCII)  # an area code without its 0, which Excel drops
NOTHING = frozenset({"", "无", "-", "--", "—", "/", "暂无", "没有", "待定"})


def split_numbers(text: str) -> list[str]:
    """Return the numbers in a cell, in plain digits; mobile numbers without blanks and hyphens. Text that is no number stays as it is."""
    folded = with_plain_dashes(unicodedata.normalize("NFKC", text)).replace("\r", "\n")
    plain = NOTE.sub("", SHORT_NUMBER.sub("", folded))
    listed = (re.sub(r"^[^\d+(*]{1,6}[::]", "", part.strip()) for part in SEPARATORS.split(plain))
    return [_plain(part) for each in listed for part in _at_blanks(each) if part not in NOTHING]


def _at_blanks(text: str) -> list[str]:
    """Split several whole numbers with blanks or nothing between them; a number with blanks inside stays whole."""
    if SEVERAL_MOBILES.fullmatch(re.sub(r"[\s\-]", "", text)):
        return re.findall(r"1\d{10}", re.sub(r"[\s\-]", "", text))
    parts = text.split()
    return parts if len(parts) > 1 and all(is_mobile(part) or is_landline(part) for part in parts) else [text]


def _plain(part: str) -> str:
    digits = re.sub(r"[\s\-]", "", part)
    found = MOBILE.fullmatch(digits)
    return found[1] if found else digits if MASKED.fullmatch(digits) else part


def with_area_zero(number: str) -> str:
    """Return a landline number with the 0 of its area code, as of 0395-3123456 kept as the number 3953123456."""
    digits = re.sub("[-() ]", "", number)
    return f"0{number}" if LOST_ZERO.fullmatch(digits) and not number.startswith("(") else number


def has_short_number(text: str) -> bool:
    """Return whether the cell names a short number, which is not kept."""
    return bool(SHORT_NUMBER.search(unicodedata.normalize("NFKC", text)))


def is_mobile(number: str) -> bool:
    return bool(MOBILE.fullmatch(number) or MASKED.fullmatch(number))


def is_landline(number: str) -> bool:
    return bool(LANDLINE.fullmatch(number))
