"""Each change of a due date is recorded as a row, by the only function that may change it."""

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from creation.campaigns import campaign_actions, due_dates, phase_dates
from creation.models import Action, ActionChange, DueDateChange, DueDateOrigin, OwnerChange, Phase, RequestKind, Task
from creation.models import TaskRequest as Request
from creation.tasks import bulk_changes, unit_requests, workflow
from tests.support.world import NOW, World

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    ("creation/campaigns/due_dates.py", "update"),
    (
        "creation/campaigns/campaign_actions.py",
        "action.due_on",
    ),  # the due day of an action, whose changes have rows of their own
    ("creation/campaigns/campaign_actions.py", "save"),
    ("creation/supervision/order_changes.py", "action.due_on"),  # the same of a supervision order
    ("creation/supervision/order_changes.py", "save"),
    ("reports/ledger/historical_state.py", "state.due_on"),  # a reconstructed value, not a row
}


def writes_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of code that sets ``due_on`` of an existing row: assignments, and calls that update or save."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "due_on" and isinstance(node.ctx, ast.Store):
            yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and (called := _called(node)) and _names_due_on(node):
            yield node.lineno, called


def _called(node: ast.Call) -> str:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name if "update" in name or name in ("save", "setattr") else ""


def _names_due_on(node: ast.Call) -> bool:
    said = [each.arg for each in ast.walk(node) if isinstance(each, ast.keyword)]
    return "due_on" in said or any(isinstance(each, ast.Constant) and each.value == "due_on" for each in ast.walk(node))


@pytest.mark.parametrize(
    "line",
    [
        "task.due_on = day",
        "Task.objects.filter(pk=1).update(due_on=day)",
        "_update(tasks, due_on=day)",
        "Task.objects.bulk_update(tasks, ['due_on'])",
        "task.save(update_fields=['due_on'])",
        "rows.update(**{'due_on': day})",
        "setattr(task, 'due_on', day)",
    ],
)
def test_the_guard_knows_a_write_when_it_sees_one(line: str) -> None:
    assert list(writes_of(ast.parse(line)))


def test_nothing_else_sets_the_due_date_of_a_task() -> None:
    found = {
        (str(path.relative_to(ROOT)), text)
        for room in ("creation", "reports")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for _, text in writes_of(ast.parse(path.read_text()))
    }
    assert found == ALLOWED


def changes_of(world: World, name: str = "lead") -> list[tuple[Any, ...]]:
    facts = ("origin", "old_due_on", "new_due_on", "reason", "changed_by__username", "changed_at")
    return list(DueDateChange.objects.filter(task=world.tasks[name]).values_list(*facts))


def move(world: World, name: str, who: str, data: dict[str, Any]) -> None:
    task = world.task("lead")
    workflow.perform(workflow.MOVES[name], task, world.actor(who), task.version, data)


def submit(world: World) -> None:
    move(world, "submit", "liaison", {"mode": "upload", "measures": "评查", "results": "60 份", "highlights": ""})


def bulk(world: World, day: date, reason: str = "汛期顺延") -> None:
    task = world.task("lead")
    bulk_changes.change_due_day(world.campaign, {task.pk: task.version}, day, reason, world.actor("coordinator"))


BORN, LATER = date(2026, 8, 10), date(2026, 8, 20)


@pytest.mark.django_db
def test_a_bulk_change_is_a_row(world: World) -> None:
    bulk(world, LATER)
    assert changes_of(world) == [(DueDateOrigin.BULK, BORN, LATER, "汛期顺延", "coordinator", NOW)]


@pytest.mark.django_db
def test_a_granted_extension_is_a_row(world: World) -> None:
    request = unit_requests.submit_request(
        world.task("lead"), world.actor("liaison"), RequestKind.EXTENSION, "人手", LATER
    )
    unit_requests.grant_extension(Request.objects.get(pk=request.pk), world.actor("coordinator"), LATER, "同意")
    assert changes_of(world) == [(DueDateOrigin.EXTENSION, BORN, LATER, "同意", "coordinator", NOW)]


@pytest.mark.django_db
def test_a_return_and_a_reopening_with_a_new_day_are_rows_and_without_one_none(world: World) -> None:
    world.cite("lead")
    submit(world)
    move(world, "return", "reviewer", {"reason": "missing", "comment": "缺通报", "new_due_on": None})
    assert changes_of(world) == []
    submit(world)
    move(world, "return", "reviewer", {"reason": "missing", "comment": "缺通报", "new_due_on": LATER})
    submit(world)
    move(world, "approve", "reviewer", {"comment": ""})
    last = LATER + timedelta(days=1)
    move(world, "reopen", "coordinator", {"comment": "有投诉", "new_due_on": last})
    assert changes_of(world) == [
        (DueDateOrigin.RETURN, BORN, LATER, "材料不全。缺通报", "reviewer", NOW),
        (DueDateOrigin.REOPEN, LATER, last, "有投诉", "coordinator", NOW),
    ]


@pytest.mark.django_db
def test_a_moved_phase_is_a_row_a_task_that_follows(world: World) -> None:
    Task.objects.filter(pk=world.tasks["other"].pk).update(due_on=date(2026, 8, 1))
    phase = Phase.objects.get(pk=world.phases["evidence"].pk)
    phase_dates.set_dates(phase, date(2026, 7, 11), LATER, phase.version, world.actor("coordinator"))
    said = "收集印证资料：2026-07-11 至 2026-08-20"
    assert changes_of(world) == [(DueDateOrigin.PHASE, BORN, LATER, said, "coordinator", NOW)]
    assert changes_of(world, "other") == []


@pytest.mark.django_db
def test_a_reworded_action_is_a_row_and_so_is_the_day_of_its_tasks(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    campaign_actions.edit_action(action, "制定实施方案", "报区委备案。", LATER, world.actor("coordinator"))
    row = ActionChange.objects.get()
    assert (row.old_title, row.old_text, row.old_due_on) == ("制定工作方案", "报创建办备案。", None)
    assert (row.new_title, row.new_text, row.new_due_on) == ("制定实施方案", "报区委备案。", LATER)
    assert (row.changed_by, row.changed_at) == (world.people["coordinator"], NOW)
    [(origin, old, new, *_)] = changes_of(world, "action")
    assert (origin, old, new) == (DueDateOrigin.ACTION, date(2026, 7, 10), LATER)
    told = world.task("action").events.get(move="due").note
    assert told == "事项有变动；时限改为 2026-08-20（原时限 2026-07-10）"


@pytest.mark.django_db
def test_an_action_that_says_the_same_has_not_changed(world: World) -> None:
    action = Action.objects.select_related("phase__campaign").get(code="D-3")
    campaign_actions.edit_action(action, action.title, action.text, None, world.actor("coordinator"))
    assert not ActionChange.objects.exists()
    assert not DueDateChange.objects.exists()


@pytest.mark.django_db
def test_a_day_that_a_task_already_has_makes_no_row(world: World) -> None:
    rows = Task.objects.filter(pk__in=[world.tasks["lead"].pk, world.tasks["assist"].pk]).order_by("pk")
    keys = due_dates.change_due_date(rows, BORN, DueDateOrigin.BULK, "", world.actor("coordinator"))
    assert keys == [world.tasks["lead"].pk, world.tasks["assist"].pk]
    assert changes_of(world) == []
    assert len(changes_of(world, "assist")) == 1


@pytest.mark.django_db
def test_a_named_owner_is_a_row(world: World) -> None:
    task, clerk = world.task("lead"), world.people["clerk"]
    bulk_changes.change_owner(
        world.campaign, {task.pk: task.version}, {task.unit_id: clerk}, world.actor("coordinator")
    )
    row = OwnerChange.objects.get()
    assert (row.old_owner, row.new_owner, row.changed_at) == (world.people["liaison"], clerk, NOW)
