"""Extensions and objections: requested by the unit, decided once by the office, with all effects."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation.campaigns import task_generation
from creation.models import Action, Assignment, AuditEntry, Notice, Task, TaskRequest
from tests.support.world import NOW, World
from tests.tasks.test_moves import make

pytestmark = pytest.mark.usefixtures("at_now")


def ask(world: World, kind: str = "extension", who: str = "liaison", task: str = "lead", **data: Any) -> Any:
    url = reverse("task_requests", args=[world.campaign.pk, world.tasks[task].pk, kind])
    return world.client(who).post(url, {"reason": "档案室搬迁", "wanted_on": "2026-08-20"} | data)


def decide(world: World, who: str = "coordinator", request: TaskRequest | None = None, **data: Any) -> Any:
    asked = request or TaskRequest.objects.get()
    url = reverse("task_request_decide", args=[world.campaign.pk, asked.task_id, asked.pk])
    return world.client(who).post(url, {"decision": "grant", "answer": "情况属实"} | data)


def page(world: World, who: str, task: str = "lead") -> str:
    url = reverse("task", args=[world.campaign.pk, world.tasks[task].pk])
    return str(world.client(who).get(url).content.decode())


def test_an_extension_asked_reaches_the_coordinator_at_once(world: World) -> None:
    assert ask(world).status_code == 302
    notice = Notice.objects.get(person=world.people["coordinator"])
    assert "延期申请" in notice.text
    assert notice.urgency == "at_once"
    assert "等待答复" in page(world, "liaison")
    assert world.task("lead").due_on == date(2026, 8, 10)


def test_granting_moves_the_due_day_and_notifies_the_liaison(world: World) -> None:
    ask(world)
    before = world.task("lead").version
    assert decide(world, new_due_on="2026-08-18").status_code == 302
    task = world.task("lead")
    assert (task.due_on, task.version) == (date(2026, 8, 18), before + 1)
    assert "同意延至 2026-08-18。情况属实" in Notice.objects.get(person=world.people["liaison"]).text
    assert task.events.last().label == "同意延至 2026-08-18"  # type: ignore[union-attr]
    assert AuditEntry.objects.filter(act="task.extension").count() == 2


def test_refusing_leaves_the_day(world: World) -> None:
    ask(world)
    decide(world, decision="refuse")
    assert world.task("lead").due_on == date(2026, 8, 10)
    assert "不同意延期" in Notice.objects.get(person=world.people["liaison"]).text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"wanted_on": "2026-08-10"}, "须晚于今天和现在的时限"),
        ({"wanted_on": ""}, "请填写希望延至的日期"),
        ({"wanted_on": "2026-02-30"}, "请按 2026-08-10 的样子填写日期"),
        ({"reason": ""}, "请写明理由"),
    ],
)
def test_an_incomplete_request_comes_back_with_what_was_typed(
    world: World, data: dict[str, str], sentence: str
) -> None:
    answer = ask(world, **data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not TaskRequest.objects.exists()


def test_one_request_of_a_kind_waits_at_a_time(world: World) -> None:
    ask(world)
    second = ask(world, reason="又想起一条理由")
    assert "已有一份延期申请等待创建办答复" in second.content.decode()
    assert "又想起一条理由" in second.content.decode()
    assert TaskRequest.objects.count() == 1
    assert "/requests/extension/" not in page(world, "liaison")
    assert ask(world, "objection").status_code == 302


def test_only_the_first_decision_counts_and_the_second_is_refused(world: World) -> None:
    ask(world)
    decide(world, decision="refuse")
    late = decide(world, new_due_on="2026-08-18", answer="我同意的理由")
    assert late.status_code == 409
    assert "已经答复过这份申请（不同意）" in late.content.decode()
    assert "我同意的理由" in late.content.decode()
    assert world.task("lead").due_on == date(2026, 8, 10)


@pytest.mark.parametrize(
    ("who", "code"), [("clerk", 403), ("leader", 403), ("coordinator", 403), ("rival", 404), ("outsider", 404)]
)
def test_the_liaison_asks_and_nobody_else(world: World, who: str, code: int) -> None:
    assert ask(world, who=who).status_code == code


@pytest.mark.parametrize(("who", "code"), [("liaison", 403), ("reviewer", 403), ("chief", 403), ("rival", 404)])
def test_the_coordinator_decides_and_nobody_else(world: World, who: str, code: int) -> None:
    ask(world)
    assert decide(world, who=who, new_due_on="2026-08-18").status_code == code
    assert TaskRequest.objects.get().granted is None


def test_a_request_of_another_task_cannot_be_decided_here(world: World) -> None:
    ask(world)
    url = reverse(
        "task_request_decide", args=[world.campaign.pk, world.tasks["other"].pk, TaskRequest.objects.get().pk]
    )
    assert world.client("coordinator").post(url, {"decision": "refuse", "answer": "否"}).status_code == 404


def test_upholding_an_objection_gives_the_task_to_another_unit(world: World) -> None:
    ask(world, "objection")
    assert decide(world, unit=world.units["政府办"].pk).status_code == 302
    old = Task.objects.get(pk=world.tasks["lead"].pk)
    new = Task.objects.get(unit=world.units["政府办"])
    assert old.dropped_on == NOW.date()
    assert (new.role, new.indicator, new.due_on) == ("lead", old.indicator, date(2026, 8, 10))
    assert Assignment.objects.get(indicator=old.indicator, role="lead").unit == world.units["政府办"]


def test_after_a_reassignment_the_next_distribution_finds_nothing_to_do_for_it(world: World) -> None:
    for task in ("lead", "other"):
        ask(world, "objection", task=task, who="liaison" if task == "lead" else "rival")
        asked = TaskRequest.objects.get(task=world.tasks[task])
        decide(world, request=asked, unit=world.units["政府办"].pk)
    plan = task_generation.plan_tasks(world.campaign)
    touched = [task.indicator_id for task in plan.create + plan.restore + plan.change + plan.drop if task.indicator_id]
    assert touched == []


def test_the_assisting_unit_may_become_the_lead(world: World) -> None:
    ask(world, "objection")
    decide(world, unit=world.units["老街街道"].pk)
    assert world.task("assist").role == "lead"
    assert Assignment.objects.filter(indicator=world.indicators["4-3-3"]).count() == 1


def test_an_assisting_task_cannot_go_to_a_unit_that_has_a_part_already(world: World) -> None:
    ask(world, "objection", who="rival", task="assist")
    answer = decide(world, unit=world.units["城管局"].pk)
    assert answer.status_code == 409
    assert "已承担此指标的任务" in answer.content.decode()
    assert world.task("assist").dropped_on is None
    assert TaskRequest.objects.get().granted is None


def test_keeping_the_assignment_changes_nothing_but_the_answer(world: World) -> None:
    ask(world, "objection")
    decide(world, decision="refuse", answer="三定方案明确由你局负责")
    assert Task.objects.get(pk=world.tasks["lead"].pk).dropped_on is None
    assert "三定方案明确由你局负责" in page(world, "liaison")


def test_what_was_answered_or_concerns_every_unit_is_not_reassigned(world: World) -> None:
    ask(world, "objection")
    ask(world, "objection", task="action")
    make(world, "submit")
    for name in ("lead", "action"):
        asked = TaskRequest.objects.get(task=world.tasks[name])
        assert "不能改派" in page(world, "coordinator", name)
        assert decide(world, request=asked, unit=world.units["政府办"].pk).status_code == 422


def test_a_chosen_units_action_goes_over_with_its_list_of_units(world: World) -> None:
    action = Action.objects.get()
    Action.objects.update(audience="chosen")
    action.units.add(world.units["城管局"])
    ask(world, "objection", task="action")
    decide(world, unit=world.units["政府办"].pk)
    assert list(action.units.all()) == [world.units["政府办"]]
    assert Task.objects.active().get(action=action).unit == world.units["政府办"]


def test_granting_needs_a_unit_or_a_day_and_refusing_needs_words(world: World) -> None:
    ask(world, "objection")
    assert "请选择改派给哪个单位" in decide(world).content.decode()
    ask(world, "extension")
    asked = TaskRequest.objects.get(kind="extension")
    assert "请填写新的完成时限" in decide(world, request=asked, new_due_on="").content.decode()
    assert "请写明不同意的理由" in decide(world, request=asked, decision="refuse", answer="").content.decode()
    assert decide(world, request=asked, answer="", new_due_on="2026-08-20").status_code == 302
    assert world.task("lead").due_on == date(2026, 8, 20)


def test_an_approved_task_takes_no_more_requests(world: World) -> None:
    make(world, "submit")
    make(world, "approve")
    assert "/requests/" not in page(world, "liaison")
    answer = ask(world)
    assert answer.status_code == 422
    assert "任务已通过，不需要再提申请" in answer.content.decode()
    assert "档案室搬迁" in answer.content.decode()
    assert not TaskRequest.objects.exists()
