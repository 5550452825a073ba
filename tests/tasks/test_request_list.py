"""The office finds all requests of units in one list, and answers them there: one by one, or several at once."""

from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from creation.models import Notice, Task, TaskRequest
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def asked(world: World) -> World:
    TaskRequest.objects.create(
        task=world.tasks["lead"],
        kind="extension",
        reason="汛期抽调人员",
        wanted_on=date(2026, 8, 20),
        created_by=world.people["liaison"],
        created_at=NOW,
    )
    return world


def page(world: World, who: str = "coordinator", query: str = "") -> Any:
    return world.client(who).get(reverse("requests", args=[world.campaign.pk]) + query)


def test_what_waits_for_an_answer_leads_to_its_task(asked: World) -> None:
    text = page(asked).content.decode()
    for word in ("延期申请", "汛期抽调人员", "2026-08-20", "8月10日", "城管局", "刘联络"):
        assert word in text
    assert reverse("task", args=[asked.campaign.pk, asked.tasks["lead"].pk]) + "#requests" in text
    assert reverse("requests_decide", args=[asked.campaign.pk]) in text
    listed = asked.client("coordinator").get(reverse("task_list", args=[asked.campaign.pk])).content.decode()
    assert "1 份延期或异议待答复" in listed


def test_decided_requests_are_listed_apart_even_after_a_reassignment(asked: World) -> None:
    TaskRequest.objects.update(granted=True, answer="同意改派", decided_by=asked.people["coordinator"], decided_at=NOW)
    Task.objects.filter(pk=asked.tasks["lead"].pk).update(dropped_on=date(2026, 7, 31))
    assert "没有等待答复的申请" in page(asked).content.decode()
    text = page(asked, query="?answered=1").content.decode()
    assert "同意改派" in text
    assert "（已改派）" in text


@pytest.mark.parametrize(
    ("who", "code"), [("coordinator", 200), ("reviewer", 403), ("liaison", 403), ("outsider", 404)]
)
def test_only_who_decides_sees_the_list(asked: World, who: str, code: int) -> None:
    assert page(asked, who).status_code == code


def test_other_campaigns_ask_elsewhere(asked: World) -> None:
    TaskRequest.objects.update(task=Task.objects.get(campaign=asked.elsewhere))
    assert "没有等待答复的申请" in page(asked).content.decode()


def test_many_requests_cost_no_more_queries_than_one(asked: World) -> None:
    def cost() -> int:
        return count_queries(page, asked)

    objection(asked)
    few = (cost(), cost())[1]
    for number in range(40):
        task = Task.objects.get(pk=asked.tasks["lead"].pk)
        task.pk, task.period = None, f"p{number}"
        task.save(force_insert=True)
        TaskRequest.objects.create(
            task=task, kind="objection", reason="非本单位职责", created_by=asked.people["liaison"], created_at=NOW
        )
    assert cost() == few


def decide(world: World, *requests: TaskRequest, who: str = "coordinator", **data: Any) -> Any:
    keys = [each.pk for each in requests]
    address = reverse("requests_decide", args=[world.campaign.pk])
    return world.client(who).post(address, {"pick": keys, "decision": "grant"} | data)


def objection(world: World, task: str = "other") -> TaskRequest:
    task_row = world.tasks[task]
    return TaskRequest.objects.create(
        task=task_row, kind="objection", reason="不属于我单位", created_by=task_row.owner, created_at=NOW
    )


def test_one_click_grants_until_the_day_asked_for_without_words(asked: World) -> None:
    answer = decide(asked, TaskRequest.objects.get())
    assert answer.status_code == 302
    assert asked.task("lead").due_on == date(2026, 8, 20)
    change = asked.task("lead").due_date_changes.get()
    assert change.reason == "同意延期申请：汛期抽调人员"
    assert "同意延至 2026-08-20" in Notice.objects.get(person=asked.people["liaison"]).text


def test_another_day_may_be_granted(asked: World) -> None:
    decide(asked, TaskRequest.objects.get(), new_due_on="2026-08-15")
    assert asked.task("lead").due_on == date(2026, 8, 15)


def test_who_refuses_says_why(asked: World) -> None:
    answer = decide(asked, TaskRequest.objects.get(), decision="refuse", answer=" ")
    assert answer.status_code == 409
    assert "请写明不同意的理由" in answer.content.decode()
    assert TaskRequest.objects.get().granted is None
    decide(asked, TaskRequest.objects.get(), decision="refuse", answer="请按期完成")
    assert TaskRequest.objects.get().granted is False


def test_an_objection_is_upheld_in_the_list_by_naming_the_unit(asked: World) -> None:
    made = objection(asked)
    assert "请选择改派给哪个单位" in decide(asked, made).content.decode()
    decide(asked, made, unit=asked.units["政府办"].pk)
    assert Task.objects.active().get(indicator=asked.indicators["1-1-1"]).unit == asked.units["政府办"]


def test_several_are_answered_at_once_and_the_page_goes_on_with_the_next(asked: World) -> None:
    first, second, last = TaskRequest.objects.get(), objection(asked), objection(asked, "assist")
    answer = decide(asked, first, second, decision="refuse", answer="请按原安排办理")
    assert answer["Location"].endswith(f"#request-{last.pk}")
    assert list(TaskRequest.objects.order_by("pk").values_list("granted", flat=True)) == [False, False, None]


def test_what_cannot_be_decided_is_said_row_by_row_and_the_others_are_decided(asked: World) -> None:
    extension, without_unit, decided = TaskRequest.objects.get(), objection(asked), objection(asked, "assist")
    other = asked.people["administrator"]
    TaskRequest.objects.filter(pk=decided.pk).update(granted=False, answer="否", decided_by=other, decided_at=NOW)
    answer = decide(asked, extension, without_unit, decided)
    assert answer.status_code == 409
    assert [(each.request, each.errors) for each in answer.context["refused"]] == [
        (without_unit, ["请选择改派给哪个单位。"]),
        (decided, ["请选择改派给哪个单位。"]),
    ]
    assert answer.context["done"] == [f"{extension.task}：已同意延期至 2026-08-20，并通知该单位。"]
    text = answer.content.decode()
    assert text.count("请选择改派给哪个单位。") == 3  # above for both, and at the one that still waits
    late = decide(asked, decided, decision="refuse", answer="我写的理由").content.decode()
    assert "管管理 已经答复过这份申请（不同意）" in late


def test_a_due_day_moved_meanwhile_is_not_moved_back(asked: World) -> None:
    Task.objects.filter(pk=asked.tasks["lead"].pk).update(due_on=date(2026, 8, 31))
    answer = decide(asked, TaskRequest.objects.get())
    assert "现在的时限已是 2026-08-31" in answer.content.decode()
    assert asked.task("lead").due_on == date(2026, 8, 31)


def test_requests_of_another_campaign_are_not_decided_here(asked: World) -> None:
    TaskRequest.objects.update(task=Task.objects.get(campaign=asked.elsewhere))
    assert "还没有选申请" in str(next(iter(get_messages(decide(asked, TaskRequest.objects.get()).wsgi_request))))
    assert TaskRequest.objects.get().granted is None
