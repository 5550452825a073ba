"""What is sent, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Letter:
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
    """``line_down``: it was the line that failed, not this letter; the next one would most likely fail as well."""

    answered: Answered
    answer: str
    line_down: bool = False
