"""Shows the reminders of a rule on a day as a list of people and texts. Simulated in memory; nothing is written."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from creation.models import Phase, ReminderRule, User
from creation.notices.reminders.condition_tasks import EvaluationDate
from creation.notices.reminders.due_items import find_due, rule_of
from creation.notices.reminders.planner import PlannedNotice, PlannerRule, plan_notices
from creation.rules.deadlines import Workdays
from creation.rules.reminder_days import is_reminder_day

DAYS_AHEAD = 60  # days that are searched for the next reminder


@dataclass
class PreviewRecipient:
    person: User
    texts: list[str]


@dataclass
class RulePreview:
    """A preview. On a day that is no reminder day, nobody is reminded.

    ``next_day`` is the first of the next DAYS_AHEAD days with a reminder, if this day has none.
    """

    day: date
    is_workday: bool
    is_reminder_day: bool
    recipients: list[PreviewRecipient]
    next_day: date | None = None
    days_ahead: ClassVar[int] = DAYS_AHEAD

    @property
    def notice_count(self) -> int:
        return sum(len(each.texts) for each in self.recipients)


def preview_rule(row: ReminderRule, phase: Phase, day: date, calendar: Workdays) -> RulePreview:
    """Return the preview. Notices that were already written do not matter."""
    rule = rule_of(row, phase)
    recipients = _recipients_of(_planned_on(rule, day, calendar))
    found = RulePreview(day, calendar.is_workday(day), is_reminder_day(day, calendar), recipients)
    if not recipients:
        later = (day + timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD + 1))
        found.next_day = next((each for each in later if _planned_on(rule, each, calendar)), None)
    return found


def _planned_on(rule: PlannerRule, day: date, calendar: Workdays) -> list[PlannedNotice]:
    if not is_reminder_day(day, calendar):
        return []
    rules, evaluation = {rule.pk: rule}, EvaluationDate(day, calendar)
    return [each for rows in find_due([rule], evaluation) for each in plan_notices(rows, rules, day, (), calendar)]


def _recipients_of(notices: list[PlannedNotice]) -> list[PreviewRecipient]:
    texts: dict[int, list[str]] = defaultdict(list)
    for each in notices:
        texts[each.person].append(each.text)
    people = User.objects.select_related("unit").filter(pk__in=texts).order_by("unit__order", "pk")
    return [PreviewRecipient(person, texts[person.pk]) for person in people]
