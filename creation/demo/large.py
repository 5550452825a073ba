"""The large demonstration for load tests: every unit has every checkpoint, with thousands of answers, written in bulk without the verbs."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from creation import models
from creation.demo import papers
from creation.demo.accounts import People
from creation.demo.sentences import Sentences, answer_of, texts
from creation.demo.timeline import OPENED, DemoTimeline
from creation.models import Campaign, EvidenceKind, ReviewVerdict, SubmittedCitation, Task, TaskStatus, Unit, UnitKind
from creation.rules.policy import Role
from creation.tasks import effects, progress, workflow

STATUSES = {TaskStatus.APPROVED: 42, TaskStatus.SUBMITTED: 7, TaskStatus.RETURNED: 4}  # percent; the rest is open
VERDICTS = {TaskStatus.APPROVED: ReviewVerdict.APPROVE, TaskStatus.RETURNED: ReviewVerdict.RETURN}
KINDS = (EvidenceKind.DOCUMENT, EvidenceKind.DOCUMENT, EvidenceKind.DOCUMENT, EvidenceKind.LINK, EvidenceKind.BRIEF)
UNIT_KINDS = (UnitKind.TOWNSHIP, UnitKind.DEPARTMENT, UnitKind.PARTY)
NOTED, READ, BATCH = 0.2, 0.8, 500


def add_units(campaign: Campaign, count: int) -> None:
    """Add units to those of the preset, and make every unit that does not lead a checkpoint assist it."""
    district = campaign.district
    for n in range(Unit.objects.filter(district=district).count() + 1, count + 1):
        name, kind = f"示例单位{n:02d}", UNIT_KINDS[n % len(UNIT_KINDS)]
        Unit.objects.create(district=district, kind=kind, name=f"源汇区{name}", short_name=name, order=n)
    assigned, units = set(campaign.assignments.values_list("indicator", "unit")), Unit.objects.filter(district=district)
    for point in campaign.system.indicators.checkpoints():
        fixed = {"campaign": campaign, "indicator": point, "role": models.AssignmentRole.ASSIST, "example": True}
        missing = [models.Assignment(unit=unit, **fixed) for unit in units if (point.pk, unit.pk) not in assigned]
        models.Assignment.objects.bulk_create(missing)


def fill(campaign: Campaign, people: People, days: DemoTimeline, evidence: int) -> None:
    """Create answers, reviews and ``evidence`` pieces of evidence; repeat yesterday's snapshot for every day before."""
    rows = Rows(people, days)
    tasks = list(Task.objects.active().filter(campaign=campaign, indicator__isnull=False).for_table().order_by("pk"))
    days.rng.shuffle(tasks)
    statuses = [status for status, share in STATUSES.items() for _ in range(len(tasks) * share // 100)]
    for place, (task, status) in enumerate(zip(tasks, statuses, strict=False)):
        rows.answer(task, status, range(place, evidence, len(statuses)))
    for model, made in rows.by_model.items():
        model.objects.bulk_create(made, BATCH)
    counters = [models.NumberCounter(campaign=campaign, point=point, last=n) for point, n in rows.serials.items()]
    models.NumberCounter.objects.bulk_create(counters)
    Task.objects.bulk_update(tasks[: len(statuses)], ["status", "version", "first_submitted_at"], BATCH)
    figures = progress.take_snapshot(campaign, days.day(-1)).figures
    models.Snapshot.objects.bulk_create(
        models.Snapshot(campaign=campaign, day=days.day(number), figures=figures) for number in range(OPENED, -1)
    )


class Rows:
    """Collects the rows that the verbs would have written."""

    def __init__(self, people: People, days: DemoTimeline) -> None:
        self.people, self.days, self.rng, self.sentences = people, days, days.rng, Sentences(days.rng)
        self.by_model: dict[type[Any], list[Any]] = defaultdict(list)
        self.serials: Counter[str] = Counter()  # the last evidence number of each checkpoint

    def add(self, model: type[Any], **fields: Any) -> Any:
        self.by_model[model].append(model(**fields))
        return self.by_model[model][-1]

    def answer(self, task: Task, status: TaskStatus, numbers: Iterable[int]) -> None:
        """Add a submission citing evidence of these numbers and, unless it awaits review, its review."""
        at = self.days.working_hours(*((-4, -1) if status == TaskStatus.SUBMITTED else (-18, -5)))
        done = {"created_by": task.owner, "created_at": at}
        cited = [self._cite(task, number, done) for number in numbers]
        said = self.sentences.answer(task) | {"mode": "upload", "statement": "", "keeper": "", "place": ""}
        answer = {"task": task, "number": 1, "due_on": task.due_on, "handed_on": at.date(), **done, **said}
        submission = self.add(models.Submission, **answer)
        submission.digest = workflow.digest_of(submission, cited)
        for row in cited:
            row.submission = submission
        self.by_model[SubmittedCitation] += cited
        task.first_submitted_at = at
        self._move(task, "submit", TaskStatus.SUBMITTED, done, f"印证资料 {len(cited)} 份")
        if self.rng.random() < NOTED:
            before = {**done, "created_at": at - timedelta(days=1), "day": at.date() - timedelta(days=1)}
            self.add(models.Progress, task=task, **before, **self.sentences.note("notes", task))
        if status in VERDICTS:
            self._review(submission, task, status)

    def _cite(self, task: Task, number: int, done: dict[str, Any]) -> SubmittedCitation:
        """Add a piece of evidence with one version and a citation; return the submitted citation."""
        kind, day, unit = KINDS[number % len(KINDS)], self.days.day(-20 - number % 90), task.unit
        title = f"{answer_of(task)['paper'].format(year=day.year)}（示例{number + 1:05d}）"
        doc_number = f"源示〔{day.year}〕{number + 1}号（示例）"
        told = {"title": title, "doc_number": doc_number, "dated_on": day}
        made = {
            "unit": unit,
            "issuer": unit.name,
            "kind": kind,
            "created_by": done["created_by"],
            "created_at": done["created_at"],
        }
        evidence = self.add(models.Evidence, **told, **made)
        content = {"text": f"{title}\n\n{task.title}，{unit.name}。"}
        if kind == EvidenceKind.LINK:
            content = {"url": f"https://news.yuanhui.example/{number}.html"}
        elif kind == EvidenceKind.DOCUMENT:
            content = papers.store(papers.SamplePage("docx", title, unit.name, day, number, doc_number))
        version = self.add(models.EvidenceVersion, evidence=evidence, **done, **content)
        self.serials[task.code] += 1
        place = {"campaign": task.campaign, "point": task.code, "serial": self.serials[task.code]}
        given = self.add(models.EvidenceNumber, evidence=evidence, **place)
        return effects.submitted_citation(
            self.add(models.Citation, task=task, evidence=evidence, number=given, **done), version
        )

    def _review(self, submission: models.Submission, task: Task, status: TaskStatus) -> None:
        verdict, at = VERDICTS[status], self.days.after(submission.created_at, 1)
        done = {"created_by": self.rng.choice(self.people[Role.REVIEWER]), "created_at": at}
        returned = verdict == ReviewVerdict.RETURN
        reason, comment = self.rng.choice(texts("sentences")["returns"]) if returned else ("", "")
        comment = self.sentences.fill(comment, task)
        self.add(models.Review, submission=submission, verdict=verdict, reason=reason, comment=comment, **done)
        self._move(task, verdict.value, status, done, comment)
        about = {"subject": f"task/{task.pk}", "slot": f"v{task.version}", "task": task, "kind": status.value}
        told = {"person": submission.created_by, "text": f"{verdict.label}：{task}。{comment}"[:400], "created_at": at}
        read_at = at + timedelta(days=1) if self.rng.random() < READ else None
        self.add(models.Notice, read_at=read_at, **about, **told)

    def _move(self, task: Task, move: str, target: TaskStatus, done: dict[str, Any], note: str) -> None:
        moved = {"move": move, "label": workflow.MOVES[move].label, "source": task.status, "target": target}
        self.add(models.TaskEvent, task=task, note=note, **done, **moved)
        task.status, task.version = target, task.version + 1
