from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from creation.audit.actor import Actor
from creation.models import Holiday
from creation.notices import holidays


class Command(BaseCommand):
    help = "录入某一年的节假日和调休；不写年份就是今年和明年。已有记录的年份不改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, metavar="年份")

    def handle(self, *, year: int | None, **options: Any) -> None:
        actor = Actor(None, timezone.now())
        if year is not None and not 2000 <= year <= 2100:
            raise CommandError(f"{year} 不是可用的年份：请写 2000 至 2100 之间的年份。")
        for each in [year] if year else [actor.today.year, actor.today.year + 1]:
            self.stdout.write(self.fill(each, actor))

    def fill(self, year: int, actor: Actor) -> str:
        count = holidays.fill_year(year, actor)
        if count:
            return f"{year} 年：录入 {count} 天。"
        if Holiday.objects.filter(day__year=year).exists():
            return f"{year} 年：已有记录，未改动。"
        return f"{year} 年：安排尚未收录，工作日暂按周一至周五计算。"
