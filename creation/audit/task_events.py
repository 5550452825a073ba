"""The events of a task: each change of status appends a row."""

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Task, TaskEvent

LABEL_LENGTH = 20  # characters


def record_event(
    task: Task, actor: Actor, move: str, label: str, source: str, target: str, note: str = "", on_behalf: bool = False
) -> TaskEvent:
    return TaskEvent.objects.create(
        task=task,
        move=move,
        label=shorten(label, LABEL_LENGTH),  # may contain a unit's name
        source=source,
        target=target,
        note=note,
        on_behalf=on_behalf,
        created_by=actor.person,
        created_at=actor.at,
    )
