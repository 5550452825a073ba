"""待办 of the inspection group: today's visits, what to verify, what is overdue at units, what was not recorded, the next round."""

from datetime import date, timedelta
from typing import Any

import pytest

from creation.lib.counting import count_by
from creation.models import FindingSource, Task, Visit
from creation.rules.deadlines import Workdays
from creation.supervision import findings, visits, working_day
from creation.supervision.findings import FindingText
from creation.supervision.working_day import WorkingDay
from tests.supervision.conftest import make_round, make_team
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")


def record_finding(world: World, title: str = "公示不及时") -> Task:
    source, _ = FindingSource.objects.get_or_create(district=world.district, name="集中督导")
    days: dict[Any, date | None] = {world.units["城管局"]: TODAY}
    made = findings.record_finding(
        world.campaign, FindingText(title=title, source=source), days, world.actor("inspector")
    )
    return made.rectifications.get()


def day_of(world: World, today: date = TODAY) -> WorkingDay:
    here = [world.campaign]
    counts = count_by(working_day.counted(here, today))
    (found,) = working_day.working_days(here, counts, world.units.values(), today, Workdays())
    return found


def page(world: World, who: str) -> str:
    return str(world.client(who).get("/").content.decode())


def test_an_inspector_finds_the_visit_of_today_and_the_next_round(world: World, planned_visit: Visit) -> None:
    found = page(world, "inspector")
    assert f'href="{planned_visit.get_absolute_url()}"' in found
    assert f'href="{planned_visit.round.get_absolute_url()}"' in found
    assert found.index("走访 城管局") < found.index("查看进度")
    visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
    assert "反馈待签收（1）" in page(world, "inspector")


def test_a_visit_is_missed_from_the_third_workday_after_its_day(world: World, planned_visit: Visit) -> None:
    assert day_of(world, TODAY + timedelta(days=4)).unrecorded == []  # Friday to Tuesday: two workdays
    assert day_of(world, TODAY + timedelta(days=5)).unrecorded == [planned_visit]
    visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
    assert day_of(world, TODAY + timedelta(days=5)).unrecorded == []


def test_what_was_reported_is_to_verify_and_what_is_late_is_said_by_unit(world: World) -> None:
    reported, late = record_finding(world), record_finding(world, "案卷没有评查")
    Task.objects.filter(pk=reported.pk).update(status="submitted", first_submitted_at=NOW)
    found = day_of(world, TODAY + timedelta(days=1))
    assert (found.to_verify, found.oldest_to_verify, found.overdue) == (1, [reported], 1)
    assert found.overdue_units == [(late.unit_id, "城管局", 1)]


def test_an_inspector_with_nothing_to_do_is_told_what_to_begin_with_and_a_coordinator_sees_nothing(
    world: World,
) -> None:
    assert "安排一轮督导，或登记发现的问题" in page(world, "inspector")
    assert "整改待核查" not in page(world, "coordinator")
    Task.objects.filter(pk=record_finding(world).pk).update(status="submitted", first_submitted_at=NOW)
    assert "整改待核查" in page(world, "coordinator")
    for who in ("reviewer", "chief", "liaison", "administrator"):
        assert "整改待核查" not in page(world, who)


def test_a_unit_finds_the_visit_that_comes_and_the_feedback_to_sign(world: World, planned_visit: Visit) -> None:
    found = page(world, "liaison")
    assert "将来走访" in found
    assert "请准备：案卷评查记录原件" in found
    assert "将来走访" not in page(world, "rival")
    visits.record_visit(planned_visit, "请整改", world.actor("inspector"), planned_visit.version)
    found = page(world, "liaison")
    assert "请签收" in found
    assert "将来走访" not in found
    now = Visit.objects.for_table().get()
    visits.sign_feedback(now, "刘联络", world.actor("liaison"), now.version)
    assert world.client("liaison").get(now.get_absolute_url()).status_code == 200
    assert "反馈意见" not in page(world, "liaison")


def test_it_costs_the_same_for_one_visit_and_for_many(
    world: World, planned_visit: Visit, django_assert_num_queries: Any
) -> None:
    record_finding(world)
    client = world.client("inspector")
    for _ in range(2):
        client.get("/")  # what this process keeps in memory
    one = count_queries(client.get, "/")
    few = one
    row = make_round(world, "第二轮")
    for number in range(15):
        make_team(world, row, "城管局", "老街街道", name=f"第{number}组")
        record_finding(world, f"问题{number}")
    row.visits.update(day=TODAY)
    client.get("/")
    with django_assert_num_queries(few):
        client.get("/")
