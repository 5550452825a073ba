"""催办升级: unanswered urgings are reported to the unit's leader, then the office phones; once, and on few days."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.audit.actor import Actor
from creation.models import Digest, Membership, Notice, PhoneCall, ReminderRule, Task, Urge
from creation.notices import digest_builder, escalation, reminders, urging
from creation.notices.reminders.due_items import enabled_rules
from creation.notices.reminders.rehearsal import rehearse
from creation.rules.deadlines import Workdays
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World, add_person

FRIDAY = NOW  # 2026-07-31
PLAIN = Workdays()


def urge(world: World, *names: str, days: int = 0) -> None:
    keys = [world.tasks[name].pk for name in names]
    urging.urge(world.campaign, keys, "抽查在即", world.actor("inspector", NOW + timedelta(days=days)))


def system_actor_after(days: int) -> Actor:
    return Actor(None, NOW + timedelta(days=days))


def urge_notices_of(who: str) -> list[str]:
    found = Notice.objects.filter(person__username=who, kind="urge", urgency="at_once").order_by("pk")
    return list(found.values_list("subject", flat=True))


def urged(world: World) -> str:
    return f"urged/{world.campaign.pk}/{world.units['城管局'].pk}"


def called(world: World) -> str:
    return f"calls/{world.campaign.pk}/{world.units['城管局'].pk}"


def phones(world: World, days: int) -> list[str]:
    lots = escalation.units_to_phone(world.campaign, (NOW + timedelta(days=days)).date(), PLAIN)
    return [lot.unit.short_name for lot in lots]


def test_the_leader_is_notified_at_once_when_the_unit_is_urged_again(world: World) -> None:
    urge(world, "lead", "action")
    assert urge_notices_of("leader") == []
    urge(world, "lead", days=3)
    assert urge_notices_of("leader") == [urged(world)]
    text = Notice.objects.get(person=world.people["leader"]).text
    assert "4-3-3" in text
    assert "D-3" not in text, "urged once"
    assert "最多已催 2 次" in text


def test_the_leader_is_notified_once_of_tasks_unanswered_for_three_workdays(world: World) -> None:
    urge(world, "lead")
    for days, count in ((3, 0), (5, 1), (7, 1), (10, 1)):  # Monday, Wednesday, Friday, Monday
        escalation.escalate(system_actor_after(days))
        escalation.escalate(system_actor_after(days))
        assert len(urge_notices_of("leader")) == count, days
    urge(world, "lead", days=10)
    assert len(urge_notices_of("leader")) == 2


def test_scheduled_escalations_happen_on_reminder_days_only(world: World) -> None:
    urge(world, "lead")
    for days in (6, 8, 9):  # Thursday, Saturday, Sunday
        escalation.escalate(system_actor_after(days))
    assert urge_notices_of("leader") == []


@pytest.mark.parametrize(
    ("urgings", "on", "listed"),
    [((0,), 6, False), ((0,), 7, True), ((0, 2), 3, False), ((0, 3, 6), 6, False), ((0, 3, 6), 7, True)],
)
def test_a_unit_is_to_be_phoned_after_three_urgings_or_five_workdays(
    world: World, urgings: tuple[int, ...], on: int, listed: bool
) -> None:
    for days in urgings:
        urge(world, "lead", days=days)
    assert (phones(world, on) == ["城管局"]) is listed


def test_the_office_is_notified_of_units_to_phone_and_sees_their_people(world: World) -> None:
    urge(world, "lead")
    escalation.escalate(system_actor_after(7))
    assert urge_notices_of("coordinator") == [called(world)]
    notice = Notice.objects.get(person=world.people["coordinator"])
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        client = world.client("coordinator")
        opened = client.get(reverse("notice", args=[notice.pk]))
        assert opened["Location"] == reverse("calls", args=[world.campaign.pk])
        page = client.get(opened["Location"]).content.decode()
    for words in ("城管局", "刘联络", "方分管", "4-3-3", "138****1234", "催 1 次"):
        assert words in page
    assert "13800001234" not in page


def test_a_recorded_call_takes_the_unit_off_the_list_until_it_is_urged_again(world: World) -> None:
    urge(world, "lead")
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        address = reverse("call_record", args=[world.campaign.pk, world.units["城管局"].pk])
        client = world.client("inspector")
        assert "请写一句通话情况" in client.post(address, {"note": " "}, follow=True).content.decode()
        assert (
            "答应周三报送" in client.post(address, {"note": "找到刘联络，答应周三报送"}, follow=True).content.decode()
        )
    assert PhoneCall.objects.get().created_by == world.people["inspector"]
    assert phones(world, 7) == []
    assert phones(world, 10) == []
    assert phones(world, 13) == ["城管局"], "three workdays later and still nothing"


def test_answered_tasks_are_not_escalated(world: World) -> None:
    urge(world, "lead")
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="submitted", first_submitted_at=NOW)
    escalation.escalate(system_actor_after(7))
    assert urge_notices_of("leader") == urge_notices_of("coordinator") == []


def test_a_unit_without_a_leader_still_reaches_the_office(world: World) -> None:
    Membership.objects.filter(user=world.people["leader"]).update(ended_on=NOW.date())
    urge(world, "lead")
    escalation.escalate(system_actor_after(7))
    assert urge_notices_of("leader") == []
    assert urge_notices_of("coordinator") == [called(world)]


def test_the_rehearsal_counts_these_too_and_writes_nothing(world: World) -> None:
    Task.objects.exclude(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    ReminderRule.objects.filter(audience="unit_leader").update(enabled=False)
    urge(world, "lead")
    before = Notice.objects.count()
    found = rehearse(enabled_rules(), date(2026, 8, 3), date(2026, 8, 16), PLAIN)
    leader, office = world.people["leader"].pk, world.people["coordinator"].pk
    assert [week.messages[leader] for week in found.weeks] == [1, 0]
    assert sum(week.messages[office] for week in found.weeks) == 1
    assert Notice.objects.count() == before


# Escalations of reminders


@pytest.fixture
def late(world: World) -> World:
    ReminderRule.objects.filter(campaign=world.campaign, condition="unanswered").update(leader_after=1, office_after=1)
    return world


def test_an_escalation_of_reminders_does_not_wait_for_the_next_digest(late: World) -> None:
    reminders.remind(Actor(None, NOW))
    rows = Notice.objects.filter(kind="reminder", subject__contains="/late")
    assert {row.person.username for row in rows} == {"leader", "coordinator"}
    assert set(rows.values_list("urgency", flat=True)) == {"at_once"}
    others = Notice.objects.filter(kind="reminder").exclude(pk__in=rows)
    assert set(others.values_list("urgency", flat=True)) == {"daily"}


def test_a_daily_digest_includes_urgent_notices(late: World) -> None:
    world = late
    Task.objects.filter(pk=world.tasks["assist"].pk).update(owner=None)
    Membership.objects.filter(user=world.people["rival"]).update(
        ended_on=NOW.date()
    )  # 没有联络员: a daily line for the office
    digest_builder.run_daily(Actor(None, NOW))
    office = world.people["coordinator"]
    assert Notice.objects.filter(person=office).values("urgency").distinct().count() == 2
    digest_builder.run_urgent(Actor(None, NOW))
    assert Digest.objects.filter(person=office).count() == 1
    assert Digest.objects.filter(person=world.people["leader"]).count() == 1
    assert not Notice.objects.filter(digest=None).exists()


def test_quiet_hours_hold_for_escalations_too(late: World) -> None:
    saturday = Actor(None, NOW + timedelta(days=1))
    assert digest_builder.run_daily(saturday) == 0
    assert not Notice.objects.exists()


# Urging from the matrix, and how often


@pytest.mark.usefixtures("at_now")
def test_units_are_urged_from_the_matrix(world: World) -> None:
    client, units = world.client("inspector"), [world.units[name].pk for name in ("城管局", "老街街道")]
    address = reverse("urge", args=[world.campaign.pk])

    def planned(**more: Any) -> set[int]:
        page = client.post(address, {"origin": "progress/", "units": units} | more)
        return {task.pk for task in page.context["plan"].urged} if page.context else set()

    def keys(*names: str) -> set[int]:
        return {world.tasks[name].pk for name in names}

    assert planned() == keys("lead", "assist", "other", "action")
    assert planned(light="red") == keys("action")
    assert planned(section="4") == keys("lead", "assist")
    assert planned(section="4", units=units[:1]) == keys("lead")
    assert planned(light="nonsense") == set()
    page = client.post(address, {"units": units, "light": "red", "origin": "progress/"})
    data = {"pick": page.context["selection"].text, "origin": "progress/", "confirmed": "1", "reason": "抽查"}
    done = client.post(address, data, follow=True)
    assert done.redirect_chain[-1][0] == reverse("progress", args=[world.campaign.pk])
    assert "已催办 1 项次" in done.content.decode()
    assert Urge.objects.get().task_id == world.tasks["action"].pk


@pytest.mark.usefixtures("at_now")
def test_every_list_of_tasks_shows_how_often_they_were_urged(world: World) -> None:
    urge(world, "lead")
    campaign = world.campaign.pk
    pages = {
        "liaison": reverse("todo"),
        "leader": reverse("todo"),
        "rival": reverse("task", args=[campaign, world.tasks["assist"].pk]),  # next to its own
        "inspector": reverse("progress", args=[campaign]),
    }
    for who, address in pages.items():
        assert "已催办 1 " in world.client(who).get(address).content.decode(), who
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        picked = {"pick": f"{world.tasks['lead'].pk}:1"}
        shown = world.client("inspector").post(reverse("urge", args=[campaign]), picked).content.decode()
    assert "1 次，7月31日" in shown


def test_many_units_need_as_many_queries_as_one(world: World) -> None:
    def cost() -> int:
        return count_queries(lambda: escalation.planned_notices(world.campaign, date(2026, 8, 7), PLAIN))

    urge(world, "lead")
    few = cost()
    add_person("leader2", "第二", None, world.units["老街街道"])
    urge(world, "assist", "other", "action")
    assert cost() == few
