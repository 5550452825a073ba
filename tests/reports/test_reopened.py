"""A reopened task: the ledger prints the reason for which it was reopened, and its problems are not closed by the withdrawn approval."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from creation.models import Task, Unit
from creation.tasks import workflow
from tests.reports.test_ledger import download, printed
from tests.support.world import NOW, World

PRAISE, WHY = "材料扎实，值得推广", "群众反映数据不实"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _the_folder(fresh_data_dir: Path) -> None:
    pass


def move(world: World, name: str, who: str, at: datetime, **data: Any) -> None:
    task = Task.objects.get(pk=world.tasks["lead"].pk)
    with time_machine.travel(at, tick=False):
        workflow.perform(workflow.MOVES[name], task, world.actor(who, at), task.version, data)


def reopen(world: World) -> None:
    answer = {"mode": "statement", "statement": "已办理", "measures": "措施"}
    move(world, "submit", "liaison", NOW - 6 * HOUR, **answer)
    move(world, "return", "reviewer", NOW - 5 * HOUR, reason="weak", comment="请补充")
    move(world, "submit", "liaison", NOW - 4 * HOUR, **answer)
    move(world, "approve", "reviewer", NOW - 3 * HOUR, comment=PRAISE)
    move(world, "reopen", "coordinator", NOW - 2 * HOUR, comment=WHY)


def row_of(book: Any) -> dict[str, Any]:
    return next(row for row in printed(book) if row["责任单位"] == "城管局（牵头）")


def problems(book: Any) -> list[dict[str, Any]]:
    rows = [row for row in book["问题整改"].iter_rows(values_only=True) if any(row)]
    head = next(number for number, row in enumerate(rows) if "问题来源" in row)
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if row[1]]


def test_the_reason_is_that_of_the_act_which_reopened_it(world: World) -> None:
    reopen(world)
    shown = row_of(download(world))["审核结果"]
    assert WHY in shown
    assert PRAISE not in shown


def test_a_later_return_gives_its_own_reason(world: World) -> None:
    reopen(world)
    move(world, "submit", "liaison", NOW - HOUR, mode="statement", statement="改过")
    move(world, "return", "reviewer", NOW - HOUR / 2, reason="weak", comment="仍不够")
    shown = row_of(download(world))["审核结果"]
    assert "仍不够" in shown
    assert WHY not in shown


def test_its_problems_are_open_until_it_is_approved_again(world: World) -> None:
    reopen(world)
    found = problems(download(world))
    assert [(row["问题来源"][:4], row["是否销号"]) for row in found] == [("审核退回", "否"), ("撤销通过", "否")]
    assert WHY in found[1]["问题表述"]
    move(world, "submit", "liaison", NOW - HOUR, mode="statement", statement="改过", measures="复核数据")
    move(world, "approve", "reviewer", NOW - HOUR / 2)
    found = problems(download(world))
    assert [row["是否销号"] for row in found] == ["是", "是"]
    assert found[1]["整改措施"] == "复核数据"


def test_the_summary_lists_units_in_the_order_of_the_roster(world: World) -> None:
    Unit.objects.filter(pk=world.units["城管局"].pk).update(order=0)  # its first task comes after one of 老街街道
    rows = [row[0] for row in download(world)["汇总"].iter_rows(values_only=True, max_col=1)]
    units = [name for name in rows[rows.index("按责任单位") :] if name in world.units]
    assert units == ["城管局", "老街街道"]
