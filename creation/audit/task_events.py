"""The events of a task: each move appends one row."""

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Task, TaskEvent

LABEL_LENGTH = 20  # characters of an event's name


def record_event(
    task: Task, actor: Actor, move: str, label: str, source: str, target: str, note: str = "", on_behalf: bool = False
) -> TaskEvent:
    return TaskEvent.objects.create(
        task=task,
        move=move,
        label=shorten(label, LABEL_LENGTH),  # a unit's name may be part of it
        source=source,
        target=target,
        note=note,
        on_behalf=on_behalf,
        created_by=actor.person,
        created_at=actor.at,
    )
