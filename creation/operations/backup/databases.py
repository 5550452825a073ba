"""A consistent copy of the database while others write, and a way to query the copy."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from creation.lib.blobs import models_with_files
from creation.lib.refusals import Refusal
from creation.operations.backup.file_pool import UNKNOWN_SIZE, PoolEntry

FILE_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
LIBPQ = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """A copy of the database. ``query`` runs a query on the copied state."""

    query: Callable[[str], Rows]

    def files(self) -> Iterator[PoolEntry]:
        """Yield the files that the database refers to, without sizes: not every row has one, and the bytes are read anyway."""
        for model in models_with_files():
            table = model._meta.db_table
            for sha256, blob in self.query(f"SELECT sha256, blob FROM {table} WHERE blob <> ''"):  # noqa: S608
                yield PoolEntry(sha256, UNKNOWN_SIZE, f"files/{blob}")

    def counts(self) -> dict[str, int]:
        tables = sorted(name for name in connection.introspection.table_names() if name.startswith("creation_"))
        return {name: next(self.query(f"SELECT count(*) FROM {name}"))[0] for name in tables}  # noqa: S608

    def head(self) -> tuple[int, str]:
        """Return number and code of the last seal in the copy, (0, "") if nothing is sealed."""
        seals = "SELECT seq, mac FROM creation_auditseal UNION SELECT last_seq, head FROM creation_auditarchive"
        seq, mac = next(self.query(f"SELECT seq, mac FROM ({seals}) AS ends ORDER BY seq DESC LIMIT 1"), (0, ""))  # noqa: S608
        return int(seq), str(mac)

    def migrations(self) -> list[str]:
        return [f"{app}.{name}" for app, name in self.query("SELECT app, name FROM django_migrations ORDER BY id")]


def known_migrations() -> set[tuple[str, str]]:
    """Return app and name of each migration that this program has, or had before they were squashed."""
    on_disk = MigrationLoader(None).disk_migrations
    return {*on_disk, *(former for migration in on_disk.values() for former in migration.replaces)}


def database_size() -> int:
    """Return the approximate size of a copy in bytes."""
    if connection.vendor == "sqlite":
        return sum(path.stat().st_size for path in sqlite_files() if path.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def sqlite_files() -> list[Path]:
    """Return the database file and its companion files, which may be missing."""
    return [Path(f"{connection.settings_dict['NAME']}{end}") for end in ("", "-wal", "-shm")]


@contextmanager
def copy_database(folder: Path) -> Iterator[DatabaseCopy]:
    """Copy the database into the folder. Raises Refusal when the copy fails or is not sound."""
    with (_sqlite if connection.vendor == "sqlite" else _postgresql)(folder / FILE_NAMES[connection.vendor]) as copy:
        yield copy


@contextmanager
def _sqlite(target: Path) -> Iterator[DatabaseCopy]:
    """Copy in one step: SQLite reads from one snapshot, and in WAL mode writers do not have to wait."""
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=30)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            raise Refusal(f"数据库没有能复制到 {target}（{error}）：请检查磁盘空间和权限后重试。") from error
        if found != "ok":
            raise Refusal(f"数据库自检没有通过（{found}），没有备份：请立即停止平台，用上一份备份恢复。")
        target.chmod(0o600)
        yield DatabaseCopy(lambda query: iter(copy.execute(query)))


@contextmanager
def _postgresql(target: Path) -> Iterator[DatabaseCopy]:
    """Run the dump and the queries in the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        run_program(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"
        )
        target.chmod(0o600)

        def ask(query: str) -> Rows:
            cursor.execute(query)
            return iter(cursor.fetchall())

        yield DatabaseCopy(ask)


def copy_faults(path: Path, vendor: str, migrations: list[str], counts: dict[str, int]) -> Iterator[str]:
    """Yield what is wrong with a copy of the database: it cannot be read, or holds something else than its manifest says."""
    if vendor == "postgresql":
        try:
            run_program("pg_restore", "--list", str(path))
        except Refusal as refused:
            yield refused.sentence
        return
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as database:
            yield from _sqlite_faults(database, migrations, counts)
    except sqlite3.Error as error:
        yield f"{path.name} 不是可用的数据库（{error}）"


def _sqlite_faults(database: sqlite3.Connection, migrations: list[str], counts: dict[str, int]) -> Iterator[str]:
    database.execute("PRAGMA trusted_schema=OFF")
    if (found := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        yield f"数据库自检没有通过（{found}）"
        return
    copy = DatabaseCopy(lambda query: iter(database.execute(query)))
    tables = {name for (name,) in copy.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    if copy.migrations() != migrations:
        yield "数据库的版本与清单不符"
    for name, count in counts.items():
        known = name in tables and name.isidentifier()
        if not known or next(copy.query(f"SELECT count(*) FROM {name}"))[0] != count:  # noqa: S608
            yield f"数据库中 {name} 的行数与清单不符"


def run_program(name: str, *arguments: str) -> str:
    """Run a PostgreSQL program on our database and return its output. Raises Refusal with its error message."""
    settings = connection.settings_dict
    given = {variable: str(settings[key]) for key, variable in LIBPQ.items() if settings.get(key)}
    try:
        done = subprocess.run([name, *arguments], env=os.environ | given, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refusal(f"没有找到 {name}：请安装与数据库同版本的 PostgreSQL 客户端（postgresql-client）。") from None
    if done.returncode:
        message = (done.stderr.strip().splitlines() or ["没有说明原因"])[-1]
        raise Refusal(f"{name} 失败：{message}")
    return done.stdout
