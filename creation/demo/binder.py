"""What a unit lays beside its answer: pieces made once, cited wherever they prove a point."""

from collections.abc import Iterator
from random import Random

from creation.audit.trail import Actor
from creation.demo.making import Maker, Want
from creation.demo.papers.sheet import said
from creation.demo.words import said_of
from creation.evidence import citing
from creation.models import AnswerMode, Evidence, Task

SHARED = {"D-5": "D-4", "D-7": "D-6", "D-8": "D-6"}  # one set of minutes proves several of the head's personal acts
LEDGER_WORDS = ("表", "台账", "目录", "名册", "清单", "统计")
BESIDE = {"image": 0.5, "video": 0.25, "link": 0.6, "brief": 0.3}  # how often a kind that the point asks for is there
REPORT, BORROWED, MEETING_PHOTO = 0.35, 0.4, 0.25


class Binder:
    """Remembers which piece a unit has on which topic."""

    def __init__(self, rng: Random, maker: Maker) -> None:
        self.rng, self.maker = rng, maker
        self.kept: dict[tuple[int, str], Evidence] = {}

    def gather(self, task: Task, actor: Actor, mode: str) -> None:
        """Cite what proves the point and make what is not there yet; an explanation is its own proof, what is shown on site needs none."""
        if mode == AnswerMode.STATEMENT:
            self.maker.make(task, Want("statement", "statement"), actor)
        if mode != AnswerMode.UPLOAD:
            return
        for topic, want in self._wanted(task):
            self._cite(task, topic, want, actor)
        if task.is_lead and task.indicator and self.rng.random() < BORROWED:
            self._borrow(task, actor)

    def add(self, task: Task, actor: Actor) -> None:
        """One more piece, after a return."""
        self.maker.make(
            task, self.rng.choice((Want("pdf", "more"), Want("brief", "brief"), Want("jpg", "photo"))), actor
        )

    def _wanted(self, task: Task) -> Iterator[tuple[str, Want]]:
        """The main paper of the point, then what the point asks for beside it; each under its topic."""
        point = SHARED.get(task.code, task.code)
        yield point, self._main(task)
        if "photo" in said_of(task) and self.rng.random() < MEETING_PHOTO:
            yield f"{point} photo", Want("jpg", "photo")
        for kind in task.indicator.kinds if task.indicator else ():
            if self.rng.random() < BESIDE.get(kind, 0):
                yield f"{point} {kind}", self._beside(kind)
        if task.indicator and self.rng.random() < REPORT:
            yield "report", Want("pdf", "report")

    def _main(self, task: Task) -> Want:
        if any(word in said_of(task)["paper"] for word in LEDGER_WORDS):
            return self.rng.choice((Want("xlsx", "own"), Want("pdf", "own")))
        if task.action:
            return self.rng.choice((Want("docx", "own"), Want("pdf", "own"), Want("docx", "own")))
        if task.is_lead:
            return self.rng.choice((Want("pdf", "own"), Want("docx", "own"), Want("pdf", "notice")))
        return self.rng.choice((Want("brief", "brief"), Want("pdf", "letter"), Want("docx", "own")))

    def _beside(self, kind: str) -> Want:
        image = self.rng.choice((Want("jpg", "photo"), Want("png", "shot")))
        ways = {"image": image, "video": Want("mp4", "film"), "link": Want("link", "news")}
        return ways.get(kind, Want("brief", "brief"))

    def _cite(self, task: Task, topic: str, want: Want, actor: Actor) -> None:
        there = self.kept.get((task.unit_id, topic))
        if there:
            passages = said()["passages"]["report" if topic == "report" else "other"]
            citing.cite(task, there, actor, self.rng.choice(passages))
        else:
            self.kept[task.unit_id, topic] = self.maker.make(task, want, actor)

    def _borrow(self, task: Task, actor: Actor) -> None:
        """A lead also cites what an assisting unit has brought."""
        found = citing.citable(task).exclude(unit=task.unit_id).order_by("pk").first()
        if found:
            citing.cite(task, found, actor)
