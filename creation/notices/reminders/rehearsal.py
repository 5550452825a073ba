"""Days played in memory: who would hear how often. Everything stays as it is now; nothing is written.

A message is a digest: what a person hears on one day, however many lines it has. Measured with the preset's rules on the demonstration
campaign (58 people, its whole season and two months more): nobody gets more than one a day, and outside the last ten days before a deadline
of theirs nobody more than three a week. What holds it there: rungs farther off than ten days and repeated overdue reminders wait for
Monday, Wednesday or Friday (``rules.is_round_day``).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from creation.models import Campaign, Membership, Notice, NoticeKind, Task
from creation.notices import escalating
from creation.notices.reminders import plans
from creation.notices.reminders.conditions import CONDITIONS, Moment
from creation.notices.reminders.rows import due_rows
from creation.notices.reminders.rules import NEAR, Planned, Rule, Told
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role

MOST_A_WEEK = 3
HEARERS = (Role.LIAISON, Role.UNIT_LEADER, Role.COORDINATOR, Role.REVIEWER)


@dataclass
class Week:
    """``messages``: how many digests each person would get; ``lines``: how many reminders are in them."""

    monday: date
    messages: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    lines: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def most(self) -> int:
        return max(self.messages.values(), default=0)

    @property
    def median(self) -> float:
        return median(self.messages.values()) if self.messages else 0

    def busiest(self, count: int = 5) -> list[tuple[int, int, int]]:
        """Person, messages, lines."""
        people = sorted(self.messages, key=lambda each: (-self.messages[each], -self.lines[each], each))
        return [(each, self.messages[each], self.lines[each]) for each in people[:count]]


@dataclass
class Rehearsal:
    weeks: list[Week]
    audience: set[int]
    deadlines: Mapping[int, set[date]]
    most_a_day: int = 0

    @property
    def heard(self) -> set[int]:
        return {person for week in self.weeks for person in week.messages}

    @property
    def silent(self) -> set[int]:
        """Who sits where reminders go, and would hear nothing at all."""
        return self.audience - self.heard

    def most_in_a_quiet_week(self) -> int:
        """The most messages anybody gets in a week none of whose days is one of the last ten before a deadline of that person."""
        quiet = (
            count
            for week in self.weeks
            for person, count in week.messages.items()
            if self._is_quiet(person, week.monday)
        )
        return max(quiet, default=0)

    def _is_quiet(self, person: int, monday: date) -> bool:
        last = monday + timedelta(days=6 + NEAR)
        return not any(monday <= day <= last for day in self.deadlines.get(person, ()))


def rehearse(rules: Mapping[int, Rule], first: date, last: date, calendar: Workdays) -> Rehearsal:
    """Feed the days from ``first`` to ``last`` one after the other to the plan; what one day said is taken on the next."""
    weeks: dict[date, Week] = {}
    taken: set[Told] = set()
    deadlines: dict[int, set[date]] = defaultdict(set)
    campaigns = list(Campaign.objects.open().filter(pk__in={rule.campaign for rule in rules.values()}))
    for n in range((last - first).days + 1):
        moment = Moment(first + timedelta(days=n), calendar)
        monday = moment.today - timedelta(days=moment.today.weekday())
        week = weeks.setdefault(monday, Week(monday))
        said = [each for lot in plans(rules, moment, taken) for each in lot]
        said += _escalated(campaigns, moment, taken)
        taken |= {(each.person, each.subject, each.slot) for each in said}
        _count(week, said)
    _note_deadlines(deadlines, rules, Moment(last, calendar))
    return Rehearsal(list(weeks.values()), _audience(rules, first), deadlines, int(bool(taken)))


def _escalated(campaigns: list[Campaign], moment: Moment, taken: set[Told]) -> list[Planned]:
    """What was urged until now and is not answered, told to leaders and office."""
    every = (each for campaign in campaigns for each in escalating.planned(campaign, moment.today, moment.calendar))
    told = set(
        Notice.objects.filter(kind=NoticeKind.URGE, subject__regex=r"^(urged|calls)/").values_list(
            "person", "subject", "slot"
        )
    )
    return [each for each in every if (each.person, each.subject, each.slot) not in taken | told]


def _count(week: Week, said: list[Planned]) -> None:
    for each in said:
        week.lines[each.person] += 1
    for person in {each.person for each in said}:
        week.messages[person] += 1


def _note_deadlines(deadlines: dict[int, set[date]], rules: Mapping[int, Rule], moment: Moment) -> None:
    """Only what has rungs has a deadline: an answer that waits for its review has none."""
    dated = [rule for rule in rules.values() if CONDITIONS[rule.condition].rungs]
    for rows in due_rows(dated, moment):
        for row in rows:
            for person in row.people:
                deadlines[person].add(row.due_on)


def _audience(rules: Mapping[int, Rule], today: date) -> set[int]:
    """Everybody in a seat that reminders go to, in the campaigns that are played, and the owners of their tasks."""
    campaigns = {rule.campaign for rule in rules.values()}
    districts = {rule.district for rule in rules.values()}
    seats = Membership.objects.recipients(today, *HEARERS).filter(district__in=districts)
    seated = {user for user, campaign in seats.values_list("user", "campaign") if campaign in {None, *campaigns}}
    owners = Task.objects.live().filter(campaign__in=campaigns, owner__is_active=True)
    return seated | set(owners.order_by().values_list("owner", flat=True).distinct())
