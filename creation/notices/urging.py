"""催办: the office urges units to answer. One reason, one event a task, one notice a person; nobody is urged twice within two days."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction

from creation.audit import trail
from creation.audit.trail import Actor
from creation.lib.batches import BATCH, batches
from creation.lib.refusals import Refusal
from creation.models import UNANSWERED, Campaign, NoticeKind, Task, TaskEvent, Urge, Urgency, User
from creation.models.urge import COOL_DOWN as COOL_DOWN
from creation.notices import escalating
from creation.people.hearers import listeners


@dataclass
class Urged:
    """What urging does with each task. ``silent``: nobody is there to hear it."""

    urged: list[Task] = field(default_factory=list)
    cooling: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)
    silent: list[Task] = field(default_factory=list)
    people: int = 0


def foresee(tasks: Collection[Task], actor: Actor) -> Urged:
    """What ``urge`` would do with these tasks now; writes nothing."""
    fresh = _cooling([task.pk for task in tasks], actor)
    heard = _heard(tasks, actor)
    outcome = Urged()
    for task in tasks:
        _place(task, fresh, heard, outcome).append(task)
    outcome.people = len(listeners(outcome.urged, actor))
    return outcome


def _place(task: Task, fresh: set[int], heard: set[int], outcome: Urged) -> list[Task]:
    if task.status not in UNANSWERED:
        return outcome.answered
    if task.pk in fresh:
        return outcome.cooling
    return outcome.urged if task.pk in heard else outcome.silent


def urge(campaign: Campaign, keys: Collection[int], reason: str, actor: Actor) -> Urged:
    """Urge the unanswered ones of the campaign's live tasks ``keys``. Raises Refusal without a reason or an open campaign."""
    if not campaign.is_open:
        raise Refusal(f"“{campaign}”{campaign.get_state_display()}，不能再催办。")
    if not reason.strip():
        raise Refusal("请填写催办原因，各单位会在通知里看到。")
    with transaction.atomic():
        # Locked, so that of two who urge the same task at once the second finds it urged.
        standing = Task.objects.live().filter(campaign=campaign).for_table().select_for_update(of=("self",))
        tasks = list(standing.order_by("pk").in_bulk(list(keys)).values())
        outcome = foresee(tasks, actor)
        _write(outcome.urged, reason.strip(), actor)
        _audit(campaign, outcome.urged, reason.strip(), actor)
        for person, theirs in listeners(outcome.urged, actor).values():
            _tell(person, theirs, reason.strip(), campaign, actor)
        escalating.say_to_leaders(campaign, actor)
    return outcome


def _cooling(keys: list[int], actor: Actor) -> set[int]:
    found: set[int] = set()
    for some in batches(keys):
        cooling = Urge.objects.cooling(actor.today).filter(task__in=some)
        found.update(cooling.values_list("task_id", flat=True))
    return found


def _heard(tasks: Collection[Task], actor: Actor) -> set[int]:
    return {task.pk for _, theirs in listeners(tasks, actor).values() for task in theirs}


def _write(tasks: list[Task], reason: str, actor: Actor) -> None:
    rows = [Urge(task=task, reason=reason, by=actor.human, day=actor.today, at=actor.at) for task in tasks]
    Urge.objects.bulk_create(rows, batch_size=BATCH)
    events = [
        TaskEvent(
            task=task,
            move="urge",
            label="催办",
            source=task.status,
            target=task.status,
            note=reason,
            by=actor.person,
            at=actor.at,
        )
        for task in tasks
    ]
    TaskEvent.objects.bulk_create(events, batch_size=BATCH)


def _audit(campaign: Campaign, tasks: list[Task], reason: str, actor: Actor) -> None:
    if tasks:
        names = "、".join(f"{task.code} {task.unit}" for task in tasks)
        trail.audit(actor, "task.urge", campaign, detail=f"{len(tasks)} 项：{reason}（{names}）")


def _tell(person: User, tasks: list[Task], reason: str, campaign: Campaign, actor: Actor) -> None:
    """What is asked comes first, then the tasks by name, as far as a notice holds."""
    names = "；".join(str(task) for task in tasks)
    text = f"催办：{names}。{reason}" if len(tasks) == 1 else f"催办 {len(tasks)} 项任务：{reason}。{names}"
    trail.notify(
        person,
        NoticeKind.URGE,
        text,
        actor,
        subject=f"task/{tasks[0].pk}" if len(tasks) == 1 else f"campaign/{campaign.pk}",
        slot=f"urge {actor.at:%Y-%m-%dT%H:%M:%S.%f}",
        task=tasks[0] if len(tasks) == 1 else None,
        urgency=Urgency.AT_ONCE,
    )
