"""Decides which addresses a document may name: what a click opens, and what a program reads without one."""

import re
from urllib.parse import unquote

CLICKED_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp"})
PROGRAMS = (".exe", ".bat", ".cmd", ".com", ".scr", ".lnk", ".vbs", ".js", ".hta", ".msi", ".ps1")
LOCAL = re.compile(
    r"(?:file:/{0,3})?[a-z]:[/\\](?![/\\])", re.IGNORECASE
)  # the author's own disk: Normal.dotm, other workbooks
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
ODD = re.compile(r"[\x00-\x20]")  # programs leave these out of an address


def is_local(address: str) -> bool:
    """Return whether a program that reads the address stays on its own computer: a drive, or a path beside the document."""
    target = _plain(address)
    return bool(LOCAL.match(target)) or not (SCHEME.match(target) or target.startswith(("\\", "//", "/\\")))


def may_be_clicked(address: str) -> bool:
    """Return whether a click opens a web page, a letter, or a document on the own computer; never a share or a program."""
    target = _plain(address)
    if is_local(target):
        return not target.lower().split("?")[0].endswith(PROGRAMS)
    scheme = SCHEME.match(target)
    return bool(scheme and scheme[1].lower() in CLICKED_SCHEMES)


def _plain(address: str) -> str:
    plain = ODD.sub("", address)
    for _ in range(3):  # %255C is \ for a program that decodes twice
        plain = unquote(plain)
    return plain
