"""The only code that changes the due date of a task. Each change leaves a row, from which former due dates are read."""

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
    """Set the due date of the tasks that ``tasks`` selects when it is called; return their primary keys.

    The rows are locked in the order of their keys before they are read, so that the recorded former date is the one replaced. A task that
    already has this date gets no row. With ``new_version`` False the version of the tasks is not raised, because the caller has done so.
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
