"""A paper before it is drawn: its form, what it is called, and what stands on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from creation.demo.words import texts


@dataclass(frozen=True, slots=True)
class Paper:
    """``form`` is the extension; ``serial`` tells papers of one title apart and seeds what is drawn by lot."""

    form: str
    title: str
    unit: str
    day: date
    serial: int
    doc_number: str = ""
    lines: tuple[str, ...] = ()

    @property
    def rng(self) -> Random:
        return Random(f"{self.serial} {self.title} {self.unit}")  # noqa: S311 - a drawing, no secret

    @property
    def written_on(self) -> str:
        return f"{self.day.year}年{self.day.month}月{self.day.day}日"


def said() -> Mapping[str, Any]:
    return texts("papers")


def body(paper: Paper, rng: Random) -> list[str]:
    """The paragraphs: why, what was done, how it goes on."""
    words = said()
    duties = sorted(rng.sample(range(len(words["duties"])), rng.randint(2, 4)))
    return [words["basis"], *paper.lines, *(words["duties"][n] for n in duties), words["ending"]]


def rows(paper: Paper, rng: Random, count: int) -> Iterator[tuple[str, ...]]:
    """Lines of a ledger, newest last."""
    words = said()
    for number in range(1, count + 1):
        day = paper.day - timedelta(days=3 * (count - number) + rng.randint(0, 2))
        pick = (rng.choice(words[name]) for name in ("matters", "offices", "outcomes"))
        matter, office, outcome = pick
        yield str(number), day.isoformat(), matter, office, outcome
