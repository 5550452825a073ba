"""One question each to the installation: a function of the time that answers in plain Chinese."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creation import sealing


class Level(StrEnum):
    FINE = "fine"
    NOTE = "note"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Finding:
    """``says`` is what was found, ``todo`` what a person does about it ("" while all is well)."""

    name: str
    level: Level
    says: str
    todo: str = ""

    @property
    def is_alarm(self) -> bool:
        return self.level == Level.ALARM


Probe = Callable[[datetime], Finding]


def sealed(now: datetime) -> Finding:
    name = "审计封存"
    if waiting := sealing.overdue(now):
        todo = "请查看 logs/beat.log 和 logs/worker.log，重新启动平台；仍有告警时请执行 manage.py verify。"
        return Finding(name, Level.ALARM, f"有 {waiting} 条审计记录超过五分钟没有封存。", todo)
    end = sealing.head()
    return Finding(name, Level.FINE, f"已封存 {end.seq} 条。" if end.seq else "还没有封存任何记录。")


# What is said on every page, and the rights with which one hears it.
BANNER: dict[Probe, tuple[str, ...]] = {sealed: ("health.read", "audit.read")}
