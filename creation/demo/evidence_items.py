"""Evidence of the demonstration: created once for each unit and topic, with title, number and date, and cited by several tasks."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.demo import papers
from creation.demo.accounts import abbreviation
from creation.demo.papers import MAKERS, SamplePage
from creation.demo.papers.paper import words
from creation.demo.sentences import Sentences, answer_of
from creation.evidence import citing, items
from creation.lib.filetypes.allowed import ALLOWED
from creation.models import AnswerMode, Evidence, EvidenceKind, EvidenceVersion, Task

SHARED = {"D-5": "D-4", "D-7": "D-6", "D-8": "D-6"}  # one set of minutes proves several of the head's personal acts
REPORT, BORROWED, MEETING_PHOTO, INTERNAL, TOO_OLD = 0.35, 0.4, 0.25, 0.15, 0.02  # shares
NUMBERED, PHOTOS = ("pdf", "docx"), ("jpg", "png", "mp4")
INSTEAD = {"pdf": "docx", "jpg": "brief", "png": "brief"}  # used when no more pictures are drawn


class EvidenceItems:
    """Creates evidence by form (an extension or a kind of text) and title pattern, both from papers.toml.

    At most ``pictures`` pages and photos are drawn, because drawing takes time.
    """

    def __init__(self, rng: Random, sentences: Sentences, pictures: int) -> None:
        self.rng, self.sentences, self.pictures, self.made = rng, sentences, pictures, 0
        self.unused = [*MAKERS]  # ensures that even the smallest demonstration has a file of every form
        self.by_topic: dict[tuple[int, str], Evidence] = {}
        self.doc_numbers: Counter[int] = Counter()

    def gather(self, task: Task, actor: Actor) -> None:
        """Create or cite the evidence of the task: a statement for the mode statement, none for material shown on site."""
        mode = self.sentences.mode(task)
        if mode == AnswerMode.STATEMENT:
            self.create(task, "statement statement", actor)
        for topic, want in self._wanted(task) if mode == AnswerMode.UPLOAD else ():
            if there := self.by_topic.get((task.unit_id, topic)):
                citing.cite(task, there, actor, self.rng.choice(words()["passages"]))
            else:
                self.by_topic[task.unit_id, topic] = self.create(task, want, actor)
        if mode == AnswerMode.UPLOAD and task.is_lead and self.rng.random() < BORROWED:
            for brought in citing.citable(task).exclude(unit=task.unit_id).order_by("pk")[:1]:  # by an assisting unit
                citing.cite(task, brought, actor)

    def _wanted(self, task: Task) -> Iterator[tuple[str, str]]:
        """Yield the main paper, then the other evidence the checkpoint needs, each with its topic."""
        point, own = SHARED.get(task.code, task.code), answer_of(task)
        main = "action" if task.action else "lead" if task.is_lead else "assist"
        main = "ledger" if any(word in own["paper"] for word in words()["ledger_words"]) else main
        yield point, self.rng.choice(words()["forms"][main])
        if "photo" in own and self.rng.random() < MEETING_PHOTO:
            yield f"{point} photo", "jpg photo"
        for kind in task.indicator.kinds if task.indicator else ():
            share, *wants = words()["beside"].get(kind, (0,))
            if self.rng.random() < share:
                yield f"{point} {kind}", self.rng.choice(wants)
        if task.indicator and self.rng.random() < REPORT:
            yield "report", "pdf report"

    def create(self, task: Task, want: str, actor: Actor) -> Evidence:
        """Create a piece of evidence and cite it in the task."""
        form, pattern = self._affordable(*want.split())
        self.made += 1
        data, said = self._data(task, form, pattern, actor.today), self.sentences.answer(task)
        title, day, unit, number = data["title"], data["dated_on"], data["issuer"], self.made
        if form in MAKERS:
            lines = (said["measures"], said["results"])
            return add_file(task, SamplePage(form, title, unit, day, number, data["doc_number"], lines), data, actor)
        text = said.get("statement") or f"{said['measures']}\n{said['results']}"
        content = {"text": f"{title}\n\n{text}\n\n{unit}　{day}（示例第{number}号）"}
        if form == EvidenceKind.LINK:
            content = {"url": f"https://{self.rng.choice(words()['hosts'])}/{day:%Y/%m/%d}/{number:05d}.html"}
        return items.add(task, EvidenceKind(form), content, data | {"declared": True}, actor).evidence

    def _affordable(self, form: str, pattern: str) -> tuple[str, str]:
        if form in MAKERS and self.unused:
            return self.unused.pop(0), pattern
        self.pictures -= form in INSTEAD
        form = INSTEAD.get(form, form) if self.pictures < 0 else form
        return form, form if form == "brief" else pattern

    def _data(self, task: Task, form: str, pattern: str, today: date) -> dict[str, Any]:
        """Return the evidence's data. Photos and news are recent, papers up to ten months old, and a few older than the campaign allows."""
        day = today - timedelta(days=self.rng.randint(1, 300 if form in NUMBERED and task.indicator else 12))
        if form in NUMBERED and task.campaign.window_from and self.rng.random() < TOO_OLD:
            day = task.campaign.window_from - timedelta(days=self.rng.randint(30, 200))
        self.doc_numbers[task.unit_id] += form in NUMBERED
        number = f"源{abbreviation(task.unit)}〔{day.year}〕{self.doc_numbers[task.unit_id]}号（示例）"
        own, unit = {"photo": task.title, **answer_of(task)}, task.unit
        names = {"paper": own["paper"].format(year=day.year), "photo": own["photo"], "title": task.title, "unit": unit}
        title = words()["titles"][pattern].format(**names, year=day.year, news=self.rng.choice(words()["headlines"]))
        seen = {"place": f"{unit.name}会议室", "people": words()["present"]} if form in PHOTOS else {}
        return seen | {
            "title": f"{title}（示例）",
            "doc_number": number if form in NUMBERED else "",
            "dated_on": day,
            "issuer": unit.name,
            "confidentiality": "internal" if self.rng.random() < INTERNAL else "public",
        }


def add_file(task: Task, paper: SamplePage, data: dict[str, Any], actor: Actor) -> Evidence:
    """Add a file without ``uploads``, which checks every PDF in a process of its own and would take minutes. A test checks the files
    instead."""
    stored = papers.store(paper)
    with transaction.atomic():
        citing.lock_open_task(task)
        evidence = items.create(task, ALLOWED[paper.form].type.kind, data, actor)
        version = EvidenceVersion.objects.create(
            evidence=evidence, created_by=actor.human, created_at=actor.at, **stored
        )
        citation = citing.create_citation(task, evidence, actor, first=version)
        audit_log.record(
            actor, "evidence.upload", task, detail=f"{citation}；{stored['given_name']}；{items.DECLARATION}"
        )
        if not task.campaign.window_includes(paper.day):
            citing.set_outside_reason(citation, words()["outside_reason"], actor)
    return evidence
