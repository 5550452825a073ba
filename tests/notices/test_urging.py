"""催办: people are told once what to do, and not again for two days; answered, dropped and closed tasks are not urged."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Campaign, Membership, Notice, Task, TaskEvent, Urge
from creation.notices import urging
from tests.support.query_counts import count_queries
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.usefixtures("at_now")

REASON = "市局下周抽查"


def urge(world: World, *names: str, who: str = "inspector", days: int = 0) -> urging.UrgeResult:
    keys = [world.tasks[name].pk for name in names]
    return urging.urge(world.campaign, keys, REASON, world.actor(who, NOW + timedelta(days=days)))


def post(world: World, who: str = "inspector", **data: Any) -> Any:
    return world.client(who).post(reverse("urge", args=[world.campaign.pk]), data, follow=True)


def pick(world: World, *names: str) -> list[str]:
    return [f"{world.task(name).pk}:{world.task(name).version}" for name in names]


def test_a_person_gets_one_notice_for_all_tasks_at_once(world: World) -> None:
    outcome = urge(world, "lead", "action", "assist")
    assert (len(outcome.urged), outcome.recipient_count) == (3, 2)
    notice = Notice.objects.get(person=world.people["liaison"])
    assert (notice.kind, notice.urgency) == ("urge", "at_once")
    for word in (REASON, "2 项任务", "4-3-3", "D-3"):
        assert word in notice.text
    assert Notice.objects.get(person=world.people["rival"]).task_id == world.tasks["assist"].pk
    assert TaskEvent.objects.get(task=world.tasks["lead"]).note == REASON
    assert "4-3-3 城管局" in AuditEntry.objects.get(act="task.urge").detail


def test_a_task_urged_yesterday_is_not_urged_until_the_day_after(world: World) -> None:
    urge(world, "lead")
    second = urge(world, "lead", "action", days=1)
    assert [task.pk for task in second.in_cool_down] == [world.tasks["lead"].pk]
    assert [task.pk for task in second.urged] == [world.tasks["action"].pk]
    assert len(urge(world, "lead", days=2).urged) == 1
    assert Urge.objects.filter(task=world.tasks["lead"]).count() == 2


@pytest.mark.parametrize("status", ["submitted", "approved"])
def test_answered_tasks_are_not_urged(world: World, status: str) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status=status, first_submitted_at=NOW)
    outcome = urge(world, "lead")
    assert (len(outcome.answered), outcome.urged) == (1, [])
    assert not Notice.objects.exists()


def test_dropped_tasks_and_those_of_other_campaigns_are_not_urged(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(dropped_on=TODAY)
    far = Task.objects.get(campaign=world.elsewhere)
    urging.urge(world.campaign, [world.tasks["lead"].pk, far.pk], REASON, world.actor("inspector"))
    assert not Urge.objects.exists()


def test_a_unit_without_recipients_is_reported(world: World) -> None:
    Membership.objects.filter(user=world.people["liaison"]).update(ended_on=TODAY)
    Task.objects.filter(pk=world.tasks["lead"].pk).update(owner=None)
    page = post(world, pick=pick(world, "lead"), confirmed="1", reason=REASON).content.decode()
    assert "还没有联络员" in page
    assert not Urge.objects.exists()


def test_a_closed_campaign_and_an_empty_reason_are_refused(world: World) -> None:
    with pytest.raises(Refusal, match="催办原因"):
        urging.urge(world.campaign, [world.tasks["lead"].pk], "  ", world.actor("inspector"))
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    world.campaign.refresh_from_db()
    with pytest.raises(Refusal, match="不能再催办"):
        urge(world, "lead")


def test_the_list_shows_first_whom_it_would_reach_and_then_urges(world: World) -> None:
    picks = pick(world, "lead", "assist")
    page = post(world, pick=picks).content.decode()
    assert "将要催办 2 项任务" in page
    assert not Urge.objects.exists()
    page = post(world, pick=",".join(picks), confirmed="1", reason=REASON).content.decode()
    assert "已催办 2 项任务，2 人各收到一条通知" in page
    assert "1 次" in page
    assert "没有可以催办的任务" in post(world, pick=picks).content.decode()
    page = post(world, pick=",".join(picks), confirmed="1", reason=REASON).content.decode()
    assert "2 天内已经催办过" in page


def test_a_reason_that_is_missing_is_asked_for_again(world: World) -> None:
    response = post(world, pick=pick(world, "lead"), confirmed="1", reason="")
    assert response.status_code == 422
    assert "请填写催办原因" in response.content.decode()


def test_a_unit_and_section_is_urged_from_the_unit_s_page(world: World) -> None:
    unit = world.units["老街街道"]
    address = reverse("unit_progress", args=[world.campaign.pk, unit.pk])
    assert f"unit={unit.pk}&amp;section=4" in world.client("inspector").get(address).content.decode()
    query, origin = f"unit={unit.pk}&section=4", f"unit/{unit.pk}"
    plan = post(world, everything="1", filter=query, origin=origin)
    assert [task.pk for task in plan.context["plan"].urged] == [world.tasks["assist"].pk]
    done = post(world, pick=plan.context["selection"].text, origin=origin, confirmed="1", reason=REASON)
    assert done.redirect_chain[-1][0] == address
    assert "已催办 <strong>1</strong> 项次" in done.content.decode()


def test_the_task_page_shows_how_often_and_when_it_was_urged(world: World) -> None:
    address = reverse("task", args=[world.campaign.pk, world.tasks["lead"].pk])
    post(world, pick=pick(world, "lead"), confirmed="1", reason=REASON, origin=f"task/{world.tasks['lead'].pk}")
    for who in ("liaison", "inspector"):
        assert "已催办 1 次，最近 7月31日" in world.client(who).get(address).content.decode()
    assert "8月2日起可以再催" in world.client("inspector").get(address).content.decode()
    assert "起可以再催" not in world.client("liaison").get(address).content.decode()


@pytest.mark.parametrize(
    ("who", "code"), [("coordinator", 200), ("reviewer", 200), ("inspector", 200), ("liaison", 403), ("chief", 403)]
)
def test_only_the_office_urges(world: World, who: str, code: int) -> None:
    assert post(world, who, pick=pick(world, "lead")).status_code == code


def test_many_tasks_need_as_many_queries_as_few(world: World) -> None:
    def cost(keys: list[int], day: int) -> int:
        actor = world.actor("inspector", NOW + timedelta(days=day))
        return count_queries(urging.urge, world.campaign, keys, REASON, actor)

    keys = [world.tasks["lead"].pk]
    cost(keys, 0)
    few = cost(keys, 3)  # again: the leader is notified too
    for number in range(60):
        task = Task.objects.get(pk=world.tasks["lead"].pk)
        task.pk, task.period = None, f"p{number}"
        task.save(force_insert=True)
        keys.append(task.pk)
    assert cost(keys, 6) == few
    assert Urge.objects.filter(day=date(2026, 8, 6)).count() == 61
