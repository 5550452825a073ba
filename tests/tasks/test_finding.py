"""The box that finds shows each person only what that person may see."""

import pytest
import time_machine

from creation.evidence.library import search_index
from creation.models import Evidence
from tests.support.last_phases import case, survey
from tests.support.world import NOW, World


@pytest.fixture(autouse=True)
def _the_day(world: World) -> object:
    world.cite("lead")
    search_index.update_entries(Evidence.objects.all())
    with time_machine.travel(NOW, tick=False):
        yield


def found(world: World, who: str, question: str) -> dict[str, list[str]]:
    groups = world.client(who).get("/find/", {"q": question}).context["groups"]
    return {group.name: [result.title for result in group.results] for group in groups}


def test_a_task_is_found_by_code_title_and_unit_together(world: World) -> None:
    assert found(world, "coordinator", "4-3-3 城管")["任务"] == ["4-3-3 每年组织案卷评查"]
    assert len(found(world, "coordinator", "案卷评查")["任务"]) == 2
    assert "任务" not in found(world, "coordinator", "案卷评查 没有这个词")


def test_evidence_is_found_as_in_the_library(world: World) -> None:
    title = Evidence.objects.get().title
    assert found(world, "liaison", title)["资料"] == [title]
    assert "资料" not in found(world, "rival", title)


def test_units_and_pages_are_found_by_their_sound(world: World) -> None:
    assert found(world, "coordinator", "cgj")["单位"]
    assert found(world, "coordinator", "txgz")["页面"] == ["提醒规则"]


def test_what_the_last_phases_leave_is_found_by_its_name(world: World) -> None:
    survey(world, "法治满意度", 0)
    case(world, "一线执法做法", "draft")
    group = "考核、测评、宣传和表彰"
    assert found(world, "chief", "法治满意度")[group] == ["法治满意度"]
    assert found(world, "liaison", "一线执法")[group] == ["一线执法做法"]
    assert found(world, "rival", "一线执法") == {}  # another unit's
    assert found(world, "liaison", "法治满意度") == {}
    assert found(world, "chief", "领导看板")["页面"] == ["领导看板"]


def test_a_unit_finds_only_its_own(world: World) -> None:
    groups = found(world, "liaison", "案卷评查")
    assert groups["任务"] == ["4-3-3 每年组织案卷评查"]
    assert "单位" not in found(world, "liaison", "城管局")
    assert "页面" not in found(world, "liaison", "提醒规则")


@pytest.mark.parametrize("question", ["", "   ", "“", "%", "a" * 5000, "\x00", '"(', "没有这个词"])
def test_odd_questions_find_nothing_and_say_so(world: World, question: str) -> None:
    answer = world.client("coordinator").get("/find/", {"q": question})
    assert answer.status_code == 200
    assert "empty" in answer.content.decode()
