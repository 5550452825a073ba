"""Simulates days in memory to count how many messages each person would get. Nothing is written; tasks do not change meanwhile.

A message is a digest: everything that a person receives on one day. Measured with the preset's rules on the demonstration
campaign (58 people, the whole campaign and two months more): at most one a day, and at most three a week outside the last ten
days before one of the person's deadlines. The reason is that lead times above ten days and repeated overdue reminders wait for
Monday, Wednesday or Friday (``planner.is_reminder_day``).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from creation.models import Campaign, Membership, Notice, NoticeKind, Task
from creation.notices import escalation
from creation.notices.reminders import plan_by_rules
from creation.notices.reminders.conditions import CONDITIONS, EvaluationDate
from creation.notices.reminders.due_items import find_due
from creation.notices.reminders.planner import NEAR_DAYS, NoticeKey, PlannedNotice, PlannerRule
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

MAX_PER_WEEK = 3
RECIPIENT_ROLES = (Role.LIAISON, Role.UNIT_LEADER, Role.COORDINATOR, Role.REVIEWER)


@dataclass
class RehearsedWeek:
    """A simulated week. ``messages`` is the number of digests by person; ``lines`` is the number of reminders in them."""

    monday: date
    messages: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    lines: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def max_messages(self) -> int:
        return max(self.messages.values(), default=0)

    @property
    def median(self) -> float:
        return median(self.messages.values()) if self.messages else 0

    def busiest(self, count: int = 5) -> list[tuple[int, int, int]]:
        """Return person, messages and lines of the people with most messages."""
        people = sorted(self.messages, key=lambda each: (-self.messages[each], -self.lines[each], each))
        return [(each, self.messages[each], self.lines[each]) for each in people[:count]]


@dataclass
class Rehearsal:
    weeks: list[RehearsedWeek]
    audience: set[int]
    deadlines: Mapping[int, set[date]]
    max_per_day: int = 0

    @property
    def recipients(self) -> set[int]:
        return {person for week in self.weeks for person in week.messages}

    @property
    def without_notices(self) -> set[int]:
        """Return the people in roles that get reminders who would not receive any."""
        return self.audience - self.recipients

    def max_in_quiet_week(self) -> int:
        """Return the largest number of messages to a person in a week.

        Only weeks without a day in the last ten before one of the person's deadlines count.
        """
        quiet = (
            count
            for week in self.weeks
            for person, count in week.messages.items()
            if self._is_quiet(person, week.monday)
        )
        return max(quiet, default=0)

    def _is_quiet(self, person: int, monday: date) -> bool:
        last = monday + timedelta(days=6 + NEAR_DAYS)
        return not any(monday <= day <= last for day in self.deadlines.get(person, ()))


def rehearse(rules: Mapping[int, PlannerRule], first: date, last: date, calendar: Workdays) -> Rehearsal:
    """Simulate the days from ``first`` to ``last``. The notices of each day count as written on the following ones."""
    weeks: dict[date, RehearsedWeek] = {}
    sent_keys: set[NoticeKey] = set()
    deadlines: dict[int, set[date]] = defaultdict(set)
    campaigns = list(Campaign.objects.open().filter(pk__in={rule.campaign for rule in rules.values()}))
    for n in range((last - first).days + 1):
        evaluation = EvaluationDate(first + timedelta(days=n), calendar)
        monday = evaluation.today - timedelta(days=evaluation.today.weekday())
        week = weeks.setdefault(monday, RehearsedWeek(monday))
        planned = [each for chunk in plan_by_rules(rules, evaluation, sent_keys) for each in chunk]
        planned += _escalations(campaigns, evaluation, sent_keys)
        sent_keys |= {(each.person, each.subject, each.dedup_key) for each in planned}
        _count_notices(week, planned)
    _collect_deadlines(deadlines, rules, EvaluationDate(last, calendar))
    return Rehearsal(list(weeks.values()), _audience(rules, first), deadlines, int(bool(sent_keys)))


def _escalations(
    campaigns: list[Campaign], evaluation: EvaluationDate, sent_keys: set[NoticeKey]
) -> list[PlannedNotice]:
    """Return the escalations to leaders and office for existing urgings, without those already written or simulated."""
    candidates = (
        each
        for campaign in campaigns
        for each in escalation.planned_notices(campaign, evaluation.today, evaluation.calendar)
    )
    sent_earlier = set(
        Notice.objects.filter(kind=NoticeKind.URGE, subject__regex=r"^(urged|calls)/").values_list(
            "person", "subject", "slot"
        )
    )
    return [each for each in candidates if (each.person, each.subject, each.dedup_key) not in sent_keys | sent_earlier]


def _count_notices(week: RehearsedWeek, planned: list[PlannedNotice]) -> None:
    for each in planned:
        week.lines[each.person] += 1
    for person in {each.person for each in planned}:
        week.messages[person] += 1


def _collect_deadlines(
    deadlines: dict[int, set[date]], rules: Mapping[int, PlannerRule], evaluation: EvaluationDate
) -> None:
    """Collect the due days of rules with lead times. An answer that waits for review has no deadline."""
    dated = [rule for rule in rules.values() if CONDITIONS[rule.condition].has_lead_times]
    for rows in find_due(dated, evaluation):
        for row in rows:
            for person in row.recipients:
                deadlines[person].add(row.due_on)


def _audience(rules: Mapping[int, PlannerRule], today: date) -> set[int]:
    """Return the people in roles that get reminders in the simulated campaigns, and the owners of tasks."""
    campaigns = {rule.campaign for rule in rules.values()}
    districts = {rule.district for rule in rules.values()}
    memberships = Membership.objects.recipients(today, *RECIPIENT_ROLES).filter(district__in=districts)
    holders = {user for user, campaign in memberships.values_list("user", "campaign") if campaign in {None, *campaigns}}
    owners = Task.objects.active().filter(campaign__in=campaigns, owner__is_active=True)
    return holders | set(owners.order_by().values_list("owner", flat=True).distinct())
