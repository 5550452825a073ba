"""Before opening a campaign, the office sees what opening it will do, also when deadlines have already passed."""

import pytest

from creation.models import Campaign
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("at_now")


def preview(world: World) -> str:
    page = world.client("coordinator").get(f"/c/{world.campaign.pk}/setup/distribute/")
    return str(page.content.decode())


def test_shares_of_the_preset_that_nobody_checked_are_counted_before_the_start(world: World) -> None:
    world.campaign.assignments.filter(unit=world.units["城管局"]).update(example=True)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="draft")
    count = world.campaign.assignments.filter(example=True).count()
    assert f"还有 {count} 条分工是预置的示例，没有核对" in preview(world)
    world.campaign.assignments.update(example=False)
    assert "预置的示例" not in preview(world)


def test_phases_that_are_over_are_named_before_a_late_start(world: World) -> None:
    assert "截止日已经过去" not in preview(world), "an open campaign started in time"
    Campaign.objects.filter(pk=world.campaign.pk).update(state="draft")
    assert "1 个阶段的截止日已经过去：动员部署（7月10日）" in preview(world)
    world.campaign.phases.exclude(ends=None).update(ends="2026-12-31")
    assert "截止日已经过去" not in preview(world)
