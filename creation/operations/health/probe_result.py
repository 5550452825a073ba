"""The result of a health check."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone


class Level(StrEnum):
    FINE = "fine"
    NOTE = "note"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """``message`` is what was found, ``advice`` what to do about it ("" while all is well)."""

    name: str
    level: Level
    message: str
    advice: str = ""

    @property
    def is_alarm(self) -> bool:
        return self.level == Level.ALARM


Probe = Callable[[datetime], ProbeResult]


def time_ago(moment: datetime, now: datetime) -> str:
    """Return how long ago it was, in words."""
    minutes = int((now - moment) / timedelta(minutes=1))
    if minutes < 1:
        return "刚才"
    if minutes < 120:
        return f"{minutes} 分钟前"
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB"
