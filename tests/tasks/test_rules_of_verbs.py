"""The verbs of moves, requests, notes and readings enforce their rules without a form."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from creation.models import (
    RequestKind,
    TaskRequest,
    Unit,
)
from creation.rules.targets import Figures
from creation.tasks import measure_readings, progress_notes, unit_requests, workflow
from tests.support.verb_refusals import DUE, NEW, TOMORROW, YESTERDAY, Refusal, Verb, VerbTests
from tests.support.world import TODAY, World

pytestmark = pytest.mark.django_db


# Moves


def move(name: str, who: str, **fixed: Any) -> Callable[..., Any]:
    def call(world: World, **data: Any) -> None:
        task = world.task("lead")
        workflow.perform(workflow.MOVES[name], task, world.actor(who), task.version, fixed | data)

    return call


def cited(world: World) -> None:
    world.cite("lead")


def handed_in(world: World) -> None:
    world.cite("lead")
    move("submit", "liaison")(world, mode="upload", measures="评查", results="", highlights="")


def signing(world: World) -> None:
    world.campaign.sign_off = True
    world.campaign.save()
    handed_in(world)


def approved(world: World) -> None:
    handed_in(world)
    move("approve", "reviewer")(world, comment="")


ON_SITE = {"mode": "on_site", "keeper": "程承办", "place": "档案室"}
MOVES = [
    Verb("submit on site", move("submit", "liaison"), ON_SITE,
         [({"keeper": " "}, "请填写保管人"), ({"place": ""}, "请填写存放地点")]),
    Verb("submit a statement", move("submit", "liaison"), {"mode": "statement", "statement": "没有材料"},
         [({"statement": " "}, "请填写情况说明")]),
    Verb("send back", move("send_back", "leader"), {"comment": "缺数据"}, [({"comment": " "}, "请写明哪里需要修改")],
         signing),
    Verb("return", move("return", "reviewer"), {"reason": "other", "comment": "缺通报", "new_due_on": TODAY},
         [({"comment": " "}, "选择“其他”时请写明原因"), ({"reason": ""}, "请选择退回原因"), ({"reason": "x"}, "请选择退回原因"),
          ({"new_due_on": YESTERDAY}, "完成时限不能早于今天")], handed_in),
    Verb("reopen", move("reopen", "coordinator"), {"comment": "有投诉", "new_due_on": TODAY},
         [({"comment": ""}, "请写明为什么撤销通过"), ({"new_due_on": YESTERDAY}, "完成时限不能早于今天")], approved),
]  # fmt: skip


# Requests, notes, readings


def ask(world: World, kind: RequestKind = RequestKind.EXTENSION, **data: Any) -> None:
    unit_requests.submit_request(world.task("lead"), world.actor("liaison"), kind, **data)


def asked(world: World) -> None:
    ask(world, reason="人手不足", wanted_on=NEW)


def objected(world: World) -> None:
    ask(world, RequestKind.OBJECTION, reason="不是本单位职责")


def extend(world: World, **data: Any) -> None:
    unit_requests.grant_extension(TaskRequest.objects.get(), world.actor("coordinator"), **data)


def refuse(world: World, **data: Any) -> None:
    unit_requests.refuse_request(TaskRequest.objects.get(), world.actor("coordinator"), **data)


def reassign(world: World, unit: str, answer: str) -> None:
    unit_requests.reassign_task(
        TaskRequest.objects.get(), world.actor("coordinator"), Unit.objects.get(short_name=unit), answer
    )


def stopped_unit(world: World) -> None:
    objected(world)
    Unit.objects.filter(pk=world.units["司法局"].pk).update(active_to=TODAY)


def note(world: World, **data: Any) -> None:
    progress_notes.add_note(world.task("lead"), world.actor("liaison"), **data)


def enter(world: World, note: str = "", **figures: Any) -> None:
    slot = measure_readings.slots_of(world.task("lead"))[0]
    measure_readings.save_reading(world.task("lead"), world.actor("liaison"), slot, Figures(**figures), note, 0)


def enter_many(world: World, **figures: Any) -> None:
    task = world.task("lead")
    entry = measure_readings.ReadingEntry(task, measure_readings.slots_of(task)[0], Figures(**figures), "")
    measure_readings.save_readings([entry], world.actor("liaison"))


FIGURES: list[Refusal] = [
    ({"count": Decimal(-1)}, "不能为负数"),
    ({"count": Decimal("1e12")}, "数字太大"),
    ({"count": Decimal("1.005")}, "最多两位小数"),
    ({"count": Decimal("NaN")}, "请填写数字"),
    ({"numerator": Decimal(3)}, "只填数量"),
]
WORK = [
    Verb("ask for an extension", ask, {"reason": "人手不足", "wanted_on": date(2026, 8, 11)},
         [({"reason": " "}, "请写明理由"), ({"wanted_on": None}, "请填写希望延至的日期"),
          ({"wanted_on": DUE}, "须晚于今天和现在的时限"), ({"wanted_on": YESTERDAY}, "须晚于今天和现在的时限")]),
    Verb("extend", extend, {"new_due_on": date(2026, 8, 11), "answer": "同意"},
         [({"new_due_on": YESTERDAY}, "完成时限不能早于今天"), ({"new_due_on": None}, "请填写新的完成时限"),
          ({"new_due_on": DUE}, "延期须晚于这一天")], asked),
    Verb("refuse", refuse, {"answer": "请按期完成"}, [({"answer": " "}, "请写明不同意的理由")], asked),
    Verb("reassign", reassign, {"unit": "政府办", "answer": "职责在彼"},
         [({"unit": "司法局"}, "请改选"), ({"unit": "住建局"}, "请改选"),
          ({"unit": "城管局"}, "请改选")], stopped_unit),
    Verb("note", note, {"day": TODAY, "text": "已评查"},
         [({"day": TOMORROW}, "不能晚于今天"), ({"text": " "}, "请写一句进展情况")]),
    Verb("enter a reading", enter, {"count": Decimal("2.50")}, FIGURES),
    Verb("enter many readings", enter_many, {"count": Decimal(2)}, FIGURES),
]  # fmt: skip


class TestVerbs(VerbTests):
    verbs = [*MOVES, *WORK]
