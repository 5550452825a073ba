"""Change many tasks at once: shown first, then done; one notice for each person; tasks changed by others meanwhile are left alone."""

from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from creation.lib.refusals import Refusal
from creation.models import AuditEntry, Notice, Task, TaskEvent
from creation.tasks import bulk_changes
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

NEW = date(2026, 8, 20)


def pick(world: World, *names: str) -> list[str]:
    return [f"{world.task(name).pk}:{world.task(name).version}" for name in names]


def post(client: Client, world: World, **data: Any) -> HttpResponse:
    return client.post(reverse("task_bulk", args=[world.campaign.pk]), data, follow=True)  # type: ignore[return-value]


def confirm_due(client: Client, world: World, picks: list[str], **data: Any) -> HttpResponse:
    fields = {"due_on": NEW.isoformat(), "reason": "汛期顺延"} | data
    return post(client, world, change="due", pick=",".join(picks), confirmed="1", **fields)


def test_the_confirmation_shows_what_will_happen_and_changes_nothing(world: World) -> None:
    page = post(world.client("coordinator"), world, change="due", pick=pick(world, "lead", "assist")).content.decode()
    assert "将要修改 2 项任务" in page
    assert "老街街道 1 项" in page
    assert "2026-08-05" in page
    assert not TaskEvent.objects.exists()


def test_a_new_due_day_is_written_to_tasks_history_trail_and_inboxes(world: World) -> None:
    page = confirm_due(world.client("coordinator"), world, pick(world, "lead", "action", "assist"))
    assert "时限已调整 3 项" in page.content.decode()
    lead = world.task("lead")
    assert (lead.due_on, lead.version) == (NEW, 2)
    event = TaskEvent.objects.get(task=lead)
    assert "原时限 2026-08-10" in event.note
    assert "汛期顺延" in event.note
    assert AuditEntry.objects.filter(act="task.due", detail__contains="4-3-3 城管局").count() == 1
    notice = Notice.objects.get(person=world.people["liaison"])
    assert "2 项任务" in notice.text
    assert "汛期顺延" in notice.text
    assert Notice.objects.filter(person=world.people["rival"]).count() == 1


def test_everything_that_the_filter_finds_can_be_changed(world: World) -> None:
    office = world.client("coordinator")
    page = post(office, world, change="due", everything="1", filter="section=4")
    assert "将要修改 2 项任务" in page.content.decode()
    confirm_due(office, world, [page.context["selection"].text], filter="section=4")  # type: ignore[attr-defined]
    assert set(Task.objects.filter(due_on=NEW)) == {world.tasks["lead"], world.tasks["assist"]}


def test_a_filter_that_cannot_be_understood_changes_nothing(world: World) -> None:
    page = post(world.client("coordinator"), world, change="due", everything="1", filter="light=purple")
    assert "还没有选任务" in page.content.decode()


def test_a_task_changed_since_the_page_was_read_is_left_alone_and_named(world: World) -> None:
    picks = pick(world, "lead", "assist")
    Task.objects.filter(pk=world.tasks["lead"].pk).update(version=7)
    answer = confirm_due(world.client("coordinator"), world, picks)
    page = answer.content.decode()
    assert "1 项刚刚被他人更新，没有改动：4-3-3 城管局" in page
    assert world.task("lead").due_on == date(2026, 8, 10)
    assert answer.status_code == 409
    assert "汛期顺延" in page
    again = answer.context["selection"].text  # type: ignore[attr-defined]
    confirm_due(world.client("coordinator"), world, [again])
    assert world.task("lead").due_on == NEW
    assert world.task("assist").due_on == NEW


def test_approved_tasks_keep_their_day(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    page = confirm_due(world.client("coordinator"), world, pick(world, "lead", "assist")).content.decode()
    assert "1 项已通过" in page
    assert world.task("lead").due_on == date(2026, 8, 10)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("due_on", "2026-07-30", "已经过去"), ("due_on", "", "请选择新时限"), ("reason", " ", "请填写调整时限的理由")],
)
def test_a_past_day_or_a_missing_reason_is_refused_with_a_sentence(
    world: World, field: str, value: str, sentence: str
) -> None:
    page = confirm_due(world.client("coordinator"), world, pick(world, "lead"), **{field: value})
    assert sentence in page.content.decode()
    assert world.task("lead").due_on == date(2026, 8, 10)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("name", "code"), [("coordinator", 200), ("reviewer", 403), ("liaison", 403), ("outsider", 404)]
)
def test_only_who_plans_changes_in_bulk(world: World, name: str, code: int) -> None:
    answer = confirm_due(world.client(name), world, pick(world, "lead"))
    assert answer.status_code == code
    assert (world.task("lead").due_on == NEW) is (code == 200)


def test_a_task_of_another_campaign_is_not_reached(world: World) -> None:
    other = Task.objects.get(campaign=world.elsewhere)
    confirm_due(world.client("coordinator"), world, [f"{other.pk}:{other.version}"])
    other.refresh_from_db()
    assert other.due_on == date(2026, 8, 10)


def test_the_verb_itself_reaches_no_further_than_its_campaign(world: World) -> None:
    other = Task.objects.get(campaign=world.elsewhere)
    outcome = bulk_changes.change_due_day(
        world.campaign, {other.pk: other.version}, NEW, "汛期顺延", world.actor("coordinator")
    )
    assert not outcome.changed


def test_one_unit_s_tasks_go_to_any_of_its_people(world: World) -> None:
    fields = {"pick": ",".join(pick(world, "lead", "action")), "owner": str(world.people["clerk"].pk)}
    page = post(world.client("coordinator"), world, change="owner", confirmed="1", **fields)
    assert "责任人已调整 2 项" in page.content.decode()
    assert world.task("lead").owner == world.people["clerk"]
    assert Notice.objects.get(person=world.people["clerk"]).text.startswith("2 项任务：现由您负责")
    assert Notice.objects.get(person=world.people["liaison"]).text.startswith("2 项任务：已改由他人负责")


def test_tasks_of_several_units_each_go_to_their_own_liaison(world: World) -> None:
    Task.objects.filter(pk__in=[world.tasks["lead"].pk, world.tasks["assist"].pk]).update(owner=None)
    fields = {"pick": ",".join(pick(world, "lead", "assist")), "owner": "liaisons"}
    post(world.client("coordinator"), world, change="owner", confirmed="1", **fields)
    assert world.task("lead").owner == world.people["liaison"]
    assert world.task("assist").owner == world.people["rival"]


def test_a_stranger_to_the_unit_cannot_own_its_tasks(world: World) -> None:
    seen = {world.tasks["lead"].pk: 1}
    with pytest.raises(Refusal, match="不是该单位的联络员或承办人"):
        bulk_changes.change_owner(
            world.campaign, seen, {world.units["城管局"].pk: world.people["rival"]}, world.actor("coordinator")
        )
    assert world.task("lead").owner == world.people["liaison"]
