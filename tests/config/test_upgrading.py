"""Migrations convert sentences and joined strings of older versions into rows, on both databases."""

from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import override_settings

from tests.support import upgrades
from tests.support.upgrades import Upgrade
from tests.support.world import NOW

BORN = date(2026, 8, 10)
HOUR = timedelta(hours=1)
LATEST = "0006_no_joined_marks"


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


TYPED = [
    ("extension", "延期申请，申请延至 2026-08-20", "人手不足（原时限 2026-01-01）"),
    ("extension", "不同意延期", "请按期完成（原时限 2026-01-01）"),
    ("objection", "分工异议", "原时限 2026-01-01，不是本单位职责"),
    ("return", "退回", "材料不全。请看（原时限 2026-01-01）"),
    ("withdraw", "撤回", "（原时限 2026-01-01）"),
    ("due", "调整时限", "原时限 2026-01-01"),
]


class OldTasks:
    """A district with a unit, two people and the given number of tasks."""

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


def _chain(world: OldTasks) -> Any:
    """A reopening does not name its new due day: it is the former one of the next change."""
    task = world.task(date(2026, 9, 1))
    world.event(task, "due", "调整时限", "原时限 2026-08-10，时限改为 2026-08-12。培训")
    world.returned(task, "材料不全。缺（原时限 2026-08-12）", date(2026, 8, 20), NOW + 2 * HOUR)
    world.returned(task, "材料不全。（原时限 2026-01-01）", None, NOW + 4 * HOUR)
    world.event(task, "reopen", "重新打开", "有投诉（原时限 2026-08-20）", NOW + 5 * HOUR)
    world.event(task, "extension", "同意延至 2026-09-01", "同意（原时限 2026-08-25）", NOW + 6 * HOUR)
    return task


def _names(world: OldTasks) -> Any:
    task, other = world.task(owner=world.people["程承办"]), world.task()
    world.event(task, "owner", "调整责任人", "责任人由 (空) 改为 刘联络")
    world.event(task, "owner", "调整责任人", "责任人由 刘联络 改为 程承办", NOW + HOUR)
    world.event(other, "owner", "调整责任人", "责任人由 (空) 改为 查无此人")
    return task


def _marks(world: OldTasks) -> dict[str, Any]:
    """Evidence by its state; one has an older version, one was declared not secret before it was marked again."""
    made: dict[str, Any] = {}
    for held in ("首页：机密、内部；题名：内部", "正文：绝密", "读不出的话", ""):
        made[held] = world.rows("Evidence").create(
            unit=world.unit, kind="brief", title="资料", held=held, created_by=world.people["刘联络"], created_at=NOW
        )
        for number in (1, 2):
            world.rows("EvidenceVersion").create(
                evidence=made[held], number=number, text="正文", by=world.people["刘联络"], at=NOW
            )
    cleared = world.rows("EvidenceVersion").get(evidence=made["正文：绝密"], number=1)
    by = world.people["程承办"]
    world.rows("Clearance").create(version=cleared, marks="文件名：秘密、内部", reason="转引", by=by, at=NOW)
    return made


class UpgradedTasks:
    """The result of migrating a database that ``story`` had filled, and the output of the migrations."""

    def __init__(self, upgrade: Upgrade) -> None:
        self.rows, self.world = upgrade.rows, OldTasks(upgrade)
        self.written = [self.world.task() for _ in WRITTEN]
        for task, (move, label, note, _) in zip(self.written, WRITTEN, strict=True):
            self.world.event(task, move, label, note)
        self.typed = [self.world.task() for _ in TYPED]
        for task, typed in zip(self.typed, TYPED, strict=True):
            self.world.event(task, *typed)
        self.chained = _chain(self.world)
        self.named = _names(self.world)
        self.marked = _marks(self.world)
        with redirect_stdout(StringIO()) as out:
            upgrade.to(LATEST)
        self.said = out.getvalue()

    def changes(self, task: Any) -> list[tuple[Any, ...]]:
        rows = self.rows("DueDateChange").filter(task=task.pk).order_by("changed_at", "pk")
        return list(rows.values_list("origin", "old_due_on", "new_due_on", "reason"))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgres)])
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[UpgradedTasks]:
    """Yield a database as the first version created it, upgraded once for all tests, which only read."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(MIGRATION_MODULES={}))  # `--nomigrations` had emptied it
        stack.enter_context(django_db_blocker.unblock())
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(upgrades.own_database(request.getfixturevalue("postgres_url")))
        folder = tmp_path_factory.mktemp("old")
        yield UpgradedTasks(stack.enter_context(upgrades.database(url, folder, "0001_initial")))


def test_what_the_system_wrote_becomes_a_row(found: UpgradedTasks) -> None:
    assert [found.changes(task) for task in found.written] == [[row] for *_, row in WRITTEN]
    rows = found.rows("DueDateChange").filter(task__in=[task.pk for task in found.written])
    assert set(rows.values_list("changed_by__username", "changed_at")) == {("刘联络", NOW)}


def test_what_people_wrote_is_no_row(found: UpgradedTasks) -> None:
    assert [found.changes(task) for task in found.typed] == [[] for _ in TYPED]
    assert f"有 {len(TYPED) + 1} 条任务动态提到“原时限”" in found.said


def test_every_sentence_stays_in_the_history(found: UpgradedTasks) -> None:
    notes = set(found.rows("TaskEvent").values_list("note", flat=True))
    assert notes >= {note for _, _, note, _ in WRITTEN} | {note for _, _, note in TYPED}


def test_a_story_of_changes_is_a_chain(found: UpgradedTasks) -> None:
    days = [(before.day, after.day) for _, before, after, _ in found.changes(found.chained)]
    assert days == [(10, 12), (12, 20), (20, 25), (25, 1)]


def test_named_owners_become_rows_where_the_name_is_one_persons(found: UpgradedTasks) -> None:
    people = found.world.people
    rows = found.rows("OwnerChange").order_by("changed_at").values_list("task", "old_owner", "new_owner")
    first, second = people["刘联络"].pk, people["程承办"].pk
    assert list(rows) == [(found.named.pk, None, first), (found.named.pk, first, second)]


def test_each_mark_of_a_joined_string_is_a_row_of_the_newest_version(found: UpgradedTasks) -> None:
    waiting = found.rows("SecrecyMark").filter(clearance=None).order_by("pk")
    facts = ("version__number", "place", "word")
    rows = {held: list(waiting.filter(evidence=piece.pk).values_list(*facts)) for held, piece in found.marked.items()}
    assert rows == {
        "首页：机密、内部；题名：内部": [(2, "first_page", "机密"), (2, "first_page", "内部"), (2, "title", "内部")],
        "正文：绝密": [(2, "text", "绝密")],
        "读不出的话": [(2, "text", "读不出的话")],
        "": [],
    }


def test_what_somebody_answered_for_stays_with_the_answer(found: UpgradedTasks) -> None:
    rows = found.rows("SecrecyMark").exclude(clearance=None).order_by("pk")
    facts = ("evidence", "version__number", "place", "word", "clearance__reason")
    piece = found.marked["正文：绝密"].pk
    assert list(rows.values_list(*facts)) == [
        (piece, 1, "file_name", "秘密", "转引"),
        (piece, 1, "file_name", "内部", "转引"),
    ]
