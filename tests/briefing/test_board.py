"""The leaders' board: the figures of other pages on one screen, what needs a decision, and few queries."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.briefing.board import DECISIONS, board_of, elapsed_share
from creation.models import FindingSource, Holiday, Phase, Task, TaskRequest, Unit
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import progress
from tests.support.world import NOW, TODAY, World


def board(world: World, who: str = "chief", today: date = TODAY) -> Any:
    return board_of(world.campaign, world.people[who], today, Holiday.objects.calendar())


def test_its_figures_are_those_of_the_progress_page(world: World) -> None:
    found = progress.matrix(Task.objects.active().of_plan().filter(campaign=world.campaign), TODAY)
    shown = board(world)
    assert (shown.whole.total, shown.whole.overdue) == (found.whole.total, found.whole.overdue)
    assert [unit.pk for unit, _, _ in shown.rows] == list(
        Unit.objects.filter(pk__in=found.units).order_by("order").values_list("pk", flat=True)
    )


def test_a_rectification_is_counted_apart(world: World) -> None:
    before = board(world).whole.total
    source = FindingSource.objects.create(district=world.district, name="审计")
    days = {world.units["城管局"]: TODAY}
    findings.record_finding(world.campaign, FindingText("x", source), days, world.actor("inspector"))
    shown = board(world, today=TODAY + timedelta(days=1))
    assert shown.whole.total == before
    assert shown.rectifications.whole.overdue == 1
    assert shown.decisions[0].text == "整改逾期 1 项"


def test_five_things_with_the_buttons_that_this_person_may_press(world: World) -> None:
    task = world.task("lead")
    TaskRequest.objects.create(
        task=task, kind="objection", reason="x", created_by=world.people["liaison"], created_at=NOW
    )
    late = date(2026, 9, 30)
    for who, button in (("chief", ""), ("coordinator", "去答复")):
        rows = board(world, who, late).decisions
        assert len(rows) <= DECISIONS
        asked = next(each for each in rows if "等待答复" in each.text)
        assert asked.text == "分工异议 1 件等待答复"
        assert asked.action == button
    assert any("逾期未报" in each.text for each in board(world, today=late).decisions)


@pytest.mark.parametrize(("day", "share"), [((2026, 6, 1), 0.0), ((2026, 7, 16), 0.5), ((2027, 1, 1), 1.0)])
def test_the_time_that_has_passed(world: World, day: tuple[int, int, int], share: float) -> None:
    phases = list(world.campaign.phases.all())
    assert abs((elapsed_share(phases, date(*day)) or 0) - share) < 0.01
    assert elapsed_share([Phase(name="待定")], TODAY) is None


@time_machine.travel(NOW, tick=False)
def test_the_page_costs_the_same_for_few_and_for_many_units(
    world_at_work: World, django_assert_num_queries: Any
) -> None:
    world = world_at_work
    client, address = world.client("chief"), reverse("board", args=[world.campaign.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        page = client.get(address).content.decode()
    count = len(few)
    assert "需要拍板的事" in page
    like = world.task("other")
    for number in range(30):
        unit = Unit.objects.create(
            district=world.district,
            name=f"单位{number}",
            short_name=f"单位{number}",
            order=50 + number,
            kind="department",
        )
        Task.objects.create(campaign=world.campaign, unit=unit, indicator=like.indicator, phase=like.phase)
    client.get(address)  # units have changed: the calendar is read again
    with django_assert_num_queries(count):
        assert "单位29" in client.get(address).content.decode()
    assert count <= 22
