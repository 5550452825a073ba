"""Automatic backups: one every 15 minutes; of older ones, fewer are kept."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from creation.lib.refusals import Refusal
from creation.models import Heartbeat
from creation.operations.backup import create
from creation.operations.backup.create import BackupBusy, BackupOptions, CreatedBackup

AUTO = "auto-"
HEARTBEAT_NAME = "backup"
INTERVAL = timedelta(minutes=15)
LAST, HOURLY, DAILY = 8, 24, 14
STAMP = "%Y%m%d-%H%M%S"

logger = logging.getLogger(__name__)


def root() -> Path:
    return Path(settings.BACKUP_DIR)


def is_enabled() -> bool:
    """Return whether automatic backups are made. PostgreSQL is backed up by its administrators, or by a timer with `manage.py backup`."""
    return connection.vendor == "sqlite"


def on_another_disk() -> bool:
    """Return whether backups are on another disk. Only then do they include files: on the same disk these would protect nothing."""
    create.prepare(root())
    return root().stat().st_dev != Path(settings.FILES_ROOT).stat().st_dev


def run_if_due(now: datetime) -> None:
    """Called every minute: create a backup when one is due, and record the result."""
    if not is_enabled():
        return
    try:
        made = back_up_if_due(now)
    except BackupBusy:
        return
    except Refusal as refused:
        logger.error("The clock's backup failed: %s", refused)
        Heartbeat.objects.record(HEARTBEAT_NAME, now, refused.sentence, done=False)
        return
    if made:
        Heartbeat.objects.record(HEARTBEAT_NAME, now, _missing_files(made))


def _missing_files(made: CreatedBackup) -> str:
    count = len(made.manifest.missing)
    return f"备份时有 {count} 个文件缺失或被改动。请执行 manage.py verify 核对。" if count else ""


def back_up_if_due(now: datetime) -> CreatedBackup | None:
    """Create the backup of this quarter of an hour; return None when there is one. Raises Refusal."""
    done = [made_at(path) for path in automatic()]
    if done and quarter(done[-1]) >= quarter(now):
        return None
    made = create.create_backup(root(), now, BackupOptions(files=on_another_disk(), prefix=AUTO))
    backups = {made_at(path): path for path in automatic()}
    to_keep = backups_to_keep(backups)
    create.delete_backups([path for moment, path in backups.items() if moment not in to_keep])
    if not done or timezone.localdate(done[-1]) != timezone.localdate(now):
        create.prune_pool(root())
    return made


def automatic() -> list[Path]:
    return [path for path in create.complete_backups(root()) if path.name.startswith(AUTO)]


def made_at(path: Path) -> datetime:
    return timezone.make_aware(datetime.strptime(path.name.removeprefix(AUTO), STAMP))  # noqa: DTZ007 - made aware here


def quarter(moment: datetime) -> float:
    return moment.timestamp() // INTERVAL.total_seconds()


def backups_to_keep(made: Iterable[datetime]) -> set[datetime]:
    """Return the last 8 times, the last of each of 24 hours, and the last of each of 14 days."""
    newest = sorted(made, reverse=True)
    hours = {f"{timezone.localtime(each):%Y%m%d%H}": each for each in reversed(newest)}
    days = {f"{timezone.localtime(each):%Y%m%d}": each for each in reversed(newest)}
    return {*newest[:LAST], *_last(hours, HOURLY), *_last(days, DAILY)}


def _last(by_name: dict[str, datetime], count: int) -> list[datetime]:
    return [by_name[name] for name in sorted(by_name)[-count:]]
