"""A backup comes back: checked to the last byte, then files, keys and database are put in place; what stood there is set aside.

A mark stands in the data folder from the first change to the last: while it is there the house does not open.
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

from creation.audit.sealing import heads
from creation.lib import disks, storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases, keys
from creation.operations.backup.making import Say
from creation.operations.backup.manifest import Manifest
from creation.operations.backup.pool import LIST, Listed, Pool, copy_checked, listed

UNFINISHED = "restore.unfinished"
FULL = 200 * 2**20  # bytes left free
PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Restored:
    aside: Path | None  # where what stood here lies now
    files: int  # put in place; the others were there already


def unfinished() -> Path:
    return Path(settings.DATA_DIR) / UNFINISHED


def restore(folder: Path, manifest: Manifest, now: datetime, *, replace: bool, say: Say) -> Restored:
    """Put a checked backup in place. Raises Refusal, and then nothing was changed."""
    with _house_closed():
        in_use = is_in_use()
        if in_use and not replace and not unfinished().exists():
            raise Refusal("这里已有数据：要用备份替换它，请加 --replace；原有的数据库会移到一旁，不会删除。")
        keys.require_fit(manifest)
        _require_room(folder, manifest)
        unfinished().touch()
        disks.sync(unfinished().parent)
        aside = _set_aside(now) if in_use else None
        files = _put_files(folder, say)
        _put_keys(folder, aside)
        _put_heads(folder, aside)
        _put_database(folder, manifest)
        return Restored(aside, files)


# Before


@contextmanager
def _house_closed() -> Iterator[None]:
    """Nothing of the house runs on this data, and nothing can start meanwhile."""
    with (Path(settings.DATA_DIR) / "run.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal("平台正在运行：请先停止 bin/run（或 systemctl stop creation），再恢复。") from None
        if others := _others():
            raise Refusal(f"还有程序在使用数据库（{others}）：请停止网站、worker 和 beat 等全部服务，再恢复。")
        yield


def _others() -> str:
    """Who else has the database open; "" for nobody."""
    return _others_at_postgresql() if connection.vendor == "postgresql" else _others_at_sqlite()


def _others_at_postgresql() -> str:
    """Asked from outside, after our own connections were closed; the server takes a moment to see that."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the PostgreSQL wrapper has it
    others = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    for _ in range(PATIENCE):
        count = int(databases.program("psql", "-At", "-c", f"SELECT count(*) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
        if not count:
            return ""
        sleep(0.3)
    return f"{count} 个连接"


def _others_at_sqlite() -> str:
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
            return ""  # spoilt: it cannot be in use
    return ""


def is_in_use() -> bool:
    """Is there anything here that a restore would replace?"""
    if connection.vendor == "sqlite" and not databases.sqlite_files()[0].exists():
        return False
    try:
        return "creation_user" in connection.introspection.table_names()
    except DatabaseError:
        return True
    finally:
        connection.close()


def _require_room(folder: Path, manifest: Manifest) -> None:
    wanted = sum(part.size for part in manifest.parts.values()) + FULL
    if not settings.S3:
        wanted += sum(each.size for each in listed(folder / LIST) if not _lies_there(each))
    if shutil.disk_usage(settings.DATA_DIR).free < wanted:
        raise Refusal(f"数据目录所在磁盘空间不足，需要 {wanted // 2**20} MB：请清理后再恢复。")


def _lies_there(each: Listed) -> bool:
    with suppress(FileNotFoundError):
        return storage.size_of(each.place.removeprefix("files/")) == each.size if _is_blob(each) else False
    return False


def _is_blob(each: Listed) -> bool:
    return each.place.startswith("files/")


# What stands here


def _set_aside(now: datetime) -> Path:
    aside = Path(settings.DATA_DIR) / f"before-restore-{timezone.localtime(now):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    if connection.vendor == "postgresql":
        databases.program("pg_dump", "--format=custom", "--no-owner", f"--file={aside / databases.NAMES['postgresql']}")
        return aside
    for path in databases.sqlite_files():
        if path.exists():
            path.rename(aside / path.name)
    return aside


# What comes


def _put_files(folder: Path, say: Say) -> int:
    pool, count = Pool(folder.parent), 0
    for number, each in enumerate(listed(folder / LIST), 1):
        count += _put_blob(each, pool) if _is_blob(each) else _put_plain(each, pool)
        if number % 500 == 0:
            say(f"已放回 {number} 个文件 …")
    return count


def _put_blob(each: Listed, pool: Pool) -> bool:
    """A copy, not a second name: what is in use and what is kept must not share their bytes."""
    key = each.place.removeprefix("files/")
    if _lies_there(each) and storage.digest(key) == each.sha256:
        return False
    aside = Path(settings.INCOMING_ROOT) / f"{uuid.uuid4().hex}.restored"
    try:
        with pool.path(each.sha256).open("rb") as source:
            copy_checked(source, aside, each.sha256)
        storage.delete_blob(key)
        storage.put(aside, key)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _put_plain(each: Listed, pool: Pool) -> bool:
    target = heads.folder() / Path(each.place).name
    aside = target.with_suffix(".restored")
    with pool.path(each.sha256).open("rb") as source:
        copy_checked(source, aside, each.sha256)
    aside.rename(target)
    return True


def _put_keys(folder: Path, aside: Path | None) -> None:
    """The trail was signed with the backup's key. Another one that stands here goes aside, unless it was made just now."""
    for path in sorted(folder.glob("keys/*")):
        target = keys.place(path.name)
        if aside and target.exists():
            target.rename(aside / path.name)
        _put(path, target)


def _put_heads(folder: Path, aside: Path | None) -> None:
    target = heads.path()
    if aside and target.exists():
        target.rename(aside / target.name)
    if (path := folder / "audit" / target.name).exists():
        _put(path, target)


def _put_database(folder: Path, manifest: Manifest) -> None:
    path = folder / databases.NAMES[manifest.vendor]
    if manifest.vendor == "sqlite":
        for old in databases.sqlite_files():
            old.unlink(missing_ok=True)
        _put(path, databases.sqlite_files()[0])
        return
    connection.close()
    options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    databases.program("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(path))


def _put(path: Path, target: Path) -> None:
    aside = target.with_name(f"{target.name}.restored")
    shutil.copyfile(path, aside)
    aside.chmod(0o600)
    disks.sync(aside)
    aside.rename(target)
    disks.sync(target.parent)
