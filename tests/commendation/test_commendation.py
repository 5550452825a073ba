"""Commendation from the call to the decision, through HTTP; what is refused changes nothing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.audit.actor import Actor
from creation.commendation import commendations, consultations, last_phases, nominations, publication, purging, voting
from creation.commendation.commendations import CommendationCall
from creation.commendation.nominations import NominationText
from creation.commendation.voting import VoteResult
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AuditEntry,
    Campaign,
    Commendation,
    CommendationStage,
    CommitteeSeat,
    Consultation,
    Holiday,
    Membership,
    Nomination,
    Notice,
    Objection,
    User,
    Vote,
    VoteChoice,
)
from creation.models.commendation import KEEP_DAYS
from creation.units import merging
from tests.support.lists import narrowed
from tests.support.query_counts import page_queries
from tests.support.world import NOW, TODAY, World

TERM = TODAY + timedelta(days=7)  # Friday, 7 August
VOTE_DAY = NOW + timedelta(days=10)  # Monday, 10 August
CANARY = "甲乙丙丁戊"
COMMITTEE = ("chief", "reviewer", "inspector")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def call(world: World, **changes: Any) -> CommendationCall:
    values: dict[str, Any] = {
        "name": "2026年示范创建表彰",
        "collectives": 1,
        "people": 2,
        "conditions": "成绩突出。",
        "nominate_until": TERM,
        "quorum": 2,
        "members": [world.people[name] for name in COMMITTEE],
    }
    return CommendationCall(**values | changes)


def words(kind: str = "person", name: str = CANARY, **changes: str) -> NominationText:
    values = {"kind": kind, "name": name, "post": "科长" if kind == "person" else "", "merits": "主办评查"}
    return NominationText(**values | {"reason": "工作扎实"} | changes)


@pytest.fixture
def opened(world: World) -> Commendation:
    return commendations.open_commendation(world.campaign, call(world), world.actor("coordinator"))


def now(commendation: Commendation) -> Commendation:
    return Commendation.objects.select_related("campaign__district").get(pk=commendation.pk)


def nominate(world: World, opened: Commendation, who: str = "liaison", unit: str = "城管局", **more: str) -> Nomination:
    return nominations.nominate(opened, world.units[unit], words(**more), world.actor(who))


def cast(world: World, opened: Commendation, who: str, choice: str = "yes", at: datetime = VOTE_DAY) -> None:
    seat = voting.seat_of(now(opened), world.people[who].pk)
    assert seat is not None
    voting.vote(seat, {each.pk: choice for each in voting.ballot_of(seat)}, world.actor(who, at))


def voted(world: World, opened: Commendation) -> None:
    """Bring a commendation with nominations to the end of its vote."""
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    for who in COMMITTEE:
        cast(world, opened, who)
    voting.close_vote(opened, world.actor("coordinator", VOTE_DAY))


def published(world: World, opened: Commendation, *chosen: Nomination) -> date:
    """Bring it to the public notice; return its last day."""
    voted(world, opened)
    until = date(2026, 8, 17)
    publication.publish(opened, chosen, until, world.actor("coordinator", VOTE_DAY))
    return until


def address(name: str, row: Any) -> str:
    campaign = row.campaign_id if isinstance(row, Commendation) else row.commendation.campaign_id
    return reverse(name, args=[campaign, row.pk])


def page(world: World, who: str, where: str, data: dict[str, Any] | None = None) -> str:
    client = world.client(who)
    answer = client.get(where, follow=True) if data is None else client.post(where, data, follow=True)
    return answer.content.decode()


def test_the_whole_way_from_the_call_to_the_decision(world: World, clock: Any) -> None:
    campaign = world.campaign
    members = [world.people[name].pk for name in COMMITTEE]
    sent = {"name": "年度表彰", "collectives": 1, "people": 1, "nominate_until": TERM, "quorum": 2}
    sent |= {"conditions": "成绩突出。", "members": members}
    assert "已发起“年度表彰”" in page(world, "coordinator", reverse("commendation_new", args=[campaign.pk]), sent)
    opened = Commendation.objects.get()
    assert Notice.objects.filter(subject=f"commendation/{opened.pk}", person=world.people["rival"]).count() == 1

    form = address("nomination_new", opened)
    person = {"kind": "person", "name": CANARY, "post": "科长", "merits": "主办案卷评查", "reason": "扎实"}
    assert "编为 1 号" in page(world, "liaison", form, person)
    team = {"kind": "collective", "name": "老街街道执法中队", "post": "", "merits": "执法规范", "reason": "突出"}
    assert "编为 2 号" in page(world, "rival", form, team)

    clock.move_to(VOTE_DAY)
    ask = {"organ": "公安机关", "asked_on": "2026-08-10", "answer_by": "2026-08-17"}
    assert "就 2 份提名向公安机关征求意见" in page(world, "coordinator", address("consultations", opened), ask)
    clear = {"organ": "公安机关", "answered_on": "2026-08-10"}
    assert "无不同意见" in page(world, "coordinator", address("consultations_clear", opened), clear)
    assert "已开始表决" in page(world, "coordinator", address("vote_open", opened), {})
    first, second = opened.nominations.order_by("serial")
    ballot = {f"n{first.pk}": "yes", f"n{second.pk}": "yes"}
    for who in COMMITTEE:
        assert "已投票" in page(world, who, address("ballot", opened), ballot)
    assert "同意 3，不同意 0，弃权 0" in page(world, "coordinator", address("vote_close", opened), {})

    chosen = {"nominations": [first.pk, second.pk], "until": "2026-08-17"}
    assert "已公示到 2026-08-17" in page(world, "coordinator", address("commendation_publish", opened), chosen)
    assert CANARY in page(world, "rival", address("commendation", opened))
    raised = {"raised_by": "", "received_on": "2026-08-10", "text": "情况不实"}
    assert "异议已登记" in page(world, "coordinator", address("objection_new", second), raised)
    handled = reverse("objection", args=[campaign.pk, Objection.objects.get().pk])
    assert "处理情况已登记" in page(world, "coordinator", handled, {"upheld": "no", "handling": "经核查属实"})

    clock.move_to(datetime(2026, 8, 18, 9, tzinfo=NOW.tzinfo))
    decision = {"number": "源政〔2026〕12号", "decided_on": "2026-08-18"}
    assert "决定已登记" in page(world, "coordinator", address("commendation_decide", opened), decision)
    assert list(opened.nominations.commended()) == [first, second]
    assert "予以表彰" in page(world, "liaison", address("nomination", second))
    told = Notice.objects.filter(subject=f"commendation/{opened.pk}", person=world.people["liaison"])
    assert told.count() == 3  # the call, the public notice, the decision


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "请填写名称"),
        ({"collectives": 0, "people": 0}, "至少填一个"),
        ({"conditions": ""}, "评选条件"),
        ({"nominate_until": TODAY - timedelta(days=1)}, "已经过去"),
        ({"members": []}, "评选委员"),
        ({"quorum": 4}, "投票有效人数"),
    ],
)
def test_a_call_without_what_it_needs_is_refused(world: World, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        commendations.open_commendation(world.campaign, call(world, **change), world.actor("coordinator"))
    assert not Commendation.objects.exists()
    assert not Notice.objects.exists()
    assert commendations.open_commendation(world.campaign, call(world), world.actor("coordinator")).pk


def test_only_the_office_and_the_leading_group_vote(world: World) -> None:
    members = [world.people["liaison"], world.people["chief"]]
    with pytest.raises(Refusal, match="不能参加评选表决"):
        commendations.open_commendation(world.campaign, call(world, members=members), world.actor("coordinator"))
    assert not Commendation.objects.exists()


def test_the_term_is_extended_and_the_committee_changed_until_the_vote(world: World, opened: Commendation) -> None:
    nominate(world, opened)
    later, members = TERM + timedelta(days=3), [world.people["chief"]]
    commendations.change_commendation(
        opened, call(world, nominate_until=later, quorum=1, members=members), world.actor("coordinator")
    )
    assert now(opened).nominate_until == later
    assert [seat.person for seat in opened.seats.all()] == members
    at = NOW + timedelta(days=13)
    voting.open_vote(opened, world.actor("coordinator", at))
    with pytest.raises(Refusal, match="已经开始表决"):
        commendations.change_commendation(opened, call(world), world.actor("coordinator", at))


def test_a_member_who_left_is_replaced_while_the_vote_runs_and_no_vote_is_lost(world: World, clock: Any) -> None:
    """With a quorum of all members, one who is gone would keep the vote open for ever."""
    people = [world.people[name] for name in ("chief", "inspector")]
    opened = commendations.open_commendation(
        world.campaign, call(world, members=people, quorum=2), world.actor("coordinator")
    )
    nominated = nominate(world, opened)
    clock.move_to(VOTE_DAY)
    form = address("commendation_committee", opened)
    assert "不在表决" in page(world, "coordinator", form, {"members": [each.pk for each in people]})
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    page(world, "chief", address("ballot", opened), {f"n{nominated.pk}": "yes"})
    Membership.objects.filter(user__in=people).update(ended_on=TODAY)  # both left their posts
    assert "已经投票，不能移出" in page(world, "coordinator", form, {"members": [world.people["reviewer"].pk]})
    assert "请补选" in page(world, "coordinator", form, {"members": [people[0].pk]})
    chosen = {"members": [people[0].pk, world.people["reviewer"].pk]}
    assert "调整委员" in page(world, "coordinator", address("commendation", opened))
    assert "已调整委员" in page(world, "coordinator", form, chosen)
    assert {seat.person.username for seat in opened.seats.all()} == {"chief", "reviewer"}
    assert Notice.objects.filter(person=world.people["reviewer"], text__contains="请参加评选表决").count() == 1
    assert "已投票" in page(world, "reviewer", address("ballot", opened), {f"n{nominated.pk}": "no"})
    assert "同意 1，不同意 1，弃权 0" in page(world, "coordinator", address("vote_close", opened), {})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "名称或姓名"),
        ({"post": " "}, "职务"),
        ({"merits": ""}, "主要事迹"),
        ({"reason": ""}, "推荐理由"),
        ({"kind": "collective"}, "没有集体名额"),
    ],
)
def test_a_nomination_without_what_it_needs_is_refused(world: World, change: dict[str, str], sentence: str) -> None:
    opened = commendations.open_commendation(world.campaign, call(world, collectives=0), world.actor("coordinator"))
    with pytest.raises(Refusal, match=sentence):
        nominations.nominate(opened, world.units["城管局"], words(**change), world.actor("liaison"))
    assert not Nomination.objects.exists()
    assert nominate(world, opened).serial == 1


def test_a_unit_nominates_for_itself_once_and_until_the_term(world: World, opened: Commendation) -> None:
    with pytest.raises(Refusal, match="不能替"):
        nominate(world, opened, "liaison", "老街街道")
    mine = nominate(world, opened, "leader")
    with pytest.raises(Refusal, match="已提名过"):
        nominate(world, opened)
    late = world.actor("liaison", VOTE_DAY)
    for refused in (
        lambda: nominations.nominate(opened, mine.unit, words(name="另一人"), late),
        lambda: nominations.change_nomination(mine, words(name="另一人"), mine.version, late),
        lambda: nominations.withdraw_nomination(mine, late),
    ):
        with pytest.raises(Refusal, match="截止"):
            refused()
    assert list(Nomination.objects.values_list("name", "version", "withdrawn_at")) == [(CANARY, 1, None)]


def test_a_nomination_is_changed_and_withdrawn_and_no_change_is_lost(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    sent = {"kind": "person", "name": CANARY, "post": "副局长", "merits": "新的事迹", "reason": "理由", "seen": 1}
    assert "已保存" in page(world, "liaison", address("nomination_edit", mine), sent)
    stale = world.client("liaison").post(address("nomination_edit", mine), sent | {"merits": "旧窗口"})
    assert (stale.status_code, "新的事迹" in stale.content.decode()) == (409, True)
    with pytest.raises(Stale):
        nominations.change_nomination(mine, words(merits="旧窗口"), 1, world.actor("liaison"))
    assert "已撤回" in page(world, "liaison", address("nomination_withdraw", mine), {})
    assert not opened.nominations.active().exists()
    assert nominate(world, opened).serial == 2  # the number is not used again


def test_a_unit_sees_only_its_own_nominations_before_the_public_notice(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    theirs = nominate(world, opened, "rival", "老街街道", name="戊己庚")
    listed = page(world, "liaison", address("commendation", opened))
    assert (CANARY in listed, "戊己庚" in listed) == (True, False)
    assert world.client("liaison").get(address("nomination", theirs)).status_code == 404
    published(world, opened, theirs)
    listed = page(world, "liaison", address("commendation", opened))
    assert (CANARY in listed, "戊己庚" in listed) == (True, True)
    read = page(world, "liaison", address("nomination", theirs))
    assert ("主办评查" in read, "推荐理由" in read, "在本活动中" in read) == (True, False, False)
    assert "表决结果" not in read
    assert world.client("rival").get(address("nomination", mine)).status_code == 404


def test_the_menu_of_a_unit_has_the_entry_only_where_there_is_a_commendation(world: World) -> None:
    entry = f'href="{reverse("commendations", args=[world.campaign.pk])}"'
    assert entry not in page(world, "liaison", reverse("todo"))
    assert entry in page(world, "coordinator", reverse("todo"))
    commendations.open_commendation(world.campaign, call(world), world.actor("coordinator"))
    assert entry in page(world, "liaison", reverse("todo"))


def test_opinions_are_asked_for_recorded_and_seen_by_office_and_committee_alone(
    world: World, opened: Commendation
) -> None:
    mine = nominate(world, opened)
    office, week = world.actor("coordinator"), TODAY + timedelta(days=7)
    assert consultations.ask(opened, "纪检监察机关", TODAY, week, office) == 1
    with pytest.raises(Refusal, match="都已征求过"):
        consultations.ask(opened, "纪检监察机关", TODAY, week, office)
    asked = Consultation.objects.get()
    where = reverse("consultation", args=[world.campaign.pk, asked.pk])
    wrong = {"opinion": "objects", "answered_on": TODAY, "answer": ""}
    assert "请写明意见内容" in page(world, "coordinator", where, wrong)
    early = wrong | {"opinion": "clear", "answered_on": TODAY - timedelta(days=1)}
    assert "不能早于征求日期" in page(world, "coordinator", where, early)
    assert Consultation.objects.get().answered_on is None
    assert "已登记" in page(world, "coordinator", where, wrong | {"answer": "正在核查线索"})
    for who, seen in (("coordinator", True), ("chief", True), ("liaison", False)):
        assert ("正在核查线索" in page(world, who, address("nomination", mine))) is seen, who
    with pytest.raises(Refusal, match="没有等待"):
        consultations.record_clear(opened, "纪检监察机关", TODAY, office)


def test_the_vote_begins_after_the_term_with_nominations(world: World, opened: Commendation) -> None:
    with pytest.raises(Refusal, match="才截止"):
        voting.open_vote(opened, world.actor("coordinator"))
    with pytest.raises(Refusal, match="还没有提名"):
        voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    assert now(opened).voting_at is None
    nominate(world, opened)
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    assert Notice.objects.filter(person=world.people["chief"], text__contains="请参加评选表决").exists()


def test_a_member_votes_once_whole_and_not_on_the_own_unit(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    own = Nomination.objects.create(
        commendation=opened,
        serial=2,
        unit=world.units["司法局"],
        kind="collective",
        name="司法所",
        created_by=world.people["coordinator"],
        created_at=NOW,
    )
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    with time_machine.travel(VOTE_DAY, tick=False):
        where = address("ballot", opened)
        shown = page(world, "reviewer", where)
        assert ("您回避的" in shown, f'id="n{own.pk}"' in shown) == (True, False)
        assert f"n{own.pk}" in page(world, "chief", where)
        assert world.client("coordinator").get(where).status_code == 404  # who has no seat
        half = world.client("chief").post(where, {f"n{mine.pk}": "yes"})
        assert (half.status_code, "请表决" in half.content.decode()) == (422, True)
    seat = CommitteeSeat.objects.select_related("commendation", "person").get(person=world.people["reviewer"])
    actor = world.actor("reviewer", VOTE_DAY)
    for choices, sentence in (
        ({mine.pk: "yes", own.pk: "yes"}, "回避"),
        ({}, "每一份提名"),
        ({mine.pk: "perhaps"}, "每一份提名"),
    ):
        with pytest.raises(Refusal, match=sentence):
            voting.vote(seat, choices, actor)
    with pytest.raises(Refusal, match="不是这次评选的委员"):
        voting.vote(seat, {mine.pk: "yes"}, world.actor("chief", VOTE_DAY))
    assert not Vote.objects.exists()
    voting.vote(seat, {mine.pk: "yes"}, actor)
    with pytest.raises(Refusal, match="只投一次"):
        voting.vote(seat, {mine.pk: "no"}, actor)
    assert Vote.objects.get().choice == "yes"


def test_nobody_learns_of_a_vote_before_the_close_and_a_quorum_is_needed(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    coordinator = world.actor("coordinator", VOTE_DAY)
    voting.open_vote(opened, coordinator)
    pages = [address("commendation", opened), address("nomination", mine), address("ballot", opened)]
    pages += [reverse("commendations", args=[world.campaign.pk]), reverse("todo")]
    everybody = ("coordinator", "chief", "inspector", "liaison", "rival", "reviewer")
    with time_machine.travel(VOTE_DAY, tick=False):
        before = {(who, where): _neutral(page(world, who, where)) for who in everybody for where in pages}
        cast(world, opened, "chief", "no")
        for (who, where), shown in before.items():
            if who != "chief":
                after = _neutral(page(world, who, where)).replace("未投票", "").replace("已投票", "")
                assert after == shown.replace("未投票", ""), (who, where)
    assert voting.results_of(now(opened)) == {}
    with pytest.raises(Refusal, match="至少 2 名委员"):
        voting.close_vote(opened, coordinator)
    cast(world, opened, "inspector", "yes")
    voting.close_vote(opened, coordinator)
    result = voting.results_of(now(opened))[mine.pk]
    assert (result.yes, result.no, result.abstained, result.recused, result.passed) == (1, 1, 0, 0, False)
    assert "不同意 1" in page(world, "chief", address("commendation", opened))
    assert "不同意 1" not in page(world, "liaison", address("nomination", mine))
    with pytest.raises(Refusal, match="不能表决"):
        cast(world, opened, "reviewer")


@pytest.mark.parametrize(
    ("yes", "no", "abstained", "recused", "passed"),
    [
        (2, 1, 0, 0, True),
        (1, 1, 0, 0, False),  # half is not more than half
        (2, 1, 1, 0, False),  # who abstains has voted
        (3, 1, 1, 0, True),
        (1, 0, 0, 9, True),  # who does not vote on it does not count
        (0, 0, 0, 3, False),
    ],
)
def test_more_than_half_of_those_who_voted_said_yes(
    yes: int, no: int, abstained: int, recused: int, passed: bool
) -> None:
    assert VoteResult(yes, no, abstained, recused).passed is passed


def test_the_vote_begins_on_the_day_after_the_term_once_and_ends_once(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    last = world.actor("coordinator", NOW + timedelta(days=7))
    assert last.today == TERM
    with pytest.raises(Refusal, match="才截止"):
        voting.open_vote(opened, last)
    with pytest.raises(Refusal, match="没有正在进行的表决"):
        voting.close_vote(opened, last)
    day = world.actor("coordinator", NOW + timedelta(days=8))
    voting.open_vote(opened, day)
    with pytest.raises(Refusal, match="已经开始表决"):
        voting.open_vote(opened, day)
    for who, choice in (("chief", "yes"), ("inspector", "abstain")):
        cast(world, opened, who, choice)
    voting.close_vote(opened, day)
    with pytest.raises(Refusal, match="没有正在进行的表决"):
        voting.close_vote(opened, day)
    found = voting.results_of(now(opened))[mine.pk]
    assert (found.yes, found.no, found.abstained, found.recused) == (1, 0, 1, 0)
    acts = AuditEntry.objects.filter(act__startswith="commendation.vote").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [
        *("commendation.vote_open", "commendation.vote", "commendation.vote", "commendation.vote_close")
    ]


def test_a_ballot_may_have_every_choice_and_leaves_out_the_own_unit(world: World, opened: Commendation) -> None:
    rows = [nominate(world, opened, name=f"张{number}") for number in range(3)]
    own = nominate(world, opened, "rival", "老街街道", name="李某")
    Nomination.objects.filter(pk=own.pk).update(unit=world.units["司法局"])  # the reviewer's
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    User.objects.filter(pk=world.people["chief"].pk).update(unit=None)
    reviewer, chief = (CommitteeSeat.objects.get(person=world.people[who]) for who in ("reviewer", "chief"))
    assert (voting.recused_from(reviewer), voting.recused_from(chief)) == ([own], [])
    assert (len(voting.ballot_of(reviewer)), len(voting.ballot_of(chief))) == (3, 4)
    choices = {row.pk: choice for row, choice in zip(rows, VoteChoice.values, strict=True)}
    with pytest.raises(Refusal) as refused:
        voting.vote(reviewer, choices, world.actor("chief", VOTE_DAY))
    assert refused.value.status == 403
    voting.vote(reviewer, choices, world.actor("reviewer", VOTE_DAY))
    with pytest.raises(Refusal) as refused:
        voting.vote(reviewer, choices, world.actor("reviewer", VOTE_DAY))
    assert refused.value.status == 409
    cast(world, opened, "chief", "no")
    voting.close_vote(opened, world.actor("coordinator", VOTE_DAY))
    found = voting.results_of(now(opened))
    assert [(found[row.pk].yes, found[row.pk].no, found[row.pk].abstained) for row in rows] == [
        *((1, 1, 0), (0, 2, 0), (0, 1, 1))
    ]
    assert found[own.pk].recused == 1


def _neutral(shown: str) -> str:
    """Return the page without what differs at each request."""
    import re

    return re.sub(r'value="[A-Za-z0-9]{64}"|nonce-?[^" ]*|"X-CSRFToken": "[^"]*"|content="[A-Za-z0-9]{64}"', "", shown)


def test_the_public_notice_lasts_five_workdays_of_the_calendar(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    voted(world, opened)
    Holiday.objects.create(day=date(2026, 8, 12), kind="off", name="x")
    office = world.actor("coordinator", VOTE_DAY)
    with pytest.raises(Refusal, match="最早到 2026-08-18"):
        publication.publish(opened, [mine], date(2026, 8, 17), office)
    assert now(opened).public_from is None
    assert not Nomination.objects.filter(proposed=True).exists()
    publication.publish(opened, [mine], date(2026, 8, 18), office)
    assert now(opened).public_from == VOTE_DAY.date()


def test_only_who_passed_within_the_quota_and_with_every_opinion_is_published(
    world: World, opened: Commendation
) -> None:
    until = date(2026, 8, 31)
    first, second, third = (nominate(world, opened, name=f"张{n}") for n in range(3))
    lost = nominate(world, opened, "rival", "老街街道", name="未通过")
    office = world.actor("coordinator", VOTE_DAY)
    voting.open_vote(opened, office)
    seats = [voting.seat_of(now(opened), world.people[who].pk) for who in COMMITTEE]
    for seat in seats:
        assert seat is not None
        choices = {each.pk: "no" if each == lost else "yes" for each in voting.ballot_of(seat)}
        voting.vote(seat, choices, world.actor(seat.person.username, VOTE_DAY))
    voting.close_vote(opened, office)
    for chosen, sentence in (([], "请选择"), ([lost], "过半数"), ([first, second, third], "个人名额 2 个")):
        with pytest.raises(Refusal, match=sentence):
            publication.publish(opened, chosen, until, office)
    consultations.ask(opened, "公安机关", VOTE_DAY.date(), until, office)
    with pytest.raises(Refusal, match="还没有公安机关的答复"):
        publication.publish(opened, [first], until, office)
    assert now(opened).public_from is None
    consultations.record_clear(opened, "公安机关", VOTE_DAY.date(), office)
    publication.publish(opened, [first, second], until, office)
    assert set(opened.nominations.proposed()) == {first, second}


def test_each_act_of_the_public_notice_has_its_stage_and_its_row_in_the_trail(
    world: World, opened: Commendation
) -> None:
    first, second = nominate(world, opened), nominate(world, opened, name="第二人")
    office, until = world.actor("coordinator", VOTE_DAY), date(2026, 8, 17)
    with pytest.raises(Refusal, match="须在表决结束之后"):
        publication.publish(opened, [first], until, office)
    published(world, opened, first, second)
    with pytest.raises(Refusal, match="且只公示一次"):
        publication.publish(opened, [second], until, office)
    handled = [publication.record_objection(first, "", office.today, text, office) for text in ("冒领", "不实")]
    publication.handle_objection(handled[0], True, "属实", office)
    publication.handle_objection(handled[1], False, "经查不属实", office)
    with pytest.raises(Refusal, match="已经处理") as refused:
        publication.handle_objection(handled[1], True, "属实", office)
    assert refused.value.status == 409
    after = world.actor("coordinator", VOTE_DAY + timedelta(days=8))
    publication.decide(opened, "1号", after.today, after)
    with pytest.raises(Refusal, match="不在公示，不能作出决定"):
        publication.decide(opened, "2号", after.today, after)
    with pytest.raises(Refusal, match="不在公示，不能处理异议"):
        publication.handle_objection(handled[1], True, "属实", after)
    rows = AuditEntry.objects.exclude(act__contains="vote").filter(act__startswith="commendation.").order_by("pk")
    acts = [each.act.partition(".")[2] for each in rows]
    assert acts[-6:] == ["publish", "objection", "objection", "handle", "handle", "decide"]
    said = list(rows.filter(act="commendation.handle").values_list("detail", flat=True))
    assert ["不成立" in each for each in said] == [False, True]
    assert now(opened).decision_number == "1号"


def test_a_decision_waits_for_the_end_and_for_objections_and_an_upheld_one_counts(
    world: World, opened: Commendation
) -> None:
    first, second = nominate(world, opened), nominate(world, opened, name="第二人")
    until = published(world, opened, first, second)
    during = world.actor("coordinator", VOTE_DAY)
    objection = publication.record_objection(first, "某人", VOTE_DAY.date(), "冒领成绩", during)
    with pytest.raises(Refusal, match="公示到"):
        publication.decide(opened, "1号", until, world.actor("coordinator", VOTE_DAY + timedelta(days=7)))
    after = world.actor("coordinator", VOTE_DAY + timedelta(days=8))
    with pytest.raises(Refusal, match="异议还没有处理"):
        publication.decide(opened, "1号", after.today, after)
    with pytest.raises(Refusal, match="文号"):
        publication.decide(opened, " ", after.today, after)
    assert now(opened).decided_on is None
    publication.handle_objection(objection, True, "属实", after)
    with pytest.raises(Refusal, match="已经处理"):
        publication.handle_objection(objection, False, "不属实", after)
    publication.decide(opened, "1号", after.today, after)
    assert list(opened.nominations.commended()) == [second]
    for who in ("coordinator", "liaison"):
        assert "不予表彰" in page(world, who, address("nomination", first)), who
    assert world.client("rival").get(address("nomination", first)).status_code == 404
    assert CANARY not in page(world, "rival", address("commendation", opened))
    with pytest.raises(Refusal, match="不在公示"):
        publication.record_objection(second, "", after.today, "迟了", after)


def test_it_ends_without_a_decision_when_every_nominee_is_struck_off(
    world: World, opened: Commendation, clock: Any
) -> None:
    only = nominate(world, opened)
    until = published(world, opened, only)
    ending, actor = address("commendation_end", opened), world.actor("coordinator", VOTE_DAY)
    clock.move_to(VOTE_DAY + timedelta(hours=1))
    assert "还有 1 个没有成立的异议" in page(world, "coordinator", ending, {"reason": "不评了"})
    early = world.client("coordinator").get(ending, follow=True)
    assert early.redirect_chain, "nobody writes a reason for what will be refused"
    assert "还有 1 个没有成立的异议" in early.content.decode()
    assert "终止评选" not in page(world, "coordinator", address("commendation", opened))
    objection = publication.record_objection(only, "某人", VOTE_DAY.date(), "冒领成绩", actor)
    publication.handle_objection(objection, True, "属实", actor)
    last_phases.remind(Actor(None, VOTE_DAY + timedelta(days=9)), Holiday.objects.calendar())
    (reminder,) = Notice.objects.filter(text__contains="期满")
    assert f"{until} 期满，请终止评选，没有可以表彰的对象" in reminder.text
    assert "都因异议成立不予表彰，没有可以表彰的，请终止评选" in page(
        world, "coordinator", address("commendation", opened)
    )
    assert "请写明为什么终止评选" in page(world, "coordinator", ending, {"reason": " "})
    assert now(opened).stage == CommendationStage.PUBLIC
    told = page(world, "coordinator", ending, {"reason": "没有符合条件的对象"})
    assert "已终止，各单位会收到通知" in told
    assert "终止，不作表彰：没有符合条件的对象" in told
    assert "终止，不作表彰：没有符合条件的对象" in page(world, "rival", address("commendation", opened))
    assert Notice.objects.filter(person=world.people["rival"], text__contains="已终止，不作表彰").count() == 1
    assert AuditEntry.objects.get(act="commendation.end").detail == "没有符合条件的对象"
    assert not Commendation.objects.running().exists()
    listed = page(world, "coordinator", reverse("commendations", args=[world.campaign.pk]) + "?stage=ended")
    assert opened.name in listed
    with pytest.raises(Refusal, match="已终止，不能终止"):
        publication.end(opened, "再来", actor)


def test_a_call_that_nobody_answered_or_nobody_passed_can_end_too(world: World, opened: Commendation) -> None:
    publication.end(opened, "没有单位提名", world.actor("coordinator"))
    with pytest.raises(Refusal, match="已经终止"):
        voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    assert now(opened).stage == CommendationStage.ENDED


def test_personal_data_goes_after_the_term_and_stands_in_no_trail(world: World, opened: Commendation) -> None:
    kept, gone = nominate(world, opened, name="受表彰者"), nominate(world, opened)
    consultations.ask(opened, "公安机关", TODAY, TODAY, world.actor("coordinator"))
    asked = Consultation.objects.get(nomination=gone)
    consultations.record_opinion(asked, "objects", TODAY, f"{CANARY}有处罚记录", world.actor("coordinator"))
    consultations.record_clear(opened, "公安机关", TODAY, world.actor("coordinator"))
    published(world, opened, kept)
    decided = VOTE_DAY + timedelta(days=8)
    objection = publication.record_objection(
        kept, CANARY, decided.date(), f"{CANARY}说", world.actor("coordinator", decided)
    )
    publication.handle_objection(objection, False, f"已答复{CANARY}", world.actor("coordinator", decided))
    publication.decide(opened, "1号", decided.date(), world.actor("coordinator", decided))
    trail = [*AuditEntry.objects.values_list("object", flat=True), *AuditEntry.objects.values_list("detail", flat=True)]
    trail += list(Notice.objects.values_list("text", flat=True))
    assert not [text for text in trail if CANARY in text or "受表彰者" in text]
    early = world.actor("coordinator", decided + timedelta(days=KEEP_DAYS - 1))
    with pytest.raises(Refusal, match="保留到"):
        purging.purge(opened, early)
    assert Nomination.objects.filter(name=CANARY).exists()
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    with time_machine.travel(decided + timedelta(days=KEEP_DAYS), tick=False):
        assert "已清除 2 份提名" in page(world, "coordinator", address("commendation_purge", opened), {})
    assert [(row.name, row.post, row.merits, row.reason) for row in opened.nominations.order_by("pk")] == [
        ("受表彰者", "", "", ""),
        ("", "", "", ""),
    ]
    assert set(Consultation.objects.values_list("answer", flat=True)) == {""}
    assert Objection.objects.values_list("raised_by", "text", "handling").get() == ("", "", "")
    assert AuditEntry.objects.filter(act="commendation.purge").count() == 1
    assert "（已清除）" in page(world, "coordinator", address("nomination", gone))


def test_the_coordinator_is_reminded_once_that_personal_data_may_go(world: World, opened: Commendation) -> None:
    nominate(world, opened)
    told = Notice.objects.filter(person=world.people["coordinator"], text__contains="保留期已满")
    for days, count in ((7 + KEEP_DAYS - 1, 0), (7 + KEEP_DAYS, 1), (7 + KEEP_DAYS + 1, 1)):
        purging.remind_due(Actor(None, NOW + timedelta(days=days)))
        assert told.count() == count, days
    purging.purge(opened, world.actor("coordinator", NOW + timedelta(days=7 + KEEP_DAYS)))
    told.delete()
    purging.remind_due(Actor(None, NOW + timedelta(days=300)))
    assert not told.exists()


def test_a_merged_units_open_nominations_go_with_it(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    merging.merge(
        world.units["城管局"], world.units["政府办"], world.units["城管局"].version, world.actor("coordinator")
    )
    assert Nomination.objects.get(pk=mine.pk).unit == world.units["政府办"]


def test_the_list_is_searched_and_narrowed_by_where_each_stands(world: World, opened: Commendation) -> None:
    stood = {
        "voting": {"voting_at": NOW},
        "voted": {"voting_at": NOW, "closed_at": NOW},
        "public": {"voting_at": NOW, "closed_at": NOW, "public_from": TODAY, "public_until": TERM},
    }
    for stage, filled in stood.items():
        made = commendations.open_commendation(world.campaign, call(world, name=stage), world.actor("coordinator"))
        Commendation.objects.filter(pk=made.pk).update(**filled)
    names = [opened.name, *stood]
    assert narrowed(world, "commendations", {}, names) == names
    for name, stage in zip(names, ("nominating", *stood), strict=True):
        assert [each.stage for each in Commendation.objects.all().in_stage(stage)] == [stage]  # type: ignore[arg-type]
        assert narrowed(world, "commendations", {"stage": stage}, names) == [name]
    assert narrowed(world, "commendations", {"q": opened.name}, names) == [opened.name]
    assert narrowed(world, "commendations", {"stage": "decided"}, names) == []


def test_pages_cost_the_same_for_one_nomination_and_for_many(world: World, opened: Commendation) -> None:
    mine = nominate(world, opened)
    consultations.ask(opened, "公安机关", TODAY, TODAY, world.actor("coordinator"))
    voting.open_vote(opened, world.actor("coordinator", VOTE_DAY))
    pages = [
        ("coordinator", "commendation"),
        ("liaison", "commendation"),
        ("coordinator", "consultations"),
        ("chief", "ballot"),
    ]
    for who, name in pages:
        page(world, who, address(name, opened))
    with time_machine.travel(VOTE_DAY, tick=False):
        one = [_queries(world, who, address(name, opened)) for who, name in pages]
        by = world.people["coordinator"]
        rows = Nomination.objects.bulk_create(
            Nomination(
                commendation=opened,
                serial=n,
                unit=[mine.unit, world.units["老街街道"]][n % 2],
                kind="person",
                name=f"人{n}",
                created_by=by,
                created_at=NOW,
            )
            for n in range(2, 200)
        )
        Consultation.objects.bulk_create(
            Consultation(nomination=row, organ="公安机关", asked_on=TODAY, answer_by=TODAY, asked_by=by) for row in rows
        )
        assert [_queries(world, who, address(name, opened)) for who, name in pages] == one


def _queries(world: World, who: str, where: str) -> int:
    client = world.client(who)
    return page_queries(client, where)
