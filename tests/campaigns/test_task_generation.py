"""Generate tasks from assignments and actions: repeatable, without duplicates, without removing answered tasks."""

import threading
from datetime import date

import pytest
from django.db import connection

from creation.campaigns import task_generation
from creation.models import Action, Assignment, Draft, Membership, Notice, Task, Unit
from creation.people import ownership
from creation.rules.policy import Role
from creation.tasks import workflow
from tests.support.world import NOW, World, add_person


@pytest.fixture
def pending(world: World) -> World:
    """Return the test world with all required tasks generated."""
    task_generation.generate_tasks(world.campaign, world.actor("coordinator"))
    return world


def counts(plan: task_generation.TaskPlan) -> tuple[int, int, int, int, int]:
    return len(plan.create), len(plan.restore), len(plan.change), len(plan.drop), len(plan.keep)


@pytest.mark.django_db
def test_what_is_missing_is_made_with_owner_and_due_day(world: World) -> None:
    plan = task_generation.generate_tasks(world.campaign, world.actor("coordinator"))
    assert counts(plan) == (3, 0, 0, 0, 0)  # D-3 for the three units without a task for it
    made = Task.objects.get(unit=world.units["老街街道"], action__code="D-3")
    assert made.owner == world.people["rival"]
    assert made.due_on == date(2026, 7, 10)


@pytest.mark.django_db
def test_a_second_run_changes_nothing(pending: World) -> None:
    before = list(Task.objects.order_by("pk").values())
    assert task_generation.generate_tasks(pending.campaign, pending.actor("coordinator")).is_empty
    assert list(Task.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_an_answered_task_stays_when_its_assignment_goes(pending: World) -> None:
    pending.cite("lead")
    task = pending.task("lead")
    answer = {"mode": "upload", "measures": "", "results": "", "highlights": ""}
    workflow.perform(workflow.MOVES["submit"], task, pending.actor("liaison"), task.version, answer)
    Assignment.objects.filter(indicator__code="4-3-3").delete()
    plan = task_generation.generate_tasks(pending.campaign, pending.actor("coordinator"))
    assert [kept.pk for kept in plan.keep] == [task.pk]
    assert pending.task("lead").dropped_on is None
    assert pending.task("assist").dropped_on is not None


@pytest.mark.django_db
def test_what_was_typed_survives_a_drop_and_comes_back(pending: World) -> None:
    Draft.objects.create(
        task=pending.tasks["assist"], person=pending.people["rival"], content={"measures": "写了一半"}, saved_at=NOW
    )
    row = Assignment.objects.get(indicator__code="4-3-3", role="assist")
    row.delete()
    task_generation.generate_tasks(pending.campaign, pending.actor("coordinator"))
    assert not Task.objects.active().filter(pk=pending.tasks["assist"].pk).exists()
    Assignment.objects.create(campaign=pending.campaign, indicator=row.indicator, unit=row.unit, role="assist")
    plan = task_generation.generate_tasks(pending.campaign, pending.actor("coordinator"))
    assert counts(plan) == (0, 1, 0, 0, 0)
    assert Draft.objects.get(task=pending.tasks["assist"]).content == {"measures": "写了一半"}


@pytest.mark.django_db
def test_lead_and_assist_change_places(pending: World) -> None:
    Assignment.objects.filter(indicator__code="4-3-3", role="lead").delete()
    Assignment.objects.filter(indicator__code="4-3-3").update(role="lead")
    task_generation.generate_tasks(pending.campaign, pending.actor("coordinator"))
    assert pending.task("assist").role == "lead"


@pytest.mark.django_db
def test_units_that_have_stopped_get_nothing_new(world: World) -> None:
    Unit.objects.filter(short_name="政府办").update(active_to=date(2026, 1, 1))
    task_generation.generate_tasks(world.campaign, world.actor("coordinator"))
    assert not Task.objects.filter(unit__short_name="政府办").exists()


@pytest.mark.django_db
def test_each_owner_gets_one_notice_for_any_number_of_tasks(world: World) -> None:
    for number in range(5):
        Action.objects.create(
            phase=world.phases["mobilization"],
            code=f"D-9{number}",
            title="事项",
            audience="every_unit",
            modes=["upload"],
        )
    task_generation.generate_tasks(world.campaign, world.actor("coordinator"))
    told = Notice.objects.filter(kind="assigned", person=world.people["rival"])
    assert [notice.text for notice in told] == [f"{world.campaign}：本单位新增 6 项任务"]


@pytest.mark.django_db
def test_open_tasks_follow_a_new_liaison_and_approved_ones_keep_their_name(pending: World) -> None:
    Task.objects.filter(pk=pending.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    fresh = add_person("fresh", "新联络", Role.LIAISON, pending.units["城管局"])
    Membership.objects.filter(user=pending.people["liaison"]).update(ended_on=NOW.date())
    moved = ownership.reassign_tasks(pending.units["城管局"], pending.actor("coordinator"))
    assert moved == 1
    assert pending.task("action").owner == fresh
    assert pending.task("lead").owner == pending.people["liaison"]


@pytest.mark.django_db(transaction=True)
def test_two_distributions_at_once_make_no_task_twice(world: World) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(2)
    actors = [world.actor("coordinator"), world.actor("coordinator")]

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            task_generation.generate_tasks(world.campaign, actors[number])
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert Task.objects.filter(action__code="D-3").count() == 4
