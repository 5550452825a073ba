"""Reminders: each due item is sent once per lead time to its recipients. The notice row is message, log and queue in one."""

from collections.abc import Container, Iterator, Mapping
from datetime import date

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Holiday, Notice, NoticeKind, Urgency
from creation.notices.reminders.conditions import CONDITIONS, EvaluationDate
from creation.notices.reminders.due_items import enabled_rules, find_due, sent_keys
from creation.notices.reminders.planner import (
    DueItem,
    NoticeKey,
    PlannedNotice,
    PlannerRule,
    dedup_keys,
    horizon,
    plan_notices,
)
from creation.rules.deadlines import Workdays

__all__ = [
    "CONDITIONS",
    "DueItem",
    "NoticeKey",
    "PlannedNotice",
    "PlannerRule",
    "horizon",
    "plan_notices",
    "planned_on",
    "remind",
]

UNIQUE_FIELDS = ["person", "kind", "subject", "slot"]


def remind(actor: Actor) -> int:
    """Write every notice that is due on the actor's day and not written yet. Return their number.

    Safe to repeat and to run concurrently: the slots are unique.
    """
    count = 0
    for planned_notices in planned_on(actor.today, Holiday.objects.calendar()):
        _write(planned_notices, actor)
        count += len(planned_notices)
    return count


def planned_on(today: date, calendar: Workdays) -> Iterator[list[PlannedNotice]]:
    """Yield what ``remind`` would write, in lists of limited length."""
    return plan_by_rules(enabled_rules(), EvaluationDate(today, calendar))


def plan_by_rules(
    rules: Mapping[int, PlannerRule], evaluation: EvaluationDate, already_planned: Container[NoticeKey] = ()
) -> Iterator[list[PlannedNotice]]:
    """Yield the same for given rules. ``already_planned`` is added to the notices in the database, for simulated days."""
    today, calendar = evaluation.today, evaluation.calendar
    if not calendar.is_workday(today):
        return
    for rows in find_due(rules.values(), evaluation):
        keys = set(filter(None, dedup_keys(rows, rules, today, calendar).values()))
        planned_notices = plan_notices(rows, rules, today, sent_keys(rows, keys), calendar) if keys else []
        if planned_notices := [
            each for each in planned_notices if (each.person, each.subject, each.dedup_key) not in already_planned
        ]:
            yield planned_notices


def _write(planned_notices: list[PlannedNotice], actor: Actor) -> None:
    """Insert the notices. If two planners run at once, a conflict on the slot is ignored; any other conflict is an error."""
    Notice.objects.bulk_create(
        [
            Notice(
                person_id=each.person,
                kind=NoticeKind.REMINDER,
                subject=each.subject,
                slot=each.dedup_key,
                task_id=each.task,
                text=shorten(each.text),
                urgency=Urgency.AT_ONCE if each.at_once else Urgency.DAILY,
                created_at=actor.at,
            )
            for each in planned_notices
        ],
        update_conflicts=True,
        unique_fields=UNIQUE_FIELDS,
        update_fields=["kind"],
    )
