"""Findings: recorded with a number that is never used again; each unit gets its own rectification."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import (
    AuditEntry,
    Campaign,
    Finding,
    FindingChange,
    FindingSource,
    Indicator,
    IndicatorSystem,
    Notice,
    Task,
    TaskEvent,
)
from creation.supervision import findings
from creation.supervision.findings import FindingText
from tests.support.world import NOW, TODAY, World

DUE = TODAY + timedelta(days=20)


@pytest.fixture
def source(world: World) -> FindingSource:
    return FindingSource.objects.create(district=world.district, name="集中督导", order=1)


def record(world: World, source: FindingSource, *units: str, **text: Any) -> Finding:
    days = {world.units[name]: DUE for name in units or ("城管局",)}
    written = FindingText(title=text.pop("title", "案卷没有评查记录"), source=source, **text)
    return findings.record_finding(world.campaign, written, days, world.actor("inspector"))


def test_each_unit_gets_a_rectification_with_its_own_due_day_and_a_notice(world: World, source: FindingSource) -> None:
    days = {world.units["城管局"]: DUE, world.units["老街街道"]: None}
    made = findings.record_finding(
        world.campaign, FindingText(title="公示不及时", source=source, is_common=True), days, world.actor("inspector")
    )
    assert made.code == "W001"
    assert made.number == "法督〔2026〕第 001 号"
    tasks = {task.unit.short_name: task for task in made.rectifications.for_table()}
    assert {name: task.due_on for name, task in tasks.items()} == {"城管局": DUE, "老街街道": None}
    assert tasks["城管局"].get_status_display() == "待整改"
    assert Notice.objects.filter(person=world.people["liaison"], text__contains="W001 公示不及时").count() == 1
    assert Notice.objects.filter(person=world.people["rival"], text__contains="整改时限待定").count() == 1


def test_a_number_is_not_used_again_after_a_withdrawal(world: World, source: FindingSource) -> None:
    first = record(world, source)
    assert findings.withdraw_finding(first, "登记重复", world.actor("inspector")) == 1
    assert record(world, source).code == "W002"
    ended = Task.objects.get(finding=first)
    assert ended.dropped_on == TODAY
    assert "登记重复" in ended.ended


def test_the_list_says_how_many_of_its_findings_the_figures_do_not_count(world: World, source: FindingSource) -> None:
    first, _ = record(world, source), record(world, source)
    address = reverse("findings", args=[world.campaign.pk])
    assert "共 <strong>2</strong> 个问题</p>" in world.client("inspector").get(address).content.decode()
    findings.withdraw_finding(first, "登记重复", world.actor("inspector"))
    page = world.client("inspector").get(address).content.decode()
    assert "共 <strong>2</strong> 个问题（其中 1 个已撤销）" in page
    figures = world.client("inspector").get(reverse("rectification_figures", args=[world.campaign.pk]))
    assert "1 个问题" in figures.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "一句话"),
        ({"found_on": TODAY + timedelta(days=1)}, "还没有到"),
    ],
)
def test_a_wrong_finding_is_refused_and_leaves_nothing(
    world: World, source: FindingSource, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        record(world, source, **change)
    assert not Finding.objects.exists()
    assert record(world, source).serial == 1


def test_units_days_sources_and_points_of_elsewhere_are_refused(world: World, source: FindingSource) -> None:
    actor, text = world.actor("inspector"), FindingText(title="x", source=source)
    stranger = world.elsewhere.host
    with pytest.raises(Refusal, match="不是本区单位"):
        findings.record_finding(world.campaign, text, {stranger: DUE}, actor)
    with pytest.raises(Refusal, match="已经过去"):
        findings.record_finding(world.campaign, text, {world.units["城管局"]: date(2026, 1, 1)}, actor)
    with pytest.raises(Refusal, match="至少选择一个"):
        findings.record_finding(world.campaign, text, {}, actor)
    other = FindingSource.objects.create(district=world.elsewhere.district, name="审计")
    with pytest.raises(Refusal, match="不是本区的"):
        findings.record_finding(
            world.campaign, FindingText(title="x", source=other), {world.units["城管局"]: DUE}, actor
        )
    assert not Finding.objects.exists()


def test_units_sources_and_points_of_elsewhere_are_not_added_later_either(world: World, source: FindingSource) -> None:
    made, actor = record(world, source), world.actor("inspector")
    with pytest.raises(Refusal, match="不是本区单位"):
        findings.add_units(made, {world.elsewhere.host: DUE}, actor)
    other = FindingSource.objects.create(district=world.elsewhere.district, name="审计")
    with pytest.raises(Refusal, match="不是本区的"):
        findings.edit_finding(made, FindingText(title="x", source=other), actor, seen=1)
    system = IndicatorSystem.objects.create(district=world.district, name="另一体系", edition="2024")
    section = Indicator.objects.create(system=system, code="一", key="x", title="x", level=1, order=1)
    elsewhere = FindingText(title="x", source=source, indicator=section)
    with pytest.raises(Refusal, match="指标体系"):
        findings.edit_finding(made, elsewhere, actor, seen=1)
    Finding.objects.filter(pk=made.pk).update(indicator=section)  # as an edition change leaves it
    former = Finding.objects.get(pk=made.pk)
    assert findings.edit_finding(former, elsewhere, actor, seen=1).title == "x"
    assert made.rectifications.count() == 1


def test_a_correction_keeps_the_former_wording_and_the_second_of_two_is_told(
    world: World, source: FindingSource
) -> None:
    made = record(world, source)
    text = FindingText(title="案卷评查记录不全", source=source)
    findings.edit_finding(made, text, world.actor("inspector"), seen=1)
    assert FindingChange.objects.get().old["title"] == "案卷没有评查记录"
    with pytest.raises(Stale, match="刚刚被他人修改"):
        findings.edit_finding(made, text, world.actor("coordinator"), seen=1)
    assert Notice.objects.filter(text__contains="问题表述有修改").count() == 1


def test_today_is_neither_ahead_nor_past(world: World, source: FindingSource) -> None:
    units, actor = world.units, world.actor("inspector")
    text = FindingText(title="x", source=source, found_on=TODAY)
    made = findings.record_finding(world.campaign, text, {units["城管局"]: TODAY}, actor)
    assert made.rectifications.get().due_on == TODAY
    with pytest.raises(Refusal, match="已经过去"):
        findings.add_units(made, {units["老街街道"]: TODAY - timedelta(days=1)}, actor)
    assert findings.add_units(made, {units["老街街道"]: TODAY}, actor) == [units["老街街道"]]
    first = world.campaign.phases.order_by("order").first()  # there is no phase of supervision
    assert {task.phase for task in made.rectifications.all()} == {first}


def test_each_act_stands_in_the_trail_and_in_the_history(world: World, source: FindingSource) -> None:
    made, actor = record(world, source), world.actor("inspector")
    findings.edit_finding(made, FindingText(title="记录不全", source=source, is_common=True), actor, seen=1)
    findings.add_units(made, {world.units["老街街道"]: DUE}, actor)
    reason = "重复" * 150
    assert findings.withdraw_finding(made, reason, actor) == 2
    now = Finding.objects.get(pk=made.pk)
    assert (now.withdrawn_on, now.withdraw_reason) == (TODAY, reason[:200])
    assert set(Task.objects.filter(finding=made).values_list("ended", flat=True)) == {f"问题已撤销：{reason}"[:200]}
    entries = AuditEntry.objects.filter(act__startswith="finding.").order_by("pk").values_list("act", "detail")
    assert [act for act, _ in entries] == ["finding.record", "finding.edit", "finding.add_units", "finding.withdraw"]
    assert [detail for _, detail in entries][:3] == ["城管局", "问题、共性问题", "老街街道"]
    events = TaskEvent.objects.filter(task__finding=made).order_by("pk").values_list("move", flat=True)
    assert list(events) == [*["finding.record"] * 2, *["finding.withdraw"] * 2]
    for who in ("liaison", "rival"):
        assert Notice.objects.filter(person=world.people[who], text__startswith="问题已撤销，不用再整改").exists(), who
    for act in (
        lambda: findings.add_units(made, {world.units["政府办"]: DUE}, actor),
        lambda: findings.edit_finding(made, FindingText(title="又改", source=source), actor, seen=3),
        lambda: findings.withdraw_finding(made, "再撤", actor),
    ):
        with pytest.raises(Refusal, match="已经撤销"):
            act()


def test_two_versions_are_compared_by_what_is_written(world: World, source: FindingSource) -> None:
    made = record(world, source, is_common=True, demand="限期补齐")
    assert findings.as_text(made).split("\n") == [
        *("问题：案卷没有评查记录", "问题来源：集中督导", "整改要求：限期补齐", "程度：一般", "共性问题：是")
    ]
    assert "共性" not in findings.as_text(record(world, source))


def test_findings_of_a_campaign_that_ended_stay_as_they_are(world: World, source: FindingSource) -> None:
    made, actor = record(world, source), world.actor("inspector")
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    for act in (
        lambda: record(world, source),
        lambda: findings.add_units(made, {world.units["老街街道"]: DUE}, actor),
        lambda: findings.edit_finding(made, FindingText(title="改", source=source), actor, seen=1),
        lambda: findings.withdraw_finding(made, "登记有误", actor),
    ):
        with pytest.raises(Refusal, match="不能登记督导问题"):
            act()
    assert list(Task.objects.rectifications().values_list("finding", "dropped_on")) == [(made.pk, None)]


def test_further_units_are_added_once(world: World, source: FindingSource) -> None:
    made, actor = record(world, source), world.actor("inspector")
    both = {world.units["城管局"]: DUE, world.units["老街街道"]: DUE}
    assert findings.add_units(made, both, actor) == [world.units["老街街道"]]
    with pytest.raises(Refusal, match="都已经有"):
        findings.add_units(made, both, actor)
    assert made.rectifications.count() == 2


def test_a_unit_sees_its_own_findings_only(world: World, source: FindingSource) -> None:
    mine, theirs = record(world, source, title="本单位的问题"), record(world, source, "老街街道", title="别单位的问题")
    client = world.client("liaison")
    for name in ("findings", "rectifications"):
        page = client.get(reverse(name, args=[world.campaign.pk])).content.decode()
        assert mine.title in page
        assert theirs.title not in page
    assert client.get(theirs.get_absolute_url()).status_code == 404
    page = client.get(mine.get_absolute_url()).content.decode()
    assert "城管局" in page
    assert client.get(reverse("find"), {"q": "别单位"}).content.decode().count("别单位的问题") == 0


@time_machine.travel(NOW, tick=False)
def test_it_is_recorded_corrected_and_withdrawn_on_the_pages(world: World, source: FindingSource) -> None:
    client, campaign = world.client("inspector"), world.campaign
    address = reverse("finding_new", args=[campaign.pk])
    sent = {"title": "执法公示不及时", "source": source.pk, "severity": "general", "due_on": DUE.isoformat()}
    assert "请至少选择一个整改单位" in client.post(address, sent).content.decode()
    late = client.post(address, sent | {"units": world.units["城管局"].pk, "due_on": "2026-01-01"})
    assert "已经过去" in late.content.decode()
    assert late.status_code == 422
    answer = client.post(address, sent | {"units": [world.units["城管局"].pk, world.units["老街街道"].pk]}, follow=True)
    page = answer.content.decode()
    assert "已登记 法督〔2026〕第 001 号，2 个单位会收到整改任务。" in page
    made = Finding.objects.get()
    edit = reverse("finding_edit", args=[campaign.pk, made.pk])
    changed = sent | {"title": "执法公示超过七日", "seen": 1}
    assert "执法公示超过七日" in client.post(edit, changed, follow=True).content.decode()
    assert client.post(edit, changed | {"title": "又改"}).status_code == 409
    client.post(edit, changed | {"severity": "grave", "basis": "公示办法", "seen": 2})
    history = client.get(made.get_absolute_url()).content.decode()
    for said in ("<strong>程度</strong> 一般 <span", "改为</span> 严重", "<strong>依据</strong> （空） <span"):
        assert said in history, "each field that was corrected is in the history"
    gone = client.post(
        reverse("finding_withdraw", args=[campaign.pk, made.pk]), {"reason": "与上级反馈重复"}, follow=True
    )
    assert "终止整改 2 项" in gone.content.decode()
    ended = Task.objects.filter(finding=made).first()
    assert ended is not None
    assert "问题已撤销" in client.get(reverse("ended_task", args=[campaign.pk, ended.pk])).content.decode()


@pytest.mark.parametrize("name", ["findings", "rectifications"])
def test_a_list_costs_the_same_for_one_and_for_many(
    world: World, source: FindingSource, django_assert_num_queries: Any, name: str
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, address = world.client("inspector"), reverse(name, args=[world.campaign.pk])
    record(world, source)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    for number in range(30):
        record(world, source, "城管局", "老街街道", title=f"问题{number}")
    with django_assert_num_queries(len(one)):
        page = client.get(address).content.decode()
    assert "问题29" in page or "W001" in page
