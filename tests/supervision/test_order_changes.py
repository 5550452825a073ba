"""A supervision order is changed while it is open: what it said stays readable, the replies follow, missed ones stay missed."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, Stale
from creation.models import AuditEntry, Notice, ReplyCycle, SupervisionOrder, Task
from creation.supervision import order_changes, orders
from creation.supervision.orders import OrderText
from creation.tasks import workflow
from tests.supervision.test_orders import DUE, MONDAY, clock, issue
from tests.support.world import NOW, TODAY, World

LATER = date(2026, 9, 10)
TUESDAY = MONDAY + timedelta(days=8)  # of the next week


def change(world: World, order: SupervisionOrder, at: Actor | None = None, **said: Any) -> SupervisionOrder:
    now = SupervisionOrder.objects.for_table().get(pk=order.pk)
    before = order_changes.text_of(now)
    values = {name: getattr(before, name) for name in order_changes.LABELS} | said
    return order_changes.edit_order(now, OrderText(**values), at or world.actor("inspector"), now.version)


def replies(order: SupervisionOrder) -> dict[tuple[str, str], tuple[date | None, str, bool]]:
    """Return unit and period → due day, part, and whether the reply is still asked for."""
    rows = Task.objects.filter(action=order.action).select_related("unit")
    return {(row.unit.short_name, row.period): (row.due_on, row.role, row.dropped_on is None) for row in rows}


def counted(order: SupervisionOrder, day: date) -> tuple[int, int, int]:
    row: Any = SupervisionOrder.objects.with_counts(day).get(pk=order.pk)
    return row.answered, row.replies, row.missed


def test_the_matter_and_the_day_change_and_the_units_are_told(world: World) -> None:
    order = issue(world, "老街街道", instruction="请抓紧。")
    changed = change(world, order, title="限期补齐全部案卷", instruction="月底前办完。——张副区长", due_on=LATER)
    assert (changed.action.title, changed.action.due_on, changed.version) == ("限期补齐全部案卷", LATER, 2)
    assert {row[0] for row in replies(order).values()} == {LATER}
    kept = order.changes.get()
    assert kept.differences == [
        ("督办事项", "限期补齐案卷", "限期补齐全部案卷"),
        ("领导批示", "请抓紧。", "月底前办完。——张副区长"),
        ("办结时限", str(DUE), str(LATER)),
    ]
    told = Notice.objects.get(person=world.people["liaison"], text__startswith="督办单有修改")
    assert told.text.startswith("督办单有修改（督办事项、领导批示、办结时限）：DB-001 限期补齐全部案卷")
    assert AuditEntry.objects.get(act="order.edit").detail == "督办事项、领导批示、办结时限"
    change(world, order)
    assert order.changes.count() == 1  # nothing was changed


def test_a_unit_that_leaves_owes_nothing_and_one_that_comes_is_asked(world: World) -> None:
    order, law = issue(world, "老街街道"), world.units["司法局"]
    change(world, order, lead=law, assists=[world.units["城管局"]])
    assert replies(order) == {
        ("城管局", ""): (DUE, "assist", True),
        ("老街街道", ""): (DUE, "assist", False),
        ("司法局", ""): (DUE, "lead", True),
    }
    assert Task.objects.get(action=order.action, unit=world.units["老街街道"]).ended == "督办单有修改：本单位不再承办"
    assert Notice.objects.filter(person=world.people["rival"], text__contains="不用再报").count() == 1
    change(world, order, assists=[world.units["老街街道"]], due_on=LATER)
    assert replies(order)["老街街道", ""] == (LATER, "assist", True)  # asked again, under the same task


def test_another_cycle_asks_anew_and_what_was_missed_stays_and_can_be_answered_late(world: World) -> None:
    order = issue(world, cycle=ReplyCycle.WEEKLY)  # due on the same day, a Friday
    orders.ask_for_period_replies(clock(MONDAY))
    change(world, order, Actor(world.people["inspector"], clock(MONDAY).at), cycle=ReplyCycle.MONTHLY)
    assert replies(order) == {
        ("城管局", "2026W31"): (TODAY, "lead", True),
        ("城管局", "2026W32"): (date(2026, 8, 7), "lead", False),
        ("城管局", "2026-08"): (date(2026, 8, 31), "lead", True),
    }
    assert orders.ask_for_period_replies(clock(TUESDAY)) == 0
    assert counted(order, TUESDAY) == (0, 2, 1)
    task = Task.objects.for_table().get(action=order.action, period="2026W31")
    said = {"mode": "statement", "statement": "补报。"}
    workflow.perform(workflow.MOVES["submit"], task, world.actor("liaison", clock(TUESDAY).at), task.version, said)
    assert counted(order, TUESDAY) == (1, 2, 0)


def test_a_cycle_that_begins_after_its_friday_begins_with_the_next_week(world: World) -> None:
    order = issue(world)
    saturday = TODAY + timedelta(days=1)
    change(world, order, Actor(world.people["inspector"], clock(saturday).at), cycle=ReplyCycle.WEEKLY, due_on=None)
    assert orders.ask_for_period_replies(clock(saturday + timedelta(days=1))) == 0
    assert {period for (_, period), row in replies(order).items() if row[2]} == {"2026W32"}


def test_what_was_missed_is_counted_and_shown_after_the_order_is_closed(world: World) -> None:
    order = issue(world, cycle=ReplyCycle.WEEKLY)
    orders.ask_for_period_replies(clock(MONDAY))
    closer = Actor(world.people["inspector"], clock(MONDAY).at)
    orders.close_order(order, "已补齐", closer, 1)
    assert counted(order, TUESDAY) == (0, 1, 1)  # the reply of the week in which it was closed was not missed
    with time_machine.travel(clock(TUESDAY).at, tick=False):
        client = world.client("coordinator")
        page = client.get(order.get_absolute_url()).content.decode()
        listed = client.get(reverse("orders", args=[world.campaign.pk]), {"state": "missed"}).content.decode()
    assert "第 31 周" in page
    assert "第 32 周" not in page
    assert "未回复" in page
    assert "可以补报" not in page
    assert order.action.title in listed


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": " "}, "一句话"),
        ({"due_on": None}, "请填写办结时限"),
        ({"due_on": date(2026, 7, 1)}, "已经过去"),
    ],
)
def test_a_wrong_change_is_refused_and_leaves_nothing(world: World, said: dict[str, Any], sentence: str) -> None:
    order = issue(world)
    with pytest.raises(Refusal, match=sentence):
        change(world, order, **said)
    assert not order.changes.exists()
    late = Actor(world.people["inspector"], clock(LATER).at)
    assert change(world, order, late, title="限期补齐").action.due_on == DUE  # the former day has passed and may stay


def test_a_closed_order_is_not_changed_and_the_second_of_two_is_told(world: World) -> None:
    order = issue(world)
    with pytest.raises(Stale) as stale:
        order_changes.edit_order(order, order_changes.text_of(order), world.actor("inspector"), 7)
    assert "督办事项：限期补齐案卷" in str(stale.value.theirs)
    orders.close_order(order, "已补齐", world.actor("inspector"), 1)
    with pytest.raises(Refusal, match="已于 2026-07-31 办结，不能修改"):
        change(world, order, title="别的事")


@time_machine.travel(NOW, tick=False)
def test_it_is_changed_on_the_page_and_both_texts_are_shown_to_the_second(world: World) -> None:
    order = issue(world, "老街街道", text="逐卷补齐。\n月底前报。")
    client, address = world.client("inspector"), reverse("order_edit", args=[world.campaign.pk, order.pk])
    assert address in client.get(order.get_absolute_url()).content.decode()
    assert address not in world.client("liaison").get(order.get_absolute_url()).content.decode()
    assert client.get(address).status_code == 200
    lead, assist = world.units["城管局"].pk, world.units["老街街道"].pk
    sent = {
        "title": "限期补齐全部案卷",
        "text": "逐卷补齐。\r\n月底前报。",
        "cycle": "once",
        "due_on": str(DUE),
        "seen": 1,
    }
    sent |= {"lead": lead, "assists": [assist]}
    assert "一句话" in client.post(address, sent | {"title": ""}).content.decode()
    page = client.post(address, sent, follow=True).content.decode()
    assert "修改记录" in page
    assert "办理要求" not in page.split("修改记录")[1]
    conflict = client.post(address, sent | {"title": "另一个人的话"})
    assert conflict.status_code == 409
    assert "另一个人的话" in conflict.content.decode()
    assert "限期补齐全部案卷" in conflict.content.decode()
