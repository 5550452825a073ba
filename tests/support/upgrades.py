"""A database of its own that is brought to a given migration, filled as it was then, and brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from config import databases

ALIAS = "upgraded"


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """The URL of an empty database on the PostgreSQL server at this URL."""
    name = "upgraded"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Upgrade:
    """``apps``: the models as they are at the migration that was last run."""

    def __init__(self, first: str) -> None:
        self.apps: Any = None
        self.to(first)

    def to(self, name: str) -> None:
        executor = MigrationExecutor(connections[ALIAS])
        self.apps = executor.migrate([("creation", name)]).apps

    def rows(self, model: str) -> Any:
        return self.apps.get_model("creation", model).objects.using(ALIAS)


@contextmanager
def database(url: str, folder: Path, first: str) -> Iterator[Upgrade]:
    """``url`` "": an SQLite file in ``folder``. ``settings.MIGRATION_MODULES`` must not keep the migrations away."""
    values = databases.from_url(url, folder / "old.sqlite3")
    connections.databases[ALIAS] = connections.configure_settings({"default": values})["default"]
    try:
        yield Upgrade(first)
    finally:
        connections[ALIAS].close()
        if connections[ALIAS].vendor == "postgresql":
            connections[ALIAS].close_pool()
        del connections[ALIAS]
        del connections.databases[ALIAS]
