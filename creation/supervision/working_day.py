"""What waits for an inspector, and what supervision asks of a unit, over all open campaigns. Reads only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from creation.models import Campaign, SupervisionRound, Task, TaskStatus, User, Visit
from creation.notices.reminders.condition_tasks import MAX_RECORDING_DAYS
from creation.rules.deadlines import Workdays
from creation.rules.policy import Permission

RECORD_WITHIN = MAX_RECORDING_DAYS  # workdays after its day
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


def working_days(user: User, today: date, calendar: Workdays) -> list[WorkingDay]:
    """Return what waits in each open campaign in which the person records visits."""
    if not user.grants_for(Permission.VISIT_RECORD):
        return []
    recorded = user.permission_filter(Permission.VISIT_RECORD, district="district", campaign="pk", unit=None)
    return [
        _working_day(campaign, today, calendar)
        for campaign in Campaign.objects.open().filter(recorded).order_by("-year", "pk")
    ]


def _working_day(campaign: Campaign, today: date, calendar: Workdays) -> WorkingDay:
    visits = Visit.objects.filter(round__campaign=campaign).for_table().by_day()
    rectifications = Task.objects.active().rectifications().filter(campaign=campaign)
    to_verify = rectifications.filter(status=TaskStatus.SUBMITTED)
    overdue = rectifications.overdue(today)
    units = overdue.order_by().values_list("unit", "unit__short_name").annotate(count=Count("pk"))
    missed = visits.unrecorded_since(calendar.shift(today, -RECORD_WITHIN))
    ahead = SupervisionRound.objects.filter(campaign=campaign, ends__gte=today)
    return WorkingDay(
        campaign,
        list(visits.active().filter(day=today)),
        missed.count(),
        list(missed[:MAX_ROWS]),
        to_verify.count(),
        list(to_verify.for_table().by_urgency()[:MAX_ROWS]),
        overdue.count(),
        list(units.order_by("-count", "unit__order")[:MAX_ROWS]),
        visits.to_sign().count(),
        ahead.ahead().first(),
    )


@dataclass(frozen=True, slots=True)
class UnitVisits:
    """What supervision asks of a unit: visits that come, and feedback to sign for."""

    coming: list[Visit]
    to_sign: list[Visit]


def unit_visits(user: User, today: date) -> UnitVisits | None:
    """Return what supervision asks of the units for which this person acts, None if nothing."""
    if not user.grants_for(Permission.VISIT_SIGN):
        return None
    places: dict[str, Any] = {"district": "round__campaign__district", "campaign": "round__campaign", "unit": "unit"}
    own = user.permission_filter(Permission.VISIT_SIGN, within_unit=True, **places)
    rows = list(
        Visit.objects.visible_to(user)
        .filter(own)
        .in_open_campaigns()
        .active()
        .filter(signed_at=None)
        .for_table()
        .by_day()
    )
    coming = [each for each in rows if not each.recorded_at and each.day and 0 <= (each.day - today).days <= AHEAD]
    found = UnitVisits(coming, [each for each in rows if each.recorded_at])
    return found if found.coming or found.to_sign else None
