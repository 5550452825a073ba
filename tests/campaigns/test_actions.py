"""Actions that the office adds during a campaign (instructions, decisions, supplementary notices), and their tasks."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from creation.campaigns import campaign_actions
from creation.lib.refusals import Refusal
from creation.models import Action, ActionFile, Notice, Task
from tests.support import evidence_files
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db


def wanted(world: World, **changes: Any) -> campaign_actions.NewAction:
    given = {
        "phase": world.phases["evidence"],
        "title": "补报营商环境数据",
        "text": "按附件表格填报。",
        "source": "区政府常务会议决定",
        "audience": "chosen",
        "units": [world.units["老街街道"]],
        "modes": ["upload"],
        "due_on": date(2026, 8, 3),
    }
    return campaign_actions.NewAction(**(given | changes))


def test_chosen_units_get_the_task_at_once_and_others_do_not(world: World) -> None:
    action = campaign_actions.create_action(world.campaign, wanted(world), world.actor("coordinator"))
    task = Task.objects.get(action=action)
    assert (task.unit, task.owner, task.due_on) == (world.units["老街街道"], world.people["rival"], date(2026, 8, 3))
    assert action.code == "L-1"
    assert Notice.objects.filter(person=world.people["rival"], kind="assigned").count() == 1
    assert campaign_actions.create_action(world.campaign, wanted(world), world.actor("coordinator")).code == "L-2"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"units": []}, "至少选择一个单位"),
        ({"modes": []}, "至少选择一种答复方式"),
        ({"due_on": date(2026, 7, 1)}, "已经过去"),
    ],
)
def test_what_is_missing_gets_a_sentence_and_makes_nothing(world: World, change: dict[str, Any], sentence: str) -> None:
    before = Action.objects.count()
    with pytest.raises(Refusal, match=sentence):
        campaign_actions.create_action(world.campaign, wanted(world, **change), world.actor("coordinator"))
    assert Action.objects.count() == before


def test_in_a_draft_campaign_the_tasks_wait_for_the_start(world: World) -> None:
    world.campaign.state = "draft"
    world.campaign.save()
    action = campaign_actions.create_action(world.campaign, wanted(world), world.actor("coordinator"))
    assert not action.tasks.exists()


def test_a_new_day_moves_the_tasks_that_had_the_old_one(world: World) -> None:
    action = campaign_actions.create_action(
        world.campaign, wanted(world, audience="every_unit"), world.actor("coordinator")
    )
    Task.objects.filter(action=action, unit=world.units["政府办"]).update(due_on=date(2026, 8, 9))
    moved = campaign_actions.edit_action(
        action, action.title, action.text, date(2026, 8, 20), world.actor("coordinator")
    )
    assert moved == 3
    days = dict(Task.objects.filter(action=action).values_list("unit__short_name", "due_on"))
    assert days["政府办"] == date(2026, 8, 9)
    assert days["老街街道"] == date(2026, 8, 20)


def test_cancelling_takes_back_what_has_no_answer(world: World) -> None:
    action = campaign_actions.create_action(world.campaign, wanted(world), world.actor("coordinator"))
    with pytest.raises(Refusal, match="原因"):
        campaign_actions.cancel_action(action, " ", world.actor("coordinator"))
    assert campaign_actions.cancel_action(action, "与上级通知重复", world.actor("coordinator")) == 1
    assert not Task.objects.active().filter(action=action).exists()
    with pytest.raises(Refusal, match="已经取消"):
        campaign_actions.cancel_action(action, "再取消一次", world.actor("coordinator"))


def form(world: World, **extra: Any) -> dict[str, Any]:
    return {
        "phase": world.phases["evidence"].pk,
        "title": "补报数据",
        "text": "见附件",
        "source": "",
        "audience": "every_unit",
        "modes": ["upload", "statement"],
        "due_on": "2026-08-03",
    } | extra


def test_the_page_takes_attachments_and_refuses_bad_ones(world: World) -> None:
    client, address = world.client("coordinator"), f"/c/{world.campaign.pk}/actions/new/"
    with time_machine.travel(NOW, tick=False):
        bad = client.post(address, form(world, files=[SimpleUploadedFile("清单.exe", b"MZ" + b"0" * 100)]))
        assert bad.status_code == 422
        assert not ActionFile.objects.exists()
        assert not Action.objects.filter(code__startswith="L-").exists()
        good = client.post(address, form(world, files=[SimpleUploadedFile("通知.pdf", evidence_files.pdf())]))
    assert good.status_code == 302
    assert ActionFile.objects.get().name == "通知.pdf"
    assert Task.objects.filter(action__code="L-1").count() == 4


def test_pages_are_the_coordinators(world: World) -> None:
    action = world.task("action").action
    assert action is not None
    for page in ("", "new/", f"{action.pk}/"):
        address = f"/c/{world.campaign.pk}/actions/{page}"
        codes = [
            world.client(who).get(address).status_code for who in ("coordinator", "reviewer", "liaison", "outsider")
        ]
        assert codes == [200, 403, 403, 404], page


def test_of_two_who_reword_an_action_the_later_one_sees_both_texts(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    address = f"/c/{world.campaign.pk}/actions/{action.pk}/"
    client, was = world.client("coordinator"), action.state
    assert was in client.get(address).content.decode()
    campaign_actions.edit_action(action, "制定实施方案", action.text, action.due_on, world.actor("coordinator"), was)
    late = client.post(address, {"title": "拟定方案", "text": "", "due_on": "", "seen": was})
    assert late.status_code == 409
    assert "制定实施方案" in late.content.decode()
    assert "拟定方案" in late.content.decode()
    assert Action.objects.get(pk=action.pk).title == "制定实施方案"


def test_a_cancelled_action_is_not_reworded(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    campaign_actions.cancel_action(action, "与上级通知重复", world.actor("coordinator"))
    with pytest.raises(Refusal, match="已经取消"):
        campaign_actions.edit_action(action, "x", "", None, world.actor("coordinator"))


def test_the_page_of_a_reworded_action_keeps_its_former_words(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    address = f"/c/{world.campaign.pk}/actions/{action.pk}/"
    assert "修改记录" not in world.client("coordinator").get(address).content.decode()
    campaign_actions.edit_action(action, "制定实施方案", "报区委。", None, world.actor("coordinator"))
    page = world.client("coordinator").get(address).content.decode()
    assert "修改记录" in page
    assert "<strong>制定工作方案</strong>" in page
    assert "报创建办备案。" in page
    assert "宗协调" in page
