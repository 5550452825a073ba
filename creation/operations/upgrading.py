"""Protects the database while versions of the program change: an older program is refused, and each migration run begins with a copy."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from creation.lib import disks
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, restore

FOLDER = "before-migration"
KEPT = 3  # copies
PARTIAL_PREFIX = ".making-"
UNFINISHED = "unfinished"  # in a copy: the migrations after it have not succeeded yet


def unknown_migrations(alias: str) -> list[str]:
    """Return the migrations of installed apps that were applied to the database but are not in this program.

    Raises DatabaseError if the database cannot be asked.
    """
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    known, installed = databases.known_migrations(), {config.label for config in apps.get_app_configs()}
    return sorted(f"{app}.{name}" for app, name in applied if app in installed and (app, name) not in known)


def require_known_database() -> None:
    """Raise ImproperlyConfigured if a newer program has migrated the database.

    A database that does not answer is left to those who use it. No connection stays open, because Celery forks afterwards.
    """
    try:
        unknown = unknown_migrations(DEFAULT_DB_ALIAS)
    except DatabaseError:
        unknown = []
    finally:
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined]
    if unknown:
        raise ImproperlyConfigured(
            f"数据库已由更新的版本升级（本程序不认识 {unknown[-1]}），为避免损坏数据，没有启动："
            "请换回新版程序；确需退回旧版的，请用升级前的副本或备份恢复（见运维手册）。"
        )


def copies_root() -> Path:
    return Path(settings.DATA_DIR) / FOLDER


def copy_before_migration(now: datetime, write: Callable[[str], Any]) -> Path | None:
    """Copy the database before migrations change it, and say where. While runs fail, the first and the newest copy are kept.

    Return the copy, or None where there is nothing to copy or pg_dump is not installed. Raises CommandError if there is no room.
    """
    if not MigrationRecorder(connection).applied_migrations() or restore.unfinished_marker().exists():
        return None
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        write("升级前没有复制数据库：本机没有 pg_dump。请确认已按运维手册自行备份。")
        return None
    try:
        copied = _copy(copies_root(), f"{timezone.localtime(now):%Y%m%d-%H%M%S}")
    except (OSError, Refusal) as error:
        raise CommandError(f"升级前没有能复制数据库（{_reason(error)}），数据库没有改动：请排除后重新启动。") from error
    write(f"升级前已复制数据库：{copied}（保留最近 {KEPT} 份；退回旧版的办法见运维手册）。")
    return copied


def _copy(root: Path, name: str) -> Path:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for partial in root.glob(f"{PARTIAL_PREFIX}*"):
        shutil.rmtree(partial, ignore_errors=True)
    size = databases.database_size()
    if disks.free_bytes(root) < size + settings.RESERVED_DISK:
        raise Refusal(f"磁盘空间不足，还需 {size // 2**20 + settings.RESERVED_DISK // 2**20} MB")
    partial, finished = root / f"{PARTIAL_PREFIX}{name}", root / name
    with _removed_if_it_fails(partial):
        partial.mkdir(mode=0o700)
        with databases.copy_database(partial):
            pass
        (partial / UNFINISHED).touch()
        for path in (*partial.iterdir(), partial):
            disks.fsync_path(path)
    shutil.rmtree(finished, ignore_errors=True)  # of a run within the same second
    partial.rename(finished)
    disks.fsync_path(root)
    for old in _unfinished_copies()[1:-1]:
        shutil.rmtree(old)
    return finished


@contextmanager
def _removed_if_it_fails(partial: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, (OSError, Refusal)) and partial.exists():
            raise Refusal(f"{_reason(error)}；没有写完的副本 {partial} 也没有能删除，请手动删除") from error
        raise


def _reason(error: OSError | Refusal) -> str:
    return error.sentence.rstrip("。") if isinstance(error, Refusal) else str(error)


def _copies() -> list[Path]:
    root = copies_root()
    return sorted(path for path in root.iterdir() if not path.name.startswith(".")) if root.is_dir() else []


def _unfinished_copies() -> list[Path]:
    """Return the copies since whose making no migration run has succeeded."""
    return [path for path in _copies() if (path / UNFINISHED).exists()]


def copy_of_failed_run() -> Path | None:
    """Return the copy from before the first of the runs that failed, until one succeeds."""
    return next(iter(_unfinished_copies()), None)


def prune_copies(**options: Any) -> None:
    """Receive ``post_migrate``, which Django sends when everything has succeeded. Until then no older copy is removed."""
    for copied in _unfinished_copies():
        (copied / UNFINISHED).unlink()
    for old in _copies()[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def copy_if_planned(sender: Any, plan: list[Any] | None = None, stdout: Any = None, **options: Any) -> None:
    """Receive ``pre_migrate``, which Django also sends when there is nothing to do."""
    if plan:
        copy_before_migration(timezone.now(), (stdout or sys.stdout).write)
