"""The querysets of tasks at their edges: the day itself, the day before, the day after."""

from datetime import date, timedelta
from typing import Any

import pytest

from creation.models import Finding, FindingSource, Submission, Task, Urge
from creation.models.task import TaskQuerySet
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def changed(world: World, **values: Any) -> TaskQuerySet:
    """Return the task ``lead`` with these values, as a queryset."""
    found = Task.objects.filter(pk=world.tasks["lead"].pk)
    found.update(**values)
    return found


def test_only_tasks_that_were_not_dropped_are_active(world: World) -> None:
    assert changed(world).active().exists()
    assert not changed(world, dropped_on=TODAY).active().exists()


@pytest.mark.parametrize(
    ("given_on", "dropped_on", "existed"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + DAY, None, False),
        (None, TODAY, False),
        (None, TODAY + DAY, True),
        (TODAY + DAY, TODAY + DAY, False),
    ],
)
def test_a_task_existed_from_the_day_it_was_given_to_the_day_before_it_was_dropped(
    world: World, given_on: date | None, dropped_on: date | None, existed: bool
) -> None:
    assert changed(world, given_on=given_on, dropped_on=dropped_on).existing_on(TODAY).exists() is existed


@pytest.mark.parametrize(
    ("who", "state", "visible"),
    [
        ("liaison", "open", True),
        ("liaison", "draft", False),
        ("liaison", "closed", True),
        ("rival", "open", False),
        ("reviewer", "draft", True),
        ("coordinator", "draft", True),
        ("administrator", "open", False),
    ],
)
def test_units_see_their_tasks_once_the_campaign_was_opened(world: World, who: str, state: str, visible: bool) -> None:
    type(world.campaign).objects.filter(pk=world.campaign.pk).update(state=state)
    found = changed(world)
    assert found.visible_to(world.people[who]).exists() is visible
    changed(world, dropped_on=TODAY)
    assert found.visible_or_dropped(world.people[who]).exists() is visible
    assert not found.visible_to(world.people[who]).exists()


def rectification(world: World, **values: str) -> Task:
    """Return the rectification of a finding in 城管局."""
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    made = Finding.objects.create(
        campaign=world.campaign,
        serial=1,
        code="W001",
        title="案卷没有评查记录",
        source=source,
        found_on=TODAY,
        created_by=world.people["inspector"],
        created_at=NOW,
        **values,
    )
    phase = world.phases["evidence"]
    return Task.objects.create(campaign=world.campaign, unit=world.units["城管局"], phase=phase, finding=made)


def test_rectifications_are_counted_apart_from_the_tasks_of_the_plan(world: World) -> None:
    task, plan = rectification(world), Task.objects.filter(campaign=world.campaign, finding=None).count()
    assert list(Task.objects.rectifications()) == [task]
    of_plan = Task.objects.filter(campaign=world.campaign).of_plan()
    assert task not in of_plan
    assert of_plan.count() == plan == 4


@pytest.mark.parametrize(
    ("values", "requirement"),
    [
        ({"text": "抽查三卷", "demand": "补齐记录"}, "补齐记录"),
        ({"text": "抽查三卷"}, "抽查三卷"),
        ({}, ""),
    ],
)
def test_a_rectification_asks_for_what_is_demanded_or_else_says_what_was_found(
    world: World, values: dict[str, str], requirement: str
) -> None:
    assert rectification(world, **values).requirement == requirement


def test_the_same_status_has_another_name_for_a_rectification(world: World) -> None:
    assert rectification(world).get_status_display() == "待整改"
    assert world.tasks["lead"].get_status_display() != "待整改"


def test_a_task_ended_by_an_edition_has_a_reason(world: World) -> None:
    assert not changed(world).ended_by_edition().exists()
    assert changed(world, ended="换版", dropped_on=TODAY).ended_by_edition().exists()


@pytest.mark.parametrize(("state", "found"), [("open", True), ("draft", False), ("closed", False)])
def test_open_campaigns_only(world: World, state: str, found: bool) -> None:
    type(world.campaign).objects.filter(pk=world.campaign.pk).update(state=state)
    assert changed(world).in_open_campaigns().exists() is found


@pytest.mark.parametrize(
    ("status", "unanswered", "answered"),
    [
        ("open", True, False),
        ("signing", True, False),
        ("returned", True, False),
        ("submitted", False, True),
        ("approved", False, True),
    ],
)
def test_submitted_and_approved_is_answered(world: World, status: str, unanswered: bool, answered: bool) -> None:
    found = changed(world, status=status, first_submitted_at=NOW)
    assert (found.unanswered().exists(), found.answered().exists()) == (unanswered, answered)


@pytest.mark.parametrize(
    ("due_on", "status", "overdue"),
    [
        (TODAY, "open", False),
        (TODAY - DAY, "open", True),
        (TODAY - DAY, "submitted", False),
        (None, "open", False),
    ],
)
def test_overdue_begins_after_the_due_day(world: World, due_on: date | None, status: str, overdue: bool) -> None:
    assert changed(world, due_on=due_on, status=status, first_submitted_at=NOW).overdue(TODAY).exists() is overdue


def submit(world: World, handed_on: date, due_on: date | None) -> Submission:
    return Submission.objects.create(
        task=world.task("lead"),
        number=1,
        mode="upload",
        due_on=due_on,
        handed_on=handed_on,
        created_by=world.people["liaison"],
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("handed_on", "due_on", "late"),
    [(TODAY, TODAY, False), (TODAY + DAY, TODAY, True), (TODAY - DAY, TODAY, False), (TODAY, None, False)],
)
def test_late_is_what_was_handed_in_after_its_due_day(
    world: World, handed_on: date, due_on: date | None, late: bool
) -> None:
    submit(world, handed_on, due_on)
    assert Task.objects.with_late().get(pk=world.tasks["lead"].pk).late is late
    assert Task.objects.with_late().get(pk=world.tasks["assist"].pk).late is False


def test_a_task_without_a_submission_was_never_submitted(world: World) -> None:
    assert changed(world).never_submitted().exists()
    assert not changed(world, status="returned").never_submitted().exists()
    changed(world, status="open")
    submit(world, TODAY, TODAY)
    assert not changed(world).never_submitted().exists()


@pytest.mark.parametrize(
    ("status", "due_on", "starts", "light"),
    [
        ("approved", TODAY - DAY, TODAY, "green"),
        ("submitted", TODAY - DAY, TODAY, "blue"),
        ("open", TODAY - DAY, TODAY, "red"),
        ("open", TODAY, TODAY, "yellow"),
        ("open", TODAY + 3 * DAY, TODAY, "yellow"),
        ("open", TODAY + 4 * DAY, TODAY, "none"),
        ("open", TODAY + 4 * DAY, TODAY + DAY, "grey"),
        ("open", None, TODAY, "grey"),
        ("open", TODAY + 4 * DAY, None, "grey"),
    ],
)
def test_the_first_light_that_applies_is_shown(
    world: World, status: str, due_on: date | None, starts: date | None, light: str
) -> None:
    phase = world.tasks["lead"].phase
    type(phase).objects.filter(pk=phase.pk).update(starts=starts, ends=starts and starts + 30 * DAY)
    found = changed(world, status=status, due_on=due_on, first_submitted_at=NOW)
    assert found.with_light(TODAY, TODAY + 3 * DAY).get().light == light


def test_removed_citations_do_not_count(world: World) -> None:
    assert changed(world).with_counts().get().citation_count == 0
    world.cite("lead")
    removed = world.cite("lead", "简报")
    assert changed(world).with_counts().get().citation_count == 2
    type(removed).objects.filter(pk=removed.pk).update(removed_at=NOW)
    assert changed(world).with_counts().get().citation_count == 1


def urge(world: World, *days: date) -> None:
    for number, day in enumerate(days):
        Urge.objects.create(
            task=world.task("lead"), day=day, created_by=world.people["coordinator"], created_at=NOW + number * DAY
        )


def test_urges_are_counted_with_the_last_day(world: World) -> None:
    row = changed(world).with_urges().get()
    assert (row.urge_count, row.urged_on) == (0, None)
    urge(world, TODAY - 3 * DAY, TODAY - DAY)
    row = changed(world).with_urges().get()
    assert (row.urge_count, row.urged_on) == (2, TODAY - DAY)


@pytest.mark.parametrize(
    ("urged", "since", "urges", "before", "found"),
    [
        ((), TODAY, 0, None, False),
        ((TODAY,), TODAY, 0, None, True),
        ((TODAY,), TODAY - DAY, 0, None, False),
        ((TODAY - 2 * DAY, TODAY - DAY), TODAY - 3 * DAY, 2, TODAY, True),
        ((TODAY - 2 * DAY, TODAY - DAY), TODAY - 3 * DAY, 3, TODAY, False),
        ((TODAY - 2 * DAY, TODAY), TODAY - 3 * DAY, 2, TODAY, False),
        ((TODAY - 4 * DAY,), TODAY - 3 * DAY, 2, TODAY, True),
        ((TODAY - DAY,), TODAY - 3 * DAY, 1, TODAY, True),
    ],
)
def test_whom_to_telephone_follows_from_the_urgings(
    world: World, urged: tuple[date, ...], since: date, urges: int, before: date | None, found: bool
) -> None:
    urge(world, *urged)
    assert changed(world).unanswered_after_urging(since, urges, before).exists() is found
    answered = changed(world, status="submitted", first_submitted_at=NOW)
    assert not answered.unanswered_after_urging(since, urges, before).exists()


def test_the_urgent_come_first_and_the_undated_last(world: World) -> None:
    days = {"lead": None, "assist": TODAY + DAY, "other": TODAY}
    for name, day in days.items():
        Task.objects.filter(pk=world.tasks[name].pk).update(due_on=day)
    keys = {world.tasks[name].pk: name for name in days}
    rows = Task.objects.filter(pk__in=keys).by_urgency()
    assert [keys[task.pk] for task in rows] == ["other", "assist", "lead"]


def test_the_ledger_has_leads_before_assists_and_actions_last(world: World) -> None:
    keys = {task.pk: name for name, task in world.tasks.items()}
    rows = Task.objects.filter(campaign=world.campaign).in_ledger_order()
    assert [keys.get(task.pk) for task in rows][:3] == ["other", "lead", "assist"]
    assert rows.last().action_id is not None


def test_a_task_speaks_for_its_indicator_or_its_action(world: World) -> None:
    lead, action = world.task("lead"), world.task("action")
    assert (lead.code, lead.title, lead.requirement) == ("4-3-3", "每年组织案卷评查", lead.indicator.proof)
    assert (action.code, action.title, action.requirement) == (
        action.action.code,
        action.action.title,
        action.action.text,
    )
    empty = Task()
    assert (empty.code, empty.title, empty.requirement) == ("", "", "")
    assert lead.modes == ["upload", "on_site", "statement"]
    action.action.modes = ["upload"]
    assert action.modes == ["upload"]
    action.action.modes = []
    assert action.modes == ["upload", "on_site", "statement"]
    assert (lead.is_lead, world.task("assist").is_lead) == (True, False)


def test_the_days_left_are_none_without_a_due_day() -> None:
    assert Task(due_on=TODAY + DAY).days_left(TODAY) == 1
    assert Task(due_on=TODAY).days_left(TODAY) == 0
    assert Task(due_on=None).days_left(TODAY) is None
