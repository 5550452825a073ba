"""Is what is kept what was written? `manage.py verify` walks the audit trail and names what was changed, dropped, added or reordered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from creation.sealing import heads, verifying
from creation.sealing.chain import Noted


class Command(BaseCommand):
    help = "核对审计记录：逐条重算校验码和封印链，有被改动、删除、插入、调换或截断的即列出并以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], help="抄录的链头，形如 1024-3f9a-77c1-0b2e-91dd；可写多个"
        )

    def handle(self, *args: Any, head: list[str], **options: Any) -> None:
        try:
            noted = [Noted.read(text) for text in head]
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        verdict = verifying.verify(timezone.now(), [*noted, *heads.exported()])
        if verdict.faults:
            said = "\n".join(verdict.sentences())
            raise CommandError(f"审计记录 {verdict.entries} 条，有异常：\n{said}\n请立即报告并保全现场。")
        end = f"链头 {verdict.end.note}。" if verdict.end.seq else "尚未封存。"
        self.stdout.write(f"审计记录 {verdict.entries} 条，全部完好。{end}")
