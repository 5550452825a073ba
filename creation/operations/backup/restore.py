"""Restore a verified backup: put files, keys and database in place and set aside what they replace.

Only what the manifest and its list name is taken. If a step fails, those before it are undone. A marker file exists in the data folder
while this runs; with it, the server does not start, so that a restore that was killed is run again.
"""

import fcntl
import re
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
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
from creation.operations.backup.file_pool import LIST_NAME, DigestMismatch, FilePool, PoolEntry, copy_checked, read_list
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
    folder: Path,
    manifest: Manifest,
    now: datetime,
    *,
    replace: bool,
    progress: Progress,
    settle: Callable[[], None] = lambda: None,
) -> RestoreResult:
    """Put a verified backup in place, and call ``settle`` as the last step. Raises Refusal, and then nothing was changed."""
    with _exclusive_access():
        in_use = is_in_use()
        if in_use and not replace and not unfinished_marker().exists():
            raise Refusal("这里已有数据：要用备份替换它，请加 --replace；原有的数据库会移到一旁，不会删除。")
        keys.require_matching_keys(manifest)
        _require_space(folder, manifest)
        with _marked_unfinished(), _translated_errors(), ExitStack() as cleanup, ExitStack() as undo:
            aside = _set_aside(now, undo) if in_use else None
            files = _put_files(folder, manifest, progress, undo, cleanup)
            _put_keys(folder, manifest, aside, undo)
            _put_heads(folder, manifest, aside, undo)
            _put_database(folder, manifest, aside, undo)
            settle()
            head_file.remember_backup_folder(folder.parent)
            undo.pop_all()
            return RestoreResult(aside, files)


@contextmanager
def _marked_unfinished() -> Iterator[None]:
    """Keep the marker for the block. After a failure that was undone, it is as before."""
    marker = unfinished_marker()
    was_there = marker.exists()
    marker.touch()
    disks.fsync_path(marker.parent)
    try:
        yield
    except BaseException:
        if not was_there:
            marker.unlink(missing_ok=True)
        raise


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn what a step may fail with into a Refusal."""
    try:
        yield
    except Refusal as refused:
        raise Refusal(f"恢复没有完成，已退回原状：{refused.sentence}") from refused
    except DigestMismatch as error:
        raise Refusal("恢复没有完成，已退回原状：备份在恢复过程中被改动，请换一份备份。") from error
    except (OSError, sqlite3.Error, DatabaseError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Refusal(f"恢复没有完成，已退回原状（{reason}）：请检查磁盘空间、权限和数据库后重试。") from error


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


def _set_aside(now: datetime, undo: ExitStack) -> Path:
    aside = Path(settings.DATA_DIR) / f"before-restore-{timezone.localtime(now):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    undo.callback(shutil.rmtree, aside, ignore_errors=True)
    if connection.vendor == "postgresql":
        databases.run_program("pg_dump", "--format=custom", "--no-owner", f"--file={_aside_dump(aside)}")
        return aside
    for path in databases.sqlite_files():
        if path.exists():
            path.rename(aside / path.name)
            undo.callback((aside / path.name).rename, path)
    return aside


def _aside_dump(aside: Path) -> Path:
    return aside / databases.FILE_NAMES["postgresql"]


# Restored data


def _put_files(folder: Path, manifest: Manifest, progress: Progress, undo: ExitStack, cleanup: ExitStack) -> int:
    pool, count = FilePool(folder.parent), 0
    for number, each in enumerate(read_list(folder / LIST_NAME) if LIST_NAME in manifest.parts else (), 1):
        if _is_blob(each):
            count += _put_blob(each, pool, undo, cleanup)
        else:
            count += _put_archive(each, pool, undo)
        if number % 500 == 0:
            progress(f"已放回 {number} 个文件 …")
    return count


def _put_blob(each: PoolEntry, pool: FilePool, undo: ExitStack, cleanup: ExitStack) -> bool:
    """Copy the blob instead of linking it: the store and the pool must not share a file."""
    key = each.location.removeprefix("files/")
    if _is_present(each) and storage.blob_sha256(key) == each.sha256:
        return False
    aside = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.restored"
    try:
        with pool.path(each.sha256).open("rb") as source:
            copy_checked(source, aside, each.sha256)
        if storage.blob_exists(key):
            _keep_replaced_blob(key, undo, cleanup)
        storage.delete_blob(key)
        undo.callback(storage.delete_blob, key)
        storage.save_blob_as(aside, key)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _keep_replaced_blob(key: str, undo: ExitStack, cleanup: ExitStack) -> None:
    """Keep a blob that differs from the backup until the restore has ended."""
    kept = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.replaced"
    cleanup.callback(kept.unlink, missing_ok=True)
    with storage.blob_as_file(key) as path:
        shutil.copyfile(path, kept)
    undo.callback(storage.save_blob_as, kept, key)


def _put_archive(each: PoolEntry, pool: FilePool, undo: ExitStack) -> bool:
    target = head_file.folder() / Path(each.location).name
    aside = target.with_suffix(".restored")
    with pool.path(each.sha256).open("rb") as source:
        copy_checked(source, aside, each.sha256)
    undo.callback(_put_back, target, _content(target))
    aside.rename(target)
    return True


def _put_keys(folder: Path, manifest: Manifest, aside: Path | None, undo: ExitStack) -> None:
    """Install the keys that the manifest names, since the audit trail was signed with them. Others are set aside."""
    for name in manifest.keys:
        _replace(folder / "keys" / name, keys.key_path(name), aside, undo)


def _put_heads(folder: Path, manifest: Manifest, aside: Path | None, undo: ExitStack) -> None:
    target = head_file.path()
    source = folder / "audit" / target.name
    if f"audit/{target.name}" in manifest.parts:
        _replace(source, target, aside, undo)
    elif aside and target.exists():
        target.rename(aside / target.name)
        undo.callback((aside / target.name).rename, target)


def _put_database(folder: Path, manifest: Manifest, aside: Path | None, undo: ExitStack) -> None:
    path = folder / databases.FILE_NAMES[manifest.vendor]
    if manifest.vendor == "sqlite":
        for old in databases.sqlite_files():
            old.unlink(missing_ok=True)
            undo.callback(old.unlink, missing_ok=True)
        _install(path, databases.sqlite_files()[0])
        return
    connection.close()
    _load_dump(path)
    if aside:
        undo.callback(_load_dump, _aside_dump(aside))
    else:
        undo.callback(_drop_loaded, path)


def _drop_loaded(path: Path) -> None:
    """Drop the tables of a dump from a database that was empty before."""
    listed = databases.run_program("pg_restore", "--list", str(path))
    tables = re.findall(r"^\d+; \d+ \d+ TABLE (\w+) (\w+) ", listed, re.MULTILINE)
    names = ", ".join(f'"{schema}"."{table}"' for schema, table in tables)
    databases.run_program("psql", "-q", "-c", f"DROP TABLE IF EXISTS {names} CASCADE")


def _load_dump(path: Path) -> None:
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    databases.run_program("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(path))


# Single files


def _replace(source: Path, target: Path, aside: Path | None, undo: ExitStack) -> None:
    """Install a small file. What was there is set aside, unless it was created just now."""
    before = _content(target)
    if aside and before is not None:
        _install(target, aside / target.name)
    undo.callback(_put_back, target, before)
    _install(source, target)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _put_back(target: Path, content: bytes | None) -> None:
    if content is None:
        target.unlink(missing_ok=True)
        return
    aside = target.with_name(f"{target.name}.restored")
    aside.write_bytes(content)
    aside.chmod(0o600)
    aside.rename(target)


def _install(path: Path, target: Path) -> None:
    aside = target.with_name(f"{target.name}.restored")
    shutil.copyfile(path, aside)
    aside.chmod(0o600)
    disks.fsync_path(aside)
    aside.rename(target)
    disks.fsync_path(target.parent)
