"""The findings of supervision on the sheet 问题整改 of the ledger: a row for each unit, those not closed first.

No problem is there twice: the rows of returned answers are those of tasks of the plan, which are no rectifications.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from creation.models import Campaign, Holiday, User
from creation.rules.deadlines import YELLOW_WORKDAYS
from reports.ledger.historical_state import state_as_of
from reports.ledger.problems import ProblemRow
from reports.rectifications.rows import rectification_rows, visible_rectifications

NARROWS = {"unit", "section", "item"}


def in_ledger(
    campaign: Campaign, user: User | None, conditions: Mapping[str, Any], day: date | None, now: datetime
) -> list[ProblemRow]:
    """Return the problems of the part of the ledger that unit, section or item narrow. ``day``: a past day, None for now.

    None for other conditions, which only tasks of the plan have.
    """
    given = {name: value for name, value in conditions.items() if value}
    if given.keys() - NARROWS:
        return []
    today = day or timezone.localdate(now)
    soon = Holiday.objects.calendar().shift(today, YELLOW_WORKDAYS)
    tasks = visible_rectifications(user, day).filter(campaign=campaign).with_light(today, soon)
    if "unit" in given:
        tasks = tasks.filter(unit=given["unit"])
    section, item = given.get("section"), given.get("item")
    state = state_as_of(tasks, day) if day else None
    return [
        ProblemRow(
            task=row.task,
            at=row.finding.recorded_at,
            source=f"{row.finding.wording['source']} {row.finding.code}",
            text=row.finding.problem,
            measures=row.measures,
            unit=row.unit,
            person=row.person,
            due_on=row.due_on,
            progress=f"{row.status_name}。{row.progress}" if row.progress else row.status_name,
            proof=row.proof,
            closed_on=row.closed_on,
        )
        for row in rectification_rows(tasks, campaign, today, state)
        if section in (None, row.finding.section) and item in (None, row.finding.item)
    ]
