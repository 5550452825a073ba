"""Reminders: recipients and days, each once. The fixture's tasks: lead and other due Monday 2026-08-10, assist on Wednesday 08-05."""

from collections.abc import Container
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from creation.audit.actor import Actor
from creation.models import (
    AuditEntry,
    Delivery,
    Digest,
    Holiday,
    Membership,
    Notice,
    NoticeKind,
    Task,
    Urgency,
    User,
)
from creation.notices import digest_builder, reminders
from creation.notices.reminders import DueItem, NoticeKey, PlannedNotice, PlannerRule
from creation.people.notifications import notify
from creation.rules.deadlines import Workdays
from creation.rules.policy import Role
from creation.rules.reminder_days import is_reminder_day
from tests.support.many_tasks import many_tasks
from tests.support.query_counts import count_queries
from tests.support.world import ZONE, World, add_person

PLAIN = Workdays()
DUE = date(2026, 8, 12)  # a Wednesday
RULE = PlannerRule(pk=1, lead_times=(30, 14, 7, 3, 1, 0), overdue_every=2, text="{left}：{task}。请{due}{ask}。")


def due(**given: Any) -> DueItem:
    values: dict[str, Any] = {
        "subject": "task/1", "rule": 1, "due_on": DUE, "label": "4-3-3 评查", "ask": "报送", "recipients": (7,), "task": 1
    }  # fmt: skip
    return DueItem(**values | given)


def at(day: date, hour: int = 9, minute: int = 0) -> Actor:
    return Actor(None, datetime.combine(day, time(hour, minute), ZONE))


def said(
    day: date, row: DueItem, taken: Container[NoticeKey] = (), calendar: Workdays = PLAIN, rule: PlannerRule = RULE
) -> list[PlannedNotice]:
    return reminders.plan_notices([row], {1: rule}, day, taken, calendar)


def rehearse(
    days: int, row: DueItem, start: date = date(2026, 8, 3), down: Container[date] = (), rule: PlannerRule = RULE
) -> dict[date, str]:
    """Plan one day after another. On days when the machine is down nothing is planned."""
    taken: set[tuple[int, str, str]] = set()
    heard = {}
    for n in range(days):
        day = start + timedelta(days=n)
        for each in [] if day in down else said(day, row, taken, rule=rule):
            taken.add((each.person, each.subject, each.dedup_key))
            heard[day] = each.dedup_key
    return heard


def test_reminders_follow_the_lead_times_and_then_taper() -> None:
    assert rehearse(70, due(), start=date(2026, 7, 6)) == {
        date(2026, 7, 13): "2026-08-12/-30",
        date(2026, 7, 29): "2026-08-12/-14",
        date(2026, 8, 5): "2026-08-12/-7",
        date(2026, 8, 7): "2026-08-12/-3",  # the 9th is a Sunday
        date(2026, 8, 10): "2026-08-12/-1",  # the 11th is a Tuesday
        date(2026, 8, 12): "2026-08-12/0",
        date(2026, 8, 14): "2026-08-12/+1",
        date(2026, 8, 17): "2026-08-12/+2",
        date(2026, 8, 19): "2026-08-12/+3",
        date(2026, 8, 21): "2026-08-12/+4",
        date(2026, 8, 26): "2026-08-12/+5",  # the tenth workday
        date(2026, 8, 28): "2026-08-12/+6w",
        date(2026, 8, 31): "2026-08-12/+7w",
        date(2026, 9, 7): "2026-08-12/+8w",
    }


def test_all_lead_times_and_repetitions_wait_for_a_reminder_day() -> None:
    thursday = due(due_on=date(2026, 8, 13))
    assert rehearse(38, thursday, start=date(2026, 7, 7)) == {
        date(2026, 7, 13): "2026-08-13/-30",  # for Tuesday
        date(2026, 7, 29): "2026-08-13/-14",  # for Thursday
        date(2026, 8, 5): "2026-08-13/-7",
        date(2026, 8, 10): "2026-08-13/-3",
        date(2026, 8, 12): "2026-08-13/0",  # speaks for the due day, in place of the day before
    }
    assert rehearse(8, thursday, start=date(2026, 8, 14)) == {
        date(2026, 8, 14): "2026-08-13/+1",
        date(2026, 8, 19): "2026-08-13/+2",  # reached on Tuesday
        date(2026, 8, 21): "2026-08-13/+3",  # reached on Thursday
    }


def test_a_reminder_day_that_is_off_moves_to_the_next_workday() -> None:
    calendar = Workdays(off=[date(2026, 8, 5)], work=[date(2026, 8, 8)])
    days = [day for day in (date(2026, 8, n) for n in range(3, 11)) if is_reminder_day(day, calendar)]
    assert days == [date(2026, 8, n) for n in (3, 6, 7, 10)]


def test_a_rule_without_repetition_sends_nothing_after_the_due_day() -> None:
    once = replace(RULE, overdue_every=0)
    assert list(rehearse(30, due(), start=date(2026, 8, 12), rule=once)) == [date(2026, 8, 12)]


def test_after_an_outage_only_the_smallest_lead_time_is_used_once() -> None:
    down = {date(2026, 8, day) for day in range(5, 10)}
    assert rehearse(8, due(), start=date(2026, 8, 5), down=down) == {
        date(2026, 8, 10): "2026-08-12/-1",
        date(2026, 8, 12): "2026-08-12/0",
    }


def test_an_outage_past_the_due_day_leaves_one_overdue_reminder() -> None:
    down = {date(2026, 8, day) for day in range(1, 19)}
    assert rehearse(17, due(), down=down) == {date(2026, 8, 19): "2026-08-12/+3"}


def test_a_new_due_day_sends_new_reminders() -> None:
    taken = {(7, "task/1", "2026-08-12/-1")}
    assert said(date(2026, 8, 10), due(), taken) == []
    moved = due(due_on=date(2026, 8, 14))
    assert [each.dedup_key for each in said(date(2026, 8, 10), moved, taken)] == ["2026-08-14/-3"]


def test_a_phase_dated_late_sends_no_missed_reminders() -> None:
    late = due(due_on=date(2026, 8, 3))
    assert list(rehearse(3, late, start=date(2026, 8, 24)).values()) == ["2026-08-03/+7w"]


def test_nothing_is_sent_on_a_day_off_and_monday_catches_up() -> None:
    friday = due(due_on=date(2026, 8, 7))
    assert said(date(2026, 8, 8), friday) == []
    assert [each.dedup_key for each in said(date(2026, 8, 10), friday)] == ["2026-08-07/+1"]


def test_a_deadline_on_a_holiday_is_reminded_on_the_workday_before_and_named_as_such() -> None:
    sunday = due(due_on=date(2026, 8, 9))
    [friday] = said(date(2026, 8, 7), sunday)
    assert friday.dedup_key == "2026-08-09/0"
    assert friday.text == "还有 2 天：4-3-3 评查。请在 8 月 7 日前（时限 8 月 9 日为休息日）报送。"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 8, 5), "还有 7 天：4-3-3 评查。请在 8 月 12 日前报送。"),
        (date(2026, 8, 12), "今天到期：4-3-3 评查。请今天报送。"),
        (date(2026, 8, 14), "已逾期 2 天：4-3-3 评查。请尽快（时限 8 月 12 日）报送。"),
    ],
)
def test_the_sentence_counts_calendar_days(day: date, text: str) -> None:
    assert [each.text for each in said(day, due())] == [text]


def test_slots_are_per_person() -> None:
    taken = {(7, "task/1", "2026-08-12/-7")}
    assert [each.person for each in said(date(2026, 8, 5), due(recipients=(7, 8)), taken)] == [8]


def test_the_horizon_reaches_over_a_long_holiday() -> None:
    october = Workdays(off=[date(2026, 10, day) for day in (1, 2, 5, 6, 7)])
    assert reminders.horizon(date(2026, 9, 30), PLAIN, 7) == date(2026, 10, 8)
    assert reminders.horizon(date(2026, 9, 30), october, 7) == date(2026, 10, 14)


# On rows


def reminders_sent(day: date | None = None) -> set[tuple[str, str]]:
    rows = Notice.objects.filter(kind=NoticeKind.REMINDER)
    return set((rows.filter(slot__startswith=str(day)) if day else rows).values_list("person__username", "subject"))


def subject(world: World, name: str) -> str:
    return f"task/{world.tasks[name].pk}"


def test_the_owner_is_reminded_of_an_unanswered_task(world: World) -> None:
    reminders.remind(at(date(2026, 8, 3)))
    assert reminders_sent(date(2026, 8, 10)) >= {
        ("liaison", subject(world, "lead")),
        ("rival", subject(world, "other")),
    }
    assert reminders_sent(date(2026, 8, 5)) == {("rival", subject(world, "assist"))}


def test_tasks_of_every_phase_with_a_due_day_are_reminded(world: World) -> None:
    reminders.remind(at(date(2026, 7, 10)))
    assert reminders_sent() == {("liaison", subject(world, "action"))}


@pytest.mark.parametrize("status", ["submitted", "approved"])
def test_a_returned_task_is_reminded_and_an_answered_one_is_not(world: World, status: str) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status=status, first_submitted_at=at(date(2026, 7, 30)).at)
    reminders.remind(at(date(2026, 8, 3)))
    assert ("liaison", subject(world, "lead")) not in reminders_sent()
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="returned")
    reminders.remind(at(date(2026, 8, 3)))
    assert ("liaison", subject(world, "lead")) in reminders_sent()


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_only_open_campaigns_remind(world: World, state: str) -> None:
    world.campaign.state = state
    world.campaign.save()
    reminders.remind(at(date(2026, 8, 3)))
    assert {person for person, _ in reminders_sent()} == {"outsider"}


def test_dropped_and_undated_tasks_are_not_reminded(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(dropped_on=date(2026, 8, 1))
    Task.objects.filter(pk=world.tasks["other"].pk).update(due_on=None)
    reminders.remind(at(date(2026, 8, 3)))
    assert not reminders_sent() & {("liaison", subject(world, "lead")), ("rival", subject(world, "other"))}


def test_the_units_leader_is_reminded_of_tasks_waiting_for_a_signature(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(status="signing")
    reminders.remind(at(date(2026, 8, 3)))
    assert ("leader", subject(world, "lead")) in reminders_sent()
    assert ("liaison", subject(world, "lead")) not in reminders_sent()
    assert "审签" in Notice.objects.get(person__username="leader").text


@pytest.mark.parametrize("change", [{"is_active": False}, {"unit": "老街街道"}])
def test_the_units_liaisons_are_reminded_when_the_owner_is_gone(world: World, change: dict[str, Any]) -> None:
    clerk = world.people["clerk"]
    Task.objects.filter(pk=world.tasks["lead"].pk).update(owner=clerk)
    User.objects.filter(pk=clerk.pk).update(**{k: world.units[v] if k == "unit" else v for k, v in change.items()})
    reminders.remind(at(date(2026, 8, 3)))
    assert ("liaison", subject(world, "lead")) in reminders_sent()
    assert "clerk" not in {person for person, _ in reminders_sent()}


def test_an_owner_who_serves_two_units_is_still_reminded(world: World) -> None:
    Membership.objects.create(
        user=world.people["rival"], role=Role.LIAISON, district=world.district, unit=world.units["城管局"]
    )
    Task.objects.filter(pk=world.tasks["lead"].pk).update(owner=world.people["rival"])
    reminders.remind(at(date(2026, 8, 3)))
    assert {person for person, about in reminders_sent() if about == subject(world, "lead")} == {"rival"}


def test_a_unit_whose_only_liaison_is_disabled_has_none(world: World) -> None:
    User.objects.filter(username="liaison").update(is_active=False)
    reminders.remind(at(date(2026, 8, 3)))
    assert {"coordinator", "rival", "outsider"} == {person for person, _ in reminders_sent()}


def test_the_office_is_notified_once_of_a_unit_without_liaison(world: World) -> None:
    Membership.objects.filter(user=world.people["liaison"]).update(ended_on=date(2026, 8, 1))
    Task.objects.filter(unit=world.units["城管局"]).update(owner=None)
    for day in (3, 3, 5, 7, 10):  # weekly, as it is overdue for more than ten workdays
        reminders.remind(at(date(2026, 8, day)))
    told = Notice.objects.filter(person=world.people["coordinator"], slot__startswith="2026-07-10")
    unit, phase = world.units["城管局"], world.phases["mobilization"]
    assert [notice.subject for notice in told] == [f"phase/{phase.pk}/no_liaison/{unit.pk}"] * 2
    assert "城管局 没有联络员，1 项临期或逾期任务无人办理" in told[0].text
    assert {notice.slot for notice in told} == {"2026-07-10/+7w", "2026-07-10/+8w"}
    assert "liaison" not in {person for person, _ in reminders_sent()}


def test_between_reminder_days_nobody_is_reminded(world: World) -> None:
    reminders.remind(at(date(2026, 8, 3)))
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=date(2026, 8, 4))
    assert reminders.remind(at(date(2026, 8, 4))) == 0
    reminders.remind(at(date(2026, 8, 5)))
    assert reminders_sent(date(2026, 8, 4)) == {("liaison", subject(world, "lead"))}


def test_a_reminder_day_on_which_the_machine_stood_still_is_made_up_for_on_the_next_workday(world: World) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(due_on=date(2026, 8, 4))
    tuesday = date(2026, 8, 4)  # nothing ran on Monday
    told = reminders.remind(at(tuesday))
    assert "今天到期：4-3-3" in Notice.objects.get(subject=subject(world, "lead")).text
    Notice.objects.filter(subject=subject(world, "lead")).delete()  # as if the run had died before it
    assert reminders.remind(at(tuesday, 10)) == 1 < told
    reminders.remind(at(date(2026, 8, 5)))
    late = Task.objects.create(
        campaign=world.campaign, unit=world.units["城管局"], indicator=world.indicators["1-1-1"],
        phase=world.phases["evidence"], owner=world.people["liaison"], due_on=date(2026, 8, 6),
    )  # fmt: skip
    assert reminders.remind(at(date(2026, 8, 6))) == 0, "Wednesday's were sent"
    assert not Notice.objects.filter(task=late).exists()


def test_a_day_off_makes_up_for_nothing(world: World) -> None:
    assert reminders.remind(at(date(2026, 8, 8))) == 0


def test_planning_again_repeats_no_notice(world: World) -> None:
    first = reminders.remind(at(date(2026, 8, 3)))
    assert first == Notice.objects.count() > 0
    assert reminders.remind(at(date(2026, 8, 3), 15)) == 0


def test_two_planners_at_once_cause_no_error(world: World) -> None:
    plans = list(reminders.planned_on(date(2026, 8, 3), PLAIN))
    for said in plans * 2:
        reminders._write(said, at(date(2026, 8, 3)))
    assert Notice.objects.count() == sum(map(len, plans))


def test_a_row_that_breaks_another_rule_is_an_error(world: World) -> None:
    with pytest.raises(IntegrityError):
        reminders._write(
            [PlannedNotice(None, "task/1", "2026-08-10/-7", "无收件人", None)],  # type: ignore[arg-type]
            at(date(2026, 8, 3)),
        )


def test_many_tasks_take_as_many_reads_as_few_and_are_written_by_the_hundred(world: World) -> None:
    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as made:
            reminders.remind(at(date(2026, 8, 3)))
        return [query["sql"].split()[0] for query in made]

    few = statements()
    Notice.objects.all().delete()
    many_tasks(world, 200)
    many = statements()
    assert Notice.objects.count() > 200
    assert many.count("SELECT") == few.count("SELECT")
    assert many.count("INSERT") <= few.count("INSERT") + 2
    assert statements().count("SELECT") == few.count("SELECT")
    assert statements().count("INSERT") == 0


# Digests


def digests() -> list[tuple[str, date, str, int]]:
    rows = Digest.objects.order_by("day", "person_id", "urgency")
    return [(row.person.username, row.day, row.urgency, row.notices.count()) for row in rows]


def tell(world: World, person: str, slot: str, day: date, hour: int = 8, urgency: str = Urgency.DAILY) -> None:
    notify(
        world.people[person], NoticeKind.APPROVED, "已通过", at(day, hour), subject="x", dedup_key=slot, urgency=urgency
    )


def test_each_person_gets_one_digest_a_day_delivered_to_the_inbox_once(world: World) -> None:
    tell(world, "rival", "1", date(2026, 8, 3))
    for minute in range(3):
        digest_builder.run_daily(at(date(2026, 8, 3), 9, minute))
    assert digests() == [
        ("outsider", date(2026, 8, 3), "daily", 1),
        ("liaison", date(2026, 8, 3), "daily", 2),
        ("rival", date(2026, 8, 3), "daily", 3),
    ]
    assert list(Delivery.objects.values_list("channel", "state", "attempts")) == [("inbox", "sent", 1)] * 3


@pytest.mark.parametrize("moment", [at(date(2026, 8, 3), 8, 59), at(date(2026, 8, 8), 12)])
def test_no_digest_before_nine_or_on_days_off(world: World, moment: Actor) -> None:
    tell(world, "rival", "1", date(2026, 8, 1))
    assert digest_builder.run_daily(moment) == 0
    assert Notice.objects.count() == 1


def test_the_first_of_two_concurrent_runs_includes_the_notices_of_the_other(world: World) -> None:
    day = date(2026, 8, 3)
    reminders.remind(at(day, 9, 1))
    digest_builder.run_daily(at(day, 9))
    assert not Notice.objects.filter(digest=None).exists()


def test_notices_after_the_days_digest_wait_for_the_next_workday(world: World) -> None:
    friday, monday = date(2026, 7, 24), date(2026, 7, 27)
    tell(world, "chief", "1", friday)
    digest_builder.run_daily(at(friday))
    tell(world, "chief", "2", friday, 14)
    for day, hour in ((friday, 15), (friday + timedelta(days=1), 10), (monday, 9)):
        digest_builder.run_daily(at(day, hour))
    assert [row for row in digests() if row[0] == "chief"] == [
        ("chief", friday, "daily", 1), ("chief", monday, "daily", 1)
    ]  # fmt: skip


def test_after_three_days_offline_there_is_one_digest_with_everything(world: World) -> None:
    for slot, day in enumerate((4, 5, 6)):
        tell(world, "rival", str(slot), date(2026, 8, day))
    digest_builder.run_daily(at(date(2026, 8, 7), 11))
    assert [row for row in digests() if row[0] == "rival"] == [("rival", date(2026, 8, 7), "daily", 5)]
    assert not Notice.objects.filter(digest=None).exists()


def test_urgent_notices_do_not_wait_for_the_morning_nor_for_the_workday(world: World) -> None:
    tell(world, "rival", "1", date(2026, 8, 8), 21, Urgency.AT_ONCE)
    tell(world, "rival", "2", date(2026, 8, 8), 21)
    digest_builder.run_urgent(at(date(2026, 8, 8), 21, 1))
    assert digests() == [("rival", date(2026, 8, 8), "at_once", 1)]


def test_a_second_urgent_notice_of_the_day_is_a_digest_of_its_own(world: World) -> None:
    for slot in ("1", "2"):
        tell(world, "rival", slot, date(2026, 8, 3), 9, Urgency.AT_ONCE)
        digest_builder.run_urgent(at(date(2026, 8, 3), 10))
    assert digests() == [("rival", date(2026, 8, 3), "at_once", 1)] * 2
    assert Delivery.objects.count() == 2


def test_disabled_people_get_no_digest_and_do_not_stop_the_others(world: World) -> None:
    tell(world, "rival", "1", date(2026, 8, 3))
    tell(world, "chief", "1", date(2026, 8, 3))
    User.objects.filter(username="rival").update(is_active=False)
    digest_builder.run_all(at(date(2026, 8, 3)))
    assert [person for person, *_ in digests()] == ["chief"]


def test_digests_of_many_people_take_as_many_queries_as_of_few(world: World) -> None:
    def queries(day: date) -> int:
        return count_queries(lambda: digest_builder.build_digests(at(day), Urgency.DAILY))

    tell(world, "rival", "1", date(2026, 8, 3))
    few = queries(date(2026, 8, 3))
    for n in range(60):
        person = add_person(f"p{n}", "众人", None, world.units["政府办"])
        notify(person, NoticeKind.APPROVED, "已通过", at(date(2026, 8, 4), 8), subject="x", dedup_key="1")
    assert queries(date(2026, 8, 4)) == few
    assert Digest.objects.count() == 61


# The operator's command


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("remind", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_plans_a_day_for_real(world: World) -> None:
    assert run("--on", "2026-08-07") == "2026-08-07：写入提醒 5 条，生成汇总 3 份。\n"
    assert Notice.objects.filter(digest__day=date(2026, 8, 7)).count() == 5
    assert AuditEntry.objects.get(act="reminders.run").detail == "通知 5 条，汇总 3 份"
    assert run("--on", "2026-08-07") == "2026-08-07：写入提醒 0 条，生成汇总 0 份。\n"


def test_a_dry_run_names_every_person_and_writes_nothing(world: World) -> None:
    told = run("--on", "2026-08-07", "--dry-run")
    assert "刘联络（城管局）2 条\n" in told
    assert "\n  还有 3 天：4-3-3 每年组织案卷评查。请在 8 月 10 日前报送。\n" in told
    assert told.endswith("2026-08-07：共 3 人、5 条，未写入。\n")
    assert not Notice.objects.exists()


def test_the_command_reports_a_day_off(world: World) -> None:
    Holiday.objects.create(day=date(2026, 8, 7), kind="off")
    assert "2026-08-07 是休息日" in run("--on", "2026-08-07")
    assert not Notice.objects.exists()


def test_an_invalid_day_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="不是日期"):
        run("--on", "2026-08-32")
