"""`manage.py sweep`: do the hourly cleanup now, or only list what it would remove."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from creation.operations import cleanup


class Command(BaseCommand):
    help = "清理上传的残片（满 72 小时）、没有登记的文件和预览（满 24 小时）；平台每小时自动清理一次。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只列出，不删除")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            self.stdout.write(f"已清理 {cleanup.clean_up(timezone.now())} 项。")
            return
        found = 0
        for each in cleanup.leftovers(timezone.now()):
            self.stdout.write(f"{each.kind}：{each.name}")
            found += 1
        self.stdout.write(f"可清理 {found} 项，没有删除任何内容。" if found else "没有可清理的内容。")
