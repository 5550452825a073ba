"""Is what is kept what was written? `manage.py verify` recomputes the code of each audit row and names those that were changed."""

import hmac
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creation.models import AuditEntry
from creation.trail import mac_of

SHOWN = 20


class Command(BaseCommand):
    help = "核对审计记录：逐条重算校验码，有被改动的即列出并以 1 退出。"

    def handle(self, *args: Any, **options: Any) -> None:
        total, changed = 0, []
        for entry in AuditEntry.objects.order_by("pk").iterator(chunk_size=2000):
            total += 1
            if not hmac.compare_digest(entry.mac, mac_of(entry)):
                changed.append(entry.pk)
        if changed:
            numbers = "、".join(map(str, changed[:SHOWN])) + (" 等" if len(changed) > SHOWN else "")
            raise CommandError(
                f"审计记录 {total} 条，其中 {len(changed)} 条被改动，编号：{numbers}。请立即报告并保全现场。"
            )
        self.stdout.write(f"审计记录 {total} 条，全部完好。")
