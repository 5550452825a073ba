"""A separate database that is created at a given state, filled as it was then, and migrated to the latest state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from config import databases
from tests.support.tables_at_once import create_tables

ALIAS = "upgraded"


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """Yield the URL of an empty database on this PostgreSQL server."""
    name = "upgraded"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Upgrade:
    """``apps``: the models at the migration that was last run."""

    def __init__(self, first: str) -> None:
        self.apps: Any = create_tables(connections[ALIAS], [("creation", first)])

    def to(self, name: str) -> None:
        executor = MigrationExecutor(connections[ALIAS])
        self.apps = executor.migrate([("creation", name)]).apps

    def rows(self, model: str) -> Any:
        return self.apps.get_model("creation", model).objects.using(ALIAS)


@contextmanager
def database(url: str, folder: Path, first: str) -> Iterator[Upgrade]:
    """With ``url`` "", use an SQLite file in ``folder``. ``settings.MIGRATION_MODULES`` must not disable the migrations."""
    with empty_database(url, folder):
        yield Upgrade(first)


@contextmanager
def empty_database(url: str, folder: Path) -> Iterator[Any]:
    """Yield the connection to it, which is known as ``ALIAS``."""
    values = databases.from_url(url, folder / "old.sqlite3")
    connections.databases[ALIAS] = connections.configure_settings({"default": values})["default"]
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        if connections[ALIAS].vendor == "postgresql":
            connections[ALIAS].close_pool()
        del connections[ALIAS]
        del connections.databases[ALIAS]
