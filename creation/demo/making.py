"""Makes a piece of evidence of a unit: its title, number and date, and its content: a drawn file, a link or a text."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from creation.audit.trail import Actor
from creation.demo import shelf
from creation.demo.papers import Paper
from creation.demo.papers.sheet import said
from creation.demo.words import Words, said_of
from creation.evidence import citing, pieces
from creation.models import Citation, Evidence, EvidenceKind, Task

TEXT_FORMS = {"link": EvidenceKind.LINK, "brief": EvidenceKind.BRIEF, "statement": EvidenceKind.STATEMENT}
NUMBERED = ("pdf", "docx")
PHOTOS = ("jpg", "png", "mp4")
FIRST_FORMS = ("mp4", "pdf", "jpg", "png", "xlsx", "docx")  # so that even the smallest demonstration has one of each
INSTEAD = {"pdf": "docx", "jpg": "brief", "png": "brief"}
TOO_OLD = 0.02  # share of papers from before the window of admissible dates
INTERNAL = 0.15


@dataclass(frozen=True, slots=True)
class Want:
    """``form``: a file's extension or one of TEXT_FORMS; ``title``: the pattern of its title in papers.toml."""

    form: str
    title: str


DECLARED = {"declared": True}


class Maker:
    """Draws at most ``pictures`` pages and photos, which take the time; afterwards papers come from Word and photos as briefs."""

    def __init__(self, rng: Random, words: Words, pictures: int) -> None:
        self.rng, self.words, self.pictures = rng, words, pictures
        self.files = self.made = 0
        self.doc_numbers: dict[int, int] = defaultdict(lambda: rng.randint(3, 30))

    def make(self, task: Task, want: Want, actor: Actor) -> Evidence:
        """The piece, cited by the task at once."""
        self.made += 1
        want = self._affordable(want)
        said_here = self.words.answer(task)
        data = self._data(task, want, actor.today)
        if want.form == "link":
            return pieces.add(task, TEXT_FORMS[want.form], {"url": self._url(data)}, data | DECLARED, actor).evidence
        if want.form in TEXT_FORMS:
            text = self._text(task, want, data, said_here)
            return pieces.add(task, TEXT_FORMS[want.form], {"text": text}, data | DECLARED, actor).evidence
        lines = (said_here["measures"], said_here["results"])
        paper = Paper(want.form, data["title"], task.unit.name, data["dated_on"], self.made, data["doc_number"], lines)
        citation = shelf.put(task, paper, data, actor)
        self._explain(citation, actor)
        return citation.evidence

    def _explain(self, citation: Citation, actor: Actor) -> None:
        """Why a paper from before the window is there all the same."""
        day = citation.evidence.dated_on
        if day and not citation.task.campaign.admits(day):
            citing.explain(citation, "制度制定较早，现行有效，继续执行", actor)

    def _text(self, task: Task, want: Want, data: dict[str, Any], answer: dict[str, str]) -> str:
        """A brief tells what was done; a statement says why there is nothing. Both end with unit, day and a running number."""
        told = answer.get("statement") or f"{answer['measures']}\n{answer['results']}"
        return f"{data['title']}\n\n{told}\n\n{task.unit.name}　{data['dated_on']}（示例第{self.made}号）"

    def _affordable(self, want: Want) -> Want:
        if want.form in TEXT_FORMS:
            return want
        self.files += 1
        if self.files <= len(FIRST_FORMS):
            return Want(FIRST_FORMS[self.files - 1], want.title)
        if want.form not in INSTEAD:
            return want
        self.pictures -= 1
        return (
            want
            if self.pictures >= 0
            else Want(INSTEAD[want.form], "brief" if INSTEAD[want.form] == "brief" else want.title)
        )

    def _data(self, task: Task, want: Want, today: date) -> dict[str, Any]:
        dated_on = self._dated(task, want, today)
        return {
            "title": self._title(task, want, dated_on),
            "doc_number": self._doc_number(task, dated_on) if want.form in NUMBERED else "",
            "dated_on": dated_on,
            "issuer": task.unit.name,
            "confidentiality": "internal" if self.rng.random() < INTERNAL else "public",
        } | (_pictured(task) if want.form in PHOTOS else {})

    def _title(self, task: Task, want: Want, dated_on: date) -> str:
        own = said_of(task)
        values = {
            "paper": own["paper"].format(year=dated_on.year),
            "photo": own.get("photo") or task.title,
            "title": task.title,
            "unit": task.unit.short_name,
            "year": dated_on.year,
            "headline": self.rng.choice(said()["news"]["headlines"]),
        }
        return f"{said()['titles'][want.title].format(**values)}（示例）"

    def _dated(self, task: Task, want: Want, today: date) -> date:
        """Photos and news are recent, papers up to ten months old; a few are older than the campaign admits."""
        start = task.campaign.window_from
        if want.form in NUMBERED and start and self.rng.random() < TOO_OLD:
            return start - timedelta(days=self.rng.randint(30, 200))
        most = 300 if want.form in NUMBERED and task.indicator else 12
        return today - timedelta(days=self.rng.randint(1, most))

    def _doc_number(self, task: Task, dated_on: date) -> str:
        self.doc_numbers[task.unit_id] += self.rng.randint(1, 2)
        return f"源{abbreviated(task.unit.short_name)}〔{dated_on.year}〕{self.doc_numbers[task.unit_id]}号（示例）"

    def _url(self, data: dict[str, Any]) -> str:
        host = self.rng.choice(said()["news"]["hosts"])
        return f"https://{host}/{data['dated_on']:%Y/%m/%d}/{self.made:05d}.html"


def _pictured(task: Task) -> dict[str, str]:
    """A photo names place and people."""
    return {"place": f"{task.unit.name}会议室", "people": "分管领导及有关科室人员（示例）"}


def abbreviated(short_name: str) -> str:
    """区城管局 → 城管, 区委宣传部 → 宣传部, 老街街道 stays."""
    for prefix in ("区委", "区", "源汇"):
        if short_name.startswith(prefix) and len(short_name) >= len(prefix) + 2:
            short_name = short_name.removeprefix(prefix)
            break
    return short_name.removesuffix("分局").removesuffix("局")
