"""The campaign asks for a signature, and a unit has nobody who can sign: the office is told, and no answer waits unseen."""

from typing import Any

import pytest
from django.urls import reverse

from creation.models import Campaign, Holiday, Membership, Notice, Task
from creation.notices import reminders
from creation.tasks import workflow
from tests.support.world import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]
ANSWER = {"mode": "statement", "statement": "无此类案件"}


@pytest.fixture
def signed(world: World) -> World:
    """Return the world with sign-off on. Only 城管局 has a leader."""
    Campaign.objects.filter(pk=world.campaign.pk).update(sign_off=True)
    world.campaign.refresh_from_db()
    return world


def submit(world: World, name: str, who: str) -> Task:
    task = world.task(name)
    return workflow.perform(workflow.MOVES["submit"], task, world.actor(who), task.version, ANSWER)


def end_leader(world: World) -> None:
    Membership.objects.filter(user=world.people["leader"]).update(ended_on=TODAY)


def test_with_a_leader_the_answer_waits_for_the_signature(signed: World) -> None:
    assert submit(signed, "lead", "liaison").status == "signing"
    assert Notice.objects.filter(person=signed.people["leader"], text__startswith="请审签").exists()


def test_without_a_leader_the_answer_goes_to_the_office_and_says_so(signed: World) -> None:
    assert submit(signed, "other", "rival").status == "submitted"
    assert "没有可以审签的分管领导，直接送创建办" in signed.task("other").events.get().note


def test_a_disabled_leader_cannot_sign(signed: World) -> None:
    signed.people["leader"].is_active = False
    signed.people["leader"].save()
    assert submit(signed, "lead", "liaison").status == "submitted"


@pytest.mark.parametrize(("who", "name", "words"), [("liaison", "lead", True), ("rival", "other", False)])
def test_the_button_says_where_the_answer_goes(signed: World, who: str, name: str, words: bool) -> None:
    address = reverse("task", args=[signed.campaign.pk, signed.tasks[name].pk])
    assert ("送分管领导审签" in signed.client(who).get(address).content.decode()) is words


def test_the_switch_names_the_units(world: World) -> None:
    address = reverse("campaign_edit", args=[world.campaign.pk])
    page = world.client("coordinator").get(address)
    text = page.content.decode()
    assert "3 个单位没有分管领导" in text
    assert "老街街道、司法局、政府办" in text
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"sign_off": "on"}
    after = world.client("coordinator").post(address, data, follow=True).content.decode()
    assert "3 个单位没有分管领导，答复不经审签直接送创建办：老街街道、司法局、政府办" in after


def first_page(world: World, who: str = "coordinator") -> str:
    return world.client(who).get("/").content.decode()


def test_the_offices_first_page_names_the_units_and_what_hangs(signed: World) -> None:
    assert submit(signed, "lead", "liaison").status == "signing"
    assert "3 个单位没有分管领导" in first_page(signed)
    assert "无人可签" not in first_page(signed)
    end_leader(signed)
    page = first_page(signed)
    assert "4 个单位没有分管领导" in page
    assert "1 项答复</a>在等审签而无人可签" in page
    assert "没有分管领导" not in first_page(signed, "reviewer")


def test_an_answer_that_hangs_is_named_after_sign_off_was_switched_off(signed: World) -> None:
    submit(signed, "lead", "liaison")
    Campaign.objects.filter(pk=signed.campaign.pk).update(sign_off=False)
    assert "审签" not in first_page(signed)
    end_leader(signed)
    page = first_page(signed)
    assert "1 项答复</a>在等审签而无人可签" in page
    assert "个单位没有分管领导" not in page


@pytest.mark.parametrize("who", ["liaison", "coordinator"])
def test_an_answer_that_hangs_is_taken_back_and_goes_to_the_office(signed: World, who: str) -> None:
    submit(signed, "lead", "liaison")
    end_leader(signed)
    task = signed.tasks["lead"]
    address = reverse("task_move", args=[signed.campaign.pk, task.pk, "withdraw"])
    data = {"version": signed.task("lead").version, "comment": "分管领导调离"}
    signed.client(who).post(address, data)
    assert signed.task("lead").status == "open"
    assert submit(signed, "lead", "liaison").status == "submitted"


def test_the_unit_is_told_on_its_pages_that_nobody_can_sign(signed: World) -> None:
    submit(signed, "lead", "liaison")
    address = reverse("task", args=[signed.campaign.pk, signed.tasks["lead"].pk])
    told = "无人审签；请撤回后重新报送"
    assert told not in signed.client("liaison").get(address).content.decode()
    end_leader(signed)
    assert told in signed.client("liaison").get(address).content.decode()


def test_the_first_page_is_quiet_without_sign_off(world: World) -> None:
    assert "没有分管领导" not in first_page(world)


def lines(world: World, who: str) -> list[Any]:
    planned = [each for part in reminders.planned_on(TODAY, Holiday.objects.calendar()) for each in part]
    return [each.text for each in planned if each.person == world.people[who].pk]


def test_a_reminder_of_a_hanging_answer_says_what_can_be_done(signed: World) -> None:
    Task.objects.filter(pk=signed.tasks["lead"].pk).update(due_on=TODAY)
    submit(signed, "lead", "liaison")
    assert any("审签" in text for text in lines(signed, "leader"))
    end_leader(signed)
    assert any("撤回后重新报送" in text for text in lines(signed, "liaison"))
