"""Reminders: what is due is said once a rung to those who must hear it. The notice row is message, log and queue in one."""

from collections.abc import Iterator
from datetime import date

from creation.deadlines import Workdays
from creation.models import Holiday, Notice, NoticeKind
from creation.reminders.rows import due_rows, taken_by
from creation.reminders.rules import RULES, Due, Planned, Rule, Told, horizon, plan, slots_of
from creation.trail import Actor, shorten

__all__ = ["RULES", "Due", "Planned", "Rule", "Told", "horizon", "plan", "planned", "remind"]

ONCE = ["person", "kind", "subject", "slot"]


def remind(actor: Actor) -> int:
    """Write every notice that is due on the actor's day and not written yet; gives their number.

    Safe at any time, any number of times and by several at once: the slots are unique.
    """
    count = 0
    for said in planned(actor.today, Holiday.objects.calendar()):
        _write(said, actor)
        count += len(said)
    return count


def planned(today: date, calendar: Workdays) -> Iterator[list[Planned]]:
    """What ``remind`` would write, in lists of bounded length."""
    if calendar.is_workday(today):
        for rows in due_rows(today, horizon(today, calendar)):
            slots = set(filter(None, slots_of(rows, today, calendar).values()))
            if said := plan(rows, today, taken_by(rows, slots), calendar):
                yield said


def _write(said: list[Planned], actor: Actor) -> None:
    """Of two planners at once the second meets the first's rows: a conflict on the slot, and on nothing else, is no error."""
    Notice.objects.bulk_create(
        [
            Notice(
                person_id=each.person,
                kind=NoticeKind.REMINDER,
                subject=each.subject,
                slot=each.slot,
                task_id=each.task,
                text=shorten(each.text),
                at=actor.at,
            )
            for each in said
        ],
        update_conflicts=True,
        unique_fields=ONCE,
        update_fields=["kind"],
    )
