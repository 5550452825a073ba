"""Typical cases: written and submitted by a unit, returned or selected by the office, never changed behind somebody's back."""

from typing import Any

import pytest
import time_machine
from django.urls import reverse

from creation.lib.refusals import Refusal, Stale
from creation.models import CaseState, Notice, TypicalCase
from creation.publicity import cases
from creation.publicity.cases import CaseText
from tests.support.world import NOW, World

TEXT = CaseText(title="柔性执法", practice="首违不罚清单 23 项", results="投诉下降三成")


@pytest.fixture
def case(world: World) -> TypicalCase:
    return cases.write_case(world.campaign, world.units["城管局"], TEXT, world.actor("liaison"))


def judge(world: World, case: TypicalCase, select: bool, comment: str = "", seen: int = 2) -> TypicalCase:
    return cases.judge_case(case, select=select, comment=comment, actor=world.actor("coordinator"), seen=seen)


def test_it_is_returned_with_a_comment_and_selected_in_the_end(world: World, case: TypicalCase) -> None:
    cases.submit_case(case, world.actor("liaison"), 1)
    told = Notice.objects.filter(subject=f"case/{case.pk}")
    assert {notice.person for notice in told} == {world.people["coordinator"], world.people["reviewer"]}
    assert "城管局报送典型经验：柔性执法。请审核。" in {notice.text for notice in told}
    with pytest.raises(Refusal, match="怎样修改"):
        judge(world, case, False, " ")
    assert judge(world, case, False, "请补充数据").state == CaseState.RETURNED
    assert Notice.objects.filter(person=world.people["liaison"], text__contains="请补充数据").exists()
    cases.edit_case(case, CaseText("柔性执法", "首违不罚清单 23 项", "投诉下降 31.2%"), world.actor("liaison"), 3)
    cases.submit_case(case, world.actor("liaison"), 4)
    assert judge(world, case, True, seen=5).state == CaseState.SELECTED
    assert list(TypicalCase.objects.selected()) == [case]


def test_nothing_is_changed_behind_somebodys_back(world: World, case: TypicalCase) -> None:
    with pytest.raises(Refusal, match="不能这样操作"):
        judge(world, case, True, seen=1)
    cases.edit_case(case, TEXT, world.actor("liaison"), 1)
    with pytest.raises(Stale, match="刚刚被他人更新") as stale:
        cases.submit_case(case, world.actor("liaison"), 1)
    assert "首违不罚" in str(stale.value.theirs)
    cases.submit_case(case, world.actor("liaison"), 2)
    with pytest.raises(Refusal, match="已报送"):
        cases.edit_case(case, TEXT, world.actor("liaison"), 3)


@time_machine.travel(NOW, tick=False)
def test_a_units_day_on_the_pages(world_at_work: World) -> None:
    world = world_at_work
    client, campaign = world.client("liaison"), world.campaign
    sent: dict[str, Any] = {"unit": world.units["城管局"].pk, "title": "柔性执法", "practice": "清单", "results": ""}
    address = reverse("case_new", args=[campaign.pk])
    assert "请写明成效" in client.post(address, sent).content.decode()
    client.post(address, sent | {"results": "投诉下降"})
    case = TypicalCase.objects.get()
    edit = reverse("case_edit", args=[campaign.pk, case.pk])
    assert client.post(edit, sent | {"results": "投诉下降三成", "seen": 1}).status_code == 302
    assert client.post(edit, sent | {"results": "又改", "seen": 1}).status_code == 409
    submit = reverse("case_submit", args=[campaign.pk, case.pk])
    assert "已报送" in client.post(submit, {"seen": 2}, follow=True).content.decode()
    office = world.client("coordinator")
    address = reverse("case_judge", args=[campaign.pk, case.pk])
    assert "请写明要怎样修改" in office.post(address, {"decision": "return", "seen": 3}).content.decode()
    page = office.post(address, {"decision": "select", "seen": 3}, follow=True).content.decode()
    assert "已采用" in page
    assert world.client("rival").get(case.get_absolute_url()).status_code == 404
    assert "柔性执法" in world.client("chief").get(reverse("cases", args=[campaign.pk])).content.decode()
