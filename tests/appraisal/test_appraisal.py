"""Mock assessment: set up, scored blind, closed, and what it came to compared with an independent count."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.appraisal import organizing, requests, results, score_sheet
from creation.appraisal.organizing import ExtraPoint, NewAppraisal
from creation.appraisal.results import UnitResult
from creation.lib.refusals import Refusal, Stale
from creation.models import (
    Appraisal,
    AppraisalPoint,
    AppraisalSeat,
    AuditEntry,
    Campaign,
    Evidence,
    Finding,
    FindingSource,
    Notice,
    Score,
    Task,
    User,
)
from creation.rules.scoring import Sum
from tests.support.lists import narrowed
from tests.support.world import NOW, TODAY, World

CANARY = Decimal("7.77")


def new(world: World, *assessors: str, **more: Any) -> NewAppraisal:
    people = {User.objects.get(pk=world.people[name].pk): [] for name in assessors or ("assessor", "reviewer")}
    values: dict[str, Any] = {
        "name": "9月模拟考核",
        "kind": "paper",
        "starts": TODAY,
        "ends": TODAY,
        "units": [world.units["城管局"], world.units["老街街道"]],
        "sections": ["1", "4"],
        "default_points": Decimal(10),
        "assessors": people,
    }
    return NewAppraisal(**values | more)


@pytest.fixture
def appraisal(world: World) -> Appraisal:
    return organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))


def score(world: World, appraisal: Appraisal, who: str, unit: str, code: str, value: Any, seen: int = 0) -> Score:
    seat = AppraisalSeat.objects.select_related("appraisal__campaign").get(
        appraisal=appraisal, person=world.people[who]
    )
    point = AppraisalPoint.objects.select_related("indicator__parent__parent").get(
        appraisal=appraisal, indicator__code=code
    )
    return score_sheet.save_score(seat, point, world.units[unit], Decimal(str(value)), "", world.actor(who), seen=seen)


def test_a_unit_is_scored_where_it_has_a_task(world: World, appraisal: Appraisal) -> None:
    seat = AppraisalSeat.objects.get(appraisal=appraisal, person=world.people["assessor"])
    found = {each.unit.short_name: each.total for each in score_sheet.progress_of(seat)}
    assert found == {"老街街道": 2, "城管局": 1}
    assert Notice.objects.filter(person=world.people["assessor"], text__contains="请参加模拟考核评分").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "请填写名称"),
        ({"units": []}, "受评单位"),
        ({"sections": []}, "一级指标"),
        ({"assessors": {}}, "评分人"),
    ],
)
def test_what_is_missing_is_refused(world: World, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        organizing.create_appraisal(world.campaign, new(world, **change), world.actor("coordinator"))
    assert not Appraisal.objects.exists()
    assert organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator")).pk


def test_a_score_is_the_assessors_own_and_within_the_points(world: World, appraisal: Appraisal) -> None:
    score(world, appraisal, "assessor", "城管局", "4-3-3", "8.5")
    with pytest.raises(Refusal, match="最高 10 分"):
        score(world, appraisal, "reviewer", "城管局", "4-3-3", 11)
    with pytest.raises(Refusal, match="不由您评分"):
        score(world, appraisal, "reviewer", "城管局", "1-1-1", 5)
    with pytest.raises(Stale, match="另一窗口"):
        score(world, appraisal, "assessor", "城管局", "4-3-3", 9)
    assert score(world, appraisal, "assessor", "城管局", "4-3-3", 9, seen=1).value == 9
    assert score(world, appraisal, "assessor", "城管局", "4-3-3", 9).version == 2  # the same, sent again
    AppraisalSeat.objects.filter(person=world.people["reviewer"]).update(sections=["1"])
    with pytest.raises(Refusal, match="不由您评分"):  # another assessor's section
        score(world, appraisal, "reviewer", "城管局", "4-3-3", 5)
    assert score(world, appraisal, "reviewer", "老街街道", "1-1-1", 5).value == 5


def test_nothing_is_scored_after_the_close(world: World, appraisal: Appraisal) -> None:
    organizing.close_appraisal(appraisal, world.actor("coordinator"))
    with pytest.raises(Refusal, match="已经结束"):
        score(world, appraisal, "assessor", "城管局", "4-3-3", 5)
    with pytest.raises(Refusal, match="已经结束"):
        organizing.close_appraisal(appraisal, world.actor("coordinator"))


@time_machine.travel(NOW, tick=False)
def test_until_the_close_nobody_finds_a_score_of_another(world_at_work: World) -> None:
    world = world_at_work
    appraisal = organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    score(world, appraisal, "assessor", "城管局", "4-3-3", CANARY)
    sheet = reverse("score_unit", args=[world.campaign.pk, appraisal.pk, world.units["城管局"].pk])
    pages = [appraisal.get_absolute_url(), reverse("appraisals", args=[world.campaign.pk]), reverse("notices")]
    pages += [reverse("find") + "?q=模拟", reverse("todo"), sheet]
    pages += [reverse(name, args=[world.campaign.pk]) for name in ("progress", "board", "reports")]
    pages += [
        reverse("unit_year", args=[world.campaign.pk, world.units["城管局"].pk]),
        world.tasks["lead"].get_absolute_url(),
    ]
    export = reverse("appraisal_export", args=[world.campaign.pk, appraisal.pk])
    for who in ("reviewer", "coordinator", "inspector", "chief", "liaison"):
        for page in pages:
            assert "7.77" not in world.client(who).get(page).content.decode(), (who, page)
        assert not Notice.objects.filter(person=world.people[who], text__contains="7.77").exists()
        assert world.client(who).get(reverse("find"), {"q": "7.77"}).context["groups"] == []
        assert world.client(who).post(export).status_code == 404, who
    assert "7.77" in world.client("assessor").get(sheet).content.decode()
    assert not Score.objects.visible_to(world.people["coordinator"]).exists()
    organizing.close_appraisal(appraisal, world.actor("coordinator"))
    assert "7.77" in world.client("chief").get(appraisal.get_absolute_url()).content.decode()


def test_the_results_are_those_of_an_independent_count(world: World) -> None:
    """Random scores of three assessors, with bonus, deduction and a veto, added up by plain loops over the rows."""
    extras = [
        ExtraPoint("创新做法", "bonus", Decimal(5)),
        ExtraPoint("弄虚作假", "deduction", Decimal(4)),
        ExtraPoint("重大违法行政", "veto", Decimal(0)),
    ]
    plan = new(world, "assessor", "reviewer", "inspector", extras=extras, everyone=True)
    appraisal = organizing.create_appraisal(world.campaign, plan, world.actor("coordinator"))
    rng, points = Random(7), list(appraisal.points.all())
    for seat in appraisal.seats.all():
        for unit in appraisal.units.all():
            for point in points:
                if point.effect != "veto":
                    value = Decimal(rng.randint(0, int(point.points) * 100)) / 100
                    Score.objects.create(seat=seat, point=point, unit=unit, value=value, scored_at=NOW)
    street = world.units["老街街道"]
    veto = Score(seat=appraisal.seats.first(), point=points[-1], unit=street, vetoed=True, scored_at=NOW)
    veto.save()
    found = {each.unit.pk: each.whole for each in results.results_of(appraisal).units}
    for unit in appraisal.units.all():
        total = Decimal(0)
        for point in points:
            values = [row.value for row in Score.objects.filter(point=point, unit=unit) if row.value is not None]
            mean = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
            total += {"normal": mean, "bonus": mean, "deduction": -mean, "veto": Decimal(0)}[point.effect]
        assert found[unit.pk].score == (0 if unit == street else total)
        assert found[unit.pk].full == 20


def test_the_results_add_up_by_section_assessor_and_point(world: World) -> None:
    extras = [ExtraPoint("创新做法", "bonus", Decimal(5)), ExtraPoint("弄虚作假", "deduction", Decimal(4))]
    made = organizing.create_appraisal(
        world.campaign, new(world, extras=extras, everyone=True), world.actor("coordinator")
    )
    office, street = world.units["城管局"], world.units["老街街道"]
    points = {each.indicator.code if each.indicator else each.title: each for each in made.points.all()}
    for who, unit, point, value in (
        ("assessor", office, "4-3-3", 6),
        ("reviewer", office, "4-3-3", 6),
        ("assessor", office, "1-1-1", 10),
        ("assessor", street, "4-3-3", 5),
        ("assessor", street, "1-1-1", None),
        ("assessor", office, "创新做法", 5),
        ("assessor", street, "弄虚作假", 3),
    ):
        seat = made.seats.get(person=world.people[who])
        Score.objects.create(seat=seat, point=points[point], unit=unit, value=value, scored_at=NOW)
    found = results.results_of(made)
    assert [code for code, _ in found.sections] == ["1", "4", ""]
    rows = {row.unit: row for row in found.units}
    assert (rows[office].whole.score, rows[street].whole.score, found.whole.score) == (21, 2, 23)
    assert (rows[office].whole.full, found.whole.full) == (20, 40)
    assert [(part.reached, part.full) for part in rows[office].sections if part] == [(10, 10), (6, 10), (5, 0)]
    assert [(part.reached, part.full) for part in rows[street].sections if part] == [(0, 10), (5, 10), (-3, 0)]
    assert [(part.reached, part.full) for part in found.section_sums] == [(10, 20), (11, 20), (2, 0)]
    assert [label for label, _ in found.rows[0][1]][2] == "其他评分项"
    assert {name: rest for name, *rest in found.assessors} == {
        world.people["assessor"].name: [3, 70],
        world.people["reviewer"].name: [1, 60],
    }
    assert [
        (str(each.point.indicator.code), each.rate, each.units) for each in found.weakest if each.point.indicator
    ] == [
        ("4-3-3", 55, [street]),  # 60 % is not below 60 %
        ("1-1-1", 100, []),
    ]
    assert found.disagreements == []
    lines = {(line.unit, line.point): line for line in results.lines_of(made)}
    assert len(lines) == 8
    given = lines[office, points["4-3-3"]]
    assert ([each and each.value for each in given.scores], given.mean) == ([6, 6], 6)
    assert lines[street, points["1-1-1"]].mean is None
    assert results.AppraisalResults().whole == Sum(Decimal(0), Decimal(0))


def test_a_unit_has_a_line_only_where_it_is_scored(world: World, appraisal: Appraisal) -> None:
    lines = [
        (line.unit.short_name, str(line.point.indicator.code))
        for line in results.lines_of(appraisal)
        if line.point.indicator
    ]
    assert sorted(lines) == [("城管局", "4-3-3"), ("老街街道", "1-1-1"), ("老街街道", "4-3-3")]


def test_the_change_is_against_the_one_that_was_closed_before(world: World, appraisal: Appraisal) -> None:
    def before(of: Appraisal) -> list[Any]:
        return [row.before for row in results.results_of(Appraisal.objects.get(pk=of.pk)).units]

    score(world, appraisal, "assessor", "城管局", "4-3-3", 5)
    later = organizing.create_appraisal(world.campaign, new(world, name="10月"), world.actor("coordinator"))
    for each in (appraisal, later):
        organizing.close_appraisal(each, world.actor("coordinator"))
    assert before(appraisal) == before(later) == [None, None]  # neither was before the other
    Appraisal.objects.filter(pk=later.pk).update(closed_at=NOW + timedelta(days=1))
    assert before(appraisal) == [None, None]
    assert sorted(before(later)) == [0, 50]
    nothing = Sum(Decimal(0), Decimal(0))
    for whole, former in ((nothing, Decimal(5)), (Sum(Decimal(1), Decimal(2)), None), (nothing, None)):
        assert UnitResult(world.units["城管局"], whole, [], former).change is None


def test_disagreement_weak_points_and_the_change_are_shown(world: World, appraisal: Appraisal) -> None:
    score(world, appraisal, "assessor", "城管局", "4-3-3", 9)
    score(world, appraisal, "reviewer", "城管局", "4-3-3", 3)
    score(world, appraisal, "assessor", "老街街道", "1-1-1", 2)
    score(world, appraisal, "assessor", "老街街道", "4-3-3", 10)
    score(world, appraisal, "reviewer", "老街街道", "4-3-3", 0)
    organizing.close_appraisal(appraisal, world.actor("coordinator"))
    first = results.results_of(Appraisal.objects.get(pk=appraisal.pk))
    assert [(each.unit.short_name, str(each.point)) for each in first.disagreements] == [
        ("老街街道", "4-3-3 每年组织案卷评查"),  # the widest first
        ("城管局", "4-3-3 每年组织案卷评查"),
    ]
    assert str(first.weakest[0].point) == "1-1-1 行政审批事项清单公布"
    second = organizing.create_appraisal(world.campaign, new(world, name="10月"), world.actor("coordinator"))
    score(world, second, "assessor", "城管局", "4-3-3", 8)
    again = {each.unit.short_name: each for each in results.results_of(second).units}
    assert again["城管局"].before == 60
    assert again["城管局"].change == 20


@time_machine.travel(NOW, tick=False)
def test_weak_points_become_findings_once_for_the_units_below(world_at_work: World) -> None:
    world, client = world_at_work, world_at_work.client("coordinator")
    made = organizing.create_appraisal(world.campaign, new(world, "assessor"), world.actor("coordinator"))
    score(world, made, "assessor", "城管局", "4-3-3", 3)
    score(world, made, "assessor", "老街街道", "4-3-3", 9)
    point, address = (
        made.points.get(indicator__code="4-3-3"),
        reverse("appraisal_findings", args=[world.campaign.pk, made.pk]),
    )
    sent = {"points": [point.pk], "due_on": (TODAY + timedelta(days=30)).isoformat()}
    assert "评分还没有结束" in client.post(address, sent, follow=True).content.decode()
    organizing.close_appraisal(Appraisal.objects.get(), world.actor("coordinator"))
    assert f'value="{point.pk}"' in client.get(made.get_absolute_url()).content.decode()
    assert "请至少勾选一个" in client.post(address, sent | {"points": []}, follow=True).content.decode()
    assert "请选择整改时限" in client.post(address, sent | {"due_on": ""}, follow=True).content.decode()
    assert "还没有问题来源" in client.post(address, sent, follow=True).content.decode()
    assert not Finding.objects.exists()
    FindingSource.objects.create(district=world.district, name="自查")
    assert "已登记 1 个督导问题" in client.post(address, sent, follow=True).content.decode()
    finding = Finding.objects.get()
    assert finding.indicator == point.indicator
    assert [task.unit.short_name for task in finding.rectifications.all()] == ["城管局"]
    assert "都已登记为督导问题" in client.post(address, sent, follow=True).content.decode()
    assert Finding.objects.get() == finding


@time_machine.travel(NOW, tick=False)
def test_a_request_is_answered_by_the_unit_and_lands_beside_the_point(world_at_work: World) -> None:
    world = world_at_work
    appraisal = organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    unit, point = world.units["城管局"], appraisal.points.get(indicator__code="4-3-3")
    address = reverse("appraisal_ask", args=[world.campaign.pk, appraisal.pk, unit.pk, point.pk])
    client = world.client("assessor")
    assert "马上收到通知" in client.post(address, {"text": "请补评查通报原件"}, follow=True).content.decode()
    notice = Notice.objects.get(person=world.people["liaison"], subject__startswith="appraisal_request/")
    asked = reverse("appraisal_request", args=[world.campaign.pk, int(notice.subject.split("/")[1])])
    liaison = world.client("liaison")
    assert f'href="{asked}"' in liaison.get("/").content.decode()
    assert "考核补充要求" not in world.client("rival").get("/").content.decode()
    assert f'{world.tasks["lead"].get_absolute_url()}">打开这项任务' in liaison.get(asked).content.decode()
    assert "请填写答复" in liaison.post(asked, {"answer": ""}).content.decode()
    assert "已答复" in liaison.post(asked, {"answer": "见 4-3-3-02"}, follow=True).content.decode()
    assert "考核补充要求" not in liaison.get("/").content.decode()
    sheet = reverse("score_unit", args=[world.campaign.pk, appraisal.pk, unit.pk])
    assert "见 4-3-3-02" in client.get(sheet).content.decode()
    assert world.client("rival").get(asked).status_code == 404
    with pytest.raises(Refusal, match="不能重复"):
        requests.answer(point.requests.get(), "再答", world.actor("liaison"))


@time_machine.travel(NOW, tick=False)
def test_a_campaign_that_ended_asks_nobody_and_ends_no_scoring(world_at_work: World) -> None:
    world = world_at_work
    appraisal = organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    seat, unit = appraisal.seats.get(person=world.people["assessor"]), world.units["城管局"]
    point, assessor = appraisal.points.get(indicator__code="4-3-3"), world.actor("assessor")
    asked = requests.ask(seat, point, unit, "请补评查通报原件", assessor)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    for change in (
        lambda: requests.ask(seat, point, unit, "再补", assessor),
        lambda: requests.answer(asked, "见 4-3-3-02", world.actor("liaison")),
        lambda: organizing.close_appraisal(appraisal, world.actor("coordinator")),
    ):
        with pytest.raises(Refusal, match="已结束"):
            change()
    assert "考核补充要求" not in world.client("liaison").get("/").content.decode()


@time_machine.travel(NOW, tick=False)
def test_it_is_set_up_scored_and_closed_on_the_pages(world_at_work: World) -> None:
    world = world_at_work
    units = [world.units[name].pk for name in ("城管局", "老街街道")]
    sent = {
        "name": "9月模拟考核",
        "kind": "on_site",
        "starts": TODAY.isoformat(),
        "ends": TODAY.isoformat(),
        "default_points": "10",
        "sections": ["4"],
        "assessors": [world.people["assessor"].pk],
        "units": units,
        "extra_title_0": "创新做法",
        "extra_effect_0": "bonus",
        "extra_points_0": "5",
    }
    address = reverse("appraisal_new", args=[world.campaign.pk])
    for points in ("", "0"):
        refused = world.client("coordinator").post(address, sent | {"extra_points_0": points})
        assert refused.status_code == 422
        assert "评分项“创新做法”没有分值" in refused.content.decode()
    page = world.client("coordinator").post(address, sent, follow=True).content.decode()
    assert "已建立“9月模拟考核”" in page
    made = Appraisal.objects.get()
    assert [point.title for point in made.points.all()] == ["每年组织案卷评查", "创新做法"]
    point, client = made.points.first(), world.client("assessor")
    assert point is not None
    shown = world.cite("lead", "评查通报")
    hidden = world.cite("lead", "暗号通报")
    Evidence.objects.filter(pk=hidden.evidence_id).update(hidden_at=NOW, hide_reason="误传")
    sheet = client.get(reverse("score_unit", args=[world.campaign.pk, made.pk, units[0]])).content.decode()
    exhibit = reverse("exhibit", args=[world.campaign.pk, world.tasks["lead"].pk, shown.pk])
    assert f'href="{exhibit}"' in sheet
    assert client.get(exhibit).status_code == 200
    assert "暗号" not in sheet
    save = reverse("score_save", args=[world.campaign.pk, made.pk, units[0], point.pk])
    answer = client.post(save, {"value": "8", "remark": "资料齐", "seen": 0}, headers={"HX-Request": "true"})
    assert "已保存" in answer.content.decode()
    wrong = client.post(save, {"value": "80", "remark": "", "seen": 1}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "最高 10 分" in wrong.content.decode()) == (422, True)
    assert Score.objects.get().value == 8
    closed = world.client("coordinator").post(
        reverse("appraisal_close", args=[world.campaign.pk, made.pk]), follow=True
    )
    assert "80%" in closed.content.decode()


def test_the_sheet_costs_the_same_for_one_point_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made = organizing.create_appraisal(
        world.campaign, new(world, "assessor", sections=["4"], everyone=True), world.actor("coordinator")
    )
    client = world.client("assessor")
    address = reverse("score_unit", args=[world.campaign.pk, made.pk, world.units["城管局"].pk])
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    AppraisalPoint.objects.bulk_create(
        AppraisalPoint(appraisal=made, title=f"评分项{n}", points=5, order=n + 2) for n in range(40)
    )
    with django_assert_num_queries(len(one)):
        assert "评分项39" in client.get(address).content.decode()


def outcome(appraisal: Appraisal) -> list[tuple[Any, ...]]:
    now = Appraisal.objects.get(pk=appraisal.pk)
    found = results.results_of(now)
    units = [(row.unit.short_name, row.whole, row.sections) for row in found.units]
    weak = [(str(each.point), each.rate, each.units) for each in found.weakest]
    lines = [(line.unit.short_name, str(line.point), line.mean) for line in results.lines_of(now)]
    return [found.whole, units, weak, lines, found.assessors]


def test_what_was_closed_stays_when_units_merge_and_tasks_come_and_go(world: World, appraisal: Appraisal) -> None:
    score(world, appraisal, "assessor", "城管局", "4-3-3", 8)
    score(world, appraisal, "assessor", "老街街道", "1-1-1", 5)  # 4-3-3 of 老街街道 is left open: not reached
    organizing.close_appraisal(appraisal, world.actor("coordinator"))
    before = outcome(appraisal)
    assert before[0] == Sum(Decimal(13), Decimal(30))
    Task.objects.filter(pk=world.tasks["assist"].pk).update(dropped_on=TODAY)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(unit=world.units["司法局"])
    Task.objects.create(
        campaign=world.campaign,
        unit=world.units["城管局"],
        indicator=world.indicators["1-1-1"],
        phase=world.phases["evidence"],
    )
    assert outcome(appraisal) == before


@time_machine.travel(NOW, tick=False)
def test_the_list_is_searched_and_narrowed(world_at_work: World) -> None:
    world = world_at_work
    organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    other = new(
        world, name="实地验收", kind="on_site", note="普法", starts=TODAY + timedelta(1), ends=TODAY + timedelta(2)
    )
    closed = organizing.create_appraisal(world.campaign, other, world.actor("coordinator"))
    names = lambda said: narrowed(world, "appraisals", said, ["9月模拟考核", "实地验收"])  # noqa: E731
    assert names({}) == ["9月模拟考核", "实地验收"]
    assert names({"q": "普法"}) == names({"kind": "on_site"}) == ["实地验收"]
    assert "未开始" in world.client("coordinator").get(reverse("appraisals", args=[world.campaign.pk])).content.decode()
    organizing.close_appraisal(closed, world.actor("coordinator"))
    assert names({"state": "closed"}) == ["实地验收"]
    assert names({"state": "open"}) == ["9月模拟考核"]
    assert names({"q": "没有的"}) == []


@time_machine.travel(NOW, tick=False)
def test_the_time_and_the_assessors_are_changed_until_the_close_and_no_score_is_lost(world_at_work: World) -> None:
    """An assessor falls ill, a week is added: without this the office would set up the whole assessment again."""
    world = world_at_work
    appraisal = organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    score(world, appraisal, "assessor", "城管局", "4-3-3", 8)
    form, office = reverse("appraisal_edit", args=[world.campaign.pk, appraisal.pk]), world.client("coordinator")
    people = {name: world.people[name].pk for name in ("assessor", "reviewer", "inspector")}
    later = TODAY + timedelta(days=7)
    said = {"name": "9月考核", "ends": later.isoformat(), "note": "延长一周", "seen": appraisal.version}

    def send(*names: str, **more: Any) -> str:
        sent = said | {"assessors": [people[name] for name in names]} | more
        return str(office.post(form, sent, follow=True).content.decode())

    assert "不能移出评分人" in send("reviewer", "inspector")
    assert "结束日期不能早于开始日期" in send("assessor", ends=(TODAY - timedelta(days=1)).isoformat())
    assert [seat.person.username for seat in appraisal.seats.all()] == ["assessor", "reviewer"]
    assert "已保存" in send("assessor", "inspector")
    now = Appraisal.objects.get()
    assert (now.name, now.ends, now.note) == ("9月考核", later, "延长一周")
    assert [seat.person.username for seat in now.seats.all()] == ["assessor", "inspector"]
    assert Notice.objects.filter(
        person=world.people["inspector"], text__contains="请参加模拟考核评分：9月考核"
    ).exists()
    assert "刚刚被他人修改" in send("assessor", "inspector")
    assert score(world, now, "inspector", "城管局", "4-3-3", 6).value == 6
    organizing.close_appraisal(now, world.actor("coordinator"))
    assert "已经结束" in send("assessor", "inspector", seen=Appraisal.objects.get().version)
    assert Score.objects.filter(value__isnull=False).count() == 2


@time_machine.travel(NOW, tick=False)
def test_one_that_was_set_up_wrongly_is_withdrawn_before_anybody_has_scored(world_at_work: World) -> None:
    """Closed without a score it would stand beside every unit as 0 and be what the next one is compared with."""
    world = world_at_work
    wrong = organizing.create_appraisal(world.campaign, new(world), world.actor("coordinator"))
    right = organizing.create_appraisal(world.campaign, new(world, name="10月"), world.actor("coordinator"))
    score(world, right, "assessor", "城管局", "4-3-3", 8)
    for each, sentence in ((wrong, "已撤销“9月模拟考核”"), (right, "不能撤销")):
        answer = world.client("coordinator").post(
            reverse("appraisal_withdraw", args=[world.campaign.pk, each.pk]), follow=True
        )
        assert sentence in answer.content.decode()
    assert list(Appraisal.objects.all()) == [right]
    told = Notice.objects.filter(person=world.people["assessor"], text__contains="已撤销，不用评分")
    assert world.client("assessor").get(reverse("notice", args=[told.get().pk]), follow=True).status_code == 200
    assert AuditEntry.objects.get(act="appraisal.withdraw").detail == "9月模拟考核"
