"""What an older version kept in sentences and joined strings is rows after the migrations, on both databases."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests import upgrading
from tests.upgrading import Upgrade
from tests.world import NOW

BORN = date(2026, 8, 10)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def old(
    request: pytest.FixtureRequest, tmp_path: Path, settings: LazySettings, django_db_blocker: Any
) -> Iterator[Upgrade]:
    """A database as the first version made it."""
    settings.MIGRATION_MODULES = {}  # which `--nomigrations` had emptied
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(upgrading.own_database(request.getfixturevalue("postgres_url")))
        yield stack.enter_context(upgrading.database(url, tmp_path, "0001_initial"))


class Old:
    """One district with a unit, two people and as many tasks as are asked for."""

    def __init__(self, upgrade: Upgrade) -> None:
        self.rows = upgrade.rows
        district = self.rows("District").create(name="源汇区")
        self.unit = self.rows("Unit").create(district=district, name="源汇区城管局", short_name="城管局", order=1)
        self.people = {
            name: self.rows("User").create(username=name, name=name, unit=self.unit) for name in ("刘联络", "程承办")
        }
        system = self.rows("IndicatorSystem").create(district=district, name="体系", edition="2021")
        self.campaign = self.rows("Campaign").create(
            district=district, system=system, host=self.unit, name="2026", year=2026, state="open"
        )
        self.phase = self.rows("Phase").create(campaign=self.campaign, kind="evidence", name="收集印证资料", order=1)
        self.number = 0

    def task(self, due_on: date | None = BORN, **values: Any) -> Any:
        self.number += 1
        action = self.rows("Action").create(
            phase=self.phase, code=f"L-{self.number}", title="事项", audience="every_unit"
        )
        fields = {"campaign": self.campaign, "unit": self.unit, "phase": self.phase, "action": action}
        return self.rows("Task").create(due_on=due_on, **fields, **values)

    def event(self, task: Any, move: str, label: str, note: str, at: datetime = NOW) -> None:
        by = self.people["刘联络"]
        state = {"source": "open", "target": "open"}
        self.rows("TaskEvent").create(task=task, move=move, label=label, note=note, by=by, at=at, **state)

    def returned(self, task: Any, note: str, new_due_on: date | None, at: datetime) -> None:
        by = self.people["刘联络"]
        number = self.rows("Submission").filter(task=task).count() + 1
        answer = self.rows("Submission").create(
            task=task, number=number, mode="upload", handed_on=at.date(), by=by, at=at - HOUR, digest="0" * 64
        )
        self.rows("Review").create(
            submission=answer, verdict="return", reason="missing", new_due_on=new_due_on, by=by, at=at
        )
        self.event(task, "return", "退回", note, at)


def changes(upgrade: Upgrade, task: Any) -> list[tuple[Any, ...]]:
    rows = upgrade.rows("DueDateChange").filter(task=task.pk).order_by("changed_at", "pk")
    return list(rows.values_list("origin", "old_due_on", "new_due_on", "reason"))


WRITTEN = [
    ("due", "调整时限", "原时限 2026-08-01，时限改为 2026-08-10。培训（原时限 2026-01-01）",
     ("bulk", date(2026, 8, 1), BORN, "培训（原时限 2026-01-01）")),
    ("due", "调整时限", "原时限待定，时限改为 2026-08-09（休息日，请在 2026-08-07 前办结）。汛期\n顺延",
     ("bulk", None, date(2026, 8, 9), "汛期\n顺延")),
    ("due", "调整时限", "原时限 2026-08-01，时限改为 2026-08-10。按导入的任务分解表调整",
     ("import", date(2026, 8, 1), BORN, "按导入的任务分解表调整")),
    ("due", "调整时限", "收集印证资料：2026-07-11 至 2026-08-10；时限改为 2026-08-10（原时限 2026-08-01）",
     ("phase", date(2026, 8, 1), BORN, "收集印证资料：2026-07-11 至 2026-08-10")),
    ("due", "调整时限", "收集印证资料：时间待通知；时限待定（原时限 2026-08-01）",
     ("phase", date(2026, 8, 1), None, "收集印证资料：时间待通知")),
    ("extension", "同意延至 2026-08-10", "原时限 2026-01-01，同意（原时限 2026-08-01）",
     ("extension", date(2026, 8, 1), BORN, "原时限 2026-01-01，同意")),
    ("reopen", "重新打开", "有投诉（原时限待定）", ("reopen", None, BORN, "有投诉")),
]  # fmt: skip


def test_what_the_system_wrote_becomes_a_row(old: Upgrade) -> None:
    world = Old(old)
    tasks = [world.task() for _ in WRITTEN]
    for task, (move, label, note, _) in zip(tasks, WRITTEN, strict=True):
        world.event(task, move, label, note)
    old.to("0003_changes_from_sentences")
    assert [changes(old, task) for task in tasks] == [[found] for *_, found in WRITTEN]
    rows = old.rows("DueDateChange").values_list("changed_by__username", "changed_at")
    assert set(rows) == {("刘联络", NOW)}
    assert set(old.rows("TaskEvent").values_list("note", flat=True)) == {note for _, _, note, _ in WRITTEN}


TYPED = [
    ("extension", "延期申请，申请延至 2026-08-20", "人手不足（原时限 2026-01-01）"),
    ("extension", "不同意延期", "请按期完成（原时限 2026-01-01）"),
    ("objection", "分工异议", "原时限 2026-01-01，不是本单位职责"),
    ("return", "退回", "材料不全。请看（原时限 2026-01-01）"),
    ("withdraw", "撤回", "（原时限 2026-01-01）"),
    ("due", "调整时限", "原时限 2026-01-01"),
]


def test_what_people_wrote_is_no_row(old: Upgrade, capsys: pytest.CaptureFixture[str]) -> None:
    world = Old(old)
    for typed in TYPED:
        world.event(world.task(), *typed)
    old.to("0003_changes_from_sentences")
    assert not old.rows("DueDateChange").exists()
    assert set(old.rows("TaskEvent").values_list("note", flat=True)) == {note for *_, note in TYPED}
    assert f"有 {len(TYPED)} 条任务动态提到“原时限”" in capsys.readouterr().out


def test_a_story_of_changes_is_a_chain(old: Upgrade) -> None:
    """A reopening does not say its new day: it is the former one of the next change."""
    task = (world := Old(old)).task(date(2026, 9, 1))
    world.event(task, "due", "调整时限", "原时限 2026-08-10，时限改为 2026-08-12。培训")
    world.returned(task, "材料不全。缺（原时限 2026-08-12）", date(2026, 8, 20), NOW + 2 * HOUR)
    world.returned(task, "材料不全。（原时限 2026-01-01）", None, NOW + 4 * HOUR)
    world.event(task, "reopen", "重新打开", "有投诉（原时限 2026-08-20）", NOW + 5 * HOUR)
    world.event(task, "extension", "同意延至 2026-09-01", "同意（原时限 2026-08-25）", NOW + 6 * HOUR)
    old.to("0003_changes_from_sentences")
    days = [(before.day, after.day) for _, before, after, _ in changes(old, task)]
    assert days == [(10, 12), (12, 20), (20, 25), (25, 1)]


def test_named_owners_become_rows_where_the_name_is_one_persons(old: Upgrade) -> None:
    world = Old(old)
    clerk = world.people["程承办"]
    task, other = world.task(owner=clerk), world.task()
    world.event(task, "owner", "调整责任人", "责任人由 (空) 改为 刘联络")
    world.event(task, "owner", "调整责任人", "责任人由 刘联络 改为 程承办", NOW + HOUR)
    world.event(other, "owner", "调整责任人", "责任人由 (空) 改为 查无此人")
    old.to("0003_changes_from_sentences")
    rows = old.rows("OwnerChange").order_by("changed_at").values_list("task", "old_owner", "new_owner")
    first = world.people["刘联络"].pk
    assert list(rows) == [(task.pk, None, first), (task.pk, first, clerk.pk)]
