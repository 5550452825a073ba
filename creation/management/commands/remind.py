from argparse import ArgumentParser, ArgumentTypeError
from collections import defaultdict
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from creation.audit.actor import Actor
from creation.audit.audit_log import record
from creation.models import Holiday, User
from creation.notices import digest_builder, reminders


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是日期：请写成 2026-08-07 这样。") from None


class Command(BaseCommand):
    help = "按某一天的情况提醒；加 --dry-run 只列出每人会收到什么，不写入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=day, metavar="日期", help="默认为今天")
        parser.add_argument("--dry-run", action="store_true", help="只列出，不写入")

    def handle(self, *, on: date | None, dry_run: bool, **options: Any) -> None:
        at = moment(on, timezone.now())
        if not Holiday.objects.calendar().is_workday(timezone.localdate(at)):
            self.stdout.write(f"{timezone.localdate(at)} 是休息日，不发提醒；提醒日是周一、三、五，逢休息日顺延。")
        elif dry_run:
            self.show(timezone.localdate(at))
        else:
            self.write(Actor(None, at))

    def write(self, actor: Actor) -> None:
        notices, digests = reminders.remind(actor), digest_builder.run_all(actor)
        record(actor, "reminders.run", f"{actor.today} 提醒", detail=f"通知 {notices} 条，汇总 {digests} 份")
        self.stdout.write(f"{actor.today}：写入提醒 {notices} 条，生成汇总 {digests} 份。")

    def show(self, today: date) -> None:
        heard: dict[int, list[str]] = defaultdict(list)
        for said in reminders.planned_on(today, Holiday.objects.calendar()):
            for each in said:
                heard[each.person].append(each.text)
        people = User.objects.select_related("unit").in_bulk(heard)
        for pk, texts in heard.items():
            self.stdout.write(f"{people[pk].name}（{people[pk].unit or '无单位'}）{len(texts)} 条")
            for text in texts:
                self.stdout.write(f"  {text}")
        self.stdout.write(f"{today}：共 {len(heard)} 人、{sum(map(len, heard.values()))} 条，未写入。")


def moment(on: date | None, now: datetime) -> datetime:
    """Return the time to evaluate: now, or for another day the hour at which its digests are sent."""
    if on is None or on == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(on, time(digest_builder.DIGEST_HOUR)))
