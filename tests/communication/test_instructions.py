"""批示: a leader orders, the coordinator makes an action of it with one click or answers, the leader reads what became of it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from creation.communication import instructions
from creation.communication.instructions import InstructionText
from creation.models import Action, AuditEntry, Campaign, Instruction, Notice, Task, Unit
from tests.support.query_counts import count_queries
from tests.support.world import NOW, World

pytestmark = pytest.mark.usefixtures("at_now")

ORDER = "请城管局牵头，一周内把案卷评查的问题改到位。\n老街街道配合。"


def post(world: World, who: str, name: str, *keys: int, **data: Any) -> Any:
    return world.client(who).post(reverse(name, args=[world.campaign.pk, *keys]), data)


def text(world: World, who: str, address: str = "") -> str:
    response = world.client(who).get(address or reverse("instructions", args=[world.campaign.pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def order(world: World, lead: str | None = "城管局", due_on: date | None = date(2026, 8, 7)) -> Instruction:
    units = world.units
    said = InstructionText(ORDER, units[lead] if lead else None, [units["老街街道"]] if lead else [], due_on)
    made = instructions.write_instruction(world.campaign, said, world.actor("chief"))
    return Instruction.objects.for_table().get(pk=made.pk)


def test_an_instruction_written_on_the_first_page_reaches_the_coordinator(world: World) -> None:
    assert "送综合协调组办理" in text(world, "chief", "/")
    data = {"text": ORDER, "lead": world.units["城管局"].pk, "assists": [world.units["老街街道"].pk]}
    assert post(world, "chief", "instruction_new", due_on="2026-08-07", **data).status_code == 302
    made = Instruction.objects.get()
    assert (made.lead, list(made.assists.all()), made.due_on) == (
        world.units["城管局"],
        [world.units["老街街道"]],
        date(2026, 8, 7),
    )
    assert ORDER in Notice.objects.get(person=world.people["coordinator"], kind="instruct").text
    assert AuditEntry.objects.filter(act="instruction.write", detail=ORDER).exists()
    assert "待办理的领导批示" in text(world, "coordinator", "/")
    assert "待综合协调组办理" in text(world, "chief", "/")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": " "}, "请写下批示内容"),
        ({"due_on": "2026-07-30"}, "已经过去"),
        ({"lead": "999999"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_understood_comes_back_as_typed(world: World, data: dict[str, str], sentence: str) -> None:
    answer = post(world, "chief", "instruction_new", **({"text": ORDER} | data))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Instruction.objects.exists()


def test_one_click_makes_an_action_with_a_lead_and_assists(world: World) -> None:
    made = order(world)
    assert post(world, "coordinator", "instruction_issue", made.pk, as_written="1").status_code == 302
    action = Action.objects.get(code="L-1")
    assert (action.title, action.text, action.phase) == (
        "请城管局牵头，一周内把案卷评查的问题改到位",
        ORDER,
        world.phases["evidence"],
    )
    assert action.source == "领导批示（凌领导，2026-07-31）"
    tasks = {task.unit.short_name: (task.role, task.due_on) for task in Task.objects.filter(action=action)}
    assert tasks == {"城管局": ("lead", date(2026, 8, 7)), "老街街道": ("assist", date(2026, 8, 4))}
    made.refresh_from_db()
    assert (made.action, made.settled_by) == (action, world.people["coordinator"])
    assert "已转为工作事项 L-1" in Notice.objects.get(person=world.people["chief"]).text
    assert AuditEntry.objects.filter(act="instruction.issue").exists()
    page = text(world, "chief")
    assert "2 个单位承担，已报送 0" in page
    Task.objects.filter(action=action, role="assist").update(status="approved", first_submitted_at=NOW)
    assert "已报送 1" in text(world, "chief", "/")


def test_without_a_unit_the_coordinator_names_one_in_the_form_filled_in_from_the_instruction(world: World) -> None:
    made = order(world, lead=None)
    page = text(world, "coordinator", "/")
    assert "照批示转为工作事项" not in page
    assert (
        "请至少选择一个单位"
        in post(world, "coordinator", "instruction_issue", made.pk, as_written="1").content.decode()
    )
    form = (
        world.client("coordinator").get(reverse("instruction_issue", args=[world.campaign.pk, made.pk])).context["form"]
    )
    data = {name: form[name].value() or "" for name in form.fields} | {"units": [world.units["司法局"].pk]}
    assert post(world, "coordinator", "instruction_issue", made.pk, **data).status_code == 302
    assert list(Action.objects.get(code="L-1").units.all()) == [world.units["司法局"]]


def test_an_instruction_that_needs_no_action_is_answered(world: World) -> None:
    made = order(world)
    assert "请填写办理情况" in post(world, "coordinator", "instruction_settle", made.pk, answer=" ").content.decode()
    assert post(world, "coordinator", "instruction_settle", made.pk, answer="已在例会上传达。").status_code == 302
    assert "已在例会上传达。" in text(world, "chief", "/")
    assert "待办理的领导批示" not in text(world, "coordinator", "/")
    assert AuditEntry.objects.filter(act="instruction.settle").exists()


def test_the_second_who_settles_it_is_told_and_loses_no_word(world: World) -> None:
    made = order(world)
    instructions.answer_instruction(made, "已传达", world.actor("coordinator"))
    late = post(world, "coordinator", "instruction_settle", made.pk, answer="我写的办理情况")
    assert late.status_code == 422
    assert "宗协调 已经办理了这件批示" in late.content.decode()
    assert "我写的办理情况" in late.content.decode()
    assert (
        "已经办理了这件批示"
        in post(world, "coordinator", "instruction_issue", made.pk, as_written="1").content.decode()
    )
    assert not Action.objects.filter(code="L-1").exists()


@pytest.mark.parametrize(
    ("who", "code"), [("coordinator", 403), ("assessor", 403), ("liaison", 403), ("outsider", 404)]
)
def test_only_leaders_write_instructions(world: World, who: str, code: int) -> None:
    assert post(world, who, "instruction_new", text=ORDER).status_code == code


def test_a_closed_campaign_takes_no_instruction(world: World) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state="closed")
    assert "已结束" in post(world, "chief", "instruction_new", text=ORDER).content.decode()
    assert not Instruction.objects.exists()


def test_a_unit_reads_the_task_and_not_the_instruction(world: World) -> None:
    made = order(world)
    assert world.client("liaison").get(made.get_absolute_url()).status_code == 403
    post(world, "coordinator", "instruction_issue", made.pk, as_written="1")
    page = text(world, "liaison", Task.objects.get(action__code="L-1", role="lead").get_absolute_url())
    assert "牵头" in page
    assert ORDER.splitlines()[0] in page


def test_a_merged_unit_hands_over_what_it_was_to_lead(world: World) -> None:
    from creation.units import merging

    made = order(world)
    unit, into = (Unit.objects.get(pk=world.units[name].pk) for name in ("城管局", "政府办"))
    merging.merge(unit, into, unit.version, world.actor("administrator"))
    made.refresh_from_db()
    assert made.lead == into


def test_forty_instructions_cost_as_many_queries_as_one(world: World) -> None:
    def cost(who: str) -> int:
        client, total = world.client(who), 0
        for address in ("/", reverse("instructions", args=[world.campaign.pk])):
            total += count_queries(client.get, address)
        return total

    order(world)
    few = {who: (cost(who), cost(who))[1] for who in ("chief", "coordinator")}
    for _ in range(39):
        order(world)
    Notice.objects.all().delete()
    assert {who: cost(who) for who in few} == few
