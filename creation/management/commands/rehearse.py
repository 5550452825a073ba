from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creation.management.commands.remind import day
from creation.models import Campaign, Holiday, ReminderRule, User
from creation.notices.reminders.due_items import rules_of
from creation.notices.reminders.rehearsal import MAX_PER_WEEK, Rehearsal, RehearsedWeek, rehearse

LONGEST = 400  # days
NAMED = 10  # people without any notice that are named


class Command(BaseCommand):
    help = "演练一段时间的提醒：按现在的任务状态，每人每周会收到几份汇总。什么也不写入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=day, required=True, metavar="日期", help="第一天")
        parser.add_argument("--to", dest="last", type=day, required=True, metavar="日期", help="最后一天")
        parser.add_argument("--campaign", type=int, metavar="编号", help="只演练这一活动；默认为所有进行中的活动")

    def handle(self, *, first: date, last: date, campaign: int | None, **options: Any) -> None:
        if not 0 <= (last - first).days < LONGEST:
            raise CommandError(f"最后一天不能早于第一天，且一次最多演练 {LONGEST} 天。")
        found = rehearse(rules_of(rows_of(campaign)), first, last, Holiday.objects.calendar())
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
            self.stdout.write(f"  {name(people[person])}：{messages} 份，共 {lines} 条")

    def show_sum(self, found: Rehearsal, people: dict[int, User]) -> None:
        silent = sorted(found.without_notices)
        names = "、".join(name(people[each]) for each in silent[:NAMED])
        more = "等" if len(silent) > NAMED else ""
        self.stdout.write(f"从未收到的 {len(silent)} 人{'：' if names else ''}{names}{more}")
        most = found.max_in_quiet_week()
        verdict = "达到" if most <= MAX_PER_WEEK else "没有达到"
        self.stdout.write(f"每人每天最多 {found.max_per_day} 份（当天的提醒合为一份汇总）。")
        self.stdout.write(
            f"截止前十天以外，每人每周最多 {most} 份；目标 {MAX_PER_WEEK} 份：{verdict}。未写入任何内容。"
        )


def rows_of(campaign: int | None) -> list[ReminderRule]:
    """Return the reminder rules. Raises CommandError when the campaign does not exist."""
    if campaign is None:
        return list(ReminderRule.objects.enabled().in_order())
    if not Campaign.objects.filter(pk=campaign).exists():
        raise CommandError(f"没有编号为 {campaign} 的活动。编号见活动页地址中 /c/ 之后的数字。")
    return list(ReminderRule.objects.filter(campaign=campaign, enabled=True).in_order())


def name(person: User) -> str:
    return f"{person.name}（{person.unit or '无单位'}）"
