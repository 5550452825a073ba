"""`manage.py restore DIR`: restore a backup after verifying every byte of it."""

import os
import subprocess
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from creation.lib.refusals import Refusal
from creation.management.refusing import RefusingCommand
from creation.operations.backup import integrity, keys, post_restore, restore, restore_checks
from creation.operations.backup.integrity import Trust
from creation.operations.backup.manifest import Manifest
from creation.operations.backup.restore import RestoreResult


class Command(RefusingCommand):
    help = "从备份恢复数据库、文件和密钥；先完整核对备份，再动现有数据。恢复前请停止平台。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="存放备份的目录，或其中一份备份")
        parser.add_argument("--backup", default="", metavar="NAME", help="哪一份；默认最近一份")
        parser.add_argument("--replace", action="store_true", help="替换现有数据（现有数据库移到一旁）")
        parser.add_argument(
            "--stopped-at",
            default="",
            metavar="TIME",
            help="原平台何时停止，形如 2026-07-31T08:00；默认现在。此前的提醒不再发送",
        )
        parser.add_argument("--check", action="store_true", help="只核对备份，不恢复")
        parser.add_argument("--audit-key", type=Path, metavar="FILE", help="另行保存的 audit_key，用它核对清单的校验码")
        parser.add_argument(
            "--keys-from-backup", action="store_true", help="本机已有数据和另一把密钥时，以备份自带的密钥为准"
        )
        parser.add_argument("--without-mac", action="store_true", help="接受 0.1.0 版的备份，其清单没有校验码")
        parser.add_argument("--settle", default="", help="恢复的最后一步，由本命令自己调用")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        now = timezone.now()
        until = self._moment(options["stopped_at"]) if options["stopped_at"] else now
        if options["settle"]:
            self._settle(self._moment(options["settle"]), until, now)
            return
        try:
            found = integrity.find_backup(folder, options["backup"])
            manifest = integrity.check_backup(found, self.stdout.write, self._trust(options))
        except OSError as error:
            raise Refusal(
                f"备份不能读（{error.strerror or error}），没有恢复任何内容：请检查 {folder} 和权限。"
            ) from error
        self.stdout.write(f"备份 {found.name} 完整：{sum(manifest.counts.values())} 行，{manifest.files or 0} 个文件。")
        if options["check"]:
            return
        restored = restore.restore_backup(
            found,
            manifest,
            now,
            replace=options["replace"],
            progress=self.stdout.write,
            settle=partial(self._finish, manifest, folder, until),
        )
        restore.unfinished_marker().unlink(missing_ok=True)
        self._tell(manifest, restored, until)

    def _trust(self, options: dict[str, Any]) -> Trust:
        path: Path | None = options["audit_key"]
        return Trust(
            key=keys.read_key(path) if path else "",
            without_mac=options["without_mac"],
            keys_from_backup=options["keys_from_backup"] or not restore_checks.is_in_use(),
        )

    def _moment(self, text: str) -> datetime:
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(f"“{text}”不是时间：请写成 2026-07-31T08:00。")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def _finish(self, manifest: Manifest, folder: Path, until: datetime) -> None:
        """Finish in a new process, which reads the restored keys."""
        command = [sys.executable, sys.argv[0], "restore", str(folder), "--settle", manifest.made_at.isoformat()]
        self.stdout.flush()
        done = subprocess.run([*command, "--stopped-at", until.isoformat()], env=os.environ, check=False)
        if done.returncode:
            raise Refusal("最后一步没有完成，原因见上。请排除后重新执行本命令。")

    def _settle(self, made_at: datetime, until: datetime, now: datetime) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            told = post_restore.settle_restored_data(made_at, max(until, made_at), now)
        except Exception as error:  # whatever is wrong with data from elsewhere must not end in a traceback
            raise Refusal(f"备份中的数据不能使用（{type(error).__name__}：{error}）。") from error
        self.stdout.write(
            f"备份之后应已说过的提醒 {told['reminders']} 条记为已说，{told['people']} 人的待发通知只放入站内信，"
            f"{told['letters']} 封待发的外部通知不再发送。"
        )

    def _tell(self, manifest: Manifest, restored: RestoreResult, until: datetime) -> None:
        lost = f"{post_restore.local_time(manifest.made_at)} 至 {post_restore.local_time(max(until, manifest.made_at))}"
        self.stdout.write(f"恢复完成，放回 {restored.files} 个文件。\n丢失的时段：{lost}，其间的操作请通知各单位补做。")
        if manifest.files is None:
            self.stdout.write("这份备份只有数据库：文件仍用原处的，请执行 manage.py verify 核对。")
        if manifest.missing:
            self.stdout.write(f"备份时就缺失的文件 {len(manifest.missing)} 个，请执行 manage.py verify 查看。")
        if restored.aside:
            self.stdout.write(f"原有的数据库移到 {restored.aside}，确认无误后可以删除。")
        self.stdout.write(
            "丢失时段内停用的账号、结束的任职、修改的密码都回到备份时的样子，请逐一核对。全体人员需重新登录。"
        )
