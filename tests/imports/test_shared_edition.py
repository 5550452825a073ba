"""Two campaigns share one edition of the indicator system: changing it in one never changes what the units of another work on."""

from decimal import Decimal
from typing import Any

import pytest

from creation.access import AccessRefused
from creation.campaigns import measure_settings, official_wording
from creation.campaigns.editions import edition_copy
from creation.campaigns.measure_settings import NewMeasure
from creation.lib.refusals import Refusal, Stale
from creation.lib.relations import relations_to
from creation.models import (
    Appraisal,
    AppraisalPoint,
    Assignment,
    AuditEntry,
    Campaign,
    Indicator,
    Measure,
    Membership,
    RolloverGap,
    SupervisionRound,
)
from creation.rules.targets import MeasureKind
from tests.support import import_steps
from tests.support import workbook_files as make
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("fresh_data_dir", "at_now")

HEAD = ("编号", "三级指标（要点）", "目标值", "印证资料要求", "牵头单位")
ROW = ("4-3-3", "改写的名称", "≥ 9次", "改写的要求", "司法局")


@pytest.fixture
def running(world: World) -> Campaign:
    return world.campaign


@pytest.fixture
def draft(world: World, running: Campaign) -> Campaign:
    """Return a draft of the next year on the same edition; the world's steps work in it."""
    made = Campaign.objects.create(
        district=world.district, system=running.system, host=running.host, name="2027年示范创建", year=2027
    )
    point = world.indicators["4-3-3"]
    Assignment.objects.create(campaign=made, indicator=point, unit=world.units["城管局"], role="lead")
    RolloverGap.objects.create(campaign=made, indicator=point, text="待定")
    world.campaign = made
    return made


def edition_of(campaign: Campaign) -> list[Any]:
    fresh = Campaign.objects.get(pk=campaign.pk)
    nodes = Indicator.objects.filter(system=fresh.system_id).order_by("order")
    measures = Measure.objects.filter(indicator__system=fresh.system_id).order_by("pk")
    assigned = Assignment.objects.filter(campaign=fresh).order_by("pk")
    return [
        *nodes.values_list("code", "title", "proof", "order"),
        *measures.values_list("indicator__code", "name", "target"),
        *assigned.values_list("indicator__system", "indicator__code", "unit", "role"),
    ]


def bring_in(world: World, who: str = "coordinator", *rows: tuple[Any, ...]) -> str:
    return import_steps.apply_workbook(world, who, "indicators", make.book([HEAD, *(rows or (ROW,))]))


def test_an_import_into_a_draft_leaves_the_running_campaign_as_it_is(
    world: World, running: Campaign, draft: Campaign
) -> None:
    before = edition_of(running)
    assert bring_in(world) == "新增 0 个要点、修改 1 个要点"
    assert edition_of(running) == before
    draft.refresh_from_db()
    assert draft.system != running.system
    point = draft.system.indicators.get(code="4-3-3")
    assert (point.title, point.proof) == ("改写的名称", "改写的要求")
    assert [measure.target for measure in point.measures.all()] == [9]
    roles = Assignment.objects.filter(campaign=draft).values_list("indicator", "unit__short_name", "role")
    assert set(roles) == {(point.pk, "司法局", "lead")}
    assert RolloverGap.objects.get(campaign=draft).indicator == point
    assert AuditEntry.objects.filter(act="edition.copy").count() == 1


def test_new_points_of_a_draft_do_not_appear_in_the_running_campaign(
    world: World, running: Campaign, draft: Campaign
) -> None:
    before = edition_of(running)
    bring_in(world, "coordinator", ("1-1-2", "新的要点", "", "材料", "司法局"))
    assert edition_of(running) == before
    draft.refresh_from_db()
    assert draft.system.indicators.filter(code="1-1-2").exists()


def test_the_plan_says_that_a_copy_is_made(world: World, draft: Campaign) -> None:
    found = import_steps.plan_of_workbook(world, "coordinator", "indicators", make.book([HEAD, ROW]))
    assert any("另立一份再改" in note for note in found.notes)


def test_a_second_import_changes_the_copy(world: World, running: Campaign, draft: Campaign) -> None:
    bring_in(world)
    copied = Campaign.objects.get(pk=draft.pk).system_id
    world.campaign = Campaign.objects.get(pk=draft.pk)
    bring_in(world, "coordinator", ("4-3-3", "又改", "", "", ""))
    assert Campaign.objects.get(pk=draft.pk).system_id == copied
    assert running.system.indicators.get(code="4-3-3").title == "每年组织案卷评查"


def test_whose_page_is_older_than_the_copy_changes_the_copy(world: World, running: Campaign, draft: Campaign) -> None:
    """Two people open the draft; the change of the first makes the copy, that of the second must neither undo nor miss it."""
    office, before = world.actor("coordinator"), edition_of(running)
    point = running.system.indicators.get(code="4-3-3")
    pages = [(Campaign.objects.get(pk=draft.pk), Indicator.objects.get(pk=point.pk)) for _ in range(4)]
    seen = official_wording.fingerprint(point)
    for (campaign, checkpoint), name in zip(pages, ("评查次数", "培训次数"), strict=False):
        new = NewMeasure(name, MeasureKind.COUNT, "year", unit="次", target=Decimal(1))
        measure_settings.add_measure(campaign, checkpoint, new, office)
    official_wording.save_official_wording(*pages[2], "指标原文", "", office, seen)
    with pytest.raises(Stale):
        official_wording.save_official_wording(*pages[3], "另一种原文", "", office, seen)
    assert edition_of(running) == before
    copied = Campaign.objects.get(pk=draft.pk).system.indicators.get(code="4-3-3")
    assert {each.name for each in copied.measures.all()} >= {"评查次数", "培训次数"}
    assert copied.official_wording == "指标原文"
    assert AuditEntry.objects.filter(act="edition.copy").count() == 1


def test_a_checkpoint_that_is_gone_is_said(world: World, draft: Campaign) -> None:
    page = draft.system.indicators.get(code="4-3-3")
    bring_in(world)
    Campaign.objects.get(pk=draft.pk).system.indicators.filter(code="4-3-3").update(code="4-3-9")
    with pytest.raises(Refusal, match="已不在本活动的指标体系里"):
        official_wording.save_official_wording(draft, page, "原文", "", world.actor("coordinator"), "")


@pytest.mark.parametrize("state", ["open", "closed"])
def test_two_running_campaigns_are_told_to_import_a_new_edition(
    world: World, running: Campaign, draft: Campaign, state: str
) -> None:
    Campaign.objects.filter(pk=draft.pk).update(state="open")
    Campaign.objects.filter(pk=running.pk).update(state=state)
    world.campaign = Campaign.objects.get(pk=draft.pk)
    before = edition_of(running)
    with pytest.raises(Refusal, match="导入新版指标体系"):
        bring_in(world)
    assert edition_of(running) == before


def test_the_named_remedy_is_open_to_the_campaign(world: World, running: Campaign, draft: Campaign) -> None:
    Campaign.objects.filter(pk=draft.pk).update(state="open")
    world.campaign = Campaign.objects.get(pk=draft.pk)
    page = world.client("coordinator").get(f"/c/{draft.pk}/imports/new/editions/")
    assert page.status_code == 200


def test_who_may_not_manage_a_draft_does_not_change_it_through_the_running_campaign(
    world: World, running: Campaign, draft: Campaign
) -> None:
    world.campaign = running
    Membership.objects.filter(user=world.people["coordinator"]).update(campaign=running)
    before = edition_of(draft)
    with pytest.raises(AccessRefused):
        bring_in(world)
    assert edition_of(draft) == before


def test_every_model_of_a_campaign_with_an_indicator_is_moved() -> None:
    through = SupervisionRound.points.through
    names = {model: f"{model.__name__}.indicator" for model in edition_copy.MODELS_OF_CAMPAIGN}
    moved = set((names | {through: "SupervisionRound.points"}).values())
    elsewhere = {"Measure.indicator", "Indicator.parent"} | {
        f"{model}.{key}" for model in ("Succession", "TaskCarry") for key in ("before", "after")
    }
    assert moved == relations_to(Indicator) - elsewhere


def test_a_round_and_a_score_sheet_prepared_in_a_draft_follow_the_copy(world: World, draft: Campaign) -> None:
    point, by = draft.system.indicators.get(code="4-3-3"), world.people["coordinator"]
    made = {"name": "x", "starts": TODAY, "ends": TODAY, "created_by": by, "created_at": NOW}
    supervision = SupervisionRound.objects.create(campaign=draft, number=1, **made)
    supervision.points.add(point)
    sheet = AppraisalPoint.objects.create(
        appraisal=Appraisal.objects.create(campaign=draft, **made), indicator=point, points=2, order=1
    )
    bring_in(world)
    copied = Campaign.objects.get(pk=draft.pk).system.indicators.get(code="4-3-3")
    sheet.refresh_from_db()
    assert copied != point
    assert (sheet.indicator, list(supervision.points.all())) == (copied, [copied])
