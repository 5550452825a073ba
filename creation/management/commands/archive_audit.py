"""`manage.py archive_audit`: move old audit entries from the database to signed files."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from creation.audit.actor import Actor
from creation.audit.audit_chain import archiving, head_file
from creation.management.refusing import RefusingCommand

LEAST = 180  # days that a trail must stay at hand (网络安全法: no less than six months)


class Command(RefusingCommand):
    help = f"把早于保存期的审计记录移入签名的归档文件（{LEAST} 天以内的一律留在库中）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.AUDIT_DAYS, help="保存期，天；默认取 AUDIT_DAYS")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < LEAST:
            raise CommandError(f"保存期 {days} 天太短：审计记录至少保存 {LEAST} 天，请改用更大的 --days。")
        now, count = timezone.now(), 0
        while made := archiving.archive_entries(now - timedelta(days=days), Actor(None, now)):
            count += made.last_seq - made.first_seq + 1
            self.stdout.write(f"{head_file.folder() / made.name}")
        said = f"已归档 {count} 条早于 {days} 天的审计记录。请把归档文件另存到离线介质，原件保留在原处供核对。"
        self.stdout.write(said if count else f"没有早于 {days} 天的已封存记录，没有归档。")
