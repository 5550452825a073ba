"""What a rule would say on a day, as a list of people and texts. Played in memory: nothing is written, nothing counts as said."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from creation.models import Phase, ReminderRule, User
from creation.notices.reminders.conditions import Moment
from creation.notices.reminders.rows import due_rows, rule_of
from creation.notices.reminders.rules import Planned, Rule, is_round_day, plan
from creation.rules.deadlines import Workdays

AHEAD = 60  # days in which the next day with something to say is looked for


@dataclass
class Hearer:
    person: User
    texts: list[str]


@dataclass
class Preview:
    """``is_round_day``: are the farther rungs and the repeated overdue reminders spoken of on this day?

    ``following``: when nobody hears on this day, the first one of the next AHEAD days on which somebody does.
    """

    day: date
    is_workday: bool
    is_round_day: bool
    hearers: list[Hearer]
    following: date | None = None
    ahead: ClassVar[int] = AHEAD

    @property
    def lines(self) -> int:
        return sum(len(each.texts) for each in self.hearers)


def preview(row: ReminderRule, phase: Phase, day: date, calendar: Workdays) -> Preview:
    """Whether it was said before does not count: asked is what the rule says."""
    rule = rule_of(row, phase)
    hearers = _by_person(_said(rule, day, calendar))
    found = Preview(day, calendar.is_workday(day), is_round_day(day, calendar), hearers)
    if not hearers:
        later = (day + timedelta(days=ahead) for ahead in range(1, AHEAD + 1))
        found.following = next((each for each in later if _said(rule, each, calendar)), None)
    return found


def _said(rule: Rule, day: date, calendar: Workdays) -> list[Planned]:
    if not calendar.is_workday(day):
        return []
    rules, moment = {rule.pk: rule}, Moment(day, calendar)
    return [each for rows in due_rows([rule], moment) for each in plan(rows, rules, day, (), calendar)]


def _by_person(said: list[Planned]) -> list[Hearer]:
    texts: dict[int, list[str]] = defaultdict(list)
    for each in said:
        texts[each.person].append(each.text)
    people = User.objects.select_related("unit").filter(pk__in=texts).order_by("unit__order", "pk")
    return [Hearer(person, texts[person.pk]) for person in people]
