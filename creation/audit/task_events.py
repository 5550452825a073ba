"""The events of a task, in the order in which they happened."""

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Task, TaskEvent

LABEL_LENGTH = 20  # characters


def record_event(task: Task, actor: Actor, move: str, label: str, note: str = "") -> TaskEvent:
    """Append an event that leaves the status as it is. The moves that change it are recorded by ``workflow.perform``."""
    return TaskEvent.objects.create(
        task=task,
        move=move,
        label=shorten(label, LABEL_LENGTH),  # may contain a unit's name
        source=task.status,
        target=task.status,
        note=note,
        created_by=actor.person,
        created_at=actor.at,
    )
