"""Supervision orders (督办单): numbered, answered as tasks once or in every week or month, and closed."""

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.audit.actor import Actor
from creation.campaigns import task_generation
from creation.lib.refusals import Refusal, Stale
from creation.models import Action, Campaign, FindingSource, Notice, ReplyCycle, SupervisionOrder, Task
from creation.rules import periods
from creation.rules.deadlines import Workdays
from creation.supervision import findings, orders
from creation.supervision.findings import FindingText
from creation.supervision.orders import OrderText
from creation.tasks import workflow
from tests.support.world import NOW, TODAY, ZONE, World

DUE = date(2026, 8, 20)
MONDAY = date(2026, 8, 3)


def issue(world: World, *assists: str, at: datetime = NOW, **said: Any) -> SupervisionOrder:
    text = OrderText(
        **{"title": "限期补齐案卷", "lead": world.units["城管局"], "due_on": DUE} | said,
        assists=[world.units[name] for name in assists],
    )
    return orders.issue_order(world.campaign, text, world.actor("inspector", at))


def clock(day: date) -> Actor:
    return Actor(None, datetime.combine(day, datetime.min.time(), ZONE).replace(hour=9))


def test_each_unit_answers_by_a_task_and_is_told(world: World) -> None:
    order = issue(world, "老街街道", instruction="请抓紧。——张副区长")
    assert (order.number, order.action.code) == ("法督办〔2026〕第 001 号", "DB-001")
    rows = Task.objects.filter(action=order.action).for_table()
    assert {(task.unit.short_name, task.role, task.due_on) for task in rows} == {
        ("城管局", "lead", DUE),
        ("老街街道", "assist", DUE),
    }
    told = Notice.objects.get(person=world.people["liaison"])
    assert told.text == "督办单：DB-001 限期补齐案卷。请于 2026-08-20前报送办理情况。"


def test_a_number_is_not_used_again(world: World) -> None:
    orders.close_order(issue(world), "已补齐", world.actor("inspector"), 1)
    assert issue(world).serial == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": " "}, "一句话"),
        ({"due_on": None}, "请填写办结时限"),
        ({"due_on": date(2026, 7, 1)}, "已经过去"),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(world: World, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        issue(world, **change)
    assert not SupervisionOrder.objects.exists()
    assert not Action.objects.filter(code__startswith="DB").exists()
    assert issue(world).serial == 1


def test_units_of_elsewhere_and_the_lead_as_an_assist_are_refused(world: World) -> None:
    with pytest.raises(Refusal, match="不是本区单位"):
        issue(world, lead=world.elsewhere.host)
    with pytest.raises(Refusal, match="已是牵头单位"):
        issue(world, "城管局")


def test_a_weekly_order_asks_once_a_week_until_it_is_closed(world: World) -> None:
    order = issue(world, cycle=ReplyCycle.WEEKLY)  # on a Friday, which is the due day of that week
    assert orders.ask_for_period_replies(clock(TODAY)) == 0
    assert orders.ask_for_period_replies(clock(MONDAY)) == 1
    assert orders.ask_for_period_replies(clock(MONDAY)) == 0
    rows = list(Task.objects.filter(action=order.action).order_by("period"))
    assert [(task.period, task.due_on) for task in rows] == [
        ("2026W31", TODAY),
        ("2026W32", date(2026, 8, 7)),
    ]
    assert str(rows[1]) == "DB-001 限期补齐案卷（第 32 周）"
    assert Task.objects.overdue(date(2026, 8, 8)).filter(action=order.action).count() == 2
    assert orders.close_order(order, "已补齐", world.actor("inspector"), 1) == 2
    assert orders.ask_for_period_replies(clock(date(2026, 8, 10))) == 0
    ended = Task.objects.get(pk=rows[0].pk)
    assert (ended.dropped_on, ended.ended) == (TODAY, "督办单已办结：已补齐")
    assert Notice.objects.filter(text__startswith="督办单已办结，不用再报").count() == 2


def test_an_order_issued_after_the_due_day_of_its_week_begins_with_the_next(world: World) -> None:
    saturday = datetime(2026, 8, 1, 10, tzinfo=ZONE)
    order = issue(world, cycle=ReplyCycle.WEEKLY, at=saturday, due_on=None)
    assert orders.ask_for_period_replies(clock(date(2026, 8, 2))) == 0
    assert [task.period for task in Task.objects.filter(action=order.action)] == ["2026W32"]


@pytest.mark.parametrize(
    ("cycle", "day", "period", "due", "following"),
    [
        ("weekly", date(2026, 12, 31), "2026W53", date(2026, 12, 31), date(2027, 1, 4)),
        ("weekly", date(2026, 8, 2), "2026W31", date(2026, 7, 31), MONDAY),
        ("monthly", date(2026, 10, 9), "2026-10", date(2026, 10, 30), date(2026, 11, 1)),
        ("monthly", date(2026, 12, 1), "2026-12", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_periods_end_on_their_last_workday(cycle: str, day: date, period: str, due: date, following: date) -> None:
    new_year = Workdays(off=[date(2027, 1, 1)])
    assert periods.period_of(cycle, day) == period
    assert periods.due_in_period(cycle, day, new_year) == due
    assert periods.next_period_begins(cycle, day) == following


def test_a_week_without_workdays_keeps_its_friday() -> None:
    golden = Workdays(off=[date(2026, 10, n) for n in range(1, 10)])
    assert periods.due_in_period("weekly", date(2026, 10, 6), golden) == date(2026, 10, 9)


def test_distributing_again_leaves_orders_alone(world: World) -> None:
    issue(world, "老街街道", cycle=ReplyCycle.MONTHLY)
    closed = issue(world)
    orders.close_order(closed, "已补齐", world.actor("inspector"), 1)
    before = list(Task.objects.filter(action__code__startswith="DB").order_by("pk").values())
    task_generation.generate_tasks(world.campaign, world.actor("coordinator"))
    assert list(Task.objects.filter(action__code__startswith="DB").order_by("pk").values()) == before


def test_what_is_answered_stays_and_the_second_of_two_is_told(world: World) -> None:
    order = issue(world, "老街街道")
    task = Task.objects.for_table().get(action=order.action, unit=world.units["城管局"])
    said = {"mode": "statement", "statement": "已补齐 12 卷。"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison"), task.version, said)
    with pytest.raises(Stale, match="刚刚被他人更新"):
        orders.close_order(order, "已补齐", world.actor("inspector"), 7)
    with pytest.raises(Refusal, match="请写明办结情况"):
        orders.close_order(order, " ", world.actor("inspector"), 1)
    assert orders.close_order(order, "已补齐", world.actor("inspector"), 1) == 1
    with pytest.raises(Refusal, match="已于 2026-07-31 办结"):
        orders.close_order(order, "再办结", world.actor("coordinator"), 2)
    assert Task.objects.active().get(action=order.action).unit == world.units["城管局"]


def test_an_order_of_a_campaign_that_ended_stays_as_it_is(world: World) -> None:
    order = issue(world)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    with pytest.raises(Refusal, match="不能再办结督办单"):
        orders.close_order(order, "已补齐", world.actor("inspector"), 1)
    assert Task.objects.active().filter(action=order.action).exists()
    address = reverse("order_close", args=[world.campaign.pk, order.pk])
    told = world.client("inspector").post(address, {"note": "已补齐", "seen": 1}).content.decode()
    assert "不能再办结督办单" in told
    assert address in told  # where the sentence stands
    assert address not in world.client("inspector").get(order.get_absolute_url()).content.decode()


def test_a_unit_sees_its_own_orders_and_replies_only(world: World) -> None:
    mine, theirs = (
        issue(world, "老街街道", title="两个单位的事项"),
        issue(world, lead=world.units["老街街道"], title="别单位的事项"),
    )
    client = world.client("liaison")
    page = client.get(reverse("orders", args=[world.campaign.pk])).content.decode()
    assert "两个单位的事项" in page
    assert "别单位的事项" not in page
    assert client.get(theirs.get_absolute_url()).status_code == 404
    other = Task.objects.for_table().get(action=mine.action, unit=world.units["老街街道"])
    assert other.get_absolute_url() not in client.get(mine.get_absolute_url()).content.decode()
    said = {"mode": "statement", "statement": "已装订 40 卷"}
    workflow.perform(workflow.MOVES["submit"], other, world.actor("rival"), other.version, said)
    assert "已装订 40 卷" in world.client("inspector").get(mine.get_absolute_url()).content.decode()
    assert "已装订 40 卷" not in client.get(mine.get_absolute_url()).content.decode()


@time_machine.travel(NOW, tick=False)
def test_from_a_finding_it_begins_with_the_units_that_have_not_closed_it(world: World) -> None:
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    units = dict.fromkeys((world.units[name] for name in ("老街街道", "城管局", "司法局")), DUE)
    made = findings.record_finding(
        world.campaign, FindingText("案卷不全", source, demand="逐卷补齐"), units, world.actor("inspector")
    )
    address = reverse("order_new", args=[world.campaign.pk]) + f"?finding={made.pk}"
    Task.objects.filter(finding=made, unit=world.units["老街街道"]).update(status="approved", first_submitted_at=NOW)
    form = world.client("inspector").get(address).context["form"]
    ordered = sorted((world.units["城管局"], world.units["司法局"]), key=lambda unit: unit.order)
    assert form["lead"].value() == ordered[0].pk
    assert form["assists"].value() == [ordered[1].pk]
    assert form["text"].value() == "逐卷补齐"
    Task.objects.filter(finding=made).update(status="approved", first_submitted_at=NOW)
    assert world.client("inspector").get(address).context["form"]["lead"].value() == ""


@time_machine.travel(NOW, tick=False)
def test_it_is_issued_from_a_task_and_closed_on_the_pages(world: World) -> None:
    client, campaign, task = world.client("inspector"), world.campaign, world.task("lead")
    address = reverse("order_new", args=[campaign.pk]) + f"?task={task.pk}"
    assert address in client.get(task.get_absolute_url()).content.decode()
    assert address not in world.client("liaison").get(task.get_absolute_url()).content.decode()
    page = client.get(address).content.decode()
    assert "为此督办" in page
    sent = {"title": "限期补齐案卷", "cycle": "once", "lead": world.units["城管局"].pk}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "请填写办结时限" in refused.content.decode()
    page = client.post(address, sent | {"due_on": DUE.isoformat()}, follow=True).content.decode()
    assert "已下发 法督办〔2026〕第 001 号" in page
    order = SupervisionOrder.objects.get()
    assert order.task == task
    close = reverse("order_close", args=[campaign.pk, order.pk])
    assert "请写明办结情况" in client.post(close, {"seen": 1, "note": ""}).content.decode()
    assert client.post(close, {"seen": 5, "note": "已补齐"}).status_code == 409
    page = client.post(close, {"seen": 1, "note": "已补齐"}, follow=True).content.decode()
    assert "不再要求的答复 1 份" in page
    listed = client.get(reverse("orders", args=[campaign.pk]), {"state": "closed"}).content.decode()
    assert "2026-07-31 办结" in listed
    assert order.action.title not in client.get(reverse("actions", args=[campaign.pk])).content.decode()


@time_machine.travel(NOW, tick=False)
def test_the_office_template_makes_the_paper(world: World) -> None:
    order = issue(world)
    client = world.client("coordinator")
    assert "出督办单（Word）" in client.get(order.get_absolute_url()).content.decode()
    sent = {"unit": world.units["城管局"].pk, "due": DUE.isoformat(), "text": f"{order.number}：{order.action.title}"}
    answer = client.post(reverse("document", args=[world.campaign.pk, "supervision"]), sent)
    assert answer.status_code == 302


def test_the_list_costs_the_same_for_one_and_for_many(world: World, django_assert_num_queries: Any) -> None:
    client, address = world.client("inspector"), reverse("orders", args=[world.campaign.pk])
    issue(world)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for number in range(25):
        issue(world, "老街街道", title=f"事项{number}")
    with django_assert_num_queries(len(one)):
        page = client.get(address).content.decode()
    assert "事项24" in page
