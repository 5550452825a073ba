"""The menu leads into the running campaign; a draft of next year says that it is one."""

from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse

from creation.models import Campaign, CampaignState, Phase
from creation.web import menu
from creation.web.menu import ENTRIES, MenuEntry
from tests.support import route_objects
from tests.support.world import TODAY, World


@pytest.fixture
def draft(world: World) -> Campaign:
    """Return a draft of the next year, which is listed before the running campaign."""
    running = world.campaign
    return Campaign.objects.create(
        district=running.district, system=running.system, host=running.host, name="源汇区2027年示范创建", year=running.year + 1,
        state=CampaignState.DRAFT,
    )  # fmt: skip


def test_pages_outside_of_a_campaign_lead_into_the_running_one(world: World, draft: Campaign) -> None:
    page = world.client("coordinator").get("/").content.decode()
    assert reverse("review_queue", args=[world.campaign.pk]) in page
    assert reverse("review_queue", args=[draft.pk]) not in page


def test_a_page_of_the_draft_says_so_and_leads_to_the_running_one(world: World, draft: Campaign) -> None:
    client = world.client("coordinator")
    note, way = "还在筹备，尚未启动", f'href="{reverse("task_list", args=[world.campaign.pk])}">转到进行中的'
    page = client.get(reverse("task_list", args=[draft.pk])).content.decode()
    assert note in page
    assert way in page
    assert "2027 年度（筹备中）" in page
    assert note not in client.get(reverse("task_list", args=[world.campaign.pk])).content.decode()


def test_without_a_running_campaign_the_draft_is_led_to(world: World, draft: Campaign) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state=CampaignState.CLOSED)
    page = world.client("coordinator").get("/").content.decode()
    assert reverse("review_queue", args=[draft.pk]) in page


@pytest.mark.usefixtures("at_now")
def test_next_year_that_was_opened_early_does_not_take_over_the_menu(world: World, draft: Campaign) -> None:
    """With 54 answers waiting in the running campaign, 审核 of the menu said that all was done."""
    Campaign.objects.filter(pk=draft.pk).update(state=CampaignState.OPEN)
    begins = TODAY + timedelta(days=1)
    phase = Phase.objects.create(
        campaign=draft, kind="mobilization", name="动员部署", order=1, starts=begins, ends=begins
    )
    address = reverse("review_queue", args=[world.campaign.pk])
    following = reverse("review_queue", args=[draft.pk])
    entry = '<a class="dropdown-item" href="{}"'
    client = world.client("coordinator")
    assert entry.format(address) in client.get("/profile/").content.decode()
    assert [each.campaign for each, _ in client.get("/").context["campaigns"]] == [world.campaign, draft]
    Phase.objects.filter(pk=phase.pk).update(starts=begins - timedelta(days=1))
    assert entry.format(following) in client.get("/profile/").content.decode()


def test_a_unit_is_shown_no_draft(world: World, draft: Campaign) -> None:
    assert "2027" not in world.client("liaison").get("/").content.decode()


@pytest.mark.parametrize("who", ["liaison", "coordinator", "reviewer", "leader", "administrator", "auditor"])
def test_nobody_has_more_than_seven_entries_and_each_page_is_in_the_menu(world: World, who: str) -> None:
    nav = world.client(who).get("/").context["nav"]
    assert len(nav["groups"]) <= 7
    assert sorted(e["url"] for group in nav["groups"] for e in group["entries"]) == sorted(
        e["url"] for e in nav["entries"]
    )


def test_a_short_menu_is_not_folded_and_a_group_of_one_is_its_entry(world: World) -> None:
    short = world.client("administrator").get("/").context["nav"]
    assert [group["label"] for group in short["groups"]] == [entry["label"] for entry in short["entries"]]
    office = world.client("coordinator").get("/").context["nav"]
    labels = [group["label"] for group in office["groups"]]
    assert labels == ["待办", "任务、资料库", "审核督导", "进度", "报表", "公告宣传", "管理"]
    unit = world.client("liaison").get("/").context["nav"]
    assert [group["label"] for group in unit["groups"]] == ["待办", "任务、资料库", "提问、督导", "报表", "公告、宣传"]
    route_objects.commendation(world)
    unit = world.client("liaison").get("/").context["nav"]
    assert [group["label"] for group in unit["groups"]] == ["待办", "任务、资料库", "提问督导", "报表", "公告、宣传"]


def test_a_group_does_not_promise_a_unit_what_only_the_office_has() -> None:
    group = {"icon": "x", "group": "审核督导", "active": False, "badge": 0, "url": "/"}
    others = [{"label": str(number), "group": ""} for number in range(6)]
    entries = [group | each for each in [*others, *({"label": label} for label in ("提问", "督导", "表彰"))]]
    assert [each["label"] for each in menu._groups(entries)][-1] == "提问督导"
    office = [*entries[:6], group | {"label": "审核"}, *entries[6:]]
    assert [each["label"] for each in menu._groups(office)][-1] == "审核督导"


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.route for entry in ENTRIES])
def test_a_page_shows_its_entry_of_the_menu(entry: MenuEntry) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {*entry.active_routes, entry.route} <= names
    assert not [
        other for other in ENTRIES if other is not entry and set(other.active_routes) & set(entry.active_routes)
    ]


def test_pages_below_an_entry_are_marked_in_the_menu(world: World) -> None:
    page = world.client("coordinator").get(reverse("assignments", args=[world.campaign.pk])).context["nav"]
    assert [entry["label"] for entry in page["entries"] if entry["active"]] == ["活动设置"]


@pytest.mark.parametrize(("who", "marked"), [("assessor", True), ("chief", False), ("liaison", False)])
def test_the_pages_of_an_outside_assessor_say_whose_they_are(world: World, who: str, marked: bool) -> None:
    page = world.client(who).get(reverse("task_list", args=[world.campaign.pk])).content.decode()
    assert ('class="watermark"' in page) is marked
    assert (f"{world.people[who].name} {who} " in page) is marked
