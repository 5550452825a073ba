"""Thousands of pieces of evidence at once, for the large demonstration: tiny files, links and texts, each cited by one task."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from creation.demo import papers, shelf
from creation.demo.papers import Paper
from creation.demo.people import Cast
from creation.demo.timing import Diary
from creation.demo.words import said_of
from creation.lib.filetypes.allowed import ALLOWED
from creation.models import (
    Campaign,
    Citation,
    Evidence,
    EvidenceKind,
    EvidenceNumber,
    EvidenceVersion,
    NumberCounter,
    Task,
)

FORMS = ("docx", "docx", "docx", "link", "brief")
KINDS = {"docx": EvidenceKind.DOCUMENT, "link": EvidenceKind.LINK, "brief": EvidenceKind.BRIEF}
BATCH = 500
Proof = tuple[Citation, EvidenceVersion]
Cited = dict[int, list[Proof]]  # by task


class Pile:
    """Numbers are counted here and handed to the counters at the end: nobody else is at work yet."""

    def __init__(self, campaign: Campaign, cast: Cast, diary: Diary) -> None:
        self.campaign, self.cast, self.diary = campaign, cast, diary
        self.last: Counter[str] = Counter()

    def gather(self, tasks: Sequence[Task], count: int) -> Cited:
        """``count`` pieces, dealt out to the tasks in turn."""
        owners = [tasks[number % len(tasks)] for number in range(count)]
        evidence = Evidence.objects.bulk_create((self._piece(n, task) for n, task in enumerate(owners)), BATCH)
        versions = EvidenceVersion.objects.bulk_create(map(self._version, evidence, owners), BATCH)
        numbers = EvidenceNumber.objects.bulk_create(map(self._number, evidence, owners), BATCH)
        citations = Citation.objects.bulk_create(self._citations(owners, evidence, numbers), BATCH)
        NumberCounter.objects.bulk_create(
            NumberCounter(campaign=self.campaign, point=point, last=last) for point, last in self.last.items()
        )
        cited: Cited = {}
        for task, citation, version in zip(owners, citations, versions, strict=True):
            cited.setdefault(task.pk, []).append((citation, version))
        return cited

    def _piece(self, number: int, task: Task) -> Evidence:
        at = self._gathered()
        return Evidence(
            unit=task.unit,
            kind=KINDS[FORMS[number % len(FORMS)]],
            title=f"{said_of(task)['paper'].format(year=at.year)}（示例{number + 1:05d}）",
            doc_number=f"源示〔{at.year}〕{number + 1}号（示例）",
            dated_on=at.date() - timedelta(days=number % 90 + 1),
            issuer=task.unit.name,
            created_by=self.cast.liaisons[task.unit_id],
            created_at=at,
        )

    def _gathered(self) -> datetime:
        return self.diary.some(-19, -5)

    def _version(self, evidence: Evidence, task: Task) -> EvidenceVersion:
        version = EvidenceVersion(evidence=evidence, by=evidence.created_by, at=evidence.created_at)
        if evidence.kind == EvidenceKind.LINK:
            version.url = f"https://news.yuanhui.example/{evidence.pk}.html"
        elif evidence.kind == EvidenceKind.BRIEF:
            version.text = f"{evidence.title}\n\n{task.title}，{task.unit.name}。"
        else:
            self._write(version)
        return version

    def _write(self, version: EvidenceVersion) -> None:
        evidence, kind = version.evidence, ALLOWED["docx"].type
        day = evidence.dated_on or evidence.created_at.date()
        content = papers.make(Paper("docx", evidence.title, evidence.issuer, day, evidence.pk, evidence.doc_number))
        version.blob = shelf.lay(content, UUID(int=self.diary.rng.getrandbits(128)))
        version.given_name, version.extension = f"{evidence.title}.docx", kind.extension
        version.media_type, version.size = kind.media_type, len(content)
        version.sha256 = hashlib.sha256(content).hexdigest()

    def _number(self, evidence: Evidence, task: Task) -> EvidenceNumber:
        self.last[task.code] += 1
        return EvidenceNumber(campaign=self.campaign, point=task.code, serial=self.last[task.code], evidence=evidence)

    def _citations(
        self, tasks: Sequence[Task], evidence: Sequence[Evidence], numbers: Sequence[EvidenceNumber]
    ) -> Iterator[Citation]:
        for task, piece, number in zip(tasks, evidence, numbers, strict=True):
            yield Citation(task=task, evidence=piece, number=number, by=piece.created_by, at=piece.created_at)
