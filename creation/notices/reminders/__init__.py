"""Reminders: each due item is sent once per lead time to its recipients. The notice row is message, log and queue in one."""

from collections.abc import Container, Iterator, Mapping
from datetime import date, datetime, time

from django.utils import timezone

from creation.audit.actor import Actor
from creation.lib.strings import shorten
from creation.models import Holiday, Notice, NoticeKind, Urgency
from creation.notices.reminders.condition_tasks import EvaluationDate
from creation.notices.reminders.conditions import CONDITIONS
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
from creation.people.notifications import UNIQUE_FIELDS
from creation.rules import reminder_days
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
    evaluation = EvaluationDate(today, calendar)
    return plan_by_rules(enabled_rules(), evaluation, catching_up=_catches_up(evaluation))


def _catches_up(evaluation: EvaluationDate) -> bool:
    """Return whether this workday makes up for the last reminder day, because nobody was reminded on it or since.

    The machine stood still then; what was due until the next reminder day would be told too late. What is written today does not
    count, so that a run that died is finished by the next.
    """
    today, calendar = evaluation.today, evaluation.calendar
    since, until = (
        timezone.make_aware(datetime.combine(day, time.min))
        for day in (reminder_days.last_reminder_day(today, calendar), today)
    )
    reminded = Notice.objects.filter(kind=NoticeKind.REMINDER, created_at__lt=until)
    newest = reminded.order_by("-pk").values_list("created_at", flat=True).first()  # by key: the table is long
    return calendar.is_workday(today) and (newest is None or newest < since)


def plan_by_rules(
    rules: Mapping[int, PlannerRule],
    evaluation: EvaluationDate,
    already_planned: Container[NoticeKey] = (),
    *,
    catching_up: bool = False,
) -> Iterator[list[PlannedNotice]]:
    """Yield the same for given rules. ``already_planned`` is added to the notices in the database, for simulated days."""
    today, calendar = evaluation.today, evaluation.calendar
    if not (catching_up or reminder_days.is_reminder_day(today, calendar)):
        return
    for rows in find_due(rules.values(), evaluation):
        keys = set(filter(None, dedup_keys(rows, rules, today, calendar).values()))
        sent = set() if evaluation.assumes_answers or not keys else sent_keys(rows, keys)
        planned_notices = plan_notices(rows, rules, today, sent, calendar, catching_up=catching_up)
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
