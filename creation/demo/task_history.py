"""Steps that units and the office take on tasks. They call the verbs that people use, so history, notices and audit trail are real."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from creation.audit.actor import Actor
from creation.demo import readings
from creation.demo.accounts import People
from creation.demo.evidence_items import EvidenceItems
from creation.demo.sentences import Sentences, texts
from creation.demo.storylines import Storyline, moments
from creation.demo.timeline import DemoTimeline
from creation.models import (
    Citation,
    PersonalAct,
    PhaseKind,
    RequestKind,
    ReturnReason,
    Task,
    TaskRequest,
    TaskStatus,
    Unit,
    User,
)
from creation.rules.policy import Role
from creation.tasks import drafts, personal_acts, progress_notes, unit_requests, workflow

RELATED = ("campaign", "unit", "indicator", "action", "finding", "phase", "owner")
COMMENTS = {"approve": "approvals", "reopen": "reopenings", "withdraw": "withdrawals"}  # moves that need only a comment


class TaskHistory:
    """Runs the steps of storylines. A step is a key of COMMENTS or the name of a method."""

    def __init__(self, people: People, timeline: DemoTimeline, pictures: int) -> None:
        self.people, self.timeline, self.rng = people, timeline, timeline.rng
        self.sentences = Sentences(self.rng)
        self.evidence = EvidenceItems(self.rng, self.sentences, pictures)
        self.related: dict[tuple[str, int], Any] = {}

    def plan(self, drawn: Iterable[tuple[Task, Storyline]], given: int | None = None) -> None:
        """``given`` is the day on which the tasks were generated, if not with their phase."""
        for task, storyline in drawn:
            since = self.timeline.number(task.phase.starts) if given is None else given
            for at, step in moments(task, storyline, self.timeline, since):
                self.timeline.plan(at, self._take, step, task.pk)

    def _take(self, step: str, key: int, at: datetime) -> None:
        task = self._task(key)
        if step in COMMENTS:
            self._move(step, task, at, {"comment": self.sentences.pick(COMMENTS[step], task)})
        else:
            getattr(self, step)(task, at)

    def _task(self, key: int) -> Task:
        """Return the task with its related rows, which are the same for many tasks and do not change meanwhile."""
        task = Task.objects.get(pk=key)
        for name in RELATED:
            related = getattr(task, f"{name}_id")
            if related is not None:
                if (name, related) not in self.related:
                    self.related[name, related] = getattr(task, name)
                setattr(task, name, self.related[name, related])
        return task

    def answer(self, task: Task, at: datetime) -> None:
        if self.rng.random() < 0.3:
            self._note("notes", task, at - timedelta(days=1))
        self.gather(task, at - timedelta(minutes=self.rng.randint(6, 40)))
        acts, said = self._record_acts(task, at), self.sentences.answer(task)
        self._move(
            "submit", task, at, said | {"measures": personal_acts.with_acts(said["measures"], acts)} if acts else said
        )

    def _record_acts(self, task: Task, at: datetime) -> list[PersonalAct]:
        """Record what the head of the unit did in person, two days before the answer, in a task that asks for it."""
        if task.action and task.action.personal_act:
            proof = Citation.objects.counting().filter(task=task).order_by("pk").first()
            what = texts("sentences")["personal_acts"][task.action.personal_act][task.unit_id % 2]
            actor, day = Actor(self._liaison(task), at - timedelta(minutes=2)), at.date() - timedelta(days=2)
            personal_acts.record_act(task, day, what, actor, proof, "" if proof else "单位办公室文书档案")
        return personal_acts.acts_of(task)

    def return_again(self, at: datetime) -> None:
        """Let a unit hand in a returned answer once more, without what was asked for, and the office return it: 列为问题 is offered."""
        returned = Task.objects.active().of_plan().filter(status=TaskStatus.RETURNED, owner__isnull=False)
        task = returned.filter(phase__kind=PhaseKind.EVIDENCE).for_table().order_by("-pk").first()
        if task is None:
            return
        self._move("submit", task, at, task.submissions.latest("number").content())
        said = texts("sentences")["returned_again"]
        due = self.timeline.calendar.shift(at.date(), 5)
        office = Actor(self.people[Role.REVIEWER][0], at + timedelta(minutes=50))
        now = Task.objects.for_table().get(pk=task.pk)
        data = {"reason": ReturnReason.MISSING, "comment": said, "new_due_on": max(due, now.due_on or due)}
        workflow.perform(workflow.MOVES["return"], now, office, now.version, data)

    def gather(self, task: Task, at: datetime) -> None:
        actor = Actor(self._drafter(task), at)
        self.evidence.gather(task, actor)
        readings.enter(task, actor, self.rng)

    def draft(self, task: Task, at: datetime) -> None:
        drafts.save(task, Actor(self._drafter(task), at), self.sentences.answer(task), seen=0)

    def note(self, task: Task, at: datetime) -> None:
        self._note("problem_notes" if self.rng.random() < 0.35 else "notes", task, at)

    def send_back(self, task: Task, at: datetime) -> None:
        reason, comment = self.rng.choice(texts("sentences")["returns"])
        due = self.timeline.calendar.shift(at.date(), 5)
        said = {"reason": reason, "comment": self.sentences.fill(comment, task)}
        self._move("return", task, at, said | {"new_due_on": max(due, task.due_on or due)})

    def begin_mending(self, task: Task, at: datetime) -> None:
        if self.rng.random() < 0.4:
            self._note("mending_notes", task, at)

    def mend(self, task: Task, at: datetime) -> None:
        more = self.rng.choice(texts("papers")["forms"]["more"])
        self.evidence.create(task, more, Actor(self._liaison(task), at - timedelta(minutes=1)))
        self._move("submit", task, at, self.sentences.answer(task, again=True))

    def ask_for_time(self, task: Task, at: datetime) -> None:
        self._ask(task, at, RequestKind.EXTENSION, self.timeline.calendar.shift(task.due_on or at.date(), 5))

    def object(self, task: Task, at: datetime) -> None:
        self._ask(task, at, RequestKind.OBJECTION, None)

    def grant_time(self, task: Task, at: datetime) -> None:
        request = _open_request(task)
        until = max(request.wanted_on or at.date(), at.date())
        unit_requests.grant_extension(request, self._office(at), until, self.sentences.pick("granted", task))

    def refuse(self, task: Task, at: datetime) -> None:
        request = _open_request(task)
        unit_requests.refuse_request(request, self._office(at), self.sentences.pick(f"refused_{request.kind}", task))

    def reassign(self, task: Task, at: datetime) -> None:
        """Reassign to a unit without a role in the checkpoint, of the same kind if there is one."""
        involved = Task.objects.filter(campaign=task.campaign, indicator=task.indicator).values("unit")
        left = Unit.objects.filter(tasks__owner__isnull=False).exclude(pk__in=involved)
        unit = left.filter(kind=task.unit.kind).first() or left[0]
        unit_requests.reassign_task(
            _open_request(task), self._office(at), unit, self.sentences.pick("reassigned", task)
        )

    def _move(self, move: str, task: Task, at: datetime, said: Mapping[str, Any]) -> None:
        person = self._liaison(task) if move in ("submit", "withdraw") else self._reviewer(task)
        workflow.perform(workflow.MOVES[move], task, Actor(person, at), task.version, said, task.owner is None)

    def _note(self, occasion: str, task: Task, at: datetime) -> None:
        progress_notes.add_note(task, Actor(self._drafter(task), at), at.date(), **self.sentences.note(occasion, task))

    def _ask(self, task: Task, at: datetime, kind: RequestKind, wanted_on: date | None) -> None:
        reason = self.sentences.pick(kind.value, task)
        unit_requests.submit_request(task, Actor(self._liaison(task), at), kind, reason, wanted_on)

    def _office(self, at: datetime) -> Actor:
        return Actor(self.people[Role.COORDINATOR][0], at)

    def _liaison(self, task: Task) -> User:
        """Return the unit's liaison, or somebody of the office if there is none."""
        return task.owner or self.people[Role.COORDINATOR][0]

    def _drafter(self, task: Task) -> User:
        """Return the person who drafts: often a colleague (承办人)."""
        clerks = [clerk for clerk in self.people[Role.CLERK] if clerk.unit_id == task.unit_id]
        return clerks[0] if clerks and self.rng.random() < 0.6 else self._liaison(task)

    def _reviewer(self, task: Task) -> User:
        """Return a reviewer who did not submit the answer."""
        last = task.submissions.order_by("-number").values_list("created_by", flat=True).first()
        return self.rng.choice([each for each in self.people[Role.REVIEWER] if each.pk != last])


def _open_request(task: Task) -> TaskRequest:
    return TaskRequest.objects.select_related("task__campaign", "task__unit").get(task=task, granted=None)
