"""A letter as it goes over the line: text and HTML as alternatives, both in base64, so that every line is short and plain ASCII.

Written out here: the e-mail package of the standard library takes ten times as long for the same bytes.
"""

import base64
import re
from dataclasses import dataclass
from email.utils import format_datetime, formataddr
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from creation.notices.channels.letters import Letter

BOUNDARY = "=_parts"  # no line of base64 begins with a hyphen
NO_ADDRESS = re.compile(r"[\s<>\x00-\x1f\x7f]")
NO_HEADER = re.compile(r"[\r\n\x00]")


@dataclass(frozen=True, slots=True)
class Wire:
    """Envelope and content of one letter."""

    message_id: str
    sender: str
    to: str
    content: bytes  # with the dot that ends it

    @property
    def is_ascii(self) -> bool:
        return self.sender.isascii() and self.to.isascii()

    @property
    def commands(self) -> tuple[str, str, str]:
        extras = "" if self.is_ascii else " SMTPUTF8 BODY=8BITMIME"
        return f"MAIL FROM:<{self.sender}>{extras}", f"RCPT TO:<{self.to}>", "DATA"

    @property
    def envelope(self) -> bytes:
        return "".join(f"{command}\r\n" for command in self.commands).encode()


def wire(letter: Letter, office: str, sender: str) -> Wire:
    """Raises ValueError for line breaks in headers and for what is no address."""
    of, to = on_the_line(sender), on_the_line(letter.to)
    head = [
        f"From: {_from(office, of)}",
        f"To: {to}",
        f"Subject: {_subject(letter.subject)}",
        f"Date: {format_datetime(letter.at)}",
        f"Message-ID: {_plain(letter.message_id)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"',
    ]
    parts = [_part("plain", letter.text), _part("html", letter.html)]
    content = "\r\n".join([*head, "", *parts, f"--{BOUNDARY}--", ".", ""])  # no line of it begins with a dot
    return Wire(letter.message_id, of, to, content.encode())


def on_the_line(address: str) -> str:
    """A domain of other letters in its ASCII form; the name before the @ is left as it is. Raises ValueError for what is no address."""
    name, at, host = address.rpartition("@")
    if not (name and at and host) or NO_ADDRESS.search(address):
        raise ValueError(f"“{address}”不是邮箱地址")
    return f"{name}@{host if host.isascii() else host.encode('idna').decode()}"


@lru_cache(maxsize=32)
def _from(office: str, sender: str) -> str:
    return formataddr((_plain(office)[:40], sender)) if sender.isascii() else f"<{sender}>"


def _subject(text: str) -> str:
    """Encoded words (RFC 2047) of whole characters, each of 72 letters at most."""
    pieces = (_plain(text)[start : start + 11] for start in range(0, len(text), 11))
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(each.encode()).decode()}?=" for each in pieces)


def _plain(text: str) -> str:
    if NO_HEADER.search(text):
        raise ValueError("含有换行")
    return text


def _part(kind: str, text: str) -> str:
    coded = base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")
    return (
        f"--{BOUNDARY}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"
    )


def domain() -> str:
    """Ours, in greetings and Message-IDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
