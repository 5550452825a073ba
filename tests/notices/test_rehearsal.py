"""Simulated days count how many messages people would get; nothing is written."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from creation.models import Digest, Notice, ReminderRule, Task
from creation.notices.reminders.condition_tasks import Answers
from creation.notices.reminders.due_items import enabled_rules, rules_of
from creation.notices.reminders.planner import PlannedNotice
from creation.notices.reminders.rehearsal import Burden, Rehearsal, RehearsedWeek, rehearse
from creation.rules.deadlines import Workdays
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 8, 3)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rehearse", *arguments, stdout=out)
    return out.getvalue()


def test_a_week_counts_digests_and_not_lines(world: World) -> None:
    found = rehearse(enabled_rules(), MONDAY, date(2026, 8, 9), Workdays())
    [week] = found.weeks
    liaison = world.people["liaison"].pk
    assert week.monday == MONDAY
    assert (
        week.messages[liaison] == 2
    )  # Monday: a late action, and a task a week before; Friday: the task three days before
    assert week.lines[liaison] == 3
    assert week.busiest(1)[0][1] == week.max_messages


def test_nothing_is_written_and_no_notice_is_repeated(world: World) -> None:
    once = rehearse(enabled_rules(), MONDAY, MONDAY, Workdays())
    twice = rehearse(enabled_rules(), MONDAY, date(2026, 8, 4), Workdays())
    assert once.weeks[0].lines[world.people["liaison"].pk] == twice.weeks[0].lines[world.people["liaison"].pk]
    assert not Notice.objects.exists()
    assert not Digest.objects.exists()


def test_notices_already_sent_are_not_simulated_again(world: World) -> None:
    call_command("remind", "--on", "2026-08-03", stdout=StringIO())
    assert rehearse(enabled_rules(), MONDAY, MONDAY, Workdays()).recipients == set()


def test_people_without_open_tasks_get_nothing(world: World) -> None:
    Task.objects.filter(unit=world.units["老街街道"]).update(status="approved", first_submitted_at=NOW)
    rules = rules_of(ReminderRule.objects.filter(campaign=world.campaign))
    found = rehearse(rules, MONDAY, date(2026, 8, 14), Workdays())
    assert world.people["rival"].pk in found.without_notices
    assert world.people["liaison"].pk not in found.without_notices
    assert world.people["outsider"].pk not in found.audience


def planned(person: int, *lines: str) -> list[PlannedNotice]:
    return [PlannedNotice(person, f"task/{n}", "x", "x", n, line=line) for n, line in enumerate(lines)]


def test_lines_are_counted_as_a_digest_prints_them() -> None:
    week = RehearsedWeek(MONDAY)
    week.count(planned(7, "a", "a", "b") + planned(8, *map(str, range(20))))
    week.count(planned(7, "a"))
    assert (week.messages, week.lines) == ({7: 2, 8: 1}, {7: 3, 8: 15})
    assert week.longest == {7: 2, 8: 20}


@pytest.mark.parametrize(
    ("due_on", "near"),
    [(date(2026, 8, 2), False), (MONDAY, True), (date(2026, 8, 19), True), (date(2026, 8, 20), False)],
)
def test_all_weeks_are_judged_and_those_near_a_deadline_are_shown_apart(due_on: date, near: bool) -> None:
    week = RehearsedWeek(MONDAY, messages={7: 4}, longest={7: 16})
    found = Rehearsal([week], {7}, {7: {due_on}})
    assert found.burden(near=near) == Burden(weeks=1, median=4, most=4, lines=15, cut=1)
    assert found.burden(near=not near) == Burden(weeks=0, median=0, most=0, lines=0, cut=0)
    assert not found.burden(near=near).is_within_target
    week.messages[7] = 3
    assert found.burden(near=near).is_within_target


def test_a_year_without_answers_does_not_look_at_those_that_there_are(world: World) -> None:
    liaison = world.people["liaison"].pk
    call_command("remind", "--on", "2026-08-03", stdout=StringIO())
    Task.objects.update(status="approved", first_submitted_at=NOW)
    now = rehearse(enabled_rules(), MONDAY, date(2026, 8, 9), Workdays())
    assert liaison not in now.weeks[0].messages
    nobody = rehearse(enabled_rules(), MONDAY, date(2026, 8, 9), Workdays(), Answers.NONE)
    assert nobody.weeks[0].messages[liaison] == 2


def test_what_is_answered_on_its_due_day_is_not_overdue(world: World) -> None:
    liaison, rival = world.people["liaison"].pk, world.people["rival"].pk
    [first, second] = rehearse(enabled_rules(), MONDAY, date(2026, 8, 16), Workdays(), Answers.ON_THE_DUE_DAY).weeks
    assert (first.messages[liaison], first.messages[rival]) == (2, 3)  # without the action that was due in July
    assert (second.messages[liaison], second.messages[rival]) == (1, 1)  # Monday is the due day


def test_old_overdue_tasks_are_reminded_once_a_week_together(world: World) -> None:
    task = world.tasks["other"]
    for n in range(1, 8):
        Task.objects.create(
            campaign=task.campaign, unit=task.unit, indicator=task.indicator, phase=task.phase, owner=task.owner,
            period=f"p{n}", due_on=date(2026, 7, n),
        )  # fmt: skip
    found = rehearse(enabled_rules(), date(2026, 8, 17), date(2026, 9, 27), Workdays())
    rival = world.people["rival"].pk
    assert [week.messages[rival] for week in found.weeks] == [3, 2, 1, 1, 1, 1]  # two were due on the 5th and the 10th
    assert found.burden(near=False).most <= 3


def test_the_command_prints_weeks_and_the_verdict(world: World) -> None:
    told = run("--from", "2026-08-03", "--to", "2026-08-14", "--campaign", str(world.campaign.pk))
    assert "2026-08-03 至 2026-08-09：2 人收到，每人最多 3 份，中位数 2.5 份\n" in told
    assert "  马联络（老街街道）：3 份，共 5 行\n" in told
    assert "从未收到的 " in told
    assert "截止前十天以内：4 人周，每人每周中位数 3 份、最多 3 份，每份最多 2 行。\n" in told
    assert "其余各周：0 人周" in told
    assert told.endswith("目标（每天 1 份、每周 3 份、每份 15 行）：达到。未写入任何内容。\n")
    assert not Notice.objects.exists()


def test_a_whole_year_is_rehearsed_with_nobody_and_with_everybody_answering(world: World) -> None:
    ReminderRule.objects.exclude(campaign=world.campaign, condition="unanswered").delete()
    Task.objects.update(status="approved", first_submitted_at=NOW)
    nobody, everybody = run("--year", "2026"), run("--year", "2026", "--answered")
    for told in (nobody, everybody):
        assert told.startswith("2025-12-29 至 2026-01-04：0 人收到")
        assert "2026-08-03 至 2026-08-09：2 人收到" in told
        assert told.endswith("：达到。未写入任何内容。\n")
    assert "2026-12-21 至 2026-12-27：2 人收到" in nobody
    assert "2026-12-21 至 2026-12-27：0 人收到" in everybody


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "2026-08-03", "--to", "2026-08-01"), "最后一天不能早于第一天"),
        (("--from", "2026-01-01", "--to", "2028-01-01"), "一次最多演练 400 天"),
        (("--from", "2026-08-03"), "请写 --from 和 --to"),
        (("--year", "2026", "--to", "2026-08-04"), "请写 --from 和 --to"),
        (("--year", "26"), "四位数的年份"),
        (("--from", "2026-08-03", "--to", "2026-08-04", "--campaign", "0"), "没有编号为 0 的活动"),
        (("--from", "8月3日", "--to", "2026-08-04"), "不是日期"),
    ],
)
def test_a_wrong_argument_is_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
