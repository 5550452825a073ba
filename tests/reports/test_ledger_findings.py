"""The sheet 问题整改 of the ledger: findings of supervision and returned answers, each once."""

from datetime import timedelta
from pathlib import Path

import pytest

from creation.models import FindingSource, Task
from creation.supervision import findings
from creation.supervision.findings import FindingText
from creation.tasks import workflow
from tests.reports.test_ledger import download
from tests.reports.test_reopened import problems, reopen
from tests.support.world import NOW, TODAY, World

ANSWER = {"mode": "statement", "statement": "已整改", "results": "补齐 12 件"}


@pytest.fixture(autouse=True)
def _the_folder(fresh_data_dir: Path) -> None:
    pass


@pytest.fixture
def task(world: World) -> Task:
    """A rectification of 城管局 that was returned once and closed then, and one of 老街街道."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    text = FindingText(title="案卷没有评查记录", source=source, indicator=world.indicators["4-3-3"])
    units = {world.units[name]: TODAY + timedelta(days=9) for name in ("城管局", "老街街道")}
    made = findings.record_finding(world.campaign, text, units, world.actor("coordinator", NOW - timedelta(hours=9)))
    return made.rectifications.get(unit=world.units["城管局"])


def move(world: World, task: Task, name: str, who: str, hours: int, **data: object) -> None:
    now = Task.objects.for_table().get(pk=task.pk)
    workflow.perform(workflow.MOVES[name], now, world.actor(who, NOW - timedelta(hours=hours)), now.version, data)


def test_each_problem_is_there_once(world: World, task: Task) -> None:
    reopen(world)
    move(world, task, "submit", "liaison", 8, **ANSWER)
    move(world, task, "return_rectification", "inspector", 7, reason="weak", comment="缺附件")
    found = problems(download(world))
    rows = [(row["问题来源"][:7], row["责任单位"], row["是否销号"]) for row in found]
    assert rows[:2] == [("集中督导 W0", "老街街道", "否"), ("集中督导 W0", "城管局", "否")]
    assert [source[:4] for source, *_ in rows[2:]] == ["审核退回", "撤销通过"]
    move(world, task, "submit", "liaison", 6, **ANSWER)
    move(world, task, "close", "inspector", 5, how="书面")
    found = problems(download(world))
    assert [(row["责任单位"], row["是否销号"], row["销号日期"]) for row in found[:2]] == [
        ("老街街道", "否", None),
        ("城管局", "是", "2026-07-31"),
    ]
    assert "补齐 12 件" in found[1]["进展"]


def test_conditions_of_the_ledger_narrow_it(world: World, task: Task) -> None:
    reopen(world)

    def sources(who: str = "coordinator", **chosen: object) -> list[str]:
        return [row["问题来源"][:4] for row in problems(download(world, who, **chosen))]

    assert sources(unit=world.units["城管局"].pk).count("集中督导") == 1
    assert sources(section="4").count("集中督导") == 2
    assert sources(who="liaison").count("集中督导") == 1
    assert "集中督导" not in sources(status="returned"), "a state of tasks of the plan"
