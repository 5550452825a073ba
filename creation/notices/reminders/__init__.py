"""Reminders: what is due is said once a rung to those who must hear it. The notice row is message, log and queue in one."""

from collections.abc import Container, Iterator, Mapping
from datetime import date

from creation.audit.trail import Actor, shorten
from creation.models import Holiday, Notice, NoticeKind, Urgency
from creation.notices.reminders.conditions import CONDITIONS, Moment
from creation.notices.reminders.rows import due_rows, speaking_rules, taken_by
from creation.notices.reminders.rules import Due, Planned, Rule, Told, horizon, plan, slots_of
from creation.rules.deadlines import Workdays

__all__ = ["CONDITIONS", "Due", "Planned", "Rule", "Told", "horizon", "plan", "planned", "remind"]

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
    return plans(speaking_rules(), Moment(today, calendar))


def plans(rules: Mapping[int, Rule], moment: Moment, said_before: Container[Told] = ()) -> Iterator[list[Planned]]:
    """The same by given rules; ``said_before`` adds to what the table of notices has, for days that are only played."""
    today, calendar = moment.today, moment.calendar
    if not calendar.is_workday(today):
        return
    for rows in due_rows(rules.values(), moment):
        slots = set(filter(None, slots_of(rows, rules, today, calendar).values()))
        said = plan(rows, rules, today, taken_by(rows, slots), calendar) if slots else []
        if said := [each for each in said if (each.person, each.subject, each.slot) not in said_before]:
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
                urgency=Urgency.AT_ONCE if each.at_once else Urgency.DAILY,
                at=actor.at,
            )
            for each in said
        ],
        update_conflicts=True,
        unique_fields=ONCE,
        update_fields=["kind"],
    )
