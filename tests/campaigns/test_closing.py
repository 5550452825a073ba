"""Closing a campaign lists what is open, asks for its name, is recorded, and can be undone."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.campaigns import campaign_lifecycle, task_assignment
from creation.communication import announcements
from creation.communication.announcements import AnnouncementText
from creation.models import AuditEntry, Campaign, RequestKind, Task
from creation.tasks import unit_requests
from creation.units import lifecycle
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def post(world: World, route: str, who: str = "coordinator", **data: str) -> Any:
    return world.client(who).post(reverse(route, args=[world.campaign.pk]), data, follow=True)


def state(world: World) -> str:
    return Campaign.objects.get(pk=world.campaign.pk).state


def guide(world: World) -> str:
    return world.client("coordinator").get(reverse("campaign_setup", args=[world.campaign.pk])).content.decode()


def test_what_is_open_is_listed_before_it_is_confirmed(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="submitted", first_submitted_at=NOW)
    unit_requests.submit_request(world.task("assist"), world.actor("rival"), RequestKind.OBJECTION, "不是本单位职责")
    page = guide(world)
    assert "3 项任务没有报送，1 项答复没有审核，1 件延期或异议没有答复" in page
    assert f"请照抄活动名称“{world.campaign.name}”" in page


def announce(world: World, title: str, needs_receipt: bool = True) -> Any:
    units = [world.units["城管局"], world.units["老街街道"]]
    text = AnnouncementText(title, "正文", units, needs_receipt, None)
    return announcements.issue_announcement(world.campaign, text, world.actor("coordinator"))


def test_announcements_that_units_have_not_signed_are_listed_and_recorded(world: World) -> None:
    first, withdrawn = announce(world, "填报要求"), announce(world, "作废的")
    announce(world, "供阅知", needs_receipt=False)
    announcements.withdraw_announcement(withdrawn, "重复", world.actor("coordinator"))
    assert "4 项任务没有报送，1 份公告还有单位没有签收" in guide(world)
    announcements.sign_receipt(first, 1, world.actor("liaison"))
    assert "1 份公告还有单位没有签收" in guide(world)
    post(world, "campaign_close", name=world.campaign.name)
    assert AuditEntry.objects.get(act="campaign.close").detail.endswith("1 份公告还有单位没有签收")


def test_an_announcement_that_every_unit_signed_is_not_open(world: World) -> None:
    first = announce(world, "填报要求")
    for who in ("liaison", "rival"):
        announcements.sign_receipt(first, 1, world.actor(who))
    assert "公告还有单位" not in guide(world)
    announcements.correct_announcement(first, 1, "填报要求", "改过", "有误", world.actor("coordinator"))
    assert "1 份公告还有单位没有签收" in guide(world)


@pytest.mark.parametrize("typed", ["", "源汇区"])
def test_without_the_typed_name_nothing_is_closed(world: World, typed: str) -> None:
    answer = post(world, "campaign_close", name=typed)
    assert "请照抄活动名称" in answer.content.decode()
    assert state(world) == "open"


def test_closing_is_recorded_with_what_was_open(world: World) -> None:
    post(world, "campaign_close", name=world.campaign.name)
    assert state(world) == "closed"
    assert AuditEntry.objects.get(act="campaign.close").detail == "结束时：4 项任务没有报送"


def test_a_closed_campaign_is_reopened_with_a_reason_that_is_recorded(world: World) -> None:
    post(world, "campaign_close", name=world.campaign.name)
    before = list(Task.objects.order_by("pk").values())
    assert "重新启动活动" in guide(world)
    assert "请写明为什么" in post(world, "campaign_reopen", reason=" ").content.decode()
    assert state(world) == "closed"
    post(world, "campaign_reopen", reason="误操作")
    assert state(world) == "open"
    assert list(Task.objects.order_by("pk").values()) == before
    assert AuditEntry.objects.get(act="campaign.reopen").detail == "误操作"


def test_units_that_stopped_meanwhile_are_named_with_what_they_still_have(world: World) -> None:
    post(world, "campaign_close", name=world.campaign.name)
    unit = world.units["老街街道"]
    lifecycle.deactivate(unit, unit.version, world.actor("administrator"))
    page = post(world, "campaign_reopen", reason="误操作").content.decode()
    assert state(world) == "open"
    assert "这些单位已停用，还有未办结的任务：老街街道。" in page
    campaign, actor = Campaign.objects.get(pk=world.campaign.pk), world.actor("coordinator")
    other, point = world.units["司法局"].pk, world.indicators
    wanted = {point["1-1-1"].pk: {other: "lead"}, point["4-3-3"].pk: {world.units["城管局"].pk: "lead"}}
    task_assignment.assign_many(campaign, wanted, actor)
    campaign_lifecycle.publish_changes(campaign, actor)
    post(world, "campaign_close", name=world.campaign.name)
    assert "已停用" not in post(world, "campaign_reopen", reason="误操作").content.decode()


def test_an_open_campaign_is_not_reopened(world: World) -> None:
    assert "只有已结束的活动" in post(world, "campaign_reopen", reason="x").content.decode()


@pytest.mark.parametrize("who", ["reviewer", "inspector", "chief", "liaison", "administrator"])
def test_only_the_coordinator_reopens(world: World, who: str) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert post(world, "campaign_reopen", who, reason="x").status_code in (403, 404)
    assert state(world) == "closed"
