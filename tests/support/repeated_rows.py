"""Rows that many tests begin with: the first test of a process creates them with our code, the next ones get copies of them.

Only in SQLite and in a test that is rolled back; elsewhere, or if the tables are not empty, the rows are created each time.
"""

import pickle
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from django.db import connection

from creation.lib import reference_triggers

Made = TypeVar("Made")
Rows = list[tuple[object, ...]]


class RepeatedRows(Generic[Made]):
    """``make`` creates the rows and returns their instances. All tests that use them begin at the same time, or need no times."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self.make = make
        self.made = b""
        self.rows: dict[str, Rows] = {}

    def __call__(self) -> Made:
        if connection.vendor != "sqlite" or not connection.in_atomic_block:
            return self.make()
        if not self.rows:
            return self._make_and_keep()
        if any(_are_filled(self.rows)):
            return self.make()
        with connection.cursor() as cursor:
            for table, rows in self.rows.items():
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
        made: Made = pickle.loads(self.made)
        return made

    def _make_and_keep(self) -> Made:
        tables = set(connection.introspection.django_table_names(only_existing=True)) - {reference_triggers.VERSION}
        before = dict(zip(sorted(tables), _are_filled(sorted(tables)), strict=True))
        made = self.make()
        if not any(filled for table, filled in before.items() if table.startswith("creation_")):
            self.made = pickle.dumps(made)
            self.rows = {table: found for table in before if not before[table] and (found := _rows(table))}
        return made


def _are_filled(tables: Iterable[str]) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f'SELECT EXISTS (SELECT 1 FROM "{table}")' for table in tables))
        return [bool(found) for (found,) in cursor.fetchall()]


def _rows(table: str) -> Rows:
    """Return the values as SQLite stores them: of an expression, it converts no dates."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
        fields = ", ".join(f'+"{name}"' for name, *_ in cursor.description)
        cursor.execute(f'SELECT {fields} FROM "{table}"')
        return cursor.fetchall()
