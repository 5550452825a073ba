from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creation.management.commands.remind import day
from creation.models import Campaign, Holiday, ReminderRule, User
from creation.notices.dispatch.digest_lines import MAX_LINES
from creation.notices.reminders.condition_tasks import Answers
from creation.notices.reminders.due_items import rules_of
from creation.notices.reminders.rehearsal import MAX_PER_DAY, MAX_PER_WEEK, Burden, Rehearsal, RehearsedWeek, rehearse

LONGEST = 400  # days
NAMED = 10  # people without any notice that are named
TARGET = f"每天 {MAX_PER_DAY} 份、每周 {MAX_PER_WEEK} 份、每份 {MAX_LINES} 行"


class Command(BaseCommand):
    help = (
        "演练一段时间的提醒：每人每周会收到几份汇总、每份几行。什么也不写入。"
        "按现在的任务状态推算；用 --year 演练全年，假定无人报送；加 --answered，假定人人在到期当天报送并通过。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=day, metavar="日期", help="第一天")
        parser.add_argument("--to", dest="last", type=day, metavar="日期", help="最后一天")
        parser.add_argument("--year", type=int, metavar="年份", help="全年，假定无人报送（代替 --from 和 --to）")
        parser.add_argument("--answered", action="store_true", help="假定每项任务都在到期当天报送并通过")
        parser.add_argument("--campaign", type=int, metavar="编号", help="只演练这一活动；默认为所有进行中的活动")

    def handle(
        self,
        *,
        first: date | None,
        last: date | None,
        year: int | None,
        answered: bool,
        campaign: int | None,
        **options: Any,
    ) -> None:
        start, end = days_of(first, last, year)
        answers = Answers.ON_THE_DUE_DAY if answered else Answers.NONE if year else Answers.AS_THEY_ARE
        found = rehearse(rules_of(rows_of(campaign)), start, end, Holiday.objects.calendar(), answers)
        people = User.objects.select_related("unit").in_bulk(found.recipients | found.without_notices)
        for week in found.weeks:
            self.show_week(week, people)
        self.show_sum(found, people)

    def show_week(self, week: RehearsedWeek, people: dict[int, User]) -> None:
        span = f"{week.monday} 至 {week.monday + timedelta(days=6)}"
        self.stdout.write(
            f"{span}：{len(week.messages)} 人收到，每人最多 {week.max_messages} 份，中位数 {week.median:g} 份"
        )
        for person, messages, lines in week.busiest():
            self.stdout.write(f"  {name(people[person])}：{messages} 份，共 {lines} 行")

    def show_sum(self, found: Rehearsal, people: dict[int, User]) -> None:
        silent = sorted(found.without_notices)
        names = "、".join(name(people[each]) for each in silent[:NAMED])
        more = "等" if len(silent) > NAMED else ""
        self.stdout.write(f"从未收到的 {len(silent)} 人{'：' if names else ''}{names}{more}")
        self.stdout.write(f"每人每天最多 {found.max_per_day} 份（当天的提醒合为一份汇总）。")
        near, other = found.burden(near=True), found.burden(near=False)
        self.stdout.write(f"截止前十天以内：{words(near)}")
        self.stdout.write(f"其余各周：{words(other)}")
        reached = found.max_per_day <= MAX_PER_DAY and near.is_within_target and other.is_within_target
        self.stdout.write(f"目标（{TARGET}）：{'达到' if reached else '没有达到'}。未写入任何内容。")


def words(burden: Burden) -> str:
    cut = f"，{burden.cut} 人周有超过 {MAX_LINES} 行的，其余合为一行" if burden.cut else ""
    return (
        f"{burden.weeks} 人周，每人每周中位数 {burden.median:g} 份、最多 {burden.most} 份，"
        f"每份最多 {burden.lines} 行{cut}。"
    )


def days_of(first: date | None, last: date | None, year: int | None) -> tuple[date, date]:
    """Return the first and the last day. Raises CommandError unless there is either a year or both days."""
    if year is not None and first is None and last is None and 2000 <= year <= 2100:
        return date(year, 1, 1), date(year, 12, 31)
    if year is not None or first is None or last is None:
        raise CommandError("请写 --from 和 --to 两个日期，或者只写 --year 和四位数的年份。")
    if not 0 <= (last - first).days < LONGEST:
        raise CommandError(f"最后一天不能早于第一天，且一次最多演练 {LONGEST} 天。")
    return first, last


def rows_of(campaign: int | None) -> list[ReminderRule]:
    """Return the reminder rules. Raises CommandError when the campaign does not exist."""
    if campaign is None:
        return list(ReminderRule.objects.enabled().in_order())
    if not Campaign.objects.filter(pk=campaign).exists():
        raise CommandError(f"没有编号为 {campaign} 的活动。编号见活动页地址中 /c/ 之后的数字。")
    return list(ReminderRule.objects.filter(campaign=campaign, enabled=True).in_order())


def name(person: User) -> str:
    return f"{person.name}（{person.unit or '无单位'}）"
