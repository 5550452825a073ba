"""The only code that changes the due date of a task. Each change leaves a row: a past day is read from rows, never from sentences."""

from datetime import date

from django.db import transaction
from django.db.models import F

from creation.audit.actor import Actor
from creation.lib.batches import BATCH, batches
from creation.models import DueDateChange, DueDateOrigin, Task
from creation.models.task import TaskQuerySet


def change_due_date(
    tasks: TaskQuerySet,
    due_on: date | None,
    origin: DueDateOrigin,
    reason: str,
    actor: Actor,
    *,
    new_version: bool = True,
) -> list[int]:
    """Set the due date of the tasks that ``tasks`` selects at this moment; return their keys.

    The rows are locked in the order of their keys before they are read, so that what a row calls the former day is what it replaced.
    A task that already has this day gets no row. ``new_version`` False: the caller has raised the tasks' version already.
    """
    with transaction.atomic():
        locked = tasks.select_for_update(no_key=True).order_by("pk")
        former: dict[int, date | None] = dict(locked.values_list("pk", "due_on"))
        raised = {"version": F("version") + 1} if new_version else {}
        for some in batches(list(former)):
            Task.objects.filter(pk__in=some).update(due_on=due_on, **raised)
        rows = [
            DueDateChange(
                task_id=key,
                old_due_on=old,
                new_due_on=due_on,
                origin=origin,
                reason=reason,
                changed_by=actor.person,
                changed_at=actor.at,
            )
            for key, old in former.items()
            if old != due_on
        ]
        DueDateChange.objects.bulk_create(rows, batch_size=BATCH)
    return list(former)
