"""A campaign that was never opened can be deleted: it is said what goes with it, its name is asked for, units lose nothing."""

from typing import Any

import pytest
from django.urls import reverse

from creation.audit.actor import Actor
from creation.campaigns import campaign_lifecycle
from creation.campaigns.rollover import roll_forward
from creation.campaigns.rollover.dates import RolloverTarget
from creation.models import (
    Action,
    AuditEntry,
    Campaign,
    Evidence,
    IndicatorSystem,
    Membership,
    Paper,
    Phase,
    ReminderRule,
    Task,
    Unit,
    User,
)
from creation.rules.policy import Role
from tests.support.world import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


def roll(world: World, previous: Campaign, year: int) -> Campaign:
    wish = RolloverTarget(f"{year}年活动", year, None)
    return roll_forward.roll_forward(previous, wish, {}, world.actor("coordinator"))


@pytest.fixture
def draft(world: World) -> Campaign:
    """Next year's draft of the same district, with an edition of its own, rules, an action and a role."""
    world.cite("lead")
    made = roll(world, world.campaign, 2027)
    Membership.objects.create(
        user=world.people["reviewer"], role=Role.INSPECTOR, district=world.district, campaign=made
    )
    return made


def page(world: World, campaign: Campaign, who: str = "coordinator") -> Any:
    return world.client(who).get(reverse("campaign_delete", args=[campaign.pk]))


def delete(world: World, campaign: Campaign, who: str = "coordinator", **data: str) -> Any:
    address = reverse("campaign_delete", args=[campaign.pk])
    return world.client(who).post(address, {"name": campaign.name} | data)


def everything_else(draft: Campaign) -> dict[str, int]:
    """Return how many rows there are that do not belong to the draft."""
    return {
        "units": Unit.objects.count(),
        "people": User.objects.count(),
        "evidence": Evidence.objects.count(),
        "tasks": Task.objects.count(),
        "campaigns": Campaign.objects.exclude(pk=draft.pk).count(),
        "phases": Phase.objects.exclude(campaign=draft).count(),
        "actions": Action.objects.exclude(phase__campaign=draft).count(),
        "rules": ReminderRule.objects.exclude(campaign=draft).count(),
        "editions": IndicatorSystem.objects.exclude(pk=draft.system_id).count(),
    }


def test_what_goes_with_it_is_said_beforehand(world: World, draft: Campaign) -> None:
    setup = world.client("coordinator").get(reverse("campaign_setup", args=[draft.pk])).content.decode()
    assert reverse("campaign_delete", args=[draft.pk]) in setup
    text = page(world, draft).content.decode()
    for words in (
        "3 个阶段",
        "条任务分工",
        "1 个工作事项",
        "9 条提醒规则",
        "1 个只在本活动的任职",
        draft.system.edition,
    ):
        assert words in text, words


def test_it_goes_with_what_was_prepared_and_nothing_else_does(world: World, draft: Campaign) -> None:
    before = everything_else(draft)
    answer = delete(world, draft)
    assert (answer.status_code, answer["Location"]) == (302, reverse("todo"))
    assert not Campaign.objects.filter(pk=draft.pk).exists()
    assert not IndicatorSystem.objects.filter(pk=draft.system_id).exists()
    assert everything_else(draft) == before
    entry = AuditEntry.objects.get(act="campaign.delete")
    assert draft.name in entry.object
    assert "3 个阶段" in entry.detail


def test_an_edition_that_another_campaign_uses_stays(world: World) -> None:
    shared = roll(world, world.campaign, 2027)
    own = shared.system
    Campaign.objects.filter(pk=shared.pk).update(system=world.campaign.system_id)
    shared.refresh_from_db()
    delete(world, shared)
    assert not Campaign.objects.filter(pk=shared.pk).exists()
    assert IndicatorSystem.objects.filter(pk__in=(world.campaign.system_id, own.pk)).count() == 2


def test_another_name_deletes_nothing(world: World, draft: Campaign) -> None:
    answer = delete(world, draft, name="别的活动")
    assert answer.status_code == 422
    assert "没有删除" in answer.content.decode()
    assert Campaign.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("state", ["open", "closed"])
def test_one_that_was_opened_is_never_deleted(world: World, state: str) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state=state)
    assert "只有筹备中、从未启动的活动可以删除" in page(world, world.campaign).content.decode()
    Task.objects.filter(campaign=world.campaign).delete()
    answer = delete(world, world.campaign)
    assert answer.status_code == 422
    assert Campaign.objects.filter(pk=world.campaign.pk).exists()
    assert not AuditEntry.objects.filter(act="campaign.delete").exists()


def test_one_opened_while_its_page_was_shown_stays(world: World, draft: Campaign) -> None:
    page(world, draft)
    campaign_lifecycle.open_draft(draft, Actor(world.people["coordinator"], NOW))
    assert "不能删除" in delete(world, draft).content.decode()
    assert Campaign.objects.filter(pk=draft.pk).exists()


def test_one_that_the_next_was_rolled_from_or_that_has_a_numbered_paper_stays(world: World, draft: Campaign) -> None:
    Campaign.objects.filter(pk=world.elsewhere.pk).update(previous=draft)
    assert f"“{world.elsewhere}”沿用了本活动" in delete(world, draft).content.decode()
    Campaign.objects.filter(pk=world.elsewhere.pk).update(previous=None)
    office = world.people["coordinator"]
    Paper.objects.create(
        campaign=draft,
        kind="liaisons",
        serial=1,
        unit=draft.host,
        title="联络员信息表",
        digest="0" * 64,
        created_by=office,
        created_at=NOW,
        blob="ab/x",
        name="x.xlsx",
        media_type="x/y",
    )
    assert "已有编号的用印文件" in delete(world, draft).content.decode()
    assert Campaign.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(
    ("who", "code"), [("reviewer", 403), ("administrator", 404), ("liaison", 404), ("outsider", 404)]
)
def test_only_the_coordinator_deletes(world: World, draft: Campaign, who: str, code: int) -> None:
    Membership.objects.filter(campaign=draft).delete()
    assert delete(world, draft, who).status_code == code
    assert Campaign.objects.filter(pk=draft.pk).exists()
