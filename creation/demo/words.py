"""What people in the demonstration write. The sentences stand in ``words/*.toml``; here they are chosen and filled in."""

import tomllib
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from creation.models import AnswerMode, Task


@cache
def texts(name: str) -> dict[str, Any]:
    """The sentences of one file, by point or by occasion."""
    return tomllib.loads((resources.files(__package__) / "words" / f"{name}.toml").read_text("utf-8"))


class Words:
    """Draws sentences for a task; ``{unit}``, ``{title}``, ``{year}`` and the figures ``{a}`` to ``{d}`` are filled in."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def answer(self, task: Task, again: bool = False) -> dict[str, str]:
        """Measures, results and highlights, as the answer form takes them."""
        own, mode = said_of(task), self.mode(task)
        opening, closing = self._one("openings"), self._one("closings")
        values = self._values(task)
        said = {
            "mode": mode,
            "measures": f"{opening}{own['measures']}".format(**values),
            "results": f"{own['results']}{closing}".format(**values),
            "highlights": own.get("highlights", "").format(**values) if self.rng.random() < 0.5 else "",
        }
        if again:
            said["results"] += self._one("mended").format(**values)
        return said | self._instead(task, mode, values)

    def mode(self, task: Task) -> str:
        """Most upload; some show the originals on site, some explain. The same task always answers the same way."""
        lot = task.pk * 37 % 100
        wanted = (
            AnswerMode.ON_SITE
            if lot < 6
            else AnswerMode.STATEMENT
            if lot < 12 and not task.is_lead
            else AnswerMode.UPLOAD
        )
        return wanted.value if wanted in task.modes else AnswerMode.UPLOAD.value

    def _instead(self, task: Task, mode: str, values: dict[str, Any]) -> dict[str, str]:
        """What the answers without upload must name."""
        if mode == AnswerMode.ON_SITE:
            return {"keeper": str(task.owner or task.unit.leader), "place": self._one("places").format(**values)}
        return {"statement": self._one("statements").format(**values)} if mode == AnswerMode.STATEMENT else {}

    def line(self, occasion: str, task: Task) -> str:
        """One sentence for an occasion: a return comment, a progress note, a reason."""
        return self._one(occasion).format(**self._values(task))

    def lines(self, occasion: str, task: Task) -> dict[str, str]:
        """A table of sentences for an occasion, such as a note with its problem and next step."""
        chosen: dict[str, str] = self.rng.choice(texts("office")[occasion])
        return {name: text.format(**self._values(task)) for name, text in chosen.items()}

    def _one(self, occasion: str) -> str:
        return str(self.rng.choice(texts("office")[occasion]))

    def _values(self, task: Task) -> dict[str, Any]:
        return {
            "unit": task.unit.short_name,
            "title": task.title,
            "year": task.campaign.year,
            "a": self.rng.randint(2, 6),
            "b": self.rng.randint(8, 26),
            "c": self.rng.randint(40, 180),
            "d": self.rng.randint(210, 980),
        }


def said_of(task: Task) -> dict[str, str]:
    """What stands in the files for this task: its action's words, or its checkpoint's together with its item's."""
    if task.action:
        return dict(texts("actions").get(task.code, {}))
    item = task.code.rpartition("-")[0]
    return {**texts("items")[item], **texts("points")[task.code]}
