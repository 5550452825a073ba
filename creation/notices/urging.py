"""Urging (催办): the office urges units to answer. One reason, one event per task, one notice per person; at most once in two days."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.lib.batches import BATCH, batches
from creation.lib.refusals import require_text
from creation.models import UNANSWERED, Campaign, NoticeKind, Task, TaskEvent, Urge, Urgency, User
from creation.notices import escalation
from creation.people import notifications
from creation.people.recipients import tasks_by_recipient


@dataclass
class UrgeResult:
    """What urging does with each task. ``without_recipients`` are tasks that have nobody to notify."""

    urged: list[Task] = field(default_factory=list)
    in_cool_down: list[Task] = field(default_factory=list)
    answered: list[Task] = field(default_factory=list)
    without_recipients: list[Task] = field(default_factory=list)
    recipient_count: int = 0


def preview(tasks: Collection[Task], actor: Actor) -> UrgeResult:
    """Return what ``urge`` would do with these tasks now, without writing."""
    in_cool_down = _tasks_in_cool_down([task.pk for task in tasks], actor)
    with_recipients = _tasks_with_recipients(tasks, actor)
    outcome = UrgeResult()
    for task in tasks:
        _group_of(task, in_cool_down, with_recipients, outcome).append(task)
    outcome.recipient_count = len(tasks_by_recipient(outcome.urged, actor))
    return outcome


def _group_of(task: Task, in_cool_down: set[int], with_recipients: set[int], outcome: UrgeResult) -> list[Task]:
    if task.status not in UNANSWERED:
        return outcome.answered
    if task.pk in in_cool_down:
        return outcome.in_cool_down
    return outcome.urged if task.pk in with_recipients else outcome.without_recipients


def urge(campaign: Campaign, keys: Collection[int], reason: str, actor: Actor) -> UrgeResult:
    """Urge the unanswered ones among the campaign's active tasks ``keys``. Raises Refusal without a reason or an open campaign."""
    campaign.require_open("不能再催办")
    require_text(reason, "请填写催办原因，各单位会在通知里看到。")
    with transaction.atomic():
        # Locked, so that of two people urging the same task at once, the second finds it urged.
        live_tasks = Task.objects.active().filter(campaign=campaign).for_table().select_for_update(of=("self",))
        tasks = list(live_tasks.order_by("pk").in_bulk(list(keys)).values())
        outcome = preview(tasks, actor)
        _write(outcome.urged, reason.strip(), actor)
        _audit(campaign, outcome.urged, reason.strip(), actor)
        for person, own_tasks in tasks_by_recipient(outcome.urged, actor).values():
            _notify(person, own_tasks, reason.strip(), campaign, actor)
        escalation.notify_leaders(campaign, actor)
    return outcome


def _tasks_in_cool_down(keys: list[int], actor: Actor) -> set[int]:
    found: set[int] = set()
    for some in batches(keys):
        cooling = Urge.objects.recent(actor.today).filter(task__in=some)
        found.update(cooling.values_list("task_id", flat=True))
    return found


def _tasks_with_recipients(tasks: Collection[Task], actor: Actor) -> set[int]:
    return {task.pk for _, own_tasks in tasks_by_recipient(tasks, actor).values() for task in own_tasks}


def _write(tasks: list[Task], reason: str, actor: Actor) -> None:
    rows = [
        Urge(task=task, reason=reason, created_by=actor.human, day=actor.today, created_at=actor.at) for task in tasks
    ]
    Urge.objects.bulk_create(rows, batch_size=BATCH)
    events = [
        TaskEvent(
            task=task,
            move="urge",
            label="催办",
            source=task.status,
            target=task.status,
            note=reason,
            created_by=actor.person,
            created_at=actor.at,
        )
        for task in tasks
    ]
    TaskEvent.objects.bulk_create(events, batch_size=BATCH)


def _audit(campaign: Campaign, tasks: list[Task], reason: str, actor: Actor) -> None:
    if tasks:
        names = "、".join(f"{task.code} {task.unit}" for task in tasks)
        audit_log.record(actor, "task.urge", campaign, detail=f"{len(tasks)} 项：{reason}（{names}）")


def _notify(person: User, tasks: list[Task], reason: str, campaign: Campaign, actor: Actor) -> None:
    """Notify a person. The reason comes first, then the tasks, as far as they fit."""
    names = "；".join(str(task) for task in tasks)
    text = f"催办：{names}。{reason}" if len(tasks) == 1 else f"催办 {len(tasks)} 项任务：{reason}。{names}"
    notifications.notify(
        person,
        NoticeKind.URGE,
        text,
        actor,
        subject=f"task/{tasks[0].pk}" if len(tasks) == 1 else f"campaign/{campaign.pk}",
        dedup_key=f"urge {actor.at:%Y-%m-%dT%H:%M:%S.%f}",
        task=tasks[0] if len(tasks) == 1 else None,
        urgency=Urgency.AT_ONCE,
    )
