"""What waits for an inspector, and what supervision asks of a unit, over all open campaigns. Reads only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from creation import access
from creation.lib.counting import CountedPart
from creation.lib.prepared import prepared
from creation.models import Campaign, SupervisionRound, Task, TaskStatus, Unit, User, Visit
from creation.models.task import TaskQuerySet
from creation.notices.reminders.condition_tasks import MAX_RECORDING_DAYS
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission

MAX_ROWS = 12
AHEAD = 14  # days in which a visit is told to a unit's people on their first page


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """What waits for an inspector in one campaign.

    ``missed``: visits whose day was three workdays ago and that were not recorded; the lists have the first rows. ``overdue_units``: units
    with rectifications past their day, most first.
    """

    campaign: Campaign
    today: list[Visit]
    missed: int
    unrecorded: list[Visit]
    to_verify: int
    oldest_to_verify: list[Task]
    overdue: int
    overdue_units: list[tuple[int, str, int]]
    to_sign: int
    next_round: SupervisionRound | None

    @property
    def is_empty(self) -> bool:
        waits = (self.today, self.missed, self.to_verify, self.overdue, self.to_sign, self.next_round)
        return not any(waits)


def recorded_campaigns(user: User, campaigns: Iterable[Campaign]) -> list[Campaign]:
    """Return those that are open and in which the person records visits."""
    return [each for each in campaigns if each.is_open and access.may(user, Permission.VISIT_RECORD, each)]


def counted(here: Iterable[Campaign], today: date) -> dict[str, CountedPart]:
    """Return what ``working_days`` has to know the numbers of."""
    here, rectifications = list(here), Task.objects.active().rectifications()
    to_sign = Visit.objects.filter(round__campaign__in=here).to_sign()
    late = {f"late {each.pk}": (rectifications.overdue(today).filter(campaign=each), F("unit")) for each in here}
    return {
        "to verify": (_to_verify([each.pk for each in here]), F("campaign")),
        "to sign": (to_sign, F("round__campaign")),
        **late,
    }


def working_days(
    here: Collection[Campaign],
    counts: Mapping[tuple[str, Any], int],
    units: Iterable[Unit],
    today: date,
    calendar: Workdays,
) -> list[WorkingDay]:
    """Return what waits in each of these campaigns, with as many queries for one as for several.

    ``counts``: of what ``counted`` returns. ``units``: all of the districts, in order.
    """
    if not here:
        return []
    missed_on, keys = calendar.shift(today, -MAX_RECORDING_DAYS), [each.pk for each in here]
    shown = _visits_to_show(keys, today, missed_on)
    oldest = _oldest_to_verify(keys) if any(counts["to verify", each.pk] for each in here) else []
    ahead = _rounds_ahead(keys, today)
    known, days = list(units), []
    for campaign in here:
        of_campaign = [visit for visit in shown if visit.round.campaign_id == campaign.pk]
        missed = [each for each in of_campaign if each.recorded_at is None and each.day and each.day <= missed_on]
        late_units = [(unit.pk, str(unit), counts[f"late {campaign.pk}", unit.pk]) for unit in known]
        late_units = sorted((each for each in late_units if each[2]), key=lambda each: -each[2])
        days.append(
            WorkingDay(
                campaign,
                [visit for visit in of_campaign if visit.day == today],
                len(missed),
                missed[:MAX_ROWS],
                counts["to verify", campaign.pk],
                [task for task in oldest if task.campaign_id == campaign.pk],
                sum(count for *_, count in late_units),
                late_units[:MAX_ROWS],
                counts["to sign", campaign.pk],
                next((each for each in ahead if each.campaign_id == campaign.pk), None),
            )
        )
    return days


def _to_verify(campaigns: Collection[Any]) -> TaskQuerySet:
    return Task.objects.active().rectifications().filter(campaign__pk__in=campaigns, status=TaskStatus.SUBMITTED)


@prepared
def _oldest_to_verify(campaigns: list[int]) -> QuerySet[Task, Task]:
    """Return the most urgent rectifications of each campaign."""
    waiting = _to_verify(campaigns)
    order: Any = waiting.by_urgency().query.order_by
    place = Window(RowNumber(), partition_by="campaign", order_by=order)
    return waiting.for_table().annotate(place=place).filter(place__lte=MAX_ROWS).by_urgency()


@prepared
def _visits_to_show(campaigns: list[int], today: date, missed_on: date) -> QuerySet[Visit, Visit]:
    wanted = Q(day=today) | Q(recorded_at=None, day__lte=missed_on)
    return Visit.objects.filter(wanted, round__campaign__pk__in=campaigns).active().for_table().by_day()


@prepared
def _rounds_ahead(campaigns: list[int], today: date) -> QuerySet[SupervisionRound, SupervisionRound]:
    return SupervisionRound.objects.filter(campaign__pk__in=campaigns, ends__gte=today).ahead()


@dataclass(frozen=True, slots=True)
class UnitVisits:
    """What supervision asks of a unit: visits that come, and feedback to sign for."""

    coming: list[Visit]
    to_sign: list[Visit]


def unit_visits(user: User, today: date) -> UnitVisits | None:
    """Return what supervision asks of the units for which this person acts, None if nothing."""
    if not user.grants_for(Permission.VISIT_SIGN):
        return None
    rows = _unsigned_visits(user)
    coming = [each for each in rows if not each.recorded_at and each.day and 0 <= (each.day - today).days <= AHEAD]
    found = UnitVisits(coming, [each for each in rows if each.recorded_at])
    return found if found.coming or found.to_sign else None


@prepared
def _unsigned_visits(user: User) -> QuerySet[Visit, Visit]:
    places: dict[str, Any] = {"district": "round__campaign__district", "campaign": "round__campaign", "unit": "unit"}
    own = user.permission_filter(Permission.VISIT_SIGN, within_unit=True, **places)
    seen = Visit.objects.visible_to(user).filter(own).in_open_campaigns().active()
    return seen.filter(signed_at=None).for_table().by_day()
