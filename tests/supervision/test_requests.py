"""Extension, objection and the unit leader's signature serve rectifications and replies to orders as they serve tasks."""

from datetime import timedelta

import pytest

from creation.lib.refusals import Refusal
from creation.models import (
    Campaign,
    Finding,
    FindingSource,
    OrderChange,
    ReplyCycle,
    RequestKind,
    SupervisionOrder,
    Task,
    TaskRequest,
)
from creation.supervision import findings, orders
from creation.supervision.findings import FindingText
from creation.supervision.orders import OrderText
from creation.tasks import unit_requests, workflow
from tests.support.world import TODAY, World

DUE = TODAY + timedelta(days=20)


@pytest.fixture
def task(world: World) -> Task:
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    text, days = FindingText(title="案卷没有评查记录", source=source), {world.units["城管局"]: DUE}
    made = findings.record_finding(world.campaign, text, days, world.actor("inspector"))
    return made.rectifications.for_table().get()


def ask(world: World, task: Task, kind: RequestKind, **more: object) -> TaskRequest:
    unit_requests.submit_request(task, world.actor("liaison"), kind, "职责已经划转", **more)  # type: ignore[arg-type]
    return TaskRequest.objects.select_related("task__campaign", "task__unit").get(task=task, kind=kind)


def test_a_rectification_gets_more_time(world: World, task: Task) -> None:
    later = DUE + timedelta(days=7)
    request = ask(world, task, RequestKind.EXTENSION, wanted_on=later)
    unit_requests.grant_extension(request, world.actor("coordinator"), later, "")
    assert Task.objects.get(pk=task.pk).due_on == later


def test_a_rectification_goes_to_another_unit_with_its_day(world: World, task: Task) -> None:
    request, other = ask(world, task, RequestKind.OBJECTION), world.units["老街街道"]
    new = unit_requests.reassign_task(request, world.actor("coordinator"), other, "职责在街道")
    assert (new.finding_id, new.unit, new.due_on) == (task.finding_id, other, DUE)
    assert [row.unit for row in Finding.objects.get().rectifications.active()] == [other]
    assert not Finding.objects.visible_to(world.people["liaison"]).exists()
    assert Finding.objects.visible_to(world.people["rival"]).exists()


def test_it_does_not_go_to_a_unit_that_has_it_already(world: World, task: Task) -> None:
    other = world.units["老街街道"]
    findings.add_units(Finding.objects.get(), {other: DUE}, world.actor("inspector"))
    request = ask(world, task, RequestKind.OBJECTION)
    with pytest.raises(Refusal, match="已有这个问题的整改任务"):
        unit_requests.reassign_task(request, world.actor("coordinator"), other)
    assert Task.objects.get(pk=task.pk).dropped_on is None


def test_the_reply_to_an_order_goes_with_its_day_and_the_lead(world: World) -> None:
    own, other = world.units["城管局"], world.units["老街街道"]
    order = orders.issue_order(
        world.campaign, OrderText("限期补齐案卷", own, cycle=ReplyCycle.MONTHLY), world.actor("inspector")
    )
    reply = Task.objects.for_table().get(action=order.action)
    new = unit_requests.reassign_task(ask(world, reply, RequestKind.OBJECTION), world.actor("coordinator"), other)
    assert (new.period, new.due_on, new.role) == (reply.period, reply.due_on, "lead")
    assert SupervisionOrder.objects.get().lead == other
    assert OrderChange.objects.get().differences == [("牵头单位", "城管局", "老街街道")]


def test_the_leader_signs_what_the_unit_reports(world: World, task: Task) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    answer = {"mode": "statement", "statement": "已整改", "results": "已整改"}
    now = Task.objects.for_table().get(pk=task.pk)
    waiting = workflow.perform(workflow.MOVES["submit"], now, world.actor("liaison"), now.version, answer)
    assert waiting.status == "signing"
    signed = workflow.perform(workflow.MOVES["sign"], waiting, world.actor("leader"), waiting.version, {})
    assert signed.get_status_display() == "已报整改"
