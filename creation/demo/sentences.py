"""Texts that people write in the demonstration: sentences from ``words/*.toml``, chosen at random and filled in."""

import tomllib
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from creation.models import AnswerMode, Task

FIGURES = {"a": (2, 6), "b": (8, 26), "c": (40, 180), "d": (210, 980)}  # placeholders for random numbers
NOTE = ("text", "next_step", "problem", "help_wanted")


@cache
def texts(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "words" / f"{name}.toml").read_text("utf-8"))


def answer_of(task: Task) -> dict[str, str]:
    """Return the templates for the task's action or checkpoint; empty for what nobody answers by them in the demonstration."""
    if task.is_rectification:
        return {}
    written = texts("answers")
    if task.action:
        return dict(zip(("paper", "measures", "results", "photo"), written["actions"].get(task.code, ()), strict=False))
    item, point = written["items"][task.code.rpartition("-")[0]], written["points"][task.code]
    return dict(zip(("measures", "highlights", "paper", "results"), (*item, *point), strict=True))


class Sentences:
    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def answer(self, task: Task, again: bool = False) -> dict[str, str]:
        """Return the fields of the answer form. With ``again``, the text mentions what was corrected."""
        own, mode = answer_of(task), self.mode(task)
        said = {
            "mode": mode,
            "measures": self.pick("openings", task) + self.fill(own["measures"], task),
            "results": self.fill(own["results"], task) + self.pick("mended" if again else "closings", task),
            "highlights": self.fill(own.get("highlights", ""), task) if self.rng.random() < 0.5 else "",
        }
        if mode == AnswerMode.ON_SITE:
            return said | {"keeper": str(task.owner or task.unit.leader), "place": self.pick("places", task)}
        return said | ({"statement": self.pick("statements", task)} if mode == AnswerMode.STATEMENT else {})

    def mode(self, task: Task) -> str:
        """Return the answer mode. Most tasks upload, some show originals on site, some explain. It is always the same for a task."""
        draw = Random(f"{task.code} {task.unit}").randrange(100)  # noqa: S311 - no secret
        wanted = AnswerMode.ON_SITE if draw < 6 else AnswerMode.STATEMENT if draw < 12 else AnswerMode.UPLOAD
        explained = wanted == AnswerMode.STATEMENT and task.is_lead
        return wanted.value if wanted in task.modes and not explained else AnswerMode.UPLOAD.value

    def note(self, occasion: str, task: Task) -> dict[str, str]:
        said = self.rng.choice(texts("sentences")[occasion])
        return {name: self.fill(text, task) for name, text in zip(NOTE, said, strict=False)}

    def pick(self, occasion: str, task: Task) -> str:
        return self.fill(self.rng.choice(texts("sentences")[occasion]), task)

    def fill(self, text: str, task: Task) -> str:
        figures = {name: self.rng.randint(*span) for name, span in FIGURES.items()}
        return text.format(unit=task.unit.short_name, title=task.title, year=task.campaign.year, **figures)
