"""Decides which addresses a document may name: what a click opens, and what a program reads without one."""

import re
from urllib.parse import unquote

CLICKED_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp"})
PROGRAMS = (
    *(".exe", ".bat", ".cmd", ".com", ".scr", ".lnk", ".pif", ".url", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta"),
    *(".msi", ".msc", ".cpl", ".reg", ".jar", ".ps1", ".sh"),
)
# The author's own disk: Normal.dotm, other workbooks; also of Linux or a Mac, in old and new style. Four slashes would be a share.
LOCAL = re.compile(
    r"(?:file:/{0,3})?[a-z]:[/\\](?![/\\])|file:(?://localhost)?/(?:(?://)?(?![/\\]))|file:(?![/\\])|macintoshhd:(?![/\\])",
    re.IGNORECASE,
)
TYPED_HOST = re.compile(r"(?:www\.(?!.*\.\.)[^\\]*|[^/\\:]+\.com)\Z", re.IGNORECASE)  # an address without http://
# A share of a computer in the office: a name without dots means nothing outside of its own network.
SHARE = re.compile(r"(?:file:(?://|/{4,5})|//)[a-z\u4e00-\u9fff][\w-]{0,14}/(?!/)", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
ODD = re.compile(r"[\x00-\x20]")  # programs leave these out of an address


def is_local(address: str) -> bool:
    """Return whether a program that reads the address stays on its own computer: a drive, or a path beside the document."""
    target = _plain(address)
    return bool(LOCAL.match(target)) or not (SCHEME.match(target) or target.startswith(("\\", "//", "/\\")))


def may_be_clicked(address: str) -> bool:
    """Return whether a click opens a web page, a letter, or a document on the own computer or in its office; never a program."""
    target = _plain(address)
    if TYPED_HOST.match(target):
        return True
    if is_local(target) or is_office_share(target):
        return not target.lower().split("?")[0].rstrip(". ").endswith(PROGRAMS)
    scheme = SCHEME.match(target)
    return bool(scheme and scheme[1].lower() in CLICKED_SCHEMES)


def is_office_share(address: str) -> bool:
    """Return whether the address is a folder of a computer that is named as in an office, not by a number or an Internet name."""
    return bool(SHARE.match(_plain(address).replace("\\", "/")))


def _plain(address: str) -> str:
    plain = ODD.sub("", address)
    for _ in range(3):  # %255C is \ for a program that decodes twice
        plain = ODD.sub("", unquote(plain))
    return plain
