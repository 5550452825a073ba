"""Plays the scenes by the verbs that people use, each at its own time, so that history, notices and audit trail are what they would be."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from creation.audit.trail import Actor
from creation.demo import figures
from creation.demo.binder import Binder
from creation.demo.people import Cast
from creation.demo.scripts import Scene
from creation.demo.timing import Diary
from creation.demo.words import Words
from creation.models import RequestKind, ReturnReason, Task, TaskRequest, Unit, User
from creation.tasks import asking, drafting, noting, workflow


class Story:
    """One task at a time; the office is ``cast.coordinator`` and the reviewers in turn."""

    def __init__(self, cast: Cast, diary: Diary, words: Words, binder: Binder) -> None:
        self.cast, self.diary, self.rng, self.words, self.binder = cast, diary, diary.rng, words, binder

    def play(self, scene: Scene) -> None:
        task = Task.objects.for_table().select_related("unit", "campaign").get(pk=scene.task)
        VERBS[scene.what](self, task, scene.at, scene.data)

    def liaison(self, task: Task) -> User:
        return self.cast.liaisons[task.unit_id]

    def drafter(self, task: Task) -> User:
        """Often a colleague (承办人) gathers and drafts."""
        clerk = self.cast.clerks.get(task.unit_id)
        return clerk if clerk and self.rng.random() < 0.6 else self.liaison(task)

    def reviewer(self, task: Task) -> User:
        """Nobody reviews what they handed in."""
        last = task.submissions.order_by("-number").first()
        return self.rng.choice([each for each in self.cast.reviewers if not last or each.pk != last.by_id])

    def move(self, name: str, task: Task, actor: Actor, data: Mapping[str, Any], on_behalf: bool = False) -> None:
        workflow.perform(workflow.MOVES[name], task, actor, task.version, data, on_behalf)


def _gather(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    staffed = task.unit_id in story.cast.liaisons
    who = story.drafter(task) if staffed else story.cast.coordinator
    story.binder.gather(task, Actor(who, at), story.words.mode(task))
    figures.enter(task, Actor(who, at), story.rng)


def _submit(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    behalf, again = bool(data.get("behalf")), bool(data.get("again"))
    actor = Actor(story.cast.coordinator if behalf else story.liaison(task), at)
    if data.get("gather"):
        story.binder.add(task, Actor(actor.person, at - timedelta(minutes=1)))
    story.move("submit", task, actor, story.words.answer(task, again), behalf)


def _approve(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    comment = story.words.line("approvals", task) if story.rng.random() < 0.3 else ""
    story.move("approve", task, Actor(story.reviewer(task), at), {"comment": comment})


def _return(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    actor = Actor(story.reviewer(task), at)
    said = story.words.lines("returns", task)
    due = story.diary.calendar.shift(actor.today, 5)
    new = {
        "reason": ReturnReason(said["reason"]),
        "comment": said["comment"],
        "new_due_on": max(due, task.due_on or due),
    }
    story.move("return", task, actor, new)


def _reopen(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    story.move("reopen", task, Actor(story.reviewer(task), at), {"comment": story.words.line("reopenings", task)})


def _withdraw(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    story.move("withdraw", task, Actor(story.liaison(task), at), {"comment": story.words.line("withdrawals", task)})


def _draft(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    drafting.save(task, Actor(story.drafter(task), at), story.words.answer(task), seen=0)


def _note(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    actor = Actor(story.drafter(task) if task.unit_id in story.cast.liaisons else story.cast.coordinator, at)
    occasion = "mending_notes" if data.get("mending") else "problem_notes" if data.get("problem") else "notes"
    noting.note(task, actor, actor.today, **story.words.lines(occasion, task))


def _ask(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    kind = RequestKind(data["kind"])
    wanted = story.diary.calendar.shift(task.due_on, 5) if kind == RequestKind.EXTENSION and task.due_on else None
    asking.ask(task, Actor(story.liaison(task), at), kind, story.words.line(kind.value, task), wanted)


def _extend(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    request = _open_request(task)
    office = Actor(story.cast.coordinator, at)
    until = max(request.wanted_on or office.today, office.today)
    asking.extend(request, office, until, story.words.line("granted", task))


def _refuse(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    request = _open_request(task)
    asking.refuse(request, Actor(story.cast.coordinator, at), story.words.line(f"refused_{request.kind}", task))


def _reassign(story: Story, task: Task, at: datetime, data: Mapping[str, Any]) -> None:
    involved = Task.objects.filter(campaign=task.campaign, indicator=task.indicator).values("unit")
    staffed = Unit.objects.filter(pk__in=story.cast.liaisons).exclude(pk__in=involved)
    other = staffed.filter(kind=task.unit.kind).first() or staffed[0]
    asking.reassign(_open_request(task), Actor(story.cast.coordinator, at), other, story.words.line("reassigned", task))


def _open_request(task: Task) -> TaskRequest:
    return TaskRequest.objects.select_related("task__campaign", "task__unit").get(task=task, granted=None)


VERBS: dict[str, Callable[[Story, Task, datetime, Mapping[str, Any]], None]] = {
    "gather": _gather,
    "submit": _submit,
    "approve": _approve,
    "return": _return,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "draft": _draft,
    "note": _note,
    "ask": _ask,
    "extend": _extend,
    "refuse": _refuse,
    "reassign": _reassign,
}
