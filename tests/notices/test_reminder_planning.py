"""The plan of reminders at its edges: the first day, the due day, the tenth day ahead, days off."""

from datetime import date, timedelta

import pytest

from creation.notices.reminders import planner, text_template
from creation.notices.reminders.planner import DueItem, PlannerRule
from creation.rules.deadlines import Workdays

PLAIN = Workdays()
DAY = timedelta(days=1)
MONDAY = date(2026, 8, 10)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (MONDAY + n * DAY for n in range(1, 7))


def rule(*lead_times: int, overdue_every: int = 2) -> PlannerRule:
    return PlannerRule(7, lead_times, overdue_every, "{left}：{task}，{due}", phase_name="收集")


@pytest.mark.parametrize(
    ("due_on", "today", "given", "key"),
    [
        (TUESDAY, MONDAY, rule(1), "2026-08-11/-1"),
        (TUESDAY, TUESDAY, rule(1, 0), "2026-08-11/0"),
        (TUESDAY, TUESDAY, rule(1), "2026-08-11/-1"),
        (THURSDAY, MONDAY, rule(1), None),
        (TUESDAY, WEDNESDAY, rule(0), "2026-08-11/+1"),
        (MONDAY, WEDNESDAY, rule(0), "2026-08-10/+1"),
        (TUESDAY, THURSDAY, rule(0), "2026-08-11/+1"),
        (TUESDAY, FRIDAY, rule(0), "2026-08-11/+2"),
        (MONDAY, THURSDAY, rule(0), None),  # the second reminder waits for Friday
        (MONDAY, FRIDAY, rule(0), "2026-08-10/+2"),
        (MONDAY, WEDNESDAY, rule(1, 0, overdue_every=0), "2026-08-10/0"),
        (TUESDAY + 10 * DAY, TUESDAY, rule(10), "2026-08-21/-10"),
        (TUESDAY + 11 * DAY, TUESDAY, rule(11), None),  # beyond ten days it waits for a reminder day
        (TUESDAY + 11 * DAY, WEDNESDAY, rule(11), "2026-08-22/-11"),
    ],
)
def test_the_key_of_the_day(due_on: date, today: date, given: PlannerRule, key: str | None) -> None:
    assert planner.dedup_key(due_on, today, PLAIN, given) == key


def test_reminder_days_are_monday_wednesday_and_friday() -> None:
    days = [MONDAY + n * DAY for n in range(7)]
    assert [planner.is_reminder_day(day, PLAIN) for day in days] == [True, False, True, False, True, False, False]


def test_a_reminder_day_that_is_off_moves_to_the_next_workday() -> None:
    off = Workdays(off=[MONDAY])
    assert not planner.is_reminder_day(MONDAY, off)
    assert planner.is_reminder_day(TUESDAY, off)
    assert not planner.is_reminder_day(THURSDAY, off)
    assert not planner.is_reminder_day(SATURDAY, Workdays(work=[SATURDAY]))
    assert planner.is_reminder_day(SATURDAY, Workdays(off=[FRIDAY], work=[SATURDAY]))
    weekend = Workdays(work=[SATURDAY, SUNDAY])
    assert [planner.is_reminder_day(day, weekend) for day in (SATURDAY, SUNDAY, SUNDAY + DAY)] == [False, False, True]


@pytest.mark.parametrize(
    ("today", "longest", "last"),
    [(MONDAY, 3, THURSDAY), (FRIDAY, 3, WEDNESDAY + 7 * DAY), (MONDAY, 0, MONDAY), (FRIDAY, 0, SUNDAY)],
)
def test_the_horizon_is_the_last_day_whose_lead_time_is_reached(today: date, longest: int, last: date) -> None:
    assert planner.horizon(today, PLAIN, longest) == last


def test_the_horizon_reaches_over_three_days_off() -> None:
    assert planner.horizon(FRIDAY, Workdays(off=[SUNDAY + DAY]), 0) == SUNDAY + DAY


def test_what_reached_an_overdue_reminder_was_due_so_many_workdays_before() -> None:
    days = [planner.overdue_before(ordinal, FRIDAY, PLAIN, rule(0)) for ordinal in (1, 2, 3)]
    assert days == [FRIDAY, WEDNESDAY, MONDAY]
    assert planner.overdue_before(2, FRIDAY, PLAIN, rule(0, overdue_every=3)) == TUESDAY


def test_the_longest_lead_time_of_a_rule() -> None:
    assert (rule(3, 7, 1).longest_lead_time, rule().longest_lead_time) == (7, 0)


def plan(
    today: date, item: DueItem, sent: set[planner.NoticeKey] | None = None, calendar: Workdays = PLAIN
) -> list[int]:
    rules = {7: rule(1, 0)}
    return [each.person for each in planner.plan_notices([item], rules, today, sent or set(), calendar)]


def test_each_person_is_told_once_and_nobody_on_a_day_off() -> None:
    item = DueItem("task/1", 7, TUESDAY, (1, 2), "4-3-3")
    assert plan(MONDAY, item) == [1, 2]
    assert plan(MONDAY, item, {(1, "task/1", "2026-08-11/-1")}) == [2]
    assert plan(MONDAY, item, {(1, "task/2", "2026-08-11/-1")}) == [1, 2]
    assert plan(MONDAY, item, calendar=Workdays(off=[MONDAY])) == []
    assert plan(MONDAY - DAY, item) == []
    assert plan(MONDAY, DueItem("task/1", 7, FRIDAY, (1, 2))) == []


def test_an_items_own_text_replaces_the_rules() -> None:
    item = DueItem("task/1", 7, TUESDAY, (1,), "4-3-3")
    assert planner.notice_text(item, rule(1), MONDAY, PLAIN) == "还有 1 天：4-3-3，在 8 月 11 日前"
    own = DueItem("task/1", 7, TUESDAY, (1,), "4-3-3", text="请审签 {task}（{count}，{phase}）")
    assert planner.notice_text(own, rule(1), MONDAY, PLAIN) == "请审签 4-3-3（1，收集）"


@pytest.mark.parametrize(
    ("due_on", "left", "words"),
    [
        (TUESDAY, "还有 1 天", "在 8 月 11 日前"),
        (MONDAY, "今天到期", "今天"),
        (MONDAY - DAY, "已逾期 1 天", "尽快（时限 8 月 9 日）"),
        (SATURDAY, "还有 5 天", "在 8 月 14 日前（时限 8 月 15 日为休息日）"),
    ],
)
def test_the_words_for_a_due_day(due_on: date, left: str, words: str) -> None:
    assert text_template.days_left_text(due_on, MONDAY) == left
    assert text_template.deadline_text(due_on, MONDAY, PLAIN) == words


def test_a_workday_that_is_over_is_not_asked_for() -> None:
    assert text_template.deadline_text(SUNDAY, SATURDAY, PLAIN) == "在 8 月 15 日前（时限 8 月 16 日为休息日）"


def test_a_long_value_is_cut_at_its_limit() -> None:
    limit = text_template.MAX_VALUE_LENGTH
    assert text_template.render("{task}", {"task": "字" * limit}) == "字" * limit
    assert text_template.render("{task}", {"task": "字" * (limit + 1)}) == "字" * (limit - 1) + "…"
    assert text_template.render("{other}", {"task": "字"}) == "{other}"
    assert text_template.unknown_fields("{task}{other}", {"task"}) == ["other"]
