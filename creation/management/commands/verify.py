"""`manage.py verify`: check the audit trail and the contents of every stored file, or one archive package, and report mismatches."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from creation.audit.audit_chain import head_file, verifying
from creation.audit.audit_chain.links import NotedHead
from creation.lib import audit_triggers, storage
from creation.lib.refusals import Refusal
from creation.operations import archive_check, inventory
from creation.operations.backup import earlier_trail

SHOWN = 50
KINDS = {
    "missing": "缺失的文件（库中有登记，存储中没有）",
    "altered": "被改动的文件（内容与登记的摘要不符）",
    "orphans": "没有登记的文件（满 24 小时后由 manage.py sweep 删除）",
}


class Command(BaseCommand):
    help = "核对审计记录的封印链和全部文件的摘要，或一个归档包，有异常的逐一列出并以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], help="抄录的链头，形如 1024-3f9a-77c1-0b2e-91dd；可写多个"
        )
        parser.add_argument(
            "--backups",
            action="append",
            default=[],
            type=Path,
            metavar="DIR",
            help="还有哪里存放着备份，与它们比较；BACKUP_DIR 和以前备份过的目录不必写",
        )
        parser.add_argument(
            "--archive",
            type=Path,
            metavar="FILE",
            help="核对一个归档包（ZIP）：逐个文件对照包内目录，不需要数据库；不核对别的",
        )
        parser.add_argument("--only", choices=["audit", "files"], help="只核对审计记录或只核对文件")

    def handle(
        self,
        *args: Any,
        head: list[str],
        backups: list[Path],
        archive: Path | None,
        only: str | None,
        **options: Any,
    ) -> None:
        if archive:
            self._archive(archive)
            return
        faults = [] if only == "files" else self._audit(head, backups)
        faults += [] if only == "audit" else self._files()
        if faults:
            raise CommandError("\n".join([*faults, "请立即报告并保全现场，再按运维手册处理。"]))

    def _archive(self, path: Path) -> None:
        try:
            found = archive_check.check_archive(path, self.stdout.write)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        catalogue = found.catalogue
        self.stdout.write(
            f"归档包“{catalogue.title}”，{catalogue.year} 年度，生成于 {catalogue.made_at[:16].replace('T', ' ')}。"
        )
        self.stdout.write(f"目录摘要：{found.digest}（与“办结归档”页上登记的一致，才是当时生成的那一份）。")
        if found.lacking:
            self.stdout.write(f"生成时就没有收录的 {len(found.lacking)} 份：")
            self.stdout.write("\n".join(f"  {line}" for line in found.lacking))
        if found.differences:
            count = f"归档包 {len(catalogue.entries)} 件，与目录不符 {len(found.differences)} 处："
            raise CommandError("\n".join([count, *(f"  {line}" for line in found.differences)]))
        size = f"{found.size / 2**20:.1f} MB"
        self.stdout.write(f"归档包 {len(catalogue.entries)} 件，{size}，与目录全部一致。")

    def _audit(self, head: list[str], backups: list[Path]) -> list[str]:
        try:
            noted = [NotedHead.parse(text) for text in head]
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        earlier = earlier_trail.read_earlier_trail(backups)
        heads = [*noted, *head_file.exported_heads(), *earlier.heads]
        verdict = verifying.verify_chain(timezone.now(), heads, earlier.counts)
        faults = [*verdict.sentences(), *earlier.faults, *earlier.faults_of_head_file(verdict), *_faults_of_triggers()]
        if faults:
            return [f"审计记录 {verdict.entries} 条，有异常：", *faults]
        end = f"链头 {verdict.end.note}。" if verdict.end.seq else "尚未封存。"
        self.stdout.write(f"审计记录 {verdict.entries} 条，全部完好。{end}")
        self.stdout.write(f"已与记下的链头 {len(heads)} 处、备份 {earlier.compared} 份比较。")
        return []

    def _files(self) -> list[str]:
        try:
            found = inventory.take_inventory(self.stdout.write)
        except storage.StoreUnavailable as away:
            return [f"文件没有核对：{away}"]
        told = f"文件 {found.count} 个，{found.size / 2**20:.1f} MB"
        if found.is_consistent:
            self.stdout.write(f"{told}，全部完好。")
            return []
        return [f"{told}，有异常：", *(line for kind in KINDS for line in _listed(kind, getattr(found, kind)))]


def _faults_of_triggers() -> list[str]:
    if not settings.AUDIT_TRIGGERS:
        return []
    found = audit_triggers.faults(connection)
    return [f"审计记录的防改保护（触发器）{name}：{fault}。" for name, fault in found.items()]


def _listed(kind: str, names: list[str]) -> list[str]:
    if not names:
        return []
    more = [f"  ……共 {len(names)} 个"] if len(names) > SHOWN else []
    return [f"{KINDS[kind]}：", *(f"  {name}" for name in names[:SHOWN]), *more]
