"""Concurrent changes on real connections: one succeeds, the other gets an error, and each read sees one consistent state."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Count

from creation.campaigns import campaign_actions
from creation.campaigns.editions import comparison, comparison_draft, confirmation
from creation.campaigns.editions.comparison_draft import EditionChoices
from creation.lib import storage
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal, Stale
from creation.models import Action, Paper, PaperKind, Task, TaskStatus, Unit
from creation.papers import stamped_papers as papers
from creation.tasks import workflow
from creation.tasks.workflow import MOVES
from tests.conftest import wait_for
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = {"mode": "statement", "statement": "本年度无此类案卷。"}


def elsewhere(act: Callable[[], Any]) -> "Future[Any]":
    """Run the function on another connection at the same time."""

    def alone() -> Any:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone)


def meanwhile(*acts: Callable[[], Any]) -> list[Any]:
    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refusal as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(alone, acts))


def somebody_waits(cursor: Any) -> bool:
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return bool(cursor.fetchone()[0])


def handed_in(world: World) -> Task:
    task = world.task("lead")
    return workflow.perform(MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER)


def test_what_is_withdrawn_is_not_approved(world: World) -> None:
    task = handed_in(world)

    def move(name: str, who: str) -> str:
        found, actor = world.task("lead"), world.actor(who)
        time.sleep(0.2)  # both have read it
        with transaction.atomic():
            workflow.perform(MOVES[name], found, actor, task.version, {"comment": ""})
            time.sleep(0.3)  # the other one waits for the locked row
        return "done"

    said = meanwhile(lambda: move("withdraw", "liaison"), lambda: move("approve", "reviewer"))
    assert said.count("done") == 1, said
    assert world.task("lead").version == task.version + 1


def test_of_two_who_change_the_same_version_one_wins(world: World) -> None:
    unit = Unit.objects.get(pk=world.units["城管局"].pk)

    def change(leader: str) -> str:
        time.sleep(0.2)  # both have seen the version
        with transaction.atomic():
            won = Unit.objects.change(unit.pk, unit.version, leader=leader)
            time.sleep(0.3)  # the other one waits for the locked row
        return leader if won else ""

    said = meanwhile(lambda: change("甲"), lambda: change("乙"))
    now = Unit.objects.get(pk=unit.pk)
    assert sorted(map(bool, said)) == [False, True], said
    assert (now.leader, now.version) == ("".join(said), unit.version + 1)


def test_an_action_that_is_cancelled_leaves_what_is_handed_in_meanwhile(world: World) -> None:
    action, task = Action.objects.select_related("phase__campaign").get(code="D-3"), world.task("action")

    def submit() -> None:
        with transaction.atomic():
            workflow.perform(MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER)
            time.sleep(0.6)

    def cancel() -> int:
        time.sleep(0.3)
        return campaign_actions.cancel_action(action, "已并入其他事项", world.actor("coordinator"))

    _, gone = meanwhile(submit, cancel)
    now = Task.objects.get(pk=task.pk)
    assert (gone, now.status, now.dropped_on) == (0, TaskStatus.SUBMITTED, None)


def test_a_new_edition_ends_no_task_that_is_answered_meanwhile(world: World) -> None:
    """The office saw the task unanswered: it gets an error, and nothing has changed."""
    task, point = world.task("lead"), world.indicators["1-1-1"]
    row = {
        "code": "1-1-1",
        "title": point.title,
        "proof": "",
        "item": "深化行政审批制度改革",
        "section": "x",
        "key": "",
    }
    change = comparison_draft.start_comparison(world.campaign, "附件1.xlsx", [row], world.actor("coordinator"))
    comparison_draft.save_choices(change, 1, EditionChoices("2026年版", None, "", {}), world.actor("coordinator"))
    change.refresh_from_db()
    seen = comparison.compare(change).digest

    def submit() -> None:
        with transaction.atomic():
            workflow.perform(MOVES["submit"], task, world.actor("liaison"), task.version, ANSWER)
            time.sleep(0.6)

    def confirm() -> str:
        time.sleep(0.3)
        try:
            confirmation.confirm_change(change, seen, True, world.actor("coordinator"))
        except Stale as stale:
            return str(stale)
        return "done"

    _, said = meanwhile(submit, confirm)
    now = Task.objects.get(pk=task.pk)
    assert said.startswith("对照之后又有了变化")
    assert (now.status, now.dropped_on) == (TaskStatus.SUBMITTED, None)


def test_a_paper_is_read_of_one_moment_and_holds_up_no_writer(world: World) -> None:
    def figures() -> list[Any]:
        return sorted(Task.objects.values_list("status").annotate(Count("pk")))

    with consistent_snapshot():
        before = figures()
        elsewhere(lambda: handed_in(world)).result(10)  # would wait until the reader ends
        assert figures() == before
    assert figures() != before


def test_a_page_that_the_database_took_back_is_asked_again(world: World) -> None:
    """Deadlock: the other side locks the rows in the wrong order; the request is rolled back, repeated and succeeds."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    first, second = sorted(world.task(name).pk for name in ("lead", "other"))

    def crosswise() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '60s'")  # so that the other one is rolled back
            Task.objects.select_for_update().get(pk=second)
            wait_for(lambda: somebody_waits(cursor))
            Task.objects.select_for_update().get(pk=first)

    def postpone() -> int:
        time.sleep(0.3)
        picks = [f"{pk}:{Task.objects.get(pk=pk).version}" for pk in (first, second)]
        data = {"pick": picks, "change": "due", "confirmed": "1", "due_on": "2026-08-20", "reason": "补充材料"}
        return world.client("coordinator").post(f"/c/{world.campaign.pk}/tasks/bulk/", data).status_code

    with time_machine.travel(NOW, tick=True):
        _, code = meanwhile(crosswise, postpone)
    assert code == 302
    assert Task.objects.filter(pk__in=(first, second), due_on="2026-08-20").count() == 2


def test_eight_clicks_on_the_same_ledger_make_one_paper(world: World, fresh_data_dir: Path) -> None:
    made = papers.PaperDraft(world.campaign, PaperKind.LEDGER, "台账", world.units["城管局"], ["甲"])
    other = papers.PaperDraft(world.campaign, PaperKind.LEDGER, "台账", world.units["城管局"], ["乙"])

    def click(number: int) -> Callable[[], Any]:
        def write(paper: Paper) -> Path:
            path = fresh_data_dir / f"{number}.xlsx"
            path.write_text(f"{number} {paper.note}")
            return path

        printing = other if number == 0 else made
        return lambda: papers.issue_paper(printing, write, "台账.xlsx", "x/y", world.actor("liaison")).sha256

    found = meanwhile(*[click(number) for number in range(9)])
    assert len(set(found[1:])) == 1, "all got the same file"
    assert sorted(Paper.objects.values_list("serial", flat=True)) == [1, 2]
    assert len([key for keys in storage.old_blobs(9e9) for key in keys]) == 2
