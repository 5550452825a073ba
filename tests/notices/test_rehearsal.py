"""Simulated days count how many messages people would get; nothing is written."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from creation.models import Digest, Notice, ReminderRule, Task
from creation.notices.reminders.due_items import enabled_rules, rules_of
from creation.notices.reminders.rehearsal import Rehearsal, RehearsedWeek, rehearse
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
    assert week.messages[liaison] == 3  # Monday, Wednesday, Friday
    assert week.lines[liaison] == 5  # the late action three times; the lead's task a week and three days before
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


def test_only_weeks_outside_the_last_ten_days_before_a_deadline_count_for_the_target() -> None:
    week = RehearsedWeek(MONDAY, messages={7: 5})
    for due_on, most in [(date(2026, 8, 2), 5), (MONDAY, 0), (date(2026, 8, 19), 0), (date(2026, 8, 20), 5)]:
        assert Rehearsal([week], {7}, {7: {due_on}}).max_in_quiet_week() == most


def test_old_overdue_tasks_are_reminded_on_three_days_a_week(world: World) -> None:
    task = world.tasks["other"]
    for n in range(1, 8):
        Task.objects.create(
            campaign=task.campaign, unit=task.unit, indicator=task.indicator, phase=task.phase, owner=task.owner,
            period=f"p{n}", due_on=date(2026, 7, n),
        )  # fmt: skip
    found = rehearse(enabled_rules(), date(2026, 8, 17), date(2026, 9, 27), Workdays())
    assert {week.messages[world.people["rival"].pk] for week in found.weeks} == {3}
    assert found.max_in_quiet_week() == 3


def test_the_command_prints_weeks_and_the_verdict(world: World) -> None:
    told = run("--from", "2026-08-03", "--to", "2026-08-14", "--campaign", str(world.campaign.pk))
    assert "2026-08-03 至 2026-08-09：2 人收到，每人最多 5 份，中位数 4 份\n" in told
    assert "  马联络（老街街道）：5 份，共 6 条\n" in told
    assert "从未收到的 " in told
    assert told.endswith("截止前十天以外，每人每周最多 0 份；目标 3 份：达到。未写入任何内容。\n")
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "2026-08-03", "--to", "2026-08-01"), "最后一天不能早于第一天"),
        (("--from", "2026-01-01", "--to", "2028-01-01"), "一次最多演练 400 天"),
        (("--from", "2026-08-03", "--to", "2026-08-04", "--campaign", "0"), "没有编号为 0 的活动"),
        (("--from", "8月3日", "--to", "2026-08-04"), "不是日期"),
    ],
)
def test_a_wrong_argument_is_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
