"""What is sent, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one person. ``to`` is the mail address; a robot uses ``brief``, a text message ``short``; neither
    names any content. Both know the person by ``mobile``.
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
    REFUSED = "refused"  # for good: another try would be answered the same
    LATER = "later"  # for now
    UNKNOWN = "unknown"  # all was handed over and the answer never came


@dataclass(frozen=True, slots=True)
class Outcome:
    """``is_disconnected``: it was the connection that failed, not this message; the next one would most likely fail as well."""

    answered: Answered
    answer: str
    is_disconnected: bool = False


def domain() -> str:
    """This site's host name, for greetings and Message-IDs."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
