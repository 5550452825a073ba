"""The conditions of reminder rules, each on real rows. On FRIDAY everything in the fixture's evidence phase is overdue."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creation.models import Action, ApplicationEntry, Membership, Phase, ReminderRule, Submission, Task
from creation.notices.reminders.condition_tasks import EvaluationDate
from creation.notices.reminders.conditions import CONDITIONS
from creation.notices.reminders.due_items import find_due, rules_of
from creation.notices.reminders.phase_plan import plan_text
from creation.notices.reminders.planner import DueItem, plan_notices
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role
from tests.support.world import NOW, ZONE, World, add_person

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 8, 14)
CALENDAR = Workdays()


def rule(world: World, condition: str, audience: str = "office", phase: str = "evidence", **given: Any) -> ReminderRule:
    values = {"name": condition, "lead_times": [7, 3, 1, 0], "overdue_every": 2, "text": "{phase}{unit}{count}"}
    found, _ = ReminderRule.objects.update_or_create(
        campaign=world.campaign,
        phase_kind=phase,
        condition=condition,
        defaults=values | {"audience": audience} | given,
    )
    return found


def found(row: ReminderRule, day: date = FRIDAY) -> list[DueItem]:
    rules = rules_of([row])
    return [due for lot in find_due(rules.values(), EvaluationDate(day, CALENDAR)) for due in lot]


def texts(row: ReminderRule, day: date = FRIDAY) -> set[tuple[int, str]]:
    said = plan_notices(found(row, day), rules_of([row]), day, (), CALENDAR)
    return {(each.person, each.text) for each in said}


def tasks(world: World, row: ReminderRule) -> set[str]:
    keys = {due.task for due in found(row)}
    return {name for name, task in world.tasks.items() if task.pk in keys}


def set_status(world: World, name: str, status: str) -> None:
    Task.objects.filter(pk=world.tasks[name].pk).update(status=status, first_submitted_at=NOW)


def test_unanswered_are_open_and_returned_tasks_of_the_phase(world: World) -> None:
    row = rule(world, "unanswered", "liaison")
    assert tasks(world, row) == {"lead", "assist", "other"}
    set_status(world, "lead", "returned")
    set_status(world, "assist", "signing")
    set_status(world, "other", "submitted")
    assert tasks(world, row) == {"lead"}
    assert tasks(world, rule(world, "unanswered", "liaison", phase="mobilization")) == {"action"}


def test_tasks_waiting_for_a_signature_go_to_the_leader_or_else_the_liaisons(world: World) -> None:
    set_status(world, "lead", "signing")
    set_status(world, "other", "signing")
    heard = {due.recipients for due in found(rule(world, "signing", "unit_leader"))}
    assert heard == {(world.people["leader"].pk,), (world.people["rival"].pk,)}


def test_the_offices_own_items_go_to_the_office_one_by_one_and_not_to_the_liaisons_rule(world: World) -> None:
    action = Action.objects.create(phase=world.phases["application"], code="B-1", title="逐项上传", audience="office")
    task = Task.objects.create(
        campaign=world.campaign, unit=world.units["司法局"], action=action, phase=action.phase, due_on=FRIDAY
    )
    [due] = found(rule(world, "office_items", phase="application"))
    assert (due.task, due.recipients) == (task.pk, (world.people["coordinator"].pk,))
    assert found(rule(world, "unanswered", "liaison", phase="application")) == []


def test_a_unit_without_liaison_is_one_line_for_the_office(world: World) -> None:
    row = rule(world, "no_liaison", text="{unit} {count}")
    assert found(row) == []
    Membership.objects.filter(user=world.people["rival"]).update(ended_on=date(2026, 8, 1))
    assert found(row) == []  # the owner is still there
    Task.objects.filter(unit=world.units["老街街道"]).update(owner=None)
    assert texts(row) == {(world.people["coordinator"].pk, "老街街道 2")}


def test_units_behind_are_counted_and_named_in_one_line(world: World) -> None:
    row = rule(world, "units_behind", text="{phase}：{count} 个单位：{unit}")
    assert texts(row) == {(world.people["coordinator"].pk, "收集印证资料：2 个单位：老街街道、城管局")}
    for name in ("assist", "other"):
        set_status(world, name, "approved")
    assert texts(row) == {(world.people["coordinator"].pk, "收集印证资料：1 个单位：城管局")}


def test_a_line_names_five_units_and_counts_the_others(world: World) -> None:
    for n in range(6):
        unit = type(world.units["城管局"]).objects.create(
            district=world.district, name=f"第{n}局", short_name=f"第{n}局", order=9 + n, kind="department"
        )
        task = world.tasks["other"]
        Task.objects.create(
            campaign=task.campaign, unit=unit, indicator=task.indicator, phase=task.phase, due_on=task.due_on
        )
    [(_, text)] = texts(rule(world, "units_behind", text="{unit}"))
    assert text == "老街街道、城管局、第0局、第1局、第2局等 8 个单位"


@pytest.mark.parametrize(("handed_on", "count"), [(date(2026, 8, 7), 1), (date(2026, 8, 8), 0)])
def test_an_answer_waits_too_long_after_five_workdays(world: World, handed_on: date, count: int) -> None:
    set_status(world, "lead", "submitted")
    at = datetime.combine(handed_on, NOW.timetz(), ZONE)
    values = {"task": world.tasks["lead"], "created_by": world.people["liaison"], "mode": "upload"}
    Submission.objects.create(number=1, handed_on=date(2026, 7, 1), created_at=at - timedelta(days=20), **values)
    Submission.objects.create(number=2, handed_on=handed_on, created_at=at, **values)
    assert [due.count for due in found(rule(world, "review_waiting", "reviewer"))] == [1] * count
    if count:
        assert {person for person, _ in texts(rule(world, "review_waiting", "reviewer"))} == {
            world.people["reviewer"].pk
        }


def test_leader_and_office_are_notified_from_the_chosen_overdue_reminder_on(world: World) -> None:
    row = rule(world, "unanswered", "liaison", leader_after=2, office_after=3)
    leader, office = world.people["leader"].pk, world.people["coordinator"].pk

    def late(day: int) -> set[int]:
        return {person for due in found(row, date(2026, 8, day)) for person in due.recipients} & {leader, office}

    Task.objects.filter(unit=world.units["老街街道"]).update(status="approved", first_submitted_at=NOW)
    assert late(12) == set()  # due on Monday the 10th: second workday, first reminder
    assert late(13) == {leader}
    assert late(14) == {leader}
    assert late(17) == {leader, office}
    [text] = [text for person, text in texts(row, date(2026, 8, 17)) if person == office]
    assert text == "“收集印证资料”有 1 项逾期，多次提醒未办，涉及 城管局，最早的已逾期 7 天。请催办。"


def test_the_unit_is_left_alone_once_leader_and_office_hear_of_what_is_long_overdue(world: World) -> None:
    row = rule(world, "unanswered", "liaison", leader_after=3, office_after=5)
    Task.objects.exclude(pk=world.tasks["lead"].pk).update(status="approved", first_submitted_at=NOW)
    liaison, leader, office = (world.people[name].pk for name in ("liaison", "leader", "coordinator"))
    thirtieth, later = CALENDAR.shift(date(2026, 8, 10), 30), CALENDAR.shift(date(2026, 8, 10), 35)
    assert {person for person, _ in texts(row, thirtieth)} == {liaison, leader, office}
    assert {person for person, _ in texts(row, later)} == {leader, office}
    assert "最早的已逾期 49 天" in " ".join(text for _, text in texts(row, later))


@pytest.mark.parametrize(("leader_after", "office_after"), [(0, 0), (3, 0)])
def test_where_nobody_else_hears_of_it_the_unit_is_reminded_on(
    world: World, leader_after: int, office_after: int
) -> None:
    row = rule(world, "unanswered", "liaison", leader_after=leader_after, office_after=office_after)
    Membership.objects.filter(user=world.people["leader"]).update(ended_on=date(2026, 8, 1))
    later = CALENDAR.shift(date(2026, 8, 10), 35)
    assert {person for person, _ in texts(row, later)} == {world.people["liaison"].pk, world.people["rival"].pk}


def test_checkpoints_that_are_not_entered_are_counted_once_from_the_end_of_the_application(world: World) -> None:
    row = rule(world, "not_entered", phase="application", text="{left} {count}")
    assert texts(row) == set(), "the phase has no dates"
    Phase.objects.filter(pk=world.phases["application"].pk).update(starts=date(2026, 8, 1), ends=date(2026, 8, 17))
    office = world.people["coordinator"].pk
    assert texts(row) == {(office, "还有 3 天 2")}, "4-3-3 has a lead and an assisting unit"
    set_status(world, "lead", "approved")
    assert texts(row) == {(office, "还有 3 天 2")}
    ApplicationEntry.objects.create(
        campaign=world.campaign,
        indicator=world.indicators["4-3-3"],
        created_by=world.people["coordinator"],
        created_at=NOW,
    )
    assert texts(row, date(2026, 8, 19)) == {(office, "已逾期 2 天 1")}
    assert texts(row, date(2026, 8, 7)) == set()


def test_the_office_is_asked_once_a_month_for_the_dates_of_a_phase_with_tasks(world: World) -> None:
    row = rule(world, "undated", phase="application", text="{phase} {count} {plan}", lead_times=[], overdue_every=21)
    assert texts(row) == set(), "the phase has no tasks"
    action = Action.objects.create(phase=world.phases["application"], code="B-1", title="逐项上传", audience="office")
    Task.objects.create(
        campaign=world.campaign,
        unit=world.units["司法局"],
        action=action,
        phase=action.phase,
        given_on=date(2026, 8, 3),
    )
    said = {due.due_on for due in found(row, date(2026, 8, 3))}
    assert said == {date(2026, 8, 3)}
    assert texts(row, date(2026, 8, 3)) == set()
    assert texts(row, date(2026, 8, 5)) == {(world.people["coordinator"].pk, "申报材料 1 另行通知")}
    keys = set()
    for day in (date(2026, 8, 4) + timedelta(days=n) for n in range(58)):
        keys |= {each.dedup_key for each in plan_notices(found(row, day), rules_of([row]), day, (), CALENDAR)}
    assert keys == {"2026-08-03/+1", "2026-08-03/+2"}
    Phase.objects.filter(pk=action.phase_id).update(starts=date(2026, 9, 1), ends=date(2026, 9, 30))
    assert texts(row, date(2026, 8, 5)) == set()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("application", "以省、国家通知为准"), ("mobilization", "6 月 21 日至 7 月 10 日")],
)
def test_a_phase_without_dates_says_what_the_plan_says(world: World, kind: str, words: str) -> None:
    world.campaign.preset = "yuanhui"
    world.campaign.save()
    phase = world.phases[kind]
    phase.campaign = world.campaign
    assert plan_text(phase) == words


def test_no_lead_times_and_no_repetition_send_nothing(world: World) -> None:
    assert texts(rule(world, "units_behind", overdue_every=0), date(2026, 8, 5)) != set()
    assert texts(rule(world, "units_behind", lead_times=[], overdue_every=2), date(2026, 8, 5)) == set()


def test_other_campaigns_and_phases_are_not_looked_at(world: World) -> None:
    assert {due.task for due in found(rule(world, "unanswered", "liaison"))} <= {t.pk for t in world.tasks.values()}


def test_people_of_another_campaign_are_not_reminded(world: World) -> None:
    person = add_person("elsewhere", "别处", Role.COORDINATOR, world.units["司法局"])
    Membership.objects.filter(user=person).update(campaign=world.elsewhere)
    assert person.pk not in {heard for heard, _ in texts(rule(world, "units_behind"))}


def test_no_condition_queries_once_per_task(world: World) -> None:
    rows = [rule(world, name, condition.audiences[0]) for name, condition in CONDITIONS.items()]

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            for row in rows:
                found(row)
        return len(made)

    few = queries()
    task = world.tasks["other"]
    Task.objects.bulk_create(
        Task(campaign=task.campaign, unit=task.unit, indicator=task.indicator, phase=task.phase, due_on=task.due_on,
             period=f"p{n}") for n in range(50)
    )  # fmt: skip
    assert queries() == few


def test_braces_and_long_titles_are_plain_text(world: World) -> None:
    [row] = rules_of([rule(world, "unanswered", "liaison", text="{task}！{due}")]).values()
    due = DueItem("task/1", row.pk, FRIDAY, (1,), label="{due} {0} " + "长" * 5000)
    [said] = plan_notices([due], {row.pk: row}, FRIDAY, (), CALENDAR)
    assert said.text.startswith("{due} {0} 长")
    assert said.text.endswith("…！今天")
    assert len(said.text) < 400
