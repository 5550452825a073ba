"""Restore a verified backup: put files, keys and database in place and set aside what they replace.

Only what the manifest and its list name is taken. If a step fails, those before it are undone. A marker file exists in the data folder
while this runs, and while a restore is neither finished nor undone; with it, the server does not start.
"""

import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from creation.audit.audit_chain import head_file
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys, restore_checks
from creation.operations.backup.create import Progress
from creation.operations.backup.file_pool import LIST_NAME, DigestMismatch, FilePool, PoolEntry, copy_checked, read_list
from creation.operations.backup.manifest import Manifest
from creation.operations.backup.replaced_data import ReplacedData, install

UNFINISHED = "restore.unfinished"


class RestoreNotUndone(Refusal):
    """A step failed, and then not everything could be put back."""


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
    """Put a verified backup in place, and call ``settle`` as the last step.

    Raises Refusal, and then nothing was changed; RestoreNotUndone says where the old data lies.
    """
    with restore_checks.exclusive_access():
        in_use = restore_checks.is_in_use()
        if in_use and not replace and not unfinished_marker().exists():
            raise Refusal("这里已有数据：要用备份替换它，请加 --replace；原有的数据库会移到一旁，不会删除。")
        keys.require_matching_keys(manifest)
        restore_checks.require_space(folder, manifest)
        with _marked_unfinished(), _set_aside(now, in_use) as replaced:
            _set_database_aside(replaced)
            files = _put_files(folder, manifest, progress, replaced)
            _put_keys(folder, manifest, replaced)
            _put_heads(folder, manifest, replaced)
            _put_database(folder, manifest, replaced)
            settle()
            head_file.remember_backup_folder(folder.parent)
        return RestoreResult(replaced.close(), files)


@contextmanager
def _marked_unfinished() -> Iterator[None]:
    """Keep the marker for the block, and after a failure that was not undone. After one that was, it is as before."""
    marker = unfinished_marker()
    was_there = marker.exists()
    marker.touch()
    disks.fsync_path(marker.parent)
    try:
        yield
    except RestoreNotUndone:
        raise
    except BaseException:
        if not was_there:
            marker.unlink(missing_ok=True)
        raise


# Undoing


@contextmanager
def _set_aside(now: datetime, in_use: bool) -> Iterator[ReplacedData]:
    """Undo what the block did if it fails, and say so in a Refusal, which also says where the old data lies if it could not be put back."""
    with _translated_errors():
        replaced = ReplacedData(now, in_use=in_use)
        try:
            yield replaced
        except BaseException as error:
            if failures := replaced.put_back():
                raise RestoreNotUndone(_not_undone(error, failures, replaced.folder)) from error
            raise


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn what a step may fail with into a Refusal, after everything was undone."""
    try:
        yield
    except RestoreNotUndone:
        raise
    except Refusal as refused:
        raise Refusal(f"恢复没有完成，已退回原状：{refused.sentence}") from refused
    except DigestMismatch as error:
        raise Refusal("恢复没有完成，已退回原状：备份在恢复过程中被改动，请换一份备份。") from error
    except (OSError, sqlite3.Error, DatabaseError) as error:
        raise Refusal(f"恢复没有完成，已退回原状（{_reason(error)}）：请检查磁盘空间、权限和数据库后重试。") from error


def _not_undone(error: BaseException, failures: list[Exception], folder: Path) -> str:
    reasons = "；".join(dict.fromkeys(map(_reason, failures)))
    return (
        f"恢复没有完成（{_reason(error)}），退回原状也没有全部成功（{reasons}）。"
        f"原有的数据仍在 {folder}，没有删除，请不要动它；平台暂时不能启动。"
        "请排除原因（磁盘空间、权限、数据库）后重新执行本命令；要退回原状，请按运维手册“恢复没有成功时”一节放回。"
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, Refusal):
        return error.sentence.rstrip("。")
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


# Restored data


def _set_database_aside(replaced: ReplacedData) -> None:
    if connection.vendor == "sqlite":
        for path in databases.sqlite_files():
            replaced.move(path)
    elif replaced.in_use:
        databases.run_program("pg_dump", "--format=custom", "--no-owner", f"--file={replaced.dump}")


def _put_files(folder: Path, manifest: Manifest, progress: Progress, replaced: ReplacedData) -> int:
    pool, count = FilePool(folder.parent), 0
    for number, each in enumerate(read_list(folder / LIST_NAME) if LIST_NAME in manifest.parts else (), 1):
        put = _put_blob if restore_checks.is_blob(each) else _put_archive
        count += put(each, pool, replaced)
        if number % 500 == 0:
            progress(f"已放回 {number} 个文件 …")
    return count


def _put_blob(each: PoolEntry, pool: FilePool, replaced: ReplacedData) -> bool:
    """Copy the blob instead of linking it: the store and the pool must not share a file."""
    key = each.location.removeprefix("files/")
    if restore_checks.is_present(each) and storage.blob_sha256(key) == each.sha256:
        return False
    aside = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.restored"
    try:
        with pool.path(each.sha256).open("rb") as source:
            copy_checked(source, aside, each.sha256)
        replaced.keep_blob(key)
        storage.save_blob_as(aside, key)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _put_archive(each: PoolEntry, pool: FilePool, replaced: ReplacedData) -> bool:
    target = head_file.folder() / Path(each.location).name
    aside = target.with_suffix(".restored")
    with pool.path(each.sha256).open("rb") as source:
        copy_checked(source, aside, each.sha256)
    replaced.keep(target, "audit")
    aside.rename(target)
    return True


def _put_keys(folder: Path, manifest: Manifest, replaced: ReplacedData) -> None:
    """Install the keys that the manifest names, since the audit trail was signed with them. Others are set aside."""
    for name in manifest.keys:
        replaced.keep(keys.key_path(name))
        install(folder / "keys" / name, keys.key_path(name))


def _put_heads(folder: Path, manifest: Manifest, replaced: ReplacedData) -> None:
    target = head_file.path()
    if f"audit/{target.name}" in manifest.parts:
        replaced.keep(target)
        install(folder / "audit" / target.name, target)
    elif replaced.in_use:
        replaced.move(target)


def _put_database(folder: Path, manifest: Manifest, replaced: ReplacedData) -> None:
    path = folder / databases.FILE_NAMES[manifest.vendor]
    if manifest.vendor == "sqlite":
        for each in databases.sqlite_files():
            replaced.add_step_back(partial(each.unlink, missing_ok=True))
        install(path, databases.sqlite_files()[0])
        return
    connection.close()
    _load_dump(path)
    replaced.add_step_back(partial(_load_dump, replaced.dump) if replaced.in_use else partial(_drop_loaded, path))


def _drop_loaded(path: Path) -> None:
    """Drop the tables of a dump from a database that was empty before."""
    listed = databases.run_program("pg_restore", "--list", str(path))
    tables = re.findall(r"^\d+; \d+ \d+ TABLE (\w+) (\w+) ", listed, re.MULTILINE)
    names = ", ".join(f'"{schema}"."{table}"' for schema, table in tables)
    databases.run_program("psql", "-q", "-c", f"DROP TABLE IF EXISTS {names} CASCADE")


def _load_dump(path: Path) -> None:
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    databases.run_program("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(path))
