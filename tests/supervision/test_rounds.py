"""A round of inspection: its teams, the plan of visits with what does not fit, and the notice to each unit, once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import AuditEntry, Holiday, Notice, SupervisionRound, Visit
from creation.supervision import rounds, visit_plan
from creation.supervision.rounds import RoundText, TeamText
from creation.supervision.visit_plan import PlannedDay
from tests.supervision.conftest import make_round, make_team
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

MONDAY, TUESDAY, SATURDAY = date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 8)


def plan(world: World, row: SupervisionRound, **days: tuple[date | None, str]) -> int:
    """Plan each unit's visit."""
    visits = {each.unit.short_name: each for each in row.visits.for_table()}
    planned = [PlannedDay(visits[name], day, half, visits[name].version) for name, (day, half) in days.items()]
    return visit_plan.set_days(row, planned, world.actor("inspector"))


def said(row: SupervisionRound) -> dict[tuple[str, str], list[str]]:
    """Return what does not fit, by unit and team."""
    rows = list(row.visits.for_table())
    elsewhere = visit_plan.visits_elsewhere(row, rows)
    found = visit_plan.warnings(rows, Holiday.objects.calendar(), visit_plan.names_of_days_off(), elsewhere)
    return {(each.unit.short_name, each.team.name): found[each.pk] for each in rows if each.pk in found}


def test_a_team_in_two_places_is_warned_of_and_two_halves_of_a_day_are_not(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局", "老街街道")
    assert plan(world, row, 城管局=(MONDAY, "am"), 老街街道=(MONDAY, "pm")) == 2
    assert said(row) == {}
    plan(world, row, 老街街道=(MONDAY, "day"))
    assert said(row) == {
        ("城管局", "第一组"): ["第一组同时去老街街道"],
        ("老街街道", "第一组"): ["第一组同时去城管局"],
    }


def test_a_unit_with_two_teams_at_once_days_off_and_days_outside_the_round_are_warned_of(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局")
    other = make_team(world, row, name="第二组")
    visit_plan.add_visit(row, other, world.units["城管局"], MONDAY, world.actor("inspector"))
    first = row.visits.get(team__name="第一组")
    visit_plan.set_days(row, [PlannedDay(first, MONDAY, "am", first.version)], world.actor("inspector"))
    assert said(row) == {("城管局", "第一组"): ["城管局同时有第二组来"], ("城管局", "第二组"): ["城管局同时有第一组来"]}
    Holiday.objects.create(day=MONDAY, kind="off", name="假日")
    assert said(row)["城管局", "第二组"] == ["城管局同时有第一组来", "休息日（假日）"]
    now = Visit.objects.get(pk=first.pk)
    visit_plan.set_days(row, [PlannedDay(now, SATURDAY, "am", now.version)], world.actor("inspector"))
    assert said(row)["城管局", "第一组"] == ["休息日（周末）", "不在本轮的日期内"]


def test_a_person_in_two_teams_and_a_unit_in_two_rounds_are_warned_of(world: World) -> None:
    row, next_round = make_round(world), make_round(world, "第二轮集中督导")
    make_team(world, row, "城管局")
    people = TeamText("第二组", world.people["coordinator"], [world.people["reviewer"]])
    rounds.add_team(row, people, [world.units["老街街道"]], world.actor("inspector"))
    plan(world, row, 城管局=(MONDAY, "am"), 老街街道=(MONDAY, "am"))
    reviewer = world.people["reviewer"].name
    assert said(row) == {
        ("城管局", "第一组"): [f"{reviewer}同时随第二组去老街街道"],
        ("老街街道", "第二组"): [f"{reviewer}同时随第一组去城管局"],
    }
    plan(world, row, 老街街道=(MONDAY, "pm"))
    assert said(row) == {}
    make_team(world, next_round, "城管局")
    plan(world, next_round, 城管局=(MONDAY, "day"))
    assert said(row)["城管局", "第一组"] == ["城管局同时有第二轮集中督导第一组来"]
    assert (
        "同时有第一轮集中督导第一组来" in world.client("inspector").get(next_round.get_absolute_url()).content.decode()
    )


def test_of_two_who_plan_at_once_the_second_is_told_and_changes_nothing(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局", "老街街道")
    seen = {each.unit.short_name: each for each in row.visits.for_table()}
    plan(world, row, 城管局=(MONDAY, "am"))
    stale = [PlannedDay(seen["老街街道"], TUESDAY, "am", 1), PlannedDay(seen["城管局"], TUESDAY, "am", 1)]
    with pytest.raises(Stale, match="刚刚被他人修改"):
        visit_plan.set_days(row, stale, world.actor("coordinator"))
    assert {each.unit.short_name: each.day for each in row.visits.for_table()} == {"城管局": MONDAY, "老街街道": None}


def test_a_unit_is_told_once_and_again_when_its_day_moves(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局")
    told = Notice.objects.filter(person=world.people["liaison"], subject__startswith="visit/")
    with pytest.raises(Refusal, match="没有要通知的走访"):
        visit_plan.announce(row, world.actor("inspector"))
    plan(world, row, 城管局=(MONDAY, "am"))
    visit_plan.announce(row, world.actor("inspector"))
    assert "8月3日（周一）上午" in told.get().text
    assert "案卷评查记录原件" in told.get().text
    assert Notice.objects.filter(person=world.people["leader"], subject__startswith="visit/").count() == 1
    with pytest.raises(Refusal, match="没有要通知的走访"):
        visit_plan.announce(row, world.actor("inspector"))
    plan(world, row, 城管局=(TUESDAY, "am"))
    visit_plan.announce(row, world.actor("inspector"))
    assert "（原为 2026-08-03 上午）" in told.latest("pk").text
    visit_plan.cancel_visit(Visit.objects.for_table().get(), "会议冲突", world.actor("inspector"))
    assert "督导走访取消" in told.latest("pk").text
    assert told.count() == 3


def test_a_unit_is_told_when_the_half_of_the_day_moves_and_when_a_former_day_comes_back(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局")
    told = Notice.objects.filter(person=world.people["liaison"], subject__startswith="visit/")
    for day, half in ((MONDAY, "am"), (MONDAY, "pm"), (TUESDAY, "pm"), (MONDAY, "pm")):
        plan(world, row, 城管局=(day, half))
        page = world.client("inspector").get(row.get_absolute_url()).content.decode()
        assert "通知单位（1 次走访）" in page
        visit_plan.announce(row, world.actor("inspector"))
    moves = [
        "8月3日（周一）上午，",
        "8月3日（周一）下午（原为 2026-08-03 上午）",
        "8月4日（周二）下午（原为 2026-08-03 下午）",
    ]
    texts = list(told.order_by("pk").values_list("text", flat=True))
    assert len(texts) == 4
    for words, text in zip([*moves, "8月3日（周一）下午（原为 2026-08-04 下午）"], texts, strict=True):
        assert words in text


def test_units_that_were_told_hear_what_else_to_have_ready(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局", "老街街道")
    plan(world, row, 城管局=(MONDAY, "am"))
    visit_plan.announce(row, world.actor("inspector"))
    told = Notice.objects.filter(subject__startswith="visit/", text__contains="有修改")
    text = RoundText(row.name, row.starts, row.ends, "看原件", row.preparation)
    rounds.edit_round(row, text, world.actor("inspector"), row.version)
    assert not told.exists(), "what they are to have ready has not changed"
    now = SupervisionRound.objects.get(pk=row.pk)
    rounds.edit_round(now, replace(text, preparation="案卷原件、收费票据"), world.actor("inspector"), now.version)
    people = {each.person for each in told}
    assert people == {world.people["liaison"], world.people["leader"]}, "老街街道 has not heard of its visit yet"
    assert "8月3日（周一）上午，案卷原件、收费票据" in told[0].text


def test_the_leader_of_a_team_is_not_a_member_too(world: World) -> None:
    row, leader = make_round(world), world.people["inspector"]
    people = TeamText("第一组", leader, [leader, world.people["reviewer"]])
    team = rounds.add_team(row, people, [], world.actor("inspector"))
    assert list(team.members.all()) == [world.people["reviewer"]]
    rounds.edit_team(team, people, [], world.actor("inspector"))
    assert list(team.members.all()) == [world.people["reviewer"]]


def test_a_unit_sees_its_visit_after_it_was_told_and_no_others(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局")
    make_team(world, row, "老街街道", name="第二组")
    plan(world, row, 城管局=(MONDAY, "am"), 老街街道=(TUESDAY, "am"))
    visit, client = row.visits.get(unit__short_name="城管局"), world.client("liaison")
    assert client.get(visit.get_absolute_url()).status_code == 404
    assert client.get(row.get_absolute_url()).status_code == 404
    visit_plan.announce(row, world.actor("inspector"))
    page = client.get(row.get_absolute_url()).content.decode()
    assert "第一组" in page
    assert not [words for words in ("老街街道", "第二组", "看原件") if words in page]
    assert client.get(row.visits.get(unit__short_name="老街街道").get_absolute_url()).status_code == 404
    listed = client.get(reverse("visits", args=[world.campaign.pk])).content.decode()
    assert "城管局" in listed
    assert "老街街道" not in listed


def test_the_next_round_is_made_from_the_last_one(world: World) -> None:
    row = make_round(world)
    make_team(world, row, "城管局", "老街街道")
    plan(world, row, 城管局=(MONDAY, "pm"))
    world.units["老街街道"].active_to = TODAY
    world.units["老街街道"].save()
    made = rounds.repeat_round(row, world.actor("inspector", NOW.replace(month=9, day=1)))
    assert (made.number, made.name) == (2, "第 2 轮督导")
    assert (made.starts, made.ends) == (date(2026, 9, 2), date(2026, 9, 9))
    assert list(made.points.all()) == [world.indicators["4"]]
    team = made.teams.get()
    assert (team.leader, list(team.members.all())) == (world.people["inspector"], [world.people["reviewer"]])
    assert [(each.unit.short_name, each.day, each.half) for each in team.visits.all()] == [
        ("城管局", date(2026, 9, 3), "pm")
    ]
    assert Visit.objects.get(round=made).announced_for is None


@pytest.mark.parametrize(
    ("change", "sentence"), [({"name": " "}, "请填写本轮督导的名称"), ({"ends": date(2026, 1, 1)}, "早于开始日期")]
)
def test_a_wrong_round_is_refused(world: World, change: dict[str, Any], sentence: str) -> None:
    values: dict[str, Any] = {"name": "第一轮", "starts": TODAY, "ends": TODAY} | change
    with pytest.raises(Refusal, match=sentence):
        rounds.add_round(world.campaign, RoundText(**values), world.actor("inspector"))
    assert not SupervisionRound.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_a_round_is_planned_on_the_pages(world: World) -> None:
    client, campaign = world.client("inspector"), world.campaign
    sent = {"name": "第一轮", "starts": "2026-08-03", "ends": "2026-08-05", "points": world.indicators["4-3-3"].pk}
    page = client.post(reverse("round_new", args=[campaign.pk]), sent, follow=True).content.decode()
    assert "已新建“第一轮”" in page
    row = SupervisionRound.objects.get()
    team = {
        "name": "第一组",
        "leader": world.people["inspector"].pk,
        "units": [world.units["城管局"].pk, world.units["老街街道"].pk],
    }
    page = client.post(reverse("team_new", args=[campaign.pk, row.pk]), team, follow=True).content.decode()
    assert "增加走访 2 个单位" in page
    again = client.post(reverse("team_new", args=[campaign.pk, row.pk]), team | {"units": []})
    assert "本轮已有“第一组”" in again.content.decode()
    days = {}
    for each in row.visits.all():
        days |= {f"v{each.pk}-day": "2026-08-03", f"v{each.pk}-half": "day", f"v{each.pk}-seen": each.version}
    page = client.post(reverse("round_days", args=[campaign.pk, row.pk]), days, follow=True).content.decode()
    assert "已保存，改动 2 次走访" in page
    assert "有 2 次走访安排不合适" in page
    page = client.post(reverse("round_announce", args=[campaign.pk, row.pk]), follow=True).content.decode()
    assert "已通知 2 次走访的单位" in page
    edit = reverse("round_edit", args=[campaign.pk, row.pk])
    assert "已保存" in client.post(edit, sent | {"name": "第一轮督导", "seen": 1}, follow=True).content.decode()
    assert client.post(edit, sent | {"name": "又改", "seen": 1}).status_code == 409
    wrong = client.post(reverse("round_days", args=[campaign.pk, row.pk]), days | {f"v{each.pk}-day": "8月"})
    assert wrong.status_code == 422
    assert AuditEntry.objects.filter(act="round.announce").count() == 1


@pytest.mark.parametrize("name", ["rounds", "visits"])
def test_a_list_costs_the_same_for_one_and_for_many(world: World, name: str) -> None:
    client, address = world.client("inspector"), reverse(name, args=[world.campaign.pk])
    make_team(world, make_round(world), "城管局")
    client.get(address)
    one = count_queries(client.get, address)
    for number in range(30):
        make_team(world, make_round(world, f"第{number}轮"), "城管局", "老街街道")
    assert count_queries(client.get, address) == one


def test_the_page_of_a_round_costs_the_same_for_one_visit_and_for_many(world: World) -> None:
    row, client = make_round(world), world.client("inspector")
    team, other = make_team(world, row, "城管局"), make_round(world, "第二轮集中督导")
    make_team(world, other, "老街街道")
    plan(world, other, 老街街道=(MONDAY, "am"))
    plan(world, row, 城管局=(MONDAY, "am"))
    client.get(row.get_absolute_url())
    one = count_queries(lambda: client.get(row.get_absolute_url()))
    for _ in range(20):
        visit_plan.add_visit(row, team, world.units["老街街道"], MONDAY, world.actor("inspector"))
    assert count_queries(lambda: client.get(row.get_absolute_url())) == one


@pytest.mark.parametrize(
    ("today", "query", "shown", "hidden"),
    [
        (MONDAY, {"state": "today"}, "城管局", "老街街道"),
        (date(2026, 8, 6), {"state": "missed"}, "城管局", "老街街道"),
        (MONDAY, {"state": "ahead"}, "城管局", "老街街道"),
        (MONDAY, {"state": "undated"}, "老街街道", "城管局"),
        (MONDAY, {"q": "城管"}, "城管局", "老街街道"),
    ],
)
def test_visits_are_found_by_state_and_words(
    world: World, today: date, query: dict[str, str], shown: str, hidden: str
) -> None:
    row = make_round(world)
    make_team(world, row, "城管局", "老街街道")
    plan(world, row, 城管局=(MONDAY, "am"))
    address = reverse("visits", args=[world.campaign.pk])
    with time_machine.travel(NOW.replace(month=today.month, day=today.day), tick=False):
        rows = world.client("chief").get(address, query, headers={"HX-Request": "true"}).content.decode()
    assert f">{shown}</a>" in rows
    assert f">{hidden}</a>" not in rows


def test_a_round_made_by_mistake_is_deleted_until_a_unit_has_heard_of_it(world: World) -> None:
    kept, mistaken, client = make_round(world), make_round(world, "误建"), world.client("inspector")
    make_team(world, kept, "城管局")
    make_team(world, mistaken, "城管局")
    assert (
        "已删除“误建”"
        in client.post(reverse("round_discard", args=[world.campaign.pk, mistaken.pk]), follow=True).content.decode()
    )
    plan(world, kept, 城管局=(MONDAY, "am"))
    visit_plan.announce(kept, world.actor("inspector"))
    assert "删除本轮" not in client.get(kept.get_absolute_url()).content.decode()
    refused = client.post(reverse("round_discard", args=[world.campaign.pk, kept.pk]), follow=True)
    assert "已经通知单位或有走访记录，不能删除" in refused.content.decode()
    assert list(SupervisionRound.objects.all()) == [kept]
    assert Visit.objects.count() == 1
