"""The scenes of a fate: what happens to a task, and when. ``story`` has a verb for each name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from creation.demo.plot import Fate
from creation.demo.timing import Diary
from creation.models import Task

OLDEST_WAITING = -4
LAST_JUDGED = -6  # what came in by this day has been judged by now


@dataclass(order=True)
class Scene:
    """Something that happens to a task at a moment; ``number`` keeps scenes of one moment in their order."""

    at: datetime
    number: int
    what: str = field(compare=False)
    task: int = field(compare=False)
    data: dict[str, Any] = field(compare=False)


class Script:
    """The scenes of one task, written in the order in which they happen; ``since``: the day it was given out, if not with its phase."""

    def __init__(self, task: Task, diary: Diary, scenes: list[Scene], since: int | None = None) -> None:
        self.task, self.diary, self.rng, self.scenes = task, diary, diary.rng, scenes
        starts, due = task.phase.starts, task.due_on
        self.first = since if since is not None else diary.number(starts) if starts else LAST_JUDGED
        self.due = diary.number(due) if due else LAST_JUDGED

    def add(self, at: datetime, what: str, **data: Any) -> datetime:
        self.scenes.append(Scene(at, len(self.scenes), what, self.task.pk, data))
        return at

    def in_time(self) -> datetime:
        return self.diary.some(self.first + 2, max(self.first + 2, min(self.due, LAST_JUDGED)))

    def too_late(self) -> datetime:
        return self.diary.some(self.due + 1, max(self.due + 1, min(self.due + 13, LAST_JUDGED)))

    def lately(self) -> datetime:
        """Now and then on the very day on which the oldest came in, even if that was a day off."""
        return self.diary.at(OLDEST_WAITING) if self.rng.random() < 0.1 else self.diary.some(OLDEST_WAITING, -1)

    def answer(self, at: datetime, **data: Any) -> datetime:
        """Evidence is gathered, perhaps a note written the day before, then the answer is handed in."""
        if self.rng.random() < 0.3:
            self.add(at - timedelta(days=1), "note")
        self.add(at - timedelta(minutes=self.rng.randint(6, 40)), "gather")
        return self.add(at, "submit", **data)

    def judged(self, submitted: datetime, verdict: str, **data: Any) -> datetime:
        return self.add(self.diary.later(submitted, self.rng.choice((1, 1, 2, 2, 3))), verdict, **data)

    def mended(self, returned: datetime, days: tuple[int, ...] = (1, 2, 3)) -> datetime:
        """More evidence, a better text, handed in again."""
        at = self.diary.later(returned, self.rng.choice(days))
        return self.add(at + timedelta(minutes=2), "submit", again=True, gather=True)


def _approved(script: Script) -> None:
    script.judged(script.answer(script.in_time()), "approve")


def _late(script: Script) -> None:
    script.judged(script.answer(script.too_late()), "approve")


def _mended(script: Script) -> None:
    returned = script.judged(script.answer(script.in_time()), "return")
    script.judged(script.mended(returned), "approve")


def _returned(script: Script) -> None:
    returned = script.judged(script.answer(script.in_time()), "return")
    if script.rng.random() < 0.4:
        script.add(script.diary.later(returned, 1), "note", mending=True)


def _waiting(script: Script) -> None:
    script.answer(script.lately())


def _again(script: Script) -> None:
    returned = script.judged(script.answer(script.in_time()), "return")
    script.add(max(script.lately(), returned + timedelta(minutes=30)), "submit", again=True, gather=True)


def _reopened(script: Script) -> None:
    approved = script.judged(script.answer(script.in_time()), "approve")
    script.add(script.diary.later(approved, 4), "reopen")


def _behalf(script: Script) -> None:
    script.answer(script.lately(), behalf=True)


def _withdrawn(script: Script) -> None:
    script.add(script.answer(script.lately()) + timedelta(minutes=15), "withdraw")


def _drafted(script: Script) -> None:
    at = script.lately()
    script.add(at - timedelta(minutes=10), "gather")
    script.add(at, "draft")


def _noted(script: Script) -> None:
    script.add(script.diary.some(max(script.first + 3, -17), -1), "note", problem=script.rng.random() < 0.35)


def _asks(kind: str, answer: str) -> Callable[[Script], None]:
    def script_of(script: Script) -> None:
        if not answer:
            script.add(script.diary.some(-3, -1), "ask", kind=kind)
            return
        asked = script.add(script.diary.some(-12, -6), "ask", kind=kind)
        script.add(script.diary.later(asked, 2), answer)

    return script_of


SCRIPTS: dict[Fate, Callable[[Script], None]] = {
    Fate.APPROVED: _approved,
    Fate.LATE: _late,
    Fate.MENDED: _mended,
    Fate.RETURNED: _returned,
    Fate.WAITING: _waiting,
    Fate.AGAIN: _again,
    Fate.REOPENED: _reopened,
    Fate.BEHALF: _behalf,
    Fate.WITHDRAWN: _withdrawn,
    Fate.DRAFTED: _drafted,
    Fate.NOTED: _noted,
    Fate.EXTENDED: _asks("extension", "extend"),
    Fate.REFUSED: _asks("extension", "refuse"),
    Fate.ASKING: _asks("extension", ""),
    Fate.OBJECTED: _asks("objection", ""),
    Fate.KEPT: _asks("objection", "refuse"),
    Fate.REASSIGNED: _asks("objection", "reassign"),
}
