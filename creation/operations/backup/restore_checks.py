"""What must hold before a restore touches anything: nobody uses the data, and the disk has room."""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import sleep

from django.conf import settings
from django.db import DatabaseError, connection

from creation.lib import storage
from creation.lib.refusals import Refusal
from creation.operations.backup import databases
from creation.operations.backup.file_pool import LIST_NAME, PoolEntry, read_list
from creation.operations.backup.manifest import Manifest

ATTEMPTS = 10


@contextmanager
def exclusive_access() -> Iterator[None]:
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


def require_space(folder: Path, manifest: Manifest) -> None:
    wanted = sum(part.size for part in manifest.parts.values()) + settings.RESERVED_DISK
    if not settings.S3:
        wanted += sum(each.size for each in read_list(folder / LIST_NAME) if not is_present(each))
    if shutil.disk_usage(settings.DATA_DIR).free < wanted:
        raise Refusal(f"数据目录所在磁盘空间不足，需要 {wanted // 2**20} MB：请清理后再恢复。")


def is_present(each: PoolEntry) -> bool:
    with suppress(FileNotFoundError):
        return storage.blob_size(each.location.removeprefix("files/")) == each.size if is_blob(each) else False
    return False


def is_blob(each: PoolEntry) -> bool:
    return each.location.startswith("files/")
