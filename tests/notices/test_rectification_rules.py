"""The rules of the inspection phase: rectifications due, those that wait for verification, and those that are looked at again."""

from datetime import date, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from creation.models import Campaign, FindingSource, Notice, Phase, PhaseKind, ReminderRule, RuleAudience, Task
from creation.notices.destinations import destination_of
from creation.notices.dispatch.current_text import open_items
from creation.notices.reminders import CONDITIONS, remind
from creation.notices.reminders.condition_tasks import Answers
from creation.notices.reminders.due_items import enabled_rules
from creation.notices.reminders.rehearsal import rehearse
from creation.rules.deadlines import Workdays
from creation.supervision import findings, visit_plan, visits
from creation.supervision.findings import FindingText
from creation.supervision.visit_plan import PlannedDay
from creation.tasks import workflow
from tests.supervision.conftest import make_round, make_team
from tests.support.world import TODAY, ZONE, World

pytestmark = pytest.mark.django_db
migration: Any = import_module("creation.migrations.0019_data_of_supervision")
of_visits: Any = import_module("creation.migrations.0020_supervision_papers_and_order_changes")
FRIDAY = date(2026, 8, 14)
RULES = ("rectification_due", "verification_waiting", "to_be_seen_again", "visit_unrecorded")
ANSWER = {"mode": "statement", "statement": "已按要求整改到位。", "results": "补齐"}


@pytest.fixture
def inspected(world: World) -> World:
    """Return the world with an inspection phase, and with the rules that an update gives to it."""
    Phase.objects.create(
        campaign=world.campaign, kind=PhaseKind.INSPECTION, name="集中督导", order=9, starts=TODAY, ends=date(2026, 11, 30)
    )  # fmt: skip
    FindingSource.objects.create(district=world.district, name="集中督导")
    update()
    return world


def update() -> None:
    migration.add_rules(apps, SimpleNamespace(connection=connection))
    of_visits.add_rule(apps, SimpleNamespace(connection=connection))


def record(world: World, due: date | None, *units: str, title: str = "案卷没有评查记录") -> Task:
    text = FindingText(title=title, source=FindingSource.objects.get(district=world.district))
    days = {world.units[name]: due for name in units or ("城管局",)}
    made = findings.record_finding(world.campaign, text, days, world.actor("coordinator"))
    Notice.objects.all().delete()
    return made.rectifications.for_table().order_by("pk")[0]


def move(world: World, task: Task, name: str, by: str, day: date = TODAY, **data: Any) -> None:
    now = Task.objects.for_table().get(pk=task.pk)
    actor = world.actor(by, datetime.combine(day, datetime.min.time(), ZONE).replace(hour=10))
    workflow.perform(workflow.MOVES[name], now, actor, now.version, data)
    Notice.objects.all().delete()


def said_on(world: World, day: date, who: str) -> list[str]:
    """Return what this person is told about rectifications on that day."""
    remind(world.actor("coordinator", datetime.combine(day, datetime.min.time(), ZONE).replace(hour=9)))
    texts = Notice.objects.filter(person=world.people[who]).order_by("pk").values_list("text", flat=True)
    return [text for text in texts if "整改" in text or "W001" in text]


def test_a_rectification_is_told_of_once_by_its_own_rule(inspected: World) -> None:
    """The rule on tasks of the phase, which looks further ahead, leaves it alone."""
    proposed = CONDITIONS["unanswered"].proposed
    ReminderRule.objects.create(
        campaign=inspected.campaign, phase_kind="inspection", condition="unanswered", name=proposed.name, audience="liaison",
        text=proposed.text, lead_times=[30, 14, 7, 3, 1, 0], overdue_every=2,
    )  # fmt: skip
    record(inspected, FRIDAY)
    assert said_on(inspected, FRIDAY - timedelta(days=11), "liaison") == []
    assert said_on(inspected, FRIDAY - timedelta(days=7), "liaison") == [
        "还有 7 天：整改 W001 案卷没有评查记录。请在 8 月 14 日前报送。"
    ]


def test_without_an_inspection_phase_the_rule_on_tasks_reminds(world: World) -> None:
    FindingSource.objects.create(district=world.district, name="集中督导")
    task = record(world, FRIDAY)
    remind(world.actor("coordinator", datetime(2026, 8, 14, 9, tzinfo=ZONE)))
    assert Notice.objects.filter(task=task, person=world.people["liaison"]).count() == 1


def test_what_stays_overdue_is_told_to_leader_and_office_in_words_of_its_own(inspected: World) -> None:
    record(inspected, TODAY)
    late = FRIDAY + timedelta(days=7)
    assert "本单位有 1 项督导问题的整改逾期，最早的已逾期 21 天。请督促整改。" in said_on(inspected, late, "leader")
    [office] = said_on(inspected, late, "coordinator")
    assert office.startswith("有 1 项督导问题的整改逾期，多次提醒未报，涉及 城管局")
    written = Notice.objects.filter(subject__contains="/late_rectifications").select_related("person", "task__campaign")
    lines = {item.text for item in open_items(written, late).values()}
    assert lines == {"督导问题的整改逾期：1 项，涉及 城管局，最早的时限 2026-07-31 已过。"}


def test_more_than_three_workdays_after_the_report_the_inspection_group_is_told(inspected: World) -> None:
    task = record(inspected, FRIDAY)
    move(inspected, task, "submit", "liaison", date(2026, 8, 3), **ANSWER)  # a Monday
    assert said_on(inspected, date(2026, 8, 6), "inspector") == []
    assert said_on(inspected, date(2026, 8, 7), "inspector") == [
        "有 1 项整改报送后超过 3 个工作日没有核查，涉及 城管局。请到“整改”页核查、销号。"
    ]
    assert said_on(inspected, date(2026, 8, 7), "reviewer") == []
    move(inspected, task, "close", "inspector", date(2026, 8, 10), how="书面")
    assert said_on(inspected, date(2026, 8, 12), "inspector") == []


def test_a_visit_without_a_record_is_told_to_the_inspection_group_from_the_third_workday_on(inspected: World) -> None:
    row = make_round(inspected)
    team = make_team(inspected, row, "城管局", "老街街道")
    monday, inspector = date(2026, 8, 3), inspected.actor("inspector")
    planned = [PlannedDay(each, monday, "am", each.version) for each in team.visits.for_table()]
    visit_plan.set_days(row, planned, inspector)

    def told(day: date, who: str = "inspector") -> list[str]:
        remind(inspected.actor("coordinator", datetime.combine(day, datetime.min.time(), ZONE).replace(hour=9)))
        found = Notice.objects.filter(person=inspected.people[who], text__contains="没有记录").order_by("pk")
        return list(found.values_list("text", flat=True))

    assert told(date(2026, 8, 5)) == []
    text = "有 2 个单位的走访过了 3 个工作日没有记录：老街街道、城管局。请到“走访”页记录，没有去的取消或改日期。"
    assert told(date(2026, 8, 7)) == [text]
    assert told(date(2026, 8, 7), "reviewer") == told(date(2026, 8, 7), "liaison") == []
    notice = Notice.objects.get(person=inspected.people["inspector"], text=text)
    assert destination_of(notice, inspected.people["inspector"]) == reverse("visits", args=[inspected.campaign.pk])
    for visit in team.visits.for_table():
        now = inspected.actor("inspector", datetime(2026, 8, 7, 10, tzinfo=ZONE))
        visits.record_visit(visit, "补记。", now, visit.version)
    assert told(date(2026, 8, 12)) == [text]

    def rehearsed(answers: Answers) -> set[int]:
        return rehearse(enabled_rules(), monday, date(2026, 8, 9), Workdays(), answers).recipients

    assert inspector.person
    assert inspector.person.pk in rehearsed(Answers.NONE)
    assert inspector.person.pk not in rehearsed(Answers.ON_THE_DUE_DAY) | rehearsed(Answers.AS_THEY_ARE)


def test_what_lasts_is_looked_at_again_before_its_day(inspected: World) -> None:
    task = record(inspected, FRIDAY)
    move(inspected, task, "submit", "liaison", **ANSWER)
    move(inspected, task, "keep", "inspector", comment="领导小组第5次会议", new_due_on=date(2027, 8, 13))
    assert said_on(inspected, date(2027, 7, 9), "inspector") == []
    [said] = said_on(inspected, date(2027, 8, 6), "inspector")
    assert said.startswith("还有 7 天：1 项长期坚持的整改要复查，涉及 城管局。")
    assert said_on(inspected, date(2027, 8, 6), "liaison") == []


def test_sixty_open_findings_stay_within_three_messages_a_week(inspected: World) -> None:
    for number in range(60):
        record(inspected, TODAY + timedelta(days=number % 45), "城管局", "老街街道", title=f"问题{number}")
    found = rehearse(enabled_rules(), date(2026, 8, 3), date(2026, 10, 25), Workdays())
    liaison = inspected.people["liaison"].pk
    assert sum(week.lines[liaison] for week in found.weeks) > 60
    for near in (True, False):
        assert found.burden(near=near).is_within_target


def test_an_update_adds_the_rules_once_and_only_to_campaigns_that_are_not_closed(inspected: World) -> None:
    rows = {row.condition: row for row in ReminderRule.objects.filter(phase_kind="inspection")}
    assert set(rows) == set(RULES)
    for name, row in rows.items():
        proposed = CONDITIONS[name].proposed
        assert (row.name, row.text, tuple(row.lead_times)) == (proposed.name, proposed.text, proposed.lead_times)
        assert (row.leader_after, row.office_after) == (proposed.leader_after, proposed.office_after)
        assert RuleAudience(row.audience) == CONDITIONS[name].audiences[0]
    update()
    assert ReminderRule.objects.filter(phase_kind="inspection").count() == len(RULES)
    ReminderRule.objects.filter(phase_kind="inspection").delete()
    Campaign.objects.filter(pk=inspected.campaign.pk).update(state="closed")
    update()
    assert not ReminderRule.objects.filter(phase_kind="inspection").exists()
