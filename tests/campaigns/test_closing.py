"""Closing a campaign lists what is open, asks for its name, is recorded, and can be undone."""

from typing import Any

import pytest
from django.urls import reverse

from creation.campaigns import campaign_lifecycle, open_points, task_assignment
from creation.communication import announcements
from creation.communication.announcements import AnnouncementText
from creation.models import Appraisal, AuditEntry, Campaign, Indicator, Paper, RequestKind, Task, Unit
from creation.tasks import unit_requests
from creation.units import lifecycle
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


def post(world: World, route: str, who: str = "coordinator", **data: str) -> Any:
    return world.client(who).post(reverse(route, args=[world.campaign.pk]), data, follow=True)


def state(world: World) -> str:
    return Campaign.objects.get(pk=world.campaign.pk).state


def closing(world: World) -> str:
    return world.client("coordinator").get(reverse("campaign_closing", args=[world.campaign.pk])).content.decode()


def test_what_is_open_is_listed_before_it_is_confirmed(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="submitted", first_submitted_at=NOW)
    unit_requests.submit_request(world.task("assist"), world.actor("rival"), RequestKind.OBJECTION, "不是本单位职责")
    page = closing(world)
    assert "3 项任务没有报送，1 项答复没有审核，1 件延期或异议没有答复" in page
    assert f'<a href="{world.tasks["assist"].get_absolute_url()}">分工异议：老街街道 4-3-3 每年组织案卷评查</a>' in page
    assert f"请照抄活动名称“{world.campaign.name}”" in page


def test_each_open_point_is_a_link_and_long_lists_end_with_one_to_all(world: World) -> None:
    for number in range(open_points.SHOWN):
        indicator = Indicator.objects.create(
            system=world.campaign.system, level=3, parent=world.indicators["4-3"], code=f"4-3-{number + 10}", key=f"x{number}",
            order=100 + number, title=f"要点{number}",
        )  # fmt: skip
        Task.objects.create(
            campaign=world.campaign, unit=world.units["城管局"], indicator=indicator, phase=world.phases["evidence"]
        )
    page = closing(world)
    assert f"{open_points.SHOWN + 4} 项任务没有报送" in page
    assert page.count("/tasks/") >= open_points.SHOWN
    tasks = reverse("task_list", args=[world.campaign.pk])
    assert f'<a href="{tasks}?status=unanswered">还有 4 条，查看全部</a>' in page


def test_open_assessments_and_papers_without_a_scan_are_open_points(world: World) -> None:
    facts = {"campaign": world.campaign, "created_by": world.people["coordinator"], "created_at": NOW}
    Appraisal.objects.create(name="第一次模拟考核", starts=TODAY, ends=TODAY, **facts)
    Paper.objects.create(
        kind="ledger", serial=1, title="台账", unit=world.units["司法局"], digest="0" * 64, blob="ab/x", is_whole=True, **facts
    )  # fmt: skip
    assert "1 次模拟考核没有结束评分，1 份用印文件没有盖章扫描件" in closing(world)


def test_after_the_end_the_archive_and_next_year_are_offered_and_earlier_not(world: World) -> None:
    archive, next_year = reverse("archive", args=[world.campaign.pk]), reverse("campaign_new", args=[world.campaign.pk])
    assert archive not in closing(world)
    assert "重新启动活动" not in closing(world)
    post(world, "campaign_close", name=world.campaign.name)
    page = closing(world)
    assert f'action="{archive}"' in page
    assert f'href="{next_year}"' in page
    assert 'id="close-name"' not in page


def test_the_page_costs_the_same_for_few_and_for_many_open_points(world: World) -> None:
    def queries() -> int:
        return count_queries(closing, world)

    closing(world)
    before = queries()
    for number in range(30):
        indicator = Indicator.objects.create(
            system=world.campaign.system, level=3, parent=world.indicators["4-3"], code=f"4-3-{number + 10}", key=f"x{number}",
            order=100 + number, title=f"要点{number}",
        )  # fmt: skip
        unit = Unit.objects.create(district=world.district, name=f"局{number}", short_name=f"局{number}", order=number)
        Task.objects.create(campaign=world.campaign, unit=unit, indicator=indicator, phase=world.phases["evidence"])
    assert queries() == before


def announce(world: World, title: str, needs_receipt: bool = True) -> Any:
    units = [world.units["城管局"], world.units["老街街道"]]
    text = AnnouncementText(title, "正文", units, needs_receipt, None)
    return announcements.issue_announcement(world.campaign, text, world.actor("coordinator"))


def test_announcements_that_units_have_not_signed_are_listed_and_recorded(world: World) -> None:
    first, withdrawn = announce(world, "填报要求"), announce(world, "作废的")
    announce(world, "供阅知", needs_receipt=False)
    announcements.withdraw_announcement(withdrawn, "重复", world.actor("coordinator"))
    assert "4 项任务没有报送，1 份公告还有单位没有签收" in closing(world)
    announcements.sign_receipt(first, 1, world.actor("liaison"))
    assert "1 份公告还有单位没有签收" in closing(world)
    post(world, "campaign_close", name=world.campaign.name)
    assert AuditEntry.objects.get(act="campaign.close").detail.endswith("1 份公告还有单位没有签收")


def test_an_announcement_that_every_unit_signed_is_not_open(world: World) -> None:
    first = announce(world, "填报要求")
    for who in ("liaison", "rival"):
        announcements.sign_receipt(first, 1, world.actor(who))
    assert "公告还有单位" not in closing(world)
    announcements.correct_announcement(first, 1, "填报要求", "改过", "有误", world.actor("coordinator"))
    assert "1 份公告还有单位没有签收" in closing(world)


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
    assert "重新启动活动" in closing(world)
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
