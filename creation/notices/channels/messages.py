"""Outgoing messages and the outcomes of sending them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to one person. ``to`` is the mail address. Robots use ``brief`` and text messages ``short``, which contain no details.

    Both identify the person by ``mobile``.
    """

    name: str
    to: str
    mobile: str
    subject: str
    text: str
    html: str
    brief: str
    short: str
    message_id: str
    at: datetime


class Answered(StrEnum):
    SENT = "sent"
    REFUSED = "refused"  # permanent: another attempt would be refused too
    LATER = "later"  # temporary
    UNKNOWN = "unknown"  # everything was sent and no response arrived


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt. ``is_disconnected`` means that the connection failed, so that the next message would probably fail too."""

    answered: Answered
    answer: str
    is_disconnected: bool = False


def domain() -> str:
    """Return this site's host name, for greetings and Message-IDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
