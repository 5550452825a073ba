"""The office finds all requests of units in one list, and decides them on the task's page."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation.models import Task, TaskRequest
from tests.support.world import NOW, World


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


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
    for word in ("延期申请", "汛期抽调人员", "2026-08-20", "2026-08-10", "城管局", "刘联络"):
        assert word in text
    assert reverse("task", args=[asked.campaign.pk, asked.tasks["lead"].pk]) + "#requests" in text
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
        with CaptureQueriesContext(connection) as caught:
            page(asked)
        return len(caught)

    few = (cost(), cost())[1]
    for number in range(40):
        task = Task.objects.get(pk=asked.tasks["lead"].pk)
        task.pk, task.period = None, f"p{number}"
        task.save(force_insert=True)
        TaskRequest.objects.create(
            task=task, kind="objection", reason="非本单位职责", created_by=asked.people["liaison"], created_at=NOW
        )
    assert cost() == few
