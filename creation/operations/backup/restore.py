"""Restore a verified backup: put files, keys and database in place and set aside what they replace.

A marker file exists in the data folder while this runs; with it, the server does not start.
"""

import fcntl
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from creation.audit.audit_chain import head_file
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys
from creation.operations.backup.create import Progress
from creation.operations.backup.file_pool import LIST_NAME, FilePool, PoolEntry, copy_checked, read_list
from creation.operations.backup.manifest import Manifest

UNFINISHED = "restore.unfinished"
RESERVED_BYTES = 200 * 2**20  # bytes that must stay free
ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class RestoreResult:
    aside: Path | None  # folder with the replaced data
    files: int  # number put in place; the others were there already


def unfinished_marker() -> Path:
    return Path(settings.DATA_DIR) / UNFINISHED


def restore_backup(
    folder: Path, manifest: Manifest, now: datetime, *, replace: bool, progress: Progress
) -> RestoreResult:
    """Put a verified backup in place. Raises Refusal, and then nothing was changed."""
    with _exclusive_access():
        in_use = is_in_use()
        if in_use and not replace and not unfinished_marker().exists():
            raise Refusal("这里已有数据：要用备份替换它，请加 --replace；原有的数据库会移到一旁，不会删除。")
        keys.require_matching_keys(manifest)
        _require_space(folder, manifest)
        unfinished_marker().touch()
        disks.fsync_path(unfinished_marker().parent)
        aside = _set_aside(now) if in_use else None
        files = _put_files(folder, progress)
        _put_keys(folder, aside)
        _put_heads(folder, aside)
        _put_database(folder, manifest)
        return RestoreResult(aside, files)


# Checks


@contextmanager
def _exclusive_access() -> Iterator[None]:
    """Make sure that no part of the application uses the data or can start meanwhile. Raises Refusal."""
    with (Path(settings.DATA_DIR) / "run.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("平台正在运行：请先停止 bin/run（或 systemctl stop creation），再恢复。") from None
        if others := _other_connections():
            raise Refusal(f"还有程序在使用数据库（{others}）：请停止网站、worker 和 beat 等全部服务，再恢复。")
        yield


def _other_connections() -> str:
    """Return who else has the database open, or ""."""
    return _other_connections_postgresql() if connection.vendor == "postgresql" else _other_connections_sqlite()


def _other_connections_postgresql() -> str:
    """Ask with psql after closing our own connections. Repeated, because the server takes a moment to notice that."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the PostgreSQL wrapper has it
    others = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    for _ in range(ATTEMPTS):
        count = int(databases.run_program("psql", "-At", "-c", f"SELECT count(*) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
        if not count:
            return ""
        sleep(0.3)
    return f"{count} 个连接"


def _other_connections_sqlite() -> str:
    connection.close()
    path = databases.sqlite_files()[0]
    if not path.exists():
        return ""
    with closing(sqlite3.connect(path, timeout=1)) as database:
        try:
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            return "SQLite 文件被占用" if "locked" in str(error) else ""
        except sqlite3.DatabaseError:
            return ""  # damaged, so it cannot be in use
    return ""


def is_in_use() -> bool:
    """Return whether there is data that a restore would replace."""
    if connection.vendor == "sqlite" and not databases.sqlite_files()[0].exists():
        return False
    try:
        return "creation_user" in connection.introspection.table_names()
    except DatabaseError:
        return True
    finally:
        connection.close()


def _require_space(folder: Path, manifest: Manifest) -> None:
    wanted = sum(part.size for part in manifest.parts.values()) + RESERVED_BYTES
    if not settings.S3:
        wanted += sum(each.size for each in read_list(folder / LIST_NAME) if not _is_present(each))
    if shutil.disk_usage(settings.DATA_DIR).free < wanted:
        raise Refusal(f"数据目录所在磁盘空间不足，需要 {wanted // 2**20} MB：请清理后再恢复。")


def _is_present(each: PoolEntry) -> bool:
    with suppress(FileNotFoundError):
        return storage.blob_size(each.location.removeprefix("files/")) == each.size if _is_blob(each) else False
    return False


def _is_blob(each: PoolEntry) -> bool:
    return each.location.startswith("files/")


# Replaced data


def _set_aside(now: datetime) -> Path:
    aside = Path(settings.DATA_DIR) / f"before-restore-{timezone.localtime(now):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    if connection.vendor == "postgresql":
        databases.run_program(
            "pg_dump", "--format=custom", "--no-owner", f"--file={aside / databases.FILE_NAMES['postgresql']}"
        )
        return aside
    for path in databases.sqlite_files():
        if path.exists():
            path.rename(aside / path.name)
    return aside


# Restored data


def _put_files(folder: Path, progress: Progress) -> int:
    pool, count = FilePool(folder.parent), 0
    for number, each in enumerate(read_list(folder / LIST_NAME), 1):
        count += _put_blob(each, pool) if _is_blob(each) else _put_plain(each, pool)
        if number % 500 == 0:
            progress(f"已放回 {number} 个文件 …")
    return count


def _put_blob(each: PoolEntry, pool: FilePool) -> bool:
    """Copy the blob instead of linking it: the store and the pool must not share a file."""
    key = each.location.removeprefix("files/")
    if _is_present(each) and storage.blob_sha256(key) == each.sha256:
        return False
    aside = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.restored"
    try:
        with pool.path(each.sha256).open("rb") as source:
            copy_checked(source, aside, each.sha256)
        storage.delete_blob(key)
        storage.save_blob_as(aside, key)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _put_plain(each: PoolEntry, pool: FilePool) -> bool:
    target = head_file.folder() / Path(each.location).name
    aside = target.with_suffix(".restored")
    with pool.path(each.sha256).open("rb") as source:
        copy_checked(source, aside, each.sha256)
    aside.rename(target)
    return True


def _put_keys(folder: Path, aside: Path | None) -> None:
    """Install the keys of the backup, since the audit trail was signed with them. Set aside others, unless they were created just now."""
    for path in sorted(folder.glob("keys/*")):
        target = keys.key_path(path.name)
        if aside and target.exists():
            target.rename(aside / path.name)
        _install(path, target)


def _put_heads(folder: Path, aside: Path | None) -> None:
    target = head_file.path()
    if aside and target.exists():
        target.rename(aside / target.name)
    if (path := folder / "audit" / target.name).exists():
        _install(path, target)


def _put_database(folder: Path, manifest: Manifest) -> None:
    path = folder / databases.FILE_NAMES[manifest.vendor]
    if manifest.vendor == "sqlite":
        for old in databases.sqlite_files():
            old.unlink(missing_ok=True)
        _install(path, databases.sqlite_files()[0])
        return
    connection.close()
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    databases.run_program("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(path))


def _install(path: Path, target: Path) -> None:
    aside = target.with_name(f"{target.name}.restored")
    shutil.copyfile(path, aside)
    aside.chmod(0o600)
    disks.fsync_path(aside)
    aside.rename(target)
    disks.fsync_path(target.parent)
