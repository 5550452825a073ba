"""Simulates days in memory to count how many messages each person would get. Nothing is written; tasks do not change meanwhile.

A message is a digest: everything that a person receives on one day. All weeks are judged against the same target; those in the last
ten days before one of the person's deadlines are shown apart. What it found for a whole year: docs/long-tests.md.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from creation.models import Campaign, Membership, Notice, NoticeKind, Task
from creation.notices import escalation
from creation.notices.dispatch.digest_lines import MAX_LINES
from creation.notices.reminders import plan_by_rules
from creation.notices.reminders.condition_tasks import Answers, EvaluationDate
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.due_items import find_due
from creation.notices.reminders.planner import NoticeKey, PlannedNotice, PlannerRule
from creation.notices.reminders.role_holders import ROLE_OF_AUDIENCE
from creation.rules.deadlines import Workdays

MAX_PER_DAY, MAX_PER_WEEK = 1, 3
NEAR_DAYS = 10  # days before a deadline that are shown apart
RECIPIENT_ROLES = tuple(ROLE_OF_AUDIENCE.values())


@dataclass
class RehearsedWeek:
    """A simulated week, by person: the number of digests, of lines in them, and of lines in the longest before it was cut."""

    monday: date
    messages: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    lines: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    longest: dict[int, int] = field(default_factory=lambda: defaultdict(int))

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

    def count(self, planned: Iterable[PlannedNotice]) -> None:
        """Count the notices of one day: one digest a person, with the lines that it prints."""
        kinds: dict[int, set[Hashable]] = defaultdict(set)
        for each in planned:
            kinds[each.person].add(each.line)
        for person, lines in kinds.items():
            self.messages[person] += 1
            self.lines[person] += min(len(lines), MAX_LINES)
            self.longest[person] = max(self.longest[person], len(lines))


@dataclass(frozen=True, slots=True)
class Burden:
    """What people get in their weeks: how many weeks of a person with a digest, the digests of a week, the lines of the longest digest.

    ``cut`` is the number of weeks with a digest that had more than MAX_LINES and ends with a count of what is left.
    """

    weeks: int
    median: float
    most: int
    lines: int
    cut: int

    @property
    def is_within_target(self) -> bool:
        return self.most <= MAX_PER_WEEK and self.lines <= MAX_LINES


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

    def burden(self, *, near: bool) -> Burden:
        """Return what people get in weeks with a day in the last ten before one of their deadlines, or in the other weeks."""
        counts = list(self._counts(near))
        messages, longest = [count for count, _ in counts], [lines for _, lines in counts]
        return Burden(
            weeks=len(counts),
            median=median(messages) if messages else 0,
            most=max(messages, default=0),
            lines=min(max(longest, default=0), MAX_LINES),
            cut=sum(lines > MAX_LINES for lines in longest),
        )

    def _counts(self, near: bool) -> Iterator[tuple[int, int]]:
        for week in self.weeks:
            for person, count in week.messages.items():
                if self._is_near(person, week.monday) is near:
                    yield count, week.longest[person]

    def _is_near(self, person: int, monday: date) -> bool:
        last = monday + timedelta(days=6 + NEAR_DAYS)
        return any(monday <= day <= last for day in self.deadlines.get(person, ()))


def rehearse(
    rules: Mapping[int, PlannerRule],
    first: date,
    last: date,
    calendar: Workdays,
    answers: Answers = Answers.AS_THEY_ARE,
) -> Rehearsal:
    """Simulate the days from ``first`` to ``last``. The notices of each day count as written on the following ones."""
    weeks: dict[date, RehearsedWeek] = {}
    sent_keys: set[NoticeKey] = set()
    campaigns = list(Campaign.objects.open().filter(pk__in={rule.campaign for rule in rules.values()}))
    for n in range((last - first).days + 1):
        evaluation = EvaluationDate(first + timedelta(days=n), calendar, answers)
        monday = evaluation.today - timedelta(days=evaluation.today.weekday())
        week = weeks.setdefault(monday, RehearsedWeek(monday))
        planned = [each for chunk in plan_by_rules(rules, evaluation, sent_keys) for each in chunk]
        planned += _escalations(campaigns, evaluation, sent_keys)
        sent_keys |= {(each.person, each.subject, each.dedup_key) for each in planned}
        week.count(planned)
    deadlines = _deadlines(rules, last, calendar, answers)
    return Rehearsal(list(weeks.values()), _audience(rules, first), deadlines, int(bool(sent_keys)))


def _escalations(
    campaigns: list[Campaign], evaluation: EvaluationDate, sent_keys: set[NoticeKey]
) -> list[PlannedNotice]:
    """Return the escalations to leaders and office for existing urgings, without those already written or simulated."""
    if evaluation.assumes_answers:
        return []
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


def _deadlines(
    rules: Mapping[int, PlannerRule], last: date, calendar: Workdays, answers: Answers
) -> dict[int, set[date]]:
    """Return the due days of rules with lead times by person. An answer that waits for review has no deadline."""
    dated = [rule for rule in rules.values() if CONDITIONS[rule.condition].has_lead_times]
    assumed = Answers.NONE if answers is Answers.ON_THE_DUE_DAY else answers  # those answered had a deadline too
    deadlines: dict[int, set[date]] = defaultdict(set)
    for rows in find_due(dated, EvaluationDate(last, calendar, assumed)):
        for row in rows:
            for person in row.recipients:
                deadlines[person].add(row.due_on)
    return deadlines


def _audience(rules: Mapping[int, PlannerRule], today: date) -> set[int]:
    """Return the people in roles that get reminders in the simulated campaigns, and the owners of tasks."""
    campaigns = {rule.campaign for rule in rules.values()}
    districts = {rule.district for rule in rules.values()}
    memberships = Membership.objects.recipients(today, *RECIPIENT_ROLES).filter(district__in=districts)
    holders = {user for user, campaign in memberships.values_list("user", "campaign") if campaign in {None, *campaigns}}
    owners = Task.objects.active().filter(campaign__in=campaigns, owner__is_active=True)
    return holders | set(owners.order_by().values_list("owner", flat=True).distinct())
