"""What a unit lays beside its answer: pieces of its own made once, cited wherever they prove a point."""

from datetime import timedelta
from random import Random

from creation import citing, pieces
from creation.demo.words import Words
from creation.models import EvidenceKind, Task
from creation.trail import Actor


class Binder:
    """Keeps count of the files drawn and remembers which pieces a unit has."""

    def __init__(self, rng: Random, words: Words, files: int) -> None:
        self.rng, self.words, self.files = rng, words, files

    def gather(self, task: Task, actor: Actor) -> None:
        text = self.words.answer(task)["results"] + f"（{task.code} {task.unit}）{self.rng.random()}"
        data = {"title": f"{task.title}情况简介（示例）", "issuer": task.unit.name, "dated_on": actor.today - timedelta(days=3)}
        pieces.add(task, EvidenceKind.BRIEF, {"text": text}, data, actor)
        _ = citing
