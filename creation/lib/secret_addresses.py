"""Addresses of this site that open a page by themselves, and how they are written where others may read them."""

import re

# One-time links, calendar feeds and codes of surveys. In a query or a Referer the slashes may be escaped.
SLASH = "(?:/|%2F)"
SECRET = re.compile(rf"({SLASH}(?:link|feed|s){SLASH}+)(?:(?!%2F)[^/\\\s\"'?#&<>])+", re.IGNORECASE)
# Keys of other services in the addresses of robots and gateways.
KEY_IN_QUERY = re.compile(r"([?&](?:access_token|key|token|sign|secret|password|pwd)=)[^&\s\"'<>]+", re.IGNORECASE)
MASKED = r"\1***"


def is_secret(path: str) -> bool:
    return SECRET.match(path) is not None


def mask(text: str) -> str:
    """Return the text with ``***`` in the place of every key in an address."""
    return KEY_IN_QUERY.sub(MASKED, SECRET.sub(MASKED, text))
