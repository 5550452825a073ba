"""The edges of days and figures: due today, three workdays ahead, what a rate divides by, how far back an extension may reach."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from creation.lib.refusals import Refusal
from creation.models import DueDateChange, Holiday, RequestKind, Task
from creation.rules.deadlines import Light
from creation.tasks import figures, progress, unit_requests, workflow
from creation.tasks.forms.task_entries import DECISION_FORMS
from creation.web import shortcuts
from reports.ledger import historical_state
from reports.ledger.people import liaison_rows
from tests.support.world import NOW, TODAY, World

DAY = timedelta(days=1)
FRIDAY = TODAY
LIGHTS = [  # due, seen on Friday, 31 July: the third workday ahead is Wednesday, 5 August
    (FRIDAY - DAY, Light.RED),
    (FRIDAY, Light.YELLOW),
    (date(2026, 8, 5), Light.YELLOW),
    (date(2026, 8, 6), Light.NONE),
]


@pytest.fixture(autouse=True)
def _the_folder(fresh_data_dir: Path) -> None:
    pass


def last_yellow_day() -> date:
    return shortcuts.last_yellow_day(RequestFactory().get("/"), FRIDAY)


def due(world: World, day: date | None, name: str = "lead", **values: Any) -> Task:
    Task.objects.filter(pk=world.tasks[name].pk).update(due_on=day, **values)
    return Task.objects.get(pk=world.tasks[name].pk)


@pytest.mark.parametrize(("day", "late"), [(FRIDAY - DAY, True), (FRIDAY, False), (FRIDAY + DAY, False)])
def test_a_task_is_overdue_from_the_day_after_its_due_day(world: World, day: date, late: bool) -> None:
    task = due(world, day)
    assert Task.objects.filter(pk=task.pk).overdue(FRIDAY).exists() is late


@pytest.mark.parametrize(("day", "light"), LIGHTS)
def test_yellow_begins_three_workdays_before_the_due_day_and_includes_it(world: World, day: date, light: str) -> None:
    task = due(world, day)
    assert last_yellow_day() == date(2026, 8, 5)
    assert Task.objects.with_light(FRIDAY, last_yellow_day()).get(pk=task.pk).light == light


@pytest.mark.parametrize(("day", "light"), LIGHTS)
def test_a_past_day_has_the_same_lights_at_the_same_edges(world: World, day: date, light: str) -> None:
    task = due(world, day)
    state = historical_state.state_as_of(Task.objects.filter(pk=task.pk), FRIDAY)
    assert state.of(task.pk, task.due_on, world.phases["evidence"].starts).light == light


@pytest.mark.parametrize(("starts", "light"), [(FRIDAY, Light.NONE), (FRIDAY + DAY, Light.GREY), (None, Light.GREY)])
def test_a_past_day_is_grey_until_the_phase_begins(world: World, starts: date | None, light: str) -> None:
    task = due(world, date(2026, 8, 10))
    world.phases["evidence"].starts, world.phases["evidence"].ends = starts, starts and date(2026, 8, 10)
    world.phases["evidence"].save()
    state = historical_state.state_as_of(Task.objects.filter(pk=task.pk), FRIDAY)
    assert state.of(task.pk, task.due_on, starts).light == light
    assert Task.objects.with_light(FRIDAY, last_yellow_day()).get(pk=task.pk).light == light


def test_a_past_day_reads_the_due_day_of_that_day(world: World) -> None:
    task = due(world, date(2026, 8, 20))
    for days, old in ((1, FRIDAY - DAY), (2, date(2026, 8, 19))):
        DueDateChange.objects.create(
            task=task,
            origin="bulk",
            old_due_on=old,
            new_due_on=date(2026, 8, 20),
            reason="汛期",
            changed_by=world.people["coordinator"],
            changed_at=NOW + days * DAY,
        )
    state = historical_state.state_as_of(Task.objects.filter(pk=task.pk), FRIDAY)
    assert state.of(task.pk, task.due_on, FRIDAY).light == Light.RED


@pytest.mark.parametrize(("day", "light"), LIGHTS)
@pytest.mark.parametrize(("status", "counts"), [("open", 1), ("returned", 1), ("submitted", 0), ("approved", 0)])
def test_the_database_counts_overdue_and_near_at_the_same_edges(
    world: World, day: date, light: str, status: str, counts: int
) -> None:
    task = due(world, day, status=status, **({} if status == "open" else {"first_submitted_at": NOW}))
    found = Task.objects.filter(pk=task.pk).aggregate(**figures.aggregates(FRIDAY, last_yellow_day()))
    assert (found["overdue"], found["near"]) == (counts * (light == Light.RED), counts * (light == Light.YELLOW))


def test_what_is_neither_answered_nor_returned_is_unanswered() -> None:
    assert figures.TaskFigures(total=10, approved=2, submitted=3, returned=1).unanswered == 4


@pytest.mark.parametrize(
    ("day", "is_due"), [(FRIDAY - DAY, True), (FRIDAY, True), (FRIDAY + DAY, False), (None, False)]
)
def test_a_task_is_due_on_its_due_day(day: date | None, is_due: bool) -> None:
    assert figures.is_due(day, FRIDAY) is is_due


@pytest.mark.parametrize(
    ("old", "new", "at", "counts"),
    [
        (FRIDAY, FRIDAY + DAY, NOW, True),
        (FRIDAY, FRIDAY + DAY, NOW + DAY, False),
        (FRIDAY + DAY, FRIDAY, NOW, False),
        (FRIDAY, None, NOW, True),
        (None, FRIDAY, NOW, False),
    ],
)
def test_only_a_later_due_day_counts_as_moved_from_the_day_of_the_change(
    world: World, old: date | None, new: date | None, at: Any, counts: bool
) -> None:
    task, by = world.tasks["lead"], world.people["coordinator"]
    DueDateChange.objects.create(
        task=task, origin="bulk", old_due_on=old, new_due_on=new, reason="汛期", changed_by=by, changed_at=at
    )
    assert figures.postponed(Task.objects.all(), FRIDAY) == ({task.pk} if counts else set())


def test_the_done_rate_is_approved_tasks_among_all_tasks(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    Task.objects.filter(pk=world.tasks["assist"].pk).update(status="submitted", first_submitted_at=NOW)
    whole = progress.matrix(Task.objects.active().filter(campaign=world.campaign), FRIDAY).whole
    assert (whole.total, whole.approved, whole.answered) == (4, 1, 2)
    assert whole.done_rate == 1 / 4


def test_the_report_rate_counts_a_task_as_due_on_its_due_day(world: World) -> None:
    Task.objects.filter(campaign=world.campaign).update(due_on=FRIDAY + DAY)
    due(world, FRIDAY, status="submitted", first_submitted_at=NOW)
    whole = progress.matrix(Task.objects.active().filter(campaign=world.campaign), FRIDAY).whole
    assert (whole.due, whole.due_answered, whole.report_rate) == (1, 1, 1.0)


def test_telephone_numbers_are_masked_in_the_ledger(world: World) -> None:
    tasks = Task.objects.filter(campaign=world.campaign)
    rows = liaison_rows(tasks, world.campaign, world.people["coordinator"], FRIDAY)
    shown = {row.mobile for row in rows if row.mobile}
    assert shown == {"138****1234"}


@pytest.mark.parametrize(("day", "refused"), [(FRIDAY - DAY, True), (FRIDAY, False)])
def test_an_extension_never_reaches_into_the_past(world: World, day: date, refused: bool) -> None:
    due(world, FRIDAY - 5 * DAY)
    wish = FRIDAY + DAY
    asked = unit_requests.submit_request(
        world.task("lead"), world.actor("liaison"), RequestKind.EXTENSION, "人手不足", wish
    )
    form = DECISION_FORMS[RequestKind.EXTENSION](
        {"decision": "grant", "answer": "同意", "new_due_on": day}, request=asked, today=FRIDAY
    )
    assert form.is_valid() is not refused
    if refused:
        with pytest.raises(Refusal, match="不能早于今天"):
            unit_requests.grant_extension(asked, world.actor("coordinator"), day, "同意")
        assert Task.objects.get(pk=world.tasks["lead"].pk).due_on == FRIDAY - 5 * DAY
    else:
        unit_requests.grant_extension(asked, world.actor("coordinator"), day, "同意")
        assert Task.objects.get(pk=world.tasks["lead"].pk).due_on == FRIDAY


@pytest.mark.parametrize(
    ("wish", "due_on", "refused"),
    [
        (FRIDAY, FRIDAY - 5 * DAY, True),
        (FRIDAY + DAY, FRIDAY - 5 * DAY, False),
        (FRIDAY + 3 * DAY, FRIDAY + 3 * DAY, True),
        (FRIDAY + 4 * DAY, FRIDAY + 3 * DAY, False),
    ],
)
def test_a_wish_lies_after_today_and_after_the_due_day(world: World, wish: date, due_on: date, refused: bool) -> None:
    assert bool(unit_requests.wrong_wish(due(world, due_on), wish, FRIDAY)) is refused


@pytest.mark.parametrize(("day", "refused"), [(FRIDAY - DAY, True), (FRIDAY, False)])
def test_a_return_sets_no_due_day_in_the_past(world: World, day: date, refused: bool) -> None:
    answer = {"mode": "statement", "statement": "无"}
    workflow.perform(workflow.MOVES["submit"], world.task("lead"), world.actor("liaison"), 1, answer)
    task, data = world.task("lead"), {"reason": "weak", "new_due_on": day}
    if refused:
        with pytest.raises(Refusal, match="不能早于今天"):
            workflow.perform(workflow.MOVES["return"], task, world.actor("reviewer"), task.version, data)
    else:
        workflow.perform(workflow.MOVES["return"], task, world.actor("reviewer"), task.version, data)
    assert (Task.objects.get(pk=task.pk).due_on == day) is not refused


def test_a_holiday_moves_the_day_from_which_it_is_yellow(world: World) -> None:
    Holiday.objects.create(day=date(2026, 8, 3), kind="off", name="区庆")
    assert last_yellow_day() == date(2026, 8, 6)
