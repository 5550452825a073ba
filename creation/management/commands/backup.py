"""`manage.py backup DIR`: make a consistent copy of database and files while the application is in use."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.management.refusing import RefusingCommand
from creation.operations.backup import create, keys
from creation.operations.backup.create import BackupOptions, CreatedBackup

SHOWN = 20


class Command(RefusingCommand):
    help = "备份数据库和全部文件到一个目录，不必停止平台；已备份过的文件不再复制。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="存放备份的目录，最好在另一块磁盘上")
        parser.add_argument("--without-keys", action="store_true", help="不带密钥文件（须另行保管）")
        parser.add_argument("--keep", type=int, metavar="N", help="只保留最近 N 份手工备份，并删去不再用到的文件")

    def handle(self, *args: Any, folder: Path, without_keys: bool, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep 至少为 1。")
        now = timezone.now()
        made = create.create_backup(folder, now, BackupOptions(keys=not without_keys), self.stdout.write)
        if keep:
            self._thin(folder, keep)
        manifest = made.manifest
        audit_log.record(Actor(None, now), "backup.make", f"备份 {made.folder.name}", detail=f"{manifest.files} 个文件")
        self._tell(made)
        if missing := manifest.missing:
            named = "\n".join(missing[:SHOWN]) + ("\n……" if len(missing) > SHOWN else "")
            raise CommandError(
                f"备份已完成，但有 {len(missing)} 个文件缺失或与登记的摘要不符，没有备份进去：\n{named}\n"
                "请执行 manage.py verify 核对，并从以前的备份中找回。"
            )

    def _thin(self, folder: Path, keep: int) -> None:
        by_hand = [path for path in create.complete_backups(folder) if not path.name.startswith("auto-")]
        create.delete_backups(by_hand[:-keep])
        create.prune_pool(folder)

    def _tell(self, made: CreatedBackup) -> None:
        manifest = made.manifest
        size = manifest.bytes / 2**20
        self.stdout.write(
            f"备份完成：{made.folder}\n数据库 {manifest.vendor}，文件 {manifest.files} 个，{size:.1f} MB。"
        )
        if manifest.keys:
            self.stdout.write(
                f"备份中有密钥 {'、'.join(manifest.keys)}：拿到备份的人能读出通知渠道的密码、伪造审计记录，请像数据库一样保管。"
            )
        left = [name for name in keys.SETTINGS if name not in manifest.keys]
        if left:
            self.stdout.write(
                f"备份中没有密钥 {'、'.join(left)}：没有它们，恢复后无法核对审计记录、读出渠道设置，请另行保管。"
            )
        self.stdout.write("secret_key 不备份：恢复到新机器后，全体人员需重新登录。")
