"""The plan of reminders at its edges: reminder days and those between, the due day, the end of the frequent ones, days off."""

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


def key(due_on: date, today: date, given: PlannerRule, told_from: int = 0, calendar: Workdays = PLAIN) -> str | None:
    """Return the slot that is used on this day."""
    row = DueItem("task/1", 7, due_on, (1,), told_from=told_from)
    said = planner.plan_notices([row], {7: given}, today, (), calendar)
    return said[0].dedup_key if said else None


@pytest.mark.parametrize(
    ("due_on", "today", "given", "slot"),
    [
        (TUESDAY, MONDAY, rule(1), "2026-08-11/-1"),
        (TUESDAY, MONDAY, rule(1, 0), "2026-08-11/0"),  # Monday speaks for Tuesday too
        (TUESDAY, TUESDAY, rule(1, 0), None),
        (WEDNESDAY, MONDAY, rule(1, 0), "2026-08-12/-1"),
        (WEDNESDAY, WEDNESDAY, rule(1, 0), "2026-08-12/0"),
        (THURSDAY, MONDAY, rule(1), None),  # its day is Wednesday, the next reminder day
        (SUNDAY, FRIDAY, rule(1, 0), "2026-08-16/0"),
        (MONDAY + 7 * DAY, FRIDAY, rule(1, 0), "2026-08-17/-1"),
        (TUESDAY + 7 * DAY, FRIDAY, rule(1, 0), None),
        (TUESDAY, WEDNESDAY, rule(0), "2026-08-11/+1"),
        (MONDAY, TUESDAY, rule(0), None),
        (MONDAY, WEDNESDAY, rule(0), "2026-08-10/+1"),
        (TUESDAY, THURSDAY, rule(0), None),
        (TUESDAY, FRIDAY, rule(0), "2026-08-11/+2"),
        (MONDAY, FRIDAY, rule(0), "2026-08-10/+2"),
        (MONDAY, WEDNESDAY, rule(1, 0, overdue_every=0), "2026-08-10/0"),
        (TUESDAY + 11 * DAY, MONDAY, rule(10), None),
        (TUESDAY + 11 * DAY, WEDNESDAY, rule(10), "2026-08-22/-10"),
        (THURSDAY + 10 * DAY, WEDNESDAY, rule(10), "2026-08-23/-10"),
    ],
)
def test_the_slot_of_the_day(due_on: date, today: date, given: PlannerRule, slot: str | None) -> None:
    assert key(due_on, today, given) == slot


def test_the_day_before_a_holiday_speaks_for_what_is_due_in_it() -> None:
    off = Workdays(off=[FRIDAY, MONDAY + 7 * DAY])
    assert key(MONDAY + 7 * DAY, WEDNESDAY, rule(1, 0), calendar=off) == "2026-08-17/0"
    assert key(TUESDAY + 7 * DAY, WEDNESDAY, rule(0), calendar=off) is None
    assert (
        key(FRIDAY, WEDNESDAY, rule(1, 0), calendar=off) == "2026-08-14/0"
    )  # Friday is off, and so is its reminder day
    assert key(SUNDAY, WEDNESDAY, rule(0), calendar=off) == "2026-08-16/0"


@pytest.mark.parametrize(
    ("workdays", "slot"),
    [
        (10, "2026-08-07/+5"),
        (11, "2026-08-07/+6w"),
        (16, "2026-08-07/+7w"),
        (30, "2026-08-07/+9w"),
        (31, "2026-08-07/+10w"),
    ],
)
def test_after_ten_workdays_slots_are_weekly_and_do_not_meet_those_of_a_longer_count(workdays: int, slot: str) -> None:
    friday = FRIDAY - 7 * DAY
    assert key(friday, PLAIN.shift(friday, workdays), rule(0)) == slot


def test_rare_reminders_keep_their_slots() -> None:
    friday = FRIDAY - 7 * DAY
    assert key(friday, PLAIN.shift(friday, 31), rule(0, overdue_every=5)) == "2026-08-07/+7"


def test_what_others_were_told_of_rests_after_thirty_workdays() -> None:
    friday = FRIDAY - 7 * DAY
    thirtieth, next_one = PLAIN.shift(friday, 30), PLAIN.shift(friday, 31)
    assert key(friday, thirtieth, rule(0), told_from=3) == "2026-08-07/+9w"
    assert key(friday, next_one, rule(0), told_from=3) is None
    assert key(friday, next_one, rule(0), told_from=10) is None
    assert key(friday, next_one, rule(0), told_from=11) == "2026-08-07/+10w"  # nobody else is told of it yet
    assert key(friday, next_one, rule(0, overdue_every=5), told_from=7) is None


def test_rows_of_a_rule_may_differ_in_who_else_is_told() -> None:
    friday = FRIDAY - 7 * DAY
    rows = [DueItem("task/1", 7, friday, (1,), told_from=3), DueItem("task/2", 7, friday, (2,))]
    said = planner.plan_notices(rows, {7: rule(0)}, PLAIN.shift(friday, 31), (), PLAIN)
    assert [each.person for each in said] == [2]


@pytest.mark.parametrize(
    ("today", "longest", "last"),
    [
        (MONDAY, 3, FRIDAY),
        (FRIDAY, 3, WEDNESDAY + 7 * DAY),
        (MONDAY, 0, TUESDAY),
        (FRIDAY, 0, SUNDAY),
    ],
)
def test_the_horizon_is_the_last_day_whose_lead_time_is_reached(today: date, longest: int, last: date) -> None:
    assert planner.horizon(today, PLAIN, longest) == last
    assert key(last, today, rule(longest)) == f"{last}/{-longest}"
    assert key(last + DAY, today, rule(longest)) is None


def test_the_horizon_reaches_over_three_days_off() -> None:
    assert planner.horizon(FRIDAY, Workdays(off=[SUNDAY + DAY]), 0) == SUNDAY + DAY


def test_the_longest_lead_time_of_a_rule() -> None:
    assert (rule(3, 7, 1).longest_lead_time, rule().longest_lead_time) == (7, 0)


def plan(
    today: date, item: DueItem, sent: set[planner.NoticeKey] | None = None, calendar: Workdays = PLAIN
) -> list[int]:
    rules = {7: rule(1)}
    return [each.person for each in planner.plan_notices([item], rules, today, sent or set(), calendar)]


def test_each_person_is_told_once_and_nobody_on_a_day_off() -> None:
    item = DueItem("task/1", 7, TUESDAY, (1, 2), "4-3-3")
    assert plan(MONDAY, item) == [1, 2]
    assert plan(MONDAY, item, {(1, "task/1", "2026-08-11/-1")}) == [2]
    assert plan(MONDAY, item, {(1, "task/2", "2026-08-11/-1")}) == [1, 2]
    assert plan(MONDAY, item, calendar=Workdays(off=[MONDAY])) == []
    assert plan(MONDAY - DAY, item) == []
    assert plan(TUESDAY, item) == []
    assert plan(TUESDAY, item, calendar=Workdays(off=[MONDAY])) == [1, 2]
    assert plan(MONDAY, DueItem("task/1", 7, FRIDAY, (1, 2))) == []


def test_a_day_that_makes_up_for_another_reminds_like_it() -> None:
    rows = [
        DueItem("task/1", 7, TUESDAY, (1,)),
        DueItem("task/2", 7, WEDNESDAY, (1,)),
        DueItem("task/3", 7, THURSDAY, (1,)),
    ]
    said = planner.plan_notices(rows, {7: rule(1, 0)}, TUESDAY, (), PLAIN, catching_up=True)
    assert [each.dedup_key for each in said] == ["2026-08-11/0", "2026-08-12/-1"]
    assert said[0].text.startswith("今天到期")


def test_tasks_of_one_phase_day_and_request_share_a_line() -> None:
    given = {7: PlannerRule(7, (1,), 2, "{task}", phase=3), 8: PlannerRule(8, (1,), 2, "{task}", phase=4)}
    rows = [
        DueItem("task/1", 7, TUESDAY, (1,), task=1, ask="报送"),
        DueItem("task/2", 7, TUESDAY, (1,), task=2, ask="报送"),
        DueItem("task/3", 7, TUESDAY, (1,), task=3, ask="审签"),
        DueItem("task/4", 8, TUESDAY, (1,), task=4, ask="报送"),
        DueItem("task/5", 7, MONDAY, (1,), task=5, ask="报送"),
        DueItem("phase/3/late", 7, TUESDAY, (1,)),
        DueItem("phase/3/late/1", 7, TUESDAY, (1,)),
    ]
    lines = [each.line for each in planner.plan_notices(rows, given, MONDAY, (), PLAIN)]
    assert lines[0] == lines[1]
    assert len(set(lines)) == 6


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
