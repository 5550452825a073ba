"""The facts beside a nomination: what the nominee's unit did, counted as the whole product counts it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creation.commendation.facts import UnitFacts, facts_by_unit
from creation.models import Assignment, FindingSource, Measure, Reading, Task, Unit
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import workflow
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

AFTER = date(2026, 8, 11)  # the day after the due days


def move(world: World, name: str, who: str, task: str, **data: Any) -> None:
    found = world.task(task)
    workflow.perform(workflow.MOVES[name], found, world.actor(who), found.version, data)


def hand_in(world: World, task: str, who: str = "liaison") -> None:
    move(world, "submit", who, task, mode="statement", statement="本年度没有。")


def facts(world: World, *names: str) -> dict[str, UnitFacts]:
    by_unit = facts_by_unit(world.campaign, [world.units[name].pk for name in names], AFTER)
    return {name: by_unit[world.units[name].pk] for name in names}


def test_they_count_what_the_unit_did(world: World) -> None:
    hand_in(world, "lead")
    move(world, "return", "reviewer", "lead", reason="weak", comment="补充", new_due_on=date(2026, 8, 10))
    hand_in(world, "lead")
    move(world, "approve", "reviewer", "lead", comment="")
    hand_in(world, "action")  # three weeks after its due day
    move(world, "approve", "reviewer", "action", comment="")
    source = FindingSource.objects.create(district=world.district, name="集中督导", order=1)
    units = {world.units[name]: AFTER for name in ("城管局", "老街街道")}
    findings.record_finding(
        world.campaign, FindingText(title="没有记录", source=source), units, world.actor("inspector")
    )
    Task.objects.rectifications().filter(unit=world.units["城管局"]).update(status="approved", first_submitted_at=NOW)
    by = {"updated_by": world.people["liaison"], "updated_at": NOW}
    measure = Measure.objects.get(indicator=world.indicators["4-3-3"])
    Reading.objects.create(measure=measure, unit=world.units["城管局"], period="2026", count=2, **by)
    found = facts(world, "城管局", "老街街道", "政府办")
    assert found["城管局"] == UnitFacts(
        due=2, in_time=1, reviewed=2, first_pass=1, returns=1, findings=1, closed=1, measures=1, met=1
    )
    assert found["老街街道"] == UnitFacts(due=2, findings=1)  # its reading is not due before the end of the year
    assert found["政府办"] == UnitFacts()


def test_what_is_not_due_yet_does_not_count_against_a_unit(world: World) -> None:
    by_unit = facts_by_unit(world.campaign, [world.units["老街街道"].pk], date(2026, 8, 1))
    assert by_unit[world.units["老街街道"].pk] == UnitFacts()


def test_they_cost_the_same_for_one_unit_and_for_many(world: World) -> None:
    one = count_queries(facts, world, "城管局")
    units = Unit.objects.bulk_create(
        Unit(district=world.district, name=f"单位{n}", short_name=f"单位{n}", order=90 + n) for n in range(50)
    )
    point = world.indicators["4-3-3"]
    Assignment.objects.bulk_create(
        Assignment(campaign=world.campaign, indicator=point, unit=unit, role="assist") for unit in units
    )
    Task.objects.bulk_create(
        Task(
            campaign=world.campaign,
            unit=unit,
            indicator=point,
            phase=world.phases["evidence"],
            due_on=AFTER - timedelta(days=1),
        )
        for unit in units
    )
    with CaptureQueriesContext(connection) as many:
        found = facts_by_unit(world.campaign, [unit.pk for unit in units], AFTER)
    assert len(many) == one
    assert {each.due for each in found.values()} == {1}
